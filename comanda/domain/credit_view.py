"""
Build the JSON that callers see of a credit note, and of what is left of an invoice; read back what further ones need.

Called by   comanda/aws/orders/credit_notes.py, which stores credit notes; functions/credit, functions/documents
Returns     plain JSON: money carries its currency, times are UTC; lines of invoices and credit notes
Raises      nothing
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from comanda.domain import ids
from comanda.domain.billing import credit_lines, credit_notes
from comanda.domain.billing.credit_lines import Amounts, CreditLine
from comanda.domain.billing.credit_notes import CreditNote
from comanda.domain.billing.invoice_facts import InvoiceLine
from comanda.domain.billing.invoices import Invoice
from comanda.domain.orders.order import Order, Totals
from comanda.domain.views import money, time, totals

_AMOUNTS = tuple(field.name for field in fields(Amounts))


def shown(note: CreditNote, order: Order, *, preview: bool = False) -> dict[str, Any]:
    """Return a credit note as it is issued: without its number, which it gets later. A preview has no id."""
    currency = note.currency
    return {
        "credit_note_id": None if preview else note.credit_note_id,
        "number": None,
        "order_id": note.order_id,
        "invoice_id": ids.invoice(note.order_id, note.invoice),
        "invoice_number": note.invoice_number,
        "issued_at": time(note.at),
        "currency": currency,
        "reason": note.reason,
        "reason_code": note.reason_code or None,
        "lines": [_line(line, currency) for line in note.lines],
        "totals": totals(note.totals, currency),
        "lowered": money(note.lowered, currency),
        "refunds": [
            {
                "method": order.payments[one.tender].method,
                "reference": order.payments[one.tender].reference,
                "amount": money(one.amount, currency),
            }
            for one in note.refunds
        ],
    }


def _line(line: CreditLine, currency: str) -> dict[str, Any]:
    return {
        "line_id": line.line_id,
        "sku": line.sku,
        "quantity": line.quantity,
        **{name: money(getattr(line.amounts, name), currency) for name in _AMOUNTS},
    }


def left(invoice: Invoice, earlier: Sequence[Sequence[CreditLine]], *, included: bool) -> dict[str, Any]:
    """Return what is left of an invoice to credit: in all, of its charges, and of each line."""
    lines, currency = credit_notes.open_lines(invoice, earlier), invoice.currency
    total = max(0, sum(line.left.total(included=included) for line in lines.values()))
    charges = sum(credit_lines.charges_worth(line, included=included) for line in lines.values())
    return {
        "total": money(total, currency),
        "charges": money(min(charges, total), currency),
        "lines": [
            {
                "line_id": line.line_id,
                "quantity": line.units,
                "amount": money(credit_lines.worth(line, included=included), currency),
            }
            for line in lines.values()
        ],
    }


def credited_lines(view: Mapping[str, Any]) -> tuple[CreditLine, ...]:
    """Return the lines of a stored credit note."""
    return tuple(
        CreditLine(
            line_id=row["line_id"],
            sku=row["sku"],
            quantity=row["quantity"],
            amounts=Amounts(**{name: row[name]["amount"] for name in _AMOUNTS}),
        )
        for row in view["lines"]
    )


def invoiced(view: Mapping[str, Any], number: int) -> Invoice:
    """Return a stored invoice of this number within its order. Its bundles, which have no amounts of their own, are left out."""
    series, _, serial = (view["number"] or "").rpartition("-")
    shipment = view["fulfillment_id"]  # None: provided units, which have no fulfillment
    return Invoice(
        invoice_id=view["invoice_id"],
        order_id=view["order_id"],
        number=number,
        fulfillment=int(shipment.rpartition("-")[2]) if shipment else None,
        series=series,
        serial=int(serial) if serial else None,
        currency=view["currency"],
        at=datetime.fromisoformat(view["issued_at"]),
        lines=tuple(
            InvoiceLine(
                line_id=row["line_id"],
                sku=row["sku"],
                quantity=row["quantity"],
                unit_price=row["unit_price"]["amount"],
                bundle=row.get("parent_line_id"),
                title=row.get("title", ""),
                tax_rate=row.get("tax_rate"),
                gift_card=bool(row.get("gift_card")),
                zero_rate_reason=row.get("zero_rate_reason") or "",
                **{name: _amount(row, name) for name in (*_AMOUNTS, "charges_tax_off")},
            )
            for row in view["lines"]
        ),
        totals=Totals(**{name: view["totals"][name]["amount"] for name in Totals.__slots__}),
    )


def _amount(row: Mapping[str, Any], name: str) -> int:
    """Return an amount of an invoice's line. Invoices of before do not have the tax of their charges apart."""
    return int(row.get(name, {"amount": 0})["amount"])
