"""Test that the totals of a draft add up to the cent, with the tax of each line by its rate."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.drafts.draft import DraftCharge
from comanda.domain.drafts.totals import taxes, totals
from comanda.domain.orders.line import Discount
from tests.domain.drafts.conftest import a_line, a_plain_draft


@pytest.mark.parametrize(
    ("price", "rate", "included", "tax"),
    [
        (1000, "0.0825", False, 83),  # 82.5 rounds up
        (1000, "0.0824", False, 82),
        (1190, "0.19", True, 190),
        (1000, "0.19", True, 160),  # 159.66...
        (1000, "0", False, 0),
    ],
)
def test_the_tax_of_a_line_is_rounded_half_up(price, rate, included, tax):
    draft = a_plain_draft(a_line(price=price, tax_rate=rate), prices_include_tax=included)

    assert taxes(draft) == ((tax,), ())
    assert totals(draft).total == price + (0 if included else tax)


def test_tax_is_due_on_what_discounts_leave():
    draft = a_plain_draft(
        a_line("1", price=1000, tax_rate="0.1", discounts=(Discount(code="OWN", amount=100),)),
        a_line("2", price=300, tax_rate="0.1"),
        discounts=(Discount(code="ALL", amount=120),),
        charges=(DraftCharge(kind="shipping", amount=500, tax_rate="0.1"),),
    )

    assert taxes(draft) == ((81, 27), (50,))  # of 900 - 90, 300 - 30, and 500
    found = totals(draft)
    assert (found.goods, found.discounts, found.charges, found.tax, found.total) == (1300, 220, 500, 158, 1738)


def test_a_discount_above_the_goods_lowers_the_charges():
    draft = a_plain_draft(
        a_line(price=100, tax_rate="0.1"),
        discounts=(Discount(code="ALL", amount=300),),
        charges=(DraftCharge(kind="shipping", amount=500, tax_rate="0.1"),),
    )

    assert taxes(draft) == ((0,), (30,))
    assert totals(draft).total == 330


RATES = st.sampled_from(["0", "0.0825", "0.19", "0.2", "1", "0.000001"])
LINES = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 10_000), RATES), max_size=8)


@given(LINES, st.lists(st.tuples(st.integers(0, 9_999), RATES), max_size=3), st.integers(0, 10**6), st.booleans())
def test_totals_always_add_up(lines, charges, discount, included):
    made = [a_line(str(i), quantity, price, tax_rate=rate) for i, (quantity, price, rate) in enumerate(lines)]
    worth = sum(line.goods for line in made) + sum(amount for amount, _ in charges)
    draft = a_plain_draft(
        *made,
        charges=tuple(DraftCharge(kind="c", amount=amount, tax_rate=rate) for amount, rate in charges),
        discounts=(Discount(code="d", amount=min(discount, worth)),),
        prices_include_tax=included,
    )

    found, (of_lines, of_charges) = totals(draft), taxes(draft)

    assert found.total == found.goods - found.discounts + found.charges + (0 if included else found.tax) >= 0
    assert found.tax == sum(of_lines) + sum(of_charges)
    most = sum(line.goods * Fraction(line.tax_rate) for line in made)
    most += sum(amount * Fraction(rate) for amount, rate in charges)
    assert 0 <= found.tax <= most + len(made) + len(charges)
