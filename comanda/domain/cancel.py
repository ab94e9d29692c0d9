"""Cancel units: the least advanced first, their stock given back, the money of what is left counted again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain import capacity, holds, invoicing, movements
from comanda.domain.capacity import Slot
from comanda.domain.decision import Decision, Event, Task
from comanda.domain.errors import NotAllowed
from comanda.domain.order import Allocation, Line, Order
from comanda.domain.queues import DRAFTS, LATE_WORK, PUT_BACK
from comanda.domain.status import AT_NODE, RANK, UNPLACED, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """What cancelling leaves: the order, the stock and the room at nodes that come back, tasks to put picked units back on
    the shelf, and (queue, item) of the tasks that nobody needs to do any more."""

    order: Order
    stock: tuple[movements.Change, ...]
    tasks: tuple[Task, ...]
    done: tuple[tuple[str, str], ...]
    capacity: tuple[Slot, ...]


def cancel(order: Order, quantities: Mapping[str, int] | None, reason: str, actor: str, now: datetime) -> Decision:
    """Cancel these (line id: units), or every live unit.

    Raises NotAllowed when a unit is packed or gone, or a line has fewer live units; Held when a hold blocks cancelling.
    """
    order.require_unheld("cancel")
    wanted = quantities if quantities is not None else {line.line_id: line.live for line in order.lines if line.live}
    if not wanted:
        raise NotAllowed("nothing is left to cancel")
    result = cancel_units(order, wanted, "cancel", now)
    left, idle = laid_down(result.order, actor, now)
    return Decision(
        order=left,
        event=Event(
            type="cancelled",
            actor=actor,
            at=now,
            data={
                "reason": reason,
                "lines": [{"line_id": line_id, "quantity": quantity} for line_id, quantity in wanted.items()],
                "total": result.order.totals.total,
            },
        ),
        stock=result.stock,
        tasks=result.tasks,
        done=(*result.done, *idle),
        capacity=result.capacity,
    )


def laid_down(order: Order, actor: str, now: datetime) -> tuple[Order, tuple[tuple[str, str], ...]]:
    """An order without a live unit is in nobody's way: its holds are resolved, it is no draft. With the tasks to delete."""
    if any(line.live for line in order.lines):
        return order, ()
    done = [(DRAFTS, "draft")] if order.draft else []
    for held in order.holds:
        if held.active:
            order = holds.resolved(order, held.hold_id, actor, "cancelled", now)
            done += [(held.queue, held.hold_id)] if held.queue else []
    return replace(order, draft=False), tuple(done)


def cancel_units(order: Order, quantities: Mapping[str, int], transaction: str, now: datetime) -> Cancelled:
    """Move units to CANCELLED by `transaction` ("cancel" or "reject") and gather what follows from it."""
    lines: list[Line] = []
    changes: list[movements.Change] = []
    put_back: dict[int, list[str]] = {}
    touched: dict[int, int] = {}  # fulfillment -> units that it loses
    for line_id, quantity in quantities.items():
        line = order.line(line_id)
        for taken in line.moves(transaction, quantity):
            if taken.status is Status.SCHEDULED:
                changes.append(movements.release(reserved(order, line, taken), now))
            if taken.status in AT_NODE and taken.fulfillment is not None:
                changes.append(movements.release(reserved(order, line, taken), now))
                touched[taken.fulfillment] = touched.get(taken.fulfillment, 0) + taken.quantity
                if RANK[taken.status] >= RANK[Status.PICKED]:
                    put_back.setdefault(taken.fulfillment, []).append(f"{taken.quantity} x {line.sku}")
        after = line.move(transaction, quantity)
        if line.waits_in and not after.units(lambda a: a.status in UNPLACED):
            after = replace(after, waits_in=None)
        lines.append(after)
    cancelled, done = order.with_lines(lines), []
    room: list[Slot] = []
    for number in sorted(touched):
        fulfillment = cancelled.fulfillment(number)
        over = all(a.status is Status.CANCELLED for _, a in cancelled.units_of(number))
        cancelled = cancelled.with_fulfillment(
            replace(fulfillment, ended=Status.CANCELLED.value) if over else fulfillment
        )
        cancelled, slots = capacity.given_back(cancelled, number, touched[number], now)
        room += slots
        if over and fulfillment.late:
            done.append((LATE_WORK, f"late-{number:03d}"))
    return Cancelled(
        order=invoicing.revalued(cancelled),
        stock=movements.summed(changes),
        tasks=tuple(
            Task(queue=PUT_BACK, item=f"put-back-{number:03d}-{order.version + 1}", due=now, reason="; ".join(what))
            for number, what in put_back.items()
        ),
        done=tuple(done),
        capacity=capacity.summed(room),
    )


def reserved(order: Order, line: Line, allocation: Allocation, occurred: datetime | None = None) -> movements.Held:
    """The reservation behind units that have a node. `occurred`: when they left it, where that is told later."""
    if allocation.node is None:
        raise ValueError("only units of a node are reserved")
    number = allocation.fulfillment or 0  # 0: scheduled, and not with the node yet
    due = allocation.due or order.fulfillment(number).due
    return movements.Held(
        sku=line.sku,
        node=allocation.node,
        lane=allocation.lane,
        quantity=allocation.quantity,
        due=due,
        source=order.order_id,
        line=line.line_id,
        n=f"{number:03d}.{order.version + 1}",
        occurred=occurred,
    )
