"""What a fulfillment's machine says about its node: it was reminded, it may stop."""

from dataclasses import replace
from datetime import datetime

from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.order import Order


def reminded(order: Order, number: int, now: datetime) -> Decision | None:
    """The node was told of its missed deadline again; None when it was already."""
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
