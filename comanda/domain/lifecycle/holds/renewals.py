"""
Authorise anew what is left of a provider's payment, before its authorisation ends.

A provider ends an authorisation after some days, or with the first capture if it captures once. What the order still needs is
authorised again on the same card. A further payment stands for it: it counts when the provider has agreed, and takes over the
rest of the first one then. Until then a hold blocks the release. What the order has come to need meanwhile is asked for next.

Called by   functions/sweep; comanda.aws.orders.payment_checks, .payment_movements, .payment_needs; comanda.domain.lifecycle.next_look, .resume
Returns     decisions; the times at which authorisations are to be renewed
Raises      NotFound, Invalid, NotAllowed for a person's answer
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from comanda.domain.billing import failed_money, take_over
from comanda.domain.billing.failed_money import AUTHORIZE
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.holds import payment_checks, payment_holds
from comanda.domain.lifecycle.holds.renewal_needs import AHEAD, OVER, Unsent, missing, needed, not_captured, spent
from comanda.domain.orders import holds
from comanda.domain.orders.decision import Decision, Event, EventType, MoneyOperation
from comanda.domain.orders.order import Hold, Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.tender import FailedMovement, Tender
from comanda.domain.payments.answer import Reason

BY = holds.BY_RENEWAL  # who places the hold
_REASON = "the payment is being authorised again"


def begin(order: Order, now: datetime, unsent: Unsent = ()) -> Decision | None:
    """Ask for what the order needs of the authorisations that end within a day. Returns None when there is nothing to ask for."""
    left = missing(order, now + AHEAD, unsent)
    made, money = list[Tender](), list[MoneyOperation]()
    for i, tender in enumerate(order.payments):
        if not _is_due(order, i, now):
            continue
        part = min(tender.open, left)
        left -= part
        amount = part + not_captured(order, i, unsent, now)
        if amount:
            at = len(order.payments) + len(made)
            made.append(
                Tender(
                    method=tender.method, reference="", authorized=0, provider=tender.provider, renews=i, asked=amount
                )
            )
            number = order.operations + len(made)
            money.append(MoneyOperation(purpose=AUTHORIZE, number=number, tender=at, amount=amount))
    if not made:
        return None
    data = {"amount": sum(tender.asked for tender in made), "currency": order.currency}
    after = replace(order, payments=(*order.payments, *made), operations=order.operations + len(money))
    event = Event(type=EventType.PAYMENT_RENEWING, actor="payments", at=now, data=data)
    return Decision(order=_with_hold(after, now), event=event, money=tuple(money))


def ended(order: Order, over: Iterable[int], now: datetime, unsent: Unsent = ()) -> Decision | None:
    """Note that authorisations are over before their time, and ask for what the order needs of them.

    `over` are the indexes of the payments. Returns None when no authorisation had more time.
    """
    news = [i for i in over if not order.payments[i].ended(now)]
    marked = tuple(replace(t, expires_at=now) if i in news else t for i, t in enumerate(order.payments))
    asked = begin(replace(order, payments=marked), now, unsent) if news else None
    return asked or payment_checks.ended(order, news, now)


def captured_once(order: Order, index: int, now: datetime, unsent: Unsent = ()) -> Decision | None:
    """Note that a provider released the rest of a payment with its first capture. Returns None if nothing of it is needed."""
    if order.settled and not any(one.tender == index for one in unsent):
        return None
    return ended(order, [index], now, unsent)


def captured_too_late(order: Order, now: datetime, unsent: Unsent = ()) -> Decision | None:
    """Ask for captures that failed because their payment was spent before. Returns None when there is nothing to ask for."""
    over = spent(order)
    return (ended(order, over, now, unsent) or begin(order, now, unsent)) if over else None


def renewed(
    order: Order, at: int, amount: int, reference: str, ends: datetime | None, now: datetime, unsent: Unsent = ()
) -> tuple[Decision, tuple[int, ...]]:
    """Count a payment that its provider has authorised, and take over what is left of the one that it renews.

    Captures that no provider was asked for go along, and those that failed because the first authorisation was over. Returns the
    numbers of the first ones with the decision: they are made by further operations.
    """
    new = replace(order.payments[at], reference=reference, expires_at=ends, authorized=amount, asked=0)
    taken = take_over.taken_over(order, at, new, unsent, OVER, now, now + AHEAD)
    done = tuple((Queue.PAYMENTS, failed_money.item(number)) for number in taken.answered)
    event = _event(order, amount, now)
    return payment_holds.up_to_date(Decision(order=taken.order, event=event, money=taken.money, done=done)), taken.again


def refused(order: Order, failed: FailedMovement, now: datetime, unsent: Unsent = ()) -> Decision:
    """Note that a payment was not authorised again, and ask a person, unless the order does not need it any more.

    In that case the payment stands for nothing, so that the order may ask anew when it comes to need it.
    """
    if not needed(order, failed.tender, now, unsent):
        payments = _with(order, failed.tender, replace(order.payments[failed.tender], asked=0, renews=None))
        needless = Decision(order=replace(order, payments=payments), event=_event(order, 0, now))
        return payment_holds.up_to_date(needless)
    decision = failed_money.fail(order, failed, now)
    held = _with_hold(decision.order, now, f"{AUTHORIZE}-failed: {failed.reason}")
    return replace(decision, order=held)


def answered(order: Order, name: str, answer: str, event: Event) -> Decision:
    """Decide a person's answer about an authorisation that failed.

    With `retry` a new operation asks for what the order needs by now. With `done` the person goes on without it, and the order is
    held again when money is missing. Raises NotFound without such a movement, Invalid for an answer that does not fit.
    """
    failed = failed_money.failed_movement(order, name, answer)
    left = tuple(one for one in order.failed_money if one is not failed)
    decision = Decision(order=replace(order, failed_money=left), event=event, done=((Queue.PAYMENTS, name),))
    if answer == failed_money.RETRY:
        decision = _asked_again(decision, failed.tender)
    return payment_holds.up_to_date(decision)


def captured_again(order: Order, failed: FailedMovement, event: Event) -> Decision | None:
    """Decide the `retry` of a capture whose authorisation has ended: what it needs is authorised again on the same card.

    The question about the capture stays until the provider has agreed, and the capture is made then, also when the books are closed.
    Returns None for a capture that may still be made of its own payment. Raises NotAllowed while the provider is being asked.
    """
    first, now = order.payments[failed.tender], event.at
    if failed.reason != Reason.AUTHORISATION_ENDED or not first.outside:
        return None
    renewing = [i for i, one in enumerate(order.payments) if one.renews == failed.tender and not one.authorized]
    if any(order.payments[i].asked for i in renewing):
        raise NotAllowed("the card is being authorised again: wait until its provider has answered")
    question = next((one for one in order.failed_money if one.purpose == AUTHORIZE and one.tender in renewing), None)
    if question is not None:
        return answered(order, failed_money.item(question.number), failed_money.RETRY, event)
    marked = first if first.ended(now) else replace(first, expires_at=now)
    payments = _with(order, failed.tender, marked)
    if not renewing:
        new = Tender(method=first.method, reference="", authorized=0, provider=first.provider, renews=failed.tender)
        payments, renewing = (*payments, new), [len(payments)]
    decision = Decision(order=replace(order, payments=payments), event=event)
    return payment_holds.up_to_date(_asked_again(decision, renewing[-1]))


def _asked_again(decision: Decision, at: int) -> Decision:
    """Return the decision with an operation that asks for what the order needs by now of the payment with this index."""
    order, now = decision.order, decision.event.at
    amount = needed(order, at, now)
    if not amount:
        return decision
    number = order.operations + 1
    payments = _with(order, at, replace(order.payments[at], asked=amount))
    held = _with_hold(replace(order, payments=payments, operations=number), now)
    money = MoneyOperation(purpose=AUTHORIZE, number=number, tender=at, amount=amount)
    return replace(decision, order=held, money=(money,))


def not_needed(order: Order, now: datetime, unsent: Unsent = ()) -> Decision | None:
    """End the questions about authorisations that the order does not need any more. Returns None if there are none.

    It may need one for captures that are not sent: when those are done, only their rows say so.
    """
    decision = payment_holds.up_to_date(Decision(order=order, event=_event(order, 0, now)), unsent)
    return decision if decision.order.failed_money != order.failed_money else None


def is_taken_over(order: Order, index: int, now: datetime) -> bool:
    """Return True if the payment is over, and its provider is being asked to authorise what is left of it again."""
    over = order.payments[index].ended(now)
    return over and any(tender.renews == index and tender.asked for tender in order.payments)


def looks(order: Order, now: datetime) -> Iterator[datetime]:
    """Yield the times at which authorisations are to be renewed."""
    for i, tender in enumerate(order.payments):
        left = tender.open or tender.uncaptured
        if left and _is_renewable(order, i) and tender.expires_at is not None:
            at = tender.expires_at - _ahead(order, tender)
            if at > now or begin(order, now) is not None:
                yield at


def _is_due(order: Order, index: int, now: datetime) -> bool:
    tender = order.payments[index]
    ends = tender.expires_at
    return _is_renewable(order, index) and ends is not None and ends - _ahead(order, tender) <= now


def _is_renewable(order: Order, index: int) -> bool:
    """Return True if a provider can be asked for more on the card of a payment: it is not being asked, and has not refused."""
    tender = order.payments[index]
    known = tender.outside and tender.checked and not tender.disputed and not tender.asked
    return known and not any(other.renews == index and not other.authorized for other in order.payments)


def _ahead(order: Order, tender: Tender) -> timedelta:
    """Return how long before its end an authorisation is renewed: not at all if it lasts for less than a day itself."""
    before = order.payments[tender.renews].expires_at if tender.renews is not None else None
    short = before is not None and tender.expires_at is not None and tender.expires_at - before <= AHEAD
    return timedelta() if short else AHEAD


def _with_hold(order: Order, now: datetime, reason: str = _REASON) -> Order:
    """Return the order with a hold that blocks its release, for this reason.

    It gets none if nothing is left of it, or a person is asked about missing money already.
    """
    mine = [hold for hold in order.holds if hold.active and hold.by in (BY, holds.BY_AUTHORISATIONS)]
    if mine:
        kept = (replace(one, reason=reason) if one in mine and one.by == BY else one for one in order.holds)
        return replace(order, holds=tuple(kept))
    if order.settled:
        return order
    made = Hold(
        hold_id=f"h{len(order.holds) + 1}", type=holds.PAYMENT, blocks=("release",), reason=reason, by=BY, at=now
    )
    return replace(order, holds=(*order.holds, made))


def _with(order: Order, at: int, tender: Tender) -> tuple[Tender, ...]:
    return (*order.payments[:at], tender, *order.payments[at + 1 :])


def _event(order: Order, amount: int, now: datetime) -> Event:
    data = {"amount": amount, "currency": order.currency}
    return Event(type=EventType.PAYMENT_RENEWED, actor="payments", at=now, data=data)
