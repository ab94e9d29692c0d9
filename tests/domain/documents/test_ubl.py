"""Invoices as XML pass the published schema, the published rules of EN 16931, and those of Peppol as another reader has them."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comanda.domain.documents import ubl
from comanda.domain.documents.electronic_invoice import problems
from comanda.domain.documents.sale_document import CREDIT_NOTE, Credited, Paid, SaleDocument, SaleLine
from comanda.domain.money import tax_of
from comanda.domain.orders.zero_rates import ZeroRateReason
from tests.domain.documents.einvoice_judges import en16931_says, peppol_says, schema_says
from tests.domain.documents.sales import a_sale, a_sale_line, a_set
from tests.domain.documents.xml_texts import texts

SELLER: dict[str, Any] = {
    "name": "Chá & Companhia, Lda.",
    "tax_id": "PT501964843",
    "registration_id": "501964843",
    "electronic_address": "0088:4012345000009",
    "line1": "Rua do Chá 1",
    "line2": "2.º",
    "city": "Lisboa",
    "postal_code": "1000-001",
    "country": "PT",
    "keep_invoices_years": 10,
}
BUYER: dict[str, Any] = {
    "name": "Ada Byron SL",
    "tax_id": "ESB12345678",
    "electronic_address": "0088:4006381333931",
    "buyer_reference": "PO-7",
    "line1": "Calle Mayor 1",
    "city": "Madrid",
    "region": "MD",
    "postal_code": "28013",
    "country": "ES",
}


def taxed(
    quantity: int = 1, unit_price: int = 1000, rate: str = "0.23", *, included: bool = False, **more: Any
) -> SaleLine:
    """Return a line whose tax is that of its rate. `charges` of it are taxed by the same rate."""
    goods = quantity * unit_price
    own = tax_of(goods - more.get("discount", 0), rate, included=included)
    of_charges = tax_of(more.get("charges", 0), rate, included=included)
    return a_sale_line(quantity, unit_price, own + of_charges, rate=rate, charges_tax=of_charges, **more)


def judged(document: SaleDocument, buyer: dict[str, Any] = BUYER, name: str = "Invoice") -> bytes:
    """Return the XML of a document, once every judge has nothing to say."""
    assert problems(document, SELLER, buyer) == []
    xml = ubl.write(document, SELLER, buyer)
    assert schema_says(xml, name) == []
    assert en16931_says(xml) == []
    assert peppol_says(xml) == []
    return xml


SALES = {
    "one line": a_sale(taxed(3, 999)),
    "a discount": a_sale(taxed(3, 999, discount=100)),
    "charges": a_sale(taxed(3, 999, charges=500)),
    "several rates": a_sale(taxed(3, 999), taxed(1, 500, "0.06"), taxed(7, 333, "0.135", discount=31)),
    "charges of one of two rates": a_sale(taxed(3, 999, charges=50_000), taxed(1, 500, "0.06")),
    "untaxed goods for nothing": a_sale(taxed(1, 0), taxed(1, 500)),
    "a discount of everything": a_sale(taxed(2, 500, discount=1000), taxed(1, 500)),
    "taxes included": a_sale(taxed(3, 999, included=True, discount=100, charges=500), prices_include_tax=True),
    "a bundle": a_sale(
        replace(taxed(2, 1250), unit_price=0, bundle="b"),
        replace(taxed(3, 333), unit_price=0, bundle="b"),
        bundles=(a_set(),),
    ),
    "paid in parts": a_sale(
        taxed(1, 1000), paid=(Paid(method="GIFT_CARD", amount=230), Paid(method="CARD", amount=1000))
    ),
    "to be paid on delivery": a_sale(taxed(1, 1000), paid=(), at_hand_over=1230),
    "to be paid": a_sale(taxed(1, 1000), paid=(), due_on="2026-12-14"),
    "credited in part": a_sale(taxed(1, 1000), paid=(), lowered=230, due_on="2026-12-14"),
    "credited": a_sale(taxed(1, 1000), paid=(), lowered=1230),
    **{
        reason: a_sale(
            a_sale_line(3, 999, discount=100, charges=500, reason=reason),
            taxed(1, 500),
            delivered_to="ES",
            charge_reasons=(reason,),
        )
        for reason in ZeroRateReason
    },
    "no tax at all": a_sale(a_sale_line(3, 999, charges=500, reason="EXPORT"), a_sale_line(1, 5, reason="EXPORT")),
    "several reasons": a_sale(
        a_sale_line(3, 999, reason="EXPORT"), a_sale_line(1, 5, reason="EXEMPT"), delivered_to="US"
    ),
    "no tax, included": a_sale(a_sale_line(3, 999, charges=500, reason="EXEMPT"), prices_include_tax=True),
    "yen": a_sale(taxed(3, 999, "0.1"), currency="JPY"),
    "tea": a_sale(taxed(1, 1000, title="شاي \U0001f375 #evil() <cbc:ID>&amp;</cbc:ID> ]]> " + "x" * 300)),
    "letters that XML has not": a_sale(taxed(1, 1000, title="a\x00b\x07c\ud800d\ufffe")),
}


@pytest.mark.parametrize("name", SALES)
def test_an_invoice_passes_every_judge(name: str):
    document = SALES[name]
    xml = judged(document)

    assert texts(xml, "ID")[0] == "dc-1-000001"
    digits = 0 if document.currency == "JPY" else 2
    total = Decimal(document.totals.total).scaleb(-digits)
    assert texts(xml, "TaxInclusiveAmount") == [str(total)]
    # What was credited is on a document of its own.
    assert texts(xml, "PayableAmount") == [str(Decimal(document.payable).scaleb(-digits))]


def test_the_xml_says_why_a_rate_is_zero():
    xml = judged(a_sale(a_sale_line(1, 100, reason="INTRA_COMMUNITY"), delivered_to="XK"))

    assert texts(xml, "TaxExemptionReasonCode") == ["VATEX-EU-IC"]
    assert texts(xml, "IdentificationCode") == ["PT", "ES", "1A"]


def test_a_thousand_lines_pass_every_judge():
    lines = [taxed(i % 9 + 1, 999 + i, ("0.23", "0.13", "0.06")[i % 3], title=f"Tea {i}") for i in range(1_000)]

    assert len(texts(judged(a_sale(*lines)), "InvoicedQuantity")) == 1_000


def test_a_credit_note_is_the_same_document_of_another_kind():
    xml = judged(a_sale(taxed(3, 999, discount=100, charges=500), kind=CREDIT_NOTE), name="CreditNote")

    assert texts(xml, "CreditNoteTypeCode") == ["381"]
    assert texts(xml, "CreditedQuantity") == ["3"]


def test_a_buyer_without_a_vat_number_is_named_by_the_number_that_there_is():
    assert "123.456-78" in texts(judged(a_sale(taxed()), BUYER | {"tax_id": "123.456-78"}), "ID")
    person = {part: BUYER[part] for part in ("name", "country", "electronic_address", "buyer_reference")}
    assert judged(a_sale(taxed()), person)


def test_the_same_document_is_the_same_bytes_with_the_usual_prefixes():
    xml = ubl.write(a_sale(taxed()), SELLER, BUYER)

    assert xml == ubl.write(a_sale(taxed()), SELLER, BUYER)
    assert xml.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<Invoice xmlns="urn:oasis')
    assert b"ns0:" not in xml


RATES = st.sampled_from(["0.23", "0.13", "0.06", "0.19", "0.055", "0.089"])


@st.composite
def sales(draw: st.DrawFn) -> SaleDocument:
    included = draw(st.booleans())
    lines = []
    for _ in range(draw(st.integers(1, 6))):
        quantity, price = draw(st.integers(1, 999)), draw(st.integers(0, 99_999))
        discount = draw(st.integers(0, quantity * price))
        lines.append(taxed(quantity, price, draw(RATES), included=included, discount=discount))
    return a_sale(*lines, prices_include_tax=included, currency=draw(st.sampled_from(["EUR", "JPY", "BRL"])))


@settings(max_examples=40, deadline=None)
@given(sales())
def test_whatever_is_sold_passes_every_judge(document: SaleDocument):
    judged(document)


@pytest.mark.parametrize(
    ("name", "rule"),
    [("PayableAmount", "BR-CO-16"), ("TaxInclusiveAmount", "BR-CO-15"), ("TaxExclusiveAmount", "BR-CO-13")],
)
def test_the_judges_find_a_total_that_is_off_by_a_cent(name: str, rule: str):
    xml = ubl.write(a_sale(taxed(3, 999)), SELLER, BUYER)
    (amount,) = texts(xml, name)
    off = str(Decimal(amount) + Decimal("0.01"))
    wrong = xml.replace(f">{amount}</cbc:{name}>".encode(), f">{off}</cbc:{name}>".encode())

    assert rule in en16931_says(wrong)
    assert any(one.startswith(rule) for one in peppol_says(wrong))


def without(facts: dict[str, Any], *names: str, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in names} | changes


@pytest.mark.parametrize(
    ("document", "seller", "buyer", "pointers"),
    [
        (a_sale(taxed()), without(SELLER, "tax_id"), BUYER, ["/seller/tax_id"]),
        (a_sale(taxed()), without(SELLER, tax_id="501964843"), BUYER, ["/seller/tax_id"]),
        (a_sale(taxed()), without(SELLER, "electronic_address"), BUYER, ["/seller/electronic_address"]),
        (a_sale(taxed()), without(SELLER, country="DE"), BUYER, ["/seller/country"]),
        (a_sale(taxed()), SELLER, {}, ["/buyer/name", "/buyer/country", "/buyer/buyer_reference", "/buyer/electronic_address"]),
        (a_sale(taxed()), SELLER, without(BUYER, electronic_address="ada@example.org"), ["/buyer/electronic_address"]),
        (a_sale(taxed(), currency="BHD"), SELLER, BUYER, ["/currency"]),
        (a_sale(taxed(), paid=()), SELLER, BUYER, ["/payment_terms"]),
        (a_sale(taxed(), paid=(), lowered=100), SELLER, BUYER, ["/payment_terms"]),
        (a_sale(taxed(), paid=(), at_hand_over=100), SELLER, BUYER, ["/payment_terms"]),
        (a_sale(taxed(), a_sale_line(1, 100, 7, rate=None)), SELLER, BUYER, ["/lines/1/tax_rate"]),
        (a_sale(a_sale_line(1, 100)), SELLER, BUYER, ["/lines/0/tax_category"]),
        (a_sale(replace(taxed(), charges=500)), SELLER, BUYER, ["/charges/tax_category"]),
        (a_sale(a_sale_line(1, 100, charges=500, reason="EXPORT"), a_sale_line(1, 5, reason="EXEMPT")), SELLER, BUYER, ["/charges/tax_category"]),
        (a_sale(a_sale_line(1, 100, charges=500, reason="EXPORT"), charge_reasons=("EXPORT", "")), SELLER, BUYER, ["/charges/tax_category"]),
        (a_sale(a_sale_line(1, 100, reason="REVERSE_CHARGE")), SELLER, without(BUYER, "tax_id"), ["/buyer/tax_id"]),
        (a_sale(a_sale_line(1, 100, reason="INTRA_COMMUNITY")), SELLER, without(BUYER, tax_id="1"), ["/buyer/tax_id", "/delivered_to"]),
        (a_sale(replace(taxed(), charges=500, tax=280, charges_tax=50)), SELLER, BUYER, ["/charges/tax_rate"]),
        (a_sale(a_sale_line(1, 1000, 460, rate="0.23")), SELLER, BUYER, ["/totals/tax"]),
        (a_sale(taxed(1, 1000), replace(taxed(1, 100), discount=200, tax=0)), SELLER, BUYER, ["/totals/discounts"]),
    ],
)  # fmt: skip
def test_what_is_missing_is_refused_by_name(
    document: SaleDocument, seller: dict[str, Any], buyer: dict[str, Any], pointers: list[str]
):
    found = problems(document, seller, buyer)

    assert [one.pointer for one in found] == pointers
    assert all(one.message for one in found)


@pytest.mark.parametrize(
    ("tax", "refused"), [(129, False), (131, False), (130 + 99, False), (130 + 100, True), (30, True)]
)
def test_a_tax_may_differ_from_its_rate_by_less_than_one_unit_of_money(tax: int, refused: bool):
    document = a_sale(a_sale_line(1, 1000, tax, rate="0.13"))

    assert bool(problems(document, SELLER, BUYER)) is refused
    if not refused:
        judged(document)


@pytest.mark.parametrize("price", [1, 2, 99])
@pytest.mark.parametrize("rate", ["0.0825", "0.19", "0.5", "1"])
def test_a_part_of_a_line_that_costs_a_cent_less_than_its_tax_passes_every_judge(price: int, rate: str):
    nothing = a_sale_line(1, price, 1, discount=price, rate=rate)

    judged(a_sale(nothing, prices_include_tax=True))
    judged(a_sale(nothing, taxed(3, 999, rate, included=True), prices_include_tax=True))


CARD = a_sale_line(2, 2_500, gift_card=True, title="Gift card")


def test_a_rate_that_the_rules_take_for_none_is_refused():
    """A judge refuses the tax of such a rate: BR-CO-17 rounds it to whole percents."""
    document = a_sale(taxed(1, 100_000, "0.004"))

    assert en16931_says(ubl.write(document, SELLER, BUYER)) == ["BR-CO-17"]
    (problem,) = problems(document, SELLER, BUYER)
    assert (problem.pointer, problem.message) == (
        "/totals/tax",
        "the rules of EN 16931 take a rate of 0.400 % for none",
    )
    judged(a_sale(taxed(1, 100_000, "0.005"), taxed(1, 1, "0.004")))


MIXED = {
    "charges of another rate, goods of three kinds": a_sale(
        replace(taxed(3, 999, charges=0), charges=1000, charges_tax=60, tax=689 + 60),
        a_sale_line(1, 500, reason="EXEMPT"),
        a_sale_line(2, 700, reason="REVERSE_CHARGE"),
        charge_rates=("0.06",),
    ),
    "charges that are not taxed": a_sale(
        replace(taxed(3, 999), charges=1000), charge_reasons=("EXPORT",)
    ),
    "a discount beyond the goods": a_sale(
        a_sale_line(1, 300, 161, rate="0.23", discount=400, charges=800, charges_tax=161)
    ),
    "yen with all of it": a_sale(
        replace(taxed(3, 999, "0.1", included=True), charges=1000, charges_tax=74, tax=272 + 74),
        a_sale_line(1, 500, reason="ZERO_RATED"),
        prices_include_tax=True,
        currency="JPY",
        charge_rates=("0.08",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["Invoice", "CreditNote"])
@pytest.mark.parametrize("name", MIXED)
def test_what_is_mixed_passes_every_judge_as_an_invoice_and_as_a_credit_note(name: str, kind: str):
    document = MIXED[name]
    if kind == "CreditNote":
        document = replace(document, kind=CREDIT_NOTE, credits=Credited(number="dc-1-000001", issued_on="2026-11-01"))

    judged(document, name=kind)


def test_gift_cards_are_outside_the_scope_of_the_tax():
    xml = judged(a_sale(CARD, replace(CARD, line_id="2", quantity=1, goods=2_500)))

    assert texts(xml, "TaxExemptionReasonCode") == ["VATEX-EU-O"]
    assert texts(xml, "Percent") == []
    assert "PT501964843" not in xml.decode()
    assert "ESB12345678" not in xml.decode()


def test_a_credit_note_of_gift_cards_is_outside_the_scope_too():
    note = a_sale(CARD, kind=CREDIT_NOTE, credits=Credited(number="dc-1-000001", issued_on="2026-11-30"))

    assert texts(judged(note, name="CreditNote"), "TaxExemptionReasonCode") == ["VATEX-EU-O"]


@pytest.mark.parametrize("beside", [taxed(1, 999), a_sale_line(1, 999, reason="EXPORT")])
def test_nothing_else_stands_on_the_xml_of_gift_cards(beside: SaleLine):
    found = problems(a_sale(CARD, beside), SELLER, BUYER)

    assert [(one.pointer, one.code) for one in found] == [("/lines", "not-possible")]


def test_gift_cards_want_the_sellers_number_of_a_register():
    seller = {**SELLER, "registration_id": None}

    assert [one.pointer for one in problems(a_sale(CARD), seller, BUYER)] == ["/seller/registration_id"]
