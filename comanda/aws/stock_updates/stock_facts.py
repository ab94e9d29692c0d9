"""
Write and read the facts from which the figures of stock are made: expedited units, and released safety stock.

Called by   functions/stock (GET /v1/stock/kpis, POST /v1/stock/policies); functions/fulfill and inbox, which ship faster
Returns     rows of facts by day; the service of a position in a span, from its ledger by time
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import ledger
from comanda.domain import ids
from comanda.domain.days import utc_day
from comanda.domain.errors import StockConflict
from comanda.domain.evaluation import service_level
from comanda.domain.evaluation.service_level import ServiceLevel
from comanda.domain.orders.order import Order

EXPEDITED, SAFETY = "EXPEDITED", "SAFETY"
_READERS = 8


def fact(kind: str, name: str, now: datetime, values: dict[str, Any]) -> Write:
    """Write a fact of today. A repeated write is the same item. `name` is unique within the kind and the day."""
    row = {**keys.stock_fact(utc_day(now), kind, name), **values, "at": now.isoformat()}
    return transaction.put(settings.stock_table, row, StockConflict("fact"))


def upgraded_shipment(order: Order, number: int, now: datetime) -> list[Write]:
    """Write the fact that a shipment is sent faster than the customer paid for, or nothing. Its cost is not known."""
    cause = service_level.why_upgraded(order, number)
    if cause is None:
        return []
    name = ids.fulfillment(order.order_id, number)
    return [fact(EXPEDITED, f"shipment.{name}", now, {"what": "SHIPMENT", "fulfillment_id": name, "cause": cause})]


def find(kind: str, name: str, now: datetime) -> dict[str, Any] | None:
    """Return today's fact of this name, or None."""
    return reads.get(settings.stock_table, keys.stock_fact(utc_day(now), kind, name))


def find_by_days(days: Iterable[str], kind: str) -> list[dict[str, Any]]:
    """Return the facts of a kind, day by day."""

    def read(one: str) -> list[dict[str, Any]]:
        first = keys.stock_fact(one, kind, "")
        condition = "pk = :pk AND begins_with(sk, :sk)"
        return list(reads.query(settings.stock_table, condition, pk=first["pk"], sk=first["sk"]))

    with ThreadPoolExecutor(max_workers=_READERS) as pool:
        return [row for rows in pool.map(read, days) for row in rows]


def measure_service(sku: str, node: str, since: datetime, until: datetime) -> ServiceLevel:
    """Return the units that a position shipped and could not find in a span, and the units of its sku that wait now."""
    wanted: list[keys.Key] = []
    for page in (page for month in _months(since, until) for page in ledger.month_pages(sku, node, month)):
        rows = reads.query(
            settings.stock_table,
            "gsi1pk = :pk AND gsi1sk BETWEEN :since AND :until",
            index="GSI1",
            pk=page,
            since=keys.time(since),
            until=keys.time(until),
        )
        # A movement's id ends with its kind, so movements of other kinds are not read.
        wanted += [{"pk": r["pk"], "sk": r["sk"]} for r in rows if r["sk"].endswith(("#ship", "#short"))]
    moved = {"ship": 0, "short": 0}
    for line in reads.batch(settings.stock_table, wanted, consistent=False):
        moved[line["kind"]] -= sum(line["on_hand"].values())
    waiting = reads.query(
        settings.stock_table,
        "pk = :pk AND begins_with(sk, :sk)",
        pk=keys.backorders(sku)["pk"],
        sk=keys.backorders(sku)["sk"],
    )
    return ServiceLevel(
        shipped=moved["ship"], not_found=moved["short"], waiting=sum(row.get("quantity", 0) for row in waiting)
    )


def _months(since: datetime, until: datetime) -> list[str]:
    found, at = [], since
    while at <= until:
        found.append(keys.time(at)[:6])
        at = (at.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return found
