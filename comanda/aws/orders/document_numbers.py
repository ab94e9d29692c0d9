"""
Draw numbers without gaps for documents of orders: the last number of the series + 1, in the document's own transaction.

Called by   comanda.aws.orders: invoices, credit_notes
Returns     writes whose refusal is StaleOrder: another document of the series came first, so this one is made again
Raises      nothing
"""

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import StaleOrder


def last(kind: str, series: str) -> int:
    """Return the last number of a series, 0 before the first; strongly consistent. `kind` is that of its documents."""
    row = reads.get(settings.directory_table, keys.series(kind, series))
    return int(row["last"]) if row else 0


def draw(kind: str, series: str, serial: int, before: int) -> Write:
    """Return the write that takes a number. It holds only while `before` is the last one."""
    key, refused = keys.series(kind, series), StaleOrder(f"series {series}")
    if not before:
        return transaction.put_once(settings.directory_table, {**key, "last": serial}, refused)
    return transaction.update(
        settings.directory_table,
        key,
        "SET #last = :next",
        refused,
        condition="#last = :last",
        n_last="last",
        last=before,
        next=serial,
    )


def found_by(kind: str, series: str, serial: int, order_id: str, number: int) -> Write:
    """Return the write of the row by which a document is found by its number. `number` is its own within the order."""
    values = {**keys.invoice_number(kind, series, serial), "order_id": order_id, kind: number}
    return transaction.put_once(settings.orders_table, values, StaleOrder(order_id))
