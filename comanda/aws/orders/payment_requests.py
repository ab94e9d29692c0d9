"""
Follow the link by which a customer pays: what its provider says of it, and what that changes of the order.

Called by   comanda.aws.orders.payment_movements
Returns     operations; decisions; writes
Raises      nothing

A notice about a link finds its order by the row `PAY#`: that of the page or the code, and later that of the payment.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import StaleOrder
from comanda.domain.lifecycle import payment_links
from comanda.domain.lifecycle.payment_links import Paid
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.holds import PAYMENT
from comanda.domain.orders.order import Order
from comanda.domain.orders.rule_holds import HoldType
from comanda.domain.orders.tender import FailedMovement
from comanda.domain.payments import operation as operations
from comanda.domain.payments.answer import Answer, Reason
from comanda.domain.payments.operation import Operation, Purpose, State
from comanda.domain.payments.port import Provider

Row = Mapping[str, Any]
type FindHoldType = Callable[[str], HoldType | None]  # by its id in the directory


def may_be_paid_late(order: Order, row: Row) -> bool:
    """Return True for a link that is over and was not paid, as far as we know."""
    over = row["state"] in (State.DECLINED, State.QUEUED) and bool(row.get("reference"))
    return over and row["purpose"] == Purpose.AUTHORIZE and order.payments[row["tender"]].by_link


def ended(operation: Operation, provider: Provider, now: datetime) -> Operation:
    """Return a link that nothing needs any more, after its provider was told to take no payment: what became of it is asked next.

    One of which the provider has no trace is over. The answer about a payment of the last second is as good as any other.
    """
    if operation.state is State.WRITTEN:
        return replace(operation, state=State.DECLINED, reason=Reason.NOT_DONE, next_at=None)
    if operation.reference:
        provider.void(replace(operation, purpose=Purpose.VOID))
    return operations.noticed(operation, now)


def decision(
    order: Order,
    at: int,
    before: Operation,
    operation: Operation,
    answer: Answer | None,
    now: datetime,
    hold_type: FindHoldType,
) -> Decision | None:
    """Return what the provider's answer changes of the order; None: nothing. `at` is the index of the payment."""
    if operation.state is before.state and operation.state is not State.SENT:
        return None
    match operation.state:
        case State.DONE if answer is not None:
            captured = operation.captured
            found = Paid(reference=operation.reference, amount=operation.amount, captured=captured, ends=answer.ends_at)
            return payment_links.paid(order, at, found, now)
        case State.DECLINED:
            return payment_links.not_paid(order, at, operation.reason or Reason.PAYMENT_EXPIRED, now)
        case State.QUEUED:
            failed = FailedMovement(
                number=operation.number,
                purpose=Purpose.AUTHORIZE,
                tender=at,
                amount=operation.amount,
                reason=operation.reason or Reason.NO_ANSWER,
            )
            return payment_links.unclear(order, failed, now)
        case State.SENT if answer is not None and answer.pay_with:
            kind = hold_type(PAYMENT)
            return payment_links.shown(order, at, answer.pay_with, answer.ends_at, now, kind)
    return None


def pays(order: Order, provider: str, operation: Operation) -> list[Write]:
    """Return the write by which notices about the link find its order."""
    known = any((tender.provider, tender.reference) == (provider, operation.reference) for tender in order.payments)
    if not operation.reference or known:
        return []
    row = {**keys.payment(provider, operation.reference), "order_id": order.order_id}
    return [transaction.put(settings.orders_table, row, StaleOrder(order.order_id))]
