"""Discounts that are given after the sale: they lower the tax of what they lower, and no price has more tax inside than it costs."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing import credit_notes, header_amounts, invoices
from comanda.domain.books.accounts import Account, standing
from comanda.domain.errors import Invalid, NotAllowed
from comanda.domain.lifecycle import place
from comanda.domain.lifecycle.changes.changed_amounts import NewCharge, NewDiscount
from comanda.domain.lifecycle.changes.changed_units import NewQuantity
from tests.builders import NOW, a_line, an_order, placed, saved
from tests.domain.lifecycle.changes.test_changed_amounts import SORRY, after, changed, price


def off(amount):
    return NewDiscount(code="SORRY", amount=amount)


def kept(order):
    """Place an order of a channel that keeps the discount whole."""
    return saved(place.place_order(order, [], "shop", NOW, discount_after_cancel=header_amounts.KEEP))


@pytest.mark.parametrize(
    ("unit_price", "units", "tax", "included", "discount", "left"),
    [
        (1000, 2, 319, True, 1999, 0),  # 0.01 of 20.00 with 19 % inside
        (1000, 2, 319, True, 1000, 160),  # 159.5
        (1000, 2, 165, False, 500, 124),  # 15.00 x 8.25 % = 1.2375
        (1000, 2, 165, False, 2000, 0),
        (1000, 2, 0, False, 500, 0),
        (100, 1, 99, True, 60, 40),  # 39.6
        (999, 3, 266, False, 1, 266),  # 265.9
    ],
)
def test_a_discount_lowers_the_tax_in_proportion(unit_price, units, tax, included, discount, left):
    order = placed(an_order(a_line("TEA", units, unit_price, tax=tax), prices_include_tax=included))

    given_ = after(order, off(discount)).totals

    paid = units * unit_price - discount
    assert (given_.tax, given_.total) == (left, paid if included else paid + left)
    assert after(order, replace(SORRY, amount=discount)).totals == given_


def test_each_line_keeps_its_rate():
    order = placed(
        an_order(a_line("TEA", 1, 10_000, tax=1900), a_line("BOOK", 1, 10_000, tax=700), a_line("CARD", 1, 10_000))
    )

    assert after(order, off(15_000)).totals.tax == 950 + 350
    cancelled = after(order, off(15_000), NewQuantity(line_id="1", quantity=0))
    assert (cancelled.totals.total, cancelled.totals.tax) == (5000 + 175, 175)


def test_a_discount_stays_whole_and_takes_the_tax_of_what_is_left():
    order = after(placed(an_order(a_line("TEA", 2, 1000, tax=320), prices_include_tax=True)), off(900))
    assert (order.totals.total, order.totals.tax) == (1100, 176)

    order = after(order, NewQuantity(line_id="1", quantity=1))

    assert (order.totals.total, order.totals.tax) == (100, 16)
    assert after(order, price(900)).totals.tax == 0


def test_what_a_discount_takes_off_charges_takes_their_tax_too():
    order = placed(an_order(a_line("TEA", 1, 1000, tax=160), shipping=500, shipping_tax=80, prices_include_tax=True))

    order = after(order, off(1250))

    assert (order.totals.total, order.totals.tax) == (250, 40)
    line = invoices.invoice_line(order.line("1"), 1)
    assert (line.tax, line.charges_tax, line.charges_tax_off) == (40, 40, 40)
    assert after(order, NewCharge(kind="WRAP", amount=100, tax=16)).totals.tax == 56


def test_discounts_that_came_with_the_order_lower_no_tax_again():
    shared = placed(an_order(a_line("TEA", 2, 1000, tax=100), discount=1000))
    whole = kept(an_order(a_line("TEA", 2, 1000, tax=100), discount=1000))

    assert (shared.totals.tax, whole.totals.tax) == (100, 100)
    assert after(shared, off(500)).totals.tax == after(whole, off(500)).totals.tax == 50


def test_no_discount_that_stays_whole_leaves_more_tax_than_price():
    order = kept(
        an_order(a_line("TEA", 1, 100, tax=8), a_line("POT", 1, 100, tax=8), discount=100, prices_include_tax=True)
    )

    assert after(order, NewQuantity(line_id="2", quantity=0)).totals.tax == 0


def test_a_discount_that_stays_whole_lowers_no_tax_of_units_that_stay_where_prices_do_not_include_it():
    came = kept(an_order(a_line("TEA", 2, 1000, tax=150), discount=500))  # 10 % of 15.00
    later = after(kept(an_order(a_line("TEA", 2, 1000, tax=200))), off(500))
    assert came.totals == later.totals

    one = NewQuantity(line_id="1", quantity=1)
    came, later = after(came, one), after(later, one)

    assert (came.totals.total, came.totals.tax) == (575, 75)  # half of the tax that came
    assert (later.totals.total, later.totals.tax) == (550, 50)


def test_units_that_joined_later_and_dearer_take_their_tax_along():
    shop = an_order(
        a_line("TEA", 1, 10_000, discount=9000, tax=138, tax_rate="0.16"),
        shipping=1000,
        shipping_tax=138,
        prices_include_tax=True,
    )
    order = after(placed(shop), NewQuantity(line_id="1", quantity=2), off(6000))

    order, first = invoiced(order, {"1": 1})
    order, second = invoiced(order, {"1": 1})

    assert (first.totals.total, first.totals.tax) == (0, 0)
    assert (second.totals.total, second.totals.tax) == (6000, 828)  # 16 % of 51.72


def test_the_tax_of_units_that_a_kept_discount_makes_cheap_is_no_more_than_they_cost():
    order = kept(an_order(a_line("TEA", 10, 1000, tax=14, tax_rate="0.16"), discount=9900, prices_include_tax=True))
    order = after(order, NewQuantity(line_id="1", quantity=11))
    assert (order.totals.total, order.totals.tax) == (1100, 152)

    order, first = invoiced(order, {"1": 10})
    order, last = invoiced(order, {"1": 1})

    assert [(one.totals.total, one.totals.tax) for one in (first, last)] == [(1000, 138), (100, 14)]


def test_what_the_orders_own_discount_made_free_has_no_tax_inside_once_a_discount_is_given():
    order = placed(
        an_order(
            a_line("TEA", 1, 1000, tax=160), shipping=2000, shipping_tax=276, discount=1000, prices_include_tax=True
        )
    )

    assert after(order, off(2000)).totals.tax == 0
    without = placed(an_order(a_line("TEA", 1, 1000, tax=276), a_line("SAMPLE", 1, 0, tax=100)))
    assert after(without, off(1000)).totals.tax == 100  # a sample is taxed for what it is worth


def test_the_books_have_a_discount_that_exceeds_the_goods_in_revenue():
    order = placed(an_order(a_line("TEA", 1, 1000, tax=138), shipping=1000, shipping_tax=138, prices_include_tax=True))

    order, made = invoiced(after(order, off(1500)), {"1": 1})

    has = standing(order)
    assert (has[Account.REVENUE], has[Account.CHARGES], has[Account.TAX]) == (500, -931, -69)
    assert -sum(has[one] for one in (Account.REVENUE, Account.CHARGES)) == made.totals.total - made.totals.tax == 431


def invoiced(order, units):
    """Invoice the next units of lines, without a shipment."""
    return invoices.invoice(order, units, number=len(order.invoices) + 1, fulfillment=None, series="x", at=NOW)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("off"), st.integers(1, 900)),
        st.tuples(st.just("charge"), st.integers(1, 300)),
        st.tuples(st.just("quantity"), st.integers(0, 3)),
        st.tuples(st.just("price"), st.integers(1, 1500)),
        st.tuples(st.just("bill"), st.integers(1, 2)),
    ),
    max_size=8,
)
LINES = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 999), st.integers(0, 40)), min_size=1, max_size=3)


@given(LINES, st.integers(0, 400), STEPS, st.booleans())
def test_prices_hold_their_tax_and_invoices_add_up_whatever_is_changed(lines, discount, steps, keep):
    sold = [a_line("TEA", n, cents, tax=n * cents * percent // 140) for n, cents, percent in lines]
    discount = min(discount, sum(line.quantity * line.unit_price - line.tax for line in sold))
    order = an_order(*sold, shipping=200, shipping_tax=30, discount=discount, prices_include_tax=True)
    order, made = (kept if keep else placed)(order), []
    for step, number in steps:
        order = after_step(order, made, step, number)
        assert 0 <= order.totals.tax <= order.totals.total
        assert all(0 <= one.totals.tax <= one.totals.total for one in made), made
        assert order.invoiced_tax == sum(one.totals.tax for one in made)
    if units := {line.line_id: line.live - line.invoiced for line in order.lines if line.live > line.invoiced}:
        order, last = invoiced(order, units)
        made.append(last)
        assert (order.invoiced_total, order.invoiced_tax) == (order.totals.total, order.totals.tax)
        assert all(line.tax >= line.charges_tax >= 0 for line in last.lines)
    for one in made:
        if one.totals.total:
            assert_credits_hold_their_tax(order, replace(one, serial=1))


def assert_credits_hold_their_tax(order, made):
    """Credit a unit, a cent and the rest of an invoice: each note has no more tax than it gives back, and all have all of it."""
    unit = credit_notes.Units(units={made.lines[0].line_id: 1})
    notes = []
    for wanted in (unit, credit_notes.Amount(amount=1), credit_notes.All()):
        asked = credit_notes.Asked(wanted=wanted, reason="broken", by="ann")
        try:
            _, note = credit_notes.credit(order, made, [one.lines for one in notes], asked, NOW)
        except (Invalid, NotAllowed):
            continue  # nothing is left, or the unit costs nothing
        notes.append(note)
    assert all(0 <= note.totals.tax <= note.totals.total for note in notes), notes
    credited = [sum(getattr(note.totals, name) for note in notes) for name in ("total", "tax")]
    assert credited == [made.totals.total, made.totals.tax]


def after_step(order, made, step, number):
    """Take a step of an order. What is refused, or denied, changes nothing."""
    line = order.lines[number % len(order.lines)]
    if step == "bill":
        if number <= line.live - line.invoiced:
            order, one = invoiced(order, {line.line_id: number})
            made.append(one)
        return order
    wanted = {
        "off": off(number),
        "charge": NewCharge(kind="WRAP", amount=number, tax=number // 7),
        "quantity": NewQuantity(line_id=line.line_id, quantity=max(number, line.invoiced)),
        "price": price(number, line.line_id),
    }
    try:
        decision = changed(order, wanted[step]).decision
    except (Invalid, NotAllowed):
        return order
    return saved(decision) if decision else order
