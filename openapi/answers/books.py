"""
Model the answers about the books of a channel.

Called by   openapi/operations.py
"""

from comanda.domain.books.accounts import Account
from comanda.domain.reconciliation.settlement import SettlementStatus
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


class ReconciledStatus(Answer):
    """The payments or payouts of a day that have one status, with the sums of both sides."""

    status: SettlementStatus
    items: int
    ours: Money
    theirs: Money
    difference: Money


class ReconciledDay(Answer):
    """The comparison of a UTC day in one currency. `other` is money of no order, such as fees with a line of their own;
    `converted` is what payments brought that are compared in another currency."""

    day: str
    statuses: list[ReconciledStatus]
    fees: Money
    other: Money
    converted: Money


class Reconciliation(Answer):
    """The report of a month: what a provider or a bank reported beside what we moved."""

    provider: str
    month: str
    days: list[ReconciledDay]


class AddedDocuments(Answer):
    """Some documents are added up, and others are left. The same request goes on with the next ones."""

    documents: int
