"""
Read the facts of an event for its sentence: amounts, days, units with their lines, nodes and holds by their names.

Called by   comanda.domain.labels.sentences, comanda.domain.labels.change_sentences
Returns     texts in English, Brazilian Portuguese or Spanish. Empty: the event does not have the fact
Raises      nothing
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from comanda.domain.labels import labels
from comanda.domain.labels.status_words import Words

type Data = Mapping[str, Any]  # of an event

_MOST_LINES = 3  # that a sentence names; of more it says how many there are
_AND: Words = ("and", "e", "y")
_UNIT: Words = ("unit", "unidade", "unidad")
_UNITS: Words = ("units", "unidades", "unidades")
_SET: Words = ("set", "conjunto", "conjunto")
_SETS: Words = ("sets", "conjuntos", "conjuntos")
_LINE: Words = ("line {id}", "linha {id}", "línea {id}")
_NAMED_LINE: Words = ("{name} (line {id})", "{name} (linha {id})", "{name} (línea {id})")
_LINES: Words = ("{n} lines", "{n} linhas", "{n} líneas")
_OF_LINE: Words = ("of line {id}", "da linha {id}", "de la línea {id}")
_OF_NAMED_LINE: Words = ("of {name} (line {id})", "de {name} (linha {id})", "de {name} (línea {id})")
_OF_ARTICLE: Words = ("of {name}", "de {name}", "de {name}")
_OF_LINES: Words = ("of {n} lines", "de {n} linhas", "de {n} líneas")


class Formats(Protocol):
    """Write amounts and days as the reader's locale does. `tag` is the language of the words."""

    tag: str

    def money(self, minor: int, currency: str) -> str: ...

    def date(self, day: str) -> str: ...

    def utc_moment(self, at: str) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Name nodes, the articles of lines, the types of holds, and callers by their ids, as far as the reader may know them.

    A caller who made the event itself is not among the callers: the timeline shows them beside the sentence.
    """

    nodes: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)
    holds: Mapping[str, str] = field(default_factory=dict)
    callers: Mapping[str, str] = field(default_factory=dict)


def nodes_of(data: Data) -> Iterator[str]:
    """Yield the ids of nodes that an event names, in its rows too."""
    for name, value in data.items():
        if name == "node" and isinstance(value, str):
            yield value
        elif name == "nodes" or (name in ("before", "after") and data.get("modification") in ("node", "store")):
            yield from (str(one) for one in (value if isinstance(value, list) else [value]) if one)
        elif isinstance(value, Mapping):
            yield from nodes_of(value)
        elif isinstance(value, list):
            yield from (node for row in value if isinstance(row, Mapping) for node in nodes_of(row))


def callers_of(data: Data) -> Iterator[str]:
    """Yield the ids of people and applications that an event names, beside the one who made it."""
    yield from (str(row["by"]) for row in data.get("payments") or () if isinstance(row, Mapping) and row.get("by"))


class Reader:
    """Read the facts of one event, or of one row of it."""

    def __init__(self, data: Data, formats: Formats, names: Names, currency: str = "") -> None:
        self.data, self.formats, self.names = data, formats, names
        self.column = labels.column(formats.tag)
        self.currency = currency or self.text("currency")

    def of_row(self, row: Data) -> "Reader":
        return Reader(row, self.formats, self.names, self.currency)

    def rows_at(self, *path: str) -> list[Data]:
        """Return the rows of a list, or of a list in each row of a list."""
        found: list[Data] = [self.data]
        for name in path:
            found = [row for one in found for row in one.get(name) or () if isinstance(row, Mapping)]
        return found

    def texts(self, name: str) -> list[str]:
        """Return the texts of a list that has no rows."""
        return [str(value) for value in self.data.get(name) or () if not isinstance(value, Mapping)]

    def text(self, name: str) -> str:
        value = self.data.get(name)
        return "" if value is None else str(value)

    def label(self, kind: str, name: str) -> str:
        return labels.label(kind, self.text(name), self.formats.tag)

    def say(self, words: Words, **facts: object) -> str:
        """Return words of the sentence's own language with facts."""
        return words[self.column].format_map({name: str(fact) for name, fact in facts.items()})

    def listed(self, words: Iterable[str]) -> str:
        found = [word for word in words if word]
        return f"{', '.join(found[:-1])} {_AND[self.column]} {found[-1]}" if len(found) > 1 else "".join(found)

    # Amounts and times.

    def money(self, name: str) -> str:
        amount = self.data.get(name)
        return self.formats.money(amount, self.currency) if isinstance(amount, int) and self.currency else ""

    def money_if_any(self, name: str) -> str:
        return self.money(name) if self.data.get(name) else ""

    def day(self, iso: object) -> str:
        return self.formats.date(str(iso)) if iso else ""

    def days(self, name: str, *path: str) -> str:
        """Return the days of rows, each once, in their order."""
        found = sorted({str(row[name]) for row in self.rows_at(*path) if row.get(name)})
        return self.listed(self.day(one) for one in found)

    def moment(self, name: str) -> str:
        return self.formats.utc_moment(self.text(name)) if self.text(name) else ""

    # Units, lines, nodes and holds.

    def counted(self, units: int) -> str:
        return f"{units} {(_UNIT if units == 1 else _UNITS)[self.column]}" if units else ""

    def sets(self) -> str:
        """Return the number of sets of bundles, empty without any."""
        count = sum(row["quantity"] for row in self.rows_at("bundles"))
        return self._of_lines(f"{count} {(_SET if count == 1 else _SETS)[self.column]}", self.rows_at("bundles"))

    def units(self, *path: str) -> str:
        """Return the number of units, and of which lines they are."""
        return self.units_of(self.rows_at(*path))

    def units_of(self, rows: Sequence[Data]) -> str:
        return self._of_lines(self.counted(sum(row["quantity"] for row in rows)), rows)

    def _of_lines(self, units: str, rows: Sequence[Data]) -> str:
        by_line: dict[str, int] = {}
        for row in rows:
            if row.get("line_id"):
                by_line[str(row["line_id"])] = by_line.get(str(row["line_id"]), 0) + row["quantity"]
        if not by_line:
            return units if rows else ""
        if len(by_line) > _MOST_LINES:
            return f"{units} {self.say(_OF_LINES, n=len(by_line))}"
        if len(by_line) == 1:
            return f"{units} {self.of_line(next(iter(by_line)))}"
        parts = ", ".join(f"{n} {self._of_one(line_id)}" for line_id, n in by_line.items())
        return f"{units} ({parts})"

    def _of_one(self, line_id: str) -> str:
        """Return one line of several: by its article alone, unless the order has two lines of it."""
        name = self.names.lines.get(line_id)
        alone = name and sum(other == name for other in self.names.lines.values()) == 1
        return self.say(_OF_ARTICLE, name=name) if alone else self.of_line(line_id)

    def line(self, line_id: str) -> str:
        name = self.names.lines.get(line_id)
        return self.say(_NAMED_LINE, name=name, id=line_id) if name else self.say(_LINE, id=line_id)

    def of_line(self, line_id: str) -> str:
        name = self.names.lines.get(line_id)
        return self.say(_OF_NAMED_LINE, name=name, id=line_id) if name else self.say(_OF_LINE, id=line_id)

    def lines(self, line_ids: Sequence[str]) -> str:
        if len(line_ids) > _MOST_LINES:
            return self.say(_LINES, n=len(line_ids))
        return self.listed(map(self.line, line_ids))

    def node(self, name: str = "node") -> str:
        return self.names.nodes.get(self.text(name), self.text(name))

    def nodes(self, *paths: Sequence[str]) -> str:
        return self.named_nodes(row["node"] for path in paths for row in self.rows_at(*path) if row.get("node"))

    def named_nodes(self, ids: Iterable[str]) -> str:
        return self.listed(self.names.nodes.get(node, node) for node in dict.fromkeys(ids))

    def callers(self, ids: Iterable[str]) -> str:
        """Return the names of callers, each once. Those without a name are left out."""
        return self.listed(self.names.callers.get(one, "") for one in dict.fromkeys(ids))

    def holds(self, hold_ids: Iterable[str]) -> str:
        """Return the types of holds. One that the order does not have is named by its id."""
        ids = list(hold_ids)
        kinds = [self.names.holds.get(one, "") for one in ids]
        named = [
            labels.label("HoldTypeId", kind, self.formats.tag) if kind else one
            for one, kind in zip(ids, kinds, strict=True)
        ]
        return self.listed(dict.fromkeys(named))
