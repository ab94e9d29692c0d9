"""
Hold orders whose payment authorisations have ended: an ended authorisation pays for nothing.

The hold blocks the release until a person resolves it, because the authorisations were renewed. Units that are to be released
after an authorisation ends are listed before, in the queue `payments` (`comanda.domain.orders.queues`).

Called by   comanda.domain.lifecycle.place, .resume, .changes and .holds.review; functions/route, functions/sweep
Returns     the order with the hold and its task, or a decision
Raises      nothing
"""

from dataclasses import replace
from datetime import datetime

from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.holds import BY_AUTHORISATIONS, PAYMENT, hold_task
from comanda.domain.orders.order import Hold, Order
from comanda.domain.orders.queues import Queue

BY = BY_AUTHORISATIONS  # who places the hold
REASON = "the authorisation of the payment has ended"


def with_payment_hold(order: Order, now: datetime) -> tuple[Order, tuple[Task, ...]]:
    """Return the order with a hold that blocks its release, and the hold's task, if authorisations have ended.

    Returns the order as it is, and no task, if none is missing, or the order is held already.
    """
    if order.settled or any(hold.active and hold.type == PAYMENT for hold in order.holds) or not order.unpaid(now):
        return order, ()
    made = Hold(
        hold_id=f"h{len(order.holds) + 1}",
        type=PAYMENT,
        blocks=("release",),
        reason=REASON,
        by=BY,
        at=now,
        queue=Queue.HOLDS,
    )
    return replace(order, holds=(*order.holds, made)), (hold_task(order, made, Queue.HOLDS),)


def hold_if_ended(order: Order, now: datetime) -> Decision | None:
    """Hold the release of an order whose authorisations have ended. Returns None when there is nothing to hold."""
    after, tasks = with_payment_hold(order, now)
    if not tasks:
        return None
    hold = after.holds[-1]
    data = {"hold": hold.hold_id, "type": PAYMENT, "unpaid": order.unpaid(now), "currency": order.currency}
    return Decision(order=after, event=Event(type=EventType.HELD, actor="payments", at=now, data=data), tasks=tasks)


def renewed(order: Order, now: datetime) -> Order:
    """Return the order with its ended authorisations renewed: they have no end any more."""
    return replace(order, payments=tuple(replace(t, expires_at=None) if t.ended(now) else t for t in order.payments))
