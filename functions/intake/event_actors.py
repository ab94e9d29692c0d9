"""
Say who made the events of a page: people and applications by their names for the office, all others by what they are.

Called by   functions/intake/order_history.py
Returns     names and words by the id of the actor. A page costs two reads of the directory, however many events it has
Raises      nothing
"""

from collections.abc import Iterable, Mapping
from typing import Any

from comanda.aws.api.callers import Caller
from comanda.aws.directory import directory
from comanda.domain.labels import labels

type _Row = Mapping[str, Any]


class Actors:
    """The actors of a page of events, as this caller may see them."""

    def __init__(self, ids: Iterable[str], who: Caller, locale: str) -> None:
        self.locale, self.office = locale, who.office
        self.rows = directory.rows_of_callers({one for one in ids if one not in labels.KINDS["Actor"]})
        self.places = _places(self.rows.values()) if who.office else {}

    def name(self, actor: str) -> str | None:
        """Return the name that a person or an application has now, for the office alone."""
        row = self.rows.get(actor, {})
        return row.get("name") or None if self.office and "removed_at" not in row else None

    def words(self, actor: str) -> str:
        """Return the words for an actor: "Ana Souza (Boston)", "The shop", "The customer"."""
        row = self.rows.get(actor)
        if row is None:
            return labels.label("Actor", actor, self.locale)
        place = self.places.get(_place_of(row) or "")
        said = self.name(actor) or labels.label("ActorKind", _kind(row), self.locale)
        return f"{said} ({place})" if place else said


def _kind(row: _Row) -> str:
    """Return what a caller is: the kind of an application, or the first role of a person."""
    return str(row.get("kind") or next(iter(sorted(row.get("roles", ()))), "removed"))


def _place_of(row: _Row) -> str | None:
    """Return the partner for whom a caller acts, or its only node."""
    nodes = [*row.get("nodes", ())]
    return row.get("partner") or (nodes[0] if len(nodes) == 1 else None)


def _places(rows: Iterable[_Row]) -> dict[str, str]:
    partners, nodes = set[str](), set[str]()
    for row in rows:
        if place := _place_of(row):
            (partners if row.get("partner") else nodes).add(place)
    found = directory.entries(directory.NODE, nodes) | directory.entries(directory.PARTNER, partners)
    return {name: str(doc.get("name") or name) for name, doc in found.items()}
