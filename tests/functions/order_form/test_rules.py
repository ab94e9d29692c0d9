"""Test the sums of the form for any basket: the order that it makes always adds up as POST /v1/orders checks it."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.lifecycle.place import check_totals
from functions.intake import contract
from functions.intake import rules as intake
from functions.order_form import proof, render, rules
from functions.order_form.entry import Entry
from functions.order_form.rules import Choice, FormTerms, Item

NOW = datetime(2026, 11, 30, tzinfo=UTC)
ENTRY = Entry(
    key="01J0000000000000000000000A",
    name="Ada Byron",
    email="ada@example.org",
    line1="12 Main St",
    city="Chicago",
    postal_code="60601",
    country="US",
)
ITEMS = st.lists(st.tuples(st.integers(1, 999), st.integers(1, 10**7)), min_size=1, max_size=30)
RATES = st.decimals(0, "0.999999", places=6).map(lambda rate: f"{rate:f}")


def terms(rate: str, *, included: bool) -> FormTerms:
    return FormTerms(
        channel="web",
        name="Shop",
        currency="USD",
        countries=("US",),
        tax_rate=rate,
        prices_include_tax=included,
        shipping={"STANDARD": 599},
        titles={"en-US": "Shop"},
        payment_notes={},
    )


@given(ITEMS, st.integers(0, 10**6), RATES, st.booleans())
def test_an_order_of_any_basket_adds_up_and_its_tax_is_within_half_a_cent(
    basket: list[tuple[int, int]], charge: int, rate: str, included: bool
) -> None:
    items = [Item(sku=f"S{n}", title="x", quantity=units, price=price) for n, (units, price) in enumerate(basket)]
    choice = Choice(method="SHIP", service="STANDARD", node_id=None, charge=charge)
    shop = terms(rate, included=included)

    bill = rules.bill(items, charge, shop)
    body = rules.order(ENTRY, items, choice, shop, "en-US")

    sent = contract.OrderIn.model_validate(body)
    known = {item.sku: {"title": "x", "weight_g": 1} for item in items}
    to = intake.Destination(country="US")
    check_totals(intake.to_order(sent, "ord_us1_1", "g_1", known, {}, NOW, to))
    exact = bill.goods * Fraction(rate) / ((1 + Fraction(rate)) if included else 1)
    assert abs(sum(bill.taxes) - exact) <= Fraction(1, 2)
    assert min(bill.taxes) >= 0


@pytest.mark.parametrize(("orders", "bits"), [(0, 14), (49, 14), (50, 15), (200, 17), (1_000, 19), (90_000, 21)])
def test_many_orders_make_the_work_harder(orders: int, bits: int) -> None:
    assert proof.bits(orders) == bits


@pytest.mark.parametrize(
    ("wanted", "offered", "language"),
    [
        (["pt"], ["en-US", "es"], "en-US"),
        (["fr", "es"], ["en-US", "es"], "es"),
        ([], ["pt-BR"], "pt-BR"),
        (["en"], [], "en-US"),
    ],
)
def test_a_form_is_shown_in_a_language_that_it_is_offered_in(
    wanted: list[str], offered: list[str], language: str
) -> None:
    assert render.language(wanted, offered) == language
