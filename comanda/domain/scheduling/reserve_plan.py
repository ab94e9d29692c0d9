"""
Reserve the units of a plan, position by position and lane by lane. The order's own reservation is used first.

Called by   comanda.domain.scheduling.schedule, comanda.domain.scheduling.move_waiting
Returns     lanes and units, and in `changes` the changes of stock
Raises      StockConflict when a position no longer covers the plan
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Unpack
from zlib import crc32

from comanda.domain.errors import StockConflict
from comanda.domain.orders.line import Changes, Line, Units
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import UNPLACED, Status
from comanda.domain.reservations.reservations import OwnReservation, Take
from comanda.domain.routing.plan import PlannedLine
from comanda.domain.stock import movements, stock
from comanda.domain.stock.apply_change import apply_change, with_effect
from comanda.domain.stock.changes import Change, Request
from comanda.domain.stock.stock import Position


class PlanReservations:
    """The positions while a plan reserves from them. Lines of one sku at one node share the free units."""

    def __init__(
        self, order: Order, positions: Iterable[Position], now: datetime, reservation: OwnReservation | None
    ) -> None:
        self.order_id, self.version, self.now, self.reservation = order.order_id, order.version + 1, now, reservation
        self.at = {(p.sku, p.node, p.lane): p for p in positions}
        self.changes: list[Change] = []

    def reserve(self, line: PlannedLine, node: str, n: int, due: str) -> Iterator[tuple[int, int]]:
        """Yield (lane, units) that cover the line. Raises StockConflict when the position does not cover it."""
        left = line.quantity
        for lane, part in self._kept(line, node, n, due):
            left -= part
            yield lane, part
        if not left:
            return
        first = self.at.get((line.sku, node, 0))
        for lane in _lanes_to_try(first, self.order_id, dated=line.due not in (None, line.release_on)):
            at = self.at.get((line.sku, node, lane))
            part = min(left, stock.available(at, self.now, due)) if at is not None else 0
            if at is None or not part:
                continue
            change = movements.reserve(at, self._request(line, part, n, due), self.now)
            if not isinstance(change, Change):
                raise StockConflict(str(change))
            self.add(change)
            left -= part
            yield lane, part
            if not left:
                return
        raise StockConflict(f"{line.sku} at {node}: {left} units less than planned")

    def _kept(self, line: PlannedLine, node: str, n: int, due: str) -> Iterator[tuple[int, int]]:
        if self.reservation is None:
            return
        take = Take(sku=line.sku, node=node, request=self._request(line, line.quantity, n, due))
        for lane, part, changes in self.reservation.take(take):
            for change in changes:
                self.add(change)
            yield lane, part

    def _request(self, line: PlannedLine, quantity: int, n: int, due: str) -> Request:
        return Request(quantity=quantity, source=self.order_id, line=line.line_id, n=f"{n:03d}.{self.version}", due=due)

    def add(self, change: Change) -> None:
        self.changes.append(change)
        at = self.at.get(change.position_key)
        if at is not None:
            made = with_effect(at, change, self.now) if change.dated else change
            self.at[change.position_key] = apply_change(at, made)


def _lanes_to_try(first: Position | None, order_id: str, *, dated: bool) -> Iterator[int]:
    """Yield the lanes to try. Orders begin at different lanes, so that they do not conflict; dated units are in lane 0
    only."""
    if first is None or dated or not first.lanes:
        yield 0
        return
    begin = crc32(order_id.encode())
    for i in range(first.lanes + 1):
        yield (begin + i) % (first.lanes + 1)


def schedule_units(line: Line, quantity: int, **at: Unpack[Changes]) -> Line:
    """Schedule units of the line, those without a node first."""
    left = quantity
    for status in UNPLACED:
        part = min(left, line.units(lambda a, s=status: a.status is s))  # type: ignore[misc]  # default binds the loop's
        if part:
            left -= part
            line = line.move("schedule", part, to=Status.SCHEDULED, where=Units(status=status), **at)
    return line
