"""
Move units that wait for a wave to other nodes, in one decision. They may leave at once.

Called by   functions/wave
Returns     decisions
Raises      Held, StockConflict

The units that the order has are given back, and the units that it gets are reserved, in one transaction.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.domain.days import utc_day
from comanda.domain.lifecycle.node_work.recall import reserved
from comanda.domain.orders import wave_wait
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.line import Allocation, Line, Units
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import waits_for_wave
from comanda.domain.routing.plan import Plan, PlannedLine
from comanda.domain.scheduling.reserve_plan import PlanReservations, schedule_units
from comanda.domain.stock import movements
from comanda.domain.stock.changes import Change, sum_changes
from comanda.domain.stock.stock import Position


def move_units(order: Order, plan: Plan, positions: Iterable[Position], saved: int, now: datetime) -> Decision:
    """Move the units that wait for a wave to the nodes of the plan. Units that the plan leaves at their node are not
    touched.

    `positions` are lane by lane; `saved` is in micro-units, for the event. Raises Held, and StockConflict when a
    position no longer covers the plan.
    """
    order.require_unheld("schedule")
    order.require_unheld("release")
    move = _Move(order, positions, now)
    wanted = _wanted_units(plan)
    for line in order.lines:
        move.give_back(line, wanted.get(line.line_id, {}))
    for p in plan.fulfillments:
        for part in p.lines:
            move.reserve(part, p.node.node_id, p.deliver_on)
    return Decision(
        order=order.with_lines(map(wave_wait.with_units_ready, move.lines.values())),
        event=Event(
            type=EventType.REROUTED,
            actor="wave",
            at=now,
            data={"from": move.left, "to": move.reached, "saved_micros": saved},
        ),
        stock=sum_changes(move.stock.changes),
    )


def withdraw_units(order: Order, closed: Collection[str], now: datetime) -> Decision | None:
    """Take units that wait for a wave away from closed nodes, so that the router decides again. Other units may leave.

    Returns None if no unit waits at a closed node.
    """
    move = _Move(order, (), now)
    for line in order.lines:
        open_: Counter[str] = Counter()
        for a in filter(waits_for_wave, line.allocations):
            open_[str(a.node)] += 0 if a.node in closed else a.quantity
        move.give_back(line, open_)
    if not move.left:
        return None
    return Decision(
        order=order.with_lines(map(wave_wait.with_units_ready, move.lines.values())),
        event=Event(
            type=EventType.REROUTED, actor="wave", at=now, data={"from": move.left, "to": [], "saved_micros": 0}
        ),
        stock=sum_changes(move.stock.changes),
    )


def _wanted_units(plan: Plan) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for p in plan.fulfillments:
        for line in p.lines:
            found.setdefault(line.line_id, Counter())[p.node.node_id] += line.quantity
    return found


class _Move:
    """The units that stay, the units that are given back, and the nodes that they go to."""

    def __init__(self, order: Order, positions: Iterable[Position], now: datetime) -> None:
        self.order, self.now = order, now
        self.stock = PlanReservations(order, positions, now, None)
        self.lines = {line.line_id: line for line in order.lines}
        self.stays: dict[tuple[str, str], int] = {}
        self.wave: dict[str, str | None] = {}
        self.left: list[dict[str, Any]] = []
        self.reached: list[dict[str, Any]] = []

    def give_back(self, line: Line, wanted: Mapping[str, int]) -> None:
        """Give back the line's units that are more than it wants at a node."""
        for a in filter(waits_for_wave, line.allocations):
            place, self.wave[line.line_id] = (line.line_id, str(a.node)), a.wave
            stays = min(a.quantity, wanted.get(str(a.node), 0) - self.stays.get(place, 0))
            self.stays[place] = self.stays.get(place, 0) + stays
            if a.quantity > stays:
                self._unschedule(line, replace(a, quantity=a.quantity - stays))

    def _unschedule(self, line: Line, part: Allocation) -> None:
        given = movements.release(reserved(self.order, line, part), self.now)
        self.stock.add(self._numbered(given))
        where = Units(
            node=part.node,
            due=part.due,
            lane=part.lane,
            wave=part.wave,
            promise=part.promise,
            fulfillment=part.fulfillment,
            ready=part.ready,
        )
        self.lines[line.line_id] = self.lines[line.line_id].move(
            "unschedule", part.quantity, where=where, node=None, due=None, promise=None, lane=0, wave=None
        )
        self.left.append({"line_id": line.line_id, "quantity": part.quantity, "node": part.node})

    def reserve(self, line: PlannedLine, node: str, deliver_on: str | None) -> None:
        """Reserve the units of a planned line at its node that do not wait there already."""
        stays = min(line.quantity, self.stays.get((line.line_id, node), 0))
        if stays:
            self.stays[line.line_id, node] -= stays
        units = line.quantity - stays
        if not units:
            return
        today, made = utc_day(self.now), self.lines[line.line_id]
        begun = len(self.stock.changes)
        for lane, part in self.stock.reserve(replace(line, quantity=units), node, 0, today):
            wave = self.wave.get(line.line_id)
            made = schedule_units(made, part, node=node, due=today, lane=lane, promise=deliver_on, wave=wave)
        self.stock.changes[begun:] = map(self._numbered, self.stock.changes[begun:])
        self.lines[line.line_id] = made
        self.reached.append({"line_id": line.line_id, "quantity": units, "node": node})

    def _numbered(self, change: Change) -> Change:
        """Return the change with its node in its number. Units of a line may leave one node and go to two others: each
        is a movement of its own."""
        return replace(change, n=f"{change.n}.{change.node}")
