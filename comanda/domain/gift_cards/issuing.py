"""
Decide what is issued: a new gift card, or money on a customer's store credit, and whether the caller may issue it.

Called by   functions/gift_cards
Returns     an issue with its entry in the books
Raises      Forbidden for an amount above the limit of a person
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from comanda.domain.books.accounts import Account as BooksAccount
from comanda.domain.errors import Forbidden, Problem
from comanda.domain.gift_cards.account import GIFT_CARD

LIMIT = "gift_cards"  # the limit of a person: the most of one issue, an amount for each currency


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Money that is put on an account. `issue_id` is the same whenever its request is repeated."""

    issue_id: str
    account_id: str
    kind: str
    channel: str
    amount: int
    currency: str
    by: str
    at: datetime
    reason: str
    expires_on: date | None = None
    last4: str = ""

    def of_card(self, last4: str) -> "Issue":
        """Return the issue of the card whose code ends so."""
        return replace(self, last4=last4)

    @property
    def journal(self) -> dict[str, int]:
        """Return its entries in the books of the channel: what is owed to whoever has the card or the credit."""
        return {BooksAccount.ISSUED: self.amount, owed_account(self.kind): -self.amount}


def owed_account(kind: str) -> str:
    """Return the account of the books for what is owed to holders of cards, or to customers with credit."""
    return BooksAccount.GIFT_CARDS if kind == GIFT_CARD else BooksAccount.STORE_CREDIT


def require_limit(limits: Mapping[str, Any], amount: int, currency: str) -> None:
    """Raise Forbidden if a person with these limits may not issue the amount alone."""
    most = next((int(one["amount"]) for one in limits.get(LIMIT) or () if one["currency"] == currency), 0)
    if amount > most:
        message = f"you may issue at most {most} minor units of {currency} at once"
        problem = Problem(pointer="/amount", code="above-limit", message=message)
        raise Forbidden("the amount is above your limit", problem)
