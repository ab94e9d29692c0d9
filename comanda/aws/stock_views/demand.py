"""
Learn the demand for each sku at each node from the ledger, and store its rate with the suggested safety stock.

Called by   functions/daily
Returns     how many nodes have demand for a sku; each gets a row, and its suggested reorder point in the position

The demand of a day is the units that were reserved for orders on it, shipped or not: an empty shelf sells little although
customers want more. Units that went back and then to another node count at both nodes.
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
    """Bring the history of a sku up to yesterday, and return how many nodes ever had demand for it. Repeating is harmless.

    `terms` are {"lead_days", "lead_days_sigma", "service_percent"} of the stock policy.
    """
    yesterday = now.astimezone(UTC).date() - timedelta(days=1)
    known = {row["sk"]: row for row in reads.query(settings.stock_table, "pk = :pk", pk=keys.demand(sku, "")["pk"])}
    with_demand = 0
    for node in sorted(set(nodes)):
        row = known.get(keys.demand(sku, node)["sk"])
        history = _history(sku, node, row, yesterday)
        if any(history):
            with_demand += 1
            _keep(sku, node, row, history, yesterday, terms)
    return with_demand


def _history(sku: str, node: str, row: Mapping[str, Any] | None, last: date) -> list[int]:
    """Return the units of each day up to `last`: the stored history, and the ledger's units of the days since."""
    first = last - timedelta(days=HISTORY_DAYS - 1)
    known: list[int] = []
    if row is not None:
        through = date.fromisoformat(row["through"])
        known = [int(units) for units in row["history"].split(" ")]
        known = known[: len(known) - max(0, (through - last).days)]
        first = max(first, min(through, last) + timedelta(days=1))
    since = _demand_by_day(sku, node, first, last)
    days = [since.get((first + timedelta(days=n)).isoformat(), 0) for n in range((last - first).days + 1)]
    if row is None:
        # The history begins with the first demand: the node may not have had the sku before.
        days = days[next((n for n, units in enumerate(days) if units), len(days)) :]
    return [*known, *days][-HISTORY_DAYS:]


def _demand_by_day(sku: str, node: str, first: date, last: date) -> dict[str, int]:
    """Return the units of demand by day, from the first day to the last."""
    found: dict[str, int] = {}
    for row in reads.batch(settings.stock_table, list(_lines(sku, node, first, last)), consistent=False):
        on = datetime.fromisoformat(row["at"]).astimezone(UTC).date().isoformat()
        found[on] = found.get(on, 0) + sum(units for units in row["demand"].values() if units > 0)
    return found


def _lines(sku: str, node: str, first: date, last: date) -> Iterable[keys.Key]:
    """Yield the keys of the ledger's lines that are demand, month by month."""
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
        # The alerts read it from the position. The position comes first, so that a crash in between repeats both.
        single_writes.update(
            settings.stock_table,
            keys.position(sku, node),
            "SET reorder_point = :units",
            condition="attribute_exists(pk)",
            units=found.reorder_point,
        )
    client("dynamodb").put_item(TableName=settings.stock_table, Item=item(row))


def list_demand(sku: str) -> list[dict[str, Any]]:
    """Return the stored demand of a sku, node by node."""
    fields = ("node", "through", "pattern", "rate_milli", "sigma_milli", "safety_stock", "reorder_point")
    found = reads.query(settings.stock_table, "pk = :pk", pk=keys.demand(sku, "")["pk"])
    return [{name: row[name] for name in fields} for row in found]
