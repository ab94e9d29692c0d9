"""
Read and publish the shadow prices of the Stock table: one item for each sku.

Called by   comanda.aws.stock.position_reads, which reads them with the positions; functions/price, which publishes them
Returns     prices by node; no price whose time is over, so after two days without a run orders are routed without prices

The item lies in the partition of the sku's positions, so one Query reads both. An item is written only if its prices changed
or end soon: a second run after the nightly run writes nothing.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from comanda.aws.dynamodb import keys, single_writes
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain.network_optimization import shadow_prices

ATTRIBUTES = ("prices", "until")

GOOD_FOR = timedelta(hours=48)  # one night may fail
_FRESH = timedelta(hours=6)  # equal prices are not written again within this time
_FORGOTTEN = timedelta(days=7)  # after their end, DynamoDB deletes the item


def valid(row: Mapping[str, Any], now: datetime) -> dict[str, int]:
    """Return the price of a unit at each node, in micro-units, from an item. Return nothing if the prices have ended."""
    return shadow_prices.from_text(row["prices"]) if row["until"] > clock.text(now) else {}


def publish(sku: str, found: Mapping[str, int], run: str, now: datetime) -> bool:
    """Publish the prices of a sku, and return True if an item was written or deleted.

    The latest `run` wins, and a repeated call is harmless. Without prices, the item is deleted.
    """
    key, prices = keys.prices(sku), shadow_prices.to_text(found)
    if not prices:
        return single_writes.delete(settings.stock_table, key, condition="#run < :run", run=run, n_run="run")
    until = now + GOOD_FOR
    return single_writes.update(
        settings.stock_table,
        key,
        "SET #prices = :prices, #until = :until, #run = :run, #ttl = :ttl",
        condition="attribute_not_exists(pk) OR (#run < :run AND (#prices <> :prices OR #until < :soon))",
        prices=prices,
        until=clock.text(until),
        soon=clock.text(until - _FRESH),
        run=run,
        ttl=int((until + _FORGOTTEN).timestamp()),
        n_prices="prices",
        n_until="until",
        n_run="run",
        n_ttl="ttl",
    )
