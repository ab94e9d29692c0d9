"""
Write the invoices and credit notes of a legal entity, and what they say of taxes, as files for accountants. Pure.

Called by   functions/books/handler.py
Returns     CSV: a row for each document; sums by country, rate and currency

Voided invoices stand in the list with `voided`, and in no sum: their units are on other invoices.
"""

import csv
import io
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from comanda.aws.orders.issued_documents import Issued
from comanda.domain.billing.document_numbers import DocumentKind
from comanda.domain.csv_cells import harmless
from comanda.domain.documents import sale_document, tax_summary
from comanda.domain.documents.sale_document import SaleDocument
from comanda.domain.money import decimal
from comanda.domain.orders.standing_invoices import is_standing

_TOTALS = ("goods", "discounts", "charges", "tax", "total")
_DOCUMENTS = (
    *(
        "legal_entity",
        "channel",
        "kind",
        "number",
        "issued_at",
        "due_on",
        "order_id",
        "document_id",
        "credited_invoice",
    ),
    *("country", "currency", *_TOTALS, "voided"),
)
_TAXES = (
    *("legal_entity", "country", "tax_rate", "zero_rate_reason", "currency"),
    *("invoiced_net", "invoiced_tax", "credited_net", "credited_tax", "net", "tax"),
)
_WITHOUT_NUMBER = "-"  # the number of a document that gets it in a moment


def documents_csv(entity: str, issued: Iterable[Issued]) -> str:
    """Return a row for each document. Amounts are decimal numbers; those of a credit note are what it takes off."""
    written, rows = _file(_DOCUMENTS)
    for one in issued:
        shown, currency = one.shown, one.shown["currency"]
        credited = "" if one.invoice is None else one.invoice["number"]
        rows.writerow(
            (
                *(harmless(entity), harmless(one.channel), one.kind, shown["number"] or "", shown["issued_at"]),
                *(shown.get("due_on") or "", shown["order_id"], _id(one), credited, _country(one), currency),
                *(decimal(shown["totals"][name]["amount"], currency) for name in _TOTALS),
                "" if _stands(one) else "yes",
            )
        )
    return written.getvalue()


class TaxSums:
    """Add up net amounts and taxes of documents, by country, rate, reason of a rate of 0, and currency.

    A document that goes to several countries, or is collected at a counter, has no country.
    """

    def __init__(self, known: str = "[]") -> None:
        """Begin with sums that `text` returned."""
        self._sums = {tuple(place): amounts for place, amounts in json.loads(known)}

    def text(self) -> str:
        """Return the sums as JSON, to go on with later."""
        return json.dumps(list(self._sums.items()), separators=(",", ":"))

    def add(self, issued: Iterable[Issued]) -> None:
        for one in issued:
            if not _stands(one):
                continue
            first = 2 if one.kind is DocumentKind.CREDIT_NOTE else 0
            for row in tax_summary.by_rate(_sale(one)):
                place = (_country(one), row.rate or "", row.reason, one.shown["currency"])
                amounts = self._sums.setdefault(place, [0, 0, 0, 0])
                amounts[first] += row.net
                amounts[first + 1] += row.tax

    def csv(self, entity: str) -> str:
        """Return a row for each place: what was invoiced, what was credited, and the difference."""
        written, rows = _file(_TAXES)
        for place in sorted(self._sums, key=lambda place: (place[3], place[0], -Decimal(place[1] or -1), place[2])):
            amounts, currency = self._sums[place], place[3]
            each = (*amounts, amounts[0] - amounts[2], amounts[1] - amounts[3])
            rows.writerow((harmless(entity), *place, *(decimal(amount, currency) for amount in each)))
        return written.getvalue()


def _file(columns: tuple[str, ...]) -> tuple[io.StringIO, Any]:
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(columns)
    return written, rows


def _sale(one: Issued) -> SaleDocument:
    """Return the document as its PDF has it. How it was paid says nothing of taxes, so no earlier invoice is asked for."""
    shown = {**one.shown, "number": one.shown["number"] or _WITHOUT_NUMBER}
    if one.invoice is None:
        return sale_document.of_invoice(one.order, shown, one.number, 0)
    return sale_document.of_credit_note(one.order, shown, one.invoice)


def _stands(one: Issued) -> bool:
    return one.kind is DocumentKind.CREDIT_NOTE or is_standing(one.order, one.number)


def _id(one: Issued) -> str:
    return str(one.shown["invoice_id" if one.kind is DocumentKind.INVOICE else "credit_note_id"])


def _country(one: Issued) -> str:
    """Return the country to which all of it was sent, "" without one."""
    return str((one.invoice or one.shown).get("delivered_to") or "")
