"""
Decide that a node is reminded of a missed deadline.

Called by   functions/release/handler.py
Returns     a decision, or None when nothing is to do
"""

from dataclasses import replace
from datetime import datetime

from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.order import Order


def remind(order: Order, number: int, now: datetime) -> Decision | None:
    """Note that the node was reminded of its last missed deadline. Return None when it was reminded before."""
    fulfillment = order.fulfillment(number)
    if fulfillment.reminded >= fulfillment.misses:
        return None
    return Decision(
        order=order.with_fulfillment(replace(fulfillment, reminded=fulfillment.misses)),
        event=Event(
            type=EventType.REMINDED,
            actor="machine",
            at=now,
            data={"fulfillment": number, "node": fulfillment.node, "misses": fulfillment.misses},
        ),
    )
