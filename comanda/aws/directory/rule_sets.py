"""
Read the rule sets that are in force or will be, from a pack of their stored documents.

Called by   comanda/aws/routing/inputs.py (`book`); comanda/aws/directory/packs.py, which packs `pack_rows`; functions/planning
Returns     RuleSets of the domain; a book is kept for a minute, and costs one Query

A document is the body of `PUT /v1/rule-sets/{id}`, with the names of comanda/domain/rules/rule_sets.py. A field that was not
sent is not in it.
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
    """The rule sets of this cell. `sets` are in force or will be, so each moment has its choice among them.

    `shadows` are evaluated beside the chosen set, without effect, while they are in force.
    """

    sets: tuple[RuleSet, ...] = ()
    shadows: tuple[RuleSet, ...] = ()


def book() -> Book:
    """Return the rule sets of this cell, at most a minute old."""
    found: Book = directory.packed(directory.RULE_SET, _book)
    return found


def _book(packed: Iterable[dict[str, Any]]) -> Book:
    rows = list(packed)
    sets, shadows = ([row for row in rows if bool(row.get("shadow")) is shadow] for shadow in (False, True))
    return Book(sets=tuple(map(_to_rule_set, sets)), shadows=tuple(map(_to_rule_set, shadows)))


def _to_rule_set(row: Mapping[str, Any]) -> RuleSet:
    return rule_set(row["id"], row["version"], row["doc"], starts=_at(row.get("starts")), ends=_at(row.get("ends")))


def pack_rows(names: Iterable[str], now: datetime) -> list[dict[str, Any]]:
    """Return the rows of the pack: one for each present or future span of a version, and one for each shadow."""
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
    """Return the spans in which the versions of a set are in force, from its item."""
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
    """Return the version that is a shadow with its end, or None, from the item of a set."""
    shadow = pointer.get("shadow")
    return Shadow(version=shadow["version"], until=datetime.fromisoformat(shadow["until"])) if shadow else None


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


# From a document to the domain


def rule_set(
    name: str, version: int, doc: Mapping[str, Any], *, starts: datetime | None = None, ends: datetime | None = None
) -> RuleSet:
    """Return the rule set of a document. `starts` and `ends` are None for a set without a span."""
    return RuleSet(
        rule_set_id=name,
        version=version,
        rules=tuple(map(_rule, doc["rules"])),
        applies_to=AppliesTo(**_fields(doc.get("applies_to", {}))),
        starts=starts,
        ends=ends,
    )


def _rule(doc: Mapping[str, Any]) -> Rule:
    return Rule(
        name=doc["name"],
        when=_when(doc.get("when", {})),
        nodes=NodeFilter(**_fields(doc.get("nodes", {}))),
        rank=tuple(doc.get("rank", ())),
        weights=tuple(sorted(doc.get("optimise", {}).get("weights", {}).items())),
        splits=_splits(doc.get("splits", {})),
        rest=Rest(**_fields(doc.get("rest", {}))),
        release=doc.get("release", NOW),
    )


def _when(doc: Mapping[str, Any]) -> When:
    amounts = {name: _amount(doc[name]) for name in ("value_from", "value_below") if name in doc}
    tests = {name: LineTest(**_fields(doc[name])) for name in ("any_line", "all_lines") if name in doc}
    return When(**{**_fields(doc), **amounts, **tests})


def _splits(doc: Mapping[str, Any]) -> Splits:
    amounts = {"min_value": _amount(doc["min_value"])} if "min_value" in doc else {}
    return Splits(**{**_fields(doc), **amounts})


def _fields(doc: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a document as the domain takes them: the names are the same, and lists become tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in doc.items()}


def _amount(doc: Mapping[str, Any]) -> tuple[int, str]:
    return doc["amount"], doc["currency"]
