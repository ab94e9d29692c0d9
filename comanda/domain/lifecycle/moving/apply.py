"""
Apply a change that moves units to an order, say what it is in the order's event, and name what does not fit the order.

Called by   comanda.domain.lifecycle.change
Returns     the changed order with the units to place again; facts for the event
Raises      Invalid with the pointer of a field that does not fit the order
"""

from collections.abc import Iterator, Sequence
from typing import Any

from comanda.domain.errors import Problem
from comanda.domain.lifecycle.moving import ship_to
from comanda.domain.lifecycle.moving.allowed import lines_of
from comanda.domain.lifecycle.moving.wanted import MOVES, Move, Moved
from comanda.domain.orders.line import PICKUP
from comanda.domain.orders.order import Destination, Order


def moved(order: Order, wanted: Move, at: str) -> Moved:
    """Return the order with the change. `at` is the pointer of the change in the request."""
    return ship_to.moved(order, wanted, at)


def fact(order: Order, wanted: Move) -> dict[str, Any]:
    """Return what the event says of the change of an order: where it lies, and no address."""
    (line, *_) = lines_of(order, wanted.modification, wanted.line_id)
    before, after = order.destination_of(line.destination), wanted.to
    return {
        **({"line_id": wanted.line_id} if wanted.line_id else {}),
        "before": _area(before),
        "after": _area(after),
    }


def _area(to: Destination) -> str:
    return f"{to.country}-{to.region}" if to.region else to.country


def unfit(order: Order, wanted: Sequence[object]) -> Iterator[Problem]:
    """Yield a problem for each field of a change that does not go with its line."""
    for i, one in enumerate(wanted):
        if not isinstance(one, MOVES):
            continue
        lines = lines_of(order, one.modification, one.line_id)
        if not lines or (one.line_id and any(line.method == PICKUP for line in lines)):
            message = "a pickup line goes to its counter, and to no address"
            yield Problem(pointer=f"/changes/{i}/ship_to", code="picked-up", message=message)
        elif any(line.is_provided for line in lines):
            message = f"line {one.line_id} is provided: nothing is sent or collected"
            yield Problem(pointer=f"/changes/{i}/line_id", code="not-for-this-kind", message=message)
