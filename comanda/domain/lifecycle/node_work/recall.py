"""
Take units back from a node, at any step of its work: their stock is free again, and picked units go back on the shelf.

The fulfillment, and the node's capacity, are for the caller to change.

Called by   comanda.domain.lifecycle: all that takes units back or ends their reservation; comanda.domain.evaluation and
            comanda.domain.scheduling
Returns     the order with the units routable again, the movements of stock, and what to put back
Raises      NotAllowed when the fulfillment has fewer units
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from comanda.domain import ids
from comanda.domain.orders.decision import Task
from comanda.domain.orders.line import Allocation, Changes, Line, Units
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import RANK, Status

if TYPE_CHECKING:  # the room intake imports this module at its start, and needs no stock until an order is cancelled
    from comanda.domain.stock.changes import Change, ReservedUnits


# What scheduled units lose with their node.
_WITHOUT_NODE: Changes = {
    "node": None, "due": None, "promise": None, "lane": 0, "wave": None, "ready": False, "release_on": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """The order with the units routable again, the movements of stock, and the picked units to put back on the shelf."""

    order: Order
    stock: tuple["Change", ...]
    put_back: tuple[str, ...]  # for people to read: "2 x TEA-001"


def recalled(order: Order, number: int, units: Mapping[str, int], now: datetime) -> Recalled:
    """Take these units (line id: units) from a fulfillment, the least advanced units first.

    Raises NotAllowed when the fulfillment has fewer.
    """
    from comanda.domain.stock import movements

    changes: list[Change] = []
    put_back: list[str] = []
    lines: list[Line] = []
    for line_id, quantity in units.items():
        line = order.line(line_id)
        for part in line.moves("recall", quantity, Units(fulfillment=number)):
            changes.append(movements.release(reserved(order, line, part), now))
            if RANK[part.status] >= RANK[Status.PICKED]:
                put_back.append(f"{part.quantity} x {line.sku}")
        lines.append(made_routable(line, "recall", quantity, number))
    return Recalled(order=order.with_lines(lines), stock=tuple(changes), put_back=tuple(put_back))


def made_routable(line: Line, transaction: str, quantity: int, number: int) -> Line:
    """Return the line with these units of a fulfillment routable again: without node, dates and reservation."""
    return line.move(
        transaction,
        quantity,
        to=Status.UNSCHEDULED,
        where=Units(fulfillment=number),
        node=None,
        fulfillment=None,
        implied=(),
        due=None,
        promise=None,
        lane=0,
    )


def unscheduled(line: Line, part: Allocation) -> Line:
    """Return the line with these scheduled units routable again: without node, dates, wave and reservation."""
    where = Units(
        status=Status.SCHEDULED,
        node=part.node,
        fulfillment=part.fulfillment,
        promise=part.promise,
        due=part.due,
        lane=part.lane,
        ready=part.ready,
        wave=part.wave,
    )
    return line.move("unschedule", part.quantity, where=where, **_WITHOUT_NODE)


def put_back_task(order: Order, number: int, goods: Sequence[str], now: datetime) -> tuple[Task, ...]:
    """Return the task to put picked goods back on the shelf. Returns no task when there are no goods."""
    if not goods:
        return ()
    item = f"put-back-{number:03d}-{order.version + 1}"
    node = order.fulfillment(number).node
    data = (("node", node), ("fulfillment_id", ids.fulfillment(order.order_id, number)))
    return (Task(queue=Queue.PUT_BACK, item=item, due=now, reason="; ".join(goods), data=data, node=node),)


def reserved(order: Order, line: Line, allocation: Allocation, occurred: datetime | None = None) -> "ReservedUnits":
    """Return the stock reservation of units that have a node.

    `occurred` is the time when the units left the node, if it is reported later; else None. Raises ValueError for units
    without a node.
    """
    from comanda.domain.stock.changes import ReservedUnits

    if allocation.node is None:
        raise ValueError("only units of a node are reserved")
    number = allocation.fulfillment or 0  # 0: scheduled, and in no fulfillment yet
    due = allocation.due or order.fulfillment(number).due
    return ReservedUnits(
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
