"""Test a plan in force: fulfillments are offered, stock is reserved, leftovers wait in a queue."""

import pytest

from comanda.domain.errors import Held, StockConflict
from comanda.domain.lifecycle.holds import review
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.status import Status
from comanda.domain.orders.verdict import verdict
from comanda.domain.routing.route import Leftover
from comanda.domain.scheduling.schedule import schedule
from tests.builders import (
    NOW,
    a_hold_type,
    a_line,
    a_node,
    a_plan,
    a_position,
    an_allocation,
    an_order,
    later,
    offered,
    placed,
    saved,
)

S = Status


def test_planned_units_are_reserved_and_offered_at_once():
    order = placed(an_order(a_line("TEA", 3), a_line("POT", 1)))
    plan = a_plan((a_node("dc-1", partner="acme"), {"1": 3, "2": 1}), order=order)

    decision = schedule(order, plan, [a_position("TEA", safety=2), a_position("POT")], NOW)

    assert decision.order.status == "RELEASED"
    assert decision.order.line("1").allocations == (an_allocation(3, S.RELEASED, node="dc-1", fulfillment=1),)
    (fulfillment,) = decision.order.fulfillments
    assert (fulfillment.number, fulfillment.node, fulfillment.partner, fulfillment.store) == (1, "dc-1", "acme", False)
    assert (fulfillment.method, fulfillment.service, fulfillment.due) == ("SHIP", "STANDARD", "2026-11-19")
    assert (fulfillment.offered_at, fulfillment.accept_by) == (NOW, later(minutes=120))
    assert fulfillment.ship_by == later(minutes=120 + 1440)
    assert [(c.sku, c.kind, c.free, c.demand, c.need) for c in decision.stock] == [
        ("POT", "reserve", -1, (("2026-11-19", 1),), 1),
        ("TEA", "reserve", -3, (("2026-11-19", 3),), 5),
    ]
    assert decision.event.type == "routed"
    assert decision.event.data["fulfillments"][0]["lines"] == [
        {"line_id": "1", "quantity": 3},
        {"line_id": "2", "quantity": 1},
    ]


def test_units_of_one_line_at_two_nodes_are_two_fulfillments():
    order = placed(an_order(a_line("TEA", 3)))
    plan = a_plan((a_node("dc-1"), {"1": 2}), (a_node("store-1", type="STORE"), {"1": 1}), order=order)

    decision = schedule(order, plan, [a_position("TEA", "dc-1"), a_position("TEA", "store-1")], NOW)

    assert [(f.number, f.node, f.store) for f in decision.order.fulfillments] == [
        (1, "dc-1", False),
        (2, "store-1", True),
    ]
    assert decision.order.line("1").allocations == (
        an_allocation(2, S.RELEASED, node="dc-1", fulfillment=1),
        an_allocation(1, S.RELEASED, node="store-1", fulfillment=2),
    )


def test_two_lines_of_one_sku_at_one_node_are_one_reservation():
    order = placed(an_order(a_line("TEA", 3), a_line("TEA", 2)))

    decision = schedule(order, a_plan((a_node(), {"1": 3, "2": 2}), order=order), [a_position("TEA", safety=1)], NOW)

    (change,) = decision.stock
    assert (change.free, change.need, change.demand) == (-5, 6, (("2026-11-19", 5),))


def test_a_plan_that_the_stock_no_longer_covers_is_decided_again():
    order = placed(an_order(a_line("TEA", 3), a_line("TEA", 2)))
    plan = a_plan((a_node(), {"1": 3, "2": 2}), order=order)

    for on_hand in (2, 4):  # one line too many; each line alone would fit
        with pytest.raises(StockConflict):
            schedule(order, plan, [a_position("TEA", "dc-1", on_hand)], NOW)
    assert schedule(order, plan, [a_position("TEA", "dc-1", 5)], NOW).order.status == "RELEASED"


def test_units_without_stock_are_backordered():
    order = placed(an_order(a_line("TEA", 3)))
    rest = Leftover(line_id="1", sku="TEA", quantity=1, queue="backorder", reason="no-stock")

    decision = schedule(order, a_plan((a_node(), {"1": 2}), order=order, leftovers=[rest]), [a_position("TEA")], NOW)

    assert decision.order.line("1").allocations == (
        an_allocation(2, S.RELEASED, node="dc-1", fulfillment=1),
        an_allocation(1, S.BACKORDERED),
    )
    assert decision.order.line("1").because == "no-stock"
    assert decision.order.status == "PARTIALLY_RELEASED"
    assert decision.event.data["leftovers"] == [
        {"line_id": "1", "quantity": 1, "queue": "backorder", "reason": "no-stock"}
    ]
    assert verdict("UntilSettled", "order", decision.order) is None


def test_an_order_without_any_stock_is_backordered_whole():
    order = placed(an_order(a_line("TEA", 3)))
    rest = Leftover(line_id="1", sku="TEA", quantity=3, queue="backorder", reason="no-stock")

    decision = schedule(order, a_plan(order=order, leftovers=[rest]), [], NOW)

    assert decision.order.status == "BACKORDERED"
    assert decision.event.type == "backordered"
    assert decision.stock == ()


@pytest.mark.parametrize("queue", ["customer-care", "routing"])
def test_units_that_a_person_must_decide_on_wait_and_are_not_routed(queue):
    order = placed(an_order(a_line("TEA", 3, method=PICKUP, node="store-1")))
    rest = Leftover(line_id="1", sku="TEA", quantity=3, queue=queue, reason="pickup-out-of-stock")

    decision = schedule(order, a_plan(order=order, leftovers=[rest]), [], NOW)

    (line,) = decision.order.lines
    assert (line.waits_in, line.because) == (queue, "pickup-out-of-stock")
    assert decision.event.type == "left_over"  # and not that it waits for stock
    assert line.allocations == (an_allocation(3, S.CREATED),)
    assert line.unplaced() == 0
    assert verdict("UntilSettled", "order", decision.order) is None


def test_units_that_came_back_are_offered_under_a_new_number():
    order = placed(an_order(a_line("TEA", 3)))
    order = order.with_lines([order.line("1").move("schedule", 1, to=S.BACKORDERED).move("receipt", 1)])

    again = offered(offered(order, (a_node("dc-1"), {"1": 2})), (a_node("dc-2"), {"1": 1}))

    assert [f.number for f in again.fulfillments] == [1, 2]
    assert again.quantities() == {S.RELEASED: 3}


def test_a_held_order_is_not_scheduled():
    order = saved(review.hold(placed(an_order()), a_hold_type("FRAUD", "schedule"), "odd", "risk", NOW))

    with pytest.raises(Held):
        schedule(order, a_plan(order=order), [], NOW)
