"""Place an order: its totals must add up, its header amounts are spread, and the holds of rules are added."""

from dataclasses import replace

import pytest

from comanda.domain.errors import Held, Invalid
from comanda.domain.lifecycle import place
from comanda.domain.lifecycle.holds import review
from comanda.domain.orders.decision import Task
from comanda.domain.orders.line import Discount, HeaderPart
from comanda.domain.orders.status import Status
from tests.builders import (
    NOW,
    a_hold_type,
    a_line,
    a_tender,
    an_allocation,
    an_order,
    later,
    placed,
)

REVIEW = a_hold_type(review.SALES_REVIEW, "schedule", queue="sales-review", total_at_least=(50_000, "USD"))


def pointers(refused):
    return {p.pointer: p.message for p in refused.value.problems}


def test_the_units_of_a_placed_order_are_created_and_have_no_node():
    decision = place.place_order(an_order(a_line("TEA", 2), a_line("POT", 1)), (), "shop", NOW)

    order = decision.order
    assert order.status == "CREATED"
    assert [line.allocations for line in order.lines] == [
        (an_allocation(2, Status.CREATED),),
        (an_allocation(1, Status.CREATED),),
    ]
    assert [line.unplaced() for line in order.lines] == [2, 1]
    assert decision.event.type == "placed"
    assert decision.event.data == {
        "channel": "web",
        "lines": 2,
        "units": 3,
        "total": 3000,
        "currency": "USD",
        "holds": [],
    }
    assert decision.stock == ()
    assert decision.tasks == ()


@pytest.mark.parametrize("name", ["goods", "discounts", "charges", "tax", "total"])
@pytest.mark.parametrize("off", [-1, 1])
def test_a_total_that_is_a_cent_off_is_refused_and_the_difference_named(name, off):
    order = an_order(a_line(tax=80, discount=100), shipping=500, shipping_tax=40, discount=50, paid=[10_000])
    wrong = replace(order, totals=replace(order.totals, **{name: getattr(order.totals, name) + off}))

    with pytest.raises(Invalid) as refused:
        place.place_order(wrong, (), "shop", NOW)

    assert set(pointers(refused)) == {f"/totals/{name}"}
    assert f"{off:+d} minor units off" in pointers(refused)[f"/totals/{name}"]


def test_every_wrong_total_is_named_at_once():
    order = an_order()
    wrong = replace(order, totals=replace(order.totals, goods=1, total=2))

    with pytest.raises(Invalid) as refused:
        place.check_totals(wrong)

    assert set(pointers(refused)) == {"/totals/goods", "/totals/total"}


def test_prices_that_include_tax_do_not_add_it_again():
    order = an_order(a_line(unit_price=1080, tax=80), shipping=500, shipping_tax=40, prices_include_tax=True)

    assert placed(order).totals.total == 1580
    assert placed(order).totals.tax == 120


def test_a_line_discount_above_the_lines_goods_is_refused():
    with pytest.raises(Invalid) as refused:
        placed(an_order(a_line(unit_price=100, discount=101), a_line(unit_price=500)))

    assert set(pointers(refused)) == {"/lines/0/discounts"}


def test_an_order_discount_above_goods_and_charges_is_refused_though_tax_would_cover_it():
    with pytest.raises(Invalid) as refused:
        placed(an_order(a_line(unit_price=100, tax=50), shipping=10, discount=111))

    assert set(pointers(refused)) == {"/discounts"}


def test_a_total_below_zero_is_refused():
    with pytest.raises(Invalid) as refused:
        placed(an_order(a_line(unit_price=100), discount=101, paid=[0]))

    assert "/payments" in pointers(refused)


@pytest.mark.parametrize("paid", [[999], [500, 499], [0], []])
def test_an_order_that_is_not_paid_for_is_refused(paid):
    with pytest.raises(Invalid) as refused:
        placed(an_order(a_line(unit_price=1000), paid=paid))

    assert "of a total of 1000" in pointers(refused)["/payments"]


def test_two_tenders_may_pay_together_and_a_free_order_needs_none():
    assert placed(an_order(paid=[400, 600])).open_authorization == 1000
    assert placed(an_order(a_line(unit_price=0), paid=[])).totals.total == 0


def test_header_amounts_are_spread_over_the_lines_when_the_order_is_placed():
    order = placed(
        an_order(a_line(unit_price=1000), a_line(unit_price=2000), shipping=100, shipping_tax=8, discount=10)
    )

    assert [line.header for line in order.lines] == [
        HeaderPart(charges=33, charges_tax=3),
        HeaderPart(charges=67, charges_tax=5),
    ]
    assert [line.order_discount for line in order.lines] == [3, 7]


def test_a_discount_that_stays_whole_is_spread_with_the_charges():
    order = placed(
        an_order(a_line(unit_price=1000), a_line(unit_price=2000), shipping=100, discount=10),
        discount_after_cancel="KEEP",
    )

    assert [line.header.discounts for line in order.lines] == [3, 7]
    assert [line.order_discount for line in order.lines] == [0, 0]


# Holds that rules place


def test_an_order_above_the_rules_value_waits_for_review_in_its_queue():
    decision = place.place_order(an_order(a_line(unit_price=50_000)), (REVIEW,), "shop", NOW)

    (hold,) = decision.order.holds
    assert (hold.hold_id, hold.type, hold.by, hold.at, hold.active) == ("h1", "SALES_REVIEW", "rules", NOW, True)
    assert decision.tasks == (
        Task(
            queue="sales-review",
            item="h1",
            due=NOW,
            reason="looks odd",
            priority=5,
            data=(("hold", "h1"), ("type", "SALES_REVIEW")),
        ),
    )
    with pytest.raises(Held) as blocked:
        decision.order.require_unheld("schedule")
    assert (blocked.value.hold_id, blocked.value.hold_type) == ("h1", "SALES_REVIEW")
    decision.order.require_unheld("cancel")


@pytest.mark.parametrize(
    ("rule", "applies"),
    [
        ({"total_at_least": (1000, "USD")}, True),
        ({"total_at_least": (1001, "USD")}, False),
        ({"total_at_least": (1, "BRL")}, False),
        ({}, False),
        ({"total_at_least": (0, "USD"), "channels": ("web", "store")}, True),
        ({"total_at_least": (0, "USD"), "channels": ("store",)}, False),
        ({"total_at_least": (0, "USD"), "tags": ("vip", "gift")}, True),
        ({"total_at_least": (0, "USD"), "tags": ("vip",)}, False),
    ],
)
def test_a_hold_is_placed_when_all_of_its_rule_is_true(rule, applies):
    order = placed(an_order(a_line(unit_price=1000), tags=("gift",)), a_hold_type("VALUE_LIMIT", **rule))

    assert bool(order.holds) == applies


def test_holds_stack_and_each_has_its_own_expiry_and_task():
    kinds = [
        a_hold_type("FRAUD", "ship", total_at_least=(0, "USD"), expires_minutes=24 * 60),
        a_hold_type("ADDRESS", "schedule", total_at_least=(0, "USD"), queue=""),
    ]

    decision = place.place_order(an_order(), kinds, "shop", NOW)

    assert [(h.hold_id, h.type, h.expires) for h in decision.order.holds] == [
        ("h1", "FRAUD", later(hours=24)),
        ("h2", "ADDRESS", None),
    ]
    assert [(t.queue, t.item, t.due) for t in decision.tasks] == [("holds", "h1", later(hours=24))]


def test_a_draft_waits_in_its_queue():
    decision = place.place_order(an_order(draft=True), (), "phone", NOW)

    assert [(t.queue, t.item) for t in decision.tasks] == [("drafts", "draft")]


def test_two_discounts_of_a_line_count_together():
    line = replace(a_line(unit_price=1000), discounts=(Discount(code="A", amount=100), Discount(code="B", amount=50)))

    assert placed(an_order(line)).totals.total == 850


def test_an_authorisation_above_the_total_is_accepted():
    assert placed(an_order(payments=(a_tender(5000),))).open_authorization == 5000
