"""
List the lines of an order that wait in a queue, for a person, for stock or for a day, and the reason.

These tasks follow from the order itself, so no rule can forget to open or close one: the store compares the lines that waited
before with the lines that wait now.

Called by   comanda.aws.orders, which writes the tasks; rules that ask what units wait for
Returns     lines, units and tasks
Raises      nothing
"""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from comanda.domain.orders.status import UNPLACED, Status

if TYPE_CHECKING:  # a room that only names queues need not load orders
    from comanda.domain.orders.decision import Task
    from comanda.domain.orders.line import Allocation, Line
    from comanda.domain.orders.order import Order


class Queue(StrEnum):
    """The queues, in the order in which they are listed. The values are stored, and part of the API."""

    SALES_REVIEW = "sales-review"
    HOLDS = "holds"
    PAYMENTS = "payments"  # the authorisation ends before the day of the release, or a provider did not move money
    FISCAL = "fiscal"  # invoices of Brazil whose NF-e no authority has taken yet, or that it refused
    PROVIDER_NOTICES = "provider-notices"  # what a payment provider tells of money that no order asked it for
    RECONCILE = "reconcile"  # what a provider or a bank reports differs from what we moved
    SHIPPING_COSTS = "shipping-costs"  # a carrier bills another amount than the label was said to cost
    TAX_RECORDS = "tax-records"  # documents that a tax service does not have, or has otherwise
    GIFT_CARDS = "gift-cards"  # issues of gift cards and store credit above the limit of who asked for them
    CREDIT_ACCOUNTS = "credit-accounts"  # terms of customers above the limit of who asked for them
    DRAFTS = "drafts"
    BACKORDER = "backorder"  # no stock: a receipt, or a person, tries again
    PREORDER = "pre-order"  # promised for a later day: waits for its supply, or for the day that the customer wants
    TO_PROVIDE = "to-provide"  # a digital item or a service: waits for the system or the person that provides it
    WAVE = "wave"  # has its node, and waits there for the next wave
    CUSTOMER_CARE = "customer-care"  # a pickup or a kit that cannot be: an agent asks the customer
    ROUTING = "routing"  # too many nodes gave the line back
    LATE_WORK = "late-work"  # work that was begun, and whose ship-by has passed
    REFUSED_RECALLS = "refused-recalls"  # begun work that a node keeps although the office asked for it
    PUT_BACK = "put-back"  # goods that were picked, and must go back on the shelf
    LOST = "lost"  # units that the carrier lost: a person decides what the customer gets
    REFUNDS = "refunds"  # money that a person promised to the customer, and that no system has paid back
    PAY_OUTS = "pay-outs"  # money that was collected at the hand-over, and that people give back
    DELIVERY_EXCEPTIONS = "delivery-exceptions"  # parcels that come back, are lost or damaged, or that are late
    MAILS = "mails"  # a mail that could not be sent
    EXCEPTIONS = "exceptions"  # a state machine met an error that it cannot handle
    TRANSFERS = "transfers"  # a transfer to which its origin has not agreed: it is refused after three days
    TRANSFER_DIFFERENCES = "transfer-differences"  # received units of which no shipment is known: no stock has moved


ALL = tuple(Queue)
OF_STOCK = (Queue.TRANSFERS, Queue.TRANSFER_DIFFERENCES)  # their tasks belong to a supply, not to an order
OF_NO_ORDER = (
    *OF_STOCK,
    Queue.PROVIDER_NOTICES,
    Queue.GIFT_CARDS,
    Queue.CREDIT_ACCOUNTS,
    Queue.RECONCILE,
    Queue.SHIPPING_COSTS,
    Queue.TAX_RECORDS,
)  # one answer ends their items, and nobody claims them
OF_NODES = (Queue.LATE_WORK, Queue.PUT_BACK, Queue.PAY_OUTS)  # a node's own people may answer its items
OF_ORDERS = tuple(queue for queue in Queue if queue not in OF_NO_ORDER)
# The answers that a person may give in these queues. Each is a step of a supply, in small letters.
ANSWERS_OF_STOCK: dict[str, tuple[str, ...]] = {
    Queue.TRANSFERS: ("approve", "refuse"),
    Queue.TRANSFER_DIFFERENCES: ("sent", "found", "nothing"),
}

LATE = "late-"  # begins the name of an item of late work
REFUSED = "refused-"  # begins the name of an item about a refused recall


def late_work_item(number: int) -> str:
    """Return the name of the item about the late work of the fulfillment with this number."""
    return f"{LATE}{number:03d}"


def refused_recall_item(number: int) -> str:
    """Return the name of the item about the refused recall of the fulfillment with this number."""
    return f"{REFUSED}{number:03d}"


# Why a digital line or a service waits, by its kind.
TO_BE_PROVIDED = {"DIGITAL": "digital item to provide", "SERVICE": "service to provide"}

WaitingLines = dict[str, tuple[tuple[str, int, str], ...]]


def waiting_lines(order: "Order") -> WaitingLines:
    """Return, for each queue, (line id, units, reason) of the lines that wait in it."""
    found: dict[str, list[tuple[str, int, str]]] = {}
    for line in order.lines:
        if line.waits_in and (units := line.units(lambda a: a.status in UNPLACED)):
            found.setdefault(line.waits_in, []).append((line.line_id, units, line.because))
        if units := backordered(line):
            found.setdefault(Queue.BACKORDER, []).append((line.line_id, units, line.because))
        for a in line.allocations:
            if line.gift_card:
                continue  # its cards are made by themselves
            if line.is_provided and a.status is Status.SCHEDULED:
                found.setdefault(Queue.TO_PROVIDE, []).append((line.line_id, a.quantity, TO_BE_PROVIDED[line.kind]))
            elif waits_for_wave(a):
                found.setdefault(Queue.WAVE, []).append(
                    (line.line_id, a.quantity, f"the wave of {a.wave}, at {a.node}")
                )
            elif waits_for_release(a):
                found.setdefault(Queue.PREORDER, []).append((line.line_id, a.quantity, _expected(a)))
                if (ends := authorized_until(order, a.due)) is not None:
                    why = f"authorised until {ends}, released on {a.due}"
                    found.setdefault(Queue.PAYMENTS, []).append((line.line_id, a.quantity, why))
    return {queue: tuple(rows) for queue, rows in found.items()}


def backordered(line: "Line") -> int:
    """Return the number of units of a line that are backordered."""
    return line.units(lambda a: a.status is Status.BACKORDERED)


def task_changes(
    before: "Order | None", after: "Order", at: datetime
) -> "tuple[tuple[Task, ...], tuple[tuple[str, str], ...]]":
    """Return the tasks to write, and (queue, item) of the tasks to delete, between two versions of an order.

    `before` is None for a new order.
    """
    from comanda.domain.orders.decision import Task

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


def authorized_until(order: "Order", due: str | None) -> str | None:
    """Return the UTC day on which an authorisation ends that pays for units of a later release, on the day `due`.

    Returns None when enough is authorised on that day. Authorisations of payment providers are renewed before they end.
    """
    if due is None or not order.unpaid(datetime.fromisoformat(f"{due}T00:00:00Z"), renewed=True):
        return None
    own = (tender for tender in order.payments if tender.open and not tender.outside)
    ends = [tender.expires_at for tender in own if tender.expires_at is not None]
    return f"{min(ends):%Y-%m-%d}"


def _expected(a: "Allocation") -> str:
    if a.release_on is not None and a.release_on == a.due:
        return f"wanted later: released on {a.due} at {a.node}"
    return f"expected on {a.due} at {a.node}"


def release_days(order: "Order") -> dict[tuple[str, str, str], str]:
    """Return the UTC day before which units are not released, by (line id, node, due).

    Only units that the customer wants later are listed.
    """
    found: dict[tuple[str, str, str], str] = {}
    for line in order.lines:
        for a in line.allocations:
            if a.release_on is not None and is_promised_later(a):
                at = (line.line_id, str(a.node), str(a.due))
                found[at] = max(found.get(at, ""), a.release_on)
    return found


def units_promised_later(order: "Order") -> dict[tuple[str, str, str], int]:
    """Return the number of units that wait for a later day, by (line id, node, due)."""
    found: dict[tuple[str, str, str], int] = {}
    for line in order.lines:
        for a in line.allocations:
            if is_promised_later(a):
                at = (line.line_id, str(a.node), str(a.due))
                found[at] = found.get(at, 0) + a.quantity
    return found


def waits_for_release(a: "Allocation") -> bool:
    """Return True if these units have their node, and are released later, or next."""
    return a.status is Status.SCHEDULED and a.fulfillment is None and a.wave is None


def is_promised_later(a: "Allocation") -> bool:
    """Return True if these units are promised for a later day: the day of a supply, or the day that the customer wants."""
    return _scheduled(a) and a.wave is None and a.due is not None and not waits_in_lane(a)


def waits_in_lane(a: "Allocation") -> bool:
    """Return True if these units wait for their day in a further lane of a hot position.

    No supply goes to further lanes, so only time releases these units.
    """
    return waits_for_day(a) and a.lane > 0


def waits_for_day(a: "Allocation") -> bool:
    """Return True if these units wait for the day on which the customer wants them sent."""
    return _scheduled(a) and a.release_on is not None


def waits_for_wave(a: "Allocation") -> bool:
    """Return True if these units have their node, and wait there for the next wave."""
    return _scheduled(a) and a.wave is not None


def _scheduled(a: "Allocation") -> bool:
    """Return True if these units are scheduled, and neither released nor to be released now."""
    return a.status is Status.SCHEDULED and a.fulfillment is None and not a.ready
