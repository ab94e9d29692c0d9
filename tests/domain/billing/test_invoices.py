"""Invoices are exact to the cent: those of all shipments add up to the order's total."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing import header_amounts, invoices, payments
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.money import tax_of
from comanda.domain.orders.line import Discount
from tests.builders import NOW, a_bundle, a_line, a_shipment, a_step, an_order, offered, placed, saved


def billed(order, *shipments, fulfillment=1):
    """The order and its invoices, after these shipments (line id: units) left."""
    made = []
    for units in shipments:
        order, invoice = invoices.invoice(
            order, units, number=len(made) + 1, fulfillment=fulfillment, series="dc-1", at=NOW
        )
        made.append(invoice)
    return order, made


def shipped(order):
    return saved(ship(offered(placed(order)), a_step(), a_shipment()))


def test_an_invoice_names_its_shipment_its_number_and_every_line():
    order, (invoice,) = billed(
        shipped(an_order(a_line("TEA", 2, 1299, tax=214, discount=98), shipping=500, shipping_tax=41)), {"1": 2}
    )

    assert invoice.invoice_id == "inv_" + order.order_id[4:] + "-001"
    assert (invoice.order_id, invoice.number, invoice.fulfillment) == (order.order_id, 1, 1)
    assert (invoice.series, invoice.currency, invoice.at) == ("dc-1", "USD", NOW)
    (line,) = invoice.lines
    assert (line.line_id, line.sku, line.quantity, line.unit_price) == ("1", "TEA", 2, 1299)
    assert (line.goods, line.discount, line.charges, line.tax) == (2598, 98, 500, 255)
    assert invoice.totals == order.totals
    assert invoice.totals.total == 2598 - 98 + 500 + 255
    assert order.invoices == (invoice.invoice_id,)
    assert order.invoiced_total == invoice.totals.total
    assert order.line("1").invoiced == 2
    assert order.fulfillment(1).invoice == 1
    assert order.settled


def test_prices_that_include_tax_are_not_taxed_again():
    _, (invoice,) = billed(shipped(an_order(a_line("TEA", 1, 1080, tax=80), prices_include_tax=True)), {"1": 1})

    assert (invoice.totals.tax, invoice.totals.total) == (80, 1080)


def test_unit_k_of_n_carries_the_difference_of_two_floors():
    order = shipped(an_order(a_line("TEA", 3, 1000, tax=100, discount=10)))

    _, made = billed(order, {"1": 1}, {"1": 1}, {"1": 1})

    assert [i.totals.tax for i in made] == [33, 33, 34]
    assert [i.totals.discounts for i in made] == [3, 3, 4]


def test_header_amounts_follow_the_units_they_were_spread_over():
    order = shipped(an_order(a_line("TEA", 2, 1000), a_line("POT", 1, 4000), shipping=600, discount=300))

    _, made = billed(order, {"1": 1}, {"1": 1, "2": 1})

    assert [(i.totals.charges, i.totals.discounts) for i in made] == [(100, 50), (500, 250)]


def test_the_header_goes_by_quantity_when_every_line_is_free():
    order = placed(an_order(a_line("TEA", 1, 0), a_line("POT", 3, 0), shipping=400))

    assert [line.header.charges for line in order.lines] == [100, 300]


def test_a_free_line_carries_no_header_beside_one_that_costs():
    order = placed(an_order(a_line("TEA", 5, 0), a_line("POT", 1, 100), shipping=400))

    assert [line.header.charges for line in order.lines] == [0, 400]


def test_free_shipping_by_coupon_on_free_goods_costs_nothing():
    order = placed(an_order(a_line("TEA", 2, 1000, discount=2000), shipping=500, discount=500))

    assert order.totals.total == 0
    assert invoices.order_totals(order) == order.totals


def test_a_later_discount_goes_to_the_lines_that_are_still_worth_something():
    order = placed(an_order(a_line("TEA", 5, 12_345), discount=61_710))
    added = replace(placed(an_order(a_line("POT", 1, 1_000))).lines[0], line_id="2")
    later = replace(
        order,
        lines=(*order.lines, added),
        discounts=(*order.discounts, replace(order.discounts[0], amount=800, by="care")),
    )

    parts = [line.header.discounts for line in invoices.revalued(later).lines]

    worth = [line.quantity * line.unit_price - line.order_discount for line in later.lines]
    assert sum(parts) == 800
    assert all(part <= value for part, value in zip(parts, worth, strict=True)), (parts, worth)


@given(
    prices=st.lists(st.integers(0, 2_000), min_size=1, max_size=4),
    discount=st.integers(0, 3_000),
    shipping=st.integers(0, 500),
    shipped_units=st.integers(0, 2),
    cancelled=st.integers(0, 2),
)
def test_what_no_unit_carries_of_a_discount_is_what_is_left_of_it_when_it_is_spread(
    prices, discount, shipping, shipped_units, cancelled
):
    order = placed(an_order(*(a_line("TEA", 3, price) for price in prices), shipping=shipping))
    if shipped_units:
        order, _ = billed(shipped(an_order(*order.lines, shipping=shipping)), {order.lines[0].line_id: shipped_units})
    elif cancelled:
        order = cancel(order, {order.lines[-1].line_id: cancelled}, "asked", "shop", NOW).order
    order = replace(order, discounts=(*order.discounts, Discount(code="LATE", amount=discount, by="care")))

    lines = invoices.revalued(order).lines

    carried = sum(line.order_discount + line.header.discounts + line.header_billed.discounts for line in lines)
    assert header_amounts.uncarried_discount(order) == sum(d.amount for d in order.discounts) - carried


@pytest.mark.parametrize("price", [1, 5, 19, 1_999])
@pytest.mark.parametrize("shipping", [0, 1, 500])
def test_the_first_units_cost_no_less_than_nothing_when_a_discount_makes_all_units_free(price, shipping):
    """Units' parts of a component's price are differences of floors, and so are those of a discount: they differ by a cent."""
    bundle = a_bundle("SET", 1, price, ("TEA", 1, 250_000), ("POT", 2, 750_000), together=False)
    free = an_order(*bundle, shipping=shipping, discount=price + shipping)
    order = placed(free, discount_after_cancel=header_amounts.KEEP)

    for line in order.lines:
        for units in range(1, line.quantity + 1):
            made = invoices.invoice_line(line, units)
            assert made.goods + made.charges >= made.discount, made


def test_a_cancel_after_a_part_invoice_leaves_what_was_invoiced_and_spreads_the_rest_anew():
    order = shipped(an_order(a_line("TEA", 2, 1000), a_line("POT", 5, 1000), shipping=700))
    order = replace(order, lines=placed(an_order(a_line("TEA", 2, 1000), a_line("POT", 5, 1000), shipping=700)).lines)
    order, (first,) = billed(order, {"2": 3})
    assert first.totals.charges == 300

    order = saved(cancel(order, {"2": 2}, "less", "shop", NOW))

    _, (second,) = billed(order, {"1": 2})
    assert second.totals.charges == 400
    assert order.totals.charges == 700
    assert order.totals.total == first.totals.total + second.totals.total


def test_when_nothing_is_left_to_ship_the_rest_of_the_header_is_not_charged():
    order = offered(placed(an_order(a_line("TEA", 2, 1000), shipping=100)))
    order = saved(ship(order, a_step(l1=1), a_shipment()))
    order, (first,) = billed(order, {"1": 1})

    order = saved(cancel(order, None if order.lines[0].live == 1 else {"1": 1}, "less", "shop", NOW))

    assert first.totals.charges == 50
    assert order.totals.total == order.invoiced_total == 1050
    assert order.settled


@pytest.mark.parametrize("quantity", [0, -1, 3])
def test_units_that_are_not_there_are_not_invoiced(quantity):
    order = placed(an_order(a_line("TEA", 2)))

    with pytest.raises(NotAllowed, match="cannot invoice"):
        invoices.invoice_line(order.line("1"), quantity)


def test_the_same_units_are_not_invoiced_twice():
    order, _ = billed(shipped(an_order(a_line("TEA", 2))), {"1": 2})

    with pytest.raises(NotAllowed, match="after 2 of 2"):
        billed(order, {"1": 1})


def test_lines_without_units_are_not_on_the_invoice():
    _, (invoice,) = billed(shipped(an_order(a_line("TEA", 2), a_line("POT", 1))), {"1": 2, "2": 0})

    assert [line.line_id for line in invoice.lines] == ["1"]


LINES = st.lists(
    st.builds(
        lambda quantity, price, tax, percent: a_line(
            "TEA", quantity, price, tax=tax, discount=quantity * price * percent // 100
        ),
        st.integers(1, 7),
        st.integers(0, 5000),
        st.integers(0, 999),
        st.integers(0, 100),
    ),
    min_size=1,
    max_size=5,
)


POLICIES = st.sampled_from((header_amounts.SHARE, header_amounts.KEEP))


@given(LINES, st.integers(0, 999), st.integers(0, 99), st.integers(0, 100), st.booleans(), POLICIES, st.data())
def test_whatever_ships_or_is_cancelled_in_whatever_parts_the_invoices_add_up_to_the_order(
    lines, shipping, shipping_tax, percent, prices_include_tax, policy, data
):
    net = sum(line.quantity * line.unit_price - line.discount for line in lines)
    order = placed(
        an_order(
            *lines,
            shipping=shipping,
            shipping_tax=shipping_tax,
            discount=(net + shipping) * percent // 100,
            prices_include_tax=prices_include_tax,
        ),
        discount_after_cancel=policy,
    )
    authorised = order.totals.total
    assert invoices.order_totals(order) == order.totals
    order = offered(order)
    made = []

    for last in (False, False, False, False, True):
        left = {x.line_id: x.live - x.invoiced for x in order.lines if x.live > x.invoiced}
        some = left if last else {i: n for i, q in left.items() if (n := data.draw(st.integers(0, q)))}
        if some and not last and data.draw(st.booleans()):
            order = saved(cancel(order, some, "less", "shop", NOW))
        elif some:
            order, invoice = invoices.invoice(order, some, number=len(made) + 1, fulfillment=1, series="s", at=NOW)
            made.append(invoice)

    for name in ("goods", "discounts", "charges", "tax", "total"):
        assert sum(getattr(invoice.totals, name) for invoice in made) == getattr(order.totals, name)
    assert order.invoiced_total == order.totals.total
    if policy == header_amounts.SHARE and (net + shipping) * percent // 100 <= net:
        assert all(invoice.totals.total >= 0 for invoice in made)
    taken, _ = payments.capture(order, 1)
    done, _ = payments.settle(taken)
    assert done.captured == max(0, order.totals.total)
    assert done.captured + sum(tender.released for tender in done.payments) == authorised


TINY = st.lists(
    st.tuples(
        st.integers(1, 300),
        st.integers(1, 9),
        st.sampled_from(("0.0825", "0.19", "0.27", "0.5", "1")),
        st.one_of(st.just(0), st.integers(0, 100)),
    ),
    min_size=1,
    max_size=4,
)


@given(TINY, st.data())
def test_the_tax_in_a_tiny_price_is_no_more_than_the_price_but_for_a_cent_of_a_part_with_a_discount(rows, data):
    lines = [
        a_line("TEA", quantity, price, discount=(off := quantity * price * percent // 100), tax=tax_of(
            quantity * price - off, rate, included=True
        ))
        for quantity, price, rate, percent in rows
    ]  # fmt: skip
    order = offered(placed(an_order(*lines, prices_include_tax=True)))
    assert all(line.tax <= line.quantity * line.unit_price - line.discount for line in order.lines)
    made = []

    while left := {x.line_id: x.live - x.invoiced for x in order.lines if x.live > x.invoiced}:
        some = {i: n for i, q in left.items() if (n := data.draw(st.integers(0, q)))} or left
        order, invoice = invoices.invoice(order, some, number=len(made) + 1, fulfillment=1, series="s", at=NOW)
        made.append(invoice)

    for line in order.lines:
        billed_ = [one for invoice in made for one in invoice.lines if one.line_id == line.line_id]
        rest = 1 if line.discount else 0  # price and tax are each cut to whole cents
        assert all(0 <= one.tax <= one.goods - one.discount + rest for one in billed_)
        assert sum(one.tax for one in billed_) == line.tax
        assert sum(one.goods - one.discount for one in billed_) == line.quantity * line.unit_price - line.discount
    assert sum(invoice.totals.total for invoice in made) == order.totals.total
    assert sum(invoice.totals.tax for invoice in made) == order.totals.tax == sum(line.tax for line in lines)


@given(LINES, st.integers(0, 100), st.data())
def test_a_cancelled_unit_never_makes_an_order_dearer_nor_gives_back_more_than_it_cost(lines, percent, data):
    net = sum(line.quantity * line.unit_price - line.discount for line in lines)
    order = placed(an_order(*lines, shipping=500, discount=net * percent // 100))

    for line in order.lines:
        if units := data.draw(st.integers(0, line.live)):
            before = order.totals.total
            order = saved(cancel(order, {line.line_id: units}, "less", "shop", NOW))
            # With the last unit the charges of the order come back too.
            most = units * line.unit_price + line.tax + (500 if order.status == "CANCELLED" else 0)
            assert 0 <= before - order.totals.total <= most


def test_no_unit_costs_less_than_nothing_whatever_the_floors_of_its_discounts_are():
    order = replace(an_order(a_line("TEA", 2, 7, discount=9)), discounts=(Discount(code="LATE", amount=5),))
    order = replace(order, totals=replace(order.totals, discounts=14, total=0))
    kept = placed(order, discount_after_cancel=header_amounts.KEEP)
    order = saved(ship(offered(kept), a_step(), a_shipment()))

    _, made = billed(order, {"1": 1}, {"1": 1})

    assert [invoice.totals.total for invoice in made] == [0, 0]  # floors alone say 7 - 4 - 2 and 7 - 5 - 3


def test_a_cancelled_unit_of_a_component_makes_no_order_dearer():
    set_of_five = a_bundle("SET", 1, 3, ("POT", 5, 1_000_000), together=False, discount=2)
    order = placed(an_order(*set_of_five))  # goods 0 0 1 0 1 1, discounts 0 0 0 1 0 1
    costs = [order.totals.total]

    for _ in range(5):
        order = saved(cancel(order, {"b1": 1}, "less", "shop", NOW))
        costs.append(order.totals.total)

    assert costs == sorted(costs, reverse=True)
