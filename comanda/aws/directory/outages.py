"""
Read and change the outages of nodes: one versioned entry for each node that ever had one, with closures and capacities.

Called by   functions/outages, which changes them; functions/reroute; comanda.aws.directory.packs, which adds them to the router's nodes
Returns     the document of an outage; rows of nodes with their outages
Raises      StaleEntry (Busy) when other writers were first, three times
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from comanda.aws.directory import writer
from comanda.aws.directory.directory import OUTAGE
from comanda.aws.directory.node_entries import calendar
from comanda.aws.dynamodb.transaction import Write
from comanda.domain.errors import PreconditionFailed
from comanda.domain.nodes import closures

KEPT = timedelta(
    days=31
)  # closures and capacities that ended before this time are dropped; the entry's older versions keep them
_MOST = 100  # ended closures are kept, the latest ones
_A_DAY = timedelta(days=1)

Document = dict[str, Any]


def read(node: str) -> Document:
    """Return the outage of a node: {"last": number of the last closure, "closures": [...], "capacity": {day: units}, ...}."""
    found = writer.read(OUTAGE, node)
    return found.doc if found else _empty()


def _empty() -> Document:
    return {"last": 0, "closures": [], "capacity": {}}


def change(
    node: str,
    rule: Callable[[Document], Document],
    by: str,
    now: datetime,
    also: Callable[[Document], Sequence[Write]] = lambda _: (),
) -> Document:
    """Replace the outage of a node by the result of `rule`, and write the items that `also` makes of the result.

    Raises the errors of the rule, and StaleEntry.
    """
    for _ in range(writer.TRIES):
        active = writer.read(OUTAGE, node)
        doc = rule(_kept(active.doc, now) if active else _empty()) | {"changed_at": now.isoformat()}
        version = active.version if active else 0
        try:
            writer.put(OUTAGE, node, doc, expected=version, by=by, now=now, also=also(doc))
        except PreconditionFailed:
            continue
        return doc
    raise writer.StaleEntry(f"{OUTAGE} {node}")


def _kept(doc: Document, now: datetime) -> Document:
    """Drop closures and capacities that ended long ago. This happens before the rule counts the closures."""
    oldest = now - KEPT
    ends = sorted(_at(one["until"]) for one in doc["closures"] if one["until"] and _at(one["until"]) <= now)
    since = max([oldest, *ends[-_MOST - 1 : -_MOST]])
    return doc | {
        "closures": [one for one in doc["closures"] if one["until"] is None or _at(one["until"]) > since],
        "capacity": {day: units for day, units in doc["capacity"].items() if day > oldest.date().isoformat()},
        "said_at": {day: at for day, at in doc.get("said_at", {}).items() if _at(at) > oldest},
    }


def with_outages(rows: Iterable[Document], now: datetime) -> list[Document]:
    """Return the nodes' rows of a pack, each with its outage. Days inside a closure become closed days of its calendar."""
    rows = list(rows)
    found = writer.read_all(OUTAGE, (row["id"] for row in rows))
    return [_with(row, found[row["id"]].doc, now) if row["id"] in found else row for row in rows]


def _with(row: Document, doc: Document, now: datetime) -> Document:
    since, lately = now - _A_DAY, _at(doc["changed_at"]) - closures.LATELY
    fresh = [one for one in doc["closures"] if one.get("said_at") and _at(one["said_at"]) > lately]
    cut = {day for day, at in doc.get("said_at", {}).items() if _at(at) > lately}
    spans = _spans(doc["closures"])
    spans = [(start, end) for start, end in spans if end is None or end > max(start, since)]
    days = closures.closed_days(calendar(row["calendar"]), spans, now)
    return {
        **row,
        "calendar": {**row["calendar"], "closed": sorted({*row["calendar"].get("closed", ()), *days})},
        "outage": {
            "closures": [[start.isoformat(), end.isoformat() if end else None] for start, end in spans],
            "limits": {day: units for day, units in doc["capacity"].items() if day >= since.date().isoformat()},
            "cut": sorted(cut | closures.closed_days(calendar(row["calendar"]), _spans(fresh), now)),
            "slower": "usual_at" in doc and _at(doc["usual_at"]) > lately,
            "watched_until": (_at(doc["changed_at"]) + closures.LATELY).isoformat(),
        },
    }


def _spans(listed: Iterable[Document]) -> list[closures.Span]:
    return [(_at(one["from"]), _at(one["until"]) if one["until"] else None) for one in listed]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
