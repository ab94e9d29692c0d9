"""
Compute how much more of an order is covered than it costs. When that changes, its pending change costs another amount.

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
    """Return True if the order's surplus has changed since the cost of its pending change was told, and no hold keeps that back."""
    return order.pending is not None and surplus(order, now) != order.pending.surplus and not is_held_back(order)


def is_held_back(order: Order) -> bool:
    """Return True if an active hold blocks what the pending change modifies: when the hold ends, the order may take it again."""
    if order.pending is None:
        return False
    steps = {*order.pending.modifications, "recall"}
    return any(hold.active and not steps.isdisjoint(hold.blocks) for hold in order.holds)
