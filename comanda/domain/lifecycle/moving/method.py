"""
Send a line instead of handing it over at a counter, or the other way round; or hand it over at another counter.

Called by   comanda.domain.lifecycle.moving.apply
Returns     the order with the line's way to its customer, and the units to place again
Raises      Invalid for a line that is to be sent while no address is known

A person has decided for the customer, so lines that waited for that are routed, and no node is excluded any more.
"""

from collections.abc import Sequence
from dataclasses import replace

from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle.moving.allowed import lines_of, units_here
from comanda.domain.lifecycle.moving.ship_to import with_destination
from comanda.domain.lifecycle.moving.wanted import Moved, NewAddress, NewMethod, NewStore
from comanda.domain.orders.line import Line
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.order import Order


def moved(order: Order, wanted: NewMethod, at: str) -> Moved:
    """Return the order with the method. `at` is the pointer of the change in the request."""
    lines = lines_of(order, wanted.modification, wanted.line_id)
    if wanted.method == PICKUP:
        return _at_counter(order, lines, wanted.node_id)
    after, number, address = _with_address(order, wanted, at)
    sent = [replace(_free(line), method=SHIP, node_id=None, destination=number) for line in lines]
    return Moved(order=replace(after, promised=None).with_lines(sent), touched=units_here(lines), address=address)


def at_another_counter(order: Order, wanted: NewStore) -> Moved:
    """Return the order with the counter of a pickup line."""
    return _at_counter(order, lines_of(order, wanted.modification, wanted.line_id), wanted.node_id)


def _at_counter(order: Order, lines: Sequence[Line], node_id: str) -> Moved:
    collected = [replace(_free(line), method=PICKUP, node_id=node_id, destination=0) for line in lines]
    return Moved(order=replace(order, promised=None).with_lines(collected), touched=units_here(lines))


def _free(line: Line) -> Line:
    return replace(line, waits_in=None, because="", excluded=(), attempts=0, chosen="", chosen_by="")


def _with_address(order: Order, wanted: NewMethod, at: str) -> tuple[Order, int, NewAddress | None]:
    """Return the order with the address to which the line is sent, the number of its destination, and where the contact
    keeps it. An order without an address gets this one."""
    if wanted.to is None:
        if not order.destination.address:
            message = "a line that is sent needs an address, and the order has none"
            raise Invalid(Problem(pointer=f"{at}/ship_to", code="missing", message=message))
        return order, 0, None
    if not order.destination.address:
        return replace(order, destination=wanted.to), 0, NewAddress(number=0)
    after, number = with_destination(order, wanted.to, wanted.number, at)
    return after, number, NewAddress(number=number) if wanted.number is None else None
