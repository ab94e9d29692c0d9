"""
Give units back that a node declines, cannot find or hands back, or about which it does not answer.

The router places them again, on another node.

`_counted` decides that a node that gave a line back is not asked again for it. comanda.domain.routing.candidates
(shipping) and assignment (pickup) leave such a node out. comanda.domain.lifecycle.resume clears the list of these nodes.

Called by   functions/fulfill (decline, short pick), functions/sweep (missed deadlines)
Returns     a decision with the event, what moves in stock, and the node's capacity that is free again
Raises      NotAllowed, Held, NotFound, Invalid: see each function
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from comanda.domain import ids
from comanda.domain.billing import invoices
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.closing import end_if_no_unit_is_left
from comanda.domain.lifecycle.node_work import kits
from comanda.domain.lifecycle.node_work.recall import made_routable, put_back_task, recalled, reserved
from comanda.domain.lifecycle.node_work.work import (
    Step,
    begun,
    chosen_units,
    deadline,
    live_units,
    open_fulfillment,
    tasks_of_work,
    unit_rows,
)
from comanda.domain.orders import capacity
from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.decline_reasons import SILENT, DeclineReason
from comanda.domain.orders.fulfillment import Fulfillment
from comanda.domain.orders.line import Line, Units
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue, late_work_item
from comanda.domain.orders.reasons import UnitsGo
from comanda.domain.orders.status import RANK, Status
from comanda.domain.stock import movements
from comanda.domain.stock.changes import Change, ReservedUnits, sum_changes

if TYPE_CHECKING:  # few steps of nodes cancel units
    from comanda.domain.orders.cancel_reasons import CancelReason

CUSTOMER_REFUSED = "CUSTOMER_REFUSED"  # the reason of a hand-back after which the units are cancelled
MOST_MISSES = 3
_ENDS = {"short-pick": "SHORTED", "hand-back": "HANDED_BACK"}  # the transaction -> how it ends a fulfillment


def decline(order: Order, step: Step, why: DeclineReason) -> Decision:
    """Decline units for their node. The reason says what becomes of their stock, and whether the node is asked again.

    Raises NotAllowed after picking began, Held, NotFound, Invalid.
    """
    open_fulfillment(order, step.number)
    order.require_unheld("decline")
    return _decline(order, step, why, chosen_units(order, "decline", step))


def _decline(order: Order, step: Step, why: DeclineReason, units: Mapping[str, int]) -> Decision:
    ending = {UnitsGo.MISSING: movements.short, UnitsGo.QUARANTINE: movements.quarantine}.get(
        why.units_go, movements.release
    )
    how = _Return("decline", ending, EventType.LINE_DECLINED, why.code, declined=why)
    return _give_back(order, how, step, units)


def short_pick(order: Order, step: Step, reason: str, *, cancel: bool = False) -> Decision:
    """Report units that were not on the shelf, or are damaged. They are routed again, or cancelled with `cancel`.

    Raises NotAllowed, Held, Invalid.
    """
    open_fulfillment(order, step.number)
    order.require_unheld("short-pick")
    if step.units is None:
        raise NotAllowed("a short pick names its lines", pointer="/lines")
    units = chosen_units(order, "short-pick", step)
    how = _Return("short-pick", movements.short, EventType.SHORT_PICKED, reason, cancel=cancel)
    return _give_back(order, how, step, units)


def hand_back(order: Order, step: Step, reason: str) -> Decision:
    """Give back work that was begun. What the customer refuses is cancelled, all else is routed to another node.

    Picked units go back on the shelf, so their stock is free again. Raises NotAllowed for a refusal of units that are not picked
    up at a counter, Held, NotFound, Invalid.
    """
    fulfillment = open_fulfillment(order, step.number)
    order.require_unheld("hand-back")
    if reason == CUSTOMER_REFUSED and fulfillment.method != PICKUP:
        raise NotAllowed("a customer refuses units at a counter only", pointer="/reason")
    units = chosen_units(order, "hand-back", step)
    cancel = reason == CUSTOMER_REFUSED
    how = _Return("hand-back", movements.release, EventType.HANDED_BACK, reason, cancel=cancel)
    return _give_back(order, how, step, units)


def miss_deadline(order: Order, number: int, now: datetime, accept_minutes: int) -> Decision | None:
    """Count a missed deadline of a fulfillment. Returns None when no deadline has passed.

    Before work began the node is reminded, and gets `accept_minutes` more; the third miss declines for the node. After work
    began a person gets the late work.
    """
    by = deadline(order, number)
    if by is None or now <= by:
        return None
    fulfillment = order.fulfillment(number)
    if begun(order, number):
        return _work_late(order, fulfillment, now)
    misses = fulfillment.misses + 1
    if misses >= MOST_MISSES:
        counted = order.with_fulfillment(replace(fulfillment, misses=misses, reminded=misses))
        step = Step(number=number, actor="sweep", at=now)
        units = live_units(counted, number)
        return _decline(counted, step, SILENT, units)
    more_time = now + timedelta(minutes=accept_minutes)
    extended = replace(
        fulfillment,
        misses=misses,
        accept_by=max(fulfillment.accept_by, more_time),
        ship_by=max(fulfillment.ship_by, more_time),
    )
    return Decision(
        order=order.with_fulfillment(extended),
        event=Event(type=EventType.SILENT, actor="sweep", at=now, data={"fulfillment": number, "misses": misses}),
    )


def _work_late(order: Order, fulfillment: Fulfillment, now: datetime) -> Decision:
    number = fulfillment.number
    task = Task(
        queue=Queue.LATE_WORK,
        item=late_work_item(number),
        due=fulfillment.ship_by,
        reason="ship-by passed",
        data=(("node", fulfillment.node), ("fulfillment_id", ids.fulfillment(order.order_id, number))),
        node=fulfillment.node,
    )
    return Decision(
        order=order.with_fulfillment(replace(fulfillment, late=True)),
        event=Event(type=EventType.WORK_LATE, actor="sweep", at=now, data={"fulfillment": number}),
        tasks=(task,),
    )


@dataclass(frozen=True, slots=True)
class _Return:
    """A way in which units come back: the transaction, the change of their stock, the event and its reason.

    With `cancel` the units are cancelled instead of routed again. `declined` is the entry of a decline's reason.
    """

    transaction: str
    end_reservation: Callable[[ReservedUnits, datetime], Change]
    event: EventType
    reason: str
    cancel: bool = False
    declined: DeclineReason | None = None

    @property
    def quarantine(self) -> bool:
        """Return True if the units are put into quarantine at the node."""
        return self.declined is not None and self.declined.units_go is UnitsGo.QUARANTINE

    @property
    def ask_again(self) -> bool:
        """Return True if the router may choose the node again for these lines."""
        return self.declined is not None and self.declined.ask_again


def _give_back(order: Order, how: _Return, step: Step, units: Mapping[str, int]) -> Decision:
    fulfillment = order.fulfillment(step.number)
    back, changes = _return_units(order, how, step, units)
    # Units of a kit that make no whole set any more come back too. They are on the shelf: their stock is free again.
    broken = kits.broken_sets(back, step.number)
    along = recalled(back, step.number, broken, step.at)
    back = along.order.with_lines(
        _counted(line, fulfillment.node, how)
        for line in along.order.lines
        if line.line_id in broken or (line.line_id in units and not how.cancel)
    )
    back = kits.ask_about_incomplete(back, how.reason)
    over = not live_units(back, step.number)
    returned, room = capacity.give_back(
        back.with_fulfillment(_returned(fulfillment, how, over=over)),
        step.number,
        sum(units.values()) + sum(broken.values()),
        step.at,
    )
    goods = (*_carried_goods(order, how, step, units), *along.put_back)
    done = tasks_of_work(fulfillment) if over else ()
    event = _given_back(how, step, fulfillment, units, broken)
    if how.cancel:
        returned, ended = end_if_no_unit_is_left(invoices.revalued_with_fewer(returned), step.actor, step.at)
        done = (*done, *ended)
        event = replace(event, data={**event.data, **_cancelled(returned, how)})
    return Decision(
        order=returned,
        event=event,
        stock=sum_changes((*changes, *along.stock)),
        tasks=put_back_task(order, step.number, goods, step.at),
        done=done,
        capacity=room,
    )


def _cancelled(order: Order, how: _Return) -> dict[str, object]:
    """Return what the event says besides when the units are cancelled. `order` is the one without them."""
    why = _why_cancelled(how)
    total = {"total": order.totals.total, "currency": order.currency}
    return {"cancelled": True, **total, "reason_code": why.code, "blame": why.blame.value}


def _carried_goods(order: Order, how: _Return, step: Step, units: Mapping[str, int]) -> list[str]:
    """Return the goods that are carried elsewhere, for people to read: picked ones back on the shelf, others into quarantine.

    A short pick has none: its units are missing.
    """
    if how.quarantine:
        return [f"quarantine: {quantity} x {order.line(line_id).sku}" for line_id, quantity in units.items()]
    if how.transaction != "hand-back":
        return []
    where = Units(fulfillment=step.number)
    return [
        f"{part.quantity} x {order.line(line_id).sku}"
        for line_id, quantity in units.items()
        for part in order.line(line_id).moves(how.transaction, quantity, where)
        if RANK[part.status] >= RANK[Status.PICKED]
    ]


def _return_units(order: Order, how: _Return, step: Step, units: Mapping[str, int]) -> tuple[Order, list[Change]]:
    """Return the order with the units routable again, or cancelled, and the movements of their stock."""
    changes: list[Change] = []
    lines: list[Line] = []
    for line_id, quantity in units.items():
        line = order.line(line_id)
        parts = line.moves(how.transaction, quantity, Units(fulfillment=step.number))
        changes += [how.end_reservation(reserved(order, line, part), step.at) for part in parts]
        if how.cancel:
            where, why = Units(fulfillment=step.number), _why_cancelled(how)
            cancelled = line.move(
                how.transaction, quantity, to=Status.CANCELLED, where=where, reason=why.code, blame=why.blame.value
            )
            lines.append(cancelled)
        else:
            lines.append(made_routable(line, how.transaction, quantity, step.number))
    return order.with_lines(lines), changes


def _why_cancelled(how: _Return) -> "CancelReason":
    from comanda.domain.orders import cancel_reasons  # few steps of nodes cancel units

    return cancel_reasons.CUSTOMER_REFUSED if how.reason == CUSTOMER_REFUSED else cancel_reasons.NOT_FOUND


def _returned(fulfillment: Fulfillment, how: _Return, *, over: bool) -> Fulfillment:
    if not over:
        return fulfillment
    return replace(fulfillment, ended=_ENDS.get(how.transaction, "DECLINED"))


def _given_back(
    how: _Return, step: Step, fulfillment: Fulfillment, units: Mapping[str, int], broken: Mapping[str, int]
) -> Event:
    return Event(
        type=how.event,
        actor=step.actor,
        at=step.at,
        data={
            "fulfillment": step.number,
            "node": fulfillment.node,
            "reason": how.reason,
            **(how.declined.facts(sum(units.values()) if how.quarantine else 0) if how.declined else {}),
            "lines": unit_rows(units),
            **({"along": unit_rows(broken)} if broken else {}),
        },
    )


def _counted(line: Line, node: str, how: _Return) -> Line:
    """Remember that the node gave the line back, so that the router does not ask the node again unless the reason allows it.

    Lines of a kit are counted alike, so that they stay together. Customer care asks the customer about a pickup line: it is
    never silently sent to shipping.
    """
    pickup = line.method == PICKUP
    return replace(
        line,
        excluded=line.excluded if node in line.excluded or how.ask_again else (*line.excluded, node),
        attempts=line.attempts + 1,
        waits_in=Queue.CUSTOMER_CARE if pickup else line.waits_in,
        because=f"pickup-declined: {how.reason}" if pickup else how.reason,
    )
