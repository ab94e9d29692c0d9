"""
Which dates of an order's units are news to its customer. Pure: read from the order's events alone.

Two accounts of each line are kept while its events pass: how many units wait, and for which day; and what the customer was
told. News is what waits and was not told, so nobody hears twice that there is no date yet, nor of a supply that was lost and
replaced for the same day. What was told stays told while units are with the router, or with a node that may still decline
them; it is over when something new is told, or when a shipment is mailed. Units of which the customer was told that there
is no date are news again when a node begins them: the mail has promised it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from comanda.domain.orders.decision import EventType
from comanda.domain.orders.queues import Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """When units come, as the customer hears it: `there`, the local date at the customer's door; else the UTC day on which
    they can be sent. `day` is None while nobody knows."""

    day: str | None = None
    there: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """So many units of a line that the customer must hear of. `moved`: the line had a date that does not hold any more."""

    line_id: str
    quantity: int
    expected: Expected
    moved: bool = False


NO_DATE = Expected()


def left_waiting(data: Mapping[str, Any]) -> bool:
    """Whether the router's event leaves units that nobody can send now."""
    return bool(data.get("promised")) or any(row["queue"] == Queue.BACKORDER for row in data.get("leftovers", ()))


def news(history: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[News, ...]]:
    """What each of an order's events, (type, data) from the first on, says that its customer has not heard."""
    lines: _Lines = defaultdict(_Line)
    for kind, data in history:
        yield tuple(said for line_id in _follow(lines, kind, data) for said in lines[line_id].tell(line_id))


@dataclass(slots=True)
class _Line:
    """Both accounts of a line. What waits is known by its supply's day, which moves; what was told, by the words."""

    waits: Counter[tuple[str | None, Expected]] = field(default_factory=Counter)
    told: Counter[Expected] = field(default_factory=Counter)
    overtaken: Counter[Expected] = field(default_factory=Counter)  # new days of units that wait for no supply any more
    found: Counter[Expected] = field(default_factory=Counter)  # first days of units that had none and are at a node

    def wait(self, quantity: int, due: str | None, expected: Expected) -> None:
        self.waits[due, expected] += quantity

    def leave(self, quantity: int, due: str | None) -> None:
        """Units do not wait for this day any more."""
        for kind in [kind for kind in self.waits if kind[0] == due]:
            part = min(quantity, self.waits[kind])
            self.waits[kind] -= part
            quantity -= part

    def settle(self, quantity: int) -> Counter[Expected]:
        """What was told of so many units and is not so is over. Returns what it was."""
        over: Counter[Expected] = Counter()
        for expected, units in (self.told - self._now()).items():
            over[expected] = min(units, quantity - over.total())
        self.told -= over
        return over

    def arrive(self, quantity: int, there: str) -> None:
        """Count units that are on the shelf and will be at the customer's door on the day `there`. It is news where the
        customer was told of an earlier day."""
        over = self.told - self._now()
        sooner = [kind for kind in over if kind.there and str(kind.day) < there]
        for kind in sorted(sooner, key=lambda kind: str(kind.day)):
            if part := min(quantity, over[kind]):
                self.told[kind] -= part
                quantity -= part
                self.overtaken[Expected(day=there, there=True)] += part

    def begin(self, quantity: int, there: str) -> None:
        """Count units that a node begins and that will be at the customer's door on the day `there`. It is news where the
        customer was told that there is no date yet, or of an earlier day."""
        if part := min(quantity, (self.told - self._now())[NO_DATE]):
            self.told[NO_DATE] -= part
            self.found[Expected(day=there, there=True)] += part
        self.arrive(quantity - part, there)

    def tell(self, line_id: str) -> list[News]:
        """Return the news that the customer is told now: units that wait, that come later than was told, or that had no
        date and have one. Units of which the customer was told are left out."""
        fresh = self._now() - self.told
        moved = bool(self.overtaken) or any(
            units and expected.day for expected, units in self.settle(fresh.total()).items()
        )
        fresh, self.overtaken, self.found = fresh + self.overtaken + self.found, Counter(), Counter()
        self.told += fresh
        return [
            News(line_id=line_id, quantity=units, expected=expected, moved=moved) for expected, units in fresh.items()
        ]

    def _now(self) -> Counter[Expected]:
        now: Counter[Expected] = Counter()
        for (_, expected), units in self.waits.items():
            now[expected] += units
        return now


_Lines = defaultdict[str, _Line]


def _follow(lines: _Lines, kind: str, data: Mapping[str, Any]) -> Iterable[str]:
    """Enter an event. Returns the lines of which it may be news, each once."""
    match kind:
        case EventType.ROUTED | EventType.PROMISED_LATER | EventType.BACKORDERED:
            return dict.fromkeys([*_promised(lines, data), *_left(lines, data), *_begun(lines, data)])
        case EventType.REDATED | EventType.UNSCHEDULED | EventType.STOCK_ARRIVED:
            return dict.fromkeys(_moved(lines, data))
        case EventType.RESUMED:
            _resumed(lines, data)
        case EventType.SHIPPED | EventType.HANDED_OVER:
            for row in data["lines"]:
                lines[row["line_id"]].settle(row["quantity"])
    return ()


def _promised(lines: _Lines, data: Mapping[str, Any]) -> Iterator[str]:
    for row in data.get("promised", ()):
        expected = Expected(day=row["deliver_on"] or row["due"], there=bool(row["deliver_on"]))
        lines[row["line_id"]].wait(row["quantity"], row["due"], expected)
        if row.get("wanted"):  # the customer asked for it: that is no news
            lines[row["line_id"]].told[expected] += row["quantity"]
        yield row["line_id"]


def _left(lines: _Lines, data: Mapping[str, Any]) -> Iterator[str]:
    for row in data.get("leftovers", ()):
        if row["queue"] == Queue.BACKORDER:
            lines[row["line_id"]].wait(row["quantity"], None, NO_DATE)
            yield row["line_id"]


def _begun(lines: _Lines, data: Mapping[str, Any]) -> Iterator[str]:
    for work in data.get("fulfillments", ()):
        if there := work.get("deliver_on"):
            for row in work["lines"]:
                lines[row["line_id"]].begin(row["quantity"], there)
                yield row["line_id"]


def _moved(lines: _Lines, data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids of the lines that a supply moved. The router tells of units that have no supply any more."""
    for name in ("ready", "unscheduled", "redated"):
        for row in data.get(name, ()):
            line, there = lines[row["line_id"]], row.get("deliver_on")
            line.leave(row["quantity"], row["was"])
            if name == "redated":
                line.wait(row["quantity"], row["due"], Expected(day=there or row["due"], there=bool(there)))
            elif there:
                line.arrive(row["quantity"], there)
            if name != "unscheduled":
                yield row["line_id"]


def _resumed(lines: _Lines, data: Mapping[str, Any]) -> None:
    for row in data.get("lines", ()):
        lines[row["line_id"]].leave(row["quantity"], None)
    if data.get("queue") == Queue.BACKORDER:  # all that had no date
        for line in lines.values():
            line.leave(line.waits[None, NO_DATE], None)
