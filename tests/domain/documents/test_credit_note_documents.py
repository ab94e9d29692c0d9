"""A credit note is a document of what it takes back, with the words of its invoice, as PDF and as XML that every judge takes."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comanda.domain import credit_view, invoice_view
from comanda.domain.billing import document_numbers, invoices
from comanda.domain.billing.credit_notes import All, Amount, Asked, Charges, Units, Wanted, credit
from comanda.domain.billing.document_numbers import DocumentKind
from comanda.domain.billing.payments import capture
from comanda.domain.documents import ubl
from comanda.domain.documents.electronic_invoice import problems
from comanda.domain.documents.sale_document import CREDIT_NOTE, Credited, Paid, SaleDocument, of_credit_note
from comanda.domain.errors import NotAllowed
from comanda.domain.money import tax_of
from comanda.domain.orders.order import Order
from tests.builders import NOW, a_bundle, a_line, a_tender, an_order, placed
from tests.domain.documents.einvoice_judges import en16931_says, peppol_says, schema_says
from tests.domain.documents.test_invoice_document import made
from tests.domain.documents.test_ubl import BUYER, SELLER
from tests.domain.documents.xml_texts import texts


def taxed(quantity: int, unit_price: int, rate: str, *, included: bool = False, discount: int = 0, **more: Any) -> Any:
    tax = tax_of(quantity * unit_price - discount, rate, included=included)
    return a_line("TEA", quantity, unit_price, tax=tax, tax_rate=rate, discount=discount, title="Ceylon tea", **more)


def sold(*lines: Any, included: bool = False, shipping: int = 0, paid: bool = True, **more: Any) -> Order:
    """Return an order of lines taxed by the rate of the first one, with shipping of that rate."""
    shipping_tax = tax_of(shipping, "0.23", included=included)
    order = placed(
        an_order(
            *lines, shipping=shipping, shipping_tax=shipping_tax, prices_include_tax=included, currency="EUR", **more
        )
    )
    tender = a_tender(order.totals.total if paid else 0)
    return replace(order, payments=(tender,))


def documents(order: Order, *wanted: Wanted) -> list[SaleDocument]:
    """Return the documents of credit notes of one invoice of all of the order."""
    units = {line.line_id: line.live for line in order.lines}
    billed, invoice = invoices.invoice(order, units, number=1, fulfillment=None, series="dc-1", at=NOW)
    invoice = replace(invoice, serial=7)
    shown = invoice_view.shown(invoice)
    if order.payments[0].authorized:
        billed, _ = capture(billed, 1)
    earlier, found = [], []
    for one in wanted:
        decision, note = credit(billed, invoice, earlier, Asked(wanted=one, reason="late", by="ann"), NOW)
        billed, earlier = decision.order, [*earlier, note.lines]
        number = document_numbers.written(DocumentKind.CREDIT_NOTE, "dc-1", note.number)
        found.append(of_credit_note(billed, {**credit_view.shown(note, billed), "number": number}, shown))
    return found


def judged(document: SaleDocument) -> bytes:
    assert problems(document, SELLER, BUYER) == []
    xml = ubl.write(document, SELLER, BUYER)
    assert (schema_says(xml, "CreditNote"), en16931_says(xml), peppol_says(xml)) == ([], [], [])
    return xml


WANTED: dict[str, list[Wanted]] = {
    "all": [All()],
    "units": [Units(units={"1": 1}), Units(units={"1": 2})],
    "units without charges": [Units(units={"1": 2}, keep_charges=True)],
    "charges": [Charges()],
    "a part of the charges": [Charges(amount=100)],
    "an amount": [Amount(amount=777)],
    "an amount, and then all": [Amount(amount=777), All()],
}


@pytest.mark.parametrize("included", [False, True])
@pytest.mark.parametrize("name", WANTED)
def test_a_credit_note_passes_every_judge(name: str, included: bool):
    lines = [
        taxed(3, 999, "0.23", included=included, discount=100),
        taxed(2, 500, "0.06", included=included, line_id="2"),
    ]
    order = sold(*lines, included=included, shipping=500)

    for document in documents(order, *WANTED[name]):
        xml = judged(document)
        assert texts(xml, "CreditNoteTypeCode") == ["381"]
        assert texts(xml, "PayableAmount") == ["0.00"]  # it was given back
        assert texts(xml, "ID")[1] == "dc-1-000007"


def test_a_credit_of_charges_alone_has_them_as_its_line():
    (document,) = documents(sold(taxed(3, 999, "0.23"), shipping=500), Charges())
    xml = judged(document)

    assert (texts(xml, "Name"), texts(xml, "CreditedQuantity")) == (["Charges"], ["1"])
    assert (texts(xml, "ChargeTotalAmount"), texts(xml, "LineExtensionAmount")) == (["0.00"], ["5.00", "5.00"])
    assert made(document)["lines"] == []


def test_what_an_unpaid_invoice_is_lowered_by_is_not_given_back():
    (document,) = documents(sold(taxed(3, 1000, "0.23"), paid=False), Units(units={"1": 1}))

    assert (document.lowered, document.paid, document.due) == (1230, (), 0)
    assert texts(judged(document), "PayableAmount") == ["12.30"]


def test_the_document_says_what_its_invoice_said_and_how_it_is_given_back():
    order = sold(taxed(3, 1000, "0.23", discount=300), shipping=500)
    (document,) = documents(order, Units(units={"1": 2}))

    assert (document.kind, document.number) == (CREDIT_NOTE, "dc-1-C000001")
    assert document.credits == Credited(number="dc-1-000007", issued_on="2026-11-19")
    (line,) = document.lines
    assert (line.title, line.rate, line.quantity, line.unit_price, line.goods, line.discount) == (
        "Ceylon tea", "0.23", 2, 1000, 2000, 200,
    )  # fmt: skip
    assert document.paid == (Paid(method="CARD", amount=document.totals.total),)
    shown = made(document)
    assert (shown["title"], shown["due"]) == ("Credit note", None)
    assert ["Invoice", "dc-1-000007, 2026-11-19"] in shown["facts"]
    assert shown["below"] == [["Refunded: Card", f"{document.totals.total} EUR"]]
    assert [(row["units"], row["price"]) for row in shown["lines"]] == [("2", "1000 EUR")]


def test_an_amount_is_credited_without_units():
    (document,) = documents(sold(taxed(3, 1000, "0.23"), paid=False), Amount(amount=615))
    shown = made(document)

    assert [(row["units"], row["price"], row["amount"]) for row in shown["lines"]] == [("", "", "500 EUR")]
    assert shown["below"] == [["Taken off what is owed", "615 EUR"]]
    assert texts(judged(document), "CreditedQuantity") == ["1"]


def test_the_sets_of_a_bundle_stand_above_their_parts():
    bundle, *parts = a_bundle("SET", 2, 1000, tax=460)
    order = sold(replace(bundle, tax_rate="0.23"), *parts)
    whole, amount = documents(order, Units(units={"b1": 1, "b2": 2}), Amount(amount=100))

    assert [(row["title"], row["units"]) for row in made(whole)["lines"]] == [("Set", "1"), ("POT", "1"), ("CUP", "2")]
    assert [(row["title"], row["units"]) for row in made(amount)["lines"]] == [("Set", ""), ("POT", ""), ("CUP", "")]
    judged(whole)
    judged(amount)


def test_a_credit_note_of_an_invoice_of_before_has_the_titles_and_rates_of_its_order():
    order = sold(taxed(1, 1000, "0.23"))
    billed, invoice = invoices.invoice(order, {"1": 1}, number=1, fulfillment=None, series="dc-1", at=NOW)
    invoice = replace(invoice, serial=7)
    shown = invoice_view.shown(invoice)
    old = {**shown, "lines": [{k: v for k, v in shown["lines"][0].items() if k not in ("title", "tax_rate")}]}
    del old["charge_tax_rates"]
    _, note = credit(billed, invoice, [], Asked(wanted=All(), reason="late", by="ann"), NOW)
    view = {**credit_view.shown(note, billed), "number": "dc-1-C000001"}

    assert of_credit_note(billed, view, old) == of_credit_note(billed, view, shown)


@st.composite
def credited(draw: st.DrawFn) -> list[SaleDocument]:
    included = draw(st.booleans())
    lines = []
    for i in range(draw(st.integers(1, 4))):
        quantity, price = draw(st.integers(1, 9)), draw(st.integers(1, 9_999))
        discount = draw(st.integers(0, quantity * price // 2))
        rate = draw(st.sampled_from(["0.23", "0.13", "0.06"]))
        lines.append(taxed(quantity, price, rate, included=included, discount=discount, line_id=str(i + 1)))
    order = sold(*lines, included=included, shipping=draw(st.sampled_from([0, 500])), paid=draw(st.booleans()))
    first = draw(
        st.one_of(
            st.builds(Amount, amount=st.integers(1, max(1, order.totals.total - 1))),
            st.builds(Units, units=st.just({"1": 1}), keep_charges=st.booleans()),
        )
    )
    try:
        return documents(order, first, All())
    except NotAllowed:  # so cheap a unit that nothing is left to credit
        return []


@settings(max_examples=60, deadline=None)
@given(credited())
def test_whatever_is_credited_passes_every_judge_or_is_refused_by_name(found: list[SaleDocument]):
    for document in found:
        if problems(document, SELLER, BUYER):
            # A cent of rounding, in lines or charges that have nothing else left.
            assert {one.pointer for one in problems(document, SELLER, BUYER)} <= {
                "/totals/discounts", "/charges/tax_rate", "/charges/tax_category",
            }  # fmt: skip
        else:
            judged(document)
