"""The sweeper's list: one row for every open order, sorted by when it must be looked at."""

from datetime import datetime
from typing import Any

from comanda.aws import keys, reads
from comanda.aws.settings import settings


def due(now: datetime | None) -> list[str]:
    """Ids of the open orders whose next look is due; of all when `now` is None."""
    found: list[str] = []
    for shard in range(keys.SHARDS):
        page = keys.queue_page("open", shard)
        until: dict[str, Any] = {"now": keys.time(now)} if now else {}
        condition = "gsi3pk = :pk" + (" AND gsi3sk < :now" if now else "")
        rows = reads.query(settings.orders_table, condition, index="GSI3", pk=page, **until)
        found += [row["pk"].removeprefix("O#") for row in rows]
    return found
