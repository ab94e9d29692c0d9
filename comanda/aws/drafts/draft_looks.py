"""
Keep the row by which the sweeper finds a draft: until its last event is on the bus, and then at the draft's end.

Called by   functions/relay, which notes what is on the bus; functions/sweep
Returns     ids of drafts; how far the events of a draft are on the bus, and the events after that
Raises      nothing of its own
"""

from datetime import datetime
from itertools import islice
from typing import Any

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.runtime.settings import settings

_MOST = 200  # drafts of one shard in one run; the next run goes on
_NEXT = "relayed < :last AND relayed >= :before"


def due(now: datetime | None) -> list[str]:
    """Return the ids of the drafts to look at now, or of all drafts that the sweeper knows when `now` is None."""
    found: list[str] = []
    for shard in range(keys.SHARDS):
        page = keys.queue_page("draft-looks", shard)
        until: dict[str, Any] = {"now": keys.time(now)} if now else {}
        condition = "gsi3pk = :pk" + (" AND gsi3sk < :now" if now else "")
        rows = reads.query(settings.orders_table, condition, index="GSI3", together=_MOST, pk=page, **until)
        found += map(keys.draft_id_of, islice(rows, _MOST if now else None))
    return found


def relayed(draft_id: str) -> int | None:
    """Return the version up to which the draft's events are on the bus. None: nothing is left to look at."""
    row = reads.get(settings.orders_table, keys.draft_look(draft_id))
    return None if row is None else row["relayed"]


def mark_relayed(draft_id: str, first: int, last: int) -> None:
    """Note that the draft's events `first` to `last` are on the bus, if all events before them are.

    After its last event, the next look at the draft is at its end, and a draft that has ended needs none.
    """
    key, marks = keys.draft_look(draft_id), {"last": last, "before": first - 1}
    if not single_writes.update(
        settings.orders_table,
        key,
        "SET relayed = :last, gsi3sk = end_sk",
        condition=f"{_NEXT} AND latest = :last AND live = :yes",
        yes=True,
        **marks,
    ):
        single_writes.update(settings.orders_table, key, "SET relayed = :last", condition=_NEXT, **marks)
        finish(draft_id)


def finish(draft_id: str) -> None:
    """Plan the look at the draft's end, or end the looks at a draft that has ended, if all its events are on the bus."""
    table, key = settings.orders_table, keys.draft_look(draft_id)
    if not single_writes.delete(table, key, condition="relayed = latest AND live = :no", no=False):
        single_writes.update(table, key, "SET gsi3sk = end_sk", condition="relayed = latest AND live = :yes", yes=True)


def forget(draft_id: str) -> None:
    """Delete the row of a draft that does not exist any more."""
    single_writes.delete(settings.orders_table, keys.draft_look(draft_id), condition="attribute_exists(pk)")


def events_after(draft_id: str, version: int) -> list[dict[str, Any]]:
    """Return the attributes of the draft's events after a version, in their order."""
    first, last = keys.draft_event(draft_id, version + 1), keys.draft_event(draft_id, 99_999_999)
    condition = "pk = :pk AND sk BETWEEN :first AND :last"
    found = reads.query(
        settings.orders_table, condition, consistent=True, pk=first["pk"], first=first["sk"], last=last["sk"]
    )
    return list(found)
