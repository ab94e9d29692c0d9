"""
Decide what a version of an order moves on the accounts of gift cards and store credit: the entries of their ledgers.

What an order reserves leaves the account at once, in the order's own transaction. So a capture moves nothing any more, and a
release and a refund bring it back.

Called by   comanda.aws.orders.own_accounts
Returns     entries in minor units of the order's currency
Raises      nothing
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from comanda.domain.orders.decision import MoneyOperation
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import OWN, Tender


class Purpose(StrEnum):
    """The purposes of entries. The values are stored, those of money operations as they have them."""

    ISSUE = "issue"
    REDEEM = "redeem"
    RELEASE = "release"
    REFUND = "refund"
    EXPIRE = "expire"
    SALE = "sale"  # the order sold this card, and its money is there
    VOID = "void"  # the order took back the card that it had sold
    FREEZE = "freeze"  # moves nothing: from here on the account does not pay
    UNFREEZE = "unfreeze"  # moves nothing: from here on the account pays again


OF_PAYMENTS = (Purpose.REDEEM, Purpose.RELEASE, Purpose.REFUND)  # of orders that are paid from the account


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One movement of an account by an order. `amount` is below 0 when it leaves the account.

    `number` is that of the payment, from 1, or of the money operation. `place` is that of a new payment among the new ones.
    """

    account_id: str
    purpose: Purpose
    number: int
    amount: int
    place: int | None = None


def of_version(before: Order | None, after: Order, money: Sequence[MoneyOperation]) -> tuple[Entry, ...]:
    """Return what a new version of an order moves on accounts of ours. `before` is None for a new order."""
    known = 0 if before is None else len(before.payments)
    redeemed = (
        Entry(
            account_id=tender.reference,
            purpose=Purpose.REDEEM,
            number=known + place + 1,
            amount=-tender.authorized,
            place=place,
        )
        for place, tender in enumerate(after.payments[known:])
        if _holds_money(tender)
    )
    returned = (
        Entry(
            account_id=after.payments[one.tender].reference,
            purpose=Purpose(one.purpose),
            number=one.number,
            amount=one.amount,
        )
        for one in money
        if _holds_money(after.payments[one.tender]) and one.purpose in (Purpose.RELEASE, Purpose.REFUND)
    )
    return (*redeemed, *returned)


def _holds_money(tender: Tender) -> bool:
    """Return True for a payment from an account that has money. A payment on account is owed (comanda.domain.credit_accounts)."""
    return tender.provider == OWN and not tender.on_account
