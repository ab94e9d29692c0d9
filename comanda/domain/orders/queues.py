"""
Queues that follow from the order itself: which lines wait for a person or for stock, and why.

They are derived, so no rule can forget to open or close one: the store compares what waited before with what waits now.
"""

from datetime import datetime
from enum import StrEnum

from comanda.domain.orders.decision import Task
from comanda.domain.orders.line import Allocation, Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import UNPLACED, Status


class Queue(StrEnum):
    """The queues, in the order in which they are listed. The values are stored, and part of the API."""

    SALES_REVIEW = "sales-review"
    HOLDS = "holds"
    PAYMENTS = "payments"  # its authorisation ends before the day on which it is to be released
    DRAFTS = "drafts"
    BACKORDER = "backorder"  # no stock: a receipt, or a person, tries again
    PREORDER = (
        "pre-order"  # promised for a later day: released when its supply is on the shelf, and the customer wants it
    )
    WAVE = "wave"  # has its node, and waits for the next wave: then it is released
    CUSTOMER_CARE = "customer-care"  # a pickup that cannot be: the customer is asked
    ROUTING = "routing"  # too many nodes gave it back
    LATE_WORK = "late-work"  # begun, and past its ship-by
    PUT_BACK = "put-back"  # cancelled after picking: back on the shelf
    MAILS = "mails"  # a mail that the customer did not get
    EXCEPTIONS = "exceptions"  # a machine met an error that it has no edge for
    TRANSFERS = "transfers"  # a transfer that its origin has not agreed to: it is refused after three days
    TRANSFER_DIFFERENCES = "transfer-differences"  # received, and shipped by nobody: no stock has moved


ALL = tuple(Queue)
OF_STOCK = (Queue.TRANSFERS, Queue.TRANSFER_DIFFERENCES)  # what waits there is of a supply, not of an order
OF_ORDERS = tuple(queue for queue in Queue if queue not in OF_STOCK)
# The answers that a person may give there. Each is a step of comanda.domain.stock.supplies, in small letters.
ANSWERS_OF_STOCK: dict[str, tuple[str, ...]] = {
    Queue.TRANSFERS: ("approve", "refuse"),
    Queue.TRANSFER_DIFFERENCES: ("sent", "found", "nothing"),
}

Waiting = dict[str, tuple[tuple[str, int, str], ...]]


def waiting_lines(order: Order) -> Waiting:
    """queue -> (line id, units, why) of the lines that wait in it."""
    found: dict[str, list[tuple[str, int, str]]] = {}
    for line in order.lines:
        if line.waits_in and (units := line.units(lambda a: a.status in UNPLACED)):
            found.setdefault(line.waits_in, []).append((line.line_id, units, line.because))
        if units := backordered(line):
            found.setdefault(Queue.BACKORDER, []).append((line.line_id, units, line.because))
        for a in line.allocations:
            if waits_for_wave(a):
                found.setdefault(Queue.WAVE, []).append(
                    (line.line_id, a.quantity, f"the wave of {a.wave}, at {a.node}")
                )
            elif a.status is Status.SCHEDULED and a.fulfillment is None and a.wave is None:
                found.setdefault(Queue.PREORDER, []).append((line.line_id, a.quantity, _expected(a)))
                if (ends := authorized_until(order, a.due)) is not None:
                    why = f"authorised until {ends}, released on {a.due}"
                    found.setdefault(Queue.PAYMENTS, []).append((line.line_id, a.quantity, why))
    return {queue: tuple(rows) for queue, rows in found.items()}


def backordered(line: Line) -> int:
    return line.units(lambda a: a.status is Status.BACKORDERED)


def task_changes(
    before: Order | None, after: Order, at: datetime
) -> tuple[tuple[Task, ...], tuple[tuple[str, str], ...]]:
    """Tasks to put, and (queue, item) of tasks to delete, between two versions of an order."""
    was, now = {} if before is None else waiting_lines(before), waiting_lines(after)
    tasks = tuple(
        Task(
            queue=queue,
            item=queue,
            due=at,
            reason="; ".join(dict.fromkeys(why for _, _, why in rows)),
            priority=after.priority,
            data=(("lines", ",".join(line_id for line_id, _, _ in rows)), ("units", str(sum(u for _, u, _ in rows)))),
        )
        for queue, rows in now.items()
        if was.get(queue) != rows
    )
    return tasks, tuple((queue, queue) for queue in was if queue not in now)


def authorized_until(order: Order, due: str | None) -> str | None:
    """Return the UTC day on which an authorisation ends that is needed for units that are released on a later day.
    Returns None when enough is authorised on the later day."""
    if due is None or not order.unpaid(datetime.fromisoformat(f"{due}T00:00:00Z")):
        return None
    ends = [tender.expires_at for tender in order.payments if tender.open and tender.expires_at is not None]
    return f"{min(ends):%Y-%m-%d}"


def _expected(a: Allocation) -> str:
    if a.release_on is not None and a.release_on == a.due:
        return f"wanted later: released on {a.due} at {a.node}"
    return f"expected on {a.due} at {a.node}"


def release_days(order: Order) -> dict[tuple[str, str, str], str]:
    """Return the day before which units are not released, by (line id, node, due), for the units that the customer
    wants later."""
    found: dict[tuple[str, str, str], str] = {}
    for line in order.lines:
        for a in line.allocations:
            if a.release_on is not None and is_promised_later(a):
                at = (line.line_id, str(a.node), str(a.due))
                found[at] = max(found.get(at, ""), a.release_on)
    return found


def units_promised_later(order: Order) -> dict[tuple[str, str, str], int]:
    """(line id, node, due) -> units of an order that wait for the supply of a day."""
    found: dict[tuple[str, str, str], int] = {}
    for line in order.lines:
        for a in line.allocations:
            if is_promised_later(a):
                at = (line.line_id, str(a.node), str(a.due))
                found[at] = found.get(at, 0) + a.quantity
    return found


def is_promised_later(a: Allocation) -> bool:
    """Return whether these units are promised for a later day: the day of a supply, or the day on which the customer
    wants them sent."""
    return _scheduled(a) and a.wave is None and a.due is not None and not waits_in_lane(a)


def waits_in_lane(a: Allocation) -> bool:
    """Return whether these units wait for their day in a further lane of a hot position. No supply goes there, so only
    time releases them."""
    return waits_for_day(a) and a.lane > 0


def waits_for_day(a: Allocation) -> bool:
    """Return whether these units wait for the day on which the customer wants them sent."""
    return _scheduled(a) and a.release_on is not None


def waits_for_wave(a: Allocation) -> bool:
    """Whether these units have their node, and wait for the next wave."""
    return _scheduled(a) and a.wave is not None


def _scheduled(a: Allocation) -> bool:
    """Not with its node yet, nor on the way."""
    return a.status is Status.SCHEDULED and a.fulfillment is None and not a.ready
