"""
Store invoices as they are issued, without a number, and read them.

Called by   functions/invoice, which writes them; functions/documents, credit and notify, which read them
Returns     a write whose refusal is StaleOrder, and the invoice as the API shows it
Raises      NotFound
"""

from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import pack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import document_numbers
from comanda.aws.runtime.settings import settings
from comanda.domain import credit_view, ids, invoice_view
from comanda.domain.billing.document_numbers import DocumentKind, IssuedDocument
from comanda.domain.billing.invoices import Invoice
from comanda.domain.errors import NotFound, StaleOrder
from comanda.domain.orders.order import Order
from comanda.domain.orders.standing_invoices import is_standing


def write(invoice: Invoice, channel: str) -> Write:
    """Return the write of an invoice that is issued. Its number comes later (`document_numbers`)."""
    issued = IssuedDocument(
        kind=DocumentKind.INVOICE,
        order_id=invoice.order_id,
        number=invoice.number,
        channel=channel,
        series=invoice.series,
        issued_at=invoice.at,
    )
    values = {
        **document_numbers.issued(issued),
        "total": invoice.totals.total,
        "doc": pack(invoice_view.shown(invoice)),
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(invoice.order_id))


def total_before(order: Order, number: int) -> int:
    """Return the total of the order's invoices before this one, without those that were voided."""
    if number == 1:
        return 0
    first, last = (keys.invoice(order.order_id, n) for n in (1, number - 1))
    condition = "pk = :pk AND sk BETWEEN :first AND :last"
    table = settings.orders_table
    rows = reads.query(table, condition, consistent=True, pk=first["pk"], first=first["sk"], last=last["sk"])
    stand = {keys.invoice(order.order_id, n)["sk"] for n in range(1, number) if is_standing(order, n)}
    return sum(int(row["total"]) for row in rows if row["sk"] in stand)


def view(order_id: str, number: int) -> dict[str, Any]:
    """Return an invoice as the API shows it. Raises NotFound."""
    return document_numbers.shown(DocumentKind.INVOICE, _row(order_id, number))


def all_of(order: Order) -> dict[int, Invoice]:
    """Return all invoices of an order by number, also those that were voided."""
    numbers = range(1, len(order.invoices) + 1)
    return {number: credit_view.invoiced(view(order.order_id, number), number) for number in numbers}


def in_its_series(order_id: str, number: int) -> dict[str, Any]:
    """Return an invoice as the API shows it, with the number 0 of its series as long as it has none. Raises NotFound."""
    row = _row(order_id, number)
    return document_numbers.shown(DocumentKind.INVOICE, {"number": 0, **row})


def _row(order_id: str, number: int) -> dict[str, Any]:
    row = reads.get(settings.orders_table, keys.invoice(order_id, number))
    if row is None:
        raise NotFound("invoice", ids.invoice(order_id, number))
    return row
