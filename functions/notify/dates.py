"""
Find the dates of an order's units that are news to its customer. Pure: the order's events alone are read.

Called by   functions/notify/handler.py; ops/identities.py, which checks that each change of a date was mailed
Returns     the news of each event, by line

Two accounts of each line are kept while its events are read: the units that wait, by the day for which they wait; and the
dates that the customer was told. News is a date for which units wait and that was not told. So no customer reads twice that
there is no date yet, or reads of a supply that was lost and replaced for the same day.

A date that was told stays told while units are with the router, or with a node that may still decline them. It is forgotten
when a new date is told, or when a shipment is mailed. If the customer was told that there is no date, a date is news as soon
as a node begins the units, because the mail has promised to name it. When a change after the sale moves units, their next date
is news too, whatever was told before.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from comanda.domain.orders.decision import EventType
from comanda.domain.orders.queues import Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The date on which units come. It is the local date at the customer's door if `at_door`, else the UTC day on which
    they can be sent. `day` is None while no date is known."""

    day: str | None = None
    at_door: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Units of a line whose date the customer must be told. `moved`: a date that the line had does not hold any more."""

    line_id: str
    quantity: int
    expected: Expected
    moved: bool = False


NO_DATE = Expected()


def leaves_units_waiting(data: Mapping[str, Any]) -> bool:
    """Return True if the router's event leaves units that no node can send now."""
    return bool(data.get("promised")) or any(row["queue"] == Queue.BACKORDER for row in data.get("leftovers", ()))


def news(history: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[News, ...]]:
    """Yield the news of each event of an order. `history` has the (type, data) of its events, from the first on."""
    lines: _Lines = defaultdict(_LineDates)
    for kind, data in history:
        yield tuple(one for line_id in _enter(lines, kind, data) for one in lines[line_id].tell(line_id))


@dataclass(slots=True)
class _LineDates:
    """Both accounts of a line, in units. Waiting units are known by the day of their supply, which may move; told units by
    the date that the customer was told."""

    waiting: Counter[tuple[str | None, Expected]] = field(default_factory=Counter)
    told: Counter[Expected] = field(default_factory=Counter)
    overtaken: Counter[Expected] = field(default_factory=Counter)  # new dates of units that wait for no supply any more
    first_dates: Counter[Expected] = field(default_factory=Counter)  # of units that had no date and are at a node
    changed: int = 0  # units that a change after the sale moves, and that have no new date yet
    renewed: bool = False  # units that a change moved have their new date

    def add_waiting(self, quantity: int, due: str | None, expected: Expected, *, wanted: bool = False) -> None:
        """Count units that wait for a day. A day that the customer `wanted` is no news, unless a change moved the units."""
        self.waiting[due, expected] += quantity
        part = self._renew(quantity)
        if wanted:
            self.told[expected] += quantity - part

    def move(self, quantity: int) -> None:
        """Count units that a change after the sale moves: what was told of them does not hold any more."""
        self.forget_told(quantity)
        self.changed += quantity

    def leave(self, quantity: int) -> None:
        """Count units that are shipped, which the customer is mailed."""
        self.forget_told(quantity)
        self.changed -= min(quantity, self.changed)

    def _renew(self, quantity: int) -> int:
        """Return how many of these units a change has moved. Their date is new."""
        part = min(quantity, self.changed)
        self.changed -= part
        self.renewed = self.renewed or part > 0
        return part

    def remove_waiting(self, quantity: int, due: str | None) -> None:
        """Take units out that do not wait for this day any more."""
        for kind in [kind for kind in self.waiting if kind[0] == due]:
            part = min(quantity, self.waiting[kind])
            self.waiting[kind] -= part
            quantity -= part

    def forget_told(self, quantity: int) -> Counter[Expected]:
        """Forget dates that were told for so many units and do not hold any more. Return them."""
        over: Counter[Expected] = Counter()
        for expected, units in (self.told - self._waiting_by_date()).items():
            over[expected] = min(units, quantity - over.total())
        self.told -= over
        return over

    def arrive(self, quantity: int, day: str) -> None:
        """Count units that are on the shelf and will be at the customer's door on this day. The day is news if the
        customer was told of an earlier one."""
        over = self.told - self._waiting_by_date()
        sooner = [kind for kind in over if kind.at_door and str(kind.day) < day]
        for kind in sorted(sooner, key=lambda kind: str(kind.day)):
            if part := min(quantity, over[kind]):
                self.told[kind] -= part
                quantity -= part
                self.overtaken[Expected(day=day, at_door=True)] += part

    def begin(self, quantity: int, day: str) -> None:
        """Count units that a node begins and that will be at the customer's door on this day. The day is news if the
        customer was told that there is no date yet, or of an earlier day, or if a change moved the units."""
        if part := self._renew(quantity):
            quantity -= part
            self.first_dates[Expected(day=day, at_door=True)] += part
        if part := min(quantity, (self.told - self._waiting_by_date())[NO_DATE]):
            self.told[NO_DATE] -= part
            self.first_dates[Expected(day=day, at_door=True)] += part
        self.arrive(quantity - part, day)

    def tell(self, line_id: str) -> list[News]:
        """Return the news, and count it as told. It is about units that wait, that come later than was told, or that had no
        date and have one."""
        fresh = self._waiting_by_date() - self.told
        forgotten = self.forget_told(fresh.total()).items()
        moved = self.renewed or bool(self.overtaken) or any(units and expected.day for expected, units in forgotten)
        self.renewed = False
        fresh, self.overtaken, self.first_dates = fresh + self.overtaken + self.first_dates, Counter(), Counter()
        self.told += fresh
        return [
            News(line_id=line_id, quantity=units, expected=expected, moved=moved) for expected, units in fresh.items()
        ]

    def _waiting_by_date(self) -> Counter[Expected]:
        found: Counter[Expected] = Counter()
        for (_, expected), units in self.waiting.items():
            found[expected] += units
        return found


_Lines = defaultdict[str, _LineDates]


def _enter(lines: _Lines, kind: str, data: Mapping[str, Any]) -> Iterable[str]:
    """Enter an event in the accounts. Return the ids of the lines about which it may be news, each once."""
    match kind:
        case EventType.ROUTED | EventType.PROMISED_LATER | EventType.BACKORDERED:
            entered = (*_enter_promised(lines, data), *_enter_leftovers(lines, data), *_enter_begun(lines, data))
            return dict.fromkeys(entered)
        case EventType.REDATED | EventType.UNSCHEDULED | EventType.STOCK_ARRIVED:
            return dict.fromkeys(_enter_moved(lines, data))
        case EventType.RESUMED:
            _enter_resumed(lines, data)
        case EventType.CHANGED:
            _enter_changed(lines, data)
        case EventType.SHIPPED | EventType.HANDED_OVER:
            for row in data["lines"]:
                lines[row["line_id"]].leave(row["quantity"])
    return ()


def _enter_promised(lines: _Lines, data: Mapping[str, Any]) -> Iterator[str]:
    for row in data.get("promised", ()):
        expected = Expected(day=row["deliver_on"] or row["due"], at_door=bool(row["deliver_on"]))
        line, wanted = lines[row["line_id"]], bool(row.get("wanted"))
        line.add_waiting(row["quantity"], row["due"], expected, wanted=wanted)
        yield row["line_id"]


def _enter_leftovers(lines: _Lines, data: Mapping[str, Any]) -> Iterator[str]:
    for row in data.get("leftovers", ()):
        if row["queue"] == Queue.BACKORDER:
            lines[row["line_id"]].add_waiting(row["quantity"], None, NO_DATE)
            yield row["line_id"]


def _enter_begun(lines: _Lines, data: Mapping[str, Any]) -> Iterator[str]:
    for work in data.get("fulfillments", ()):
        if day := work.get("deliver_on"):
            for row in work["lines"]:
                lines[row["line_id"]].begin(row["quantity"], day)
                yield row["line_id"]


def _enter_moved(lines: _Lines, data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids of the lines that a supply moved. Units without a supply are left out: the router's event follows."""
    for name in ("ready", "unscheduled", "redated"):
        for row in data.get(name, ()):
            line, day = lines[row["line_id"]], row.get("deliver_on")
            line.remove_waiting(row["quantity"], row["was"])
            if name == "redated":
                line.add_waiting(row["quantity"], row["due"], Expected(day=day or row["due"], at_door=bool(day)))
            elif day:
                line.arrive(row["quantity"], day)
            if name != "unscheduled":
                yield row["line_id"]


def _enter_changed(lines: _Lines, data: Mapping[str, Any]) -> None:
    """Enter the units that a change moves: they had a day, or no stock, or are with a node or asked back from it."""
    waited = [*data.get("unscheduled", ()), *data.get("again", ())]
    for row in waited:
        if "was" in row or "node" not in row:
            lines[row["line_id"]].remove_waiting(row["quantity"], row.get("was"))
    works = (*data.get("taken", ()), *data.get("requested", ()))
    for row in (*waited, *(row for work in works for row in (*work["lines"], *work.get("along", ())))):
        lines[row["line_id"]].move(row["quantity"])


def _enter_resumed(lines: _Lines, data: Mapping[str, Any]) -> None:
    for row in data.get("lines", ()):
        lines[row["line_id"]].remove_waiting(row["quantity"], None)
    if data.get("queue") == Queue.BACKORDER:  # all units that had no date
        for line in lines.values():
            line.remove_waiting(line.waiting[None, NO_DATE], None)
