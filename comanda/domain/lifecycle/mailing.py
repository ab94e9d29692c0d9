"""Record that a mail could not be sent: as an event of the order and as an item of the queue `mails`. The item stays
until the mail is sent or a person answers the item."""

from datetime import datetime

from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue


def task_item(kind: str, version: int) -> str:
    """Return the name of a queue's item about the mail for an order's event, from the event's type and version."""
    return f"{kind}-{version}"


def mail_failed(order: Order, kind: str, version: int, reason: str, now: datetime) -> Decision:
    """Record that the mail about this event of the order failed. `reason` is AWS's code, or the name of the error."""
    name = task_item(kind, version)
    return Decision(
        order=order,
        event=Event(
            type=EventType.MAIL_FAILED, actor="notify", at=now, data={"mail": kind, "about": version, "reason": reason}
        ),
        tasks=(
            Task(
                queue=Queue.MAILS,
                item=name,
                due=now,
                reason=reason,
                priority=order.priority,
                data=(("mail", kind), ("about", str(version))),
            ),
        ),
    )
