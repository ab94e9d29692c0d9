"""Components carry their bundle's amounts to the cent, whatever is shipped or cancelled, and in whichever order."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing import bundle_prices, invoices
from comanda.domain.errors import Invalid
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.money import share_of_units
from comanda.domain.orders.line import Discount
from tests.builders import (
    NOW,
    a_bundle,
    a_line,
    a_shipment,
    a_step,
    an_order,
    offered,
    placed,
    saved,
)

SHIP, CANCEL = "ship", "cancel"


def billed(order, units, number):
    return invoices.invoice(order, units, number=number, fulfillment=number, series="dc-1", at=NOW)


def of_sets(order, sets):
    return {line.line_id: sets * line.component.ratio for line in order.lines if line.component}


def test_a_shipped_bundle_is_invoiced_by_the_shares_of_its_components():
    order = saved(
        ship(offered(placed(an_order(*a_bundle(unit_price=1000, tax=80, discount=10)))), a_step(), a_shipment())
    )

    after, invoice = billed(order, of_sets(order, 1), 1)

    pot, cup = invoice.lines
    assert (pot.bundle, pot.quantity, pot.unit_price, pot.goods, pot.discount, pot.tax) == ("b", 1, 0, 600, 6, 48)
    assert (cup.bundle, cup.quantity, cup.unit_price, cup.goods, cup.discount, cup.tax) == ("b", 2, 0, 400, 4, 32)
    (bundle,) = invoice.bundles
    assert (bundle.sku, bundle.title, bundle.quantity, bundle.unit_price) == ("SET", "Set", 1, 1000)
    assert (bundle.goods, bundle.discount, bundle.charges, bundle.tax) == (1000, 10, 0, 80)
    assert invoice.totals == order.totals
    assert after.settled


def test_each_set_of_a_price_that_does_not_divide_is_invoiced_alike():
    thirds = (("A", 1, 333_334), ("B", 1, 333_333), ("C", 1, 333_333))
    order = placed(an_order(*a_bundle("SET", 3, 1000, *thirds)))

    order = saved(cancel(order, {"b": 1}, "one less", "shop", NOW))
    first, second = (invoices.invoice_line(order.line("b1"), n) for n in (1, 2))

    assert order.totals.total == 2000
    assert (first.goods, second.goods) == (334, 668)
    assert [invoices.invoice_line(order.line(line_id), 2).goods for line_id in ("b1", "b2", "b3")] == [668, 666, 666]


def test_a_component_without_a_share_is_free():
    order = placed(an_order(*a_bundle("SET", 1, 999, ("POT", 1, 1_000_000), ("BAG", 1, 0), discount=7, tax=3)))

    lines = [invoices.invoice_line(line, 1) for line in order.lines]

    assert [(line.goods, line.discount, line.tax) for line in lines] == [(999, 7, 3), (0, 0, 0)]


def test_the_order_s_amounts_go_to_components_by_their_part_of_the_price():
    order = placed(an_order(*a_bundle(sets=1, unit_price=1000), a_line("TEA", 1, 1000), shipping=200, discount=100))

    assert [line.header.charges for line in order.lines] == [60, 40, 100]
    assert [line.order_discount for line in order.lines] == [30, 20, 50]


def test_the_totals_count_the_bundle_and_not_its_components():
    with pytest.raises(Invalid) as refused:
        placed(an_order(*a_bundle(unit_price=1000), totals=an_order(a_line("TEA", 1, 999)).totals))

    assert {p.pointer for p in refused.value.problems} == {"/totals/goods", "/totals/total"}


def test_a_discount_above_the_bundles_price_is_refused_in_its_place():
    with pytest.raises(Invalid) as refused:
        placed(an_order(a_line("TEA", 1, 5000), *a_bundle(unit_price=1000, discount=1001)))

    assert [p.pointer for p in refused.value.problems] == ["/lines/1/discounts"]


@pytest.mark.parametrize(
    ("of_the_order", "of_the_bundle", "exceed"),
    [(0, 1000, False), (0, 1001, True), (100, 900, False), (100, 901, True)],
)
def test_a_components_discounts_are_its_bundles_and_the_orders_and_may_be_all_of_its_price(
    of_the_order, of_the_bundle, exceed
):
    order = placed(an_order(*a_bundle(sets=1, unit_price=1000), discount=of_the_order))

    changed = bundle_prices.with_bundle(
        order, replace(order.bundles[0], discounts=(Discount(code="SORRY", amount=of_the_bundle),))
    )

    assert bundle_prices.discounts_exceed_goods(changed, "b") is exceed


@st.composite
def bundles(draw):
    """A bundle of awkward amounts: (sets, price, discount, tax, parts)."""
    sets, price = draw(st.integers(1, 7)), draw(st.integers(0, 2500))
    cuts = sorted(draw(st.lists(st.integers(0, 1_000_000), max_size=5)))
    shares = [b - a for a, b in zip([0, *cuts], [*cuts, 1_000_000], strict=True)]
    parts = [(f"P{i}", draw(st.integers(1, 3)), share) for i, share in enumerate(shares)]
    return sets, price, draw(st.integers(0, sets * price)), draw(st.integers(0, 900)), parts


@given(bundles(), st.lists(st.tuples(st.sampled_from([SHIP, CANCEL]), st.integers(1, 3))))
def test_any_shipments_and_cancels_of_sets_add_up_to_the_bundles_amounts(bundle, steps):
    sets, price, discount, tax, parts = bundle
    order = placed(an_order(*a_bundle("SET", sets, price, *parts, discount=discount, tax=tax)))
    billed_sets, live, made = 0, sets, []

    for step, wanted in [*steps, (SHIP, sets)]:
        n = min(wanted, live - billed_sets)
        if not n:
            continue
        if step == CANCEL:
            live -= n
            order = saved(cancel(order, {"b": n}, "less", "shop", NOW))
        else:
            lines = [invoices.invoice_line(order.line(i), q) for i, q in of_sets(order, n).items()]
            order = order.with_lines(_invoiced(order, n))
            made.append(invoices.totals_of(lines, prices_include_tax=False))
            assert all(min(line.goods, line.discount, line.tax) >= 0 for line in lines)
            assert made[-1].goods == n * price
            assert made[-1].discounts == share_of_units(discount, billed_sets, billed_sets + n, sets)
            assert made[-1].tax == share_of_units(tax, billed_sets, billed_sets + n, sets)
            billed_sets += n
        assert order.totals.goods == live * price
        assert order.totals.discounts == share_of_units(discount, 0, live, sets)
        assert order.totals.tax == share_of_units(tax, 0, live, sets)

    for name in ("goods", "discounts", "charges", "tax", "total"):
        assert sum(getattr(one, name) for one in made) == getattr(order.totals, name)


def _invoiced(order, sets):
    return [replace(line, invoiced=line.invoiced + sets * line.component.ratio) for line in order.lines]


@given(bundles())
def test_components_that_are_invoiced_one_by_one_add_up_too(bundle):
    sets, price, discount, tax, parts = bundle
    order = placed(an_order(*a_bundle("SET", sets, price, *parts, discount=discount, tax=tax, together=False)))
    lines = []

    for line in order.lines:
        for n in range(line.quantity):
            one = invoices.invoice_line(_at(line, n), 1)
            assert min(one.goods, one.discount, one.tax) >= 0
            lines.append(one)

    assert invoices.totals_of(lines, prices_include_tax=False) == order.totals


def _at(line, n):
    return replace(line, invoiced=n)
