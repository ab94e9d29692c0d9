"""
Compute how much more of an order is covered than it costs, by which a pending change may cost another amount than was told.

Called by   comanda.domain.lifecycle, functions/sweep
Returns     minor units of the order's currency; True or False
Raises      nothing
"""

from datetime import datetime

from comanda.domain.orders.order import Order


def surplus(order: Order, now: datetime) -> int:
    """Return how much more of the order is paid or authorised than it costs: below 0 if less."""
    valid = sum(tender.open for tender in order.payments if not tender.ended(now))
    return order.captured + valid - order.totals.total


def needs_review(order: Order, now: datetime) -> bool:
    """Return True if a pending change may cost another amount by now, because the order does, or less or more of it is covered."""
    return order.pending is not None and surplus(order, now) != order.pending.surplus
