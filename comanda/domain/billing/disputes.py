"""
Decide what an order notes of the disputes of a payment, as its provider has them now, and what a person answers about a lost one.

The money that a bank took back is owed again by the customer in the books. Nothing else follows by itself: goods that have not left
are held by a person, who also answers the bank in its time. A dispute that is lost asks a person what becomes of the money.

Called by   comanda.aws.orders.payment_disputes; comanda.domain.lifecycle.resume
Returns     a decision with the event `payment_disputed`, or that of an answer; None when nothing is new
Raises      NotFound, Invalid, NotAllowed for an answer about a dispute
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from comanda.domain.billing import paying_out, payments, write_offs
from comanda.domain.errors import Invalid, NotAllowed, NotFound, Problem
from comanda.domain.orders.decision import Decision, Event, EventType, MoneyOperation, Task
from comanda.domain.orders.dispute import Dispute, lost
from comanda.domain.orders.fulfillment import to_capture_later
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue

PAID, WRITE_OFF = "paid", "write-off"
REASON, REASON_WON = "dispute-lost", "dispute-won"
_ACTOR = "payments"
_ITEM = "dispute-"  # begins the name of an item


def note(order: Order, found: Sequence[Dispute], now: datetime) -> Decision | None:
    """Return the decision that notes the first dispute which is new, or stands elsewhere than the order says."""
    known = {one.dispute_id: one for one in order.disputes}
    changed = next((new for new in (_as_told(one, known) for one in found) if known.get(new.dispute_id) != new), None)
    if changed is None:
        return None
    disputes = tuple(changed if one.dispute_id == changed.dispute_id else one for one in order.disputes)
    if changed.dispute_id not in known:
        disputes = (*disputes, changed)
    name = _item(disputes.index(changed))
    waits = _waits(changed)
    after, money = _with_money_of_won(order, replace(order, disputes=disputes))
    return Decision(
        order=after,
        event=Event(
            type=EventType.PAYMENT_DISPUTED,
            actor=_ACTOR,
            at=now,
            data={
                "payment": changed.tender + 1,
                "amount": changed.amount,
                "currency": order.currency,
                "state": changed.state,
            },
        ),
        money=money,
        tasks=(*((_task(order, name, changed, now),) if waits else ()), *paying_out.tasks(after, money, now)),
        done=() if waits or changed.dispute_id not in known else ((Queue.PAYMENTS, name),),
    )


def _with_money_of_won(before: Order, order: Order) -> tuple[Order, tuple[MoneyOperation, ...]]:
    """Return an order whose books are closed with what it has too much since a bank gave money back: that is refunded."""
    if lost(order.disputes) >= lost(before.disputes):
        return order, ()
    order = write_offs.without_needless(order)
    return payments.settle(order) if order.closed else (order, ())


def _as_told(told: Dispute, known: dict[str, Dispute]) -> Dispute:
    """Return a dispute as its provider tells of it, with what we know: one that is not lost has nothing that was given up."""
    was = known.get(told.dispute_id)
    if was is None:
        return told
    if not told.is_lost:
        return replace(told, repaid=was.repaid)
    kept = min(was.written_off, max(0, told.amount - was.repaid))
    return replace(told, repaid=was.repaid, written_off=kept, answered=was.answered and told.amount == was.amount)


def is_of_dispute(name: str) -> bool:
    """Return True for the name of an item about a dispute."""
    return name.startswith(_ITEM)


def items(order: Order) -> Iterator[str]:
    """Yield the names of the items about disputes."""
    return (_item(at) for at, one in enumerate(order.disputes) if _waits(one))


def with_questions(before: Order, decision: Decision) -> Decision:
    """Return a decision with the tasks of the disputes about which a person is asked after it, and was not before."""
    asked, order = set(items(before)), decision.order
    new = (
        _task(order, _item(at), one, decision.event.at)
        for at, one in enumerate(order.disputes)
        if _waits(one) and _item(at) not in asked
    )
    return replace(decision, tasks=(*decision.tasks, *new))


def with_new_debt(before: Order, decision: Decision) -> Decision:
    """Return a decision that asks again about the last disputes that were lost, if their customer owes more after it: money was paid
    out that a bank keeps from the shop."""
    order, owed = decision.order, still_owed(decision.order)
    if owed <= still_owed(before):
        return decision
    found = list(order.disputes)
    for at, one in reversed(list(enumerate(found))):
        gone = one.owed_again - one.written_off if one.is_lost else 0
        if gone > 0 and owed > 0:
            found[at], owed = replace(one, answered=False), owed - gone
    return with_questions(before, replace(decision, order=replace(order, disputes=tuple(found))))


def answered(order: Order, name: str, answer: str, event: Event) -> Decision:
    """Decide a person's answer about a dispute that was lost, or that was won after its customer had paid again.

    `paid`: the customer has paid again by another way, or has that back. `write-off`: the shop gives up what is still owed, for a reason.
    Raises NotFound without such an item, Invalid for another answer and without a reason; NotAllowed while more may be invoiced.
    """
    at = next((i for i, one in enumerate(order.disputes) if _waits(one) and _item(i) == name), None)
    if at is None:
        raise NotFound("lost dispute", name)
    if not order.disputes[at].is_lost:
        return _paid_back(order, at, answer, event)
    if answer not in (PAID, WRITE_OFF):
        message = f"a lost dispute takes: {PAID}, {WRITE_OFF}"
        raise Invalid(Problem(pointer="/answer", code="unknown-answer", message=message))
    if answer == WRITE_OFF and not event.data.get("reason"):
        raise Invalid(Problem(pointer="/reason", code="missing", message=f"{answer} of a dispute needs a reason"))
    one = order.disputes[at]
    gone = one.owed_again - one.written_off
    left = min(gone, still_owed(order))
    if left < gone and order.totals.total > order.invoiced_total - to_capture_later(order.fulfillments):
        raise NotAllowed(
            "not all of the order has left and is invoiced: ship what is left of it, or cancel it, first",
            pointer="/answer",
        )
    repaid, given_up = (left, 0) if answer == PAID else (0, left)
    decided = replace(one, answered=True, repaid=one.repaid + repaid, written_off=one.written_off + given_up)
    disputes = (*order.disputes[:at], decided, *order.disputes[at + 1 :])
    data = {**event.data, "amount": left, "currency": order.currency}
    return Decision(
        order=replace(order, disputes=disputes), event=replace(event, data=data), done=((Queue.PAYMENTS, name),)
    )


def _paid_back(order: Order, at: int, answer: str, event: Event) -> Decision:
    """Decide that the customer has back what they paid again before the dispute was won."""
    if answer != PAID:
        message = f"a dispute that was won takes: {PAID}"
        raise Invalid(Problem(pointer="/answer", code="unknown-answer", message=message))
    one = order.disputes[at]
    disputes = (*order.disputes[:at], replace(one, repaid=0), *order.disputes[at + 1 :])
    data = {**event.data, "amount": one.repaid, "currency": order.currency}
    after = replace(order, disputes=disputes)
    return Decision(order=after, event=replace(event, data=data), done=((Queue.PAYMENTS, _item(at)),))


def still_owed(order: Order) -> int:
    """Return what the customer owes of the invoices without what was credited, paid or given up, without goods that wait
    for their capture. Captures that failed, open disputes, and what the customer gets back of one that was won, are asked about apart."""
    paid = order.captured - sum(max(0, one.lost) - one.written_off for one in order.disputes)
    paid += sum(tender.uncaptured + tender.written_off for tender in order.payments)
    return max(0, order.invoiced_total - order.credited_total - paid - to_capture_later(order.fulfillments))


def _waits(dispute: Dispute) -> bool:
    """Return True if a person is asked: about what was lost, or what the customer is to get back since the dispute was won."""
    return not dispute.answered if dispute.is_lost else dispute.owed_again < 0


def _item(at: int) -> str:
    return f"{_ITEM}{at + 1:03d}"


def _task(order: Order, name: str, dispute: Dispute, now: datetime) -> Task:
    return Task(
        queue=Queue.PAYMENTS,
        item=name,
        due=now,
        reason=REASON if dispute.is_lost else REASON_WON,
        priority=order.priority,
        data=(
            ("amount", str(dispute.amount if dispute.is_lost else -dispute.owed_again)),
            ("currency", order.currency),
        ),
    )
