"""
Pre-orders and backorders: who gets what arrives, whose date moves, who is left without a supply.

Backorders wait for a receipt, in order of priority, then of time. Pre-orders are scheduled units that are promised for the
day of a supply: they are released when it is on the shelf, move with its eta, and are set free when it does not come.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain import movements, stock
from comanda.domain.cancel import reserved
from comanda.domain.decision import Decision, Event
from comanda.domain.errors import OutOfStock
from comanda.domain.movements import Change
from comanda.domain.order import Allocation, Line, Order
from comanda.domain.status import Status
from comanda.domain.stock import Position


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

    @property
    def turn(self) -> tuple[int, str, str, str, str]:
        return self.priority, self.placed_at, self.order_id, self.line_id, self.due


def waiting(order: Order) -> dict[tuple[str, str, str], int]:
    """(line id, node, due) -> units of an order that wait for a supply."""
    found: dict[tuple[str, str, str], int] = {}
    for line in order.lines:
        for a in line.allocations:
            if waits(a):
                at = (line.line_id, str(a.node), str(a.due))
                found[at] = found.get(at, 0) + a.quantity
    return found


def waits(a: Allocation) -> bool:
    """Whether these units are promised for the day of a supply that is not on the shelf yet."""
    return a.status is Status.SCHEDULED and a.fulfillment is None and not a.ready and a.due is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What becomes of waiting units: due on another day; on the shelf (`due` None, `ready`); or without any supply."""

    waiting: Waiting
    quantity: int
    due: str | None
    ready: bool = False


def reconcile(position: Position, waiting: Iterable[Waiting], now: datetime) -> tuple[Move, ...]:
    """What must change so that every promise of a later day can be kept, in the order in which they are served.

    First come the units that the shelf covers, then the earliest day that still covers what is left of each; units that no
    day covers lose their promise. Safety stock is no reason to break one. What stays as it is does not appear.
    """
    turns = sorted(waiting, key=lambda w: w.turn)
    promised = {w.due: 0 for w in turns}
    for w in turns:
        promised[w.due] += w.quantity
    base = _without(replace(position, safety=0), promised)
    today, moves = stock.day(now), []
    for w in turns:
        left = w.quantity
        on_shelf = base.bucket(stock.SELLABLE) - sum(units for due, units in base.hard if due <= today)
        if part := max(0, min(left, on_shelf, stock.available(base, now))):
            moves.append(Move(waiting=w, quantity=part, due=None, ready=True))
            base, left = _with(base, today, part), left - part
        for day, units in stock.available_steps(base, now):
            if not left:
                break
            if day > today and (part := min(left, units)):
                # What is there on one day was counted on every later one too.
                part = min(part, stock.available(base, now, day))
                if part and day != w.due:
                    moves.append(Move(waiting=w, quantity=part, due=day))
                base, left = _with(base, day, part), left - part
        if left:
            moves.append(Move(waiting=w, quantity=left, due=None))
    return tuple(moves)


def _without(position: Position, promised: dict[str, int]) -> Position:
    left = ((due, units - promised.get(due, 0)) for due, units in position.hard)
    return replace(position, hard=tuple((due, units) for due, units in left if units > 0))


def _with(position: Position, due: str, units: int) -> Position:
    return replace(position, hard=tuple(sorted(stock.added(position.hard, ((due, units),)).items())))


def follow(order: Order, moves: Iterable[Move], position: Position, now: datetime) -> Decision | None:
    """The order's part of what `reconcile` found at one position; None when nothing of it is still so.

    The event is `redated`, with the new days, or `unscheduled` where units lost their supply, or `stock_arrived`.
    """
    lines = {line.line_id: line for line in order.lines}
    changes: list[Change] = []
    rows: dict[str, list[dict[str, object]]] = {"ready": [], "redated": [], "unscheduled": []}
    for move in moves:
        line = lines.get(move.waiting.line_id)
        for part in _parts(line, move) if line is not None else ():
            change = _change(order, lines[move.waiting.line_id], part, move, position, now)
            if not isinstance(change, Change):
                continue
            lines[move.waiting.line_id] = _moved(lines[move.waiting.line_id], part, move, now)
            position = movements.applied(position, change)
            changes.append(replace(change, n=f"{change.n}.{len(changes)}"))
            row = {
                "line_id": move.waiting.line_id,
                "quantity": part.quantity,
                "node": move.waiting.node,
                "was": move.waiting.due,
            }
            rows[_name(move)].append(row if move.due is None else {**row, "due": move.due})
    if not changes:
        return None
    kind = "redated" if rows["redated"] else "unscheduled" if rows["unscheduled"] else "stock_arrived"
    return Decision(
        order=order.with_lines(lines.values()),
        event=Event(type=kind, actor="supply", at=now, data={name: told for name, told in rows.items() if told}),
        stock=tuple(changes),
    )


def _name(move: Move) -> str:
    if move.ready:
        return "ready"
    return "redated" if move.due else "unscheduled"


def _parts(line: Line, move: Move) -> tuple[Allocation, ...]:
    """The scheduled units of the line that the move is about, as far as they are still there."""
    left, parts = move.quantity, []
    for a in line.allocations:
        if waits(a) and a.node == move.waiting.node and a.due == move.waiting.due and left:
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


def _moved(line: Line, part: Allocation, move: Move, now: datetime) -> Line:
    if not move.ready and move.due is None:
        where = {"node": part.node, "due": part.due, "fulfillment": None, "ready": False}
        return replace(
            line.move("unschedule", part.quantity, where=where, node=None, due=None, promise=None, lane=0),
            because="supply-lost",
        )
    return line.redated(part, stock.day(now) if move.ready else move.due, ready=move.ready)


def receive(order: Order, line_id: str, quantity: int, now: datetime, cause: str = "receipt") -> Decision | None:
    """So many backordered units of a line may be routed now; None when none wait."""
    line = order.line(line_id)
    units = min(quantity, line.units(lambda a: a.status is Status.BACKORDERED))
    if not units:
        return None
    return Decision(
        order=order.with_lines([replace(line.move("receipt", units), called=line.called + units)]),
        event=Event(type="resumed", actor=cause, at=now, data={"lines": [{"line_id": line_id, "quantity": units}]}),
    )
