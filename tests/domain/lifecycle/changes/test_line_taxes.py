"""A line or a bundle that is taxed again has no negative tax in any part, and its parts are the tax of all its units."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing import invoices, unit_amounts
from comanda.domain.lifecycle.changes.line_taxes import retaxed_bundle, retaxed_line
from comanda.domain.money import tax_of
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Added, Discount
from tests.builders import a_bundle, a_line, an_order, placed

RATES = st.sampled_from(["0", "0.05", "0.19", "0.27", "1"])


@pytest.mark.parametrize("included", [True, False])
@pytest.mark.parametrize("discount", [0, 150, 250, 400, 1_000])
def test_the_sets_of_a_bundle_carry_no_negative_tax_when_discounts_exceed_them(discount: int, included: bool):
    bundle, *parts = a_bundle("SET", 4, 100)
    assert isinstance(bundle, Bundle)
    bundle = replace(
        bundle,
        quantity=7,
        added=(Added(quantity=2), Added(quantity=1)),
        discounts=(Discount(code="off", amount=discount),),
    )
    order = replace(an_order(bundle, *parts), prices_include_tax=included)

    taxed = retaxed_bundle(order, bundle, "0.19")

    assert min(taxed.tax_of_sold, *(one.tax for one in taxed.added)) >= 0
    assert taxed.tax == tax_of(max(0, 7 * 100 - discount), "0.19", included=included)


@given(st.integers(1, 9), st.integers(0, 999), st.data(), RATES, st.booleans())
def test_a_line_that_is_taxed_again_carries_the_tax_of_what_its_units_cost(
    quantity: int, unit_price: int, data: st.DataObject, rate: str, included: bool
):
    discount = data.draw(st.integers(0, quantity * unit_price))
    invoiced = data.draw(st.integers(0, quantity))
    line = a_line("TEA", quantity, unit_price, tax=data.draw(st.integers(0, 99)), tax_rate="0.1", discount=discount)
    order = placed(an_order(line, prices_include_tax=included))
    if invoiced:
        order, _ = invoices.invoice(order, {"1": invoiced}, number=1, fulfillment=None, series="s", at=order.placed_at)
    before = order.line("1")

    taxed = retaxed_line(before, rate, included=included)

    of_units = [unit_amounts.tax(taxed, k, k + 1) for k in range(quantity)]
    assert min(of_units) >= 0
    # What was invoiced keeps its tax; all others have that of what they cost together.
    kept = unit_amounts.tax(before, 0, invoiced)
    assert sum(of_units[:invoiced]) == kept
    net = unit_amounts.goods(line, invoiced, quantity) - unit_amounts.discount(before, invoiced, quantity)
    assert sum(of_units) == kept + tax_of(net, rate, included=included)
