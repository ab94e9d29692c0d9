"""
Add up journals to a trial balance: what was debited to each account, and what was credited.

Called by   comanda.aws.books (days of a channel), functions/books
Returns     sums in minor units, by currency and account
Raises      nothing
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from comanda.domain.books.accounts import Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """The debits and credits of an account. Both are positive or zero."""

    debit: int = 0
    credit: int = 0

    def plus(self, debit: int, credit: int) -> "Turnover":
        return Turnover(debit=self.debit + debit, credit=self.credit + credit)


@dataclass(slots=True)
class TrialBalance:
    """The turnover of accounts by currency. The debits of a currency equal its credits."""

    currencies: dict[str, dict[str, Turnover]] = field(default_factory=dict)

    def add(self, currency: str, entries: Amounts) -> None:
        """Add one journal: its positive entries are debits."""
        for account, amount in entries.items():
            self._add(currency, account, max(0, amount), max(0, -amount))

    def add_all(self, other: "TrialBalance") -> None:
        """Add another trial balance."""
        for currency, accounts in other.currencies.items():
            for account, moved in accounts.items():
                self._add(currency, account, moved.debit, moved.credit)

    def _add(self, currency: str, account: str, debit: int, credit: int) -> None:
        accounts = self.currencies.setdefault(currency, {})
        accounts[account] = accounts.get(account, Turnover()).plus(debit, credit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The place until which journals are added up: all until `as_of`, None for none. Days before `first_open` are closed."""

    first_open: date | None = None
    as_of: datetime | None = None


def stored(balance: TrialBalance) -> dict[str, dict[str, list[int]]]:
    """Return a trial balance as plain values: {currency: {account: [debit, credit]}}."""
    return {
        currency: {account: [moved.debit, moved.credit] for account, moved in accounts.items()}
        for currency, accounts in balance.currencies.items()
    }


def of_stored(values: Mapping[str, Mapping[str, Iterable[int]]]) -> TrialBalance:
    """Return the trial balance that `stored` has made plain."""
    found = TrialBalance()
    for currency, accounts in values.items():
        for account, (debit, credit) in accounts.items():
            found.currencies.setdefault(currency, {})[account] = Turnover(debit=debit, credit=credit)
    return found
