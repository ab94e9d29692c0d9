"""
Write entries of the directory: every version is kept, and a pointer names the active one, both in one transaction.

Called by   functions/directory, outages, planning and reroute; comanda.aws.directory.outages, packs and rule_set_versions
Returns     Entries as they are now, not as a process keeps them for a minute
Raises      PreconditionFailed when the active version is not the one that the caller names; StaleEntry (Busy)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
    """The active version of an entry."""

    id: str
    version: int
    doc: dict[str, Any]


def read(kind: str, name: str) -> Entry | None:
    """Return the active version of an entry, or None if it does not exist."""
    return read_all(kind, (name,)).get(name)


def read_all(kind: str, names: Iterable[str]) -> dict[str, Entry]:
    """Return the active versions of the entries that exist, by name."""
    wanted = [keys.entry(kind, name) for name in sorted(set(names))]
    return {
        row["id"]: Entry(id=row["id"], version=row["version"], doc=unpack(row["doc"]))
        for row in reads.batch(settings.directory_table, wanted)
    }


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
) -> tuple[Entry, bool]:
    """Make `doc` the active version, and return the entry with True, or with False if the document is the same as before.

    `also` is written with a change. `expected` is the version that must be active, 0 for a new entry, None for any.
    Raises PreconditionFailed, and StaleEntry after three lost tries.
    """
    for _ in range(TRIES):
        active = read(kind, name)
        if expected is not None and expected != (active.version if active else 0):
            raise PreconditionFailed(active.version if active else 0)
        if active is not None and active.doc == doc:
            return active, False
        version = (active.version if active else 0) + 1
        try:
            transaction.commit([*_writes(kind, name, doc, version, by, now), *also])
        except StaleEntry:
            continue
        return Entry(id=name, version=version, doc=doc), True
    raise StaleEntry(f"another writer changed {name} at the same time")


def _writes(kind: str, name: str, doc: dict[str, Any], version: int, by: str, now: datetime) -> list[transaction.Write]:
    values = {"id": name, "version": version, "doc": pack(doc), "by": by, "at": now.isoformat()}
    stale = StaleEntry(f"{kind} {name}")
    table = settings.directory_table
    pointer = {**keys.entry(kind, name), **keys.entries(kind, name), **values}
    return [
        transaction.put_once(table, {**keys.entry_version(kind, name, version), **values}, stale),
        transaction.put(table, pointer, stale, condition="#v = :was", n_v="version", was=version - 1)
        if version > 1
        else transaction.put_once(table, pointer, stale),
    ]
