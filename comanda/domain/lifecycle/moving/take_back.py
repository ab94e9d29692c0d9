"""
Take the units that a change moves from where they are, so that the router places them again: exactly these units.

Scheduled units lose their node and their reservation, units without stock are tried again, work that has not begun is taken
from its node, and the node is asked for work that it has begun.

Called by   comanda.domain.lifecycle.changes.changing
Returns     the order, and everything to write with it
Raises      nothing: the caller has checked that no hold keeps the units
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from comanda.domain.lifecycle.moving.wanted import Touched
from comanda.domain.lifecycle.node_work import kits
from comanda.domain.lifecycle.node_work.recall import reserved, unscheduled
from comanda.domain.lifecycle.node_work.recall_requests import CHANGED, RecallBuilder
from comanda.domain.lifecycle.node_work.sent_units import added
from comanda.domain.lifecycle.node_work.work import unit_rows
from comanda.domain.orders import capacity
from comanda.domain.orders.capacity import Slot
from comanda.domain.orders.decision import Task
from comanda.domain.orders.line import Allocation, Line, Units
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import AT_NODE, Status

if TYPE_CHECKING:
    from comanda.domain.stock.changes import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """The order with units routable again, and what to write with it. `data` is what the event says of it.

    `asked` are the units (line id: units) that the node of each fulfillment is asked for.
    """

    order: Order
    stock: tuple["Change", ...]
    tasks: tuple[Task, ...]
    done: tuple[tuple[str, str], ...]
    capacity: tuple[Slot, ...]
    data: Mapping[str, Any]
    asked: Mapping[int, Mapping[str, int]]


def take_back(order: Order, touched: Touched, reason: str, now: datetime) -> TakenBack:
    """Take these units from where they are."""
    work = RecallBuilder(order, now, exclude_node=False, for_change=True)
    waited, again, at_nodes = list[dict[str, Any]](), dict[str, int](), dict[int, dict[str, int]]()
    for line_id, part in _once(touched):
        line = work.order.line(line_id)
        if part.status is Status.SCHEDULED and part.node is not None:
            waited.append(_unschedule(work, line, part))
        elif part.status is Status.BACKORDERED:
            where = Units(status=Status.BACKORDERED)
            work.order = work.order.with_lines([line.move("receipt", part.quantity, where=where)])
            again[line_id] = again.get(line_id, 0) + part.quantity
        elif part.status in AT_NODE and part.fulfillment is not None:
            at_nodes[part.fulfillment] = added(at_nodes.get(part.fulfillment, {}), {line_id: part.quantity})
    for number, units in sorted(at_nodes.items()):
        work.take_or_ask(number, units, reason)
    rows = {"unscheduled": waited, "again": unit_rows(again)}
    return TakenBack(
        order=kits.ask_about_incomplete(work.order, CHANGED),
        stock=tuple(work.stock),
        tasks=tuple(work.tasks),
        done=tuple(work.done),
        capacity=capacity.summed(work.room),
        data={**{name: found for name, found in rows.items() if found}, **work.in_event()},
        asked={row["fulfillment"]: {r["line_id"]: r["quantity"] for r in row["lines"]} for row in work.requested},
    )


def _once(touched: Touched) -> Iterator[tuple[str, Allocation]]:
    """Yield the units of each allocation once: two changes of a request may touch the same units."""
    most: dict[tuple[str, Allocation], int] = {}
    for line_id, part in touched:
        kind = line_id, replace(part, quantity=0)
        most[kind] = max(most.get(kind, 0), part.quantity)
    for (line_id, part), quantity in most.items():
        yield line_id, replace(part, quantity=quantity)


def _unschedule(work: RecallBuilder, line: Line, part: Allocation) -> dict[str, Any]:
    """Take the node and the reservation from scheduled units. Return the event's row: `was` is the day that they waited for."""
    from comanda.domain.stock import movements

    work.stock.append(movements.release(reserved(work.order, line, part), work.now))
    work.order = work.order.with_lines([replace(unscheduled(line, part), because=CHANGED)])
    waited = {} if part.wave or part.ready else {"was": part.due}
    return {"line_id": line.line_id, "quantity": part.quantity, "node": part.node, **waited}
