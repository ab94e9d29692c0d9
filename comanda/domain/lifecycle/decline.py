"""A node gives units back: it declines, it cannot find them, or it never answered. They are routed again without it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from comanda.domain.billing import invoices
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle import kits
from comanda.domain.lifecycle.recall import made_routable, put_back_task, recalled, reserved
from comanda.domain.lifecycle.work import Step, begun, chosen_units, deadline, live_units, open_fulfillment, unit_rows
from comanda.domain.orders import capacity
from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.line import PICKUP, Line, Units
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status
from comanda.domain.stock import movements
from comanda.domain.stock.changes import Change, ReservedUnits, sum_changes

NO_STOCK = "NO_STOCK"  # the reason that says that the shelf is empty, so the units are taken off its count
MOST_MISSES = 3


def decline(order: Order, step: Step, reason: str) -> Decision:
    """The node will not do (a part of) it. With reason NO_STOCK the units leave its count, else they are free again.

    Raises NotAllowed once picking began, Held, NotFound, Invalid.
    """
    open_fulfillment(order, step.number)
    order.require_unheld("decline")
    units = chosen_units(order, "decline", step)
    ending = movements.short if reason == NO_STOCK else movements.release
    return _give_back(order, "decline", step, units, ending, EventType.LINE_DECLINED, reason)


def short_pick(order: Order, step: Step, reason: str, *, cancel: bool = False) -> Decision:
    """Units that were not on the shelf, or are damaged. They are routed again, or cancelled where the policy says so.

    Raises NotAllowed, Held, Invalid.
    """
    open_fulfillment(order, step.number)
    order.require_unheld("short-pick")
    if step.units is None:
        raise NotAllowed("a short pick names its lines", pointer="/lines")
    units = chosen_units(order, "short-pick", step)
    return _give_back(order, "short-pick", step, units, movements.short, EventType.SHORT_PICKED, reason, cancel=cancel)


def miss_deadline(order: Order, number: int, now: datetime, accept_minutes: int) -> Decision | None:
    """A deadline of the fulfillment passed: a reminder; the third before work began declines for the node; after work
    began a person gets it. None when nothing is due."""
    by = deadline(order, number)
    if by is None or now <= by:
        return None
    fulfillment = order.fulfillment(number)
    if begun(order, number):
        return Decision(
            order=order.with_fulfillment(replace(fulfillment, late=True)),
            event=Event(type=EventType.WORK_LATE, actor="sweep", at=now, data={"fulfillment": number}),
            tasks=(
                Task(
                    queue=Queue.LATE_WORK,
                    item=f"late-{number:03d}",
                    due=fulfillment.ship_by,
                    reason="ship-by passed",
                    data=(("node", fulfillment.node),),
                ),
            ),
        )
    misses = fulfillment.misses + 1
    if misses >= MOST_MISSES:
        counted = order.with_fulfillment(replace(fulfillment, misses=misses, reminded=misses))
        step = Step(number=number, actor="sweep", at=now)
        units = live_units(counted, number)
        return _give_back(counted, "decline", step, units, movements.release, EventType.LINE_DECLINED, "SILENT")
    extended = replace(
        fulfillment,
        misses=misses,
        accept_by=max(fulfillment.accept_by, now + timedelta(minutes=accept_minutes)),
        ship_by=max(fulfillment.ship_by, now + timedelta(minutes=accept_minutes)),
    )
    return Decision(
        order=order.with_fulfillment(extended),
        event=Event(type=EventType.SILENT, actor="sweep", at=now, data={"fulfillment": number, "misses": misses}),
    )


def _give_back(
    order: Order,
    transaction: str,
    step: Step,
    units: Mapping[str, int],
    ending: Callable[[ReservedUnits, datetime], Change],
    event: EventType,
    reason: str,
    *,
    cancel: bool = False,
) -> Decision:
    fulfillment = order.fulfillment(step.number)
    changes: list[Change] = []
    lines: list[Line] = []
    for line_id, quantity in units.items():
        line = order.line(line_id)
        taken = line.moves(transaction, quantity, Units(fulfillment=step.number))
        changes += [ending(reserved(order, line, part), step.at) for part in taken]
        lines.append(_moved(line, transaction, quantity, step.number, cancel=cancel))
    back = order.with_lines(lines)
    broken = kits.broken_sets(back, step.number)  # they are on the shelf: free again, whatever is said of the others
    along = recalled(back, step.number, broken, step.at)
    back = along.order.with_lines(
        _without_node(line, fulfillment.node, reason)
        for line in along.order.lines
        if line.line_id in broken or (line.line_id in units and not cancel)
    )
    back = kits.ask_about_incomplete(back, reason)
    left = live_units(back, step.number)
    returned = back.with_fulfillment(
        fulfillment if left else replace(fulfillment, ended="SHORTED" if transaction == "short-pick" else "DECLINED")
    )
    count = sum(units.values()) + sum(broken.values())
    returned, room = capacity.give_back(returned, step.number, count, step.at)
    told = fulfillment.late and not left
    return Decision(
        order=invoices.revalued(returned) if cancel else returned,
        event=Event(
            type=event,
            actor=step.actor,
            at=step.at,
            data={
                "fulfillment": step.number,
                "node": fulfillment.node,
                "reason": reason,
                "lines": unit_rows(units),
                **({"along": unit_rows(broken)} if broken else {}),
            },
        ),
        stock=sum_changes((*changes, *along.stock)),
        tasks=put_back_task(order, step.number, along.put_back, step.at),
        done=((Queue.LATE_WORK, f"late-{step.number:03d}"),) if told else (),
        capacity=room,
    )


def _moved(line: Line, transaction: str, quantity: int, number: int, *, cancel: bool) -> Line:
    if cancel:
        return line.move(transaction, quantity, to=Status.CANCELLED, where=Units(fulfillment=number))
    return made_routable(line, transaction, quantity, number)


def _without_node(line: Line, node: str, reason: str) -> Line:
    """That the node gave it back: it is not asked again. Lines of a kit are counted alike, so that they stay together."""
    return replace(
        line,
        excluded=line.excluded if node in line.excluded else (*line.excluded, node),
        attempts=line.attempts + 1,
        # A pickup line is never silently sent to shipping: customer care asks the customer.
        waits_in=Queue.CUSTOMER_CARE if line.method == PICKUP else line.waits_in,
        because=f"pickup-declined: {reason}" if line.method == PICKUP else reason,
    )
