"""
Choose the units that a reservation gets: at which nodes of a group, and in which lanes of a position.

Rows that want the same sku at the same nodes on the same day become one line. A group prefers the node with most units, so
one node that has all of them comes first; equal nodes are tried in order of their names. The same positions therefore give
the same answer. A request that is due today tries the lanes of a position one after the other. A request for a later day
takes from lane 0, which has the supplies.
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
# Pieces of a chunk. Each needs at most three writes: the position, its ledger's line, the entry of an over-reserved position.
# The header, the chunk's item and the record of the answer are written too: 99 of the 100 writes of a transaction.
MOST_PIECES = 32
_MOST_PARTS = 16  # nodes and lanes that one line is spread over


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Units of a sku that a request wants at any of these nodes, due on a UTC day. `rows` are the request's rows for it."""

    rows: tuple[int, ...]
    sku: str
    nodes: tuple[str, ...]
    quantity: int
    due: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationTerms:
    """The terms under which units are reserved: their source, and their expiry."""

    source: str
    expires: str | None  # the minute; None = hard
    chunk: str  # the chunk's number and its changes so far, which make a movement's id unique
    method: str | None = None  # SHIP or PICKUP: only positions where it is switched on; None = all positions


@dataclass(frozen=True, slots=True, kw_only=True)
class Allotted:
    """Lines of one transaction with their changes.

    `behind` are positions whose soft units may have expired. More units may be available after these are taken back.
    """

    lines: tuple[ReservedLine, ...]
    changes: tuple[Change, ...]
    behind: tuple[PositionKey, ...]
    dry: tuple[PositionKey, ...] = ()  # lanes that had too few units while other lanes of the position had more

    @property
    def short(self) -> bool:
        """Return True if a line has fewer units than it wants."""
        return any(line.missing for line in self.lines)


def sum_wanted(wanted: Iterable[Wanted]) -> tuple[Wanted, ...]:
    """Combine wanted units into one line for each (sku, nodes, day).

    The lines are sorted by key, so that two writers lock positions in the same order.
    """
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
    terms: ReservationTerms,
    now: datetime,
    *,
    first: int = 0,
    most: int | None,
) -> Allotted:
    """Allot units to as many lines of `wanted`, from `first` on, as fit one chunk of `most` pieces.

    `there` are the lanes of each (sku, node), lane 0 first; of a hot position perhaps only some. `most` None allots all lines.
    """
    shelf = _Shelf(there, terms, now)
    lines: list[ReservedLine] = []
    for number, one in enumerate(wanted[first:], first):
        if most is not None and lines and len(lines) >= most:
            break
        before = shelf.snapshot()
        parts = shelf.take(number, one)
        if most is not None and lines and len(shelf.changes) > most:
            shelf.restore(before)
            break
        lines.append(
            ReservedLine(number=number, rows=one.rows, sku=one.sku, wanted=one.quantity, due=one.due, parts=parts)
        )
    return Allotted(
        lines=tuple(lines),
        changes=tuple(shelf.changes),
        behind=tuple(sorted(shelf.behind)),
        dry=tuple(sorted(shelf.dry)),
    )


def shortages(lines: Iterable[ReservedLine]) -> tuple[Problem, ...]:
    """Return a problem for each row of the request that wants more units than are available."""
    return tuple(
        Problem(
            pointer=f"/lines/{row}/quantity",
            code="out-of-stock",
            message=f"{line.sku}: {line.wanted} asked, {line.reserved} available",
        )
        for line in lines
        if line.missing
        for row in line.rows
    )


class _Shelf:
    """The positions, less the units that the lines so far have taken."""

    def __init__(
        self, there: Mapping[tuple[str, str], Sequence[Position]], terms: ReservationTerms, now: datetime
    ) -> None:
        self.positions = {place: tuple(found) for place, found in there.items()}
        self.terms, self.now = terms, now
        self.changes: list[Change] = []
        self.behind: set[PositionKey] = set()
        self.dry: set[PositionKey] = set()

    def snapshot(self) -> tuple[dict[tuple[str, str], tuple[Position, ...]], int]:
        return dict(self.positions), len(self.changes)

    def restore(self, kept: tuple[dict[tuple[str, str], tuple[Position, ...]], int]) -> None:
        self.positions, many = kept
        del self.changes[many:]

    def take(self, number: int, one: Wanted) -> tuple[LinePart, ...]:
        parts: list[LinePart] = []
        left = one.quantity
        for node in self._nodes_in_order(one):
            most = self._available_at(one, node)
            for lane in self._lanes(one, node):
                if not left or not most or len(parts) == _MOST_PARTS:
                    break
                quantity = self._take(number, one, node, lane, min(left, most))
                left -= quantity
                most -= quantity
                if quantity:
                    parts.append(LinePart(node=node, lane=lane, quantity=quantity))
        if left:
            self.behind |= {
                p.key for node in one.nodes for p in self.positions.get((one.sku, node), ()) if may_block(p, self.now)
            }
        return tuple(parts)

    def _nodes_in_order(self, one: Wanted) -> list[str]:
        if len(one.nodes) == 1:
            return [*one.nodes]
        has = {node: self._available_at(one, node) for node in one.nodes}
        return sorted(one.nodes, key=lambda node: (-has[node], node))

    def _available_at(self, one: Wanted, node: str) -> int:
        """Return the units that all lanes together have. The safety stock stands in lane 0, whose own units may be fewer."""
        joined = stock.join_lanes(self.positions.get((one.sku, node), ()))
        return self._available(joined[0], one.due) if joined else 0

    def _lanes(self, one: Wanted, node: str) -> tuple[int, ...]:
        """Return the numbers of the lanes to try: all of them for today, lane 0 for a later day."""
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
        # Expired soft units still lower the number on which the write is conditioned.
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
    """Return True if soft units of the position may no longer count.

    They have expired, or belong to a reservation of many chunks whose header may have ended it.
    """
    led = any(expires.endswith(stock.JUDGED_BY_HEADER) for _, expires, _ in position.soft)
    return led or bool(stock.expired(position, now))
