"""
Store credit notes with numbers without gaps of a series of their own, and read them.

Called by   functions/credit, which writes them; functions/documents, which reads them
Returns     writes whose refusal is StaleOrder, and credit notes as the API shows them
Raises      NotFound
"""

from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import document_numbers
from comanda.aws.runtime.settings import settings
from comanda.domain import credit_view, ids
from comanda.domain.billing.credit_lines import CreditLine
from comanda.domain.billing.credit_notes import CreditNote
from comanda.domain.errors import NotFound, StaleOrder
from comanda.domain.orders.order import Order

_KIND = "credit_note"


def last_serial(series: str) -> int:
    """Return the last number of a series, 0 before the first; strongly consistent."""
    return document_numbers.last(_KIND, series)


def writes(note: CreditNote, order: Order) -> list[Write]:
    """Return the writes of a credit note and of its number. Another one of the series in between refuses them."""
    values = {
        **keys.credit_note(note.order_id, note.number),
        "number": note.serial,
        "series": note.series,
        "invoice": note.invoice,
        "total": note.totals.total,
        "doc": pack(credit_view.shown(note, order)),
    }
    return [
        document_numbers.draw(_KIND, note.series, note.serial, note.serial - 1),
        transaction.put_once(settings.orders_table, values, StaleOrder(note.order_id)),
        document_numbers.found_by(_KIND, note.series, note.serial, note.order_id, note.number),
    ]


def key_of_number(series: str, serial: int) -> keys.Key:
    """Return the key of the row that names the order of a credit note's number."""
    return keys.invoice_number(_KIND, series, serial)


def view(order_id: str, number: int) -> dict[str, Any]:
    """Return a credit note as the API shows it. Raises NotFound."""
    row = reads.get(settings.orders_table, keys.credit_note(order_id, number))
    if row is None:
        raise NotFound("credit note", ids.credit_note(order_id, number))
    found: dict[str, Any] = unpack(row["doc"])
    return found


def invoice_of(order: Order, number: int) -> int:
    """Return the number within the order of the invoice that a credit note credits."""
    return order.credits[number - 1].invoice


def lines_of_invoice(order: Order, invoice: int) -> list[tuple[CreditLine, ...]]:
    """Return the lines of each credit note of an invoice, in the order in which they were issued."""
    return [credit_view.credited_lines(view(order.order_id, number)) for number in numbers(order, invoice)]


def numbers(order: Order, invoice: int) -> list[int]:
    """Return the numbers within the order of the credit notes of an invoice."""
    return [number for number, one in enumerate(order.credits, 1) if one.invoice == invoice]
