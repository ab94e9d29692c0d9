"""
Decide whether an order takes further payments, and say in events what was told of them.

Called by   comanda.domain.lifecycle.changes, .payment_links
Returns     facts of an event, without references: those are the customer's
Raises      NotAllowed for payments of an order that has ended
"""

from collections.abc import Sequence
from typing import Any

from comanda.domain.errors import NotAllowed
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import Tender


def require_payable(order: Order) -> None:
    """Raise NotAllowed when no unit of the order is left, or its books are closed: nobody would give the money back."""
    if order.closed or not any(line.live for line in order.lines):
        raise NotAllowed("the order has ended: nothing is left to pay for", pointer="/payments")


def facts(payments: Sequence[Tender], by: str) -> dict[str, Any]:
    """Return what an event says of payments: what they add, and of each its method, its amounts and who told of it.

    Empty without payments.
    """
    if not payments:
        return {}
    return {
        "authorized": sum(tender.authorized for tender in payments),
        "payments": [
            {
                "method": tender.method,
                "authorized": tender.authorized,
                **({"captured": tender.captured} if tender.captured else {}),
                "by": by,
            }
            for tender in payments
        ],
    }
