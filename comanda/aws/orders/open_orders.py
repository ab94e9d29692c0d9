"""
List orders by what they wait for: the open orders, each with the time of its next look, and the orders in a queue.

Called by   functions/sweep, which looks at open orders; functions/wave, which releases the orders of its queue
Returns     order ids
"""

from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.runtime.settings import settings


def due(now: datetime | None) -> list[str]:
    """Return the ids of the open orders whose next look is due, or of all open orders when `now` is None.

    An order is due too when a plan of it was left unfinished (comanda.aws.orders.saga).
    """
    found: list[str] = []
    for shard in range(keys.SHARDS):
        page = keys.queue_page("open", shard)
        until: dict[str, Any] = {"now": keys.looks_until(now)} if now else {}
        condition = "gsi3pk = :pk" + (" AND gsi3sk < :now" if now else "")
        rows = reads.query(settings.orders_table, condition, index="GSI3", pk=page, **until)
        found += [keys.order_id_of(row) for row in rows]
    return list(dict.fromkeys(found))


def in_queue(queue: str) -> list[str]:
    """Return the ids of the orders that wait in a queue, the most urgent first. An order of the last second may be
    missing."""
    rows: list[tuple[str, str]] = []
    for shard in range(keys.SHARDS):
        found = reads.query(settings.orders_table, "gsi3pk = :pk", index="GSI3", pk=keys.queue_page(queue, shard))
        rows += [(row["gsi3sk"], keys.order_id_of(row)) for row in found]
    return [order_id for _, order_id in sorted(rows)]
