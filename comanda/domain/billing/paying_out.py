"""
Give money back that was collected at the hand-over: the store pays it out of its till, or the office gives it back another way.

Its refund is decided as every other one, but no system moves it. So it is noted as a refund that was not done: the customer has the
money to get, in the books too, until a person tells that it was paid out.

Called by   comanda.domain.billing, functions/invoice/rules.py, comanda.domain.lifecycle.resume
Returns     the order with such notes, tasks in the queue `pay-outs`, and the decision of their answers
Raises      NotFound for an item that does not wait
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from comanda.domain.errors import NotFound
from comanda.domain.orders.decision import Decision, Event, MoneyOperation, Task
from comanda.domain.orders.fulfillment import Fulfillment
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.tender import AT_HAND_OVER, TO_PAY_OUT, FailedMovement

DONE, PAID = "done", "paid"  # it was paid out of the till; it was given back another way
REASON = "to-pay-out"  # of the items
_REFUND = "refund"


def item(number: int) -> str:
    """Return the name of the item about the refund with this number."""
    return f"pay-out-{number:03d}"


def noted(order: Order, money: Iterable[MoneyOperation]) -> Order:
    """Return the order after a decision with these operations, with the refunds among them that people pay out noted."""
    tenders, notes = list(order.payments), list(order.failed_money)
    for one in money:
        tender = tenders[one.tender]
        if one.purpose != _REFUND or tender.provider != AT_HAND_OVER:
            continue
        tenders[one.tender] = replace(
            tender, refunded=tender.refunded - one.amount, unrefunded=tender.unrefunded + one.amount
        )
        note = FailedMovement(
            number=one.number,
            purpose=_REFUND,
            tender=one.tender,
            amount=one.amount,
            reason=TO_PAY_OUT,
            credit_note=one.credit_note,
        )
        notes.append(note)
    if len(notes) == len(order.failed_money):
        return order
    return replace(order, payments=tuple(tenders), failed_money=tuple(notes))


def tasks(order: Order, money: Collection[MoneyOperation], now: datetime) -> tuple[Task, ...]:
    """Return the tasks about the refunds among these operations that the order has noted."""
    numbers = {one.number for one in money}
    return tuple(_task(order, one, now) for one in order.failed_money if is_pay_out(one) and one.number in numbers)


def is_pay_out(failed: FailedMovement) -> bool:
    """Return True for money that a person is to pay out."""
    return failed.reason == TO_PAY_OUT


def answered(order: Order, name: str, answer: str, event: Event) -> Decision:
    """Note that money was paid out (`done`), or given back another way (`paid`). Raises NotFound when nothing of that name waits."""
    note = next((one for one in order.failed_money if is_pay_out(one) and item(one.number) == name), None)
    if note is None:
        raise NotFound(f"item of queue {Queue.PAY_OUTS}", name)
    payments = list(order.payments)
    tender = payments[note.tender]
    repaid = tender.repaid + note.amount if answer == PAID else tender.repaid
    payments[note.tender] = replace(
        tender, unrefunded=tender.unrefunded - note.amount, refunded=tender.refunded + note.amount, repaid=repaid
    )
    money = () if answer == PAID else (_of_note(note, order.operations + 1),)
    return Decision(
        order=replace(
            order,
            payments=tuple(payments),
            failed_money=tuple(one for one in order.failed_money if one is not note),
            operations=order.operations + len(money),
        ),
        event=replace(event, data={**event.data, "amount": note.amount, "currency": order.currency}),
        money=money,
        done=((Queue.PAY_OUTS, name),),
    )


def _of_note(note: FailedMovement, number: int) -> MoneyOperation:
    return MoneyOperation(
        purpose=_REFUND, number=number, tender=note.tender, amount=note.amount, credit_note=note.credit_note
    )


def _task(order: Order, note: FailedMovement, now: datetime) -> Task:
    """Return the task of a store to pay money out, of the office alone when a carrier has collected it."""
    at = _collected_at(order, note)
    data = (("amount", str(note.amount)), ("currency", order.currency))
    return Task(
        queue=Queue.PAY_OUTS,
        item=item(note.number),
        due=now,
        reason=REASON,
        priority=order.priority,
        data=data,
        node=at.node if at is not None and at.method == PICKUP else None,
    )


def _collected_at(order: Order, note: FailedMovement) -> Fulfillment | None:
    """Return the fulfillment whose money it is: that of the credited invoice, one that was never invoiced, else the last one that
    collected money."""
    invoice = None if note.credit_note is None else order.credits[note.credit_note - 1].invoice
    paid = [order.fulfillment(one.fulfillment) for one in order.collected if one.amount]
    first = [f for f in paid if f.invoice == invoice]
    return next(reversed(first or paid), None)
