"""
Gather what the document of a sale says of goods and money: the lines of an invoice with their titles and rates, and how it was
paid. Pure.

A document has a kind, because a credit note says the same things of units that come back.

Called by   functions/documents
Returns     frozen values; amounts are minor units
Raises      NotAllowed for an invoice that has no number yet
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.domain.billing import invoice_facts
from comanda.domain.errors import NotAllowed
from comanda.domain.orders.order import Order, Totals

INVOICE = "invoice"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleLine:
    """The units of a line on the document. `rate` is a decimal fraction; None: the tax came without a rate.

    `bundle` is the line id of the bundle that has the price.
    """

    line_id: str
    sku: str
    title: str
    quantity: int
    unit_price: int
    goods: int
    discount: int
    charges: int
    tax: int  # of goods and charges
    charges_tax: int
    rate: str | None
    bundle: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleBundle:
    """A bundle of which lines are on the document. Its amounts are in those lines."""

    line_id: str
    sku: str
    title: str
    quantity: int
    unit_price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A part of the document's total that was paid by one method."""

    method: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleDocument:
    kind: str
    document_id: str
    number: str
    issued_at: str  # RFC 3339, UTC
    order_number: str  # the channel's own
    currency: str
    prices_include_tax: bool
    lines: tuple[SaleLine, ...]
    bundles: tuple[SaleBundle, ...]
    totals: Totals
    paid: tuple[Paid, ...]
    charge_rates: tuple[str, ...] = ()  # by which a tax table taxed charges of the order, as decimal fractions
    lowered: int = 0  # the part of its total that credit notes took off, because it was not paid
    due_on: str | None = None  # the day until which it is to be paid; None: no terms say until when

    @property
    def issued_on(self) -> str:
        """Return the UTC day of the document."""
        return datetime.fromisoformat(self.issued_at).date().isoformat()

    @property
    def due(self) -> int:
        """Return what is still to be paid."""
        return self.payable - self.lowered

    @property
    def payable(self) -> int:
        """Return what is not paid of the document as it was issued. A credit note is a document of its own."""
        return self.totals.total - sum(one.amount for one in self.paid)


def of_invoice(order: Order, shown: Mapping[str, Any], number: int, invoiced_before: int) -> SaleDocument:
    """Return the document of an invoice, as the API shows it. `number` is its number within the order, and `invoiced_before`
    the total of those before it."""
    if not shown["number"]:
        raise NotAllowed(f"invoice {shown['invoice_id']} has no number yet: ask again in a minute")
    amounts = {name: value["amount"] for name, value in shown["totals"].items()}
    totals = Totals(**amounts)
    lowered, lowered_before = _lowered(order, number), sum(_lowered(order, n) for n in range(1, number))
    return SaleDocument(
        kind=INVOICE,
        document_id=shown["invoice_id"],
        number=shown["number"],
        issued_at=shown["issued_at"],
        order_number=order.external_id or order.order_id,
        currency=shown["currency"],
        prices_include_tax=order.prices_include_tax,
        lines=tuple(_line(order, row) for row in shown["lines"]),
        bundles=tuple(
            SaleBundle(
                line_id=row["line_id"],
                sku=row["sku"],
                title=row["title"] or row["sku"],
                quantity=row["quantity"],
                unit_price=row["unit_price"]["amount"],
            )
            for row in shown.get("bundles", ())
        ),
        totals=totals,
        paid=paid(order, invoiced_before - lowered_before, totals.total - lowered),
        charge_rates=tuple(shown.get("charge_tax_rates", invoice_facts.charge_rates(order))),
        lowered=lowered,
        due_on=shown.get("due_on"),
    )


def _lowered(order: Order, invoice: int) -> int:
    """Return what credit notes took off an invoice of the order because it was owed: what they did not refund."""
    return sum(credit.total - credit.refunded for credit in order.credits if credit.invoice == invoice)


def _line(order: Order, row: Mapping[str, Any]) -> SaleLine:
    amounts = {name: row[name]["amount"] for name in ("unit_price", "goods", "discount", "charges", "tax")}
    charges_tax = row.get("charges_tax", {"amount": 0})["amount"]  # invoices of before do not have it
    line_id = row["line_id"]
    # Invoices of before have neither title nor rate: theirs are those of the order.
    title, rate = (
        (row["title"], row["tax_rate"])
        if "tax_rate" in row
        else (order.line(line_id).title, invoice_facts.tax_rate(order, line_id))
    )
    return SaleLine(
        line_id=line_id,
        sku=row["sku"],
        title=title or row["sku"],
        quantity=row["quantity"],
        charges_tax=charges_tax,
        rate=rate,
        bundle=row.get("parent_line_id"),
        **amounts,
    )


def paid(order: Order, invoiced_before: int, total: int) -> tuple[Paid, ...]:
    """Return how the next `total` of an order was paid, after what its earlier invoices took.

    Money is captured tender after tender, and invoices take it in their order. What was paid back is no payment, but a refund of
    a credit note is: the invoice was paid, and the credit note says what came back.
    """
    found, skip, left = [], invoiced_before, total
    for tender, has in zip(order.payments, _paid_by_tender(order), strict=True):
        part = min(max(has - skip, 0), left)
        skip = max(skip - has, 0)
        left -= part
        if part > 0:
            found.append(Paid(method=tender.method, amount=part))
    return tuple(found)


def _paid_by_tender(order: Order) -> list[int]:
    """Return what each tender paid, with what credit notes gave back to it: they give to the last tender first."""
    credited, found = sum(credit.refunded for credit in order.credits), []
    for tender in reversed(order.payments):
        of_credits = min(tender.refunded, credited)
        credited -= of_credits
        found.append(max(tender.captured - tender.refunded, 0) + of_credits)
    return found[::-1]
