"""
Write an event of an order as one sentence of its timeline, in the reader's language.

Called by   rooms that show an order's timeline to people
Returns     text in English, Brazilian Portuguese or Spanish
Raises      nothing: an event without a fact that its sentence needs is named only by its label

Facts are put in as they are, so a text that a stranger wrote is never read as a template. The caller escapes the sentence.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from comanda.domain import money
from comanda.domain.labels import labels
from comanda.domain.labels.event_words import SENTENCES
from comanda.domain.labels.status_words import Words

type Data = Mapping[str, Any]  # of an event
type Fact = Callable[["_Reader"], str]

_UNIT: Words = ("unit", "unidade", "unidad")
_UNITS: Words = ("units", "unidades", "unidades")
_SET: Words = ("set", "conjunto", "conjunto")
_SETS: Words = ("sets", "conjuntos", "conjuntos")
_AND: Words = ("and", "e", "y")
_DESPITE_CHANGE: Words = (
    "the change of the order does not hold for them",
    "a alteração do pedido não vale para elas",
    "el cambio del pedido no vale para ellas",
)
_POINTS = ((",", "."), (".", ","), (".", ","))  # of thousands, and of decimals
# Regions in which Spanish writes a decimal point, as English does (CLDR).
_DECIMAL_POINT = frozenset(("419", "DO", "GT", "HN", "MX", "NI", "PA", "PE", "PR", "SV", "US"))
_OPTIONAL = re.compile(r"\[([^\]]*)\]")
_FACT = re.compile(r"\{(\w+)\}")


def sentence(event_type: str, data: Data, locale: str, names: Mapping[str, str] | None = None) -> str:
    """Return the sentence of an event. `names` has the names of nodes by id; a node without one is named by its id."""
    words = SENTENCES.get(event_type)
    reader = _Reader(data, locale, names or {})
    if words is None:
        return labels.label("EventType", event_type, locale)
    template = words[labels.column(locale)]
    if not all(reader.fact(name) for name in _FACT.findall(_OPTIONAL.sub("", template))):
        return labels.label("EventType", event_type, locale)
    # Each part of the template is filled once, so that brackets and braces of a fact stay text.
    pieces = _OPTIONAL.split(template)
    optional = (reader.filled(piece) if reader.has_all(piece) else "" for piece in pieces[1::2])
    needed = [reader.filled(piece) for piece in pieces[::2]]
    return "".join(part for pair in zip(needed, [*optional, ""], strict=True) for part in pair)


class _Reader:
    """Read the facts of one event for one language."""

    def __init__(self, data: Data, locale: str, names: Mapping[str, str]) -> None:
        self.data, self.locale, self.names = data, locale, names
        self.column = labels.column(locale)

    def fact(self, name: str) -> str:
        """Return a fact as text. Empty: the event does not have it."""
        return FACTS[name](self)

    def has_all(self, piece: str) -> bool:
        return all(self.fact(name) for name in _FACT.findall(piece))

    def filled(self, piece: str) -> str:
        return _FACT.sub(lambda found: self.fact(found[1]), piece)

    def rows_at(self, *path: str) -> list[Data]:
        """Return the rows of a list, or of a list in each row of a list."""
        found: list[Data] = [self.data]
        for name in path:
            found = [row for one in found for row in one.get(name) or () if isinstance(row, Mapping)]
        return found

    def text(self, name: str) -> str:
        value = self.data.get(name)
        return "" if value is None else str(value)

    def counted(self, units: int) -> str:
        return f"{units} {(_UNIT if units == 1 else _UNITS)[self.column]}" if units else ""

    def sets(self) -> str:
        """Return the number of sets of bundles, empty without any."""
        count = sum(row["quantity"] for row in self.rows_at("bundles"))
        return f"{count} {(_SET if count == 1 else _SETS)[self.column]}" if count else ""

    def units(self, *path: str) -> str:
        return self.counted(sum(row["quantity"] for row in self.rows_at(*path)))

    def nodes(self, *paths: Sequence[str]) -> str:
        ids = dict.fromkeys(row["node"] for path in paths for row in self.rows_at(*path) if row.get("node"))
        return self.listed([self.names.get(node, node) for node in ids])

    def listed(self, words: Sequence[str]) -> str:
        if len(words) < 2:
            return "".join(words)
        return f"{', '.join(words[:-1])} {_AND[self.column]} {words[-1]}"

    def money(self, name: str) -> str:
        amount = self.data.get(name)
        if not isinstance(amount, int):
            return ""
        currency = self.text("currency")
        digits = money.digits(currency)
        region = self.locale.replace("_", "-").rsplit("-", maxsplit=1)[-1].upper()
        thousands, point = _POINTS[self.column if region not in _DECIMAL_POINT else 0]
        whole, part = divmod(abs(amount), 10**digits)
        number = f"{whole:,}".replace(",", thousands) + (f"{point}{part:0{digits}}" if digits else "")
        return f"{currency} {'-' * (amount < 0)}{number}".strip()

    def days(self, *path: str) -> str:
        """Return the days at the customer's door of rows, each once, in their order."""
        found = sorted({str(row["deliver_on"]) for row in self.rows_at(*path) if row.get("deliver_on")})
        return self.listed([labels.day(one, self.locale) for one in found])


def _reason(reader: _Reader) -> str:
    """Return the words of a reason: those of its code, with the text that was written beside it."""
    reason, words = reader.text("reason"), reader.data.get("reason_words")
    if not words:
        return labels.reason(reason, reader.locale)
    named = str(words[reader.column])
    return named if reason == reader.text("reason_code") else f"{named}: {reason}"


def _named(kind: str, name: str) -> Fact:
    return lambda reader: labels.label(kind, reader.text(name), reader.locale)


def _differences(reader: _Reader) -> str:
    """Return what differs in a payment, or that nothing does."""
    named = (labels.label("PaymentDifference", one, reader.locale) for one in reader.data.get("differs") or ("none",))
    return "; ".join(named)


# Each fact of a sentence, and how it is read from the event's data.
FACTS: Mapping[str, Fact] = {
    "placed_units": lambda r: r.counted(r.data.get("units") or 0),
    "total": lambda r: r.money("total"),
    "to_pay": lambda r: r.money("to_pay") if r.data.get("to_pay") else "",
    "authorized": lambda r: r.money("authorized"),
    "dropped_because": _named("DroppedBecause", "why"),
    "unpaid": lambda r: r.money("unpaid"),
    "invoiced": lambda r: r.money("invoiced"),
    "given_back": lambda r: r.money("given_back") if r.data.get("given_back") else "",
    "reason": _reason,
    "blame": _named("Blame", "blame"),
    "movement": lambda r: labels.label("FailedMovement", f"{r.text('purpose')}-failed", r.locale),
    "moved": lambda r: r.money("amount"),
    "differences": _differences,
    "provider_reason": _named("PaymentReason", "reason"),
    "quarantined": lambda r: r.counted(r.data.get("quarantined") or 0),
    "hold_type": _named("HoldTypeId", "type"),
    "hold": lambda r: r.text("hold"),
    "resolution": _named("HoldResolution", "resolution"),
    "queue": _named("QueueName", "queue"),
    "answer": _named("QueueAnswer", "answer"),
    "units": lambda r: r.units("lines"),
    "proof": _named("ProofKind", "proof"),
    "units_to_provide": lambda r: r.units("to_provide"),
    "sets": lambda r: r.sets(),
    "line_nodes": lambda r: r.nodes(("lines",)),
    "not_cancelled": lambda r: r.units("not_cancelled"),
    "nodes": lambda r: r.nodes(("fulfillments",), ("promised",), ("wave",)),
    "routed_units": lambda r: r.units("fulfillments", "lines"),
    "wave_units": lambda r: r.units("wave"),
    "promised_units": lambda r: r.units("promised"),
    "promised_nodes": lambda r: r.nodes(("promised",)),
    "left_units": lambda r: r.units("leftovers"),
    "left_reasons": lambda r: r.listed(
        [labels.reason(why, r.locale) for why in dict.fromkeys(row["reason"] for row in r.rows_at("leftovers"))]
    ),
    "moved_units": lambda r: r.units("from"),
    "from_nodes": lambda r: r.nodes(("from",)),
    "to_nodes": lambda r: r.nodes(("to",)),
    "redated_units": lambda r: r.units("redated"),
    "redated_days": lambda r: r.days("redated"),
    "unscheduled_units": lambda r: r.units("unscheduled"),
    "ready_units": lambda r: r.units("ready"),
    "fulfillment": lambda r: r.text("fulfillment"),
    "node": lambda r: r.names.get(r.text("node"), r.text("node")),
    "modifications": lambda r: r.listed(
        [
            labels.label("Modification", one, r.locale)
            for one in dict.fromkeys(str(row["modification"]) for row in r.rows_at("changes"))
        ]
    ),
    "misses": lambda r: r.text("misses"),
    "number": lambda r: r.text("number"),
    "taken_units": lambda r: r.units("taken", "lines"),
    "taken_nodes": lambda r: r.nodes(("taken",)),
    "requested_units": lambda r: r.units("requested", "lines"),
    "requested_nodes": lambda r: r.nodes(("requested",)),
    "despite_change": lambda r: _DESPITE_CHANGE[r.column] if r.data.get("for_change") else "",
    "recall_refusal": _named("RecallRefusal", "reason"),
    "packages": lambda r: r.listed([str(row["package"]) for row in r.rows_at("packages") if row.get("package")]),
    "code": lambda r: r.text("code") if r.text("code") != r.text("reason") else "",
    "tracking": lambda r: r.listed([str(row["tracking"]) for row in r.rows_at("packages") if row.get("tracking")]),
}
