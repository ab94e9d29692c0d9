"""
Read what is unpaid of credit accounts: the days until which it was to be paid, and the invoices.

Called by   functions/credit_accounts; comanda.aws.books.credit_accounts
Returns     days and invoices in minor units of the account's currency
Raises      nothing
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.runtime.settings import settings
from comanda.domain.credit_accounts import aging
from comanda.domain.credit_accounts.account import CreditAccount
from comanda.domain.credit_accounts.aging import Aging, Debt, DebtDay

_TOGETHER = 100  # days, or debts of one day, that are read at once


def aged(account: CreditAccount, most: int) -> Aging:
    """Return what is unpaid of an account by days, and `most` of its invoices, those that are due first.

    Days are read as sums. Of the oldest day that is unpaid all invoices are read, as a part of them may be paid.
    """
    unpaid = days(account)
    if not unpaid:
        return Aging()
    oldest = unpaid[-1]
    of_oldest = list(aging.unpaid(oldest.unpaid, _debts_of_day(account.account_id, oldest.due_on)))[::-1]
    first = of_oldest[:most]
    for day in reversed(unpaid[:-1]):
        if len(first) == most:
            break
        first += islice(_debts_of_day(account.account_id, day.due_on, newest=False), most - len(first))
    invoices = len(of_oldest) + sum(day.invoices for day in unpaid[:-1])
    return Aging(days=unpaid, first=first, invoices=invoices)


def days(account: CreditAccount) -> list[DebtDay]:
    """Return the days of an account that are not paid, the last one first.

    Invoices from before there were sums by day are in none: where the sums do not cover what is owed, the invoices are read.
    """
    if account.owed <= 0:
        return []
    found = list(aging.unpaid(account.owed, _days(account.account_id)))
    if sum(day.unpaid for day in found) == account.owed:
        return found
    debts = aging.unpaid(account.owed, map(_debt, _below(account.account_id, keys.DEBTS)))
    return [_day_of(list(of_day)) for _, of_day in groupby(debts, key=attrgetter("due_on"))]


def _days(account_id: str) -> Iterator[DebtDay]:
    for row in _below(account_id, keys.DEBT_DAYS):
        due_on, owed = date.fromisoformat(row["due_on"]), row["owed"]
        yield DebtDay(due_on=due_on, amount=owed, unpaid=owed, invoices=row["invoices"])


def _day_of(debts: Sequence[Debt]) -> DebtDay:
    """Return the sum of debts of one day."""
    amount, unpaid = sum(debt.amount for debt in debts), sum(debt.unpaid for debt in debts)
    return DebtDay(due_on=debts[0].due_on, amount=amount, unpaid=unpaid, invoices=len(debts))


def _debts_of_day(account_id: str, due_on: date, *, newest: bool = True) -> Iterator[Debt]:
    yield from map(_debt, _below(account_id, keys.debts_of_day(due_on), newest=newest))


def _debt(row: Mapping[str, Any]) -> Debt:
    return Debt(
        order_id=row["order_id"],
        invoice=row["invoice"],
        due_on=date.fromisoformat(row["due_on"]),
        amount=row["owed"],
        unpaid=row["owed"],
    )


def _below(account_id: str, beginning: str, *, newest: bool = True) -> Iterator[dict[str, Any]]:
    """Yield the rows of an account whose sort keys begin so, the last one first if `newest`."""
    return reads.query(
        settings.orders_table,
        "pk = :pk AND begins_with(sk, :beginning)",
        consistent=True,
        newest=newest,
        together=_TOGETHER,
        pk=keys.credit_account(account_id)["pk"],
        beginning=beginning,
    )
