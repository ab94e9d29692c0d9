"""
Build the JSON that callers see of an invoice.

Called by   comanda/aws/orders/invoices.py, which stores it
Returns     plain JSON: money carries its currency, times are UTC
"""

from typing import Any

from comanda.domain import ids
from comanda.domain.billing import nfe_results
from comanda.domain.billing.document_numbers import DocumentKind, written
from comanda.domain.billing.invoices import Invoice, InvoiceBundle
from comanda.domain.orders.nfe_result import NfeResult
from comanda.domain.orders.order import Order
from comanda.domain.views import money, time, totals

_AMOUNTS = ("goods", "discount", "charges", "tax")  # of a line


def shown(invoice: Invoice) -> dict[str, Any]:
    """Return an invoice. Its number is None as long as it has none."""
    currency = invoice.currency
    return {
        "invoice_id": invoice.invoice_id,
        "number": None if invoice.serial is None else written(DocumentKind.INVOICE, invoice.series, invoice.serial),
        "order_id": invoice.order_id,
        "fulfillment_id": None
        if invoice.fulfillment is None
        else ids.fulfillment(invoice.order_id, invoice.fulfillment),
        "issued_at": time(invoice.at),
        "due_on": invoice.due_on,
        "currency": currency,
        "lines": [
            {
                "line_id": line.line_id,
                "sku": line.sku,
                "title": line.title,
                "quantity": line.quantity,
                "tax_rate": line.tax_rate,
                "zero_rate_reason": line.zero_rate_reason or None,
                "unit_price": money(line.unit_price, currency),
                **{name: money(getattr(line, name), currency) for name in (*_AMOUNTS, "charges_tax")},
                **({"charges_tax_off": money(line.charges_tax_off, currency)} if line.charges_tax_off else {}),
                **({"parent_line_id": line.bundle} if line.bundle is not None else {}),
                **({"gift_card": True} if line.gift_card else {}),
            }
            for line in invoice.lines
        ],
        **({"bundles": [_invoice_bundle(bundle, currency) for bundle in invoice.bundles]} if invoice.bundles else {}),
        "charge_tax_rates": list(invoice.charge_rates),
        "charge_zero_rate_reasons": list(invoice.charge_reasons),
        "delivered_to": invoice.delivered_to,
        "totals": totals(invoice.totals, currency),
    }


def nfe_told(order: Order, invoice: int, credit_note: int = 0) -> dict[str, Any] | None:
    """Return what the tax authority said of the NF-e of an invoice, or of a credit note of it. None: nothing was told."""
    said = nfe_results.result_of(order, invoice, credit_note)
    return None if said is None else nfe_shown(said)


def nfe_shown(said: NfeResult) -> dict[str, Any]:
    """Return what the tax authority said of the NF-e of an invoice."""
    return {
        "result": said.result,
        "key": said.key,
        "protocol": said.protocol or None,
        "code": said.code or None,
        "told_at": time(said.at),
    }


def _invoice_bundle(bundle: InvoiceBundle, currency: str) -> dict[str, Any]:
    """Return a bundle of an invoice. `quantity` counts the sets that the shipment completes."""
    return {
        "line_id": bundle.line_id,
        "sku": bundle.sku,
        "title": bundle.title,
        "quantity": bundle.quantity,
        "unit_price": money(bundle.unit_price, currency),
        **{name: money(getattr(bundle, name), currency) for name in _AMOUNTS},
    }
