"""
The shadow prices of the Stock table: one item a sku, under its positions' partition, so that one Query reads them together.

Called by   comanda.aws.stock.stock, which reads them with the positions; functions/price, which publishes them
Returns     prices by node; nothing of a price whose time is over: no run for two days, and everybody routes without

An item is written where what it says has changed or would end soon: a run by hand after the night's writes nothing.
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
_FRESH = timedelta(hours=6)  # what was said within so long is not said again
_FORGOTTEN = timedelta(days=7)  # after its end


def of(row: Mapping[str, Any], now: datetime) -> dict[str, int]:
    """What a unit costs at each node, of an item's attributes; of none, where its time is over."""
    return shadow_prices.from_text(row["prices"]) if row["until"] > clock.text(now) else {}


def publish(sku: str, found: Mapping[str, int], run: str, now: datetime) -> bool:
    """Say what the units of a sku cost from now on; returns whether anything was written. The latest `run` wins, and twice
    is harmless. What costs nothing has no item: one that is there is deleted."""
    key, said = keys.prices(sku), shadow_prices.to_text(found)
    if not said:
        return single_writes.delete(settings.stock_table, key, condition="#run < :run", run=run, n_run="run")
    until = now + GOOD_FOR
    return single_writes.update(
        settings.stock_table,
        key,
        "SET #prices = :said, #until = :until, #run = :run, #ttl = :ttl",
        condition="attribute_not_exists(pk) OR (#run < :run AND (#prices <> :said OR #until < :soon))",
        said=said,
        until=clock.text(until),
        soon=clock.text(until - _FRESH),
        run=run,
        ttl=int((until + _FORGOTTEN).timestamp()),
        n_prices="prices",
        n_until="until",
        n_run="run",
        n_ttl="ttl",
    )
