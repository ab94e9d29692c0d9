"""
Write rule sets: every version is kept as it came, and one item of a set says which is the newest and when each holds.

Called by   functions/planning
Returns     a Kept: the set as it is now
Raises      PreconditionFailed when another version is the newest than the caller names, NotFound, StaleEntry (Busy)

A version never changes. When it holds is said apart from it, in the set's own item, whose `rev` rises with every change: so
two versions are never in force at once, whoever asks at the same time. The Directory's stream brings the change to the pack.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from comanda.aws.directory import directory, rule_sets
from comanda.aws.directory.writer import TRIES, StaleEntry
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import NotFound, PreconditionFailed
from comanda.domain.rules.in_force import Shadow, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A set: its newest version with its document, and when which version holds. `rev` 0 is not written yet."""

    id: str
    version: int = 0
    doc: dict[str, Any] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    shadow: Shadow | None = None
    by: str = ""
    at: str = ""
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    version: int
    doc: dict[str, Any]
    by: str
    at: str


def load(name: str) -> Kept:
    """The set as it is now. Raises NotFound."""
    row = reads.get(settings.directory_table, keys.entry(directory.RULE_SET, name))
    if row is None:
        raise NotFound("rule set", name)
    return of_row(row)


def of_row(row: dict[str, Any]) -> Kept:
    return Kept(
        id=row["id"],
        version=row["version"],
        doc=unpack(row["doc"]),
        spans=rule_sets.spans_of(row),
        shadow=rule_sets.shadow_of(row),
        by=row["by"],
        at=row["at"],
        rev=row["rev"],
    )


def version(name: str, number: int) -> Version:
    """A version as it came. Raises NotFound."""
    row = reads.get(settings.directory_table, keys.entry_version(directory.RULE_SET, name, number))
    if row is None:
        raise NotFound("rule set", f"{name}@{number}")
    return Version(version=row["version"], doc=unpack(row["doc"]), by=row["by"], at=row["at"])


def shadowed(now: datetime) -> set[str]:
    """The sets of which a version is a shadow now."""
    places = [keys.entry(directory.RULE_SET, name) for name in directory.names(directory.RULE_SET)]
    rows = reads.batch(settings.directory_table, places)
    shadows = {row["id"]: shadow for row in rows if (shadow := rule_sets.shadow_of(row))}
    return {name for name, shadow in shadows.items() if now < shadow.until}


def put(name: str, doc: dict[str, Any], *, expected: int | None, by: str, now: datetime) -> tuple[Kept, bool]:
    """Make `doc` the next version, a draft, and whether that changed anything: the newest one again does not.

    `expected` is the version that must be the newest. Raises PreconditionFailed, and StaleEntry when three tries lost.
    """
    for _ in range(TRIES):
        row = reads.get(settings.directory_table, keys.entry(directory.RULE_SET, name))
        before = of_row(row) if row else Kept(id=name)
        if expected is not None and expected != before.version:
            raise PreconditionFailed(before.version)
        if before.doc == doc:
            return before, False
        after = replace(before, version=before.version + 1, doc=doc, by=by, at=now.isoformat(), rev=before.rev + 1)
        try:
            transaction.commit([_version(after), _set(after)])
        except StaleEntry:
            continue
        return after, True
    raise StaleEntry(f"rule set {name}")


def change(name: str, decide: Callable[[Kept], Kept], also: Callable[[Kept], Sequence[Write]]) -> Kept:
    """Write what `decide` makes of the set, in one transaction with `also`. Raises NotFound, StaleEntry, and what `decide`
    raises."""
    for _ in range(TRIES):
        before = load(name)
        after = replace(decide(before), rev=before.rev + 1)
        try:
            transaction.commit([*also(after), _set(after)])
        except StaleEntry:
            continue
        return after
    raise StaleEntry(f"rule set {name}")


def _version(kept: Kept) -> Write:
    place = keys.entry_version(directory.RULE_SET, kept.id, kept.version)
    return transaction.put_once(settings.directory_table, {**place, **_newest(kept)}, _stale(kept))


def _set(kept: Kept) -> Write:
    place = {**keys.entry(directory.RULE_SET, kept.id), **keys.entries(directory.RULE_SET, kept.id)}
    values = {
        **place,
        **_newest(kept),
        "spans": [_span(span) for span in kept.spans],
        "shadow": {"version": kept.shadow.version, "until": kept.shadow.until.isoformat()} if kept.shadow else None,
        "rev": kept.rev,
    }
    if kept.rev == 1:
        return transaction.put_once(settings.directory_table, values, _stale(kept))
    return transaction.put(
        settings.directory_table, values, _stale(kept), condition="#rev = :was", n_rev="rev", was=kept.rev - 1
    )


def _newest(kept: Kept) -> dict[str, Any]:
    return {"id": kept.id, "version": kept.version, "doc": pack(kept.doc), "by": kept.by, "at": kept.at}


def _span(span: Span) -> dict[str, Any]:
    ends = {"ends": span.ends.isoformat()} if span.ends else {}
    return {"version": span.version, "starts": span.starts.isoformat(), **ends, "by": span.by}


def _stale(kept: Kept) -> StaleEntry:
    return StaleEntry(f"rule set {kept.id}")
