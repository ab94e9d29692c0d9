"""
Apply a route's plan to the order: fulfillments are made, units released to them; what a supply must bring first is promised
for its day; what is left over waits in a queue. Units whose supply has come are released where they were promised.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zlib import crc32

from comanda.domain import backlog, capacity, dating, movements, queues, stock
from comanda.domain.capacity import Slot, Turns
from comanda.domain.decision import Decision, Event
from comanda.domain.errors import NotFound, StockConflict
from comanda.domain.movements import Change
from comanda.domain.network import Node
from comanda.domain.order import Fulfillment, Line, Order
from comanda.domain.plan import Leftover, Plan, PlannedFulfillment, PlannedLine
from comanda.domain.queues import BACKORDER
from comanda.domain.reservations import Keeping, Take
from comanda.domain.status import UNPLACED, Status
from comanda.domain.stock import Position

Work = tuple[str, str, str]  # node, method, service: what goes together is one fulfillment


def schedule(
    order: Order,
    plan: Plan,
    positions: Iterable[Position],
    now: datetime,
    nodes: Iterable[Node] = (),
    keeping: Keeping | None = None,
    taken: dating.Taken = dating.NOTHING,
) -> Decision:
    """The order with the plan in force, and the reservations and turns at nodes that must be written with it.

    `positions` lane by lane; `nodes` those that ready units may be at, `taken` what these have to do; `keeping` what the
    order's own reservation has: it is taken first, and what the plan does not need of it is given back. Raises Held when a
    hold blocks scheduling, StockConflict when a position no longer covers the plan.
    """
    order.require_unheld("schedule")
    order.require_unheld("release")
    by_id = {node.node_id: node for node in (*nodes, *(p.node for p in plan.fulfillments))}
    made = _Made(order, _Shelves(order, positions, now, keeping), now)
    for planned in plan.fulfillments:
        for wanted in planned.lines:
            if wanted.due is None:
                made.release(wanted, planned)
            else:
                made.promise(wanted, planned)
        if planned.turns:
            work = (planned.node.node_id, planned.method, planned.service)
            made.begin(work, planned.node, planned.turns)
            taken = backlog.added(taken, planned.node.node_id, planned.turns)
    for line in order.lines:
        for a in line.allocations:
            if a.ready and a.fulfillment is None and a.node is not None:
                if a.node not in by_id:
                    raise NotFound("node", a.node)  # a person decides: its units are still promised there
                taken = made.release_ready(line, a.quantity, by_id[a.node], taken)
    for left in plan.leftovers:
        made.lines[left.line_id] = _leave(made.lines[left.line_id], left)
    served = [line for line in made.lines.values() if line.cancel_on is not None and not queues.backordered(line)]
    made.lines |= {line.line_id: replace(line, cancel_on=None) for line in served}
    return Decision(
        order=replace(
            order.with_lines(made.lines.values()),
            fulfillments=(*order.fulfillments, *made.fulfillments.values()),
            reservation_id=None,  # it is the order's own now, or it has ended
        ),
        event=Event(type=_event(made, plan), actor="router", at=now, data=_data(made, plan) | _difference(order, plan)),
        stock=(*movements.summed(made.shelves.changes), *(keeping.rest() if keeping else ())),
        capacity=capacity.summed(made.slots),
    )


class _Shelves:
    """The positions as the plan leaves them: lines of one sku at one node share what is free."""

    def __init__(self, order: Order, positions: Iterable[Position], now: datetime, keeping: Keeping | None) -> None:
        self.order_id, self.version, self.now, self.keeping = order.order_id, order.version + 1, now, keeping
        self.at = {(p.sku, p.node, p.lane): p for p in positions}
        self.changes: list[Change] = []

    def reserve(self, line: PlannedLine, node: str, n: int, due: str) -> Iterator[tuple[int, int]]:
        """(lane, units) that cover the line. Raises StockConflict when nothing covers it."""
        left = line.quantity
        for lane, part in self._kept(line, node, n, due):
            left -= part
            yield lane, part
        if not left:
            return
        first = self.at.get((line.sku, node, 0))
        for lane in _lanes(first, self.order_id, dated=line.due is not None):
            at = self.at.get((line.sku, node, lane))
            part = min(left, stock.available(at, self.now, due)) if at is not None else 0
            if at is None or not part:
                continue
            change = movements.reserve(at, self._request(line, part, n, due), self.now)
            if not isinstance(change, Change):
                raise StockConflict(str(change))
            self._apply(change)
            left -= part
            yield lane, part
            if not left:
                return
        raise StockConflict(f"{line.sku} at {node}: {left} units less than planned")

    def _kept(self, line: PlannedLine, node: str, n: int, due: str) -> Iterator[tuple[int, int]]:
        if self.keeping is None:
            return
        take = Take(sku=line.sku, node=node, request=self._request(line, line.quantity, n, due))
        for lane, part, changes in self.keeping.take(take):
            for change in changes:
                self._apply(change)
            yield lane, part

    def _request(self, line: PlannedLine, quantity: int, n: int, due: str) -> movements.Request:
        return movements.Request(
            quantity=quantity, source=self.order_id, line=line.line_id, n=f"{n:03d}.{self.version}", due=due
        )

    def _apply(self, change: Change) -> None:
        self.changes.append(change)
        at = self.at.get(change.place)
        if at is not None:
            made = movements.worked_out(at, change, self.now) if change.dated else change
            self.at[change.place] = movements.applied(at, made)


def _lanes(first: Position | None, order_id: str, *, dated: bool) -> Iterator[int]:
    """The lanes to try: orders begin at different ones, so that they do not meet. What is dated is in the first only."""
    if first is None or dated or not first.lanes:
        yield 0
        return
    begin = crc32(order_id.encode())
    for i in range(first.lanes + 1):
        yield (begin + i) % (first.lanes + 1)


class _Made:
    """What the plan has made of the order so far."""

    def __init__(self, order: Order, shelves: _Shelves, now: datetime) -> None:
        self.order, self.shelves, self.now, self.today = order, shelves, now, stock.day(now)
        self.lines = {line.line_id: replace(line, called=0) if line.unplaced() else line for line in order.lines}
        self.fulfillments: dict[Work, Fulfillment] = {}
        self.units: dict[int, dict[str, int]] = {}
        self.promised: list[dict[str, object]] = []
        self.slots: list[Slot] = []

    def release(self, wanted: PlannedLine, planned: PlannedFulfillment) -> None:
        """Schedule and release in one breath: goods on hand, no hold."""
        node = planned.node.node_id
        work = (node, planned.method, planned.service)
        number = self._fulfillment(work, planned.node, wanted.line_id, wanted.quantity)
        self.fulfillments[work] = replace(
            self.fulfillments[work], ship_on=planned.ship_on, deliver_on=planned.deliver_on, zone=planned.zone
        )
        line = self.lines[wanted.line_id]
        for lane, part in self.shelves.reserve(wanted, node, number, self.today):
            line = _scheduled(line, part, node=node, fulfillment=number, lane=lane)
            line = line.move("release", part, where={"fulfillment": number, "status": Status.SCHEDULED})
        self.lines[wanted.line_id] = line

    def promise(self, wanted: PlannedLine, planned: PlannedFulfillment) -> None:
        """Units of a supply that is on its way: promised for its day, nobody's work before it is here."""
        line, due, node = self.lines[wanted.line_id], wanted.due or self.today, planned.node.node_id
        for lane, part in self.shelves.reserve(wanted, node, 0, due):
            line = _scheduled(line, part, node=node, due=due, lane=lane, promise=planned.deliver_on)
        self.lines[wanted.line_id] = line
        self.promised.append(
            {
                "line_id": wanted.line_id,
                "quantity": wanted.quantity,
                "node": node,
                "due": due,
                "deliver_on": planned.deliver_on,
            }
        )

    def release_ready(self, line: Line, quantity: int, node: Node, taken: dating.Taken) -> dating.Taken:
        """Promised goods that are here, begun over the node's limit when no day has room. With them, what nodes have to do."""
        work = (node.node_id, line.method, line.service)
        number = self._fulfillment(work, node, line.line_id, quantity)
        where = {"node": node.node_id, "ready": True, "fulfillment": None}
        self.lines[line.line_id] = self.lines[line.line_id].move(
            "release", quantity, where=where, fulfillment=number, ready=False, promise=None
        )
        fits = backlog.turns(node, self.now, quantity, taken)
        turns = backlog.turns(node, self.now, quantity, taken, promised=True) or () if fits is None else fits
        self.begin(work, node, turns, over=fits is None)
        return backlog.added(taken, node.node_id, turns)

    def begin(self, work: Work, node: Node, turns: Turns, *, over: bool = False) -> None:
        """The fulfillment takes, and remembers, its turns at a node with a limit, or `over` it."""
        begun = self.fulfillments[work]
        self.fulfillments[work] = replace(begun, work_days=capacity.joined(begun.work_days, turns))
        self.slots += [
            Slot(
                node=node.node_id,
                day=day,
                units=units,
                limit=None if over else node.units_on(day),
                lanes=node.capacity_lanes,
            )
            for day, units in turns
        ]

    def _fulfillment(self, work: Work, node: Node, line_id: str, quantity: int) -> int:
        if work not in self.fulfillments:
            number = len(self.order.fulfillments) + len(self.fulfillments) + 1
            self.fulfillments[work] = _offer(node, work, number, self.today, self.now)
        number = self.fulfillments[work].number
        units = self.units.setdefault(number, {})
        units[line_id] = units.get(line_id, 0) + quantity
        return number


def _offer(node: Node, work: Work, number: int, due: str, now: datetime) -> Fulfillment:
    _, method, service = work
    return Fulfillment(
        number=number,
        node=node.node_id,
        method=method,
        service=service,
        due=due,
        offered_at=now,
        accept_by=now + timedelta(minutes=node.accept_minutes),
        ship_by=now + timedelta(minutes=node.accept_minutes + node.ship_minutes),
        partner=node.partner,
        store=node.type == "STORE",
    )


def _scheduled(line: Line, quantity: int, **at: object) -> Line:
    """Units nobody had come first."""
    left = quantity
    for status in UNPLACED:
        part = min(left, line.units(lambda a, s=status: a.status is s))  # type: ignore[misc]  # default binds the loop's
        if part:
            left -= part
            line = line.move("schedule", part, to=Status.SCHEDULED, where={"status": status}, **at)
    return line


def _leave(line: Line, left: Leftover) -> Line:
    line = replace(line, because=left.reason)
    if left.queue != BACKORDER:
        return replace(line, waits_in=left.queue)
    for status in UNPLACED:
        units = line.units(lambda a, s=status: a.status is s)  # type: ignore[misc]  # default binds the loop's
        if units:
            line = line.move("schedule", units, to=Status.BACKORDERED, where={"status": status})
    # A day that was said before stands: nobody waits longer because some stock came and went.
    return replace(line, cancel_on=line.cancel_on or left.cancel_on)


def _event(made: _Made, plan: Plan) -> str:
    if made.promised:
        return "promised_later"
    if made.fulfillments:
        return "routed"
    return "backordered" if any(left.queue == BACKORDER for left in plan.leftovers) else "left_over"


def _data(made: _Made, plan: Plan) -> dict[str, object]:
    return {
        "fulfillments": [
            {"fulfillment": f.number, "node": f.node, "method": f.method, "lines": _rows(made.units[f.number])}
            for f in made.fulfillments.values()
        ],
        "promised": made.promised,
        "leftovers": [
            {"line_id": left.line_id, "quantity": left.quantity, "queue": left.queue, "reason": left.reason}
            for left in plan.leftovers
        ],
    }


def _difference(order: Order, plan: Plan) -> dict[str, object]:
    """What became of the promise that the order was placed on; nothing where the world was still the same."""
    promised = order.promised
    if promised is None or order.fulfillments:
        return {}  # later routes answer what happened since, not the promise
    nodes = tuple(sorted({p.node.node_id for p in plan.fulfillments}))
    dates = [p.deliver_on for p in plan.fulfillments]
    deliver_on = None if plan.leftovers or None in dates else max(filter(None, dates), default=None)
    if (nodes, deliver_on) == (promised.nodes, promised.deliver_on):
        return {}
    return {
        "promise": {
            "promise_id": promised.promise_id,
            "option_id": promised.option_id,
            "promised": {"nodes": list(promised.nodes), "deliver_on": promised.deliver_on},
            "planned": {"nodes": list(nodes), "deliver_on": deliver_on},
        }
    }


def _rows(units: Mapping[str, int]) -> list[dict[str, object]]:
    return [{"line_id": line_id, "quantity": quantity} for line_id, quantity in units.items()]
