"""Amounts that are changed again and again: no tax is lost by the way, no discount is swallowed, and no sum is too large to show."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain import money
from comanda.domain.errors import Invalid
from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.change import change
from comanda.domain.lifecycle.changes.changed_amounts import (
    AppeasementReason,
    NewAppeasement,
    NewCharge,
    NewDiscount,
    NewPrice,
)
from comanda.domain.lifecycle.changes.changed_units import NewQuantity
from comanda.domain.lifecycle.changes.changing import ChangeTerms
from comanda.domain.lifecycle.changes.giving import given_after_sale
from comanda.domain.lifecycle.changes.replaced_units import Replacement
from comanda.domain.lifecycle.modifications.modification_matrix import Matrix
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.orders.line import Discount
from functions.invoice.rules import bill
from tests.builders import (
    NOW,
    a_bundle,
    a_line,
    a_node,
    a_shipment,
    a_step,
    an_order,
    offered,
    placed,
    saved,
    worked,
)

TERMS = ChangeTerms(reason="asked to", actor="sales", now=NOW)
PARTS = (("POT", 1, 333_333), ("CUP", 2, 666_667))
SORRY = NewAppeasement(why=AppeasementReason.LATE, amount=500)


def changed(order, *wanted):
    return change(order, wanted, Matrix(), TERMS)


def after(order, *wanted):
    """Return the order after these changes, each of which is a request of its own."""
    for one in wanted:
        order = saved(changed(order, one).decision)
    return order


def refused(order, *wanted):
    with pytest.raises(Invalid) as error:
        changed(order, *wanted)
    return [(problem.pointer, problem.code) for problem in error.value.problems]


def price(amount, line_id="1"):
    return NewPrice(line_id=line_id, unit_price=amount)


def instead(quantity, **fields):
    return Replacement(line_id="1", quantity=quantity, new_line_id="9", sku="POT", title="Pot", **fields)


@pytest.mark.parametrize("rate", ["0", "0.0825"])
@pytest.mark.parametrize("between", [0, 1])
def test_a_line_that_cost_nothing_for_a_while_has_its_tax_again(rate, between):
    order = placed(an_order(a_line("TEA", 3, 1000, tax=248, tax_rate=rate)))

    there = after(order, price(between))
    back = after(there, price(1000))

    assert (there.totals.tax, back.totals) == (0, order.totals)
    dearer = after(there, price(2000))
    assert dearer.totals.tax in (495, 496)  # 6000 x 0.0825, or twice what it was


def test_a_bundle_that_cost_nothing_for_a_while_has_its_tax_again():
    order = placed(an_order(*a_bundle("SET", 2, 1000, *PARTS, tax=165)))

    assert after(order, price(0, "b"), price(1000, "b")).totals == order.totals


def test_further_and_other_units_of_a_line_that_costs_nothing_know_its_tax():
    order = after(placed(an_order(a_line("TEA", 2, 1000, tax=160))), price(0))

    more = after(order, NewQuantity(line_id="1", quantity=4), price(1000))
    other = after(order, instead(1, unit_price=1000))

    assert more.totals.tax == 320
    assert other.line("9").tax == 80
    assert after(order, instead(1), price(1000, "9")).line("9").tax == 80


def test_the_tax_of_what_came_without_a_price_stays():
    order = placed(an_order(a_line("TEA", 2, 0, tax=50)))

    assert after(order, price(1000)).totals.tax == 50


@given(st.lists(st.integers(0, 3000), max_size=4), st.integers(1, 5), st.integers(0, 700), st.booleans())
def test_any_prices_in_between_lead_back_to_the_tax_that_came(prices, units, tax, included):
    order = placed(an_order(a_line("TEA", units, 1234, tax=tax), prices_include_tax=included))

    other = (to for was, to in pairwise([1234, *prices, 1234]) if to != was)  # the same price is refused
    assert after(order, *map(price, other)).totals == order.totals


def test_a_lower_price_takes_back_nothing_that_was_given_after_the_sale():
    order = after(placed(an_order(a_line("TEA", 1, 1000), a_line("POT", 1, 200))), SORRY)

    assert refused(order, price(299)) == [("/changes/0/unit_price", "too-small")]
    assert after(order, price(300)).totals.total == 0
    assert refused(order, instead(1, unit_price=299)) == [("/changes/0/unit_price", "too-small")]
    assert after(order, instead(1, unit_price=300)).totals.total == 0
    assert after(order, instead(1)).totals == order.totals


def test_a_lower_price_of_a_bundle_takes_back_nothing_either():
    order = after(placed(an_order(*a_bundle("SET", 1, 1000, *PARTS))), SORRY)

    assert refused(order, price(499, "b")) == [("/changes/0/unit_price", "too-small")]
    assert after(order, price(500, "b")).totals.total == 0


def test_a_price_may_change_where_a_cancel_left_less_than_the_discount():
    order = after(placed(an_order(a_line("TEA", 2, 1000), a_line("POT", 1, 200))), NewDiscount(code="X", amount=2100))
    order = after(order, NewQuantity(line_id="1", quantity=1))
    assert (order.totals.total, order.totals.discounts) == (0, 1200)

    assert after(order, price(1100)).totals.discounts == 1300
    assert refused(order, price(999)) == [("/changes/0/unit_price", "too-small")]


def test_a_discount_is_refused_that_the_units_left_by_the_same_request_are_not_worth():
    order = placed(an_order(a_line("TEA", 1, 1000), a_line("POT", 1, 500)))
    none, given_ = NewQuantity(line_id="1", quantity=0), NewDiscount(code="X", amount=501)

    assert refused(order, none, given_) == [("/changes/1/amount", "too-large")]
    assert refused(order, given_, none) == [("/changes/0/amount", "too-large")]
    assert changed(order, none, replace(given_, amount=500)).totals.total == 0
    assert refused(order, instead(1), replace(given_, amount=1501)) == [("/changes/1/amount", "too-large")]


def test_what_was_given_is_counted_once_when_its_units_are_replaced():
    given_ = (Discount(code="PAIR", amount=100, by="sales"),)
    order = placed(an_order(a_line("TEA", 2, 1000, tax=33)))
    order = after(order, NewLines(lines=(replace(a_line("CUP", 3, 500, line_id="2"), discounts=given_),)))
    assert given_after_sale(order) == 100

    other = after(order, replace(instead(2), line_id="2"))

    assert other.totals == order.totals
    assert given_after_sale(other) == 100
    again = after(other, Replacement(line_id="9", quantity=1, new_line_id="10", sku="TEA", title="Tea"))
    assert given_after_sale(again) == 100


def test_a_charge_is_refused_when_the_same_request_leaves_no_unit_for_it():
    order = placed(an_order(a_line("TEA", 1, 1000), a_line("POT", 1, 500), shipping=599))
    none, charge = NewQuantity(line_id="1", quantity=0), NewCharge(kind="CANCELLING", amount=0, tax=1)
    neither = NewQuantity(line_id="2", quantity=0)

    assert refused(order, charge, none, neither) == [("/changes/0/amount", "nothing-left")]
    assert refused(order, none, charge, neither) == [("/changes/1/amount", "nothing-left")]
    assert changed(order, none, charge).totals.total == 500 + 599 + 1
    assert changed(order, none, neither, replace(charge, tax=0)).totals.total == 0
    assert changed(order, instead(1), neither, charge).totals.total == 1000 + 599 + 1


def test_the_event_says_what_was_decided_of_each_amount():
    order = placed(an_order(a_line("TEA", 1, 1000)))
    wrap = NewCharge(kind="WRAP", amount=300, tax=25)

    event = changed(
        order, wrap, replace(wrap, kind="FEE", tax=0), NewDiscount(code="X", amount=200), SORRY
    ).decision.event

    assert event.data["changes"] == [
        {"modification": "charge", "kind": "WRAP", "after": 300, "tax": 25},
        {"modification": "charge", "kind": "FEE", "after": 300},
        {"modification": "discount", "code": "X", "after": 200},
        {"modification": "appeasement", "after": 500, "why": "LATE"},
    ]
    assert (event.data["was"], event.data["total"], event.data["currency"]) == (1000, 925, "USD")


def test_what_has_left_and_is_invoiced_carries_no_further_charge():
    order = offered(placed(an_order(a_line("TEA", 1, 1000), a_line("POT", 1, 500))), (a_node(), {"1": 1}))
    order = saved(bill(saved(ship(worked(order, "accept", "pick"), a_step(1), a_shipment())), 1, NOW)[0])
    none, charge = NewQuantity(line_id="2", quantity=0), NewCharge(kind="CANCELLING", amount=300)

    assert refused(order, none, charge) == [("/changes/1/amount", "nothing-left")]
    assert refused(order, none, SORRY) == [("/changes/1/amount", "too-large")]
    assert after(order, charge).totals.total == 1800
    ended = after(order, none)
    assert [denial.code for _, denials in changed(ended, charge).denied for denial in denials] == ["left"]


TOO_MUCH = [
    (price(money.MOST), "unit_price"),
    (NewQuantity(line_id="1", quantity=5_000), "quantity"),
    (NewCharge(kind="WRAP", amount=money.MOST), "amount"),
    (NewCharge(kind="WRAP", amount=0, tax=money.MOST), "amount"),
    (NewLines(lines=(a_line("POT", 2, money.MOST, line_id="9"),)), "lines"),
    (NewLines(lines=(a_line("POT", 1, 1, tax=money.MOST, line_id="9"),)), "lines"),
    (instead(1, unit_price=money.MOST), "unit_price"),
]


@pytest.mark.parametrize(("wanted", "field"), TOO_MUCH)
def test_a_sum_that_no_invoice_could_show_is_refused_by_its_name(wanted, field):
    order = placed(an_order(a_line("TEA", 3, money.MOST // 1000, tax=1)))

    assert set(refused(order, NewCharge(kind="X", amount=1), wanted)) == {(f"/changes/1/{field}", "too-large")}


def test_sums_up_to_the_highest_amount_are_taken():
    order = placed(an_order(a_line("TEA", 1, money.MOST - 1000)))

    assert after(order, NewCharge(kind="WRAP", amount=1000)).totals.total == money.MOST
    assert {at for at, _ in refused(order, NewCharge(kind="WRAP", amount=1001))} == {"/changes/0/amount"}
    assert after(order, instead(1)).totals == order.totals


def test_a_discount_above_what_is_left_is_told_what_is_left():
    order = after(placed(an_order(a_line("TEA", 1, 1000))), NewDiscount(code="X", amount=400))

    with pytest.raises(Invalid) as error:
        changed(order, NewDiscount(code="Y", amount=601))

    assert [problem.message for problem in error.value.problems] == ["what is not invoiced yet is worth 6.00 USD"]


@pytest.mark.parametrize(("included", "problems"), [(True, [("/changes/0/tax", "too-large")]), (False, [])])
def test_a_charge_has_no_more_tax_inside_than_it_costs(included, problems):
    order = placed(an_order(a_line("TEA", 1, 1000), prices_include_tax=included))
    charge = NewCharge(kind="WRAP", amount=10, tax=50)

    if problems:
        assert refused(order, charge) == problems
    else:
        assert after(order, charge).totals.tax == 50
    assert after(order, replace(charge, tax=10)).totals.tax == 10


def test_a_price_has_no_more_tax_inside_than_it_costs_where_more_came():
    order = placed(an_order(a_line("TEA", 1, 20, tax=4), discount=18, shipping=50, prices_include_tax=True))

    assert after(order, price(104)).totals.tax == 86
