"""
Model the answers about gift cards and store credit.

Called by   openapi/operations.py
"""

from typing import Annotated, Literal

from pydantic import Field

from comanda.domain.gift_cards.movements import Purpose
from openapi.answers.base import Answer, Money, OrderId, Time

Digits = Annotated[str, Field(pattern="^(gc|sc)_[0-9a-f]{32}$")]


class MoneyAccount(Answer):
    """The account of a gift card or of a customer's store credit, as it is now."""

    account_id: Digits
    kind: Literal["GIFT_CARD", "STORE_CREDIT"]
    channel: str
    balance: Money
    last4: str | None
    opened_at: Time
    good_until: str | None
    expired: bool
    frozen: bool


class FoundAccounts(Answer):
    """The accounts that were found: that of a code, or the store credits of a customer, one for each currency that has had money."""

    items: list[MoneyAccount]


class IssuedGiftCard(MoneyAccount):
    """A new gift card. `code` is in no other answer: only whoever has it can spend the card."""

    code: Annotated[str, Field(pattern="^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$")]


class AccountEntry(Answer):
    """One movement of an account."""

    purpose: Purpose
    amount: int
    currency: str
    order_id: OrderId | None
    reason: str | None
    by: str
    approved_by: str | None
    at: Time


class AccountWithLedger(MoneyAccount):
    """An account with a page of its ledger: what was put on it, and what orders took and gave back."""

    entries: list[AccountEntry]
    next: str | None
