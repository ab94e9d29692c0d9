"""Taxes are added up by rate, and all rows together are the total of the document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.documents.sale_document import SaleDocument, SaleLine
from comanda.domain.documents.tax_summary import by_rate, charges_rate, charges_reason
from comanda.domain.money import tax_of
from tests.domain.documents.sales import a_sale, a_sale_line


def sums(document: SaleDocument) -> list[tuple[str | None, int, int]]:
    return [(row.rate, row.net, row.tax) for row in by_rate(document)]


def test_lines_of_one_rate_are_one_row_and_the_highest_rate_is_first():
    document = a_sale(
        a_sale_line(2, 1000, 140, rate="0.07"),
        a_sale_line(1, 500, 95, rate="0.19"),
        a_sale_line(1, 100, 7, rate="0.07"),
    )

    assert sums(document) == [("0.19", 500, 95), ("0.07", 2100, 147)]


def test_prices_that_include_their_tax_are_shown_without_it():
    assert sums(a_sale(a_sale_line(1, 1190, 190, rate="0.19"), prices_include_tax=True)) == [("0.19", 1000, 190)]


@pytest.mark.parametrize(
    ("lines", "rate"),
    [
        ([a_sale_line(1, 1000, 190 + 95, rate="0.19", charges=500, charges_tax=95)], "0.19"),
        ([a_sale_line(1, 1000, 190, rate="0.19", charges=500)], "0"),
        ([a_sale_line(1, 1000, 190 + 50, rate="0.19", charges=500, charges_tax=50)], None),
        # Two rates make a tax of one cent to the rounding.
        (
            [
                a_sale_line(1, 1000, 191, rate="0.19", charges=5, charges_tax=1),
                a_sale_line(1, 1000, 70, rate="0.07"),
            ],
            None,
        ),
        ([a_sale_line(1, 1000, 0)], None),
    ],
)
def test_charges_have_the_one_rate_that_makes_their_tax(lines: list[SaleLine], rate: str | None):
    assert charges_rate(a_sale(*lines)) == rate


def test_charges_that_are_too_small_for_a_tax_keep_the_rate_of_the_goods():
    small = a_sale_line(1, 2000, 400, rate="0.20", charges=2)

    assert charges_rate(a_sale(small)) == "0.20"
    assert charges_rate(a_sale(small, charge_reasons=("EXEMPT",))) == "0"
    assert charges_rate(a_sale(small, a_sale_line(1, 500, 0, rate="0"))) == "0"
    assert charges_rate(a_sale(a_sale_line(1, 2000, 400, rate="0.20", charges=8))) == "0"  # 1.6 would be two


def test_charges_that_a_tax_table_taxed_may_have_another_rate_than_goods():
    document = a_sale(a_sale_line(1, 1000, 60 + 115, rate="0.06", charges=500, charges_tax=115), charge_rates=("0.23",))

    assert sums(document) == [("0.23", 500, 115), ("0.06", 1000, 60)]


def test_charges_of_a_credit_note_have_the_rate_of_their_invoice():
    """The rate is that of goods that the customer keeps."""
    shipped = (
        a_sale_line(3, 999, 266 + 48, rate="0.08875", charges=239, charges_tax=48),
        a_sale_line(2, 2500, 1000 + 72, rate="0.20", charges=360, charges_tax=72),
    )
    back = a_sale_line(2, 999, 177 + 32, rate="0.08875", charges=159, charges_tax=32)

    assert charges_rate(a_sale(*shipped)) == "0.20"
    assert sums(a_sale(back, invoice_lines=shipped)) == [("0.20", 159, 32), ("0.08875", 1998, 177)]
    assert sums(a_sale(a_sale_line(1, 999, 89, rate="0.08875"), invoice_lines=shipped)) == [("0.08875", 999, 89)]


def test_charges_of_a_credit_note_are_not_taxed_for_the_reason_of_their_invoice():
    shipped = (a_sale_line(1, 1000, 0, reason="EXEMPT", charges=500), a_sale_line(1, 1000, 0, reason="EXPORT"))
    back = a_sale_line(1, 1000, 0, reason="EXEMPT", charges=500)

    assert charges_reason(a_sale(*shipped)) == charges_reason(a_sale(back, invoice_lines=shipped)) == ""
    assert charges_reason(a_sale(back)) == "EXEMPT"


def test_the_tax_of_charges_that_no_rate_makes_has_a_row_without_a_rate():
    document = a_sale(a_sale_line(1, 1000, 190 + 50, rate="0.19", charges=500, charges_tax=50))

    assert sums(document) == [("0.19", 1000, 190), (None, 500, 50)]


def test_a_discount_beyond_the_goods_is_taken_from_the_charges():
    assert sums(a_sale(a_sale_line(1, 1000, 0, discount=1200, charges=500))) == [("0", 300, 0)]


AMOUNTS = st.integers(0, 10**7)


@st.composite
def sales(draw: st.DrawFn) -> SaleDocument:
    lines = []
    included = draw(st.booleans())
    for _ in range(draw(st.integers(1, 5))):
        goods, rate = draw(AMOUNTS), draw(st.sampled_from([None, "0", "0.07", "0.19", "0.08875"]))
        discount = draw(st.integers(0, goods))
        own = tax_of(goods - discount, rate or "0.1", included=included)
        charges = draw(AMOUNTS)
        charges_tax = draw(st.integers(0, charges))
        lines.append(
            a_sale_line(
                1, goods, own + charges_tax, discount=discount, rate=rate, charges=charges, charges_tax=charges_tax
            )
        )
    return a_sale(*lines, prices_include_tax=included)


@given(sales())
def test_net_and_tax_of_all_rows_are_the_total(document: SaleDocument):
    found = sums(document)

    assert sum(net + tax for _, net, tax in found) == document.totals.total
    assert sum(tax for _, _, tax in found) == document.totals.tax
