"""The most specific row of a tax table counts, and a table never says two rates for one place, class and day."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.taxes.places import Place
from comanda.domain.taxes.quotes import GivenRates, TableRates, Tax, Taxable
from comanda.domain.taxes.tax_tables import TaxRow, TaxTable, contradictions

DAYS = [f"2026-11-{day:02d}" for day in range(1, 8)]


def a_row(rate: str = "0.2", **changes: Any) -> TaxRow:
    return TaxRow(**{"country": "US", "valid_from": "2026-01-01", "name": "Sales tax", "rate": rate, **changes})


STATE = a_row("0.0625", region="TX")
BOOKS = a_row("0.01", tax_class="BOOKS")
BOOKS_IN_TEXAS = a_row("0.02", region="TX", tax_class="BOOKS")
EL_PASO = a_row("0.0825", region="TX", postal_prefix="799")
WEST_TEXAS = a_row("0.07", postal_prefix="79")
OLD = a_row("0.19", country="DE", valid_until="2026-07-01")
NEW = a_row("0.2", country="DE", valid_from="2026-07-01")
TABLE = TaxTable(rows=(a_row("0.05"), STATE, BOOKS, EL_PASO, WEST_TEXAS, OLD, NEW))
TEXAS = Place(country="US", region="TX", postal_prefix="750")


@pytest.mark.parametrize(
    ("place", "tax_class", "day", "rate"),
    [
        (Place(country="US", region="NY"), "", "2026-11-30", "0.05"),
        (Place(country="US"), "TOYS", "2026-11-30", "0.05"),
        (TEXAS, "", "2026-11-30", "0.0625"),
        (TEXAS, "BOOKS", "2026-11-30", "0.01"),  # a class goes before a place
        (Place(country="US", region="TX", postal_prefix="799"), "", "2026-11-30", "0.0825"),
        (
            Place(country="US", region="TX", postal_prefix="790"),
            "",
            "2026-11-30",
            "0.07",
        ),  # a postal code before a region
        (Place(country="US", region="TX", postal_prefix="7"), "", "2026-11-30", "0.0625"),
        (Place(country="DE"), "", "2026-06-30", "0.19"),
        (Place(country="DE"), "", "2026-07-01", "0.2"),
        (Place(country="DE"), "", "2025-12-31", None),
        (Place(country="FR"), "", "2026-11-30", None),
    ],
)
def test_the_most_specific_row_says_the_rate(place: Place, tax_class: str, day: str, rate: str | None):
    found = TABLE.find(place, tax_class, day)
    assert (found.rate if found else None) == rate


def test_a_row_of_class_and_region_goes_before_one_of_the_class():
    table = TaxTable(rows=(*TABLE.rows, BOOKS_IN_TEXAS))
    found = table.find(TEXAS, "BOOKS", "2026-11-30")
    assert found is BOOKS_IN_TEXAS


def test_each_row_that_overlaps_another_is_named():
    rows = [
        a_row(valid_from="2026-01-01", valid_until=None),
        a_row(valid_from="2026-02-01", valid_until="2026-03-01"),
        a_row(valid_from="2026-04-01"),
        a_row(region="NY"),
    ]
    found = list(contradictions(rows))
    assert [problem.pointer for problem in found] == ["/rows/1", "/rows/2"]
    assert {problem.code for problem in found} == {"overlapping"}
    assert "/rows/0" in found[1].message


def test_a_row_may_begin_on_the_day_on_which_another_ends():
    assert not list(contradictions([NEW, OLD]))


ROWS = st.builds(
    lambda region, prefix, tax_class, first, length, rate: a_row(
        f"0.{rate:02d}",
        region=region,
        postal_prefix=prefix,
        tax_class=tax_class,
        valid_from=DAYS[first],
        valid_until=None if length is None else DAYS[min(6, first + length)],
    ),
    st.sampled_from(["", "NY", "TX"]),
    st.sampled_from(["", "1", "10", "79"]),
    st.sampled_from(["", "BOOKS"]),
    st.integers(0, 5),
    st.one_of(st.none(), st.integers(1, 3)),
    st.integers(0, 99),
)


@given(st.lists(ROWS, max_size=8), st.sampled_from(["", "NY", "TX"]), st.sampled_from(["", "10", "100", "79"]))
def test_in_a_table_without_contradictions_one_row_is_the_most_specific(
    rows: list[TaxRow], region: str, postal_prefix: str
):
    place = Place(country="US", region=region, postal_prefix=postal_prefix)
    contradict = list(contradictions(rows))
    twice = [
        (tax_class, day)
        for tax_class in ("", "BOOKS")
        for day in DAYS
        if len(fitting := [row for row in rows if row.fits(place, tax_class, day)])
        > len({row.scope for row in fitting})
    ]
    if twice:
        assert contradict
    if not contradict:
        for tax_class, day in [(c, d) for c in ("", "BOOKS") for d in DAYS]:
            fitting = [row for row in rows if row.fits(place, tax_class, day)]
            assert len({row.specificity for row in fitting}) == len(fitting)
            assert TaxTable(rows=tuple(reversed(rows))).find(place, tax_class, day) == TaxTable(rows=tuple(rows)).find(
                place, tax_class, day
            )


def test_a_table_taxes_each_amount_by_itself_rounded_half_up():
    amounts = [Taxable(amount=1998, to=TEXAS), Taxable(amount=999, tax_class="BOOKS", to=TEXAS), Taxable(amount=8)]
    found = TableRates(TABLE).quote(amounts, "2026-11-30", included=False)
    assert found == (
        Tax(rate="0.0625", amount=125, name="Sales tax"),  # 124.875
        Tax(rate="0.01", amount=10, name="Sales tax"),
        Tax(rate="0", amount=0, estimated=True),  # nobody knows where it goes
    )


def test_the_tax_in_a_price_is_what_the_net_price_lacks():
    (tax,) = TableRates(TABLE).quote([Taxable(amount=119, to=Place(country="DE"))], "2026-06-30", included=True)
    assert tax.amount == 19


def test_a_rate_that_was_given_goes_before_the_table_and_is_an_estimate():
    amounts = [Taxable(amount=1000, rate="0.07", to=TEXAS)]
    estimate = (Tax(rate="0.07", amount=70, estimated=True),)
    assert TableRates(TABLE).quote(amounts, "2026-11-30", included=False) == estimate
    assert GivenRates().quote(amounts, "2026-11-30", included=False) == estimate


def test_rates_that_are_examples_say_that_they_are_estimates():
    table = TaxTable(rows=TABLE.rows, synthetic=True)
    (tax,) = TableRates(table).quote([Taxable(amount=1000, to=TEXAS)], "2026-11-30", included=False)
    assert tax.estimated
