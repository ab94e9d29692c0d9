"""
Units come back from a node whatever its work on them: their stock is free again, and what was picked goes back on the shelf.

Called by whoever ends a node's work for it: `give_back`, `cancel`, `outage`. What it means for the fulfillment and its turns
at the node is theirs to say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from comanda.domain.orders.decision import Task
from comanda.domain.orders.line import Allocation, Line, Units
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import RANK, Status

if TYPE_CHECKING:  # the door that takes orders imports this, and moves no stock until one of them is cancelled
    from comanda.domain.stock.changes import Change, ReservedUnits


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """The order with the units free, what moves in stock, and what somebody must put back on the shelf."""

    order: Order
    stock: tuple["Change", ...]
    put_back: tuple[str, ...]  # "2 x TEA-001"


def recalled(order: Order, number: int, units: Mapping[str, int], now: datetime) -> Recalled:
    """Take these (line id: units) from a fulfillment, the least advanced first. Raises NotAllowed when it has fewer."""
    from comanda.domain.stock import movements

    changes: list[Change] = []
    put_back: list[str] = []
    lines: list[Line] = []
    for line_id, quantity in units.items():
        line = order.line(line_id)
        for taken in line.moves("recall", quantity, Units(fulfillment=number)):
            changes.append(movements.release(reserved(order, line, taken), now))
            if RANK[taken.status] >= RANK[Status.PICKED]:
                put_back.append(f"{taken.quantity} x {line.sku}")
        lines.append(made_routable(line, "recall", quantity, number))
    return Recalled(order=order.with_lines(lines), stock=tuple(changes), put_back=tuple(put_back))


def made_routable(line: Line, transaction: str, quantity: int, number: int) -> Line:
    """The line with these units of a fulfillment routable again."""
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


def put_back_task(order: Order, number: int, what: Sequence[str], now: datetime) -> tuple[Task, ...]:
    """Somebody carries what was picked back to its shelf. No task where there is nothing to carry."""
    if not what:
        return ()
    item = f"put-back-{number:03d}-{order.version + 1}"
    return (Task(queue=Queue.PUT_BACK, item=item, due=now, reason="; ".join(what)),)


def reserved(order: Order, line: Line, allocation: Allocation, occurred: datetime | None = None) -> "ReservedUnits":
    """The reservation behind units that have a node. `occurred`: when they left it, where that is told later."""
    from comanda.domain.stock.changes import ReservedUnits

    if allocation.node is None:
        raise ValueError("only units of a node are reserved")
    number = allocation.fulfillment or 0  # 0: scheduled, and not with the node yet
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
