"""
Find which orders still need the contact of their customer, and why.

Called by   functions/erase, before a customer is hidden; comanda.aws.customers.customer_erasure, before an order is taken away
Returns     reasons
Raises      nothing
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from comanda.aws.cases import cases
from comanda.aws.dynamodb import keys, reads
from comanda.aws.orders import orders
from comanda.aws.runtime.concurrently import run_concurrently
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import NeedsCustomer
from comanda.domain.lifecycle import erase
from comanda.domain.orders.order import Order


def of_orders(order_ids: Sequence[str], contact_days: Callable[[str], int], now: datetime) -> list[NeedsCustomer]:
    """Return why each of the orders needs its customer, by the order's id. An order that does not is not in the list.

    `contact_days` answers, for a channel, the days after its shipment in which a parcel may need its contact.
    """
    rows = reads.batch(settings.orders_table, map(keys.order, order_ids), only=("pk", "doc"))
    found = [orders.order_of_item(row) for row in rows]
    days = {order.channel: contact_days(order.channel) for order in found}
    judged = run_concurrently(partial(_of_order, order, days[order.channel], now) for order in found)
    return sorted(filter(None, (result() for result in judged)), key=lambda one: one.order_id)


def _of_order(order: Order, days: int, now: datetime) -> NeedsCustomer | None:
    why = erase.needs_customer(order, (), days, now)
    if why is not None:
        return why
    return erase.needs_customer(order, queues_of(order.order_id), days, now) or _open_case(order.order_id)


def queues_of(order_id: str) -> set[str]:
    """Return the queues in which the order has an item. An item comes with a new version of its order."""
    return {row["queue"] for row in orders.children(order_id, keys.TASKS) if "queue" in row}


def _open_case(order_id: str) -> NeedsCustomer | None:
    open_cases = (case.case_id for case in cases.of_order(order_id) if not case.closed)
    if (case_id := next(open_cases, None)) is None:
        return None
    message = f"is open: its case {case_id} is not closed"
    return NeedsCustomer(order_id=order_id, code=NeedsCustomer.OPEN_CASE, message=message)
