"""
Withdraw work from a node that closes, or that can do less on a day. Work that it has not begun is routed again at once.

A person decides about work that the node has begun. No attempt is counted and no node is excluded: the order is not at fault,
and the router sees which nodes are closed and which days are full.

Called by   functions/reroute; ops/routing.py (`ACTOR`)
Returns     a decision, or None when there is nothing to withdraw
Raises      NotFound for an unknown fulfillment
"""

from dataclasses import replace
from datetime import datetime

from comanda.domain import ids
from comanda.domain.lifecycle.node_work import kits
from comanda.domain.lifecycle.node_work.recall import recalled
from comanda.domain.lifecycle.node_work.work import begun, live_units, tasks_of_work, unit_rows
from comanda.domain.orders import capacity
from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.fulfillment import Fulfillment
from comanda.domain.orders.line import Line
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue, late_work_item
from comanda.domain.stock.changes import sum_changes

ACTOR = "outage"
CLOSED, NO_CAPACITY = "CLOSED", "NO_CAPACITY"


def withdraw(order: Order, number: int, now: datetime) -> Decision | None:
    """Take a fulfillment from a node that is closed. A person decides about work that has begun, and about pickup lines.

    Returns None when no unit is at the node, or a person has the work already.
    """
    fulfillment = order.fulfillment(number)
    if _has_no_work(order, fulfillment):
        return None
    if begun(order, number):
        return _given_to_person(order, fulfillment, now)
    return _taken_back(order, fulfillment, CLOSED, now)


def withdraw_from_day(order: Order, number: int, day: str, now: datetime) -> Decision | None:
    """Take a fulfillment from a node if it uses the node's capacity of this day. `day` is the node's local ISO date.

    Returns None when it does not, or when the work has begun. A pickup line may get another day at the same node, so no person
    is asked.
    """
    fulfillment = order.fulfillment(number)
    if _has_no_work(order, fulfillment) or begun(order, number) or day not in dict(fulfillment.work_days):
        return None
    return _taken_back(order, fulfillment, NO_CAPACITY, now)


def _has_no_work(order: Order, fulfillment: Fulfillment) -> bool:
    return bool(fulfillment.ended or fulfillment.shipped_at is not None or not live_units(order, fulfillment.number))


def _taken_back(order: Order, fulfillment: Fulfillment, reason: str, now: datetime) -> Decision:
    number = fulfillment.number
    units = live_units(order, number)
    back = recalled(order, number, units, now)
    lines = [_line_taken_back(back.order.line(line_id), reason) for line_id in units]
    free = kits.ask_about_incomplete(back.order.with_lines(lines), reason)
    free, room = capacity.give_back(free, number, sum(units.values()), now)
    return Decision(
        order=free.with_fulfillment(replace(free.fulfillment(number), ended="DECLINED")),
        event=Event(
            type=EventType.LINE_DECLINED,
            actor=ACTOR,
            at=now,
            data={"fulfillment": number, "node": fulfillment.node, "reason": reason, "lines": unit_rows(units)},
        ),
        stock=sum_changes(back.stock),
        done=tasks_of_work(fulfillment),
        capacity=room,
    )


def _line_taken_back(line: Line, reason: str) -> Line:
    if line.method == PICKUP and reason == CLOSED:
        return replace(line, waits_in=Queue.CUSTOMER_CARE, because=f"pickup-declined: {reason}")
    return replace(line, because=reason)


def _given_to_person(order: Order, fulfillment: Fulfillment, now: datetime) -> Decision | None:
    if fulfillment.late:
        return None
    return Decision(
        order=order.with_fulfillment(replace(fulfillment, late=True)),
        event=Event(type=EventType.WORK_STOPPED, actor=ACTOR, at=now, data={"fulfillment": fulfillment.number}),
        tasks=(
            Task(
                queue=Queue.LATE_WORK,
                item=late_work_item(fulfillment.number),
                due=now,
                reason="node closed",
                priority=order.priority,
                data=(
                    ("node", fulfillment.node),
                    ("fulfillment_id", ids.fulfillment(order.order_id, fulfillment.number)),
                ),
                node=fulfillment.node,
            ),
        ),
    )
