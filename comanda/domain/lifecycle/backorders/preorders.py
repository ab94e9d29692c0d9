"""
Share arriving stock among pre-orders and backorders: release units, move their dates, or take their promise away.

Backorders wait for a receipt, in order of priority, then of time. Pre-orders are scheduled units that are promised for the
day of a supply: they are released when the supply is on the shelf, they get a new date when its eta moves, and they are
routed again when it does not come.

Called by   functions/replenish (`reconcile`, `apply_moves`, `receive_stock`), functions/sweep (`skus_wanted_by_now`)
Returns     moves, and decisions that apply them
Raises      NotFound for an unknown line
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.days import utc_day
from comanda.domain.errors import OutOfStock
from comanda.domain.lifecycle.node_work.recall import reserved
from comanda.domain.lifecycle.node_work.work import unit_rows
from comanda.domain.orders import queues
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.line import Allocation, Line, Units, merged
from comanda.domain.orders.order import Order
from comanda.domain.stock import movements, stock
from comanda.domain.stock.apply_change import apply_change
from comanda.domain.stock.changes import Change
from comanda.domain.stock.stock import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class PreorderedUnits:
    """Units of a line that wait for a supply of a day at a node. Their order by `turn` is the order of service."""

    priority: int
    placed_at: str
    order_id: str
    line_id: str
    node: str
    due: str
    quantity: int
    release_on: str = ""  # the UTC day before which the units are not released: the customer wants them later

    @property
    def turn(self) -> tuple[int, str, str, str, str]:
        return self.priority, self.placed_at, self.order_id, self.line_id, self.due


@dataclass(frozen=True, slots=True, kw_only=True)
class PreorderMove:
    """A change for waiting units: due on another day, on the shelf (`due` is None and `ready`), or without a supply (`due` is
    None)."""

    waiting: PreorderedUnits
    quantity: int
    due: str | None
    ready: bool = False


def reconcile(position: Position, waiting: Iterable[PreorderedUnits], now: datetime) -> tuple[PreorderMove, ...]:
    """Return the changes by which every promise of a later day can be kept, in the order of service.

    First each day that can still be kept is kept, even if more urgent orders came since. Then units that lost their day get
    stock on the shelf, else the earliest day that covers them, else they lose their promise. Last, each is brought forward as
    far as the rest allows. Safety stock is used to keep a promise. Units that stay as they are have no change.
    """
    turns = sorted(waiting, key=lambda w: w.turn)
    plan = _Reconciliation(position, turns, now)
    for w in turns:
        plan.keep(w)
    for w in turns:
        plan.give_days(w)
    for w in turns:
        plan.bring_forward(w)
    return tuple(move for w in turns for move in plan.moves(w))


def without_shelf(moves: Iterable[PreorderMove]) -> tuple[PreorderMove, ...]:
    """Return the moves for a node that is closed: units that its shelf would serve become routable.

    The router finds another node for them, or they wait until the node opens.
    """
    return tuple(replace(move, ready=False) for move in moves)


class _Reconciliation:
    """The days that waiting units get, while `reconcile` works them out. The day None is the shelf."""

    def __init__(self, position: Position, turns: Sequence[PreorderedUnits], now: datetime) -> None:
        self.now, self.today = now, utc_day(now)
        promised: dict[str, int] = {}
        for w in turns:
            promised[w.due] = promised.get(w.due, 0) + w.quantity
        self.base = _without_promised(replace(position, safety=0), promised)
        self.left = {w.turn: w.quantity for w in turns}
        self.days: dict[tuple[int, str, str, str, str], dict[str | None, int]] = {w.turn: {} for w in turns}

    def keep(self, w: PreorderedUnits) -> None:
        """Keep the day of the units as far as the position still covers it."""
        if w.due > self.today:
            self._give(w, w.due, min(self.left[w.turn], stock.available(self.base, self.now, w.due)))

    def give_days(self, w: PreorderedUnits, before: str | None = None) -> None:
        """Give units without a day the shelf, then day by day the supplies, up to `before` (None: without a limit)."""
        due = sum(units for day, units in self.base.hard if day <= self.today)
        on_shelf = min(self.base.bucket(stock.SELLABLE) - due, stock.available(self.base, self.now))
        if w.release_on <= self.today:
            self._give(w, None, min(self.left[w.turn], on_shelf))
        days = {day for day, _ in stock.available_steps(self.base, self.now)} | {w.release_on}
        for day in sorted(days):
            if day > self.today and day >= w.release_on and (before is None or day <= before):
                self._give(w, day, min(self.left[w.turn], stock.available(self.base, self.now, day)))

    def bring_forward(self, w: PreorderedUnits) -> None:
        """Give units that kept their day an earlier one, as far as the position allows."""
        kept = self.days[w.turn].pop(w.due, 0)
        if kept:
            self.base = _without_promised(self.base, {w.due: kept})
            lost, self.left[w.turn] = self.left[w.turn], kept
            self.give_days(w, before=w.due)
            self._give(w, w.due, self.left[w.turn])
            self.left[w.turn] = lost

    def _give(self, w: PreorderedUnits, day: str | None, units: int) -> None:
        if units > 0:
            self.base = _with_promised(self.base, day or self.today, units)
            self.left[w.turn] -= units
            self.days[w.turn][day] = self.days[w.turn].get(day, 0) + units

    def moves(self, w: PreorderedUnits) -> Iterator[PreorderMove]:
        """Yield the changes for these units."""
        for day, units in self.days[w.turn].items():
            if day is None:
                yield PreorderMove(waiting=w, quantity=units, due=None, ready=True)
            elif day != w.due:
                yield PreorderMove(waiting=w, quantity=units, due=day)
        if self.left[w.turn]:
            yield PreorderMove(waiting=w, quantity=self.left[w.turn], due=None)


def _without_promised(position: Position, promised: dict[str, int]) -> Position:
    left = ((due, units - promised.get(due, 0)) for due, units in position.hard)
    return replace(position, hard=tuple((due, units) for due, units in left if units > 0))


def _with_promised(position: Position, due: str, units: int) -> Position:
    return replace(position, hard=tuple(sorted(stock.add_numbers(position.hard, ((due, units),)).items())))


# (node, method, service, destination, due) -> day at the door
Days = Mapping[tuple[str, str, str, int, str | None], str | None]
NO_DAYS: Days = {}


def apply_moves(
    order: Order, moves: Iterable[PreorderMove], positions: Iterable[Position], now: datetime, days: Days = NO_DAYS
) -> Decision | None:
    """Apply to an order its moves of `reconcile` at these positions, in one decision. Returns None if no move is valid now.

    Units that leave their day go first: the shelf must hold all units that are due by today before some of them are released.

    The event is `redated`, with the new days, or `unscheduled` when units lost their supply, or `stock_arrived`. `days` are the
    days at the customer's door (`comanda.domain.routing.route.arrivals`).
    """
    at = {(p.sku, p.node): p for p in positions}
    lines = {line.line_id: line for line in order.lines}
    changes: list[Change] = []
    rows: dict[str, list[dict[str, object]]] = {"ready": [], "redated": [], "unscheduled": []}
    for move in sorted(moves, key=lambda one: one.ready):
        line = lines.get(move.waiting.line_id)
        for part in _units_to_move(line, move) if line is not None else ():
            line = lines[move.waiting.line_id]
            where = (line.sku, move.waiting.node)
            change = _stock_change(order, line, part, move, at[where], now) if where in at else None
            if not isinstance(change, Change):
                continue
            there = days.get((move.waiting.node, line.method, line.service, line.destination, move.due))
            lines[line.line_id] = _move_units(line, part, move, now, there)
            at[where] = apply_change(at[where], change)
            changes.append(replace(change, n=f"{change.n}.{len(changes)}"))
            rows[_kind_of(move)].append(_row(move, part.quantity, there))
    if not changes:
        return None
    return Decision(
        order=order.with_lines(lines.values()),
        event=Event(
            type=_event_type(rows), actor="supply", at=now, data={name: moved for name, moved in rows.items() if moved}
        ),
        stock=tuple(changes),
    )


def _event_type(rows: Mapping[str, Sequence[object]]) -> EventType:
    if rows["redated"]:
        return EventType.REDATED
    return EventType.UNSCHEDULED if rows["unscheduled"] else EventType.STOCK_ARRIVED


def _row(move: PreorderMove, quantity: int, deliver_on: str | None) -> dict[str, object]:
    """Return a move as the event shows it. `deliver_on` is the day at the customer's door; None when no carrier gives one."""
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
    """Return the skus of units that the customer wants sent by today. They wait only until their position is read."""
    today = utc_day(now)
    return tuple(
        line.sku
        for line in order.lines
        if any(
            queues.is_promised_later(a) and a.release_on is not None and a.release_on <= today for a in line.allocations
        )
    )


def release_from_lanes(order: Order, now: datetime) -> Decision | None:
    """Release units in further lanes of hot positions on the day on which the customer wants them sent.

    Returns None when there are no such units.
    """
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


def _kind_of(move: PreorderMove) -> str:
    if move.ready:
        return "ready"
    return "redated" if move.due else "unscheduled"


def _units_to_move(line: Line, move: PreorderMove) -> tuple[Allocation, ...]:
    """Return the scheduled units of the line that the move names, as far as they are still there."""
    left, parts = move.quantity, []
    for a in line.allocations:
        if queues.is_promised_later(a) and a.node == move.waiting.node and a.due == move.waiting.due and left:
            parts.append(replace(a, quantity=min(left, a.quantity)))
            left -= parts[-1].quantity
    return tuple(parts)


def _stock_change(
    order: Order, line: Line, part: Allocation, move: PreorderMove, position: Position, now: datetime
) -> Change | OutOfStock:
    held = reserved(order, line, part)
    if move.ready:
        return movements.advance(position, held, now)
    return movements.release(held, now) if move.due is None else movements.redate(held, move.due, now)


def _move_units(line: Line, part: Allocation, move: PreorderMove, now: datetime, deliver_on: str | None) -> Line:
    if not move.ready and move.due is None:
        where = Units(node=part.node, due=part.due, fulfillment=None, ready=False)
        return replace(
            line.move("unschedule", part.quantity, where=where, node=None, due=None, promise=None, lane=0),
            because="supply-lost",
        )
    return line.redated(part, utc_day(now) if move.ready else move.due, ready=move.ready, promise=deliver_on)


def receive_stock(order: Order, quantities: Mapping[str, int], now: datetime) -> Decision | None:
    """Make backordered units (line id: units) routable because stock came, in one decision, so that kits stay whole.

    Returns None when no unit waits.
    """
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
