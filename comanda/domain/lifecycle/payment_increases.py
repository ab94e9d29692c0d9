"""
Have what is authorised on a card increased, because the order or its pending change costs more.

The customer has agreed to it, as the caller says. The payment stays the same one, and covers more once its provider has agreed. A
provider that does not agree, or an account that may not ask, leaves the payment as it is: then the customer pays by another way.

Called by   functions/intake (`ask`); comanda.aws.orders.payment_movements
Returns     decisions
Raises      NotAllowed when nothing is missing, or no card of the order can be charged more
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from comanda.domain.billing import payments
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle import payment_links, told_payments
from comanda.domain.lifecycle.holds import payment_holds
from comanda.domain.orders.decision import Decision, Event, EventType, MoneyOperation
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import CARD, Tender
from comanda.domain.payments.answer import Reason
from comanda.domain.payments.operation import Operation, State

INCREASE = "increase"  # the purpose of its money operations


def ask(order: Order, actor: str, now: datetime) -> Decision | None:
    """Ask the provider of the order's card for what is missing. Returns None while it is being asked.

    Links that ask the customer for it are void then: `payment_links.up_to_date`.
    """
    told_payments.require_payable(order)
    if any(tender.increasing for tender in order.payments):
        return None
    amount = payment_links.missing(order, now)
    if not amount:
        raise NotAllowed("nothing of the order is to be paid")
    at = next(_increasable(order, now), None)
    if at is None:
        raise NotAllowed("no card of the order has an authorisation that can be increased", pointer="/method")
    tender, number = order.payments[at], order.operations + 1
    money = MoneyOperation(purpose=INCREASE, number=number, tender=at, amount=tender.authorized + amount)
    after = _with(replace(order, operations=number), at, replace(tender, asked=amount))
    data = {"method": CARD, "amount": amount, "currency": order.currency}
    event = Event(type=EventType.PAYMENT_ASKED, actor=actor, at=now, data=data)
    return Decision(order=after, event=event, money=(money,))


def _increasable(order: Order, now: datetime) -> Iterator[int]:
    """Yield the index of each payment whose authorisation can become larger: nothing of it is captured, and none renews it."""
    renewed = {tender.renews for tender in order.payments}
    for i, tender in enumerate(order.payments):
        known = tender.method == CARD and tender.outside and tender.checked and not tender.disputed
        moved = tender.captured or tender.uncaptured or tender.released or tender.unreleased
        lasts = tender.open and not tender.ended(now) and tender.renews is None and i not in renewed
        if known and lasts and not moved:
            yield i


def ended(order: Order, at: int, operation: Operation, ends: datetime | None, now: datetime) -> Decision:
    """Note what became of an increase of the payment with this index.

    One of which nothing is known after a day counts as not made: it has taken nothing from the customer.
    """
    if operation.state is State.DONE:
        return _made(order, at, operation.amount, ends, now)
    return _not_made(order, at, operation.reason or Reason.NO_ANSWER, now)


def _made(order: Order, at: int, authorized: int, ends: datetime | None, now: datetime) -> Decision:
    """Count what is authorised on the card by now. What nothing needs any more of it is released."""
    before = order.payments[at]
    more = max(0, authorized - before.authorized)
    after = _with(
        order, at, replace(before, asked=0, authorized=before.authorized + more, expires_at=ends or before.expires_at)
    )
    money: tuple[MoneyOperation, ...] = ()
    if after.pending is None and more:
        after, money = payments.release_added(after, [at], now)
    data = {**told_payments.facts([Tender(method=CARD, reference="", authorized=more)], "payments")}
    data |= {"currency": order.currency}
    data |= {"given_back": sum(one.amount for one in money)} if money else {}
    event = Event(type=EventType.PAYMENT_ADDED, actor="payments", at=now, data=data)
    return payment_holds.up_to_date(Decision(order=after, event=event, money=money))


def _not_made(order: Order, at: int, reason: str, now: datetime) -> Decision:
    """Note that no more is authorised on the card. What is missing is asked for by another way."""
    before = order.payments[at]
    data = {"method": CARD, "amount": before.asked, "currency": order.currency, "reason": reason}
    event = Event(type=EventType.PAYMENT_NOT_MADE, actor="payments", at=now, data=data)
    after = _with(order, at, replace(before, asked=0))
    return payment_holds.up_to_date(Decision(order=after, event=event))


def _with(order: Order, at: int, tender: Tender) -> Order:
    return replace(order, payments=(*order.payments[:at], tender, *order.payments[at + 1 :]))
