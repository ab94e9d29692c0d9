"""
End what waits for money as soon as its reason is over, whatever decision ended it: questions, and holds of type PAYMENT.

A question about an authorisation that failed ends when the order does not need that money any more. A hold of missing money ends
when nothing is missing. A hold that stands for an operation becomes a task for a person when no operation runs and no question
is open, and money is missing still. So no such hold waits for nothing.

Called by   comanda.aws.orders.orders, for each decision that is saved; comanda.domain.lifecycle.holds.renewals, .changes
Returns     the decision with all of that
Raises      nothing
"""

from dataclasses import replace
from datetime import datetime

from comanda.domain.billing import failed_money
from comanda.domain.lifecycle.holds import authorisations, renewal_needs
from comanda.domain.lifecycle.holds.renewal_needs import Unsent
from comanda.domain.orders import holds
from comanda.domain.orders.decision import Decision, Task
from comanda.domain.orders.order import Hold, Order
from comanda.domain.orders.queues import Queue


def up_to_date(decision: Decision, unsent: Unsent | None = None) -> Decision:
    """Return the decision without what waits for money that nothing needs, and with a task for money that is missing.

    `unsent` are the captures of which it is not known whether they are made; None: the caller does not know them. Then a question stays that may be about
    such captures, and the room pay is called to end it. A question that the decision itself asks stays, too.
    """
    if not is_asked_again(decision.order) and not any(
        h.active and h.by in holds.OF_MONEY for h in decision.order.holds
    ):
        return decision
    opened = {(task.queue, task.item) for task in decision.tasks}
    order, over = _without_needless_questions(decision, unsent, opened)
    order, tasks, ended = _with_holds_as_they_are(order, decision)
    over = (*over, *ended)
    return replace(
        decision,
        order=order,
        tasks=(*(task for task in decision.tasks if (task.queue, task.item) not in over), *tasks),
        done=(*decision.done, *(item for item in over if item not in opened)),
    )


def is_asked_again(order: Order) -> bool:
    """Return True if a question is open about an authorisation that failed."""
    return any(one.purpose == failed_money.AUTHORIZE for one in order.failed_money)


def _without_needless_questions(
    decision: Decision, unsent: Unsent | None, opened: set[tuple[str, str]]
) -> tuple[Order, tuple[tuple[str, str], ...]]:
    """Return the order without questions about authorisations that it does not need any more, and their tasks.

    Their payments stand for nothing then: what the order comes to need later is asked for anew.
    """
    order, now = decision.order, decision.event.at
    over = [
        one
        for one in order.failed_money
        if one.purpose == failed_money.AUTHORIZE
        and not order.payments[one.tender].by_link  # money may have moved: a person looks, whatever the order needs
        and (Queue.PAYMENTS, failed_money.item(one.number)) not in opened
        and not renewal_needs.needed(order, one.tender, now, unsent or ())
        and not (unsent is None and _may_be_unsent(order, one.tender, now))
    ]
    if not over:
        return order, ()
    needless = {one.tender for one in over}
    payments = tuple(replace(t, renews=None) if i in needless else t for i, t in enumerate(order.payments))
    left = tuple(one for one in order.failed_money if one not in over)
    done = tuple((Queue.PAYMENTS, failed_money.item(one.number)) for one in over)
    return replace(order, payments=payments, failed_money=left), done


def _may_be_unsent(order: Order, at: int, now: datetime) -> bool:
    """Return True if captures of the payment that another one was to renew may not be sent, although it is over."""
    first = order.payments[at].renews
    if first is None:
        return False
    tender = order.payments[first]
    return tender.ended(now) and tender.captured > tender.captured_before


def _with_holds_as_they_are(
    order: Order, decision: Decision
) -> tuple[Order, tuple[Task, ...], tuple[tuple[str, str], ...]]:
    """Return the order with its holds of missing money ended or handed over, the tasks that begin, and those that end.

    They stay while a provider is asked for an authorisation, or has refused one and a person has not answered.
    """
    waits = is_asked_again(order) or any(tender.asked for tender in order.payments)
    waits = waits and not order.settled
    now = decision.event.at
    is_covered = order.settled or not order.unpaid(now)
    tasks, done = list[Task](), list[tuple[str, str]]()
    for hold in order.holds:
        if (
            not hold.active
            or hold.by not in holds.OF_MONEY
            or (waits and not (is_covered and hold.by == holds.BY_LINK))
        ):
            continue
        if is_covered:
            order = holds.resolved(order, hold.hold_id, hold.by, "paid", now)
            done += [(hold.queue, hold.hold_id)] if hold.queue else []
        elif not hold.queue:
            order, task = _handed_over(order, hold, now)
            tasks.append(task)
    return order, tuple(tasks), tuple(done)


def _handed_over(order: Order, hold: Hold, now: datetime) -> tuple[Order, Task]:
    """Return the order with a hold as a person gets it, and its task: that of a renewal stands for what is missing now."""
    asked = replace(hold, queue=Queue.HOLDS)
    if hold.by == holds.BY_RENEWAL:
        by, reason = authorisations.cause(order, now)
        asked = replace(asked, by=by, reason=reason)
    kept = tuple(asked if one is hold else one for one in order.holds)
    return replace(order, holds=kept), holds.hold_task(order, asked, Queue.HOLDS)
