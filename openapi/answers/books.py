"""
Model the answers about the books of a channel.

Called by   openapi/operations.py
"""

from comanda.domain.books.accounts import Account
from openapi.answers.base import Answer, Money, Time


class AccountTurnover(Answer):
    """The sums that a day debited to an account, and credited to it."""

    account: Account
    debit: Money
    credit: Money


class CurrencyBalance(Answer):
    """The accounts of one currency on which money moved, and their sums, which are equal."""

    currency: str
    accounts: list[AccountTurnover]
    debit: Money
    credit: Money


class TrialBalance(Answer):
    """The trial balance of a channel's UTC day. `as_of` is the time until which journals are in it; a closed day changes no
    more."""

    channel: str
    day: str
    closed: bool
    as_of: Time | None
    currencies: list[CurrencyBalance]
