"""
Apply a change that moves units to an order, say what it is in the order's event, and name what does not fit the order.

Called by   comanda.domain.lifecycle.changes.change
Returns     the changed order with the units to place again; facts for the event
Raises      Invalid with the pointer of a field that does not fit the order
"""

from collections.abc import Iterator, Sequence
from typing import Any

from comanda.domain.errors import Problem
from comanda.domain.lifecycle.moving import method, node, requested, service, ship_to
from comanda.domain.lifecycle.moving.allowed import OF_SHIPPED, lines_of, units_here
from comanda.domain.lifecycle.moving.wanted import (
    MOVES,
    Move,
    Moved,
    NewMethod,
    NewNode,
    NewRequested,
    NewService,
    NewShipTo,
    NewStore,
)
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.line import Line
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order


def moved(order: Order, wanted: Move, at: str) -> Moved:
    """Return the order with the change. `at` is the pointer of the change in the request."""
    match wanted:
        case NewShipTo():
            return ship_to.moved(order, wanted, at)
        case NewRequested():
            return requested.moved(order, wanted)
        case NewService():
            return service.moved(order, wanted)
        case NewMethod():
            return method.moved(order, wanted, at)
        case NewStore():
            return method.at_another_counter(order, wanted)
        case NewNode():
            return node.moved(order, wanted)


def same(order: Order, wanted: Move) -> str:
    """Return the field of a change that is as the order has it already, empty if the change changes something."""
    lines = lines_of(order, wanted.modification, wanted.line_id)
    match wanted:
        case NewShipTo():
            numbers = {line.destination for line in lines} if wanted.line_id else {0}
            return "ship_to" if numbers == {wanted.number} else ""
        case NewRequested():
            days = {"deliver_by": wanted.deliver_by, "not_before": wanted.not_before}
            return "requested" if {name: day for name, day in days.items() if day} == dict(order.requested) else ""
        case NewService():
            return "service" if all(line.service == wanted.service for line in lines) else ""
        case NewMethod():
            return "method" if all(line.method == wanted.method for line in lines) else ""
        case NewStore():
            return "node_id" if all(line.node_id == wanted.node_id for line in lines) else ""
        case NewNode():
            return "node_id" if all(a.node == wanted.node_id for _, a in units_here(lines)) else ""


def fact(order: Order, wanted: Move) -> dict[str, Any]:
    """Return what the event says of the change of an order: where an address lies, and no address."""
    # Earlier changes of the request may have sent all lines elsewhere: then one of the whole order moves none.
    line = next(iter(lines_of(order, wanted.modification, wanted.line_id)), None)
    of_line = {"line_id": wanted.line_id} if wanted.line_id else {}
    match wanted:
        case NewShipTo():
            number = line.destination if line and wanted.line_id else 0
            return of_line | _change(_area(order.destination_of(number)), _area(wanted.to))
        case NewRequested():
            days = {"deliver_by": wanted.deliver_by, "not_before": wanted.not_before}
            return _change(dict(order.requested), {name: day for name, day in days.items() if day})
        case NewService():
            return of_line | _change(line.service if line else None, wanted.service)
        case NewMethod():
            of_node = {"node": wanted.node_id} if wanted.node_id else {}
            return of_line | _change(line.method if line else None, wanted.method) | of_node
        case NewStore():
            return of_line | _change(line.node_id if line else None, wanted.node_id)
        case NewNode():
            nodes = sorted({str(a.node) for _, a in units_here([line] if line else []) if a.node})
            return of_line | _change(nodes, wanted.node_id)


def _change(before: Any, after: Any) -> dict[str, Any]:
    return {"before": before, "after": after}


def _area(to: Destination) -> str:
    return f"{to.country}-{to.region}" if to.region else to.country


def unfit(order: Order, wanted: Sequence[object]) -> Iterator[Problem]:
    """Yield a problem for each field of a change that does not go with its line."""
    for i, one in enumerate(wanted):
        if isinstance(one, MOVES):
            yield from _unfit(f"/changes/{i}", one, lines_of(order, one.modification, one.line_id))


def _unfit(at: str, one: Move, lines: Sequence[Line]) -> Iterator[Problem]:
    if any(line.is_provided for line in lines):
        message = f"line {one.line_id} is provided: nothing is sent or collected"
        yield Problem(pointer=f"{at}/line_id", code="not-for-this-kind", message=message)
    elif one.modification in OF_SHIPPED and (
        not lines or (one.line_id and any(line.method == PICKUP for line in lines))
    ):
        message = "a pickup line goes to its counter: it has no address and no carrier"
        field = "line_id" if isinstance(one, NewNode) else one.modification
        yield Problem(pointer=f"{at}/{field}", code="picked-up", message=message)
    elif isinstance(one, NewStore) and any(line.method != PICKUP for line in lines):
        message = f"line {one.line_id} is sent to an address: change its method"
        yield Problem(pointer=f"{at}/line_id", code="not-picked-up", message=message)
