"""A waiting machine gets its answer from the order alone."""

from dataclasses import replace

import pytest

from comanda.domain.errors import NotFound
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.node_work.decline import miss_deadline
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.status import Status
from comanda.domain.orders.verdict import SUCCESSES, verdict
from tests.builders import (
    NOW,
    a_hold_type,
    a_line,
    a_shipment,
    a_step,
    an_order,
    later,
    offered,
    placed,
    saved,
    worked,
)

S = Status


def held(order, *blocks, queue="holds"):
    return saved(review.hold(order, a_hold_type("FRAUD", *blocks, queue=queue), "odd", "risk", NOW))


def test_an_order_is_settled_when_all_units_left_or_are_cancelled_and_every_shipment_is_invoiced():
    order = offered(placed(an_order(a_line("TEA", 2))))
    shipped = saved(ship(order, a_step(l1=1), a_shipment()))
    rest_cancelled = saved(cancel(shipped, {"1": 1}, "less", "shop", NOW))
    invoiced = rest_cancelled.with_fulfillment(replace(rest_cancelled.fulfillment(1), invoice=1))

    assert [o.settled for o in (order, shipped, rest_cancelled, invoiced)] == [False, False, False, True]
    assert verdict("UntilSettled", "order", rest_cancelled) is None
    assert verdict("UntilSettled", "order", invoiced) == "Settled"


def test_a_held_order_waits_and_goes_on_when_the_hold_is_gone_or_nothing_is_left():
    order = held(placed(an_order()), "schedule")

    assert verdict("Held", "order", order) is None
    assert verdict("UntilSettled", "order", order) is None
    freed = review.resolve(order, "h1", "holds", "fine", "risk", NOW).order
    assert verdict("Held", "order", freed) == "Resolved"
    assert verdict("UntilSettled", "order", freed) == "RouteAgain"
    assert verdict("Held", "order", cancel(order, None, "no", "shop", NOW).order) == "Resolved"
    other = held(placed(an_order()), "ship")
    assert verdict("Held", "order", other) == "Resolved"


def test_a_held_fulfillment_waits_and_goes_on_when_the_hold_is_gone_or_its_work_is_over():
    order = held(offered(placed(an_order())), "ship")

    assert verdict("Release", "001", order) == "HeldNow"
    assert verdict("Held", "001", order) is None
    assert verdict("Held", "001", review.resolve(order, "h1", "holds", "fine", "risk", NOW).order) == "Resolved"
    assert verdict("Held", "001", cancel(order, None, "no", "shop", NOW).order) == "Resolved"


def test_a_hold_on_shipping_does_not_stop_a_hand_over():
    order = held(offered(placed(an_order(a_line(method=PICKUP, node="store-7")))), "ship")
    assert verdict("Release", "001", order) is None

    handed_over = ship(order, a_step(), a_shipment()).order

    assert verdict("Release", "001", handed_over) == "Shipped"
    assert verdict("Held", "001", handed_over) == "Resolved"


def test_a_held_machine_is_told_first_that_its_units_left():
    shipped = saved(ship(offered(placed(an_order())), a_step(), a_shipment()))

    assert verdict("Held", "001", held(shipped, "ship")) == "Resolved"


def test_a_reminder_that_was_given_is_not_given_again():
    late = miss_deadline(offered(placed(an_order())), 1, later(hours=3), 120)
    assert late is not None

    assert verdict("Release", "001", late.order) == "Silent"
    told = late.order.with_fulfillment(replace(late.order.fulfillment(1), reminded=1))
    assert verdict("Release", "001", told) is None


def test_a_fulfillment_that_is_not_there_is_an_error():
    with pytest.raises(NotFound):
        verdict("Release", "007", placed(an_order()))


def test_only_good_news_is_a_success_for_a_machine():
    assert {"Settled", "Shipped", "Resolved"} == SUCCESSES


def test_packed_goods_that_may_not_leave_without_papers_are_invoiced_once():
    order = replace(offered(placed(an_order(a_line("TEA", 2)))), papers="INVOICE")
    packed = worked(order, "accept", "start-pick", "pick", "pack")

    assert verdict("Release", "001", order) is None
    assert verdict("Release", "001", packed) == "Packed"
    assert verdict("Release", "001", replace(packed, papers="")) is None
    assert verdict("Release", "001", held(packed, "ship")) == "HeldNow"
    assert verdict("Release", "001", packed.with_fulfillment(replace(packed.fulfillment(1), invoice=1))) is None
