"""
Decide what an order notes of the disputes of a payment, as its provider has them now.

The money that a bank took back is owed again by the customer in the books. Nothing else follows by itself: goods that have not left
are held by a person, who also answers the bank in its time.

Called by   comanda.aws.orders.payment_disputes
Returns     a decision with the event `payment_disputed`; None when nothing is new
Raises      nothing
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.dispute import Dispute
from comanda.domain.orders.order import Order

_ACTOR = "payments"


def note(order: Order, found: Sequence[Dispute], now: datetime) -> Decision | None:
    """Return the decision that notes the first dispute which is new, or stands elsewhere than the order says."""
    known = {one.dispute_id: one for one in order.disputes}
    changed = next((one for one in found if known.get(one.dispute_id) != one), None)
    if changed is None:
        return None
    disputes = tuple(changed if one.dispute_id == changed.dispute_id else one for one in order.disputes)
    if changed.dispute_id not in known:
        disputes = (*disputes, changed)
    return Decision(
        order=replace(order, disputes=disputes),
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
    )
