"""
Authorise anew what is left of a provider's payment, before its authorisation ends.

A provider ends an authorisation after some days, or with the first capture if it captures once. What the order still needs is
authorised again on the same card. A further payment stands for it: it counts when the provider has agreed, and takes over the
rest of the first one then. Until then a hold blocks the release.

Called by   functions/sweep; comanda.aws.orders.payment_checks, .payment_movements; comanda.domain.lifecycle.next_look, .resume
Returns     decisions; the times at which authorisations are to be renewed
Raises      nothing
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from comanda.domain.billing import failed_money, take_over
from comanda.domain.billing.failed_money import AUTHORIZE, CAPTURE
from comanda.domain.lifecycle.holds import payment_checks
from comanda.domain.orders import holds
from comanda.domain.orders.decision import Decision, Event, EventType, MoneyOperation
from comanda.domain.orders.order import Hold, Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.tender import FailedMovement, Tender
from comanda.domain.payments.answer import Reason

AHEAD = timedelta(days=1)  # before the end of an authorisation it is renewed
BY = holds.BY_RENEWAL  # who places the hold
_REASON = "the payment is being authorised again"
# A capture fails for these reasons when its authorisation is over, so that no money moved.
_OVER = (Reason.AUTHORISATION_ENDED, Reason.STATE)
Unsent = Sequence[MoneyOperation]  # captures that are decided, and that no provider was asked for yet


def begin(order: Order, now: datetime, unsent: Unsent = ()) -> Decision | None:
    """Ask for what the order needs of the authorisations that end within a day. Returns None when there is nothing to ask for."""
    missing = _missing(order, now + AHEAD) - sum(tender.asked for tender in order.payments)
    made, money = list[Tender](), list[MoneyOperation]()
    for i, tender in enumerate(order.payments):
        if not _is_due(order, i, now):
            continue
        part = min(tender.open, max(missing, 0))
        missing -= part
        amount = part + _not_captured(order, i, unsent)
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
    if order.settled and not _not_captured(order, index, unsent):
        return None
    return ended(order, [index], now, unsent)


def renewed(
    order: Order, at: int, amount: int, reference: str, ends: datetime | None, now: datetime, unsent: Unsent = ()
) -> tuple[Decision, tuple[int, ...]]:
    """Count a payment that its provider has authorised, and take over what is left of the one that it renews.

    Captures that no provider was asked for go along, and those that failed because the first authorisation was over. Returns the
    numbers of the first ones with the decision: they are made by further operations.
    """
    new = replace(order.payments[at], reference=reference, expires_at=ends, authorized=amount, asked=0)
    taken = take_over.taken_over(order, at, new, unsent, _OVER, now)
    after, done = (taken.order, ()) if taken.order.unpaid(now) else _without_hold(taken.order, "authorised", BY, now)
    answered = tuple((Queue.PAYMENTS, failed_money.item(number)) for number in taken.answered)
    event = _event(order, amount, now)
    return Decision(order=after, event=event, money=taken.money, done=(*answered, *done)), taken.again


def refused(order: Order, failed: FailedMovement, now: datetime, unsent: Unsent = ()) -> Decision:
    """Note that a payment was not authorised again, and ask a person, unless the order does not need it any more."""
    if not is_needed(order, failed.tender, now, unsent):
        payments = _with(order, failed.tender, replace(order.payments[failed.tender], asked=0))
        after, done = _without_hold(replace(order, payments=payments), "not needed", BY, now)
        return Decision(order=after, event=_event(order, 0, now), done=done)
    decision = failed_money.fail(order, failed, now)
    return replace(
        decision, order=_with_reason(_with_hold(decision.order, now), f"{AUTHORIZE}-failed: {failed.reason}")
    )


def is_needed(order: Order, at: int, now: datetime, unsent: Unsent = ()) -> bool:
    """Return True if the order needs what a payment is to authorise in the place of another one."""
    first = order.payments[at].renews
    if first is None:
        return False
    tender = order.payments[first]
    ends = max(tender.expires_at, now) if tender.expires_at is not None else None
    missing = _missing(order, ends) if ends is not None else 0
    return bool(min(tender.open, missing) or _not_captured(order, first, unsent))


def with_answer(order: Order, decision: Decision, name: str, answer: str) -> Decision:
    """Return a person's decision about the item of a movement that failed, with the hold as it is then.

    Only an authorisation has a hold. With `done` the person goes on without it. If money is still missing when the first
    authorisation ends, that is a hold of its own.
    """
    if not any(failed_money.item(one.number) == name and one.purpose == AUTHORIZE for one in order.failed_money):
        return decision
    if answer == failed_money.RETRY:
        return replace(decision, order=_with_reason(decision.order, _REASON))
    after, done = _without_hold(decision.order, answer, decision.event.actor, decision.event.at)
    return replace(decision, order=after, done=(*decision.done, *done))


def paid_otherwise(order: Order, now: datetime) -> tuple[Order, tuple[tuple[str, str], ...]]:
    """Return the order without the questions and the hold about authorisations that other payments have made needless.

    The second value are the tasks that end.
    """
    over = [one for one in order.failed_money if one.purpose == AUTHORIZE and not is_needed(order, one.tender, now)]
    if not over:
        return order, ()
    order = replace(order, failed_money=tuple(one for one in order.failed_money if one not in over))
    done = tuple((Queue.PAYMENTS, failed_money.item(one.number)) for one in over)
    if any(one.purpose == AUTHORIZE for one in order.failed_money):
        return order, done
    order, of_holds = _without_hold(order, "paid", BY, now)
    return order, (*done, *of_holds)


def is_taken_over(order: Order, index: int, now: datetime) -> bool:
    """Return True if the payment is over, and its provider is being asked to authorise what is left of it again."""
    over = order.payments[index].ended(now)
    return over and any(tender.renews == index and tender.asked for tender in order.payments)


def looks(order: Order, now: datetime) -> Iterator[datetime]:
    """Yield the times at which authorisations are to be renewed."""
    for i, tender in enumerate(order.payments):
        if tender.open and _is_renewable(order, i) and tender.expires_at is not None:
            at = tender.expires_at - _ahead(order, tender)
            if at > now or begin(order, now) is not None:
                yield at


def _missing(order: Order, at: datetime) -> int:
    """Return what no authorisation covers at a time of what is still to be invoiced."""
    return 0 if order.settled else order.unpaid(at)


def _not_captured(order: Order, index: int, unsent: Unsent) -> int:
    """Return the captures of a payment that its provider was not asked for, or that failed because it was over."""
    lost = (
        one.amount
        for one in order.failed_money
        if one.tender == index and one.purpose == CAPTURE and one.reason in _OVER
    )
    return sum(one.amount for one in unsent if one.tender == index) + sum(lost)


def _is_due(order: Order, index: int, now: datetime) -> bool:
    tender = order.payments[index]
    ends = tender.expires_at
    return _is_renewable(order, index) and ends is not None and ends - _ahead(order, tender) <= now


def _is_renewable(order: Order, index: int) -> bool:
    """Return True if a provider can be asked for more on the card of a payment, and was not asked yet."""
    tender = order.payments[index]
    known = tender.outside and tender.checked and not tender.disputed
    return known and not any(other.renews == index for other in order.payments)


def _ahead(order: Order, tender: Tender) -> timedelta:
    """Return how long before its end an authorisation is renewed: not at all if it lasts for less than a day itself."""
    before = order.payments[tender.renews].expires_at if tender.renews is not None else None
    short = before is not None and tender.expires_at is not None and tender.expires_at - before <= AHEAD
    return timedelta() if short else AHEAD


def _with_hold(order: Order, now: datetime) -> Order:
    """Return the order with a hold that blocks its release, unless nothing is left of it, or a payment holds it already."""
    if order.settled or any(hold.active and hold.type == holds.PAYMENT for hold in order.holds):
        return order
    made = Hold(
        hold_id=f"h{len(order.holds) + 1}", type=holds.PAYMENT, blocks=("release",), reason=_REASON, by=BY, at=now
    )
    return replace(order, holds=(*order.holds, made))


def _with_reason(order: Order, reason: str) -> Order:
    kept = (replace(hold, reason=reason) if hold.active and hold.by == BY else hold for hold in order.holds)
    return replace(order, holds=tuple(kept))


def _without_hold(
    order: Order, resolution: str, actor: str, now: datetime
) -> tuple[Order, tuple[tuple[str, str], ...]]:
    """Return the order without the holds that stand for the missing money, and their tasks.

    They stay while another payment is asked for, or was refused and a person has not answered.
    """
    refused = any(one.purpose == AUTHORIZE for one in order.failed_money)
    if refused or any(tender.asked for tender in order.payments):
        return order, ()
    done: list[tuple[str, str]] = []
    for hold in order.holds:
        if hold.active and hold.type == holds.PAYMENT and hold.by in (BY, holds.BY_AUTHORISATIONS):
            order = holds.resolved(order, hold.hold_id, actor, resolution, now)
            done += [(hold.queue, hold.hold_id)] if hold.queue else []
    return order, tuple(done)


def _with(order: Order, at: int, tender: Tender) -> tuple[Tender, ...]:
    return (*order.payments[:at], tender, *order.payments[at + 1 :])


def _event(order: Order, amount: int, now: datetime) -> Event:
    data = {"amount": amount, "currency": order.currency}
    return Event(type=EventType.PAYMENT_RENEWED, actor="payments", at=now, data=data)
