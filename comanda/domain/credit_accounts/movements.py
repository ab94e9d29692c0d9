"""
Decide what a version of an order moves on the credit account of its customer: the entries of the account's ledger.

What an order reserves leaves the room of the account at once, in the order's own transaction. A capture moves no room: it makes
what was reserved a debt. A release and a refund bring the room back.

Called by   comanda.aws.orders.credit_movements, comanda.aws.books.credit_accounts
Returns     entries in minor units of the order's currency
Raises      nothing
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from comanda.domain.orders.decision import MoneyOperation
from comanda.domain.orders.order import Order


class CreditPurpose(StrEnum):
    """The purposes of entries. The values are stored, those of money operations as they have them."""

    LIMIT = "limit"
    REDEEM = "redeem"
    CAPTURE = "capture"
    RELEASE = "release"
    REFUND = "refund"
    PAYMENT = "payment"
    PAYOUT = "payout"  # what the customer had more than was owed
    REVERSAL = "reversal"  # of a payment or payout that was booked by mistake, or came back


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    One movement of an account by an order.

    room, owed      what it adds to the room of the account, and to what is owed
    number          that of the payment, from 1, or of the money operation
    place           of a new payment, its place among the new ones
    due_on          the last day to pay a debt, with the number of its invoice within the order
    """

    account_id: str
    purpose: CreditPurpose
    number: int
    room: int = 0
    owed: int = 0
    place: int | None = None
    due_on: date | None = None
    invoice: int | None = None


def of_version(before: Order | None, after: Order, money: Sequence[MoneyOperation], at: datetime) -> tuple[Entry, ...]:
    """Return what a new version of an order moves on credit accounts. `before` is None for a new order."""
    known = 0 if before is None else len(before.payments)
    redeemed = (
        Entry(
            account_id=tender.reference,
            purpose=CreditPurpose.REDEEM,
            number=known + place + 1,
            room=-tender.authorized,
            place=place,
        )
        for place, tender in enumerate(after.payments[known:])
        if tender.on_account
    )
    moved = (_of_operation(one, after, at) for one in money if after.payments[one.tender].on_account)
    return (*redeemed, *moved)


def _of_operation(operation: MoneyOperation, order: Order, at: datetime) -> Entry:
    tender, purpose, amount = order.payments[operation.tender], CreditPurpose(operation.purpose), operation.amount
    if purpose is CreditPurpose.CAPTURE:
        return Entry(
            account_id=tender.reference,
            purpose=purpose,
            number=operation.number,
            owed=amount,
            due_on=due_on(at, tender.payment_days or 0),
            invoice=operation.invoice,
        )
    owed = -amount if purpose is CreditPurpose.REFUND else 0
    return Entry(account_id=tender.reference, purpose=purpose, number=operation.number, room=amount, owed=owed)


def due_on(at: datetime, payment_days: int) -> date:
    """Return the last day to pay an invoice that was issued then."""
    return (at + timedelta(days=payment_days)).date()
