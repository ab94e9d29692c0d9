"""
Find the events of cases that are not on the bus yet, and note those that are.

An event has a place in an index until it is published: the index is empty when all is well.

Called by   functions/sweep, functions/relay
Returns     the keys and the attributes of events
Raises      Throttled
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.runtime.settings import settings

_MOST = 100  # events of one shard in one run; the next run goes on
_LATER = timedelta(minutes=5)  # the stream has delivered younger events, or is about to


def missed(now: datetime) -> list[keys.Key]:
    """Return the keys of the events that should be on the bus for minutes, and are not noted as sent."""
    found: list[keys.Key] = []
    for shard in range(keys.SHARDS):
        page, until = keys.queue_page("case-events", shard), keys.time(now - _LATER)
        condition = "gsi3pk = :pk AND gsi3sk < :until"
        rows = reads.query(settings.orders_table, condition, index="GSI3", together=_MOST, pk=page, until=until)
        found += [{"pk": row["pk"], "sk": row["sk"]} for row in islice(rows, _MOST)]
    return found


def unsent(found: Iterable[keys.Key]) -> list[dict[str, Any]]:
    """Return the events at these keys that are not noted as sent."""
    rows = (reads.get(settings.orders_table, key) for key in found)
    return [row for row in rows if row is not None and "gsi3pk" in row]


def sent(rows: Iterable[dict[str, Any]]) -> None:
    """Note that the events are on the bus."""
    for row in rows:
        key = {"pk": row["pk"], "sk": row["sk"]}
        single_writes.update(settings.orders_table, key, "REMOVE gsi3pk, gsi3sk", condition="attribute_exists(pk)")
