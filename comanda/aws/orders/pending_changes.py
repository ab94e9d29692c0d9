"""
Store the change of an order that waits for money. It may have an address or a message, so it is in Customers.

The order itself says that a change is pending (`Order.pending`), and is written in the same transaction. Another pending change
takes the place of one that is over, and the table deletes the last one some days later.

Called by   functions/intake; functions/customers, which exports it; comanda.aws.orders.payment_movements and functions/sweep,
            which have it reviewed
Returns     the change as it was asked for
Raises      Invalid for a change that is too large
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import FITS, pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.invoke import start_function
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Invalid, Problem, StaleOrder
from comanda.domain.orders.pending_change import PendingChange

_KEPT = timedelta(days=7)  # after its time is over


def write(order_id: str, pending: PendingChange, asked: dict[str, Any]) -> Write:
    """Return the write of a pending change, as plain JSON. Raises Invalid for one that does not fit an item."""
    packed = pack(asked)
    if len(packed) > FITS:
        message = f"has {len(packed)} bytes when it is compressed, {FITS} are kept while it waits for its payment"
        raise Invalid(Problem(pointer="/changes", code="changes-too-large", message=message))
    values = {
        **keys.pending_change(order_id),
        "doc": packed,
        "until": pending.until.isoformat(),
        "ttl": int((pending.until + _KEPT).timestamp()),
    }
    return transaction.put(settings.customers_table, values, StaleOrder(order_id))


def find(order_id: str, pending: PendingChange) -> dict[str, Any] | None:
    """Return the change that an order's pending change stands for, None if it was erased."""
    row = reads.get(settings.customers_table, keys.pending_change(order_id))
    return unpack(row["doc"]) if row and row["until"] == pending.until.isoformat() else None


def stored(order_id: str) -> dict[str, Any] | None:
    """Return the last change that waited, with the time `until` which it does, while the table has it. None: there is none."""
    row = reads.get(settings.customers_table, keys.pending_change(order_id))
    return None if row is None else {"until": row["until"], **unpack(row["doc"])}


def have_reviewed(order_ids: Sequence[str]) -> None:
    """Have intake find what the pending changes of these orders cost by now, and make those that are paid: other rooms read no
    personal data.

    Raises Throttled.
    """
    start_function(settings.intake_function, {"pending_changes": [*order_ids]})
