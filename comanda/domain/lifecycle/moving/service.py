"""
Send an order, or one of its lines, by another service of the carriers.

Called by   comanda.domain.lifecycle.moving.apply
Returns     the order with the service, and the units to place again
Raises      nothing
"""

from dataclasses import replace

from comanda.domain.lifecycle.moving.allowed import lines_of, units_here
from comanda.domain.lifecycle.moving.wanted import Moved, NewService
from comanda.domain.orders.order import Order


def moved(order: Order, wanted: NewService) -> Moved:
    """Return the order with the service. The promise that it was placed on was for another one."""
    lines = [line for line in lines_of(order, wanted.modification, wanted.line_id) if line.service != wanted.service]
    after = order.with_lines(replace(line, service=wanted.service) for line in lines)
    return Moved(order=replace(after, promised=None), touched=units_here(lines))
