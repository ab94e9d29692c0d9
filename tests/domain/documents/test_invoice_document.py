"""The PDF of an invoice says who sold what to whom, at which price and tax, and how it was paid."""

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from comanda.domain import invoice_view
from comanda.domain.billing import invoices
from comanda.domain.documents import invoice_document
from comanda.domain.documents.invoice_document import Letterhead, content, digest
from comanda.domain.documents.sale_document import CREDIT_NOTE, Paid, SaleDocument, of_invoice, paid
from comanda.domain.documents.tax_summary import charges_rate
from comanda.domain.errors import NotAllowed
from comanda.domain.labels import labels
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.credit import Credit
from comanda.domain.orders.order import Order
from tests.builders import (
    NOW,
    a_bundle,
    a_line,
    a_shipment,
    a_step,
    a_tender,
    an_order,
    offered,
    placed,
    saved,
)
from tests.domain.documents.sales import BUYER, SELLER, a_sale, a_sale_line, a_set

HEAD = Letterhead(brand="Tea shop", locale="en-US")
COUNTRIES = {"US": "United States", "DE": "Germany"}


class Plain:
    """Write amounts in a plain way."""

    def money(self, minor: int, currency: str) -> str:
        return f"{minor} {currency}"

    def number(self, value: Decimal) -> str:
        return f"{value.normalize():f}"

    def date(self, day: str) -> str:
        return day


def made(document: SaleDocument, head: Letterhead = HEAD, buyer: dict[str, Any] = BUYER) -> dict[str, Any]:
    return content(document, head, SELLER, buyer, Plain(), COUNTRIES)


def invoiced(order: Order, *shipments: dict[str, int]) -> tuple[Order, list[SaleDocument]]:
    """Return the order after these shipments, and the document of each of their invoices."""
    documents, before = [], 0
    for number, units in enumerate(shipments, 1):
        order, invoice = invoices.invoice(order, units, number=number, fulfillment=1, series="dc-1", at=NOW)
        documents.append(of_invoice(order, invoice_view.shown(replace(invoice, serial=number)), number, before))
        before += invoice.totals.total
    return order, documents


def shipped(order: Order) -> Order:
    return saved(ship(offered(placed(order)), a_step(), a_shipment()))


def test_a_document_has_titles_rates_and_all_amounts_of_its_invoice():
    line = a_line("TEA", 3, 999, tax=270, tax_rate="0.0900", discount=30, title="Ceylon tea")
    order = shipped(an_order(line, shipping=500, shipping_tax=45))

    _, (first, second) = invoiced(order, {"1": 1}, {"1": 2})

    assert (first.number, first.order_number, first.currency) == ("dc-1-000001", order.external_id, "USD")
    (row,) = second.lines
    assert (row.title, row.sku, row.quantity, row.unit_price, row.rate) == ("Ceylon tea", "TEA", 2, 999, "0.09")
    assert (row.goods, row.discount, row.charges, row.charges_tax) == (1998, 20, 334, 30)
    assert first.totals.total + second.totals.total == order.totals.total


def test_an_invoice_without_a_number_has_no_document():
    order = shipped(an_order(a_line("TEA", 1)))
    _, invoice = invoices.invoice(order, {"1": 1}, number=1, fulfillment=1, series="dc-1", at=NOW)

    with pytest.raises(NotAllowed, match="has no number yet"):
        of_invoice(order, invoice_view.shown(invoice), 1, 0)


@pytest.mark.parametrize(
    ("tenders", "before", "total", "expected"),
    [
        ([("CARD", 100)], 0, 100, [("CARD", 100)]),
        ([("GIFT_CARD", 30), ("CARD", 70)], 0, 50, [("GIFT_CARD", 30), ("CARD", 20)]),
        ([("GIFT_CARD", 30), ("CARD", 70)], 50, 50, [("CARD", 50)]),
        ([("GIFT_CARD", 30), ("CARD", 10)], 20, 50, [("GIFT_CARD", 10), ("CARD", 10)]),
        ([("CARD", 0)], 0, 50, []),
        ([], 0, 0, []),
    ],
)
def test_invoices_take_what_was_captured_in_their_order(
    tenders: Sequence[tuple[str, int]], before: int, total: int, expected: Sequence[tuple[str, int]]
):
    payments = tuple(replace(a_tender(500), method=method, captured=amount) for method, amount in tenders)
    order = an_order(payments=payments)

    assert paid(order, before, total) == tuple(Paid(method=method, amount=amount) for method, amount in expected)


def test_money_that_was_paid_back_is_no_payment():
    assert paid(an_order(payments=(a_tender(500, captured=100, refunded=60),)), 0, 100) == (
        Paid(method="CARD", amount=40),
    )


def test_an_invoice_stays_paid_when_a_credit_note_gave_its_money_back():
    gift, card = replace(a_tender(500), method="GIFT_CARD", captured=30), a_tender(500, captured=70, refunded=70)
    order = an_order(
        payments=(replace(gift, refunded=10), card), credits=(Credit(invoice=1, total=75, tax=0, refunded=75),)
    )

    assert paid(order, 0, 100) == (Paid(method="GIFT_CARD", amount=25), Paid(method="CARD", amount=70))


def credited(order: Order, *notes: tuple[int, int, int], captured: int = 0) -> Order:
    """Return the order with credit notes: invoice, total, refunded."""
    return replace(
        order,
        credits=tuple(Credit(invoice=n, total=total, tax=0, refunded=back) for n, total, back in notes),
        payments=(a_tender(500, captured=captured, refunded=sum(back for _, _, back in notes)),),
    )


@pytest.mark.parametrize(
    ("notes", "captured", "first", "second"),
    [
        # (paid, credited, due) of two invoices of 1000 each
        ([(1, 300, 0)], 0, (0, 300, 700), (0, 0, 1000)),
        ([(1, 1000, 0)], 0, (0, 1000, 0), (0, 0, 1000)),
        ([(1, 300, 0), (1, 200, 0)], 600, (500, 500, 0), (100, 0, 900)),
        ([(2, 300, 0)], 1500, (1000, 0, 0), (500, 300, 200)),
        # A credit note of an invoice that was paid lowers what is owed of the other one.
        ([(1, 300, 0)], 1000, (700, 300, 0), (300, 0, 700)),
        ([(1, 300, 300)], 2000, (1000, 0, 0), (1000, 0, 0)),
        ([(2, 900, 400)], 1500, (1000, 0, 0), (500, 500, 0)),
    ],
)
def test_what_credit_notes_took_off_an_unpaid_invoice_is_not_due(
    notes: Sequence[tuple[int, int, int]], captured: int, first: tuple[int, ...], second: tuple[int, ...]
):
    order = shipped(an_order(a_line("TEA", 2, 1000)))
    _, made_of = invoices.invoice(order, {"1": 1}, number=1, fulfillment=1, series="dc-1", at=NOW)
    made_of = replace(made_of, serial=1)
    after = credited(order, *notes, captured=captured)

    for number, before, expected in ((1, 0, first), (2, 1000, second)):
        document = of_invoice(after, invoice_view.shown(made_of), number, before)
        assert (sum(one.amount for one in document.paid), document.lowered, document.due) == expected
        assert document.payable == document.due + document.lowered


def test_what_went_on_the_customers_account_is_still_to_be_paid():
    owed = replace(a_tender(70, captured=70), method="ON_ACCOUNT", provider="comanda", payment_days=30)
    order = an_order(payments=(a_tender(30, captured=30), owed))

    assert paid(order, 0, 100) == (Paid(method="CARD", amount=30),)
    assert paid(replace(order, payments=(owed, order.payments[0])), 70, 30) == (Paid(method="CARD", amount=30),)


def test_the_paper_says_what_was_credited_and_until_when_the_rest_is_to_be_paid():
    unpaid = a_sale(a_sale_line(1, 1000), paid=(), lowered=400, due_on="2026-12-14")
    shown = made(unpaid)

    assert (shown["total"], shown["below"], shown["due"]) == ("1000 EUR", [["Credited", "-400 EUR"]], "600 EUR")
    assert ["To be paid by", "2026-12-14"] in shown["facts"]
    assert len(made(replace(unpaid, lowered=1000))["facts"]) == 2


def test_the_paper_says_what_is_paid_when_the_customer_gets_the_goods():
    shown = made(a_sale(a_sale_line(1, 1000), paid=(), at_hand_over=1000))

    assert ["To be paid on delivery", "1000 EUR"] in shown["facts"]


def charged(order: Order) -> Order:
    """Return the order with charges that a table taxed."""
    return replace(order, charges=tuple(replace(one, tax_rate="0.20") for one in order.charges))


def test_a_document_says_what_its_invoice_said_after_the_order_became_another_one():
    line = a_line("TEA", 1, 1000, tax=100, tax_rate="0.1", title="Ceylon")
    order = charged(shipped(an_order(line, shipping=500, shipping_tax=100)))
    _, invoice = invoices.invoice(order, {"1": 1}, number=1, fulfillment=1, series="dc-1", at=NOW)
    invoice = replace(invoice, serial=1)
    shown = invoice_view.shown(invoice)
    later = replace(order.with_lines([replace(order.line("1"), title="Assam", tax_rate="0.3", tax=300)]), charges=())

    document = of_invoice(later, shown, 1, 0)

    assert document == of_invoice(order, shown, 1, 0)
    assert (document.lines[0].title, document.lines[0].rate, document.charge_rates) == ("Ceylon", "0.1", ("0.2",))


@pytest.mark.parametrize("included", [False, True])
def test_an_invoice_of_a_part_has_charges_at_the_rate_of_goods_that_leave_later(included: bool):
    tax = {False: (178, 1000, 120), True: (163, 833, 100)}[included]
    lines = (
        a_line("TEA", 2, 1000, tax=tax[0], tax_rate="0.08875"),
        a_line("CUP", 2, 2500, tax=tax[1], tax_rate="0.20"),
    )
    order = shipped(an_order(*lines, shipping=599, shipping_tax=tax[2], prices_include_tax=included))
    _, invoice = invoices.invoice(order, {"1": 2}, number=1, fulfillment=1, series="dc-1", at=NOW)

    document = of_invoice(order, invoice_view.shown(replace(invoice, serial=1)), 1, 0)

    assert document.charge_rates == ("0.2",)
    assert charges_rate(document) == "0.2"
    assert charges_rate(replace(document, charge_rates=())) is None


def test_charges_whose_tax_two_rates_make_have_none():
    lines = (a_line("TEA", 1, 1000, tax=100, tax_rate="0.10"), a_line("CUP", 1, 1000, tax=101, tax_rate="0.101"))
    order = shipped(an_order(*lines, shipping=10, shipping_tax=1))
    _, invoice = invoices.invoice(order, {"1": 1}, number=1, fulfillment=1, series="dc-1", at=NOW)

    assert invoice.charge_rates == ()


def test_an_invoice_of_before_has_the_titles_and_rates_of_its_order():
    line = a_line("TEA", 1, 1000, tax=100, tax_rate="0.1", title="Ceylon")
    order = charged(shipped(an_order(line, shipping=500, shipping_tax=100)))
    _, invoice = invoices.invoice(order, {"1": 1}, number=1, fulfillment=1, series="dc-1", at=NOW)
    invoice = replace(invoice, serial=1)
    shown = invoice_view.shown(invoice)
    old = {name: value for name, value in shown.items() if name not in ("charge_tax_rates", "due_on")}
    rows = [{name: value for name, value in row.items() if name not in ("title", "tax_rate")} for row in old["lines"]]

    assert of_invoice(order, {**old, "lines": rows}, 1, 0) == of_invoice(order, shown, 1, 0)


@pytest.mark.parametrize(("days", "due_on"), [(None, None), (0, "2026-11-19"), (30, "2026-12-19")])
def test_an_invoice_is_to_be_paid_within_the_days_of_its_seller(days: int | None, due_on: str | None):
    order = shipped(an_order(a_line("TEA", 1)))
    _, invoice = invoices.invoice(order, {"1": 1}, number=1, fulfillment=1, series="dc-1", at=NOW, payment_days=days)
    invoice = replace(invoice, serial=1)

    assert of_invoice(order, invoice_view.shown(invoice), 1, 0).due_on == due_on


def test_the_document_has_seller_buyer_lines_taxes_sums_and_payments():
    line = a_sale_line(3, 1000, 190 + 19, discount=200, charges=100, charges_tax=19, rate="0.19", title="#evil()")
    shown = made(a_sale(line, paid=(Paid(method="GIFT_CARD", amount=1000),)))

    assert shown["title"] == "Invoice"
    assert (shown["brand"], shown["number"], shown["paper"]) == ("Tea shop", "dc-1-000001", "a4")
    assert shown["seller"] == [
        "Tea Company GmbH", "Teestraße 1", "10115 Berlin", "Germany", "Tax id: DE123456789", "Registration number: HRB 1234",
    ]  # fmt: skip
    assert shown["buyer"] == ["Ada Byron", "12 Main St", "Chicago, IL 60601", "United States"]
    (row,) = shown["lines"]
    assert row == {
        "title": "#evil()", "sku": "TEA-001", "units": "3", "price": "1000 EUR", "discount": "-200 EUR", "rate": "19 %",
        "amount": "2800 EUR", "part": False,
    }  # fmt: skip
    assert shown["facts"] == [["Issued on", "2026-11-30"], ["Order", "WEB-1"]]
    assert shown["sums"] == [
        ["Goods", "3000 EUR"],
        ["Discounts", "-200 EUR"],
        ["Charges", "100 EUR"],
        ["Tax", "209 EUR"],
    ]
    assert (shown["total"], shown["due"]) == ("3109 EUR", "2109 EUR")
    assert shown["below"] == [["Paid: Gift card", "1000 EUR"]]


def test_a_tax_that_is_included_is_no_summand():
    shown = made(a_sale(a_sale_line(1, 1190, 190, rate="0.19"), prices_include_tax=True))

    assert shown["sums"] == [["Goods", "1190 EUR"]]
    assert shown["below"][0] == ["Tax included", "190 EUR"]
    assert (shown["included"], shown["total"]) == (True, "1190 EUR")
    assert shown["taxes"] == [["19 %", "1000 EUR", "190 EUR"]]


def test_gift_cards_are_named_as_untaxed_until_they_are_spent():
    order = shipped(an_order(a_line("CARD", 1, 1000, title="Card", gift_card=True), a_line("TEA", 1, 500, title="Tea")))

    _, (document,) = invoiced(order, {"1": 1, "2": 1})

    shown = made(document)
    assert [(row["title"], row["rate"]) for row in shown["lines"]] == [
        ("Card (gift card, taxed when it is spent)", "-"),
        ("Tea", "0 %"),
    ]
    assert shown["taxes"] == [
        ["Outside the scope of the tax", "1000 USD", "0 USD"],
        ["0 %", "500 USD", "0 USD"],
    ]


@pytest.mark.parametrize(
    ("locale", "words"), [("en-US", "0 % Export"), ("pt-BR", "0 % Exportação"), ("es", "0 % Exportación")]
)
def test_the_paper_says_why_a_rate_is_zero(locale: str, words: str):
    document = a_sale(a_sale_line(1, 1000, reason="EXPORT"), a_sale_line(1, 500))

    assert made(document, Letterhead(brand="x", locale=locale))["taxes"] == [
        [words, "1000 EUR", "0 EUR"],
        ["0 %", "500 EUR", "0 EUR"],
    ]


def test_an_invoice_keeps_why_it_is_not_taxed_and_where_it_goes():
    line = replace(a_line("TEA", 1, 1000), zero_rate_reason="EXPORT")
    order = shipped(an_order(line, shipping=500))
    order = replace(order, charges=tuple(replace(one, zero_rate_reason="EXEMPT") for one in order.charges))

    _, (document,) = invoiced(order, {"1": 1})

    assert (document.lines[0].rate, document.lines[0].reason) == ("0", "EXPORT")
    assert (document.charge_reasons, document.delivered_to) == (("EXEMPT",), order.destination.country)
    assert made(document)["taxes"] == [["0 % Export", "1000 USD", "0 USD"], ["0 % Exempt from tax", "500 USD", "0 USD"]]


def test_the_parts_of_a_bundle_stand_below_it_with_the_rate_of_the_bundle():
    bundle, *parts = a_bundle("SET", 2, 1000, tax=200)
    assert isinstance(bundle, Bundle)
    order = shipped(an_order(replace(bundle, tax_rate="0.1"), *parts))

    _, (document,) = invoiced(order, {"b1": 2, "b2": 4})

    rows = made(document)["lines"]
    assert [(row["title"], row["units"], row["price"], row["part"]) for row in rows] == [
        ("Set", "2", "1000 USD", False),
        ("POT", "2", "", True),
        ("CUP", "4", "", True),
    ]
    assert [row["rate"] for row in rows] == ["", "10 %", "10 %"]


def test_a_tax_that_came_without_a_rate_shows_none():
    order = shipped(an_order(a_line("TEA", 1, 1000, tax=77)))

    _, (document,) = invoiced(order, {"1": 1})

    assert document.lines[0].rate is None
    assert made(document)["taxes"] == [["-", "1000 USD", "77 USD"]]


@pytest.mark.parametrize(
    ("locale", "title", "card"),
    [("pt-PT", "Fatura", "Cartão"), ("es-MX", "Factura", "Tarjeta"), ("fr-FR", "Invoice", "Card")],
)
def test_the_words_are_those_of_the_locale(locale: str, title: str, card: str):
    shown = made(a_sale(), Letterhead(brand="x", locale=locale))

    assert shown["title"] == title
    assert shown["below"][0][0].endswith(f": {card}")
    assert set(shown["words"]) == set(labels.KINDS["InvoiceWord"])


def test_the_digest_changes_with_whatever_stands_on_the_document_and_with_the_template():
    def made_of(document: SaleDocument, head: Letterhead = HEAD, buyer: str = "copy", template: bytes = b"t") -> str:
        return digest(document, head, SELLER, buyer, template)

    one = a_sale()
    others = [
        made_of(one),
        made_of(one, Letterhead(brand="Other", locale="en-US")),
        made_of(one, buyer="contact 2"),
        made_of(one, template=b"u"),
        made_of(replace(one, paid=())),
        made_of(replace(one, bundles=(a_set(),))),
        made_of(a_sale(a_sale_line(2))),
        digest(one, HEAD, {**SELLER, "city": "Bonn"}, "copy", b"t"),
    ]
    assert len(set(others)) == len(others)
    assert made_of(one) == made_of(a_sale())


def test_whoever_writes_a_sale_otherwise_raises_its_form():
    """A document is kept by its digest: without another form, the paper of before is found and stays wrong."""
    sale = a_sale(
        a_sale_line(3, 999, 240 + 95, rate="0.08", discount=100, charges=500, charges_tax=95),
        a_sale_line(1, 1190, 190, rate="0.19", charges=1),
        a_sale_line(2, 0, 0, reason="EXEMPT"),
        bundles=(a_set(),),
        charge_rates=("0.19",),
        due_on="2026-12-31",
        paid=(Paid(method="CARD", amount=1000), Paid(method="GIFT_CARD", amount=500)),
    )
    heads = [
        Letterhead(brand="Tea", locale=locale, voided=voided)
        for locale in ("en-US", "pt-BR", "es-MX")
        for voided in (False, True)
    ]
    written = [made(one, head) for one in (sale, replace(sale, kind=CREDIT_NOTE)) for head in heads]

    is_now = sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()[:16]
    assert (invoice_document.FORM, is_now) == (2, "0a5a6271badbb758")
