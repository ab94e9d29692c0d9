"""Apply a route's plan to the order: fulfillments are made, units released to them, what is left over waits in a queue."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from comanda.domain import movements, stock
from comanda.domain.decision import Decision, Event
from comanda.domain.errors import StockConflict
from comanda.domain.order import Fulfillment, Line, Order
from comanda.domain.queues import BACKORDER
from comanda.domain.routing import Leftover, Plan, PlannedFulfillment
from comanda.domain.status import UNPLACED, Status


def schedule(order: Order, plan: Plan, positions: Iterable[stock.Position], now: datetime) -> Decision:
    """The order with the plan in force, and the reservations that must be written with it.

    Raises Held when a hold blocks scheduling, StockConflict when a position no longer covers the plan.
    """
    order.require_unheld("schedule")
    at = {(p.sku, p.node): p for p in positions}
    due = now.date().isoformat()
    version = order.version + 1
    changes: list[movements.Change] = []
    number = len(order.fulfillments)
    lines = {line.line_id: line for line in order.lines}
    made: list[Fulfillment] = []
    for planned in plan.fulfillments:
        number += 1
        made.append(_offer(planned, number, due, now))
        for p in planned.lines:
            request = movements.Request(
                quantity=p.quantity, source=order.order_id, line=p.line_id, n=f"{number:03d}.{version}", due=due
            )
            place = (p.sku, planned.node.node_id)
            change = movements.reserve(at[place], request, now)
            if not isinstance(change, movements.Change):
                raise StockConflict(str(change))
            at[place] = movements.applied(at[place], change)  # two lines of one sku at one node share what is free
            changes.append(change)
            lines[p.line_id] = _release(lines[p.line_id], p.quantity, planned.node.node_id, number)
    for left in plan.leftovers:
        lines[left.line_id] = _leave(lines[left.line_id], left)
    return Decision(
        order=replace(order.with_lines(lines.values()), fulfillments=(*order.fulfillments, *made)),
        event=Event(
            type=_event(plan),
            actor="router",
            at=now,
            data={
                "fulfillments": [
                    {"fulfillment": f.number, "node": f.node, "method": f.method, "lines": _planned(planned)}
                    for f, planned in zip(made, plan.fulfillments, strict=True)
                ],
                "leftovers": [
                    {"line_id": left.line_id, "quantity": left.quantity, "queue": left.queue, "reason": left.reason}
                    for left in plan.leftovers
                ],
            },
        ),
        stock=movements.summed(changes),
    )


def _event(plan: Plan) -> str:
    if plan.fulfillments:
        return "routed"
    return "backordered" if any(left.queue == BACKORDER for left in plan.leftovers) else "left_over"


def _planned(planned: PlannedFulfillment) -> list[dict[str, object]]:
    return [{"line_id": p.line_id, "quantity": p.quantity} for p in planned.lines]


def _offer(planned: PlannedFulfillment, number: int, due: str, now: datetime) -> Fulfillment:
    node = planned.node
    return Fulfillment(
        number=number,
        node=node.node_id,
        method=planned.method,
        service=planned.service,
        due=due,
        offered_at=now,
        accept_by=now + timedelta(minutes=node.accept_minutes),
        ship_by=now + timedelta(minutes=node.accept_minutes + node.ship_minutes),
        partner=node.partner,
        store=node.type == "STORE",
    )


def _release(line: Line, quantity: int, node: str, fulfillment: int) -> Line:
    """Schedule and release in one breath: goods on hand, no hold. Units nobody had come first."""
    left = quantity
    for status in UNPLACED:
        part = min(left, line.units(lambda a, s=status: a.status is s))  # type: ignore[misc]  # default binds the loop's
        if part:
            left -= part
            line = line.move(
                "schedule",
                part,
                to=Status.SCHEDULED,
                where={"status": status},
                node=node,
                fulfillment=fulfillment,
            )
    return line.move("release", quantity, where={"fulfillment": fulfillment})


def _leave(line: Line, left: Leftover) -> Line:
    line = replace(line, because=left.reason)
    if left.queue != BACKORDER:
        return replace(line, waits_in=left.queue)
    for status in UNPLACED:
        units = line.units(lambda a, s=status: a.status is s)  # type: ignore[misc]  # default binds the loop's
        if units:
            line = line.move("schedule", units, to=Status.BACKORDERED, where={"status": status})
    return line
