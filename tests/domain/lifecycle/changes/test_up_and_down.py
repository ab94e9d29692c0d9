"""Units that join an order and leave it again take along what they added: the same units cost the same, to the cent."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing import header_amounts, invoices
from comanda.domain.errors import Invalid
from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.change import change
from comanda.domain.lifecycle.changes.changed_amounts import NewCharge, NewDiscount, NewPrice
from comanda.domain.lifecycle.changes.changed_units import NewQuantity
from comanda.domain.lifecycle.changes.changing import ChangeTerms
from comanda.domain.lifecycle.changes.giving import given_after_sale, sale
from comanda.domain.lifecycle.changes.replaced_units import Replacement
from comanda.domain.lifecycle.modifications.modification_matrix import Matrix
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Discount
from tests.builders import NOW, a_bundle, a_line, an_order, placed, saved

TERMS = ChangeTerms(reason="asked to", actor="sales", now=NOW)
PARTS = (("POT", 1, 333_333), ("CUP", 2, 666_667))


def after(order, *wanted):
    """Return the order after these changes, each of which is a request of its own."""
    for one in wanted:
        order = saved(change(order, [one], Matrix(), TERMS).decision)
    return order


def units(quantity, line_id="1"):
    return NewQuantity(line_id=line_id, quantity=quantity)


def price(amount, line_id="1"):
    return NewPrice(line_id=line_id, unit_price=amount)


def test_further_units_have_no_discount_and_leave_first():
    order = placed(an_order(a_line("TEA", 2, 1100, discount=1100)))

    more = after(order, units(3))
    back = after(more, units(2))

    assert [one.totals.total for one in (order, more, back)] == [1100, 2200, 1100]
    assert after(back, units(1)).totals.total == 550


def test_a_replaced_unit_is_the_one_that_came_last():
    order = after(placed(an_order(a_line("TEA", 2, 1100, discount=1100))), units(3))

    other = after(order, Replacement(line_id="1", quantity=1, new_line_id="9", sku="POT", title="Pot"))

    assert (other.totals.total, other.line("9").discounts) == (2200, ())
    assert after(other, units(0, "9")).totals.total == 1100


def test_each_change_takes_its_own_tax_along():
    order = placed(an_order(a_line("TEA", 1, 333, tax=27, tax_rate="0.0825")))

    once, twice = after(order, units(3)), after(order, units(3), units(6))

    assert [one.totals.tax for one in (order, once, twice)] == [27, 27 + 55, 27 + 55 + 82]
    assert after(twice, units(3)).totals == once.totals
    assert after(twice, units(1)).totals == order.totals


def test_another_price_taxes_the_units_together_and_each_of_them_by_itself():
    order = placed(an_order(a_line("TEA", 2, 1000, tax=149, tax_rate="0.0825", discount=200)))

    dearer = after(order, units(3), price(1111))

    assert dearer.totals.tax == round((3 * 1111 - 200) * 0.0825)
    assert after(dearer, units(2)).totals == after(order, price(1111)).totals


def test_the_units_that_have_the_discounts_must_be_worth_them():
    order = after(placed(an_order(a_line("TEA", 1, 1000, discount=600))), units(5))

    with pytest.raises(Invalid) as refused:
        after(order, price(599))

    assert [problem.pointer for problem in refused.value.problems] == ["/changes/0/unit_price"]
    assert after(order, price(600)).totals.total == 4 * 600


def test_what_was_given_stays_given_when_further_units_leave():
    gift = replace(a_line("CUP", 2, 500, line_id="2"), discounts=(Discount(code="X", amount=100, by="sales"),))
    order = after(placed(an_order(a_line("TEA", 1, 1000))), NewLines(lines=(gift,)))

    again = after(order, units(4, "2"), units(2, "2"))

    assert given_after_sale(again) == given_after_sale(order) == 100
    assert sale(again).goods["2"].shared == sale(order).goods["2"].shared


def test_what_units_usually_cost_leaves_and_comes_back_with_them():
    order = placed(an_order(a_line("TEA", 2, 1000)))

    more = after(order, replace(units(3), unit_usual=1600), replace(price(900), keeps_usual=True))
    usual = [
        sale(after(more, *steps)).goods["1"].usual for steps in ((), (units(2),), (units(1),), (units(1), units(2)))
    ]

    assert usual == [3600, 2000, 1000, 2000]
    assert sale(after(more, units(2), replace(units(4), unit_usual=1700))).goods["1"].usual == 2000 + 1600 + 1700
    assert sale(after(more, price(800))).goods["1"].usual == 3 * 800


@st.composite
def orders(draw):
    rows = [_line(draw, "1")]
    if draw(st.booleans()):
        rows += a_bundle(
            "SET",
            draw(st.integers(1, 3)),
            1000,
            *PARTS,
            line_id="2",
            discount=draw(st.integers(0, 900)),
            tax=draw(st.integers(0, 99)),
            together=draw(st.booleans()),
        )
    goods = sum(row.quantity * row.unit_price - row.discount for row in rows)
    order = an_order(
        *rows,
        discount=draw(st.integers(0, goods)),
        shipping=draw(st.sampled_from((0, 599))),
        shipping_tax=draw(st.sampled_from((0, 49))),
        prices_include_tax=draw(st.booleans()),
    )
    keeps = draw(st.booleans())
    return placed(order, discount_after_cancel=header_amounts.KEEP if keeps else header_amounts.SHARE)


def _line(draw, name):
    count, cost = draw(st.integers(1, 4)), draw(st.sampled_from((0, 1, 333, 1234)))
    discount = draw(st.integers(0, count * cost))
    rate = draw(st.sampled_from(("0", "0.0825", "0.19")))
    return a_line("TEA", count, cost, line_id=name, discount=discount, tax=draw(st.integers(0, 300)), tax_rate=rate)


def the_units(order):
    """Return the units that are left. A line that joined and left, and joins again, has another id; a line that replaces units
    counts for itself, because its units may be others of the line than came back to it later."""
    found = {row.line_id: live(order, row) for row in order.as_sent() if isinstance(row, Bundle) or not row.component}
    return frozenset(Counter((name if "r" in name else name[0], n) for name, n in found.items() if n).items())


def live(order, row):
    if isinstance(row, Bundle):
        return next(line.live // line.component.ratio for line in order.lines if line.component)
    return row.live


def step(draw, order, names):
    """Return a change that adds units or takes some back, and leaves at least one of the first line."""
    row = draw(st.sampled_from([row for row in order.as_sent() if isinstance(row, Bundle) or not row.component]))
    has = live(order, row)
    how = draw(st.sampled_from(("more", "more", "fewer", "fewer", "line", "other", "charge", "discount")))
    if how == "line":
        return NewLines(lines=(a_line("JAR", 2, 777, line_id=f"n{next(names)}", tax=33, discount=100),))
    if how == "other" and not isinstance(row, Bundle) and row.live:
        name = f"{row.line_id[0]}r{next(names)}"
        return Replacement(line_id=row.line_id, quantity=row.live, new_line_id=name, sku=name, title="Other")
    if how == "charge":
        return NewCharge(kind="WRAP", amount=draw(st.integers(0, 300)), tax=draw(st.integers(0, 30)))
    if how == "discount":
        return NewDiscount(code="X", amount=draw(st.integers(1, 300)))
    if how == "fewer":
        return units(draw(st.integers(1 if row is order.lines[0] else 0, max(1, has))), row.line_id)
    return units(has + draw(st.integers(1, 3)), row.line_id)


@given(orders(), st.data())
def test_the_same_units_cost_the_same_whatever_came_and_went_in_between(order, data):
    names, seen = iter(range(99)), {the_units(order): order.totals}

    for _ in range(data.draw(st.integers(1, 8))):
        wanted = step(data.draw, order, names)
        try:
            outcome = change(order, [wanted], Matrix(), TERMS)
        except Invalid:  # a discount above what is left
            continue
        if outcome.decision is None:
            continue
        before, order = order, saved(outcome.decision)
        assert order.totals.total >= 0
        if isinstance(wanted, NewCharge | NewDiscount):
            seen.clear()
        elif isinstance(wanted, Replacement):
            assert order.totals == before.totals
        elif the_units(order) in seen:
            assert order.totals == seen[the_units(order)]
        if outcome.cancelled and not isinstance(wanted, Replacement):
            assert order.totals.total <= before.totals.total
        seen[the_units(order)] = order.totals

    _check_invoices(order, data.draw)


def _check_invoices(order, draw):
    """Invoice what is left in two parts: they add up, and none gives money back."""
    first = {line.line_id: draw(st.integers(0, line.live)) for line in order.lines if line.live}
    total = 0
    for number in (1, 2):
        part = first if number == 1 else {line.line_id: line.live - line.invoiced for line in order.lines}
        if any(part.values()):
            order, made = invoices.invoice(order, part, number=number, fulfillment=None, series="s", at=NOW)
            total += made.totals.total
            assert made.totals.total >= 0
    assert total == order.totals.total
