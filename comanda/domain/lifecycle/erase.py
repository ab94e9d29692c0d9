"""
Take an order away from its customer: the order and its books stay, under an id that belongs to nobody.

Called by   comanda.aws.customers.customer_erasure, which deletes the contact in the same transaction
Returns     a decision with the event `customer_erased`
Raises      NotAllowed for an order that is still open
"""

from dataclasses import replace
from datetime import datetime

from comanda.domain.errors import NotAllowed
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.order import Order


def erase_customer(order: Order, nobody: str, actor: str, now: datetime) -> Decision:
    """Give the order the customer id `nobody`. Raises NotAllowed while anything of it is left to do."""
    if not order.closed:
        raise NotAllowed(f"order {order.order_id} is open: its contact is still needed")
    event = Event(type=EventType.CUSTOMER_ERASED, actor=actor, at=now, data={})
    return Decision(order=replace(order, customer_id=nobody), event=event)
