"""
Rule sets as the router gets them: from their stored documents, by way of a pack that holds what is in force or will be.

Called by   comanda/aws/routing/inputs.py (`book`); comanda/aws/directory/packs.py, which packs `rows`; functions/planning
Returns     the domain's RuleSets; a book is kept for a minute, and costs one query

A document is what `PUT /v1/rule-sets/{id}` took, in the words of comanda/domain/rules/rule_sets.py. What it does not say is not
in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, reads
from comanda.aws.dynamodb.items import unpack
from comanda.aws.runtime.settings import settings
from comanda.domain.rules.in_force import Shadow, Span, current_and_future
from comanda.domain.rules.rule_sets import NOW, AppliesTo, LineTest, NodeFilter, Rest, Rule, RuleSet, Splits, When


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """`sets` are in force, or will be: who chooses asks for the moment. `shadows` are evaluated beside them, without
    effect, while they are in force."""

    sets: tuple[RuleSet, ...] = ()
    shadows: tuple[RuleSet, ...] = ()


def book() -> Book:
    """What holds for this cell, a minute old at most."""
    found: Book = directory.packed(directory.RULE_SET, _book)
    return found


def _book(packed: Iterable[dict[str, Any]]) -> Book:
    rows = list(packed)
    sets, shadows = ([row for row in rows if bool(row.get("shadow")) is shadow] for shadow in (False, True))
    return Book(sets=tuple(map(_of_row, sets)), shadows=tuple(map(_of_row, shadows)))


def _of_row(row: Mapping[str, Any]) -> RuleSet:
    return rule_set(row["id"], row["version"], row["doc"], starts=_at(row.get("starts")), ends=_at(row.get("ends")))


def rows(names: Iterable[str], now: datetime) -> list[dict[str, Any]]:
    """What the pack holds: a row for each time that a version holds or will, and one for each that is a shadow."""
    found: list[dict[str, Any]] = []
    pointers = reads.batch(
        settings.directory_table, [keys.entry(directory.RULE_SET, name) for name in sorted(set(names))]
    )
    for pointer in pointers:
        name, shadow = pointer["id"], shadow_of(pointer)
        found += [
            {"id": name, "version": span.version, "starts": _text(span.starts), "ends": _text(span.ends)}
            for span in current_and_future(spans_of(pointer), now)
        ]
        if shadow and now < shadow.until:
            found.append({"id": name, "version": shadow.version, "ends": _text(shadow.until), "shadow": True})
    documents = _documents({(row["id"], row["version"]) for row in found})
    found.sort(key=lambda row: (row["id"], row.get("starts", ""), row["version"]))
    return [
        {name: value for name, value in row.items() if value is not None}
        | {"doc": documents[row["id"], row["version"]]}
        for row in found
    ]


def _documents(wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], dict[str, Any]]:
    places = [keys.entry_version(directory.RULE_SET, name, version) for name, version in sorted(wanted)]
    return {(row["id"], row["version"]): unpack(row["doc"]) for row in reads.batch(settings.directory_table, places)}


def spans_of(pointer: Mapping[str, Any]) -> tuple[Span, ...]:
    """When its versions hold, from the item of a set."""
    return tuple(
        Span(
            version=span["version"],
            starts=datetime.fromisoformat(span["starts"]),
            ends=_at(span.get("ends")),
            by=span["by"],
        )
        for span in pointer.get("spans", ())
    )


def shadow_of(pointer: Mapping[str, Any]) -> Shadow | None:
    said = pointer.get("shadow")
    return Shadow(version=said["version"], until=datetime.fromisoformat(said["until"])) if said else None


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


# A document in the domain's words


def rule_set(
    name: str, version: int, doc: Mapping[str, Any], *, starts: datetime | None = None, ends: datetime | None = None
) -> RuleSet:
    return RuleSet(
        rule_set_id=name,
        version=version,
        rules=tuple(map(_rule, doc["rules"])),
        applies_to=AppliesTo(**_said(doc.get("applies_to", {}))),
        starts=starts,
        ends=ends,
    )


def _rule(said: Mapping[str, Any]) -> Rule:
    return Rule(
        name=said["name"],
        when=_when(said.get("when", {})),
        nodes=NodeFilter(**_said(said.get("nodes", {}))),
        rank=tuple(said.get("rank", ())),
        weights=tuple(sorted(said.get("optimise", {}).get("weights", {}).items())),
        splits=_splits(said.get("splits", {})),
        rest=Rest(**_said(said.get("rest", {}))),
        release=said.get("release", NOW),
    )


def _when(said: Mapping[str, Any]) -> When:
    amounts = {name: _amount(said[name]) for name in ("value_from", "value_below") if name in said}
    tests = {name: LineTest(**_said(said[name])) for name in ("any_line", "all_lines") if name in said}
    return When(**{**_said(said), **amounts, **tests})


def _splits(said: Mapping[str, Any]) -> Splits:
    amounts = {"min_value": _amount(said["min_value"])} if "min_value" in said else {}
    return Splits(**{**_said(said), **amounts})


def _said(said: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a document as the domain takes them: its names are the same, and lists are tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}


def _amount(said: Mapping[str, Any]) -> tuple[int, str]:
    return said["amount"], said["currency"]
