"""
Add up what providers and banks reported of payments and payouts, and report where the totals of a day say otherwise.

Called by   ops/money_audit.py (`comanda money audit`)
Returns     a sentence for each day, currency and status whose totals are not the sums of the rows, and for each day and currency whose
            fees or money of no order are not the sums of the lines, or whose converted money is not the sum of the rows
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from comanda.aws.books.settlement_rows import of_row
from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import attributes
from comanda.domain.reconciliation.settlement import SettlementStatus

Row = Mapping[str, Any]
_TRIES = 3
_SUMS = ("items", "ours", "theirs")
_OF_LINES = ("fees", "other")

type Place = tuple[str, str]  # pk and sk of a day's totals


class SettlementRows:
    """The rows of reconciliation, as they are found among others: the totals by their key, and what the other rows add up to."""

    def __init__(self) -> None:
        self.totals: dict[Place, Row] = {}
        self.sums: dict[Place, Counter[str]] = {}
        self._unknown: set[tuple[str, str]] = (
            set()
        )  # provider's month, and day, of lines from before lines had the currency of `net`

    def watch(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Pass rows on, and count those of reconciliation."""
        for row in rows:
            if row["pk"].startswith(keys.SETTLEMENT_TOTALS):
                self.totals[row["pk"], row["sk"]] = row
            elif row["pk"].startswith(keys.SETTLEMENTS) and "merged_into" not in row:
                self._add(row)
            elif row["pk"].startswith(keys.REPORTED_LINES):
                self._add_line(row)
            yield row

    def _add_line(self, row: Row) -> None:
        key = keys.settlement_totals(keys.provider_of_line(row), row["day"], row.get("net_currency", row["currency"]))
        if "net_currency" not in row:
            self._unknown.add((key["pk"], row["day"]))
        sums = self.sums.setdefault((key["pk"], key["sk"]), Counter())
        sums.update(fees=row["fee"], other=0 if row["about"] else row["net"] + row["fee"])

    def _add(self, row: Row) -> None:
        comparison = of_row(row)
        key = keys.settlement_totals(comparison.provider, comparison.theirs.day, comparison.theirs.currency)
        sums = self.sums.setdefault((key["pk"], key["sk"]), Counter())
        for name, amount in zip(_SUMS, (1, comparison.ours, comparison.reported), strict=True):
            sums[f"{comparison.status}_{name}"] += amount
        if (exchange := comparison.theirs.exchange) is not None:
            key = keys.settlement_totals(comparison.provider, comparison.theirs.day, exchange.currency)
            self.sums.setdefault((key["pk"], key["sk"]), Counter())["converted"] += exchange.settled

    def differences(self) -> Iterator[str]:
        """Yield the differences of the rows that were seen."""
        for place in sorted(self.totals.keys() | self.sums.keys()):
            totals, sums = self.totals.get(place, {}), self.sums.get(place, Counter())
            for status in SettlementStatus:
                names = [f"{status}_{name}" for name in _SUMS]
                told, found = [totals.get(name, 0) for name in names], [sums[name] for name in names]
                if told != found:
                    yield f"{place[0]} {place[1]}: {status} is {told} by its totals, {found} by its rows (items, ours, theirs)"
            if totals.get("converted", 0) != sums["converted"]:
                yield f"{place[0]} {place[1]}: converted is {totals.get('converted', 0)} by its totals, {sums['converted']} by its rows"
            day = keys.day_and_currency_of({"sk": place[1]})[0]
            for name in () if (place[0], day) in self._unknown else _OF_LINES:
                if totals.get(name, 0) != sums[name]:
                    yield f"{place[0]} {place[1]}: {name} is {totals.get(name, 0)} by its totals, {sums[name]} by its lines"

    def differences_at_rest(self, dynamodb: Any, table: str) -> list[str]:
        """Return the differences of a table that may change meanwhile: those that another reading finds too, or as last read."""
        found = list(self.differences())
        for _ in range(_TRIES - 1):
            if not found:
                return []
            again = list(_read(dynamodb, table).differences())
            if again == found:
                return found
            found = again
        return found


def of_rows(rows: Iterable[Row]) -> list[str]:
    """Return the differences among the rows of a table that does not change meanwhile."""
    seen = SettlementRows()
    for _ in seen.watch(rows):
        pass
    return list(seen.differences())


def _read(dynamodb: Any, table: str) -> SettlementRows:
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        ConsistentRead=True,
        FilterExpression="begins_with(pk, :rows) OR begins_with(pk, :totals) OR begins_with(pk, :lines)",
        ExpressionAttributeValues={
            ":rows": {"S": keys.SETTLEMENTS},
            ":totals": {"S": keys.SETTLEMENT_TOTALS},
            ":lines": {"S": keys.REPORTED_LINES},
        },
    )
    seen = SettlementRows()
    for page in pages:
        for _ in seen.watch(map(attributes, page["Items"])):
            pass
    return seen
