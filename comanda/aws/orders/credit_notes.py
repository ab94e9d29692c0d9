"""
Store credit notes as they are issued, without a number, and read them.

Called by   functions/credit, which writes them; functions/documents and notify, which read them
Returns     a write whose refusal is StaleOrder, and credit notes as the API shows them
Raises      NotFound
"""

from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import pack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import document_numbers
from comanda.aws.runtime.settings import settings
from comanda.domain import credit_view, ids
from comanda.domain.billing.credit_lines import CreditLine
from comanda.domain.billing.credit_notes import CreditNote
from comanda.domain.billing.document_numbers import DocumentKind, IssuedDocument
from comanda.domain.errors import NotFound, StaleOrder
from comanda.domain.orders.order import Order


def write(note: CreditNote, order: Order) -> Write:
    """Return the write of a credit note that is issued. Its number comes later (`document_numbers`)."""
    issued = IssuedDocument(
        kind=DocumentKind.CREDIT_NOTE,
        order_id=note.order_id,
        number=note.number,
        channel=order.channel,
        series=note.series,
        issued_at=note.at,
    )
    values = {
        **document_numbers.issued(issued),
        "invoice": note.invoice,
        "total": note.totals.total,
        "doc": pack(credit_view.shown(note, order)),
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(note.order_id))


def view(order_id: str, number: int) -> dict[str, Any]:
    """Return a credit note as the API shows it. Raises NotFound."""
    row = reads.get(settings.orders_table, keys.credit_note(order_id, number))
    if row is None:
        raise NotFound("credit note", ids.credit_note(order_id, number))
    return document_numbers.shown(DocumentKind.CREDIT_NOTE, row)


def invoice_of(order: Order, number: int) -> int:
    """Return the number within the order of the invoice that a credit note credits."""
    return order.credits[number - 1].invoice


def lines_of_invoice(order: Order, invoice: int) -> list[tuple[CreditLine, ...]]:
    """Return the lines of each credit note of an invoice, in the order in which they were issued."""
    return [credit_view.credited_lines(view(order.order_id, number)) for number in numbers(order, invoice)]


def numbers(order: Order, invoice: int) -> list[int]:
    """Return the numbers within the order of the credit notes of an invoice."""
    return [number for number, one in enumerate(order.credits, 1) if one.invoice == invoice]
