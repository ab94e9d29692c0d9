"""
Apply a route's plan to the order: make fulfillments, release units to nodes, promise units for a later day, fill the queues.

Called by   functions/route
Returns     the decision: the order with the plan in force, its event, and the changes of stock and capacity
Raises      Held, StockConflict, NotFound

Units that wait for a supply are promised for its day. When the supply has come, they are released where they were promised.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from comanda.domain.days import utc_day
from comanda.domain.errors import NotFound
from comanda.domain.nodes.node import Node
from comanda.domain.orders import capacity, queues
from comanda.domain.orders.capacity import Slot, Turns
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.fulfillment import Fulfillment
from comanda.domain.orders.line import Line, Units
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import UNPLACED, Status
from comanda.domain.orders.wave_times import next_wave
from comanda.domain.reservations.reservations import OwnReservation
from comanda.domain.routing import workload
from comanda.domain.routing.plan import Leftover, Plan, PlannedFulfillment, PlannedLine
from comanda.domain.scheduling.reserve_plan import PlanReservations, schedule_units
from comanda.domain.shipping import delivery_dates
from comanda.domain.stock.changes import sum_changes
from comanda.domain.stock.stock import Position

Work = tuple[str, str, str, int]  # node, method, service, destination: units that share them are one fulfillment


def schedule(
    order: Order,
    plan: Plan,
    positions: Iterable[Position],
    now: datetime,
    nodes: Iterable[Node] = (),
    reservation: OwnReservation | None = None,
    taken: delivery_dates.BookedUnits = delivery_dates.NOTHING,
) -> Decision:
    """Return the order with the plan in force, and the reservations and turns at nodes that must be written with it.

    `positions` are lane by lane; `nodes` are those where ready units may be, `taken` the units that they have to do.
    The order's own `reservation` is used first, and units of it that the plan does not need are given back.

    Raises Held when a hold blocks scheduling, StockConflict when a position no longer covers the plan.
    """
    order.require_unheld("schedule")
    order.require_unheld("release")
    by_id = {node.node_id: node for node in (*nodes, *(p.node for p in plan.fulfillments))}
    scheduled = _ScheduledOrder(order, plan, PlanReservations(order, positions, now, reservation), now)
    taken = scheduled.add_planned(plan.fulfillments, taken)
    scheduled.release_ready(by_id, taken)
    scheduled.leave_over(plan.leftovers)
    scheduled.schedule_provided()
    return Decision(
        order=replace(
            order.with_lines(scheduled.lines.values()),
            fulfillments=(*order.fulfillments, *scheduled.fulfillments.values()),
            reservation_id=None,  # its units are the order's own now, or it has ended
        ),
        event=Event(
            type=_event_type(scheduled, plan),
            actor="router",
            at=now,
            data=_event_data(scheduled, plan) | _promise_difference(order, plan),
        ),
        stock=(*sum_changes(scheduled.stock.changes), *(reservation.rest() if reservation else ())),
        capacity=capacity.summed(scheduled.slots),
    )


class _ScheduledOrder:
    """The order while the plan is applied to it."""

    def __init__(self, order: Order, plan: Plan, stock: PlanReservations, now: datetime) -> None:
        self.order, self.stock, self.now, self.today = order, stock, now, utc_day(now)
        self.lines = {line.line_id: _routed(order, line) if line.unplaced() else line for line in order.lines}
        self.fulfillments: dict[Work, Fulfillment] = {}
        self.units: dict[int, dict[str, int]] = {}
        self.promised: list[dict[str, object]] = []
        self.kept: list[dict[str, object]] = []
        self.to_provide: dict[str, int] = {}
        self.dates = {(p.node.node_id, p.method, p.service, p.destination): p for p in plan.ready}
        self.slots: list[Slot] = []

    def add_planned(
        self, fulfillments: Iterable[PlannedFulfillment], taken: delivery_dates.BookedUnits
    ) -> delivery_dates.BookedUnits:
        """Add the planned fulfillments. Return the units that nodes have to do with them."""
        for planned in fulfillments:
            for wanted in planned.lines:
                if wanted.wave:
                    self._keep_for_wave(wanted, planned)
                elif wanted.due is None:
                    self._release(wanted, planned)
                else:
                    self._promise(wanted, planned)
            if planned.turns:
                work = (planned.node.node_id, planned.method, planned.service, planned.destination)
                self._take_turns(work, planned.node, planned.turns)
                taken = workload.with_turns(taken, planned.node.node_id, planned.turns)
        return taken

    def release_ready(self, nodes: Mapping[str, Node], taken: delivery_dates.BookedUnits) -> None:
        """Release the promised units whose supply has come. Raises NotFound for a node that is not in the directory."""
        for line in self.order.lines:
            for a in line.allocations if line.ready() else ():
                if a.to_release and a.node is not None:
                    if a.node not in nodes:
                        raise NotFound("node", a.node)  # a person decides: the units are still promised there
                    taken = self._release_ready(line, a.quantity, nodes[a.node], taken)

    def leave_over(self, leftovers: Iterable[Leftover]) -> None:
        """Put units without a node into their queues. Lines that no longer wait for stock lose their day of cancellation."""
        for left in leftovers:
            self.lines[left.line_id] = _leave_over(self.lines[left.line_id], left)
        served = [line for line in self.lines.values() if line.cancel_on is not None and not queues.backordered(line)]
        self.lines |= {line.line_id: replace(line, cancel_on=None) for line in served}

    def schedule_provided(self) -> None:
        """Schedule the units that need no node, because they are provided."""
        self.to_provide = {line.line_id: units for line in self.order.lines if (units := line.to_schedule())}
        for line_id, units in self.to_provide.items():
            self.lines[line_id] = self.lines[line_id].move("schedule", units)

    def _release(self, wanted: PlannedLine, planned: PlannedFulfillment) -> None:
        """Schedule and release units in one step: they are on hand and no hold blocks them."""
        node = planned.node.node_id
        work = (node, planned.method, planned.service, planned.destination)
        number = self._fulfillment(work, planned.node, wanted.line_id, wanted.quantity)
        self.fulfillments[work] = replace(
            self.fulfillments[work], ship_on=planned.ship_on, deliver_on=planned.deliver_on, zone=planned.zone
        )
        line = self.lines[wanted.line_id]
        for lane, part in self.stock.reserve(wanted, node, number, self.today):
            line = schedule_units(line, part, node=node, fulfillment=number, lane=lane)
            line = line.move("release", part, where=Units(fulfillment=number, status=Status.SCHEDULED))
        self.lines[wanted.line_id] = line

    def _promise(self, wanted: PlannedLine, planned: PlannedFulfillment) -> None:
        """Promise units for a later day: units of a supply that is on its way, or units that are wanted later. No node
        works on them before that day."""
        line, due, node = self.lines[wanted.line_id], wanted.due or self.today, planned.node.node_id
        for lane, part in self.stock.reserve(wanted, node, 0, due):
            line = schedule_units(
                line, part, node=node, due=due, lane=lane, promise=planned.deliver_on, release_on=wanted.release_on
            )
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
        if due == wanted.release_on:
            self.promised[-1]["wanted"] = True
        if (ends := queues.authorized_until(self.order, due)) is not None:
            self.promised[-1]["authorized_until"] = ends

    def _keep_for_wave(self, wanted: PlannedLine, planned: PlannedFulfillment) -> None:
        """Reserve units on hand that wait for the next wave. No node works on them before it."""
        line, node, wave = self.lines[wanted.line_id], planned.node.node_id, next_wave(self.now).isoformat()
        for lane, part in self.stock.reserve(wanted, node, 0, self.today):
            line = schedule_units(
                line, part, node=node, due=self.today, lane=lane, promise=planned.deliver_on, wave=wave
            )
        self.lines[wanted.line_id] = line
        self.kept.append({"line_id": wanted.line_id, "quantity": wanted.quantity, "node": node, "wave": wave})

    def _release_ready(
        self, line: Line, quantity: int, node: Node, taken: delivery_dates.BookedUnits
    ) -> delivery_dates.BookedUnits:
        """Release promised units that have come. Return the units that nodes have to do with them.

        Units for which no day has room are begun over the node's limit.
        """
        work = (node.node_id, line.method, line.service, line.destination)
        begun = work in self.fulfillments
        number = self._fulfillment(work, node, line.line_id, quantity)
        if not begun and (on := self.dates.get(work)) is not None:
            self.fulfillments[work] = replace(
                self.fulfillments[work], ship_on=on.ship_on, deliver_on=on.deliver_on, zone=on.zone
            )
        where = Units(node=node.node_id, ready=True, fulfillment=None)
        self.lines[line.line_id] = self.lines[line.line_id].move(
            "release",
            quantity,
            where=where,
            fulfillment=number,
            ready=False,
            promise=None,
            wave=None,
            release_on=None,
        )
        fits = workload.turns(node, self.now, quantity, taken)
        turns = workload.turns(node, self.now, quantity, taken, promised=True) or () if fits is None else fits
        self._take_turns(work, node, turns, over=fits is None)
        return workload.with_turns(taken, node.node_id, turns)

    def _take_turns(self, work: Work, node: Node, turns: Turns, *, over: bool = False) -> None:
        """Give the fulfillment its turns at a node with a limit, or `over` the limit."""
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
            self.fulfillments[work] = _new_fulfillment(node, work, number, self.today, self.now)
        number = self.fulfillments[work].number
        units = self.units.setdefault(number, {})
        units[line_id] = units.get(line_id, 0) + quantity
        return number


def _routed(order: Order, line: Line) -> Line:
    """Return a line whose units are routed now. A person's choice of its node is used up, unless units of it still come back."""
    asked = line.chosen and any(order.requested_back(f.number).get(line.line_id) for f in order.fulfillments)
    return replace(line, called=0) if asked else replace(line, called=0, chosen="", chosen_by="")


def _new_fulfillment(node: Node, work: Work, number: int, due: str, now: datetime) -> Fulfillment:
    _, method, service, destination = work
    return Fulfillment(
        number=number,
        node=node.node_id,
        method=method,
        service=service,
        destination=destination,
        due=due,
        offered_at=now,
        accept_by=now + timedelta(minutes=node.accept_minutes),
        ship_by=now + timedelta(minutes=node.accept_minutes + node.ship_minutes),
        partner=node.partner,
        store=node.type == "STORE",
    )


def _leave_over(line: Line, left: Leftover) -> Line:
    line = replace(line, because=left.reason)
    if left.queue != Queue.BACKORDER:
        return replace(line, waits_in=left.queue)
    for status in UNPLACED:
        units = line.units(lambda a, s=status: a.status is s)  # type: ignore[misc]  # default binds the loop's
        if units:
            line = line.move("schedule", units, to=Status.BACKORDERED, where=Units(status=status))
    # An earlier day of cancellation stays: no line waits longer because some stock came and went.
    return replace(line, cancel_on=line.cancel_on or left.cancel_on)


def _event_type(scheduled: _ScheduledOrder, plan: Plan) -> EventType:
    if scheduled.promised:
        return EventType.PROMISED_LATER
    if scheduled.fulfillments or scheduled.kept or (scheduled.to_provide and not plan.leftovers):
        return EventType.ROUTED
    without_stock = any(left.queue == Queue.BACKORDER for left in plan.leftovers)
    return EventType.BACKORDERED if without_stock else EventType.LEFT_OVER


def _event_data(scheduled: _ScheduledOrder, plan: Plan) -> dict[str, object]:
    return {
        "fulfillments": [
            {
                "fulfillment": f.number,
                "node": f.node,
                "method": f.method,
                **({"deliver_on": f.deliver_on} if f.deliver_on else {}),
                **({"destination": f.destination} if f.destination else {}),
                "lines": _line_rows(scheduled.units[f.number]),
            }
            for f in scheduled.fulfillments.values()
        ],
        "promised": scheduled.promised,
        **({"wave": scheduled.kept} if scheduled.kept else {}),
        **({"to_provide": _line_rows(scheduled.to_provide)} if scheduled.to_provide else {}),
        "leftovers": [
            {"line_id": left.line_id, "quantity": left.quantity, "queue": left.queue, "reason": left.reason}
            for left in plan.leftovers
        ],
    }


def _promise_difference(order: Order, plan: Plan) -> dict[str, object]:
    """Return how the plan differs from the promise that the order was placed on. Returns nothing if it does not, or if
    the order was routed before."""
    promised = order.promised
    if promised is None or order.fulfillments:
        return {}  # later routes answer later events, not the promise
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


def _line_rows(units: Mapping[str, int]) -> list[dict[str, object]]:
    return [{"line_id": line_id, "quantity": quantity} for line_id, quantity in units.items()]
