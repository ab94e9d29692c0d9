"""
Read the totals of what a provider reported beside what we moved, for each day of a month.

Called by   functions/books
Returns     DayTotals in the order of days and currencies
Raises      nothing of its own
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.runtime.settings import settings
from comanda.domain.reconciliation.day_totals import DayTotals, StatusTotals
from comanda.domain.reconciliation.settlement import SettlementStatus


def of_month(provider: str, month: str) -> list[DayTotals]:
    """Return the totals of the days on which something was moved or reported. `month` is as in 2026-11."""
    rows = reads.query(settings.orders_table, "pk = :pk", consistent=True, pk=keys.settlement_months(provider, month))
    return [found for row in rows if (found := _day_totals(row)).has_any]


def _day_totals(row: Mapping[str, Any]) -> DayTotals:
    day, currency = keys.day_and_currency_of(row)
    return DayTotals(
        day=day,
        currency=currency,
        statuses={
            status: StatusTotals(
                items=row[f"{status}_items"], ours=row.get(f"{status}_ours", 0), theirs=row.get(f"{status}_theirs", 0)
            )
            for status in SettlementStatus
            if row.get(f"{status}_items")
        },
        fees=row.get("fees", 0),
        other=row.get("other", 0),
        converted=row.get("converted", 0),
    )
