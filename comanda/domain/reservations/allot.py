"""
Which units a reservation keeps: lines that ask for the same are one, and a group of nodes becomes nodes at once.

In a group one node that has everything comes before several, then more units before fewer, then the node's name: the same
positions give the same answer. Of a position with lanes a request due today tries one lane after the other; one that is due
later takes from lane 0, which has the supplies.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.days import utc_day
from comanda.domain.errors import OutOfStock, Problem
from comanda.domain.reservations.reservations import LinePart, ReservedLine
from comanda.domain.stock import lanes, movements, stock
from comanda.domain.stock.apply_change import apply_change
from comanda.domain.stock.changes import Change, Request
from comanda.domain.stock.stock import Position, PositionKey

MOST_LINES = 1000
# Of a chunk: three writes each at most (position, its ledger's line, the entry of one that is over-reserved), beside the
# header, the chunk's own item and the record of the answer: 99 of the 100 of a transaction.
MOST_PIECES = 32
_MOST_OF_A_LINE = 16  # nodes and lanes that one line is spread over


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """So many units of a sku, at any of these nodes, due on a UTC day; `rows` of the request asked for it."""

    rows: tuple[int, ...]
    sku: str
    nodes: tuple[str, ...]
    quantity: int
    due: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under whose name the units are kept, and until when."""

    source: str
    expires: str | None  # the minute; None = hard
    chunk: str  # that, and how often it has changed: the part of a movement's id that tells it from others
    method: str | None = None  # SHIP or PICKUP: only where that is switched on; None asks for neither


@dataclass(frozen=True, slots=True, kw_only=True)
class Allotted:
    """Lines of one transaction with their changes. `behind` are positions where units of others that no longer count, or
    may not, stand in the way: taken back, more could be had."""

    lines: tuple[ReservedLine, ...]
    changes: tuple[Change, ...]
    behind: tuple[PositionKey, ...]
    dry: tuple[PositionKey, ...] = ()  # lanes that had too few of what was asked, and others had it

    @property
    def short(self) -> bool:
        return any(line.missing for line in self.lines)


def sum_wanted(wanted: Iterable[Wanted]) -> tuple[Wanted, ...]:
    """One line for each (sku, nodes, day), in the order of their keys, so that two writers meet in the same order."""
    sums: dict[tuple[str, tuple[str, ...], str], Wanted] = {}
    for one in wanted:
        key = (one.sku, one.nodes, one.due)
        first = sums.get(key)
        sums[key] = (
            one
            if first is None
            else replace(first, quantity=first.quantity + one.quantity, rows=(*first.rows, *one.rows))
        )
    return tuple(sums[key] for key in sorted(sums))


def allot(
    wanted: Sequence[Wanted],
    there: Mapping[tuple[str, str], Sequence[Position]],
    terms: Terms,
    now: datetime,
    *,
    first: int = 0,
    most: int | None,
) -> Allotted:
    """As many lines of `wanted`, from `first` on, as one chunk takes, with what there is for each.

    `there`: the lanes of each (sku, node), lane 0 first, of a hot one perhaps only some. With `most` None all lines are looked at.
    """
    shelf = _Shelf(there, terms, now)
    lines: list[ReservedLine] = []
    for number, one in enumerate(wanted[first:], first):
        if most is not None and lines and len(lines) >= most:
            break
        before = shelf.keep()
        taken = shelf.take(number, one)
        if most is not None and lines and len(shelf.changes) > most:
            shelf.back(before)
            break
        lines.append(
            ReservedLine(number=number, rows=one.rows, sku=one.sku, asked=one.quantity, due=one.due, parts=taken)
        )
    return Allotted(
        lines=tuple(lines),
        changes=tuple(shelf.changes),
        behind=tuple(sorted(shelf.behind)),
        dry=tuple(sorted(shelf.dry)),
    )


def shortages(lines: Iterable[ReservedLine]) -> tuple[Problem, ...]:
    """A problem for each row of the request that asked for more than there is."""
    return tuple(
        Problem(
            pointer=f"/lines/{row}/quantity",
            code="out-of-stock",
            message=f"{line.sku}: {line.asked} asked, {line.reserved} available",
        )
        for line in lines
        if line.missing
        for row in line.rows
    )


class _Shelf:
    """The positions as they are after what was taken of them so far."""

    def __init__(self, there: Mapping[tuple[str, str], Sequence[Position]], terms: Terms, now: datetime) -> None:
        self.positions = {place: tuple(found) for place, found in there.items()}
        self.terms, self.now = terms, now
        self.changes: list[Change] = []
        self.behind: set[PositionKey] = set()
        self.dry: set[PositionKey] = set()

    def keep(self) -> tuple[dict[tuple[str, str], tuple[Position, ...]], int]:
        return dict(self.positions), len(self.changes)

    def back(self, kept: tuple[dict[tuple[str, str], tuple[Position, ...]], int]) -> None:
        self.positions, many = kept
        del self.changes[many:]

    def take(self, number: int, one: Wanted) -> tuple[LinePart, ...]:
        taken: list[LinePart] = []
        left = one.quantity
        for node in self._in_turn(one):
            most = self._of_node(one, node)
            for lane in self._lanes(one, node):
                if not left or not most or len(taken) == _MOST_OF_A_LINE:
                    break
                quantity = self._take(number, one, node, lane, min(left, most))
                left -= quantity
                most -= quantity
                if quantity:
                    taken.append(LinePart(node=node, lane=lane, quantity=quantity))
        if left:
            self.behind |= {
                (p.sku, p.node, p.lane)
                for node in one.nodes
                for p in self.positions.get((one.sku, node), ())
                if may_block(p, self.now)
            }
        return tuple(taken)

    def _in_turn(self, one: Wanted) -> list[str]:
        if len(one.nodes) == 1:
            return [*one.nodes]
        has = {node: self._of_node(one, node) for node in one.nodes}
        return sorted(one.nodes, key=lambda node: (-has[node], node))

    def _of_node(self, one: Wanted, node: str) -> int:
        """What all lanes together have: lane 0 alone knows what must be left, and may not have it itself."""
        joined = stock.join_lanes(self.positions.get((one.sku, node), ()))
        return self._available(joined[0], one.due) if joined else 0

    def _lanes(self, one: Wanted, node: str) -> tuple[int, ...]:
        """The lanes to try, by number: all of them for today, only the first for a later day."""
        found = self.positions.get((one.sku, node), ())
        if not found or one.due > utc_day(self.now):
            return tuple(p.lane for p in found[:1])
        there = {p.lane for p in found}
        return tuple(lane for lane in lanes.lane_order(self.terms.source, max(found[0].lanes, *there)) if lane in there)

    def _take(self, number: int, one: Wanted, node: str, lane: int, left: int) -> int:
        place = (one.sku, node)
        position = next(p for p in self.positions[place] if p.lane == lane)
        quantity = min(left, self._available(position, one.due))
        if quantity < left and len(self.positions[place]) > 1 and not self.dry:
            self.dry.add((one.sku, node, lane))
        if not quantity:
            return 0
        request = Request(
            quantity=quantity,
            source=self.terms.source,
            line=str(number),
            n=self.terms.chunk,
            due=one.due,
            expires=self.terms.expires,
        )
        change = movements.reserve(position, request, self.now)
        if isinstance(change, OutOfStock):
            return 0
        # What has expired still stands in the way of a number that the write is conditioned on.
        if stock.expired(position, self.now) and (change.dated or position.free < quantity + position.safety):
            self.behind.add((one.sku, node, lane))
        self.changes.append(change)
        after = apply_change(position, change)
        self.positions[place] = tuple(after if p.lane == lane else p for p in self.positions[place])
        return quantity

    def _available(self, position: Position, due: str) -> int:
        switched_on = {"SHIP": position.ship, "PICKUP": position.pickup}
        if self.terms.method is not None and not switched_on[self.terms.method]:
            return 0
        return stock.available(position, self.now, due)


def may_block(position: Position, now: datetime) -> bool:
    """Whether units that were kept for others may count no more: expired ones, or led by a header that may have ended."""
    led = any(expires.endswith(stock.JUDGED_BY_HEADER) for _, expires, _ in position.soft)
    return led or bool(stock.expired(position, now))
