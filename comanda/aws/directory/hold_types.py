"""
Read the hold types of the directory.

Called by   functions/intake and functions/sweep, which place and end holds
Returns     HoldType of the domain
"""

from typing import Any

from comanda.aws.directory.directory import HOLD_TYPE, cached, entries, find, names
from comanda.domain.orders.holds import HoldType


def hold_types() -> tuple[HoldType, ...]:
    """Return every hold type, in order of id; at most a minute old."""

    def read() -> tuple[HoldType, ...]:
        docs = entries(HOLD_TYPE, names(HOLD_TYPE))
        return tuple(hold_type(name, docs[name]) for name in sorted(docs))

    kinds: tuple[HoldType, ...] = cached("hold-types", "*", read)
    return kinds


def find_hold_type(name: str) -> HoldType | None:
    """Return the hold type with this id, or None. It may be newer than the list of `hold_types`."""
    doc = find(HOLD_TYPE, name)
    return None if doc is None else hold_type(name, doc)


def resolved_by_schedule() -> frozenset[str]:
    """Return the ids of the hold types that end by themselves when they expire."""
    docs = entries(HOLD_TYPE, names(HOLD_TYPE))
    return frozenset(name for name, doc in docs.items() if doc.get("resolved_by") == "schedule")


def hold_type(name: str, doc: dict[str, Any]) -> HoldType:
    """Return the hold type of a document."""
    when = doc.get("applies_when") or {}
    total = when.get("total_at_least")
    return HoldType(
        id=name,
        blocks=tuple(doc["blocks"]),
        reason=doc["reason"],
        queue=doc["queue"],
        total_at_least=(total["amount"], total["currency"]) if total else None,
        channels=tuple(when.get("channels", ())),
        tags=tuple(when.get("tags", ())),
        expires_hours=doc.get("expires_hours"),
        roles=tuple(doc.get("roles", ())),
        level=doc.get("level", "order"),
        resolved_by=doc.get("resolved_by", "person"),
    )
