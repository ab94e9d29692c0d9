"""
Count what waits in each queue, up to a hundred items, and find the time when the oldest of it is due.

Called by   functions/intake/queues/queues.py, for the list of queues
Returns     a Waiting for each queue
Raises      Throttled

The keys of a queue's index have everything that is needed, so no item is read. A count stops after a hundred and one keys.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice

from comanda.aws.dynamodb import keys, reads
from comanda.aws.runtime.concurrently import run_concurrently
from comanda.aws.runtime.settings import settings
from comanda.domain.orders.queues import OF_STOCK

MOST = 100  # a larger queue is shown with this number


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The items of a queue. `items` is at most `MOST`, and `capped` says that there are more. `oldest_due` is the earliest
    due time of all items, also of those that were not counted; None for an empty queue."""

    items: int
    capped: bool
    oldest_due: datetime | None


def waiting(queues: Sequence[str]) -> list[Waiting]:
    """Return what waits in each of these queues, in their order. All shards of all queues are read side by side."""
    shards = [(queue, shard) for queue in queues for shard in range(keys.SHARDS)]
    counts = [count() for count in run_concurrently(partial(_of_shard, *shard) for shard in shards)]
    return [_together(counts[n : n + keys.SHARDS]) for n in range(0, len(counts), keys.SHARDS)]


def _together(shards: Iterable[tuple[int, datetime | None]]) -> Waiting:
    counted = list(shards)
    found = sum(items for items, _ in counted)
    oldest = min((due for _, due in counted if due is not None), default=None)
    return Waiting(items=min(found, MOST), capped=found > MOST, oldest_due=oldest)


def _of_shard(queue: str, shard: int) -> tuple[int, datetime | None]:
    """Return the number of items of a shard, at most one more than `MOST`, and the earliest due time of all its items.

    The keys are in order of priority, then of due time. So the first item of each further priority is its oldest.
    """
    page = keys.queue_page(queue, shard)
    places = [keys.priority_and_due_of(key) for key in _first_keys(queue, page, "!", MOST + 1)]
    dues = [due for _, due in places]
    if len(places) > MOST:
        priority = places[-1][0]
        while further := _first_keys(queue, page, keys.after_priority(priority), 1):
            priority, due = keys.priority_and_due_of(further[0])
            dues.append(due)
    return len(places), min(dues, default=None)


def _first_keys(queue: str, page: str, after: str, most: int) -> list[str]:
    table = settings.stock_table if queue in OF_STOCK else settings.orders_table
    condition = "gsi3pk = :pk AND gsi3sk > :after"
    rows = reads.query(table, condition, index="GSI3", only=("gsi3sk",), together=most, pk=page, after=after)
    return [row["gsi3sk"] for row in islice(rows, most)]
