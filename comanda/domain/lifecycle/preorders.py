"""
Pre-orders and backorders: who gets what arrives, whose date moves, who is left without a supply.

Backorders wait for a receipt, in order of priority, then of time. Pre-orders are scheduled units that are promised for the
day of a supply: they are released when it is on the shelf, move with its eta, and are set free when it does not come.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.days import utc_day
from comanda.domain.errors import OutOfStock
from comanda.domain.lifecycle.recall import reserved
from comanda.domain.lifecycle.work import unit_rows
from comanda.domain.orders import queues
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.line import Allocation, Line, Units, merged
from comanda.domain.orders.order import Order
from comanda.domain.stock import movements, stock
from comanda.domain.stock.apply_change import apply_change
from comanda.domain.stock.changes import Change
from comanda.domain.stock.stock import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Units of a line that wait for a day's supply at a node. Sorted, those come first that are served first."""

    priority: int
    placed_at: str
    order_id: str
    line_id: str
    node: str
    due: str
    quantity: int
    release_on: str = ""  # the day before which it is not released: the customer wants it later

    @property
    def turn(self) -> tuple[int, str, str, str, str]:
        return self.priority, self.placed_at, self.order_id, self.line_id, self.due


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What becomes of waiting units: due on another day; on the shelf (`due` None, `ready`); or without any supply."""

    waiting: Waiting
    quantity: int
    due: str | None
    ready: bool = False


def reconcile(position: Position, waiting: Iterable[Waiting], now: datetime) -> tuple[Move, ...]:
    """What must change so that every promise of a later day can be kept, in the order in which they are served.

    A day that can still be kept is kept, whoever came since. Then units that lost theirs get the shelf, or the earliest day
    that covers them, or lose their promise; then each is brought forward as far as what is left allows. Safety stock is no
    reason to break a promise. What stays as it is does not appear.
    """
    turns = sorted(waiting, key=lambda w: w.turn)
    plan = _Reconciled(position, turns, now)
    for w in turns:
        plan.keep(w)
    for w in turns:
        plan.place(w)
    for w in turns:
        plan.bring_forward(w)
    return tuple(move for w in turns for move in plan.moves(w))


def without_shelf(moves: Iterable[Move]) -> tuple[Move, ...]:
    """The same at a node that is closed: what is on its shelf now is set free for the router, who finds another or has it
    wait for the node to open."""
    return tuple(replace(move, ready=False) for move in moves)


class _Reconciled:
    """Who gets what on which day, while it is worked out. The day None is the shelf."""

    def __init__(self, position: Position, turns: Sequence[Waiting], now: datetime) -> None:
        self.now, self.today = now, utc_day(now)
        promised: dict[str, int] = {}
        for w in turns:
            promised[w.due] = promised.get(w.due, 0) + w.quantity
        self.base = _without(replace(position, safety=0), promised)
        self.left = {w.turn: w.quantity for w in turns}
        self.days: dict[tuple[int, str, str, str, str], dict[str | None, int]] = {w.turn: {} for w in turns}

    def keep(self, w: Waiting) -> None:
        if w.due > self.today:
            self._give(w, w.due, min(self.left[w.turn], stock.available(self.base, self.now, w.due)))

    def place(self, w: Waiting, before: str | None = None) -> None:
        """The shelf first, then day by day, up to a day when one is told."""
        due = sum(units for day, units in self.base.hard if day <= self.today)
        on_shelf = min(self.base.bucket(stock.SELLABLE) - due, stock.available(self.base, self.now))
        if w.release_on <= self.today:
            self._give(w, None, min(self.left[w.turn], on_shelf))
        days = {day for day, _ in stock.available_steps(self.base, self.now)} | {w.release_on}
        for day in sorted(days):
            if day > self.today and day >= w.release_on and (before is None or day <= before):
                self._give(w, day, min(self.left[w.turn], stock.available(self.base, self.now, day)))

    def bring_forward(self, w: Waiting) -> None:
        kept = self.days[w.turn].pop(w.due, 0)
        if kept:
            self.base = _without(self.base, {w.due: kept})
            lost, self.left[w.turn] = self.left[w.turn], kept
            self.place(w, before=w.due)
            self._give(w, w.due, self.left[w.turn])
            self.left[w.turn] = lost

    def _give(self, w: Waiting, day: str | None, units: int) -> None:
        if units > 0:
            self.base = _with(self.base, day or self.today, units)
            self.left[w.turn] -= units
            self.days[w.turn][day] = self.days[w.turn].get(day, 0) + units

    def moves(self, w: Waiting) -> Iterator[Move]:
        for day, units in self.days[w.turn].items():
            if day is None:
                yield Move(waiting=w, quantity=units, due=None, ready=True)
            elif day != w.due:
                yield Move(waiting=w, quantity=units, due=day)
        if self.left[w.turn]:
            yield Move(waiting=w, quantity=self.left[w.turn], due=None)


def _without(position: Position, promised: dict[str, int]) -> Position:
    left = ((due, units - promised.get(due, 0)) for due, units in position.hard)
    return replace(position, hard=tuple((due, units) for due, units in left if units > 0))


def _with(position: Position, due: str, units: int) -> Position:
    return replace(position, hard=tuple(sorted(stock.add_numbers(position.hard, ((due, units),)).items())))


Days = Mapping[tuple[str, str, str, str | None], str | None]  # (node, method, service, due) -> day at the door
NO_DAYS: Days = {}


def apply_moves(
    order: Order, moves: Iterable[Move], positions: Iterable[Position], now: datetime, days: Days = NO_DAYS
) -> Decision | None:
    """Apply to the order its part of the moves that `reconcile` found at these positions, in one decision. Returns None
    when none of the moves is valid any more.

    The event is `redated`, with the new days, or `unscheduled` where units lost their supply, or `stock_arrived`. `days` say
    when what is moved will be at the customer's door (`comanda.domain.routing.route.arrivals`).
    """
    at = {(p.sku, p.node): p for p in positions}
    lines = {line.line_id: line for line in order.lines}
    changes: list[Change] = []
    rows: dict[str, list[dict[str, object]]] = {"ready": [], "redated": [], "unscheduled": []}
    for move in moves:
        line = lines.get(move.waiting.line_id)
        for part in _parts(line, move) if line is not None else ():
            line = lines[move.waiting.line_id]
            place = (line.sku, move.waiting.node)
            change = _change(order, line, part, move, at[place], now) if place in at else None
            if not isinstance(change, Change):
                continue
            there = days.get((move.waiting.node, line.method, line.service, move.due))
            lines[line.line_id] = _moved(line, part, move, now, there)
            at[place] = apply_change(at[place], change)
            changes.append(replace(change, n=f"{change.n}.{len(changes)}"))
            rows[_name(move)].append(_row(move, part.quantity, there))
    if not changes:
        return None
    kind = (
        EventType.REDATED
        if rows["redated"]
        else EventType.UNSCHEDULED
        if rows["unscheduled"]
        else EventType.STOCK_ARRIVED
    )
    return Decision(
        order=order.with_lines(lines.values()),
        event=Event(type=kind, actor="supply", at=now, data={name: told for name, told in rows.items() if told}),
        stock=tuple(changes),
    )


def _row(move: Move, quantity: int, deliver_on: str | None) -> dict[str, object]:
    """Return a move as events have it. Units on the shelf or expected have a day at the customer's door, where carriers
    have one."""
    row: dict[str, object] = {
        "line_id": move.waiting.line_id,
        "quantity": quantity,
        "node": move.waiting.node,
        "was": move.waiting.due,
    }
    if move.due is not None:
        row["due"] = move.due
    if move.due is not None or move.ready:
        row["deliver_on"] = deliver_on
    return row


def skus_wanted_by_now(order: Order, now: datetime) -> tuple[str, ...]:
    """Return the skus of units that the customer wants sent by now. These units wait only for the next look at their
    shelf."""
    today = utc_day(now)
    return tuple(
        line.sku
        for line in order.lines
        if any(
            queues.is_promised_later(a) and a.release_on is not None and a.release_on <= today for a in line.allocations
        )
    )


def release_from_lanes(order: Order, now: datetime) -> Decision | None:
    """Release units in further lanes of hot positions on the day on which the customer wants them sent. Returns None
    when there are no such units."""
    today = utc_day(now)

    def come(a: Allocation) -> bool:
        return queues.waits_in_lane(a) and a.release_on is not None and a.release_on <= today

    rows = [
        {"line_id": line.line_id, "quantity": a.quantity, "node": a.node, "was": a.due}
        for line in order.lines
        for a in line.allocations
        if come(a)
    ]
    if not rows:
        return None
    return Decision(
        order=order.with_lines(
            replace(line, allocations=merged(replace(a, ready=True) if come(a) else a for a in line.allocations))
            for line in order.lines
        ),
        event=Event(type=EventType.STOCK_ARRIVED, actor="sweep", at=now, data={"ready": rows}),
    )


def _name(move: Move) -> str:
    if move.ready:
        return "ready"
    return "redated" if move.due else "unscheduled"


def _parts(line: Line, move: Move) -> tuple[Allocation, ...]:
    """The scheduled units of the line that the move is about, as far as they are still there."""
    left, parts = move.quantity, []
    for a in line.allocations:
        if queues.is_promised_later(a) and a.node == move.waiting.node and a.due == move.waiting.due and left:
            parts.append(replace(a, quantity=min(left, a.quantity)))
            left -= parts[-1].quantity
    return tuple(parts)


def _change(
    order: Order, line: Line, part: Allocation, move: Move, position: Position, now: datetime
) -> Change | OutOfStock:
    held = reserved(order, line, part)
    if move.ready:
        return movements.advance(position, held, now)
    return movements.release(held, now) if move.due is None else movements.redate(held, move.due, now)


def _moved(line: Line, part: Allocation, move: Move, now: datetime, deliver_on: str | None) -> Line:
    if not move.ready and move.due is None:
        where = Units(node=part.node, due=part.due, fulfillment=None, ready=False)
        return replace(
            line.move("unschedule", part.quantity, where=where, node=None, due=None, promise=None, lane=0),
            because="supply-lost",
        )
    return line.redated(part, utc_day(now) if move.ready else move.due, ready=move.ready, promise=deliver_on)


def receive_stock(order: Order, quantities: Mapping[str, int], now: datetime) -> Decision | None:
    """Let the named backordered units (line id: units) be routed now, in one decision, so that a kit is not released
    line by line. Returns None when no unit waits."""
    waiting = {line_id: queues.backordered(order.line(line_id)) for line_id in quantities}
    units = {line_id: n for line_id, wanted in quantities.items() if (n := min(wanted, waiting[line_id]))}
    if not units:
        return None
    lines = [order.line(line_id) for line_id in units]
    return Decision(
        order=order.with_lines(
            replace(line.move("receipt", units[line.line_id]), called=line.called + units[line.line_id])
            for line in lines
        ),
        event=Event(type=EventType.RESUMED, actor="receipt", at=now, data={"lines": unit_rows(units)}),
    )
