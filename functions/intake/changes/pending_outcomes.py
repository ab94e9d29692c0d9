"""
Decide anew on the change of an order that waits for its payment: what it costs follows the order, which goes on meanwhile.

Called by   functions/intake/changes/pending_changes.py; functions/intake/orders.py, which shows orders
Returns     outcomes of the domain, and the pending change as answers show it
Raises      Invalid, for payments
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from comanda.aws.orders import pending_changes as stored
from comanda.aws.runtime import clock
from comanda.domain import views
from comanda.domain.errors import Forbidden, Invalid, NotAllowed, NotFound
from comanda.domain.gift_cards.paying import CODE
from comanda.domain.limits import Limits
from comanda.domain.orders.order import Order
from functions.intake.changes.asked_changes import AskedChanges, DecidedChanges
from functions.intake.changes.change_contract import ChangesIn
from functions.intake.contract import PaymentIn

if TYPE_CHECKING:
    from functions.intake.own_payments import OwnPayments


def decided(
    order: Order, payments: Sequence[PaymentIn], now: datetime, *, payer: str = "", own: "OwnPayments | None" = None
) -> DecidedChanges | None:
    """Return the pending change with the payments for it, and what it does to the order now: None if it is not possible any
    more, or its customer was erased. It is held to the limits that its person had when they asked for it. `payer` told of the
    payments, "" for that person. `own` finds the accounts of ours that pay; None without payments. Raises Invalid for payments
    that buy no gift cards."""
    body = stored.find(order.order_id, order.pending) if order.pending else None
    if order.pending is None or body is None:
        return None
    given = ChangesIn.model_validate(body).model_copy(update={"payments": list(payments)})
    limits = Limits.for_currency(order.currency, order.pending.limits) if order.pending.limits else None
    try:
        asked = AskedChanges(given, order.pending.by, limits, now, office=order.pending.office, payer=payer, own=own)
        made = asked.decide(replace(order, pending=None))
    except Invalid as error:
        if payments and any(one.code == CODE for one in error.problems):
            raise  # the payments do not fit the change, which waits for others
        return None
    except (Forbidden, NotAllowed, NotFound):
        return None
    return made if made.outcome.fits(order.pending) else None


def shown(order: Order) -> dict[str, Any]:
    """Return an order as answers show it. The amount of its pending change is that of now, not that of when it was asked for;
    it is null when the order does not take the change any more."""
    body = views.order(order)
    if order.pending is not None:
        body["pending_change"] = shown_change(order)
    return body


def shown_change(order: Order) -> dict[str, Any] | None:
    """Return the pending change of an order with its amount of now, None if none is pending, or its time is over."""
    kept = views.pending_change(order, clock.now())
    if kept is None:
        return None
    made = decided(order, (), clock.now())
    return {**kept, "to_pay": views.money(made.outcome.to_pay, order.currency) if made else None}
