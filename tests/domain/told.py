"""Tell events in sentences without a library of locales, and find what a sentence leaves out."""

from collections.abc import Iterator, Mapping
from typing import Any

from comanda.domain import money
from comanda.domain.labels.event_facts import Names
from comanda.domain.labels.sentences import sentence

# What an event carries for programs alone, by its place: ids that lead to a document, marks that readers of the stream need,
# and what the sentence says in another way (the code of a reason by its words, a component by its set).
UNSAID = frozenset((
    "about", "provision", "bundles.along", "changes.line_id", "credit_note", "hold", "invoice", "item", "not_cancelled.hold_id", "operation",
    "promise.option_id", "promise.planned", "promise.promise_id", "reason_code", "saved_micros", "shipments", "to_move",
))  # fmt: skip


class PlainFormats:
    """A locale that writes amounts with the code of their currency, and days as ISO 8601 does."""

    def __init__(self, tag: str = "en-US") -> None:
        self.tag = tag

    def money(self, minor: int, currency: str) -> str:
        digits = money.digits(currency)
        whole, part = divmod(abs(minor), 10**digits)
        return f"{currency} {'-' * (minor < 0)}{whole:,}" + (f".{part:0{digits}}" if digits else "")

    def date(self, day: str) -> str:
        return day

    def utc_moment(self, at: str) -> str:
        return f"{at[:16].replace('T', ' ')} UTC"


def plain_sentence(event_type: str, data: Mapping[str, Any], locale: str = "en-US", names: Names | None = None) -> str:
    return sentence(event_type, data, PlainFormats(locale), names)


class _Watched(Mapping[str, Any]):
    """A mapping that notes which of its facts were read."""

    def __init__(self, data: Mapping[str, Any], at: str, read: set[str]) -> None:
        self.data, self.at, self.read = data, at, read

    def __getitem__(self, name: str) -> Any:
        value = self.data[name]
        self.read.add(f"{self.at}{name}")
        if isinstance(value, Mapping):
            return _Watched(value, f"{self.at}{name}.", self.read)
        if isinstance(value, list | tuple):
            return [_Watched(row, f"{self.at}{name}.", self.read) if isinstance(row, Mapping) else row for row in value]
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


def untold(event_type: str, data: Mapping[str, Any]) -> set[str]:
    """Return the facts of an event that its sentence does not read. Empty facts count as told."""
    read: set[str] = set()
    plain_sentence(event_type, _Watched(data, "", read))
    return {at for at in _facts(data, "") if at not in read and at not in UNSAID}


def _facts(data: Mapping[str, Any], at: str) -> Iterator[str]:
    for name, value in data.items():
        rows = value if isinstance(value, list | tuple) else [value]
        if value in (None, "", [], (), {}, 0, False):
            continue
        yield f"{at}{name}"
        for row in rows:
            if isinstance(row, Mapping) and f"{at}{name}" not in UNSAID:
                yield from _facts(row, f"{at}{name}.")
