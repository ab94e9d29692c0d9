"""
Keep which order has which SSCC: a row of the Orders table, for good.

The row is written before the order is saved: whoever finds it compares it with the order. It names no fulfillment, because a
part shipment moves packages to the next one.

Called by   functions/fulfill, functions/intake
Returns     ids of orders
Raises      nothing of its own
"""

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.runtime.settings import settings


def take(order_id: str, sscc: str) -> bool:
    """Note that an order has an SSCC, and return False if another order has it. Twice is as once."""
    return single_writes.update(
        settings.orders_table,
        keys.sscc(sscc),
        "SET order_id = :order",
        condition="attribute_not_exists(pk) OR order_id = :order",
        order=order_id,
    )


def order_of(sscc: str) -> str | None:
    """Return the id of the order that has an SSCC, or had it, None for one that no order has."""
    row = reads.get(settings.orders_table, keys.sscc(sscc))
    return None if row is None else str(row["order_id"])
