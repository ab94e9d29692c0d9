"""
How each sku sells at each node: days of demand from the ledger, the rate and what is suggested because of it.

Called by   functions/daily
Returns     nothing; a row for each sku-node of which units were ever asked for, and its suggested reorder point in the position

A day's demand is what was reserved for orders on it, whether it shipped or not: sales of an empty shelf are not few because
nobody asked. What was given back for another node counts at both, as both were asked.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.dynamodb.items import item
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import ledger
from comanda.domain.stock import demand

HISTORY_DAYS = 90
_ASKED = ("reserve", "consume")  # kinds of movements by which an order gets units
_MILLI = 1000  # tables keep whole numbers

type Terms = Mapping[str, Any]


def learn(sku: str, nodes: Iterable[str], terms: Terms, now: datetime) -> int:
    """Bring the history of a sku up to yesterday; returns how many nodes were ever asked for it. Twice is harmless.

    `terms`: {"lead_days", "lead_days_sigma", "service_percent"} of the stock policy.
    """
    yesterday = now.astimezone(UTC).date() - timedelta(days=1)
    known = {row["sk"]: row for row in reads.query(settings.stock_table, "pk = :pk", pk=keys.demand(sku, "")["pk"])}
    asked = 0
    for node in sorted(set(nodes)):
        row = known.get(keys.demand(sku, node)["sk"])
        history = _history(sku, node, row, yesterday)
        if any(history):
            asked += 1
            _keep(sku, node, row, history, yesterday, terms)
    return asked


def _history(sku: str, node: str, row: Mapping[str, Any] | None, last: date) -> list[int]:
    """Units by day, the last one last: what is known, and what the ledger says of the days since."""
    first = last - timedelta(days=HISTORY_DAYS - 1)
    known: list[int] = []
    if row is not None:
        through = date.fromisoformat(row["through"])
        known = [int(units) for units in row["history"].split(" ")]
        known = known[: len(known) - max(0, (through - last).days)]
        first = max(first, min(through, last) + timedelta(days=1))
    since = _asked_since(sku, node, first, last)
    days = [since.get((first + timedelta(days=n)).isoformat(), 0) for n in range((last - first).days + 1)]
    if row is None:
        # Nothing says that the node had the sku before anybody asked for it.
        days = days[next((n for n, units in enumerate(days) if units), len(days)) :]
    return [*known, *days][-HISTORY_DAYS:]


def _asked_since(sku: str, node: str, first: date, last: date) -> dict[str, int]:
    """Units asked for by day, from the first day to the last one."""
    found: dict[str, int] = {}
    for row in reads.batch(settings.stock_table, list(_lines(sku, node, first, last)), consistent=False):
        on = datetime.fromisoformat(row["at"]).astimezone(UTC).date().isoformat()
        found[on] = found.get(on, 0) + sum(units for units in row["demand"].values() if units > 0)
    return found


def _lines(sku: str, node: str, first: date, last: date) -> Iterable[keys.Key]:
    """The ledger's lines that are demand, month by month."""
    begin, end = first.strftime("%Y%m%dT"), last.strftime("%Y%m%dT~")
    for month in sorted({(first + timedelta(days=n)).strftime("%Y%m") for n in range((last - first).days + 1)}):
        for page in ledger.month_pages(sku, node, month):
            rows = reads.query(
                settings.stock_table,
                "gsi1pk = :pk AND gsi1sk BETWEEN :begin AND :end",
                index="GSI1",
                pk=page,
                begin=begin,
                end=end,
            )
            yield from ({"pk": row["pk"], "sk": row["sk"]} for row in rows if row["sk"].endswith(_ASKED))


def _keep(
    sku: str, node: str, before: Mapping[str, Any] | None, history: list[int], through: date, terms: Terms
) -> None:
    found = demand.suggest(
        history,
        lead_days=terms["lead_days"],
        lead_sigma=terms["lead_days_sigma"],
        service=terms["service_percent"] / 100,
    )
    row = {
        **keys.demand(sku, node),
        "sku": sku,
        "node": node,
        "through": through.isoformat(),
        "history": " ".join(map(str, history)),
        "pattern": found.pattern,
        "rate_milli": round(found.rate * _MILLI),
        "sigma_milli": round(found.sigma * _MILLI),
        "safety_stock": found.safety_stock,
        "reorder_point": found.reorder_point,
    }
    if before is None or before["reorder_point"] != found.reorder_point:
        # In the position too, where alerts look for it: first, so that a crash in between does it again.
        single_writes.update(
            settings.stock_table,
            keys.position(sku, node),
            "SET reorder_point = :units",
            condition="attribute_exists(pk)",
            units=found.reorder_point,
        )
    client("dynamodb").put_item(TableName=settings.stock_table, Item=item(row))


def rows(sku: str) -> list[dict[str, Any]]:
    """What is known of a sku's demand, node by node."""
    fields = ("node", "through", "pattern", "rate_milli", "sigma_milli", "safety_stock", "reorder_point")
    found = reads.query(settings.stock_table, "pk = :pk", pk=keys.demand(sku, "")["pk"])
    return [{name: row[name] for name in fields} for row in found]
