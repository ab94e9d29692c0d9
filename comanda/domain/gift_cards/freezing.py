"""
Decide who freezes a gift card or store credit and makes it good again, and what the ledger says of it.

A frozen account pays nothing. What it has stays owed, and what orders give back still comes to it.

Called by   functions/gift_cards, comanda.aws.books
Returns     changes of accounts
Raises      Forbidden for persons of other desks; NotAllowed for an account that is frozen already, or is not
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from comanda.domain.errors import Forbidden, NotAllowed
from comanda.domain.gift_cards.account import Account
from comanda.domain.gift_cards.movements import Purpose

_FINANCE, _CARE = "finance", "care"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of whether an account pays. `change_id` is the same whenever its request is repeated.

    `order_id` is that of the order whose disputed payment bought the card; None for a person's decision.
    """

    change_id: str
    freezes: bool
    by: str
    at: datetime
    reason: str
    order_id: str | None = None

    @property
    def purpose(self) -> Purpose:
        return Purpose.FREEZE if self.freezes else Purpose.UNFREEZE


def require_desk(desks: Collection[str], *, freezes: bool) -> None:
    """Raise Forbidden for a person of another desk: care and finance stop an account, and finance alone lets it pay again."""
    if _FINANCE in desks or (freezes and _CARE in desks):
        return
    if freezes:
        raise Forbidden("gift cards and store credit are frozen by people of the desks care and finance")
    raise Forbidden("gift cards and store credit are unfrozen by people of the desk finance")


def require_not_frozen(account: Account | None) -> None:
    """Raise NotAllowed for more money on an account that is frozen. None is an account without money yet."""
    if account is not None and account.frozen:
        raise NotAllowed("the account is frozen: unfreeze it first", pointer="/customer_id")


def require_other(account: Account, *, freezes: bool) -> None:
    """Raise NotAllowed for an account that is as it is to be."""
    if account.frozen == freezes:
        raise NotAllowed("the account is frozen already" if freezes else "the account is not frozen")
