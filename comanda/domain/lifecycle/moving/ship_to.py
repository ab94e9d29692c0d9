"""
Give an order, or one of its lines, another address: its units go there, unless a node has begun them.

A fulfillment keeps its own destination: where parcels went, and where begun work goes unless its node gives it back, stays
known. The order's own address is always the latest one.

Called by   comanda.domain.lifecycle.moving.apply
Returns     the order with its destinations, and the units to place again
Raises      Invalid for more destinations than an order may have
"""

from dataclasses import replace

from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle.moving.allowed import lines_of, units_here
from comanda.domain.lifecycle.moving.wanted import Moved, NewAddress, NewShipTo
from comanda.domain.lifecycle.node_work.work import begun
from comanda.domain.orders.destination import MOST_DESTINATIONS, Destination
from comanda.domain.orders.methods import SHIP
from comanda.domain.orders.order import Order


def moved(order: Order, wanted: NewShipTo, at: str) -> Moved:
    """Return the order with the address. `at` is the pointer of the change in the request."""
    lines = lines_of(order, wanted.modification, wanted.line_id)
    if wanted.line_id:
        after, number = with_destination(order, wanted.to, wanted.number, at)
        changed = [replace(line, destination=number) for line in lines]
        address = NewAddress(number=number) if wanted.number is None else None
        return Moved(order=_for_nobody(after.with_lines(changed)), touched=units_here(lines), address=address)
    after, kept = _with_own_kept(order, at)
    return Moved(
        order=_for_nobody(replace(after, destination=wanted.to)),
        touched=units_here(lines),
        address=NewAddress(number=0, kept=kept),
    )


def _for_nobody(order: Order) -> Order:
    """Return the order without the promise that it was placed on: it was made for another address."""
    return replace(order, promised=None)


def with_destination(order: Order, to: Destination, number: int | None, at: str) -> tuple[Order, int]:
    """Return the order with a further destination, unless it has this one as `number`, and its number. Raises Invalid."""
    if number is not None:
        return order, number
    _require_room(order, at)
    return replace(order, destinations=(*order.destinations, to)), len(order.destinations) + 1


def _with_own_kept(order: Order, at: str) -> tuple[Order, int | None]:
    """Return the order with its own destination as a further one, if parcels or begun work go there, and its number."""
    goes = [
        f
        for f in order.fulfillments
        if f.destination == 0
        and f.method == SHIP
        and not f.ended
        and (f.shipped_at is not None or begun(order, f.number))
    ]
    if not goes:
        return order, None
    _require_room(order, at)
    number = len(order.destinations) + 1
    after = replace(order, destinations=(*order.destinations, order.destination))
    for fulfillment in goes:
        after = after.with_fulfillment(replace(fulfillment, destination=number))
    return after, number


def _require_room(order: Order, at: str) -> None:
    if len(order.destinations) + 1 >= MOST_DESTINATIONS:
        message = f"the order would have more than {MOST_DESTINATIONS} addresses"
        raise Invalid(Problem(pointer=f"{at}/ship_to", code="too-many-destinations", message=message))
