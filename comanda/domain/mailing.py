"""A mail that the customer did not get: an event of the order, and an item of the queue `mails` until it is sent or answered."""

from datetime import datetime

from comanda.domain.decision import Decision, Event, Task
from comanda.domain.order import Order
from comanda.domain.queues import MAILS


def item(kind: str, version: int) -> str:
    """The name in the queue of the mail about an order's event, by its type and version."""
    return f"{kind}-{version}"


def not_told(order: Order, kind: str, version: int, reason: str, now: datetime) -> Decision:
    """The mail about this event of the order failed. `reason` is AWS's code, or the name of the error."""
    name = item(kind, version)
    return Decision(
        order=order,
        event=Event(
            type="mail_failed", actor="notify", at=now, data={"mail": kind, "about": version, "reason": reason}
        ),
        tasks=(
            Task(
                queue=MAILS,
                item=name,
                due=now,
                reason=reason,
                priority=order.priority,
                data=(("mail", kind), ("about", str(version))),
            ),
        ),
    )
