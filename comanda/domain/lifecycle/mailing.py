"""
Record that a mail could not be sent: as an event of the order, and as a task in the queue `mails`.

The task stays until the mail is sent, or a person answers it.

Called by   functions/notify
Returns     a decision with the event `mail_failed`
Raises      nothing
"""

from datetime import datetime

from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue


def task_item(kind: str, version: int) -> str:
    """Return the name of the task about a mail, from the type and the version of the order's event."""
    return f"{kind}-{version}"


def mail_failed(order: Order, kind: str, version: int, reason: str, now: datetime) -> Decision:
    """Record that the mail about this event of the order failed. `reason` is the error code of AWS, or the error's name."""
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
