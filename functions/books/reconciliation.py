"""Show how the reports of a provider compare with what we moved, as JSON and as a file for accountants. Pure."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from comanda.domain import views
from comanda.domain.money import decimal
from comanda.domain.reconciliation.day_totals import DayTotals

_COLUMNS = ("provider", "day", "currency", "status", "items", "ours", "theirs", "difference")


def shown(provider: str, month: str, days: Sequence[DayTotals]) -> dict[str, Any]:
    """Return the report of a month."""
    return {"provider": provider, "month": month, "days": [_day(one) for one in days]}


def _day(one: DayTotals) -> dict[str, Any]:
    return {
        "day": one.day,
        "statuses": [
            {
                "status": status,
                "items": totals.items,
                "ours": views.money(totals.ours, one.currency),
                "theirs": views.money(totals.theirs, one.currency),
                "difference": views.money(totals.theirs - totals.ours, one.currency),
            }
            for status, totals in one.statuses.items()
        ],
        "fees": views.money(one.fees, one.currency),
        "other": views.money(one.other, one.currency),
        "converted": views.money(one.converted, one.currency),
    }


def csv_of(provider: str, days: Sequence[DayTotals]) -> str:
    """Return the report as CSV, a row for each day, currency and status. Fees are negative: they lessen what is paid out."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(_COLUMNS)
    for one in days:
        for status, of in one.statuses.items():
            amounts = (decimal(amount, one.currency) for amount in (of.ours, of.theirs, of.theirs - of.ours))
            rows.writerow((provider, one.day, one.currency, status, of.items, *amounts))
        for name, amount in (("FEES", -one.fees), ("OTHER", one.other), ("CONVERTED", one.converted)):
            if amount:
                rows.writerow((provider, one.day, one.currency, name, "", "", decimal(amount, one.currency), ""))
    return written.getvalue()
