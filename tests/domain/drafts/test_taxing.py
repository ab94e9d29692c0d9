"""Test that a draft has the rates of its channel's tax table where no rate was sent, at the places where it is taxed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.drafts import quotes, taxing
from comanda.domain.drafts.draft import Delivery, DraftCharge
from comanda.domain.drafts.quotes import PriceChanged
from comanda.domain.drafts.totals import taxes
from comanda.domain.money import tax_of
from comanda.domain.orders.destination import Destination
from comanda.domain.taxes.places import Place
from comanda.domain.taxes.quotes import Knowledge, TableRates
from comanda.domain.taxes.tax_tables import TaxRow, TaxTable
from tests.domain.drafts.conftest import NOW, a_draft, a_line, a_plain_draft

DAY = "2026-11-19"
OHIO, TEXAS, ABROAD = (Destination(country=c, region=r) for c, r in (("US", "OH"), ("US", "TX"), ("DE", "")))
ROWS = [("OH", "", "0.0575"), ("TX", "", "0.0625"), ("OH", "FOOD", "0"), ("OH", "SHIPPING", "0.01")]
CLASSES = {"SKU-2": "FOOD"}
BY_TABLE = {"tax_table": "states"}


def a_table(rows=ROWS, synthetic=False, name="states@1"):
    made = tuple(
        TaxRow(country="US", region=region, tax_class=of, rate=rate, valid_from="2026-01-01", name="Sales tax")
        for region, of, rate in rows
    )
    return TableRates(TaxTable(rows=made, synthetic=synthetic), name)


class Table:
    """Count how often the table is asked."""

    def __init__(self, rates=None):
        self.rates, self.asked = rates or a_table(), 0
        counters = {"store-1": Place(country="US", region="TX")}
        self.known = Knowledge(counters=counters, classes=lambda skus: CLASSES, quote=self.quote)

    def quote(self, amounts):
        self.asked += 1
        return self.rates.quote(amounts, DAY, included=False)


def taxed(draft, before=None, lines=("1", "2", "3"), table=None, charges_set=True):
    return taxing.taxed(before, draft, lines, (table or Table()).known, charges_set=charges_set)


def rates(draft):
    return [line.tax_rate for line in draft.lines]


def test_a_line_without_a_rate_has_that_of_its_class_where_it_goes():
    table = Table()
    shipping = DraftCharge(kind="SHIPPING", amount=500, **BY_TABLE)
    draft = a_plain_draft(
        a_line("1", **BY_TABLE),
        a_line("2", **BY_TABLE),
        a_line("3", tax_rate="0.2"),
        charges=(shipping,),
        destination=OHIO,
    )

    made = taxed(draft, table=table)

    assert rates(made) == ["0.0575", "0", "0.2"]
    assert made.charges == (replace(shipping, tax_rate="0.01", tax_table="states@1", tax_name="Sales tax"),)
    assert [(line.tax_table, line.tax_name, line.tax_estimated) for line in made.lines] == [
        ("states@1", "Sales tax", False),
        ("states@1", "Sales tax", False),
        ("", "", False),
    ]
    assert table.asked == 1  # whatever the number of lines


def test_each_line_is_taxed_where_it_is_delivered_or_picked_up():
    collected = Delivery(method="PICKUP", node_id="store-1")
    draft = a_plain_draft(
        a_line("1", **BY_TABLE),
        a_line("3", destination=TEXAS, **BY_TABLE),
        a_line("4", delivery=collected, **BY_TABLE),
        a_line("5", delivery=collected, kind="DIGITAL", **BY_TABLE),
        destination=OHIO,
    )
    assert rates(taxed(draft, lines=("1", "3", "4", "5"))) == ["0.0575", "0.0625", "0.0625", "0.0575"]


def test_charges_of_what_is_only_picked_up_are_taxed_at_the_counter():
    draft = a_plain_draft(
        a_line("1"),
        delivery=Delivery(method="PICKUP", node_id="store-1"),
        charges=(DraftCharge(kind="WRAP", amount=100, **BY_TABLE),),
        destination=OHIO,
    )
    assert taxed(draft).charges[0].tax_rate == "0.0625"


def test_another_place_has_another_rate_and_a_rate_that_was_given_is_an_estimate_there():
    shipping = DraftCharge(kind="SHIPPING", amount=500, **BY_TABLE)
    before = taxed(
        a_plain_draft(
            a_line("1", **BY_TABLE),
            a_line("3", tax_rate="0.2"),
            destination=OHIO,
            charges=(shipping,),
            usual_charges=(shipping,),
        )
    )

    after = taxed(replace(before, destination=TEXAS), before, lines=(), charges_set=False)

    assert rates(after) == ["0.0625", "0.2"]
    assert [line.tax_estimated for line in after.lines] == [False, True]
    assert [one.tax_rate for one in (*after.charges, *after.usual_charges)] == ["0.0625", "0.0625"]


def test_what_is_not_touched_keeps_its_rate_and_the_table_is_not_asked():
    before = taxed(a_plain_draft(a_line("1", **BY_TABLE), destination=OHIO))
    table = Table(a_table([("OH", "", "0.09")], name="states@2"))

    after = taxed(replace(before, tags=("vip",)), before, lines=(), table=table, charges_set=False)

    assert (after.lines, table.asked) == (before.lines, 0)


def test_the_place_may_come_after_the_lines():
    before = taxed(a_plain_draft(a_line("1", **BY_TABLE), a_line("3", tax_rate="0.2")))
    assert (before.lines[0].tax_rate, before.lines[0].tax_estimated) == ("0", True)

    after = taxed(replace(before, destination=OHIO), before, lines=(), charges_set=False)

    assert [(line.tax_rate, line.tax_estimated) for line in after.lines] == [("0.0575", False), ("0.2", False)]


def test_rates_that_are_examples_are_estimates():
    made = taxed(a_plain_draft(a_line("1", **BY_TABLE), destination=OHIO), table=Table(a_table(synthetic=True)))
    assert (made.lines[0].tax_rate, made.lines[0].tax_estimated) == ("0.0575", True)


def test_a_place_that_no_row_is_about_is_named_with_the_line_and_the_class():
    table = Table(a_table([("OH", "FOOD", "0.01")]))
    shipping = DraftCharge(kind="SHIPPING", amount=500, **BY_TABLE)
    free = a_line("3", price=0, **BY_TABLE)
    draft = taxed(
        a_plain_draft(a_line("1", **BY_TABLE), a_line("2", **BY_TABLE), free, charges=(shipping,), destination=ABROAD),
        table=table,
    )

    found = list(taxing.without_rate(draft, taxing.taxables(draft, table.known), nowhere=True))

    assert [(one.pointer, one.code) for one in found] == [
        ("/lines/0/tax_rate", "no-tax-rate"),
        ("/lines/1/tax_rate", "no-tax-rate"),
        ("/charges/0/tax_rate", "no-tax-rate"),
    ]
    assert "line 2" in found[1].message
    assert "the tax table states@1 has no rate of the class FOOD in DE" in found[1].message
    assert "charge SHIPPING" in found[2].message


@pytest.mark.parametrize(("nowhere", "problems"), [(False, 0), (True, 1)])
def test_a_line_that_goes_nowhere_yet_may_be_quoted_and_not_ordered(nowhere, problems):
    table = Table()
    draft = taxed(a_plain_draft(a_line("1", **BY_TABLE)), table=table)
    found = list(taxing.without_rate(draft, taxing.taxables(draft, table.known), nowhere=nowhere))
    assert len(found) == problems
    assert all("no place is known" in one.message for one in found)


@pytest.mark.parametrize(
    ("rows", "changed"),
    [
        ([("OH", "", "0.05750"), ("OH", "SHIPPING", "0.01")], []),
        ([("OH", "", "0.06"), ("OH", "SHIPPING", "0.01")], ["/lines/0/tax_rate"]),
        ([("TX", "", "0.06")], ["/lines/0/tax_rate", "/charges/0/tax_rate"]),
    ],
)
def test_a_rate_that_has_changed_since_is_said_unless_a_quote_holds_it(rows, changed):
    shipping = DraftCharge(kind="SHIPPING", amount=500, **BY_TABLE)
    draft = a_draft(a_line("1", **BY_TABLE), charges=(shipping,), destination=OHIO)
    draft = taxed(draft)
    table = Table(a_table(rows, name="states@2"))
    asked = taxing.taxables(draft, table.known)
    now = dict(zip(asked, table.quote(list(asked.values())), strict=True))

    if not changed:
        quotes.require_prices(draft, {}, NOW, taxes=now)
        return
    with pytest.raises(PriceChanged) as refused:
        quotes.require_prices(draft, {}, NOW, taxes=now)

    assert [one.pointer for one in refused.value.problems] == changed
    assert "states@2" in refused.value.problems[0].message
    quotes.require_prices(replace(draft, prices_until=NOW.replace(year=2027)), {}, NOW, taxes=now)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 10**9), st.sampled_from(["1", "2"])), min_size=1, max_size=6),
    st.sampled_from(["JPY", "USD", "BHD"]),
    st.booleans(),
)
def test_each_tax_is_rounded_half_up_by_itself_in_every_currency(lines, currency, included):
    made = tuple(a_line(str(n), quantity, price, **BY_TABLE) for n, (quantity, price, _) in enumerate(lines))
    draft = a_plain_draft(*made, currency=currency, prices_include_tax=included, destination=OHIO)
    found = taxed(draft, lines=[line.line_id for line in made])
    of_lines, _ = taxes(found)
    expected = [tax_of(line.goods, "0" if line.sku in CLASSES else "0.0575", included=included) for line in made]
    assert list(of_lines) == expected
