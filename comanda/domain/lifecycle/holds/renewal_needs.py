"""
Compute what an order needs of payments whose authorisations end, and of which a provider is asked to authorise the rest again.

Called by   comanda.domain.lifecycle.holds.renewals, .payment_holds; comanda.aws.orders.payment_renewals, .payment_needs
Returns     amounts in minor units of the order's currency
Raises      nothing
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from comanda.domain.billing.failed_money import CAPTURE
from comanda.domain.orders.decision import MoneyOperation
from comanda.domain.orders.order import Order
from comanda.domain.payments.answer import Reason

AHEAD = timedelta(days=1)  # before the end of an authorisation it is renewed
# A capture fails for these reasons when its authorisation is over, so that no money moved.
OVER = (Reason.AUTHORISATION_ENDED, Reason.STATE)
Unsent = Sequence[MoneyOperation]  # captures that are decided, and that no provider was asked for yet


def missing(order: Order, at: datetime, unsent: Unsent = (), *, but: int | None = None) -> int:
    """Return what no authorisation covers at a time of what is still to be invoiced, and no provider is being asked for.

    `but` is the index of a payment that counts as if its provider was not asked.
    """
    if order.settled:
        return 0
    asked = sum(_covers(order, i, unsent, at) for i, tender in enumerate(order.payments) if tender.asked and i != but)
    return max(0, order.unpaid(at) - asked)


def needed(order: Order, at: int, now: datetime, unsent: Unsent = ()) -> int:
    """Return what the order needs by now of a payment that is to be authorised in the place of another one."""
    first = order.payments[at].renews
    if first is None:
        return 0
    tender, part = order.payments[first], 0
    if tender.expires_at is not None:
        part = min(tender.open, missing(order, max(tender.expires_at, now + AHEAD), unsent, but=at))
    return part + not_captured(order, first, unsent, now)


def spent(order: Order) -> frozenset[int]:
    """Return the payments of which captures failed because an earlier capture, or a payment that renewed them, has ended them."""
    renewed = {tender.renews for tender in order.payments if tender.authorized}
    lost = {one.tender for one in order.failed_money if one.purpose == CAPTURE and one.reason in OVER}
    return frozenset(i for i in lost if i in renewed or order.payments[i].captured)


def not_captured(order: Order, index: int, unsent: Unsent, now: datetime) -> int:
    """Return the captures of a payment that failed because it was over, or that are not sent because it is over by now."""
    lost = (
        one.amount
        for one in order.failed_money
        if one.tender == index and one.purpose == CAPTURE and one.reason in OVER
    )
    waiting = unsent if order.payments[index].ended(now) else ()
    return sum(one.amount for one in waiting if one.tender == index) + sum(lost)


def _covers(order: Order, at: int, unsent: Unsent, now: datetime) -> int:
    """Return how much a payment that is being asked for will cover of what is not captured yet.

    The rest of it is for captures of the first payment that were not made, and those are accounted for already. The caller may
    not know all of them, but never more than is left of the first payment was asked for besides.
    """
    tender = order.payments[at]
    if tender.renews is None:
        return tender.asked
    beside = not_captured(order, tender.renews, unsent, now)
    return min(order.payments[tender.renews].open, max(0, tender.asked - beside))
