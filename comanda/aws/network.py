"""
Rebuild the router's view of all nodes: rows of node documents with their calendars inside, in a few packed items.

Called by   functions/directory, fed by the Directory table's stream
Raises      StalePack (Busy) when another rebuild was first, three times

A rebuild reads the version of the pack, then the nodes and calendars as they are now, and writes under a condition on
that version: whoever writes last has read everything. So records may come twice and in any order.
"""

from collections.abc import Iterable
from typing import Any

from comanda.aws import entries, keys, reads, transaction
from comanda.aws.directory import CALENDAR, NODE, names
from comanda.aws.items import pack, unpack
from comanda.aws.settings import settings
from comanda.domain.errors import Busy

MOST_BYTES = 300_000  # of one chunk, packed


class StalePack(Busy):
    """Another rebuild was first: read again."""

    code = "stale-pack"


def rebuild(changed: Iterable[str]) -> int:
    """Bring the pack up to date; returns how many nodes it holds. `changed` are nodes that the index may not list yet."""
    changed = set(changed)
    for _ in range(entries.TRIES):
        kept = _chunks()
        version = kept[0]["version"] if kept else 0
        known = {row["id"] for chunk in kept for row in unpack(chunk["doc"])}
        rows = _rows(known | changed | set(names(NODE)))
        chunks = _packed(rows)
        if [chunk["doc"] for chunk in kept] == chunks:
            return len(rows)
        try:
            transaction.commit(_writes(chunks, version, len(kept)))
        except StalePack:
            continue
        return len(rows)
    raise StalePack("PACK#nodes")


def _rows(wanted: set[str]) -> list[dict[str, Any]]:
    nodes = entries.read_all(NODE, wanted)
    calendars = entries.read_all(CALENDAR, {node.doc["calendar"] for node in nodes.values()})
    return [
        {**nodes[name].doc, "id": name, "calendar": calendars[nodes[name].doc["calendar"]].doc}
        for name in sorted(nodes)
    ]


def _packed(rows: list[dict[str, Any]]) -> list[str | bytes]:
    """Chunks of at most 300 KB: halved until each fits."""
    packed = pack(rows)
    if len(packed) <= MOST_BYTES or len(rows) < 2:
        return [packed]
    middle = len(rows) // 2
    return [*_packed(rows[:middle]), *_packed(rows[middle:])]


def _writes(chunks: list[str | bytes], version: int, before: int) -> list[transaction.Write]:
    table, stale = settings.directory_table, StalePack("PACK#nodes")
    first = {**keys.pack(0), "version": version + 1, "doc": chunks[0]}
    return [
        transaction.put(table, first, stale, condition="#v = :was", n_v="version", was=version)
        if version
        else transaction.put_once(table, first, stale),
        *(transaction.put(table, {**keys.pack(n), "doc": chunk}, stale) for n, chunk in enumerate(chunks) if n),
        *(transaction.delete(table, keys.pack(n), stale) for n in range(len(chunks), before)),
    ]


def _chunks() -> list[dict[str, Any]]:
    return list(reads.query(settings.directory_table, "pk = :pk", consistent=True, pk=keys.pack(0)["pk"]))
