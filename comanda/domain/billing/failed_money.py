"""
Take back a movement of money that its provider did not do, and decide what a person answers about it.

A capture that failed makes its invoice receivable, and holds up nothing else. Its part of the authorisation is kept for another
try. A refund that failed is owed to the customer. A release that failed leaves money blocked at the provider. An authorisation
that failed covers nothing: `comanda.domain.lifecycle.holds.renewals` holds the order, and decides the answers about it.

Called by   comanda.aws.orders.payment_movements, comanda.domain.lifecycle.resume, comanda.domain.billing.credited_money;
            ops/identities.py (`queue_item`)
Returns     a decision with the event, the task in the queue `payments`, and a new money operation where one follows
Raises      NotFound, Invalid, NotAllowed
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from comanda.domain.billing import failed_refunds, paying_out
from comanda.domain.errors import Invalid, NotAllowed, NotFound, Problem
from comanda.domain.orders.decision import Decision, Event, EventType, MoneyOperation, Task
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.tender import AT_HAND_OVER, TO_COLLECT, FailedMovement, Tender

AUTHORIZE, CAPTURE, REFUND, RELEASE = "authorize", "capture", "refund", "release"
RETRY, PAID, WRITE_OFF, DONE = "retry", "paid", "write-off", "done"
# What a person may answer, by the purpose of the movement.
ANSWERS: Mapping[str, tuple[str, ...]] = {
    CAPTURE: (RETRY, PAID, WRITE_OFF),
    REFUND: (RETRY, PAID),
    RELEASE: (RETRY, DONE),
    AUTHORIZE: (RETRY, DONE),
}
# From the invoice: money at the hand-over of which nothing was told is overdue then. A counter has it at once, a carrier after its tour.
COLLECTED_WITHIN = timedelta(days=14)
COLLECTED_AT_COUNTER_WITHIN = timedelta(days=1)
OTHERWISE = "OTHER"  # the method of a tender that pays what a card did not
_ITEM = "money-"  # begins the name of an item


def item(number: int) -> str:
    """Return the name of the item about the money operation with this number."""
    return f"{_ITEM}{number:03d}"


def queue_item(failed: FailedMovement) -> tuple[str, str]:
    """Return the queue in which a movement waits for its answer, and the name of its item there."""
    if paying_out.is_pay_out(failed):
        return Queue.PAY_OUTS, paying_out.item(failed.number)
    return Queue.PAYMENTS, item(failed.number)


def fail(order: Order, failed: FailedMovement, now: datetime, *, moved: int = 0) -> Decision:
    """Take back a movement that the provider did not do, and ask a person.

    `moved` is the part that the provider can move: a new operation does, and only the rest is taken back.
    Raises NotAllowed for a capture of which more is refunded than is left: those refunds fail first.
    """
    tender = order.payments[failed.tender]
    match failed.purpose:
        case "capture":
            left = tender.captured - failed.amount
            if left < tender.refunded - tender.repaid:  # what the shop paid out itself stays paid out
                raise NotAllowed("a refund of the capture is on its way")
            after = replace(tender, captured=left, uncaptured=tender.uncaptured + failed.amount)
        case "refund":
            left, kept = tender.refunded - failed.amount, tender.unrefunded + failed.amount
            after = replace(tender, refunded=left, unrefunded=kept)
        case "authorize":
            after = replace(tender, asked=0)
        case _:
            left, kept = tender.released - failed.amount, tender.unreleased + failed.amount
            after = replace(tender, released=left, unreleased=kept)
    data = {
        "operation": failed.number,
        "purpose": failed.purpose,
        "amount": failed.amount,
        "currency": order.currency,
        "reason": failed.reason,
    }
    order = _with_tender(replace(order, failed_money=(*order.failed_money, failed)), failed.tender, after)
    money: tuple[MoneyOperation, ...] = ()
    if moved:
        order = replace(order, operations=order.operations + 1)
        money = (replace(_following(failed, failed.purpose, order.operations), amount=moved),)
    return Decision(
        order=order,
        money=money,
        event=Event(type=EventType.PAYMENT_FAILED, actor="payments", at=now, data=data),
        tasks=(task(order, failed, now),),
    )


def to_collect(operation: MoneyOperation) -> FailedMovement:
    """Return the note of a capture that waits until the customer gets the goods (`comanda.domain.billing.collecting`)."""
    return FailedMovement(
        number=operation.number,
        purpose=CAPTURE,
        tender=operation.tender,
        amount=operation.amount,
        reason=TO_COLLECT,
        invoice=operation.invoice,
    )


def task(order: Order, failed: FailedMovement, now: datetime) -> Task:
    """Return the item of the queue `payments` that asks a person about a movement that failed."""
    return Task(
        queue=Queue.PAYMENTS,
        item=item(failed.number),
        due=now + _collected_within(order, failed) if failed.reason == TO_COLLECT else now,
        reason=f"{failed.purpose}-failed: {failed.reason}",
        priority=order.priority,
        data=(("purpose", failed.purpose), ("amount", str(failed.amount)), ("currency", order.currency)),
    )


def _collected_within(order: Order, failed: FailedMovement) -> timedelta:
    """Return the time after which money of a hand-over is overdue of which nobody has told."""
    handed = any(f.invoice == failed.invoice and f.method == PICKUP for f in order.fulfillments)
    return COLLECTED_AT_COUNTER_WITHIN if handed else COLLECTED_WITHIN


def failed_movement(order: Order, name: str, answer: str) -> FailedMovement:
    """Return the movement that an answer is about.

    Raises NotFound without such a movement, Invalid for an answer that does not fit.
    """
    asked = (one for one in order.failed_money if not paying_out.is_pay_out(one))
    failed = next((one for one in asked if item(one.number) == name), None)
    if failed is None:
        raise NotFound("movement of money", name)
    if answer not in ANSWERS[failed.purpose]:
        message = f"a {failed.purpose} that failed takes: {', '.join(ANSWERS[failed.purpose])}"
        raise Invalid(Problem(pointer="/answer", code="unknown-answer", message=message))
    return failed


def answered(order: Order, name: str, answer: str, event: Event) -> Decision:
    """Decide a person's answer about a capture, refund or release that failed.

    `retry` writes a new operation. `paid`: the money came, or went back, by another way. `write-off`: the shop gives the money
    up. `done`: nothing is blocked any more. Money of a hand-over waits on to be collected after `retry`. Raises as
    `failed_movement`.
    """
    failed = failed_movement(order, name, answer)
    if failed.purpose == CAPTURE and answer == RETRY and order.payments[failed.tender].provider == AT_HAND_OVER:
        waits = replace(failed, reason=TO_COLLECT)
        kept = tuple(waits if one is failed else one for one in order.failed_money)
        return Decision(order=replace(order, failed_money=kept), event=event, tasks=(task(order, waits, event.at),))
    order = replace(order, failed_money=tuple(one for one in order.failed_money if one is not failed))
    if failed.purpose == REFUND:
        after, money = failed_refunds.given_back(order, failed, by_shop=answer == PAID)
    else:
        after, money = _moved_again(order, failed, answer)
    done = ((Queue.PAYMENTS, name),)
    return Decision(order=after, event=event, money=money, tasks=paying_out.tasks(after, money, event.at), done=done)


def _moved_again(order: Order, failed: FailedMovement, answer: str) -> tuple[Order, tuple[MoneyOperation, ...]]:
    """Return the order after the answer about a capture or a release, and the operation that follows it."""
    tender, again = _AFTER[failed.purpose](order.payments[failed.tender], failed.amount, answer)
    after = _with_tender(order, failed.tender, tender)
    if failed.purpose == CAPTURE and answer == PAID:
        after = replace(after, payments=(*after.payments, _paid_otherwise(order, failed)))
    if not again:
        return after, ()
    number = order.operations + 1
    return replace(after, operations=number), (_following(failed, again, number),)


def _following(failed: FailedMovement, purpose: str, number: int) -> MoneyOperation:
    """Return the operation that follows a movement that failed: the same again, or the release of what it kept."""
    return MoneyOperation(
        purpose=purpose,
        number=number,
        tender=failed.tender,
        amount=failed.amount,
        invoice=failed.invoice if purpose == CAPTURE else None,
        credit_note=failed.credit_note,
    )


def _after_capture(tender: Tender, amount: int, answer: str) -> tuple[Tender, str]:
    left = replace(tender, uncaptured=tender.uncaptured - amount)
    if answer == RETRY:
        return replace(left, captured=left.captured + amount), CAPTURE
    lost = amount if answer == WRITE_OFF else 0
    return replace(left, released=left.released + amount, written_off=left.written_off + lost), RELEASE


def _after_release(tender: Tender, amount: int, answer: str) -> tuple[Tender, str]:
    left = replace(tender, unreleased=tender.unreleased - amount)
    if answer == RETRY:
        return replace(left, released=left.released + amount), RELEASE
    return replace(left, authorized=left.authorized - amount), ""


# The tender after an answer, and the purpose of the operation that follows; empty: none.
_AFTER: Mapping[str, Callable[[Tender, int, str], tuple[Tender, str]]] = {
    CAPTURE: _after_capture,
    RELEASE: _after_release,
}


def _paid_otherwise(order: Order, failed: FailedMovement) -> Tender:
    """Return the tender that pays what a capture did not: the shop has its money already."""
    return Tender(
        method=OTHERWISE,
        reference=f"{order.payments[failed.tender].reference}/{failed.number}",
        authorized=failed.amount,
        captured=failed.amount,
        captured_before=failed.amount,
    )


def _with_tender(order: Order, at: int, tender: Tender) -> Order:
    payments = list(order.payments)
    payments[at] = tender
    return replace(order, payments=tuple(payments))
