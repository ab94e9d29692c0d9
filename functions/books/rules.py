"""Show trial balances as JSON and as a file for accountants. Pure."""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from comanda.domain import views
from comanda.domain.books.accounts import Account
from comanda.domain.books.turnover import Progress, TrialBalance, Turnover
from comanda.domain.money import decimal

_COLUMNS = ("channel", "day", "currency", "account", "debit", "credit", "closed")


def shown(channel: str, of: date, balance: TrialBalance | None, progress: Progress) -> dict[str, Any]:
    """Return the trial balance of a day. `as_of` is the time until which journals are in it, null before the first fold."""
    return {
        "channel": channel,
        "day": of.isoformat(),
        "closed": _closed(of, progress),
        "as_of": _as_of(of, progress),
        "currencies": [
            {
                "currency": currency,
                "accounts": [
                    {
                        "account": account,
                        "debit": views.money(moved.debit, currency),
                        "credit": views.money(moved.credit, currency),
                    }
                    for account, moved in _in_order(accounts)
                ],
                "debit": views.money(sum(moved.debit for moved in accounts.values()), currency),
                "credit": views.money(sum(moved.credit for moved in accounts.values()), currency),
            }
            for currency, accounts in sorted(balance.currencies.items() if balance else ())
        ],
    }


def csv_of(channel: str, days: Mapping[date, TrialBalance], progress: Progress) -> str:
    """Return the trial balances of days as CSV, a row for each day, currency and account. Amounts are decimal numbers."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(_COLUMNS)
    for of, balance in sorted(days.items()):
        for currency, accounts in sorted(balance.currencies.items()):
            for account, moved in _in_order(accounts):
                amounts = (decimal(amount, currency) for amount in (moved.debit, moved.credit))
                closed = "yes" if _closed(of, progress) else "no"
                rows.writerow((channel, of.isoformat(), currency, account, *amounts, closed))
    return written.getvalue()


def _in_order(accounts: Mapping[str, Turnover]) -> list[tuple[str, Turnover]]:
    places = list(Account)
    return sorted(accounts.items(), key=lambda named: places.index(Account(named[0])))


def _closed(of: date, progress: Progress) -> bool:
    return progress.first_open is not None and of < progress.first_open


def _as_of(of: date, progress: Progress) -> str | None:
    """Return the time until which the journals of a day are folded: its end at most."""
    if progress.as_of is None:
        return None
    end = datetime.combine(of, time(), UTC) + timedelta(days=1)
    return views.time(min(progress.as_of, end))
