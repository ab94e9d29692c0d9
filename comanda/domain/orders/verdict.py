"""
What a waiting state should hear, decided from the order document alone.

Two readers ask: the state when it parks, and `conduct` after a fact was written. Park, then look; act, then look: one of
the two sees the other, and both get the same answer here.
"""

from typing import Literal

from comanda.domain.orders import status
from comanda.domain.orders.order import Order

Answer = Literal["Settled", "RouteAgain", "Declined", "Cancelled", "Silent", "Shipped", "HeldNow", "Resolved"]

# A success for the machine (SendTaskSuccess); every other answer is the name of an edge (SendTaskFailure).
SUCCESSES: frozenset[str] = frozenset({"Settled", "Shipped", "Resolved"})


def verdict(state: str, wait: str, order: Order) -> Answer | None:
    """The answer to the state `state` of the machine `wait` ("order" or a fulfillment's number), or None: wait on."""
    if state == "AskAPerson":
        return None if any(q.wait == wait for q in order.questions) else "Resolved"
    if wait == "order":
        return _order_verdict(state, order)
    return _fulfillment_verdict(state, int(wait), order)


def _order_verdict(state: str, order: Order) -> Answer | None:
    if state == "Held":
        return None if order.kept_from_router and not order.settled else "Resolved"
    if order.settled:
        return "Settled"
    routable = any(line.unplaced() or line.ready() for line in order.lines)
    return "RouteAgain" if routable and not order.kept_from_router else None


def _fulfillment_verdict(state: str, number: int, order: Order) -> Answer | None:
    fulfillment = order.fulfillment(number)
    over = fulfillment.ended is not None or fulfillment.shipped_at is not None
    blocked = order.blocked(fulfillment.leaves_by)
    if state == "Held":
        return None if blocked and not over else "Resolved"
    if fulfillment.ended:
        return "Cancelled" if fulfillment.ended == status.Status.CANCELLED else "Declined"
    if fulfillment.shipped_at is not None:
        return "Shipped"
    if fulfillment.misses > fulfillment.reminded:
        return "Silent"
    return "HeldNow" if blocked else None
