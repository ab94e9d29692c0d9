"""
Have a customer pay an order, or its pending change, by a link: a page of the payment provider, or a code of Pix.

A further payment stands for what the customer is asked for. It covers nothing until they have paid, so a hold blocks the release
of an order that is not covered without it. The links of an order ask for what is missing: when that becomes another amount, they
are made void, and a new link asks for the new amount. Money that comes all the same is counted, and goes back if nothing needs it.

Called by   comanda.domain.lifecycle: place and resume; functions/intake; comanda.aws.orders.payment_requests;
            comanda.aws.orders.orders, for each decision that is saved (`up_to_date`)
Returns     decisions; orders
Raises      NotAllowed when nothing is to be paid, when too many links were made, and for an order that has ended
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from comanda.domain.billing import failed_money, payments
from comanda.domain.days import utc_millisecond
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle import told_payments
from comanda.domain.lifecycle.holds import authorisations, payment_holds
from comanda.domain.orders import holds
from comanda.domain.orders.decision import Decision, Event, EventType, MoneyOperation
from comanda.domain.orders.order import Hold, Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.rule_holds import HoldType
from comanda.domain.orders.surplus import surplus
from comanda.domain.orders.tender import FailedMovement, Tender

BY = holds.BY_LINK  # who places the hold
FAILED = "link-failed"  # begins the reason of a hold whose link was not paid
MOST = 20  # links of one order, also those that are over; a link that is mailed again counts as one more


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """Say what a customer has paid: authorised on a card until `ends`, or, as far as `captured` says, taken at once."""

    reference: str
    amount: int
    captured: int = 0
    ends: datetime | None = None


def missing(order: Order, now: datetime) -> int:
    """Return what links ask for: what the order lacks, and its pending change, without what is being authorised again."""
    if order.settled:
        return 0
    renewing = sum(tender.asked - tender.increasing for tender in order.payments if not tender.by_link)
    lacks = max(0, order.unpaid(now) - renewing) + _of_change(order, now)
    return max(0, lacks - sum(tender.increasing for tender in order.payments))


def _of_change(order: Order, now: datetime) -> int:
    """Return what the pending change lacks: what it costs as told last, less what has come since beyond the order's worth."""
    if order.pending is None:
        return 0
    come = max(0, surplus(order, now)) - max(0, order.pending.surplus)
    return max(0, order.pending.to_pay - max(0, come))


def begun(order: Order, now: datetime, kind: HoldType | None) -> tuple[Order, tuple[MoneyOperation, ...]]:
    """Return a new order that waits for what its customer pays by link, and the operations that make the links."""
    money = tuple(_operation(order, n, at, order.payments[at].asked) for n, at in enumerate(_open(order), start=1))
    return _with_hold(replace(order, operations=order.operations + len(money)), now, kind), money


def require_needed(order: Order, now: datetime) -> None:
    """Raise NotAllowed when the customer has nothing to pay."""
    told_payments.require_payable(order)
    if not missing(order, now) and not _open(order):
        raise NotAllowed("nothing of the order is to be paid")


def ask(
    order: Order,
    method: str,
    provider: str,
    actor: str,
    now: datetime,
    kind: HoldType | None = None,
    *,
    again: bool = False,
) -> Decision | None:
    """Ask the customer for what is missing, by this method. Return None when a link for it is open; `again` mails that once more.

    `kind` is the type PAYMENT of the directory, which may say when the hold expires.
    """
    require_needed(order, now)
    amount, links = missing(order, now), _open(order)
    if [(order.payments[i].method, order.payments[i].asked) for i in links] == [(method, amount)]:
        return _mailed_again(order, links[0], actor, now) if again else None
    _require_few(order)
    after, money = _with_link(_void(order, links), method, provider, amount)
    event = Event(type=EventType.PAYMENT_ASKED, actor=actor, at=now, data=_facts(after, len(after.payments) - 1))
    return _waiting(Decision(order=after, event=event, money=money), kind, void=bool(links))


def _mailed_again(order: Order, at: int, actor: str, now: datetime) -> Decision | None:
    """Have an open link mailed again. Return None while it is being made: its first mail follows."""
    tender = order.payments[at]
    if not tender.pay_with:
        return None
    _require_few(order)
    after = _with(order, at, replace(tender, mailed_again=tender.mailed_again + 1))
    return Decision(order=after, event=_event_of(after, at, actor, now))


def _require_few(order: Order) -> None:
    """Raise NotAllowed when the customer was asked too often: each time is a mail to them."""
    if sum(1 + tender.mailed_again for tender in order.payments if tender.by_link) >= MOST:
        raise NotAllowed(f"the customer was asked {MOST} times already to pay the order by a link or a code")


def shown(
    order: Order, at: int, pay_with: str, until: datetime | None, now: datetime, kind: HoldType | None = None
) -> Decision | None:
    """Note what the customer pays with. Returns None when that is known, or nothing is asked for any more.

    Holds that have begun since the customer was asked expire as the type `kind` says from now on.
    """
    tender = order.payments[at]
    if not tender.asked or tender.pay_with == pay_with:
        return None
    after = _with(order, at, replace(tender, pay_with=pay_with, pay_until=until))
    return Decision(order=_with_ends_of_holds(after, now, kind), event=_event_of(after, at, "payments", now))


def paid(order: Order, at: int, found: Paid, now: datetime) -> Decision:
    """Count what the customer has paid, also when it comes late or twice. What nothing needs of it goes back at once.

    A payment that the shop has told of besides is counted once.
    """
    before = order.payments[at]
    known = any((t.provider, t.reference) == (before.provider, found.reference) for t in order.payments)
    amount = 0 if known else found.amount
    tender = replace(before, asked=0, pay_with="", pay_until=None)
    if amount:
        tender = replace(
            tender,
            reference=found.reference,
            authorized=found.captured or amount,  # a part that was captured elsewhere has released the rest
            captured=found.captured,
            captured_before=found.captured,
            expires_at=found.ends,
        )
    done = tuple((Queue.PAYMENTS, failed_money.item(one.number)) for one in _questions(order, at))
    left = tuple(one for one in order.failed_money if one not in _questions(order, at))
    after = _with(replace(order, failed_money=left), at, tender)
    money: tuple[MoneyOperation, ...] = ()
    if after.pending is None and amount:
        after, money = payments.release_added(after, [at], now)
    data = {**told_payments.facts([tender], "payments"), "currency": order.currency}
    data |= {"given_back": sum(one.amount for one in money)} if money else {}
    event = Event(type=EventType.PAYMENT_ADDED, actor="payments", at=now, data=data)
    return payment_holds.up_to_date(Decision(order=after, event=event, money=money, done=done))


def not_paid(order: Order, at: int, reason: str, now: datetime) -> Decision | None:
    """Note that a link is over and was not paid. The hold is a task for a person then. Returns None for one that was void."""
    tender = order.payments[at]
    if not tender.asked:
        return None
    data = {**_facts(order, at), "reason": reason}
    after = _void(order, [at])
    mine = (replace(one, reason=f"{FAILED}: {reason}") if _is_mine(one) else one for one in after.holds)
    event = Event(type=EventType.PAYMENT_NOT_MADE, actor="payments", at=now, data=data)
    return payment_holds.up_to_date(Decision(order=replace(after, holds=tuple(mine)), event=event))


def unclear(order: Order, failed: FailedMovement, now: datetime) -> Decision:
    """Ask a person about a link of which nothing is known, or that was paid with another amount."""
    decision = failed_money.fail(_void(order, [failed.tender]), failed, now)
    return payment_holds.up_to_date(decision)


def answered(order: Order, name: str, answer: str, event: Event) -> Decision:
    """Decide a person's answer about a link of which nothing is known: `retry` makes another one for what is missing."""
    failed = failed_money.failed_movement(order, name, answer)
    order = replace(order, failed_money=tuple(one for one in order.failed_money if one is not failed))
    tender, amount = order.payments[failed.tender], missing(order, event.at)
    money: tuple[MoneyOperation, ...] = ()
    if answer == failed_money.RETRY and amount and _made(order) < MOST and not _open(order):
        order, money = _with_link(order, tender.method, tender.provider, amount)
    decision = Decision(order=order, event=event, money=money, done=((Queue.PAYMENTS, name),))
    return payment_holds.up_to_date(decision)


def up_to_date(decision: Decision) -> Decision:
    """Return the decision with links that ask for what is missing after it: others are void, and a new one is made."""
    order, now = decision.order, decision.event.at
    links = _open(order)
    amount = missing(order, now) if links else 0
    if sum(order.payments[i].asked for i in links) == amount:
        return decision
    last, after, money = order.payments[links[-1]], _void(order, links), tuple[MoneyOperation, ...]()
    if amount and _made(order) < MOST:
        after, money = _with_link(after, last.method, last.provider, amount)
    return _waiting(replace(decision, order=after, money=(*decision.money, *money)), None, void=True)


def _waiting(decision: Decision, kind: HoldType | None, *, void: bool) -> Decision:
    """Return the decision with the hold of an order that waits for its customer. Void links are work for the room pay."""
    held = _with_hold(_with_ends_of_holds(decision.order, decision.event.at, kind), decision.event.at, kind)
    asked = [one for one in held.holds if _is_mine(one) and one.queue and _open(held)]
    freed = tuple(replace(one, queue="", reason=authorisations.NOT_PAID) if one in asked else one for one in held.holds)
    data = {**decision.event.data, **({"to_move": True} if void else {})}
    return replace(
        decision,
        order=replace(held, holds=freed),
        event=replace(decision.event, data=data),
        tasks=tuple(task for task in decision.tasks if task.item not in {one.hold_id for one in asked}),
        done=(*decision.done, *((one.queue, one.hold_id) for one in asked)),
    )


def _with_hold(order: Order, now: datetime, kind: HoldType | None) -> Order:
    """Return the order with the hold, unless it is covered, or held because of its payments already."""
    held = any(one.active and one.by in (BY, holds.BY_AUTHORISATIONS, holds.BY_RENEWAL) for one in order.holds)
    if held or order.settled or not order.unpaid(now):
        return order
    made = Hold(
        hold_id=f"h{len(order.holds) + 1}",
        type=holds.PAYMENT,
        blocks=("release",),
        reason=authorisations.NOT_PAID,
        by=BY,
        at=now,
    )
    return replace(order, holds=(*order.holds, _with_end(made, now, kind)))


def _with_ends_of_holds(order: Order, now: datetime, kind: HoldType | None) -> Order:
    """Return the order whose holds of missing money expire as their type says from when its customer is asked, not before."""
    by = (BY, holds.BY_AUTHORISATIONS)
    ending = (
        _with_end(one, now, kind) if one.active and one.by in by and one.expires is None else one for one in order.holds
    )
    return replace(order, holds=tuple(ending)) if kind else order


def _with_end(hold: Hold, now: datetime, kind: HoldType | None) -> Hold:
    """Return a hold that cancels the order or asks a person when its time is over: time alone never releases unpaid goods."""
    expires = now + timedelta(minutes=kind.expires_minutes) if kind and kind.expires_minutes else None
    cancels = kind is not None and kind.on_expiry == holds.CANCEL
    return replace(hold, expires=expires, on_expiry=holds.CANCEL if cancels else holds.ASK)


def _with_link(order: Order, method: str, provider: str, amount: int) -> tuple[Order, tuple[MoneyOperation, ...]]:
    made = Tender(method=method, reference="", authorized=0, provider=provider, asked=amount, requested=amount)
    after = replace(order, payments=(*order.payments, made), operations=order.operations + 1)
    return after, (_operation(order, 1, len(order.payments), amount),)


def _operation(order: Order, nth: int, at: int, amount: int) -> MoneyOperation:
    return MoneyOperation(purpose=failed_money.AUTHORIZE, number=order.operations + nth, tender=at, amount=amount)


def _void(order: Order, links: Collection[int]) -> Order:
    payments_now = (
        replace(tender, asked=0, pay_with="", pay_until=None) if i in links else tender
        for i, tender in enumerate(order.payments)
    )
    return replace(order, payments=tuple(payments_now))


def _with(order: Order, at: int, tender: Tender) -> Order:
    return replace(order, payments=(*order.payments[:at], tender, *order.payments[at + 1 :]))


def _open(order: Order) -> list[int]:
    return [i for i, tender in enumerate(order.payments) if tender.by_link and tender.asked]


def _made(order: Order) -> int:
    return sum(tender.by_link for tender in order.payments)


def _questions(order: Order, at: int) -> list[FailedMovement]:
    return [one for one in order.failed_money if one.tender == at and one.purpose == failed_money.AUTHORIZE]


def _is_mine(hold: Hold) -> bool:
    return hold.active and hold.by == BY


def _event_of(order: Order, at: int, actor: str, now: datetime) -> Event:
    """Return the event that the customer is asked to pay. Without a `payment` of it there is nothing to mail yet."""
    tender = order.payments[at]
    data = _facts(order, at)
    if tender.pay_with:
        data |= {"payment": at + 1}
        data |= {"until": utc_millisecond(tender.pay_until)} if tender.pay_until else {}
    return Event(type=EventType.PAYMENT_ASKED, actor=actor, at=now, data=data)


def _facts(order: Order, at: int) -> dict[str, object]:
    tender = order.payments[at]
    return {"method": tender.method, "amount": tender.asked, "currency": order.currency}
