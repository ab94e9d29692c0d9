"""
Compute which invoices of a credit account are unpaid, and for how long they are overdue.

A payment pays the invoice first that is due first, and so does a refund. What is owed is therefore of the invoices that are due
last, and those before them are paid.

Called by   functions/credit_accounts, functions/intake
Returns     frozen values in minor units of the account's currency
Raises      nothing
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

NOT_DUE = "not_due"
_PERIODS = ((0, NOT_DUE), (30, "days_1_30"), (60, "days_31_60"), (90, "days_61_90"))  # the last day overdue of each
_LATER = "days_over_90"
PERIODS = (*(name for _, name in _PERIODS), _LATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Hold what is to be paid until a day, and what of it is not paid."""

    due_on: date
    amount: int
    unpaid: int

    def overdue(self, today: date) -> int:
        """Return for how many days it is overdue, 0 on its last day and before."""
        return max(0, (today - self.due_on).days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt(Due):
    """Hold what an invoice of an order took from the account, and what of it is not paid."""

    order_id: str
    invoice: int  # its number within the order


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtDay(Due):
    """Hold what all invoices took that are to be paid until a day, and what of it is not paid."""

    invoices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Aging:
    """Hold what is unpaid by the days until which it was to be paid, the last day first.

    `first` are invoices that are due first, as many as were asked for; `invoices` says how many are unpaid.
    """

    days: Sequence[DebtDay] = ()
    first: Sequence[Debt] = ()
    invoices: int = 0


def unpaid[D: Due](owed: int, latest_first: Iterable[D]) -> Iterator[D]:
    """Yield the debts that are not paid, with what is owed of each. The one that is due last comes first, and no more are read
    than are unpaid."""
    if owed <= 0:
        return
    for debt in latest_first:
        part = min(owed, debt.amount)
        owed -= part
        yield replace(debt, unpaid=part)
        if not owed:
            return


def by_period(debts: Iterable[Due], today: date) -> dict[str, int]:
    """Return what is owed by the time for which it is overdue."""
    found = dict.fromkeys(PERIODS, 0)
    for debt in debts:
        late = debt.overdue(today)
        found[next((name for last, name in _PERIODS if late <= last), _LATER)] += debt.unpaid
    return found


def days_overdue(debts: Iterable[Due], today: date) -> int:
    """Return for how many days the oldest of the debts is overdue, 0 if none is."""
    return max((debt.overdue(today) for debt in debts), default=0)
