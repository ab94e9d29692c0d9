"""
End a hold whose time is over, as its type says: resolve it, cancel the order, or ask a person and give the stock back.

Called by   functions/sweep
Returns     a decision, or None when no hold has expired
Raises      nothing
"""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from comanda.domain.errors import Held, NotAllowed
from comanda.domain.lifecycle.cancels import cancel, cancellable
from comanda.domain.lifecycle.node_work.recall import reserved, unscheduled
from comanda.domain.lifecycle.node_work.work import live_units, unit_rows
from comanda.domain.orders import holds
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Hold, Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status

if TYPE_CHECKING:
    from comanda.domain.stock.changes import Change

ACTOR = "sweep"
BY_HOLD = "hold-expired"


def end_expired_hold(order: Order, resolves: frozenset[str], now: datetime) -> Decision | None:
    """Decide about the first hold whose time is over. `resolves` are the types that end by themselves, for holds that were
    placed before holds said what their expiry means."""
    for hold in order.holds:
        if hold.active and hold.expires is not None and hold.expires <= now and hold.expired_at is None:
            meaning = hold.on_expiry or (holds.RESOLVE if hold.type in resolves else holds.ASK)
            if meaning == holds.RESOLVE:
                return _resolved(order, hold, now)
            if meaning == holds.CANCEL and (cancelled := _cancelled(order, hold, now)) is not None:
                return cancelled
            return _left_to_a_person(order, hold, now)
    return None


def _resolved(order: Order, hold: Hold, now: datetime) -> Decision:
    return Decision(
        order=holds.resolved(order, hold.hold_id, ACTOR, "expired", now),
        event=Event(
            type=EventType.HOLD_RESOLVED, actor=ACTOR, at=now, data={"hold": hold.hold_id, "resolution": "expired"}
        ),
        done=_task_of(hold),
    )


def _cancelled(order: Order, hold: Hold, now: datetime) -> Decision | None:
    """Cancel what can be cancelled of the held lines, or of the whole order. Return None if nothing can: a person is asked.

    The hold is resolved first, because it may block the cancel itself.
    """
    free = holds.resolved(order, hold.hold_id, ACTOR, "expired", now)
    try:
        wanted, _ = cancellable.cancellable(free)
        of_hold = {line_id: units for line_id, units in wanted.items() if line_id in hold.lines} if hold.lines else None
        made = cancel.cancel(free, of_hold, BY_HOLD, ACTOR, now)
    except (NotAllowed, Held):
        return None
    return replace(made, done=(*made.done, *_task_of(hold)))


def _left_to_a_person(order: Order, hold: Hold, now: datetime) -> Decision:
    """Leave the hold to a person, and give stock back if the hold keeps the router away: units that wait have no node again,
    work that has not begun is taken back, and begun work is requested back.

    The task of the hold is in its queue since the hold was placed, and is due now. The hold of a link has none while its customer
    can pay, and gets it now.
    """
    expired = replace(hold, expired_at=now, queue=hold.queue or Queue.HOLDS)
    tasks = () if hold.queue else (holds.hold_task(order, expired, Queue.HOLDS),)
    order = replace(order, holds=tuple(expired if one is hold else one for one in order.holds))
    event = Event(type=EventType.HOLD_EXPIRED, actor=ACTOR, at=now, data={"hold": hold.hold_id, "type": hold.type})
    stopped = Decision(order=order, event=event)
    given = stopped if {"schedule", "release"}.isdisjoint(hold.blocks) else _given_back(stopped, hold, now)
    return replace(given, tasks=(*given.tasks, *tasks))


def _given_back(stopped: Decision, hold: Hold, now: datetime) -> Decision:
    """Return the decision with the stock of the held units given back, and their work recalled if no hold blocks that."""
    from comanda.domain.lifecycle.node_work import recall_requests
    from comanda.domain.stock.changes import sum_changes

    order, stock, units = _unscheduled(stopped.order, hold, now)
    made = replace(stopped, order=order, stock=stock)
    data = {**stopped.event.data, **({"lines": unit_rows(units)} if units else {})}
    if wanted := _work_of(order, hold):
        try:
            recalled = recall_requests.recall(order, wanted, BY_HOLD, ACTOR, now)
        except (NotAllowed, Held):  # another hold keeps the work at its node
            recalled = made
        of_work: dict[str, Any] = {
            name: recalled.event.data[name] for name in ("taken", "requested") if name in recalled.event.data
        }
        data |= of_work
        made = replace(recalled, stock=sum_changes((*stock, *(recalled.stock if of_work else ()))))
    return replace(made, event=replace(stopped.event, data=data))


def _work_of(order: Order, hold: Hold) -> dict[int, dict[str, int]]:
    """Return the held units at nodes, by fulfillment and line."""
    found = {}
    for fulfillment in order.fulfillments:
        units = {
            line_id: n
            for line_id, n in live_units(order, fulfillment.number).items()
            if not hold.lines or line_id in hold.lines
        }
        if units and not fulfillment.ended and fulfillment.shipped_at is None:
            found[fulfillment.number] = units
    return found


def _unscheduled(order: Order, hold: Hold, now: datetime) -> tuple[Order, tuple["Change", ...], dict[str, int]]:
    """Return the order with the held scheduled units without a node, what that changes in stock, and the units by line."""
    from comanda.domain.stock import movements
    from comanda.domain.stock.changes import sum_changes

    given: list[Change] = []
    units: dict[str, int] = {}
    lines: list[Line] = []
    for line in order.lines:
        after = line
        for part in line.allocations:
            held = not hold.lines or line.line_id in hold.lines
            if held and part.status is Status.SCHEDULED and part.node is not None:
                given.append(movements.release(reserved(order, line, part), now))
                units[line.line_id] = units.get(line.line_id, 0) + part.quantity
                after = unscheduled(after, part)
        lines.append(after)
    return order.with_lines(lines), sum_changes(given), units


def _task_of(hold: Hold) -> tuple[tuple[str, str], ...]:
    return ((hold.queue, hold.hold_id),) if hold.queue else ()
