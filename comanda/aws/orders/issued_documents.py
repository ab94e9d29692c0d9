"""
Find the invoices and credit notes that channels issued in some days, with their orders.

Called by   functions/books
Returns     documents in the order of their issue
Raises      Throttled

The index by day has the keys of documents. The documents and their orders are read in pages of keys.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import batched, islice
from operator import itemgetter
from typing import Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.orders import document_numbers, orders
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.concurrently import run_concurrently
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.billing.document_numbers import DocumentKind
from comanda.domain.orders.order import Order

_TOGETHER = 100  # documents that are read at once, with their orders and what they credit
_BEFORE_ALL = "0"  # comes before every time
_PAGES = 4 * keys.SHARDS  # pages of the index that are asked for at once

type Place = Mapping[str, Any]  # pk and sk of a document, and its place in the index


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """
    A document as the API shows it.

    number      its number within the order
    invoice     of a credit note, the invoice that it credits
    """

    kind: DocumentKind
    channel: str
    number: int
    order: Order
    shown: Mapping[str, Any]
    invoice: Mapping[str, Any] | None = None


def places(channels: Iterable[str], first: date, last: date, most: int, after: str = "") -> list[Place]:
    """Return the places of the documents of some days in the order of their issue, at most one more than `most`.

    `after` is the `gsi2sk` of the document before, "" for the first.
    """
    client("dynamodb")
    of, since = list(channels), after[:8]  # its day
    days = [day for n in range((last - first).days + 1) if f"{(day := first + timedelta(days=n)):%Y%m%d}" >= since]
    found: list[Place] = []
    for some in batched(days, max(1, _PAGES // (keys.SHARDS * max(1, len(of)))), strict=False):
        found += _of_days(of, some, most + 1, after)
        if len(found) > most:
            break
    return sorted(found, key=itemgetter("gsi2sk"))[: most + 1]


def _of_days(channels: Sequence[str], days: Sequence[date], most: int, after: str) -> Iterator[Place]:
    """Yield the first places of each page of the index, which are in order of their own."""
    pages = [
        keys.documents_page(channel, f"{day:%Y%m%d}", part)
        for channel in channels
        for day in days
        for part in range(keys.SHARDS)
    ]
    for some in batched(pages, _PAGES, strict=False):
        for page in run_concurrently(partial(_page, one, most, after) for one in some):
            yield from page()


def _page(page: str, most: int, after: str) -> list[Place]:
    condition = "gsi2pk = :pk AND gsi2sk > :after"
    first = after or _BEFORE_ALL
    return list(
        islice(reads.query(settings.orders_table, condition, index="GSI2", together=most, pk=page, after=first), most)
    )


def load(found: Sequence[Place]) -> Iterator[Issued]:
    """Yield the documents at these places, with their orders."""
    for some in batched(found, _TOGETHER, strict=False):
        rows = _read([_key(place) for place in some])
        of_orders = [keys.order(order_id) for order_id in dict.fromkeys(map(keys.order_id_of, rows.values()))]
        known = {
            keys.order_id_of(row): orders.order_of_item(row) for row in reads.batch(settings.orders_table, of_orders)
        }
        credited = _read(
            {tuple(key.values()): key for row in rows.values() if (key := _credited(row)) is not None}.values()
        )
        for place in some:
            row = rows[place["pk"], place["sk"]]
            key = _credited(row)
            invoice = None if key is None else credited[key["pk"], key["sk"]]
            yield _issued(row, known[keys.order_id_of(row)], invoice)


def _read(wanted: Iterable[keys.Key]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["pk"], row["sk"]): row for row in reads.batch(settings.orders_table, wanted)}


def _key(place: Place) -> keys.Key:
    return {"pk": place["pk"], "sk": place["sk"]}


def _kind(row: Mapping[str, Any]) -> DocumentKind:
    return DocumentKind.INVOICE if row["sk"].startswith(keys.INVOICES) else DocumentKind.CREDIT_NOTE


def _credited(row: Mapping[str, Any]) -> keys.Key | None:
    """Return the key of the invoice that a credit note credits, None for an invoice."""
    if _kind(row) is DocumentKind.INVOICE:
        return None
    shown = document_numbers.shown(DocumentKind.CREDIT_NOTE, row)
    return keys.invoice(*ids.parse("inv", shown["invoice_id"], settings.cell))


def _issued(row: Mapping[str, Any], order: Order, invoice: Mapping[str, Any] | None) -> Issued:
    kind = _kind(row)
    return Issued(
        kind=kind,
        channel=row["channel"],
        number=int(row["sk"].rpartition("#")[2]),
        order=order,
        shown=document_numbers.shown(kind, row),
        invoice=None if invoice is None else document_numbers.shown(DocumentKind.INVOICE, invoice),
    )
