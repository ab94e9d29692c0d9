"""
Decide when what is left of an expired account becomes income, who ends an account before, and when the sweeper looks at it next.

The law of the seller's country decides, so the legal entity says it: so many days after the last day on which the account pays,
or never. A person of the desk finance may end any account, also a frozen one, for a reason that its ledger keeps.

Called by   comanda.aws.books.expired_accounts, functions/gift_cards
Returns     days in UTC; amounts of the books
Raises      Forbidden for persons of other desks; NotAllowed for an account on which nothing is left
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from comanda.domain.books.accounts import Account as BooksAccount
from comanda.domain.errors import Forbidden, NotAllowed
from comanda.domain.gift_cards.account import Account
from comanda.domain.gift_cards.issuing import owed_account

_AGAIN = timedelta(days=30)  # the legal entity may say something else by then
_DAY = timedelta(days=1)
_FINANCE = "finance"


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The end of what an account has. `end_id` is the same whenever it is repeated: the day until which it was good, or the id of
    a person's request. `reason` is a person's."""

    end_id: str
    by: str
    at: datetime
    reason: str = ""


def require_finance(desks: Collection[str]) -> None:
    """Raise Forbidden for a person of another desk than finance."""
    if _FINANCE not in desks:
        raise Forbidden("what is left of gift cards and store credit is ended by people of the desk finance")


def require_balance(account: Account) -> None:
    """Raise NotAllowed for an account on which nothing is left."""
    if account.balance <= 0:
        raise NotAllowed("nothing is left on the account")


def first_look(good_until: date) -> date:
    """Return the first day on which an account that is good until this day may have expired."""
    return good_until + _DAY


def next_look(account: Account, days: int | None, today: date) -> date | None:
    """Return the day of the next look at an account. None: it never expires, or has nothing that could.

    `days` are those from its last day until what is left is income, None for never. A day that is not after today means now.
    What is left of a frozen account is income for nobody before a person has decided about it.
    """
    until = account.good_until
    if until is None or not account.balance:
        return None
    if days is None or account.frozen:
        return max(first_look(until), today + _AGAIN)
    return first_look(until) + timedelta(days=days)


def journal(account: Account) -> dict[str, int]:
    """Return the entries in the books of the account's channel: nobody is owed any more what is left."""
    return {owed_account(account.kind): account.balance, BooksAccount.BREAKAGE: -account.balance}
