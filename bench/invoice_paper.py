"""
Print the CPU milliseconds of the first invoice as PDF with its imports, of the next one, and of a long one, as JSON.

Called by   bench/documents.py, in a fresh interpreter: `python -m bench.invoice_paper press|naive 10 1000`
"""

import sys
from io import BytesIO
from typing import Any

import functions.documents.handler  # noqa: F401  the room has been started, and has read the order
from bench.slip import measure
from comanda.domain.documents.sale_document import INVOICE, Paid, SaleDocument, SaleLine
from comanda.domain.money import tax_of
from comanda.domain.orders.order import Totals

SELLER = {
    "name": "The Tea Company Inc.",
    "tax_id": "12-3456789",
    "line1": "1 Harbor Way",
    "city": "Columbus",
    "country": "US",
}
BUYER = {"name": "Ada Byron", "line1": "12 Main St", "city": "Boston", "region": "MA", "country": "US"}
LINK = "https://abcdefghij.execute-api.us-east-1.amazonaws.com/live/v1/s/" + "A" * 110


def invoice(lines: int, number: str) -> dict[str, Any]:
    """Return an invoice as its row has it: amounts are minor units."""
    rows = [
        {
            "title": f"Green tea, {i} g",
            "sku": f"TEA-{i:04}",
            "quantity": i % 9 + 1,
            "price": 999 + i,
            "tax": tax_of((i % 9 + 1) * (999 + i), "0.08", included=False),
        }
        for i in range(lines)
    ]
    return {"number": number, "lines": rows}


def document(lines: int, number: str) -> SaleDocument:
    """Return the invoice as the room has it, once it has read its row and its order."""
    return _document(invoice(lines, number))


def _document(given: dict[str, Any]) -> SaleDocument:
    lines = tuple(
        SaleLine(
            line_id=row["sku"],
            sku=row["sku"],
            title=row["title"],
            quantity=row["quantity"],
            unit_price=row["price"],
            goods=row["quantity"] * row["price"],
            discount=0,
            charges=0,
            tax=row["tax"],
            charges_tax=0,
            rate="0.08",
        )
        for row in given["lines"]
    )
    goods, tax = sum(line.goods for line in lines), sum(line.tax for line in lines)
    return SaleDocument(
        kind=INVOICE,
        document_id="inv_us1_01J0000000000000000000000A-001",
        number=given["number"],
        issued_at="2026-11-30T10:00:00.000Z",
        order_number="WEB-1",
        currency="USD",
        prices_include_tax=False,
        lines=lines,
        bundles=(),
        totals=Totals(goods=goods, discounts=0, charges=0, tax=tax, total=goods + tax),
        paid=(Paid(method="CARD", amount=goods + tax),),
    )


def press(given: dict[str, Any]) -> bytes:
    """Make the invoice as the room does: amounts and days are written by locale, and taxes are added up by rate."""
    from comanda.aws.runtime import formats
    from comanda.domain.documents.invoice_document import Letterhead, content
    from functions.documents import press

    head = Letterhead(brand="Tea", locale="en-US")
    shown = content(_document(given), head, SELLER, BUYER, formats.of_locale("en-US"), press.countries("en-US"))
    return press.pdf("invoice", {**shown, "code": press.qr_code(LINK)})


def naive(given: dict[str, Any]) -> bytes:
    """Make the invoice as reportlab's guide does: paragraphs and a table in a document."""
    from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]  # published without types
    from reportlab.lib.styles import getSampleStyleSheet  # type: ignore[import-untyped]  # as above
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table  # type: ignore[import-untyped]  # as above

    styles = getSampleStyleSheet()
    rows = [
        [
            Paragraph(row["title"], styles["Normal"]),
            row["sku"],
            row["quantity"],
            f"{row['price'] / 100:.2f}",
            row["tax"] / 100,
        ]
        for row in given["lines"]
    ]
    tax = sum(row["tax"] for row in given["lines"]) / 100
    parties = (*SELLER.values(), *BUYER.values())
    parts = [
        Paragraph(f"Invoice {given['number']}", styles["Title"]),
        *(Paragraph(text, styles["Normal"]) for text in parties),
        Table([["Article", "Code", "Units", "Price", "Tax"], *rows], repeatRows=1),
        Table([["8 %", f"{tax:.2f}"]]),
    ]
    made = BytesIO()
    SimpleDocTemplate(made, pagesize=A4).build(parts)
    return made.getvalue()


if __name__ == "__main__":
    measure(invoice, {"press": press, "naive": naive}[sys.argv[1]], int(sys.argv[2]), int(sys.argv[3]))
