"""
Recall work from nodes: take back at once what a node has not begun, and ask the node for what it has begun.

The node agrees or refuses within two hours. It cannot refuse units of which it has not begun to pick. When it is silent, such
units are taken back, and a person gets the others as late work. A shipment wins: what has left is not asked for any more.
Afterwards the router may choose the same node again, unless the recall excludes it.

Called by   functions/intake (recall), functions/fulfill (the node's answer), functions/sweep (a node that does not answer);
            comanda.domain.lifecycle.holds.hold_expiry (a hold whose time is over), comanda.domain.lifecycle.moving.take_back
Returns     a decision; `end_unanswered_recall` returns None when nothing is due
Raises      NotAllowed, Invalid, Held, NotFound: see each function
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from comanda.domain import ids
from comanda.domain.errors import Invalid, NotAllowed, Problem
from comanda.domain.lifecycle.node_work import kits
from comanda.domain.lifecycle.node_work.recall import put_back_task, recalled
from comanda.domain.lifecycle.node_work.sent_units import added
from comanda.domain.lifecycle.node_work.work import Step, begun, live_units, open_fulfillment, tasks_of_work, unit_rows
from comanda.domain.orders import capacity
from comanda.domain.orders.capacity import Slot
from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.fulfillment import Fulfillment, RecallRequest
from comanda.domain.orders.line import Line
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue, late_work_item, refused_recall_item
from comanda.domain.orders.status import Status
from comanda.domain.stock.changes import Change, sum_changes

PATIENCE = timedelta(hours=2)
ENDED = "RECALLED"
RECALLED, PICKUP_RECALLED, UNANSWERED = "recalled", "pickup-recalled", "recall unanswered"
REFUSED, CHANGE_REFUSED = "recall refused", "recall for a change refused"
CHANGED = "changed"

Wanted = Mapping[int, Mapping[str, int]]  # number of a fulfillment -> line id: units


def recall(
    order: Order, wanted: Wanted, reason: str, actor: str, now: datetime, *, exclude_node: bool = False
) -> Decision:
    """Recall these units. A later recall of the same fulfillment replaces an open one.

    Raises NotAllowed when a fulfillment has fewer units, Held, NotFound.
    """
    order.require_unheld("recall")
    work = RecallBuilder(order, now, exclude_node=exclude_node)
    for number, units in wanted.items():
        open_fulfillment(order, number)
        _require_live(order, number, units)
        work.take_or_ask(number, units, reason)
    kind = EventType.RECALLED if work.taken else EventType.RECALL_REQUESTED
    return work.decision(kind, actor, {"reason": reason})


def choose_fulfillments(order: Order, units: Mapping[str, int]) -> dict[int, dict[str, int]]:
    """Return which fulfillments give these units (line id: units): first those that their nodes have not begun.

    Raises Invalid for a line that the order does not have, NotAllowed when nodes have fewer units of it.
    """
    known = {line.line_id for line in order.lines}
    wrong = [
        Problem(pointer=f"/lines/{i}/line_id", code="unknown-line", message=f"{line_id} is not a line of this order")
        for i, line_id in enumerate(units)
        if line_id not in known
    ]
    if wrong:
        raise Invalid(*wrong)
    left, found = dict(units), dict[int, dict[str, int]]()
    for number in sorted((f.number for f in order.fulfillments), key=lambda n: (begun(order, n), n)):
        for line_id, there in live_units(order, number).items():
            part = min(left.get(line_id, 0), there)
            if part:
                found.setdefault(number, {})[line_id] = part
                left[line_id] -= part
    for line_id, missing in left.items():
        if missing:
            has = units[line_id] - missing
            raise NotAllowed(f"line {line_id}: cannot recall {units[line_id]}, nodes have {has}", line=line_id)
    return found


def agree(order: Order, step: Step) -> Decision:
    """Agree to a recall, for the named units or for all of them: they come back, and picked units go back on the shelf.

    Raises NotAllowed without an open recall, or for more units than it asks for.
    """
    asked = _open_recall(order, step.number)
    units = dict(asked if step.units is None else step.units)
    for line_id, n in units.items():
        if not 1 <= n <= asked.get(line_id, 0):
            message = f"line {line_id}: the recall asks for {asked.get(line_id, 0)}, not {n}"
            raise NotAllowed(message, line=line_id)
    work = RecallBuilder(order, step.at, exclude_node=_excludes(order, step.number))
    work.take(step.number, units)
    return work.decision(EventType.RECALLED, step.actor, {})


def refuse(order: Order, step: Step, reason: str) -> Decision:
    """Refuse a recall. Units of which the node has not begun to pick come back all the same, and a person is told of the rest.

    Raises NotAllowed without an open recall, or when no unit of it is being picked or further.
    """
    asked = _open_recall(order, step.number)
    early, request = _not_begun(order, step.number, asked), order.fulfillment(step.number).recall
    stays = {line_id: left for line_id, n in asked.items() if (left := n - early.get(line_id, 0))}
    if not stays:
        raise NotAllowed("the node has not begun to pick these units: it can only agree to the recall")
    work = RecallBuilder(order, step.at, exclude_node=_excludes(order, step.number))
    work.take(step.number, early)
    fulfillment = work.order.fulfillment(step.number)
    work.order = work.order.with_fulfillment(replace(fulfillment, recall=None, recall_refused=True))
    for_change = request is not None and request.for_change
    work.tasks.append(
        _refused_task(work.order, fulfillment, CHANGE_REFUSED if for_change else REFUSED, reason, step.at)
    )
    data = {"fulfillment": step.number, "node": fulfillment.node, "reason": reason, "lines": unit_rows(stays)}
    data |= {"for_change": True} if for_change else {}
    return work.decision(EventType.RECALL_REFUSED, step.actor, data)


def _refused_task(order: Order, fulfillment: Fulfillment, what: str, reason: str, now: datetime) -> Task:
    """Return the task of the office about work that a node keeps. The office asks again, lets it go, or speaks with the node."""
    number = fulfillment.number
    return Task(
        queue=Queue.REFUSED_RECALLS,
        item=refused_recall_item(number),
        due=now,
        reason=f"{what}: {reason}",
        priority=order.priority,
        data=(("node", fulfillment.node), ("fulfillment_id", ids.fulfillment(order.order_id, number))),
    )


def end_unanswered_recall(order: Order, number: int, now: datetime) -> Decision | None:
    """End a recall that the node has not answered in time. Returns None when none is due.

    Units of which it has not begun to pick come back. A person gets the others as late work, and the node may still answer.
    """
    request = order.fulfillment(number).recall
    if request is None or request.silent or now < request.until or not (asked := order.requested_back(number)):
        return None
    early = _not_begun(order, number, asked)
    rest = {line_id: left for line_id, n in asked.items() if (left := n - early.get(line_id, 0))}
    work = RecallBuilder(order, now, exclude_node=request.exclude_node)
    work.take(number, early)
    if not rest:
        return work.decision(EventType.RECALLED, "sweep", {})
    fulfillment = work.order.fulfillment(number)
    kept = replace(request, units=tuple(rest.items()), silent=True)
    work.order = work.order.with_fulfillment(replace(fulfillment, recall=kept, late=True))
    if not fulfillment.late:
        work.tasks.append(
            Task(
                queue=Queue.LATE_WORK,
                item=late_work_item(number),
                due=now,
                reason=UNANSWERED,
                priority=order.priority,
                data=(("node", fulfillment.node), ("fulfillment_id", ids.fulfillment(order.order_id, number))),
                node=fulfillment.node,
            )
        )
    data = {"fulfillment": number, "node": fulfillment.node, "lines": unit_rows(rest)}
    return work.decision(EventType.RECALL_UNANSWERED, "sweep", data)


@dataclass(slots=True)
class RecallBuilder:
    """The order while units are taken back, and everything to write with it."""

    order: Order
    now: datetime
    exclude_node: bool = field(kw_only=True)
    for_change: bool = field(kw_only=True, default=False)  # the order was changed: no customer is asked
    stock: list[Change] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    done: list[tuple[str, str]] = field(default_factory=list)
    room: list[Slot] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    requested: list[dict[str, Any]] = field(default_factory=list)

    def take_or_ask(self, number: int, units: Mapping[str, int], reason: str) -> None:
        """Take units from a fulfillment that its node has not begun, and ask the node for those of any other."""
        if not begun(self.order, number):
            self.take(number, units)
            return
        asked = _with_whole_sets(self.order, number, units, self.now)
        fulfillment = self.order.fulfillment(number)
        request = RecallRequest(
            units=tuple(self._with_open(number, asked).items()),
            reason=reason,
            until=self.now + PATIENCE,
            exclude_node=self.exclude_node or (self.for_change and _excludes(self.order, number)),
            for_change=self.for_change,
        )
        if fulfillment.recall_refused:
            self.done.append((Queue.REFUSED_RECALLS, refused_recall_item(number)))
        self.order = self.order.with_fulfillment(replace(fulfillment, recall=request, recall_refused=False))
        self.requested.append({"fulfillment": number, "node": fulfillment.node, "lines": unit_rows(asked)})

    def _with_open(self, number: int, asked: Mapping[str, int]) -> dict[str, int]:
        """Return the units with those that an open recall asks for. Only a change keeps it: a recall replaces it."""
        had = self.order.requested_back(number) if self.for_change else {}
        return {line_id: max(asked.get(line_id, 0), had.get(line_id, 0)) for line_id in (*asked, *had)}

    def take(self, number: int, units: Mapping[str, int]) -> None:
        """Take units from a fulfillment, with the parts of kits that would make no whole set there any more."""
        if not units:
            return
        before = self.order
        back = recalled(before, number, units, self.now)
        broken = kits.broken_sets(back.order, number)
        along = recalled(back.order, number, broken, self.now)
        fulfillment = along.order.fulfillment(number)
        lines = [self._line(along.order.line(line_id), fulfillment) for line_id in (*units, *broken)]
        free = kits.ask_about_incomplete(along.order.with_lines(lines), RECALLED)
        over = not live_units(free, number)
        if over:
            self.done += tasks_of_work(fulfillment)
        left = _less(fulfillment.recall, added(units, broken))
        changed = replace(fulfillment, recall=left, ended=ENDED if over else fulfillment.ended)
        self.order, slots = capacity.give_back(
            free.with_fulfillment(changed), number, sum(units.values()) + sum(broken.values()), self.now
        )
        self.room += slots
        self.stock += (*back.stock, *along.stock)
        self.tasks += put_back_task(before, number, (*back.put_back, *along.put_back), self.now)
        self.taken.append(
            {
                "fulfillment": number,
                "node": fulfillment.node,
                "lines": unit_rows(units),
                **({"along": unit_rows(broken)} if broken else {}),
            }
        )

    def _line(self, line: Line, fulfillment: Fulfillment) -> Line:
        """Say why the line is routed again. Customer care asks the customer about a pickup line, unless the customer's wish is
        the reason."""
        node, request = fulfillment.node, fulfillment.recall
        wished = self.for_change or (request is not None and request.for_change)
        asks = line.method == PICKUP and not wished
        because = PICKUP_RECALLED if asks else CHANGED if wished else RECALLED
        return replace(
            line,
            waits_in=Queue.CUSTOMER_CARE if asks else line.waits_in,
            because=because,
            excluded=(*line.excluded, node) if self.exclude_node and node not in line.excluded else line.excluded,
        )

    def in_event(self) -> dict[str, Any]:
        """Return what was taken back and what nodes are asked for, as events show it."""
        found = {"requested": self.requested, "taken": self.taken}
        return {name: rows for name, rows in found.items() if rows}

    def decision(self, kind: EventType, actor: str, data: Mapping[str, Any]) -> Decision:
        return Decision(
            order=self.order,
            event=Event(type=kind, actor=actor, at=self.now, data={**data, **self.in_event()}),
            stock=sum_changes(self.stock),
            tasks=tuple(self.tasks),
            done=tuple(self.done),
            capacity=capacity.summed(self.room),
        )


def _require_live(order: Order, number: int, units: Mapping[str, int]) -> None:
    there = live_units(order, number)
    for line_id, n in units.items():
        order.require_line_unheld(line_id, "recall")
        if not 1 <= n <= there.get(line_id, 0):
            message = f"line {line_id}: cannot recall {n}, the node has {there.get(line_id, 0)}"
            raise NotAllowed(message, line=line_id)
    if not units:
        raise NotAllowed(f"no unit is left at the node: the fulfillment is {order.fulfillment_status(number)}")


def _with_whole_sets(order: Order, number: int, units: Mapping[str, int], now: datetime) -> dict[str, int]:
    """Return the units, with the parts of kits that would make no whole set at the node without them."""
    broken = kits.broken_sets(recalled(order, number, units, now).order, number)
    return {line_id: units.get(line_id, 0) + broken.get(line_id, 0) for line_id in (*units, *broken)}


def _not_begun(order: Order, number: int, asked: Mapping[str, int]) -> dict[str, int]:
    """Return which of these units the node has not begun to pick."""
    early: dict[str, int] = {}
    for line, a in order.units_of(number):
        if a.status in (Status.RELEASED, Status.ACCEPTED):
            early[line.line_id] = early.get(line.line_id, 0) + a.quantity
    return {line_id: part for line_id, n in asked.items() if (part := min(n, early.get(line_id, 0)))}


def _open_recall(order: Order, number: int) -> dict[str, int]:
    open_fulfillment(order, number)
    asked = order.requested_back(number)
    if not asked:
        raise NotAllowed("no recall of this fulfillment is open")
    return asked


def _excludes(order: Order, number: int) -> bool:
    request = order.fulfillment(number).recall
    return request is not None and request.exclude_node


def _less(request: RecallRequest | None, units: Mapping[str, int]) -> RecallRequest | None:
    """Return the request without these units, None when nothing is left of it."""
    if request is None:
        return None
    left = tuple((line_id, n - units.get(line_id, 0)) for line_id, n in request.units if n > units.get(line_id, 0))
    return replace(request, units=left) if left else None
