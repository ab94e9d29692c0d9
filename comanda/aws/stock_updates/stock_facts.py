"""
Facts of stock that its figures are made of: what was expedited, what safety stock was released, and how a shelf served since.

Called by   functions/stock (GET /v1/stock/kpis, POST /v1/stock/policies); functions/fulfill and inbox, which expedite
Returns     rows of the days' facts; what a shelf served in a span, from its ledger by time
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
    """A fact of today, put again as it is when it is told again. `name` is its own within its kind and day."""
    row = {**keys.stock_fact(utc_day(now), kind, name), **values, "at": now.isoformat()}
    return transaction.put(settings.stock_table, row, StockConflict("fact"))


def shipped(order: Order, number: int, now: datetime) -> list[Write]:
    """The fact that a shipment was sent faster than it was bought, to be written with it. What it cost nobody says."""
    cause = service_level.why_upgraded(order, number)
    if cause is None:
        return []
    name = ids.fulfillment(order.order_id, number)
    return [fact(EXPEDITED, f"shipment.{name}", now, {"what": "SHIPMENT", "fulfillment_id": name, "cause": cause})]


def find(kind: str, name: str, now: datetime) -> dict[str, Any] | None:
    """Today's fact of this name."""
    return reads.get(settings.stock_table, keys.stock_fact(utc_day(now), kind, name))


def of_days(days: Iterable[str], kind: str) -> list[dict[str, Any]]:
    """The facts of a kind, day by day."""

    def read(one: str) -> list[dict[str, Any]]:
        first = keys.stock_fact(one, kind, "")
        condition = "pk = :pk AND begins_with(sk, :sk)"
        return list(reads.query(settings.stock_table, condition, pk=first["pk"], sk=first["sk"]))

    with ThreadPoolExecutor(max_workers=_READERS) as pool:
        return [row for rows in pool.map(read, days) for row in rows]


def served(sku: str, node: str, since: datetime, until: datetime) -> ServiceLevel:
    """What a shelf shipped and could not find in a span, and what of the sku waits now."""
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
        # A movement's id ends with its kind: the others need not be read.
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
