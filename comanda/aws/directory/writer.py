"""
Write entries of the directory: every version is kept, and a pointer names the active one, both in one transaction.

Called by   functions/directory, outages, planning and reroute; comanda.aws.directory.outages, packs and rule_set_versions
Returns     Entries as they are now, not as a process keeps them for a minute
Raises      PreconditionFailed when the active version is not the one that the caller names; StaleEntry (Busy)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Busy, PreconditionFailed

TRIES = 3


class StaleEntry(Busy):
    """Another writer changed the entry first."""

    code = "stale-entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The active version of an entry. `indexed` are the keys (pk, sk) of the rows by which it is found."""

    id: str
    version: int
    doc: dict[str, Any]
    indexed: tuple[tuple[str, str], ...] = ()


def read(kind: str, name: str) -> Entry | None:
    """Return the active version of an entry, or None if it does not exist."""
    return read_all(kind, (name,)).get(name)


def currencies_of_channels() -> dict[str, list[str]]:
    """Return the currencies in which each channel sells, also of those that were put a moment ago."""
    channels = read_all(directory.CHANNEL, directory.names(directory.CHANNEL)).values()
    return {channel.id: channel.doc["currencies"] for channel in channels}


def read_all(kind: str, names: Iterable[str]) -> dict[str, Entry]:
    """Return the active versions of the entries that exist, by name."""
    wanted = [keys.entry(kind, name) for name in sorted(set(names))]
    return {row["id"]: _entry(row) for row in reads.batch(settings.directory_table, wanted)}


def _entry(row: Mapping[str, Any]) -> Entry:
    indexed = tuple((pk, sk) for pk, sk in row.get("indexed", ()))
    return Entry(id=row["id"], version=row["version"], doc=unpack(row["doc"]), indexed=indexed)


def version(kind: str, name: str, number: int) -> dict[str, Any] | None:
    """Return the document of a version, or None if the version does not exist."""
    row = reads.get(settings.directory_table, keys.entry_version(kind, name, number))
    return unpack(row["doc"]) if row else None


def put(
    kind: str,
    name: str,
    doc: dict[str, Any],
    *,
    expected: int | None,
    by: str,
    now: datetime,
    also: Sequence[transaction.Write] = (),
    index: Sequence[Mapping[str, Any]] = (),
) -> tuple[Entry, bool]:
    """Make `doc` the active version, and return the entry with True, or with False if the document is the same as before.

    `also` is written with a change. `index` are the rows by which the entry is found, each with its key; they replace those of
    before in the same transaction, and no row of another entry is taken. `expected` is the version that must be active, 0 for a new entry, None for any.
    Raises PreconditionFailed, and StaleEntry after three lost tries.
    """
    for _ in range(TRIES):
        active = read(kind, name)
        if expected is not None and expected != (active.version if active else 0):
            raise PreconditionFailed(active.version if active else 0)
        same = active is not None and active.doc == doc
        entry = Entry(
            id=name,
            version=(active.version if active else 0) + (not same),
            doc=doc,
            indexed=tuple((row["pk"], row["sk"]) for row in index),
        )
        if active == entry:
            return active, False
        try:
            if same:
                transaction.commit(_index_writes(entry, active, kind, index))
            else:
                transaction.commit([*_writes(kind, entry, by, now), *_row_writes(kind, entry, active, index), *also])
        except StaleEntry:
            continue
        return entry, not same
    raise StaleEntry(f"another writer changed {name} at the same time")


def _writes(kind: str, entry: Entry, by: str, now: datetime) -> list[transaction.Write]:
    name, version = entry.id, entry.version
    values = {"id": name, "version": version, "doc": pack(entry.doc), "by": by, "at": now.isoformat()}
    stale = StaleEntry(f"{kind} {name}")
    table = settings.directory_table
    indexed = {"indexed": [list(key) for key in entry.indexed]} if entry.indexed else {}
    pointer = {**keys.entry(kind, name), **keys.entries(kind, name), **values, **indexed}
    return [
        transaction.put_once(table, {**keys.entry_version(kind, name, version), **values}, stale),
        transaction.put(table, pointer, stale, condition="#v = :was", n_v="version", was=version - 1)
        if version > 1
        else transaction.put_once(table, pointer, stale),
    ]


def _index_writes(
    entry: Entry, active: Entry | None, kind: str, index: Sequence[Mapping[str, Any]]
) -> list[transaction.Write]:
    """Return the writes that give an entry other rows, and leave its document and version as they are."""
    names = {"n_i": "indexed", "n_v": "version"}
    pointer = transaction.update(
        settings.directory_table,
        keys.entry(kind, entry.id),
        "SET #i = :rows",
        StaleEntry(f"{kind} {entry.id}"),
        condition="#v = :was",
        **names,
        rows=[list(key) for key in entry.indexed],
        was=entry.version,
    )
    return [pointer, *_row_writes(kind, entry, active, index)]


def _row_writes(
    kind: str, entry: Entry, active: Entry | None, index: Sequence[Mapping[str, Any]]
) -> list[transaction.Write]:
    table, stale = settings.directory_table, StaleEntry(f"{kind} {entry.id}")
    before = set(active.indexed) if active else set()
    condition = "attribute_not_exists(pk) OR #id = :id"  # another entry's row stays
    return [
        *(
            transaction.put(table, {**row, "id": entry.id}, stale, condition=condition, n_id="id", id=entry.id)
            for row in index
        ),
        *(transaction.delete(table, {"pk": pk, "sk": sk}, stale) for pk, sk in sorted(before - set(entry.indexed))),
    ]
