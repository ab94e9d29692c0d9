"""
Decide whether an order still needs its customer, and give it the id of nobody when the customer is erased. Its books stay.

An order needs its customer until it is closed, while a parcel of it may be on its way, and while a person has to decide about
it. A parcel that no carrier reports again would keep the contact for ever: so many days after its shipment it counts as
arrived.

Called by   functions/erase; comanda.aws.customers.customer_erasure, which deletes the contact
Returns     why an order needs its customer; a decision with the event `customer_erased`
Raises      NotAllowed for an order that needs its customer
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from comanda.domain.errors import NeedsCustomer, NotAllowed
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status

ARRIVES_WITHIN = 30  # days after its shipment, where the channel names none: an answer to an erasure may take a month
# Items of these queues are about goods at a node, or about an order that has nothing left to send: nobody is written to.
WITHOUT_CUSTOMER = frozenset(
    {
        Queue.SALES_REVIEW,
        Queue.HOLDS,
        Queue.DRAFTS,
        Queue.BACKORDER,
        Queue.PREORDER,
        Queue.WAVE,
        Queue.ROUTING,
        Queue.LATE_WORK,
        Queue.REFUSED_RECALLS,
        Queue.PUT_BACK,
    }
)


def needs_customer(order: Order, queues: Collection[str], days: int, now: datetime) -> NeedsCustomer | None:
    """Return why the order needs its customer, None when nothing does. `queues` are those that it has an item in, and `days`
    those in which a parcel arrives after its shipment."""
    if not order.closed:
        return NeedsCustomer(order_id=order.order_id, code=NeedsCustomer.NOT_CLOSED, message="is open")
    if waiting := sorted(set(queues) - WITHOUT_CUSTOMER):
        message = f"is open: a person has to decide in {', '.join(waiting)}"
        return NeedsCustomer(order_id=order.order_id, code=NeedsCustomer.UNDECIDED, message=message)
    until = _on_its_way_until(order, days)
    if until is not None and now < until:
        message = f"is open: units may be on their way until {until:%Y-%m-%d}, report them as delivered or lost"
        return NeedsCustomer(order_id=order.order_id, code=NeedsCustomer.ON_ITS_WAY, message=message)
    return None


def _on_its_way_until(order: Order, days: int) -> datetime | None:
    """Return the time at which the last shipment of which units are on their way counts as arrived, None without one."""
    sent = [
        f.shipped_at + timedelta(days=days)
        for f in order.fulfillments
        if f.shipped_at is not None and any(a.status is Status.SHIPPED for _, a in order.units_of(f.number))
    ]
    return max(sent, default=None)


def erase_customer(
    order: Order, queues: Collection[str], days: int, nobody: str, actor: str, now: datetime
) -> Decision:
    """Give the order the customer id `nobody`. Raises NotAllowed while it needs its customer: see `needs_customer`."""
    if (why := needs_customer(order, queues, days, now)) is not None:
        raise NotAllowed(f"order {why.order_id} {why.message}")
    event = Event(type=EventType.CUSTOMER_ERASED, actor=actor, at=now, data={})
    return Decision(order=replace(order, customer_id=nobody), event=event)
