"""
Store invoices with numbers without gaps, drawn in the invoice's own transaction.

Called by   functions/invoice, which writes them; functions/documents, credit and notify, which read them
Returns     writes whose refusal is StaleOrder, and the invoice as the API shows it
Raises      NotFound
"""

from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import document_numbers
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, invoice_view
from comanda.domain.billing.invoices import Invoice
from comanda.domain.errors import NotFound, StaleOrder

_ENTITY = "invoice"


def last_serial(series: str) -> int:
    """Return the last number of a series, 0 before the first; strongly consistent."""
    return document_numbers.last(_ENTITY, series)


def writes(invoice: Invoice, last: int) -> list[Write]:
    """Return the writes of the invoice and of its number. Another invoice of the series in between refuses both with
    StaleOrder, and the invoice is made again."""
    values = {
        **keys.invoice(invoice.order_id, invoice.number),
        "number": invoice.serial,
        "series": invoice.series,
        "total": invoice.totals.total,
        "doc": pack(invoice_view.shown(invoice)),
    }
    return [
        document_numbers.draw(_ENTITY, invoice.series, invoice.serial, last),
        transaction.put_once(settings.orders_table, values, StaleOrder(invoice.order_id)),
        document_numbers.found_by(_ENTITY, invoice.series, invoice.serial, invoice.order_id, invoice.number),
    ]


def key_of_number(series: str, serial: int) -> keys.Key:
    """Return the key of the row that names the order of an invoice's number."""
    return keys.invoice_number(_ENTITY, series, serial)


def total_before(order_id: str, number: int) -> int:
    """Return the total of the order's invoices before this one."""
    if number == 1:
        return 0
    first, last = (keys.invoice(order_id, n) for n in (1, number - 1))
    condition = "pk = :pk AND sk BETWEEN :first AND :last"
    table = settings.orders_table
    rows = reads.query(table, condition, consistent=True, pk=first["pk"], first=first["sk"], last=last["sk"])
    return sum(int(row["total"]) for row in rows)


def view(order_id: str, number: int) -> dict[str, Any]:
    """Return an invoice as the API shows it. Raises NotFound."""
    row = reads.get(settings.orders_table, keys.invoice(order_id, number))
    if row is None:
        raise NotFound("invoice", ids.invoice(order_id, number))
    found: dict[str, Any] = unpack(row["doc"])
    return found
