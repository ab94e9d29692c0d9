"""
Define what a rule decided about an order: the new order, its event, and everything to write in the same transaction.

The store writes a decision whole, or not at all.

Called by   every rule of comanda.domain.lifecycle and comanda.domain.scheduling; comanda.aws.orders writes decisions
Returns     frozen values
Raises      nothing
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from comanda.domain.orders.capacity import Slot

if TYPE_CHECKING:  # most decisions move no stock, and rooms that only name queues and events have no orders
    from comanda.domain.orders.order import Order
    from comanda.domain.stock.changes import Change


class EventType(StrEnum):
    """The types of an order's events. The values are stored, and published as `comanda.order.<value>.v1`."""

    # Sales.
    PLACED = "placed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    HELD = "held"
    HOLD_RESOLVED = "hold_resolved"
    HOLD_EXPIRED = "hold_expired"
    CANCELLED = "cancelled"
    CHANGED = "changed"
    CHANGE_PENDING = "change_pending"
    CHANGE_DROPPED = "change_dropped"
    PAYMENT_ADDED = "payment_added"
    # The router, and stock that comes or does not come.
    ROUTED = "routed"
    PROMISED_LATER = "promised_later"
    BACKORDERED = "backordered"
    LEFT_OVER = "left_over"
    REROUTED = "rerouted"
    WAVE_RELEASED = "wave_released"
    REDATED = "redated"
    UNSCHEDULED = "unscheduled"
    STOCK_ARRIVED = "stock_arrived"
    RESUMED = "resumed"
    # A node's work.
    ACCEPTED = "accepted"
    PICKING = "picking"
    PICKED = "picked"
    PACKED = "packed"
    REPACKED = "repacked"
    READY = "ready"
    LINE_DECLINED = "line_declined"
    SHORT_PICKED = "short_picked"
    SILENT = "silent"
    REMINDED = "reminded"
    WORK_LATE = "work_late"
    WORK_STOPPED = "work_stopped"
    RECALLED = "recalled"
    RECALL_REQUESTED = "recall_requested"
    RECALL_REFUSED = "recall_refused"
    RECALL_UNANSWERED = "recall_unanswered"
    HANDED_BACK = "handed_back"
    NO_SHOW = "no_show"
    SHIPPED = "shipped"
    HANDED_OVER = "handed_over"
    PROVIDED = "provided"
    CARDS_ACTIVATED = "cards_activated"
    # The carrier's way.
    DELIVERED = "delivered"
    LOST = "lost"
    FOUND = "found"
    DELIVERY_EXCEPTION = "delivery_exception"
    # Money, mails and questions to people.
    INVOICED = "invoiced"
    CAPTURED = "captured"  # of goods that were invoiced before they left
    CREDITED = "credited"
    NFE_TOLD = "nfe_told"
    COMPLETED = "completed"
    PAYMENT_ASKED = "payment_asked"
    PAYMENT_NOT_MADE = "payment_not_made"
    PAYMENT_CHECKED = "payment_checked"
    PAYMENT_RENEWING = "payment_renewing"
    PAYMENT_RENEWED = "payment_renewed"
    PAYMENT_FAILED = "payment_failed"
    PAYMENT_DISPUTED = "payment_disputed"
    COLLECTED = "collected"
    MAIL_FAILED = "mail_failed"
    QUESTION_ASKED = "question_asked"
    CUSTOMER_ERASED = "customer_erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact about an order, in the past tense. `data` has the ids and counts that changed, and never personal data."""

    type: EventType
    actor: str
    at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task for a person: one row in a queue. A deleted task is done. `item` is unique within the order and the queue.

    `node` is the node whose people may answer it, None for a task of the office alone.
    """

    queue: str
    item: str
    due: datetime
    reason: str
    priority: int = 5
    data: tuple[tuple[str, str], ...] = ()
    node: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyOperation:
    """One movement of money. It is written before the provider is called; its id is the provider's idempotency key."""

    purpose: str  # authorize, capture, release, refund
    number: int
    tender: int  # index into order.payments
    amount: int
    invoice: int | None = None
    credit_note: int | None = None  # that a refund belongs to


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A new order, its event, and the rows to write with them. `done` are (queue, item) of the tasks to delete."""

    order: "Order"
    event: Event
    stock: tuple["Change", ...] = ()
    tasks: tuple[Task, ...] = ()
    done: tuple[tuple[str, str], ...] = ()
    money: tuple[MoneyOperation, ...] = ()
    capacity: tuple[Slot, ...] = ()

    @property
    def saved(self) -> "Order":
        """Return the order with its next version: the order that the store writes."""
        return replace(self.order, version=self.order.version + 1)


def changed_by_decision(decision: Decision) -> Decision:
    """Return the decision with its version as that of the last change: If-Match of further changes is compared with it."""
    return replace(decision, order=replace(decision.order, change_version=decision.saved.version))
