"""
Hold orders that lack money: payment authorisations have ended, which pay for nothing, or a link was not paid.

The hold blocks the release until a person resolves it, because the authorisations were renewed. The hold of a link that was not
paid ends with the money alone. Units that are to be released after an authorisation ends are listed before, in the queue `payments`
(`comanda.domain.orders.queues`).

Called by   comanda.domain.lifecycle: place, resume, payment_links, changes, holds.review and holds.payment_holds; functions/route,
            functions/sweep
Returns     the order with the hold and its task, or a decision
Raises      nothing
"""

from dataclasses import replace
from datetime import datetime

from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.holds import BY_AUTHORISATIONS, BY_LINK, PAYMENT, hold_task
from comanda.domain.orders.order import Hold, Order
from comanda.domain.orders.queues import Queue

BY = BY_AUTHORISATIONS  # who places the hold
REASON = "the authorisation of the payment has ended"
NOT_PAID = "the customer has not paid yet"


def cause(order: Order, now: datetime) -> tuple[str, str]:
    """Return who places the hold of an order that lacks money, and why: authorisations have ended, or only links are not paid."""
    ended = any(tender.open and tender.ended(now) for tender in order.payments)
    return (BY, REASON) if ended else (BY_LINK, NOT_PAID)


def with_payment_hold(order: Order, now: datetime) -> tuple[Order, tuple[Task, ...]]:
    """Return the order with a hold that blocks its release, and the hold's task, if it lacks money.

    Returns the order as it is if nothing is missing, or the order is held already. There is no task while the customer can pay all
    of it by a link.
    """
    if order.settled or any(hold.active and hold.type == PAYMENT for hold in order.holds) or not order.unpaid(now):
        return order, ()
    by, reason = cause(order, now)
    asks = by == BY_LINK and any(tender.by_link and tender.asked for tender in order.payments)
    made = Hold(
        hold_id=f"h{len(order.holds) + 1}",
        type=PAYMENT,
        blocks=("release",),
        reason=reason,
        by=by,
        at=now,
        queue="" if asks else Queue.HOLDS,
    )
    return replace(order, holds=(*order.holds, made)), () if asks else (hold_task(order, made, Queue.HOLDS),)


def hold_if_ended(order: Order, now: datetime) -> Decision | None:
    """Hold the release of an order that lacks money. Returns None when there is nothing to hold."""
    after, tasks = with_payment_hold(order, now)
    if after is order:
        return None
    hold = after.holds[-1]
    data = {"hold": hold.hold_id, "type": PAYMENT, "unpaid": order.unpaid(now), "currency": order.currency}
    return Decision(order=after, event=Event(type=EventType.HELD, actor="payments", at=now, data=data), tasks=tasks)


def renewed(order: Order, now: datetime) -> Order:
    """Return the order with its ended authorisations renewed: they have no end any more."""
    return replace(order, payments=tuple(replace(t, expires_at=None) if t.ended(now) else t for t in order.payments))
