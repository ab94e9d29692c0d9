"""
Decide when what is left of an expired account becomes income, and when the sweeper looks at the account next.

The law of the seller's country decides, so the legal entity says it: so many days after the last day on which the account pays,
or never.

Called by   comanda.aws.books.expired_accounts
Returns     days in UTC; amounts of the books
Raises      nothing
"""

from datetime import date, timedelta

from comanda.domain.books.accounts import Account as BooksAccount
from comanda.domain.gift_cards.account import Account
from comanda.domain.gift_cards.issuing import owed_account

_AGAIN = timedelta(days=30)  # the legal entity may say something else by then
_DAY = timedelta(days=1)


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
