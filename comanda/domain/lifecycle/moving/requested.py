"""
Want an order on other days: units that would arrive too early or too late are placed again, all others stay where they are.

Called by   comanda.domain.lifecycle.moving.apply
Returns     the order with the wanted days, and the units to place again
Raises      nothing
"""

from dataclasses import replace

from comanda.domain.lifecycle.moving.allowed import lines_of, units_here
from comanda.domain.lifecycle.moving.wanted import Moved, NewRequested
from comanda.domain.orders.line import Allocation
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status


def moved(order: Order, wanted: NewRequested) -> Moved:
    """Return the order with the days. The promise that it was placed on was for other days."""
    days = {"deliver_by": wanted.deliver_by, "not_before": wanted.not_before}
    requested = tuple((name, day) for name, day in days.items() if day)
    lines = lines_of(order, wanted.modification, "")
    late = {line_id for line_id, a in units_here(lines) if not _fits(order, a, wanted)}
    kits = {line.group for line in lines if line.line_id in late and line.group is not None}
    return Moved(
        order=replace(order, requested=requested, promised=None),
        touched=tuple(
            (line.line_id, a)
            for line in lines
            for _, a in units_here([line])
            if line.group in kits or not _fits(order, a, wanted)
        ),
    )


def _fits(order: Order, a: Allocation, wanted: NewRequested) -> bool:
    """Return True if units come on a day that is wanted. Units without a day fit as long as they need not wait for one.

    Units that wait for the day that was wanted before do not fit: they would be released on that day.
    """
    if a.status is Status.BACKORDERED or a.release_on is not None:
        return False
    day = order.fulfillment(a.fulfillment).deliver_on if a.fulfillment is not None else a.promise
    if day is None:
        return wanted.not_before is None
    return (wanted.not_before or day) <= day <= (wanted.deliver_by or day)
