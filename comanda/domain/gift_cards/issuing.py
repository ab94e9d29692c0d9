"""
Decide what is issued: a new gift card, or money on a customer's store credit, whether the caller issues it alone, and who approves it.

Called by   functions/gift_cards; functions/intake, for issues that wait for a second person
Returns     an issue with its entry in the books
Raises      Forbidden for persons without a limit, and for who may not approve
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from comanda.domain.books.accounts import Account as BooksAccount
from comanda.domain.errors import Forbidden, Problem
from comanda.domain.gift_cards.account import GIFT_CARD

SCOPE = "gift-cards/issue"
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
    approved_by: str = ""  # of an amount above the limit of who asked for it

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


def needs_approval(limits: Mapping[str, Any], amount: int, currency: str) -> bool:
    """Return True if the amount is above what a person with these limits issues alone.

    Raises Forbidden for a person who may issue nothing in this currency.
    """
    return amount > require_any_limit(limits, currency)


def require_any_limit(limits: Mapping[str, Any], currency: str) -> int:
    """Return the most that a person issues alone in a currency. Raises Forbidden if that is nothing."""
    most = next((int(one["amount"]) for one in limits.get(LIMIT) or () if one["currency"] == currency), 0)
    if not most:
        message = f"you may issue nothing in {currency}"
        raise Forbidden("this is above your limit", Problem(pointer="/amount", code="above-limit", message=message))
    return most


def require_second_person(who: str, asked_by: str, scopes: Collection[str], *, approves: bool, person: bool) -> None:
    """Raise Forbidden for a caller who may not answer an issue that waits. Whoever asked for it may still drop it."""
    if SCOPE not in scopes:
        raise Forbidden(f"answering an issue needs the scope {SCOPE}")
    if approves and (not person or who == asked_by):
        raise Forbidden("an issue above a limit is approved by another person than asked for it")
