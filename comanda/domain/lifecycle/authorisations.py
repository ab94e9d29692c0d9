"""
Hold orders whose authorisations have ended: an ended authorisation pays for nothing.

An order whose open authorisations have ended is held before its release until somebody says that they were renewed. What is
to be released after they end is told at once, in a queue that follows from the order itself (`comanda.domain.orders.queues`).
"""

from dataclasses import replace
from datetime import datetime

from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.holds import PAYMENT, hold_task
from comanda.domain.orders.order import Hold, Order
from comanda.domain.orders.queues import Queue

_REASON = "the authorisation of the payment has ended"


def with_payment_hold(order: Order, now: datetime) -> tuple[Order, tuple[Task, ...]]:
    """Return the order with a hold before its release, and the task that tells of it, where authorisations have ended."""
    if order.settled or any(hold.active and hold.type == PAYMENT for hold in order.holds) or not order.unpaid(now):
        return order, ()
    made = Hold(
        hold_id=f"h{len(order.holds) + 1}",
        type=PAYMENT,
        blocks=("release",),
        reason=_REASON,
        by="payments",
        at=now,
        queue=Queue.HOLDS,
    )
    return replace(order, holds=(*order.holds, made)), (hold_task(order, made, Queue.HOLDS),)


def hold_if_ended(order: Order, now: datetime) -> Decision | None:
    """Hold the release of an order whose authorisations have ended. Returns None when they have not ended, or the order
    is held already."""
    after, tasks = with_payment_hold(order, now)
    if not tasks:
        return None
    hold = after.holds[-1]
    data = {"hold": hold.hold_id, "type": PAYMENT, "unpaid": order.unpaid(now), "currency": order.currency}
    return Decision(order=after, event=Event(type=EventType.HELD, actor="payments", at=now, data=data), tasks=tasks)


def renewed(order: Order, now: datetime) -> Order:
    """Return the order whose ended authorisations were renewed: they are valid until the system is told otherwise."""
    return replace(order, payments=tuple(replace(t, expires_at=None) if t.ended(now) else t for t in order.payments))
