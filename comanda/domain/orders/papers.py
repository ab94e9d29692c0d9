"""
Say which orders are invoiced when their goods are packed, because these may not leave without papers.

Called by   comanda.domain.orders.verdict and comanda.domain.billing; functions/intake, which gives them to new orders
Returns     the papers of an order, and whether goods are packed
Raises      nothing
"""

from collections.abc import Mapping
from typing import Any

from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status

INVOICE, NFE = "INVOICE", "NFE"
PACKED, SHIPPED = "PACKED", "SHIPPED"  # when a legal entity issues its invoices

_PACKED = frozenset({Status.PACKED, Status.READY_FOR_PICKUP})


def of_seller(entity: Mapping[str, Any] | None) -> str:
    """Return the papers of a new order by the entry of its legal entity. Empty: it is invoiced when its goods have left."""
    if entity is None or entity.get("invoice_when") != PACKED:
        return ""
    return NFE if entity.get("nfe") else INVOICE


def is_packed(order: Order, number: int) -> bool:
    """Return True if all units that a fulfillment still has are packed."""
    statuses = {a.status for _, a in order.units_of(number) if a.status is not Status.CANCELLED}
    return bool(statuses) and statuses <= _PACKED


def waits_for_invoice(order: Order, number: int) -> bool:
    """Return True if a fulfillment is to be invoiced now, because its goods are packed and may not leave without."""
    return bool(order.papers) and order.fulfillment(number).invoice is None and is_packed(order, number)
