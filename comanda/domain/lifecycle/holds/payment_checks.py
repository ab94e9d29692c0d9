"""
Hold the release of an order until its provider says that the payment which the shop named is authorised for this order.

A payment that differs is a task for a person, and no movement of it is asked for. The hold is resolved by itself when all agree.

Called by   comanda.domain.lifecycle: place, changes, holds.review; comanda.aws.orders.payment_checks, when the provider has answered
Returns     the order with its hold; the decisions about what the provider says
Raises      NotAllowed for a person who takes a payment of another order as it is
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.holds import authorisations
from comanda.domain.orders import holds
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.order import Hold, Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.tender import Tender

BY = holds.BY_CHECK  # who places the hold
_REASON = "the payment is being checked"
UNKNOWN = "unknown"  # the provider has no such payment
Problems = Mapping[int, tuple[str, ...]]  # what differs, by the index of the payment; empty: nothing
Ends = Mapping[int, datetime]  # when the authorisations end, by the index of the payment
_NO_ENDS: Ends = MappingProxyType({})


def with_check_hold(order: Order, now: datetime) -> Order:
    """Return the order with a hold that blocks its release while payments are not checked, unless it has that hold."""
    if all(tender.checked for tender in order.payments) or _hold_of(order) is not None:
        return order
    made = Hold(
        hold_id=f"h{len(order.holds) + 1}", type=holds.PAYMENT, blocks=("release",), reason=_REASON, by=BY, at=now
    )
    return replace(order, holds=(*order.holds, made))


def decide(order: Order, found: Problems, now: datetime, ends: Ends = _NO_ENDS) -> Decision | None:
    """Note what the provider says about payments and when they end, and resolve the hold or ask a person.

    Returns None when there is nothing to note, or when a payment has come since that nobody asked about.
    """
    waiting = [i for i, tender in enumerate(order.payments) if not tender.checked]
    if not waiting or any(i not in found for i in waiting):
        return None
    payments = tuple(
        replace(tender, checked=True, disputed=bool(found[i]), expires_at=ends.get(i, tender.expires_at))
        if i in waiting
        else tender
        for i, tender in enumerate(order.payments)
    )
    order = replace(order, payments=payments)
    differs = tuple(dict.fromkeys(name for i in waiting for name in found[i]))
    event = Event(type=EventType.PAYMENT_CHECKED, actor="payments", at=now, data={"differs": list(differs)})
    hold = _hold_of(order)
    if hold is None:  # a person has resolved it, or the order has ended
        return Decision(order=order, event=event)
    if differs:
        asked = replace(hold, queue=Queue.HOLDS, reason="; ".join(f"payment-differs: {name}" for name in differs))
        kept = tuple(asked if one is hold else one for one in order.holds)
        return Decision(
            order=replace(order, holds=kept), event=event, tasks=(holds.hold_task(order, asked, Queue.HOLDS),)
        )
    if hold.queue:  # another payment differs: a person is asked
        return Decision(order=order, event=event)
    return Decision(order=holds.resolved(order, hold.hold_id, BY, "checked", now), event=event)


def ended(order: Order, over: Collection[int], now: datetime) -> Decision | None:
    """Note that authorisations have ended before their time, and hold the release if the others do not cover the order.

    `over` are the indexes of the payments. Returns None when nothing of them is open.
    """
    news = [i for i in over if order.payments[i].open and not order.payments[i].ended(now)]
    if not news:
        return None
    payments = tuple(replace(t, expires_at=now) if i in news else t for i, t in enumerate(order.payments))
    order = replace(order, payments=payments)
    event = Event(type=EventType.PAYMENT_CHECKED, actor="payments", at=now, data={"differs": ["standing"]})
    return authorisations.hold_if_ended(order, now) or Decision(order=order, event=event)


def accepted(order: Order, elsewhere: Collection[int] = ()) -> Order:
    """Return the order whose payments a person takes as they are. Those that pay another order by now, the indexes `elsewhere`, are
    given up. Raises NotAllowed when the order lacks their money."""
    payments = (
        _given_up(tender) if i in elsewhere else replace(tender, checked=True, disputed=False)
        for i, tender in enumerate(order.payments)
    )
    after = replace(order, payments=tuple(payments))
    if elsewhere and after.accounted + after.open_authorization < after.totals.total:
        raise NotAllowed("a payment pays another order: add one that pays this order, or cancel")
    return after


def _given_up(tender: Tender) -> Tender:
    """Return a payment of another order as one that pays nothing here. It still differs, so nothing of it is moved."""
    if tender.captured > tender.captured_before or tender.refunded or tender.released or tender.failed:
        return tender  # the order has ended, or a person answers what its provider did not move
    return replace(tender, authorized=0, captured=0, captured_before=0, released=0)


def _hold_of(order: Order) -> Hold | None:
    return next((hold for hold in order.holds if hold.active and hold.by == BY), None)
