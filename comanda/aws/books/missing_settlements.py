"""
Find what we moved and what no report has after some days: a person is asked about it.

Called by   functions/sweep
Returns     nothing
Raises      StaleSettlement, Throttled (Busy), after all others were looked at

A capture or refund that is done, and a payout that no bank has shown, has a place in an index by its time. Only the providers
whose reports a partner brings are looked at, and only from the day on that the partner's entry names.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from comanda.aws.books import our_money
from comanda.aws.books.our_money import Found
from comanda.aws.books.settlement_rows import Comparison, Totals, of_row, write
from comanda.aws.books.settlement_status import judged, settled
from comanda.aws.dynamodb import keys, reads, single_writes, transaction
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.settings import settings
from comanda.domain.reconciliation.movement import BANK
from comanda.domain.reconciliation.reports import Reports
from comanda.domain.reconciliation.settlement import Settlement, SettlementStatus

MOST = 200  # of one provider in one run; the next run goes on
_AGAIN = timedelta(days=1)  # after a look at a payment of which something may still be reported

type Row = Mapping[str, Any]


def find_missing(brought: Iterable[Reports], now: datetime) -> None:
    """Look at what should be in these reports by now."""
    do_all(step for reports in brought for step in _steps(reports, now))


def _steps(reports: Reports, now: datetime) -> Iterator[partial[None]]:
    due = _due(reports, now)
    # The index may still show what a file has settled a moment ago.
    rows = [row for row in reads.batch(settings.orders_table, due) if "gsi2sk" in row]
    if reports.provider == BANK:
        return (partial(_look_at, of_row(row), None, (), reports, now) for row in rows)
    by_payment: dict[str, list[Row]] = {}
    for row in rows:
        by_payment.setdefault(row["reference"], []).append(row)
    known = reads.batch(settings.orders_table, [keys.settlement(reports.provider, name) for name in by_payment])
    comparisons = {row["name"]: of_row(row) for row in known}
    ours = our_money.of_payments(reports.provider, by_payment)
    return (
        partial(_look_at, comparisons.get(name) or _nothing(reports, name, mine[0]), ours.get(name), mine, reports, now)
        for name, mine in by_payment.items()
    )


def _due(reports: Reports, now: datetime) -> list[keys.Key]:
    """Return the keys of rows whose time came, the oldest of each page first."""
    found: list[keys.Key] = []
    condition = "gsi2pk = :pk AND gsi2sk BETWEEN :since AND :until"
    since, until = keys.time(reports.since), keys.time(now - reports.patience)
    for page in keys.unsettled_pages(reports.provider):
        rows = reads.query(
            settings.orders_table, condition, index="GSI2", together=MOST, pk=page, since=since, until=until
        )
        found += [{"pk": row["pk"], "sk": row["sk"]} for row in islice(rows, MOST // keys.SHARDS)]
    return found


def _nothing(reports: Reports, name: str, row: Row) -> Comparison:
    """Return the comparison of a payment of which nothing was reported. It counts on the day of its first movement."""
    day = (row.get("sent_at") or row["at"])[:10]
    return Comparison(provider=reports.provider, name=name, theirs=Settlement(currency=row["currency"], day=day))


def _look_at(comparison: Comparison, found: Found | None, rows: Sequence[Row], reports: Reports, now: datetime) -> None:
    """Judge a payment or a payout, and take what is decided off the list. The others are looked at again in a day."""
    if rows and found is None:
        return _look_again(rows, reports, now)
    judged_now, marks = judged(comparison, found, now, reports.patience)
    if judged_now.status is SettlementStatus.WAITING:
        return _look_again(rows, reports, now)
    totals = Totals()
    totals.count(judged_now)
    transaction.commit([write(judged_now, now), *totals.writes(), *map(settled, marks)])
    return None


def _look_again(rows: Sequence[Row], reports: Reports, now: datetime) -> None:
    at = now - reports.patience + _AGAIN
    for row in rows:
        place = keys.unsettled(reports.provider, at, row["gsi2sk"].partition("#")[2])
        key = {"pk": row["pk"], "sk": row["sk"]}
        single_writes.update(
            settings.orders_table, key, "SET gsi2sk = :at", condition="attribute_exists(gsi2pk)", at=place["gsi2sk"]
        )
