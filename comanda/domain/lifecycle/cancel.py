"""Cancel units: the least advanced first, their stock given back, the money of what is left counted again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from comanda.domain.billing import invoices
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle import kits
from comanda.domain.lifecycle.recall import put_back_task, recalled, reserved
from comanda.domain.lifecycle.work import live_units, unit_rows
from comanda.domain.orders import capacity, holds
from comanda.domain.orders.capacity import Slot
from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.line import ALL_UNITS, Line, Units
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue, backordered
from comanda.domain.orders.status import AT_NODE, GONE, RANK, TRANSACTIONS, UNPLACED, Status

if TYPE_CHECKING:  # the door that takes orders imports this, and moves no stock until one of them is cancelled
    from comanda.domain.stock.changes import Change

NO_STOCK_IN_TIME = "no-stock-in-time"

PACKED, LEFT, KIT, HELD = "packed", "left", "kit", "held"  # why a unit cannot be cancelled


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCancelled:
    """Units of a line that stay when everything else is cancelled, and the reason. They are packed, they have left
    their node, they belong to a kit's set of which a part is packed, or their line is held."""

    line_id: str
    quantity: int
    status: Status
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """What cancelling leaves: the order, the stock and the room at nodes that come back, tasks to put picked units back on
    the shelf, and (queue, item) of the tasks that nobody needs to do any more. `along`: (line id: units) of kits that this
    broke, and that are free again."""

    order: Order
    stock: tuple["Change", ...]
    tasks: tuple[Task, ...]
    done: tuple[tuple[str, str], ...]
    capacity: tuple[Slot, ...]
    along: Mapping[str, int]


def cancel(order: Order, quantities: Mapping[str, int] | None, reason: str, actor: str, now: datetime) -> Decision:
    """Cancel the named units (line id: units), or all units that can be cancelled. The event names the units that could
    not be cancelled.

    Raises NotAllowed when a named unit is packed or gone, a line has fewer live units, or nothing can be cancelled; Held when
    a hold blocks cancelling.
    """
    order.require_unheld("cancel")
    kept: tuple[NotCancelled, ...] = ()
    if quantities is None:
        quantities, kept = cancellable(order)
    else:
        for line_id in quantities:
            order.require_line_unheld(line_id, "cancel")
    if not quantities:
        raise _nothing_to_cancel(kept)
    return _decided(cancel_units(order, quantities, "cancel", now), quantities, reason, actor, now, kept)


def cancellable(order: Order) -> tuple[dict[str, int], tuple[NotCancelled, ...]]:
    """Return the units (line id: units) that can be cancelled now, and the live units that cannot, with the reason.

    A kit's set of which the node has packed a part stays whole.
    """
    may = TRANSACTIONS["cancel"].takes
    tied = _kept_for_kits(order)
    wanted: dict[str, int] = {}
    kept: dict[tuple[str, Status, str], int] = {}
    for line in order.lines:
        for a in line.allocations:
            if a.status is Status.CANCELLED:
                continue
            stays = a.quantity
            if a.status in may and "cancel" not in line.held:
                stays = min(a.quantity, tied.get((line.line_id, a.fulfillment), 0))
                if stays:
                    tied[line.line_id, a.fulfillment] -= stays
                if a.quantity > stays:
                    wanted[line.line_id] = wanted.get(line.line_id, 0) + a.quantity - stays
            if stays:
                why = LEFT if a.status in GONE else PACKED
                if a.status in may:
                    why = HELD if "cancel" in line.held else KIT
                key = line.line_id, a.status, why
                kept[key] = kept.get(key, 0) + stays
    rows = (
        NotCancelled(line_id=line_id, quantity=quantity, status=status, reason=why)
        for (line_id, status, why), quantity in kept.items()
    )
    return wanted, tuple(rows)


def _kept_for_kits(order: Order) -> dict[tuple[str, int | None], int]:
    """Return how many units of each (line, fulfillment) stay although they could be cancelled: the rest of their set is packed."""
    may = TRANSACTIONS["cancel"].takes
    found: dict[tuple[str, int | None], int] = {}
    for kit in kits.by_group(order).values():
        for fulfillment in order.fulfillments:
            at = fulfillment.number
            free = dict.fromkeys(kit, 0)
            for line, a in order.units_of(at):
                if line.line_id in kit and a.status in may:
                    free[line.line_id] += a.quantity
            live = live_units(order, at)
            if all(free[line_id] == live.get(line_id, 0) for line_id in kit):
                continue
            sets = min(free[line_id] // units for line_id, units in kit.items())
            found |= {(line_id, at): free[line_id] - sets * units for line_id, units in kit.items()}
    return found


def _nothing_to_cancel(kept: Sequence[NotCancelled]) -> NotAllowed:
    if not kept:
        return NotAllowed("nothing is left to cancel")
    lines: dict[str, list[str]] = {}
    for row in kept:
        lines.setdefault(row.line_id, []).append(f"{row.quantity} {row.status}")
    told = "; ".join(f"line {line_id}: cannot cancel {', '.join(units)}" for line_id, units in lines.items())
    return NotAllowed(told, line=kept[0].line_id)


def cancel_overdue_backorders(order: Order, now: datetime) -> Decision | None:
    """Cancel what still waits for stock on the day until which it was to wait; None when nothing does, or a hold stands
    before it. What arrived before, and is on its way to the router, is not touched."""
    today = now.astimezone(UTC).date().isoformat()
    late = [
        line
        for line in order.lines
        if line.cancel_on is not None and line.cancel_on <= today and "cancel" not in line.held
    ]
    wanted = {line.line_id: units for line in late if (units := backordered(line))}
    if not wanted or order.blocked("cancel"):
        return None
    result = cancel_units(order, wanted, "cancel", now, Units(status=Status.BACKORDERED))
    return _decided(result, wanted, NO_STOCK_IN_TIME, "sweep", now)


def _decided(
    result: Cancelled,
    wanted: Mapping[str, int],
    reason: str,
    actor: str,
    now: datetime,
    kept: Sequence[NotCancelled] = (),
) -> Decision:
    left, idle = end_if_no_unit_is_left(result.order, actor, now)
    return Decision(
        order=left,
        event=Event(
            type=EventType.CANCELLED,
            actor=actor,
            at=now,
            data={
                "reason": reason,
                "lines": unit_rows(wanted),
                "total": result.order.totals.total,
                **({"along": unit_rows(result.along)} if result.along else {}),
                **({"not_cancelled": [not_cancelled_row(row) for row in kept]} if kept else {}),
            },
        ),
        stock=result.stock,
        tasks=result.tasks,
        done=(*result.done, *idle),
        capacity=result.capacity,
    )


def not_cancelled_row(row: NotCancelled) -> dict[str, object]:
    """Return the row as events and answers have it."""
    return {"line_id": row.line_id, "quantity": row.quantity, "status": row.status.value, "reason": row.reason}


def end_if_no_unit_is_left(order: Order, actor: str, now: datetime) -> tuple[Order, tuple[tuple[str, str], ...]]:
    """An order without a live unit is in nobody's way: its holds are resolved, it is no draft. With the tasks to delete."""
    if any(line.live for line in order.lines):
        return order, ()
    done: list[tuple[str, str]] = [(Queue.DRAFTS, "draft")] if order.draft else []
    for held in order.holds:
        if held.active:
            order = holds.resolved(order, held.hold_id, actor, "cancelled", now)
            done += [(held.queue, held.hold_id)] if held.queue else []
    return replace(order, draft=False), tuple(done)


def cancel_units(
    order: Order, quantities: Mapping[str, int], transaction: str, now: datetime, where: Units = ALL_UNITS
) -> Cancelled:
    """Move units to CANCELLED by `transaction` ("cancel" or "reject") and gather what follows from it. `where` narrows as
    `Line.moves` does."""
    from comanda.domain.stock import movements
    from comanda.domain.stock.changes import sum_changes

    lines: list[Line] = []
    changes: list[Change] = []
    put_back: dict[int, list[str]] = {}
    touched: dict[int, int] = {}  # fulfillment -> units that it loses
    for line_id, quantity in quantities.items():
        line = order.line(line_id)
        for taken in line.moves(transaction, quantity, where):
            if taken.status is Status.SCHEDULED:
                changes.append(movements.release(reserved(order, line, taken), now))
            if taken.status in AT_NODE and taken.fulfillment is not None:
                changes.append(movements.release(reserved(order, line, taken), now))
                touched[taken.fulfillment] = touched.get(taken.fulfillment, 0) + taken.quantity
                if RANK[taken.status] >= RANK[Status.PICKED]:
                    put_back.setdefault(taken.fulfillment, []).append(f"{taken.quantity} x {line.sku}")
        after = line.move(transaction, quantity, where=where)
        if line.waits_in and not after.units(lambda a: a.status in UNPLACED):
            after = replace(after, waits_in=None)
        lines.append(after)
    cancelled, done = order.with_lines(lines), []
    room: list[Slot] = []
    along: dict[str, int] = {}
    for number in sorted(touched):
        broken = kits.broken_sets(cancelled, number)
        back = recalled(cancelled, number, broken, now)
        cancelled, touched[number] = back.order, touched[number] + sum(broken.values())
        changes += back.stock
        if back.put_back:
            put_back.setdefault(number, []).extend(back.put_back)
        along |= {line_id: along.get(line_id, 0) + units for line_id, units in broken.items()}
        fulfillment = cancelled.fulfillment(number)
        over = all(a.status is Status.CANCELLED for _, a in cancelled.units_of(number))
        cancelled = cancelled.with_fulfillment(
            replace(fulfillment, ended=Status.CANCELLED.value) if over else fulfillment
        )
        cancelled, slots = capacity.give_back(cancelled, number, touched[number], now)
        room += slots
        if over and fulfillment.late:
            done.append((Queue.LATE_WORK, f"late-{number:03d}"))
    return Cancelled(
        order=invoices.revalued(kits.ask_about_incomplete(cancelled, "cancelled")),
        stock=sum_changes(changes),
        tasks=tuple(task for number, what in put_back.items() for task in put_back_task(order, number, what, now)),
        done=tuple(done),
        capacity=capacity.summed(room),
        along=along,
    )
