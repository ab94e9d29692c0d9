"""
Gather what the document of a sale says of goods and money: the lines of an invoice or of its credit note with their titles and
rates, and how it was paid or given back. Pure.

A credit note says of what it takes back what its invoice said of it.

Called by   functions/documents
Returns     frozen values; amounts are minor units
Raises      NotAllowed for a document that has no number yet
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.domain.billing import collecting, invoice_facts
from comanda.domain.billing.failed_money import CAPTURE
from comanda.domain.errors import NotAllowed
from comanda.domain.orders import bundles
from comanda.domain.orders.order import Order, Totals

INVOICE, CREDIT_NOTE = "invoice", "credit-note"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleLine:
    """The units of a line on the document. `rate` is a decimal fraction; None: the tax came without a rate.

    `bundle` is the line id of the bundle that has the price. `quantity` is 0 where an amount is credited, and no units.
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
    reason: str = ""  # why a rate of 0 is 0, a `ZeroRateReason`; empty: nothing says why
    bundle: str | None = None
    gift_card: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleBundle:
    """A bundle of which lines are on the document. Its amounts are in those lines. `quantity` counts whole sets."""

    line_id: str
    sku: str
    title: str
    quantity: int
    unit_price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A part of the document's total that was paid by one method, or that a credit note gave back by it."""

    method: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """The invoice that a credit note credits. `issued_on` is its UTC day."""

    number: str
    issued_on: str


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
    charge_reasons: tuple[str, ...] = ()  # why charges of the order are not taxed
    delivered_to: str | None = None  # the country to which all of it is sent
    lowered: int = 0  # the part of its total that credit notes took off what was owed; of a credit note, its own part
    due_on: str | None = None  # the day until which it is to be paid; None: no terms say until when
    credits: "Credited | None" = None  # the invoice of a credit note
    invoice_lines: tuple[SaleLine, ...] = ()  # of a credit note: the lines of its invoice, whose rate its charges have
    at_hand_over: int = 0  # the part of what is due that is to be collected when the customer gets the goods

    @property
    def issued_on(self) -> str:
        """Return the UTC day of the document."""
        return _day(self.issued_at)

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
    totals = _totals(shown)
    lowered, settled_before = _lowered(order, number), sum(_settled_otherwise(order, n) for n in range(1, number))
    return SaleDocument(
        kind=INVOICE,
        document_id=shown["invoice_id"],
        number=shown["number"],
        issued_at=shown["issued_at"],
        order_number=order.external_id or order.order_id,
        currency=shown["currency"],
        prices_include_tax=order.prices_include_tax,
        lines=tuple(_line(order, row, row) for row in shown["lines"]),
        bundles=tuple(_bundle(row, row["quantity"]) for row in shown.get("bundles", ())),
        totals=totals,
        paid=paid(order, invoiced_before - settled_before, totals.total - _settled_otherwise(order, number)),
        charge_rates=_charge_rates(order, shown),
        charge_reasons=tuple(shown.get("charge_zero_rate_reasons", ())),
        delivered_to=shown.get("delivered_to"),
        lowered=lowered,
        due_on=shown.get("due_on"),
        at_hand_over=collecting.to_collect(order, number),
    )


def of_credit_note(order: Order, note: Mapping[str, Any], invoice: Mapping[str, Any]) -> SaleDocument:
    """Return the document of a credit note and of its invoice, as the API shows both."""
    if not note["number"]:
        raise NotAllowed(f"credit note {note['credit_note_id']} has no number yet: ask again in a minute")
    invoiced = {row["line_id"]: row for row in invoice["lines"]}
    units = {row["line_id"]: row["quantity"] for row in note["lines"]}
    return SaleDocument(
        kind=CREDIT_NOTE,
        document_id=note["credit_note_id"],
        number=note["number"],
        issued_at=note["issued_at"],
        order_number=order.external_id or order.order_id,
        currency=note["currency"],
        prices_include_tax=order.prices_include_tax,
        lines=tuple(_line(order, row, invoiced[row["line_id"]]) for row in note["lines"]),
        bundles=tuple(
            _bundle(row, bundles.exact_sets(units, bundles.components(order, row["line_id"])) or 0)
            for row in invoice.get("bundles", ())
            if any(invoiced[line_id].get("parent_line_id") == row["line_id"] for line_id in units)
        ),
        totals=_totals(note),
        paid=tuple(Paid(method=one["method"], amount=one["amount"]["amount"]) for one in note["refunds"]),
        charge_rates=_charge_rates(order, invoice),
        charge_reasons=tuple(invoice.get("charge_zero_rate_reasons", ())),
        delivered_to=invoice.get("delivered_to"),
        lowered=note["lowered"]["amount"],
        credits=Credited(number=invoice["number"], issued_on=_day(invoice["issued_at"])),
        invoice_lines=tuple(_line(order, row, row) for row in invoice["lines"]),
    )


def _day(at: str) -> str:
    return datetime.fromisoformat(at).date().isoformat()


def _totals(shown: Mapping[str, Any]) -> Totals:
    return Totals(**{name: value["amount"] for name, value in shown["totals"].items()})


def _charge_rates(order: Order, invoice: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the rates of charges that an invoice keeps. One of before has those of its order."""
    return tuple(invoice.get("charge_tax_rates", invoice_facts.charge_rates(order)))


def _bundle(row: Mapping[str, Any], quantity: int) -> SaleBundle:
    """Return a bundle of an invoice."""
    return SaleBundle(
        line_id=row["line_id"],
        sku=row["sku"],
        title=row["title"] or row["sku"],
        quantity=quantity,
        unit_price=row["unit_price"]["amount"],
    )


def _lowered(order: Order, invoice: int) -> int:
    """Return what credit notes took off an invoice of the order because it was owed: what they did not refund."""
    return sum(credit.total - credit.refunded for credit in order.credits if credit.invoice == invoice)


def _settled_otherwise(order: Order, invoice: int) -> int:
    """Return what no money of the order paid of an invoice: what was taken off it, and what of it is known to be not captured.

    So a parcel that is paid at the door pays its own invoice, and none that came before and waits."""
    failed = (one for one in order.failed_money if one.purpose == CAPTURE and one.invoice == invoice)
    return _lowered(order, invoice) + sum(one.amount for one in failed)


def _line(order: Order, row: Mapping[str, Any], invoiced: Mapping[str, Any]) -> SaleLine:
    """Return the line of a document. `invoiced` is the line of the invoice: of a credit note's line, the one that it credits."""
    line_id = row["line_id"]
    # Invoices of before have neither title nor rate: theirs are those of the order.
    title, rate = (
        (invoiced["title"], invoiced["tax_rate"])
        if "tax_rate" in invoiced
        else (order.line(line_id).title, invoice_facts.tax_rate(order, line_id))
    )
    return SaleLine(
        line_id=line_id,
        sku=row["sku"],
        title=title or row["sku"],
        quantity=row["quantity"],
        unit_price=invoiced["unit_price"]["amount"],
        charges_tax=row.get("charges_tax", {"amount": 0})["amount"],  # invoices of before do not have it
        rate=rate,
        reason=invoiced.get("zero_rate_reason") or "",
        bundle=invoiced.get("parent_line_id"),
        gift_card=bool(invoiced.get("gift_card")),
        **{name: row[name]["amount"] for name in ("goods", "discount", "charges", "tax")},
    )


def paid(order: Order, invoiced_before: int, total: int) -> tuple[Paid, ...]:
    """Return how the next `total` of an order was paid, after what its earlier invoices took.

    Money is captured tender after tender, and invoices take it in their order. What was paid back is no payment, but a refund of
    a credit note is: the invoice was paid, and the credit note says what came back. What went on the customer's account is still
    to be paid.
    """
    found, skip, left = [], invoiced_before, total
    for tender, has in zip(order.payments, _paid_by_tender(order), strict=True):
        part = max(min(max(has - skip, 0), left), 0)
        skip = max(skip - has, 0)
        left -= part
        if part > 0 and not tender.on_account:
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
