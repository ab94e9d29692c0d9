"""
Prepare the authorisation that takes over what is left of a payment, and save it when its provider has agreed.

Called by   comanda.aws.orders.payment_movements, .payment_needs, .payment_checks
Returns     operations; writes
Raises      nothing

The customer and the card are those of the first payment. The provider is asked for them, and they are noted with the operation
before it is sent: an id that comes again with other words is refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import payment_operations
from comanda.aws.runtime.settings import settings
from comanda.domain.billing.failed_money import CAPTURE
from comanda.domain.errors import StaleOrder
from comanda.domain.lifecycle.holds import renewal_needs
from comanda.domain.orders.decision import MoneyOperation
from comanda.domain.orders.order import Order
from comanda.domain.payments.answer import Answer, Outcome, Reason
from comanda.domain.payments.operation import ENDED, PAUSES, Operation, State
from comanda.domain.payments.port import Provider, rounded_up

Row = Mapping[str, Any]


def unsent(rows: Sequence[Row]) -> tuple[MoneyOperation, ...]:
    """Return the captures that no provider was asked for."""
    return _captures(row for row in rows if row["state"] == State.WRITTEN and not row.get("sent_at"))


def unended(rows: Sequence[Row]) -> tuple[MoneyOperation, ...]:
    """Return the captures of which it is not known whether they are made."""
    return _captures(row for row in rows if row["state"] not in ENDED)


def _captures(rows: Iterable[Row]) -> tuple[MoneyOperation, ...]:
    return tuple(
        MoneyOperation(
            purpose=CAPTURE,
            number=int(row["number"]),
            tender=int(row["tender"]),
            amount=int(row["amount"]),
            invoice=None if row.get("invoice") is None else int(row["invoice"]),
        )
        for row in rows
        if row["purpose"] == CAPTURE
    )


def prepare(
    operation: Operation, order: Order, at: int, rows: Sequence[Row], provider: Provider, now: datetime
) -> Operation:
    """Return an authorisation with the customer and the card of the payment that it renews.

    It asks for no more than the order needs by now. Returns it as declined if that is nothing, or if the card may not be charged
    again; as due later while the provider does not answer.
    """
    first, needed = order.payments[at].renews, renewal_needs.needed(order, at, now, unsent(rows))
    if first is None or not needed:
        return replace(operation, state=State.DECLINED, reason=Reason.NOT_DONE, next_at=None)
    payment = provider.payment(order.payments[first].reference)
    if isinstance(payment, Answer):
        if payment.outcome is Outcome.DECLINED:
            return replace(operation, state=State.DECLINED, reason=payment.reason, next_at=None)
        pause = PAUSES[min(operation.tries, len(PAUSES) - 1)]
        return replace(operation, tries=operation.tries + 1, next_at=now + pause)
    if not payment.customer or not payment.instrument:
        return replace(operation, state=State.DECLINED, reason=Reason.NOT_SAVED, next_at=None)
    amount = rounded_up(min(operation.amount, needed), provider.unit(operation.currency))
    return replace(operation, customer=payment.customer, instrument=payment.instrument, amount=amount)


def writes(order: Order, operation: Operation, provider: str, rows: Sequence[Row], again: Iterable[int]) -> list[Write]:
    """Return the writes that belong to a payment that was authorised again.

    It pays this order, so that notices about it find the order. `again` are the numbers of captures that further operations
    make: no provider was asked for them, and none is asked any more.
    """
    stale = StaleOrder(order.order_id)
    pays = {**keys.payment(provider, operation.reference), "order_id": order.order_id}
    found = [transaction.put(settings.orders_table, pays, stale)]
    mine = set(again)
    for row in rows:
        if row["number"] in mine:
            capture = payment_operations.to_operation(row, order, rows)
            over = replace(capture, state=State.DECLINED, reason=Reason.NOT_DONE, next_at=None)
            key, expression, condition, names = payment_operations.changes(row, over, row["rev"])
            found.append(
                transaction.update(settings.orders_table, key, expression, stale, condition=condition, **names)
            )
    return found
