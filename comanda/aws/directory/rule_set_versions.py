"""
Write rule sets: every version is kept as it was sent, and one item of a set has the newest version and the spans of all.

Called by   functions/planning
Returns     a StoredRuleSet: the set as it is now
Raises      PreconditionFailed when the newest version is not the one that the caller names; NotFound; StaleEntry (Busy)

A version never changes. The spans in which versions are in force are kept apart, in the set's own item, whose `rev` rises with
every change. Two versions are therefore never in force at once. The Directory's stream brings the change to the pack.
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
class StoredRuleSet:
    """A rule set: its newest version with its document, and the spans of its versions. `rev` is 0 if it is not stored yet."""

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
    """A version of a rule set, as it was sent."""

    version: int
    doc: dict[str, Any]
    by: str
    at: str


def load(name: str) -> StoredRuleSet:
    """Return the set as it is now. Raises NotFound."""
    row = reads.get(settings.directory_table, keys.entry(directory.RULE_SET, name))
    if row is None:
        raise NotFound("rule set", name)
    return to_stored_set(row)


def to_stored_set(row: dict[str, Any]) -> StoredRuleSet:
    """Return the rule set of an item."""
    return StoredRuleSet(
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
    """Return a version as it was sent. Raises NotFound."""
    row = reads.get(settings.directory_table, keys.entry_version(directory.RULE_SET, name, number))
    if row is None:
        raise NotFound("rule set", f"{name}@{number}")
    return Version(version=row["version"], doc=unpack(row["doc"]), by=row["by"], at=row["at"])


def shadowed(now: datetime) -> set[str]:
    """Return the ids of the sets that have a version as a shadow now."""
    places = [keys.entry(directory.RULE_SET, name) for name in directory.names(directory.RULE_SET)]
    rows = reads.batch(settings.directory_table, places)
    shadows = {row["id"]: shadow for row in rows if (shadow := rule_sets.shadow_of(row))}
    return {name for name, shadow in shadows.items() if now < shadow.until}


def put(name: str, doc: dict[str, Any], *, expected: int | None, by: str, now: datetime) -> tuple[StoredRuleSet, bool]:
    """Make `doc` the next version, a draft, and return the set with True, or with False if the newest version equals it.

    `expected` is the version that must be the newest. Raises PreconditionFailed, and StaleEntry after three lost tries.
    """
    for _ in range(TRIES):
        row = reads.get(settings.directory_table, keys.entry(directory.RULE_SET, name))
        before = to_stored_set(row) if row else StoredRuleSet(id=name)
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


def change(
    name: str, decide: Callable[[StoredRuleSet], StoredRuleSet], also: Callable[[StoredRuleSet], Sequence[Write]]
) -> StoredRuleSet:
    """Write the result of `decide` in one transaction with `also`. Raises NotFound, StaleEntry, and the errors of `decide`."""
    for _ in range(TRIES):
        before = load(name)
        after = replace(decide(before), rev=before.rev + 1)
        try:
            transaction.commit([*also(after), _set(after)])
        except StaleEntry:
            continue
        return after
    raise StaleEntry(f"rule set {name}")


def _version(kept: StoredRuleSet) -> Write:
    place = keys.entry_version(directory.RULE_SET, kept.id, kept.version)
    return transaction.put_once(settings.directory_table, {**place, **_newest(kept)}, _stale(kept))


def _set(kept: StoredRuleSet) -> Write:
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


def _newest(kept: StoredRuleSet) -> dict[str, Any]:
    return {"id": kept.id, "version": kept.version, "doc": pack(kept.doc), "by": kept.by, "at": kept.at}


def _span(span: Span) -> dict[str, Any]:
    ends = {"ends": span.ends.isoformat()} if span.ends else {}
    return {"version": span.version, "starts": span.starts.isoformat(), **ends, "by": span.by}


def _stale(kept: StoredRuleSet) -> StaleEntry:
    return StaleEntry(f"rule set {kept.id}")
