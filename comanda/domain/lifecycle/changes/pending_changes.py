"""
Leave a change of an order pending until more money is authorised, and drop it when that does not happen.

What it costs follows the order, which goes on meanwhile. So it is told anew, and made when the order is cheaper or the payments
are more.

Called by   functions/intake, functions/sweep, functions/invoice; functions/notify and ops for its constants
Returns     decisions with the events `change_pending`, `payment_added` and `change_dropped`
Raises      ChangePending when another change is pending; NotAllowed when none is, and for an order that has ended
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.domain.days import utc_millisecond
from comanda.domain.errors import ChangePending, NotAllowed
from comanda.domain.lifecycle import told_payments
from comanda.domain.lifecycle.changes import added_holds
from comanda.domain.lifecycle.changes.added_holds import NO_RULES, HoldRules
from comanda.domain.lifecycle.holds import authorisations, payment_checks, payment_holds
from comanda.domain.orders.decision import Decision, Event, EventType, MoneyOperation
from comanda.domain.orders.order import Order
from comanda.domain.orders.pending_change import KEPT, PendingChange
from comanda.domain.orders.surplus import surplus
from comanda.domain.orders.tender import Tender

# Why a pending change was dropped.
EXPIRED, NOT_POSSIBLE, WITHDRAWN = "expired", "not-possible", "withdrawn"


def leave_pending(
    order: Order,
    changes: Sequence[Mapping[str, Any]],
    to_pay: int,
    reason: str,
    actor: str,
    now: datetime,
    *,
    given: int = 0,
    limits: tuple[int, int] | None = None,
    office: bool = False,
    cancels: int = 0,
) -> Decision:
    """Let a change that gives discounts of `given` wait for `to_pay` for 24 hours. `changes` are the rows that `changed` would
    have, `limits` are those of a person who asks, `office` is whether the retailer's own side does, `cancels` are the units that
    the change cancels.

    Raises ChangePending while another one waits.
    """
    if order.pending is not None:
        raise ChangePending(order.pending.until)
    pending = PendingChange(
        modifications=tuple(dict.fromkeys(str(one["modification"]) for one in changes)),
        reason=reason,
        to_pay=to_pay,
        until=now + KEPT,
        by=actor,
        at=now,
        given=given,
        limits=limits,
        office=office,
        surplus=surplus(order, now),
        first_payment=len(order.payments),
        cancels=cancels,
    )
    data = {**_facts(order, pending), "changes": [*changes], "reason": reason}
    data["until"] = utc_millisecond(pending.until)
    event = Event(type=EventType.CHANGE_PENDING, actor=actor, at=now, data=data)
    return Decision(order=replace(order, pending=pending), event=event)


def made(decision: Decision) -> Decision:
    """Return the decision of a pending change that is made: the order waits for it no longer, and what came by links beyond what
    it costs goes back."""
    event = decision.event
    after, money = _links_given_back(replace(decision.order, pending=None), event.at)
    event = replace(event, data={**event.data, **_given_back(money)})
    return replace(decision, order=after, event=event, money=(*decision.money, *money))


def told_anew(order: Order, changes: Sequence[Mapping[str, Any]], to_pay: int, now: datetime) -> Decision | None:
    """Tell what the pending change costs by now. Return None if nothing moved since that was told last. `changes` are as those of
    `leave_pending`."""
    if order.pending is None:
        return None
    pending = replace(order.pending, to_pay=to_pay, surplus=surplus(order, now))
    if pending == order.pending:
        return None
    data = {**_facts(order, pending), "changes": [*changes], "reason": pending.reason}
    data["until"] = utc_millisecond(pending.until)
    event = Event(type=EventType.CHANGE_PENDING, actor=pending.by, at=now, data=data)
    return Decision(order=replace(order, pending=pending), event=event)


def drop(order: Order, why: str, actor: str, now: datetime, reason: str = "") -> Decision:
    """Drop the pending change: the order stays as it is, and what was authorised for the change is released.

    Raises NotAllowed when none is pending.
    """
    if order.pending is None:
        raise NotAllowed("no change of the order waits for its payment")
    data = {**_facts(order, order.pending), "why": why, **({"reason": reason} if reason else {})}
    released, money = _without_pending(order, now)
    data |= _given_back(money)
    event = Event(type=EventType.CHANGE_DROPPED, actor=actor, at=now, data=data)
    return Decision(order=released, event=event, money=money)


def drop_expired(order: Order, now: datetime) -> Decision | None:
    """Drop a pending change whose time is over. Return None if there is none."""
    if order.pending is None or order.pending.until > now:
        return None
    return drop(order, EXPIRED, "sweep", now)


def drop_not_possible(order: Order, now: datetime) -> Decision | None:
    """Drop the pending change of an order that does not take it any more, or is about to end. Return None if there is none."""
    return None if order.pending is None else drop(order, NOT_POSSIBLE, "machine", now)


def with_payments(
    order: Order,
    payments: Sequence[Tender],
    actor: str,
    now: datetime,
    *,
    still: int | None = None,
    rules: HoldRules = NO_RULES,
) -> Decision:
    """Add authorisations to an order. They end a hold of ended ones if the order is covered again.

    `still` is what the pending change needs besides, None if it is not possible any more: it is dropped then. `rules` may hold the
    order because of what it is paid with. Raises NotAllowed when no unit of the order is left, or its books are closed.
    """
    told_payments.require_payable(order)
    paid = replace(order, payments=(*order.payments, *payments))
    data = {**told_payments.facts(payments, actor), "currency": order.currency}
    paid, tasks = authorisations.with_payment_hold(payment_checks.with_check_hold(paid, now), now)
    kind, money = EventType.PAYMENT_ADDED, tuple[MoneyOperation, ...]()
    if order.pending is not None and still is None:
        paid, money = _without_pending(paid, now)
        kind = EventType.CHANGE_DROPPED
        data = {**_facts(order, order.pending), **data, "why": NOT_POSSIBLE, **_given_back(money)}
    elif order.pending is not None and still is not None:
        paid = replace(paid, pending=replace(order.pending, to_pay=still, surplus=surplus(paid, now)))
        data["to_pay"] = still
    had = len(paid.holds)
    paid, of_rules = added_holds.with_holds(order, paid, rules, now)
    data |= {"holds": [hold.hold_id for hold in paid.holds[had:]]} if len(paid.holds) > had else {}
    event = Event(type=kind, actor=actor, at=now, data=data)
    return payment_holds.up_to_date(Decision(order=paid, event=event, tasks=(*tasks, *of_rules), money=money))


def _without_pending(order: Order, now: datetime) -> tuple[Order, tuple[MoneyOperation, ...]]:
    """Return the order without its pending change and what was authorised for it, and the movements of money."""
    told = None if order.pending is None else order.pending.first_payment
    return _links_given_back(replace(order, pending=None), now, len(order.payments) if told is None else told)


def _links_given_back(
    order: Order, now: datetime, first: int | None = None
) -> tuple[Order, tuple[MoneyOperation, ...]]:
    """Give back what an order does not need of what came by links, and of all payments from the index `first` on."""
    at = [i for i, one in enumerate(order.payments) if one.by_link or (first is not None and i >= first)]
    if not at:
        return order, ()
    from comanda.domain.billing import payments  # few changes wait

    return payments.release_added(order, at, now)


def _given_back(money: Sequence[MoneyOperation]) -> dict[str, object]:
    return {"given_back": sum(operation.amount for operation in money)} if money else {}


def _facts(order: Order, pending: PendingChange) -> dict[str, Any]:
    return {
        "changes": [{"modification": one} for one in pending.modifications],
        "to_pay": pending.to_pay,
        "currency": order.currency,
    }
