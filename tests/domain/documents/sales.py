"""Make documents of sales for tests, with totals of an arithmetic of their own."""

from typing import Any

from comanda.domain.documents.sale_document import INVOICE, Paid, SaleBundle, SaleDocument, SaleLine
from comanda.domain.orders.order import Totals

SELLER = {
    "name": "Tea Company GmbH",
    "tax_id": "DE123456789",
    "registration_id": "HRB 1234",
    "line1": "Teestraße 1",
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
    "keep_invoices_years": 10,
}
BUYER = {
    "name": "Ada Byron",
    "line1": "12 Main St",
    "city": "Chicago",
    "region": "IL",
    "postal_code": "60601",
    "country": "US",
}


def a_sale_line(quantity: int = 1, unit_price: int = 1000, tax: int = 0, **changes: Any) -> SaleLine:
    fields: dict[str, Any] = {
        "line_id": "1",
        "sku": "TEA-001",
        "title": "Tea",
        "quantity": quantity,
        "unit_price": unit_price,
        "goods": quantity * unit_price,
        "discount": 0,
        "charges": 0,
        "tax": tax,
        "charges_tax": 0,
        "rate": "0",
    }
    return SaleLine(**fields | changes)


def a_sale(*lines: SaleLine, prices_include_tax: bool = False, **changes: Any) -> SaleDocument:
    """Return the invoice of these lines. It is paid by a card, unless `paid` says otherwise."""
    goods = discounts = charges = tax = 0
    for line in lines or (lines := (a_sale_line(),)):
        goods, discounts = goods + line.goods, discounts + line.discount
        charges, tax = charges + line.charges, tax + line.tax
    total = goods - discounts + charges
    if not prices_include_tax:
        total += tax
    fields: dict[str, Any] = {
        "kind": INVOICE,
        "document_id": "inv_us1_01J0000000000000000000000A-001",
        "number": "dc-1-000001",
        "issued_at": "2026-11-30T23:30:00.000Z",
        "order_number": "WEB-1",
        "currency": "EUR",
        "prices_include_tax": prices_include_tax,
        "lines": lines,
        "bundles": (),
        "totals": Totals(goods=goods, discounts=discounts, charges=charges, tax=tax, total=total),
        "paid": (Paid(method="CARD", amount=total),),
    }
    return SaleDocument(**fields | changes)


def a_set(**changes: Any) -> SaleBundle:
    return SaleBundle(**{"line_id": "b", "sku": "SET", "title": "Set", "quantity": 1, "unit_price": 2500} | changes)
