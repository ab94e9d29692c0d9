"""
Read the demand of past days, by sku and region. The orders of each day are counted once, and the result is kept.

Called by   functions/price
Returns     RegionalDemand of a channel's day, and of open orders that wait for stock
Raises      Throttled
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from comanda.aws.dynamodb import keys, list_pages, reads
from comanda.aws.dynamodb.items import FITS, item, pack, unpack
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.concurrently import run_concurrently
from comanda.aws.runtime.settings import settings
from comanda.domain.network_optimization.regional_demand import HORIZON, WEEKS, Region, RegionalDemand
from comanda.domain.orders.queues import Queue

if TYPE_CHECKING:  # a room without orders need not load their code
    from comanda.domain.orders.order import Order

_KEPT = timedelta(days=HORIZON * WEEKS + 7)


def forecast_days(today: date) -> tuple[date, ...]:
    """Return the days that a forecast rests on, the last one first. If time ends, the oldest days are missing."""
    return tuple(today - timedelta(days=n) for n in range(1, HORIZON * WEEKS + 1))


def demand_of_day(channel: str, day: date, now: datetime) -> RegionalDemand:
    """Return the demand of a channel's customers on a UTC day that is over."""
    rows = list(reads.query(settings.stock_table, "pk = :pk", pk=keys.asked_on(channel, f"{day:%Y%m%d}")["pk"]))
    if rows and len(rows) == rows[0]["parts"]:
        return _join(unpack(row["doc"]) for row in rows)
    found = RegionalDemand()
    for order in _orders_placed(channel, day):
        found.add_order(order)
    _save(channel, day, found, now)
    return found


def waiting_demand() -> RegionalDemand:
    """Return the units of open orders that wait for stock."""
    found = RegionalDemand()
    for partition in list_pages.queue(Queue.BACKORDER):
        rows = reads.query(settings.orders_table, "gsi3pk = :pk", index="GSI3", pk=partition)
        ids = dict.fromkeys(keys.order_id_of(row) for row in rows)
        for order in _load_orders([keys.order(order_id) for order_id in ids]):
            found.add_waiting(order)
    return found


def _orders_placed(channel: str, day: date) -> "Iterator[Order]":
    def listed(partition: str) -> list[keys.Key]:
        rows = reads.query(settings.orders_table, "gsi2pk = :pk", index="GSI2", pk=partition)
        return [{"pk": row["pk"], "sk": row["sk"]} for row in rows]

    # Most days of most channels are empty at first: it takes eight queries of the index to know.
    for found in run_concurrently(
        partial(listed, partition) for partition in list_pages.days(channel, f"{day:%Y%m%d}")
    ):
        yield from _load_orders(found())


def _load_orders(wanted: list[keys.Key]) -> "Iterator[Order]":
    for row in reads.batch(settings.orders_table, wanted, consistent=False):
        from comanda.aws.orders import orders  # a day that was counted before loads no orders

        order = orders.order_of_item(row)
        if not order.draft:
            yield order


def _join(docs: Iterator[dict[str, dict[str, dict[str, float]]]]) -> RegionalDemand:
    found = RegionalDemand()
    for doc in docs:
        regions = {name: Region(**region) for name, region in doc["regions"].items()}  # type: ignore[arg-type]  # as we wrote it
        found.add(RegionalDemand(wanted=doc["wanted"], regions=regions))
    return found


def _save(channel: str, day: date, found: RegionalDemand, now: datetime) -> None:
    """Save the demand in as many items as it needs. The first item, which has their number, is written last."""
    skus, parts = sorted(found.wanted), 1
    while True:
        docs = [
            pack(
                {
                    "wanted": {sku: found.wanted[sku] for sku in skus[part::parts]},
                    "regions": {name: asdict(region) for name, region in found.regions.items()} if not part else {},
                }
            )
            for part in range(parts)
        ]
        if max(map(len, docs)) <= FITS:
            break
        parts *= 2
    ttl = int((now + _KEPT).timestamp())
    for part, doc in reversed(list(enumerate(docs))):
        key = keys.asked_on(channel, f"{day:%Y%m%d}", part)
        row = {**key, "doc": doc, "parts": parts, "ttl": ttl}
        client("dynamodb").put_item(TableName=settings.stock_table, Item=item(row))
