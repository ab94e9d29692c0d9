"""
Compute which invoices of a credit account are unpaid, and for how long they are overdue.

A payment pays the invoice first that is due first, and so does a refund. What is owed is therefore of the invoices that are due
last, and those before them are paid.

Called by   functions/credit_accounts, functions/intake
Returns     frozen values in minor units of the account's currency
Raises      nothing
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

NOT_DUE = "not_due"
_PERIODS = ((0, NOT_DUE), (30, "days_1_30"), (60, "days_31_60"), (90, "days_61_90"))  # the last day overdue of each
_LATER = "days_over_90"
PERIODS = (*(name for _, name in _PERIODS), _LATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """Hold what an invoice of an order took from the account, and what of it is not paid."""

    order_id: str
    invoice: int  # its number within the order
    due_on: date
    amount: int
    unpaid: int

    def overdue(self, today: date) -> int:
        """Return for how many days it is overdue, 0 on its last day and before."""
        return max(0, (today - self.due_on).days)


def unpaid(owed: int, latest_first: Iterable[Debt]) -> Iterator[Debt]:
    """Yield the debts that are not paid, with what is owed of each. The one that is due last comes first, and no more are read
    than are unpaid."""
    if owed <= 0:
        return
    for debt in latest_first:
        part = min(owed, debt.amount)
        owed -= part
        yield Debt(order_id=debt.order_id, invoice=debt.invoice, due_on=debt.due_on, amount=debt.amount, unpaid=part)
        if not owed:
            return


def by_period(debts: Iterable[Debt], today: date) -> dict[str, int]:
    """Return what is owed by the time for which it is overdue."""
    found = dict.fromkeys(PERIODS, 0)
    for debt in debts:
        late = debt.overdue(today)
        found[next((name for last, name in _PERIODS if late <= last), _LATER)] += debt.unpaid
    return found


def days_overdue(debts: Iterable[Debt], today: date) -> int:
    """Return for how many days the oldest of the debts is overdue, 0 if none is."""
    return max((debt.overdue(today) for debt in debts), default=0)
