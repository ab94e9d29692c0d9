"""
Decide the answer to a state of a machine that waits, from the order alone.

Two readers need the answer: the state when it begins to wait, and the room `conduct` after an event was written. "Park, then
look; act, then look": whichever comes second sees the other's write, and both get the same answer here.

Called by   comanda.aws.orders.task_tokens, functions/conduct
Returns     the answer, or None when the state must wait on
Raises      NotFound for an unknown fulfillment
"""

from typing import Literal

from comanda.domain.orders import bought_cards, papers, status
from comanda.domain.orders.order import Order

Verdict = Literal[
    "Settled", "RouteAgain", "Declined", "Cancelled", "Silent", "Shipped", "HeldNow", "Packed", "Resolved", "Provided"
]
_OVER = (status.Status.CANCELLED, "NO_SHOW")  # ends of a fulfillment after which its units are not routed again


# These answers are a success for the machine (SendTaskSuccess); each other answer is the name of an error (SendTaskFailure).
SUCCESSES: frozenset[str] = frozenset({"Settled", "Shipped", "Resolved"})


def verdict(state: str, wait: str, order: Order) -> Verdict | None:
    """Return the answer to a state of the machine `wait`: "order", or the number of a fulfillment. None means: wait on."""
    if state == "AskAPerson":
        return None if any(q.wait == wait for q in order.questions) else "Resolved"
    if wait == "order":
        return _order_verdict(state, order)
    return _fulfillment_verdict(state, int(wait), order)


def _order_verdict(state: str, order: Order) -> Verdict | None:
    if state == "Held":
        return None if order.kept_from_router and not order.settled else "Resolved"
    if order.settled:
        return "Settled"
    if order.to_invoice() or bought_cards.to_make(order):
        return "Provided"
    return "RouteAgain" if order.routable and not order.kept_from_router else None


def _fulfillment_verdict(state: str, number: int, order: Order) -> Verdict | None:
    fulfillment = order.fulfillment(number)
    over = fulfillment.ended is not None or fulfillment.shipped_at is not None
    blocked = order.blocked(fulfillment.leaves_by)
    if state == "Held":
        return None if blocked and not over else "Resolved"
    if fulfillment.ended:
        return "Cancelled" if fulfillment.ended in _OVER else "Declined"
    if fulfillment.shipped_at is not None:
        return "Shipped"
    if fulfillment.misses > fulfillment.reminded:
        return "Silent"
    if blocked:
        return "HeldNow"
    return "Packed" if papers.waits_for_invoice(order, number) else None
