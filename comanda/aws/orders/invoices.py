"""Invoices and their gapless numbers: number = last + 1, on condition of last, in the invoice's own transaction."""

from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.billing.invoices import Invoice
from comanda.domain.errors import NotFound, StaleOrder

_ENTITY = "invoice"


def last_serial(series: str) -> int:
    """The last number drawn in a series, 0 before the first; strongly consistent."""
    row = reads.get(settings.directory_table, keys.series(_ENTITY, series))
    return int(row["last"]) if row else 0


def writes(invoice: Invoice, last: int) -> list[Write]:
    """The invoice and its number. Another invoice of the series in between refuses both: StaleOrder, decided again."""
    series = keys.series(_ENTITY, invoice.series)
    taken = StaleOrder(f"series {invoice.series}")
    draw = (
        transaction.update(
            settings.directory_table,
            series,
            "SET #last = :next",
            taken,
            condition="#last = :last",
            n_last="last",
            last=last,
            next=invoice.serial,
        )
        if last
        else transaction.put_once(settings.directory_table, {**series, "last": invoice.serial}, taken)
    )
    values = {
        **keys.invoice(invoice.order_id, invoice.number),
        "number": invoice.serial,
        "series": invoice.series,
        "total": invoice.totals.total,
        "doc": pack(views.invoice(invoice)),
    }
    return [draw, transaction.put_once(settings.orders_table, values, StaleOrder(invoice.order_id))]


def view(order_id: str, number: int) -> dict[str, Any]:
    """An invoice as strangers see it. Raises NotFound."""
    row = reads.get(settings.orders_table, keys.invoice(order_id, number))
    if row is None:
        raise NotFound("invoice", ids.invoice(order_id, number))
    found: dict[str, Any] = unpack(row["doc"])
    return found
