"""Units ship, or are handed over, in one shipment or in several."""

import pytest

from comanda.domain.errors import Held, Invalid, NotAllowed
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.node_work.decline import short_pick
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.node_work.work import advance
from comanda.domain.orders.status import Status
from comanda.domain.orders.verdict import verdict
from tests.builders import (
    NOW,
    a_hold_type,
    a_line,
    a_package,
    a_shipment,
    a_step,
    an_allocation,
    an_order,
    later,
    offered,
    placed,
    saved,
    worked,
)

S = Status


def test_shipped_units_leave_the_shelf_and_the_reservations(order):
    decision = ship(
        worked(order, "accept", "pick", "pack"), a_step(), a_shipment("S-9", a_package("P1"), at=later(hours=2))
    )

    assert decision.order.status == "SHIPPED"
    assert decision.order.fulfillment_status(1) == "SHIPPED"
    fulfillment = decision.order.fulfillment(1)
    assert (fulfillment.shipment_id, fulfillment.shipped_at) == ("S-9", later(hours=2))
    assert [p.package_id for p in fulfillment.packages] == ["P1"]
    assert [(c.sku, c.kind, c.free, c.on_hand, c.demand) for c in decision.stock] == [
        ("POT", "ship", 0, (("sellable", -2),), (("2026-11-19", -2),)),
        ("TEA", "ship", 0, (("sellable", -3),), (("2026-11-19", -3),)),
    ]
    assert decision.event.type == "shipped"
    assert decision.event.data["next"] is None
    assert decision.event.data["packages"] == [{"package": "P1", "carrier": "UPS", "tracking": "1Z-P1"}]
    assert verdict("Release", "001", decision.order) == "Shipped"
    assert not decision.order.settled  # the invoice is missing


@pytest.mark.parametrize(
    ("steps", "implied"),
    [
        ((), ("accept", "pick", "pack")),
        (("accept",), ("pick", "pack")),
        (("accept", "start-pick"), ("pick", "pack")),
        (("accept", "pick"), ("pack",)),
        (("accept", "pick", "pack"), ()),
    ],
)
def test_steps_that_a_partner_does_not_report_are_recorded_as_implied(order, steps, implied):
    decision = ship(worked(order, *steps), a_step(), a_shipment())

    assert {a.implied for line in decision.order.lines for a in line.allocations} == {implied}


def test_the_most_advanced_units_ship_first(order):
    order = worked(order, "accept")
    order = saved(advance(order, "pick", a_step(l1=1)))

    decision = ship(order, a_step(l1=2), a_shipment())

    assert decision.order.line("1").allocations == (
        an_allocation(1, S.ACCEPTED, node="dc-1", fulfillment=2),
        an_allocation(1, S.SHIPPED, node="dc-1", fulfillment=1, implied=("pack",)),
        an_allocation(1, S.SHIPPED, node="dc-1", fulfillment=1, implied=("pick", "pack")),
    )


def test_units_that_a_part_shipment_leaves_are_the_next_fulfillment_of_the_same_node(order):
    order = worked(order, "accept", "pick")

    decision = ship(order, a_step(l1=2), a_shipment())

    first, second = decision.order.fulfillments
    assert (first.shipped_at, second.shipped_at) == (NOW, None)
    assert (second.number, second.node, second.method, second.due) == (2, first.node, first.method, first.due)
    assert (second.version, second.shipment_id, second.packages) == (1, None, ())
    assert decision.event.data["next"] == 2
    assert decision.order.quantities() == {S.PICKED: 3, S.SHIPPED: 2}
    assert decision.order.fulfillment_status(2) == "PICKED"
    assert verdict("Release", "001", decision.order) == "Shipped"
    assert verdict("Release", "002", decision.order) is None
    rest = ship(saved(decision), a_step(2), a_shipment("S2"))
    assert rest.order.status == "SHIPPED"
    assert [c.movement_id for c in rest.stock] == [
        f"{order.order_id}#2#002.6#ship",
        f"{order.order_id}#1#002.6#ship",
    ]


def test_cancelled_units_stay_with_the_fulfillment_that_had_them(order):
    order = saved(cancel(worked(order, "accept"), {"1": 1}, "less", "shop", NOW))

    decision = ship(order, a_step(l1=1), a_shipment())

    assert [(a.status, a.quantity, a.fulfillment) for a in decision.order.line("1").allocations] == [
        (S.ACCEPTED, 1, 2),
        (S.CANCELLED, 1, 1),
        (S.SHIPPED, 1, 1),
    ]


def test_packages_that_stayed_behind_go_with_the_next_shipment(order):
    order = worked(order, "accept", "pick")
    order = saved(advance(order, "pack", a_step(), (a_package("P1", ("1", 3)), a_package("P2", ("2", 2)))))

    decision = ship(order, a_step(l1=3), a_shipment("S1", a_package("P1", ("1", 3), tracking_number="1Z-NEW")))

    assert [(p.package_id, p.tracking_number) for p in decision.order.fulfillment(1).packages] == [("P1", "1Z-NEW")]
    assert [p.package_id for p in decision.order.fulfillment(2).packages] == ["P2"]


@pytest.mark.parametrize(("units", "named"), [({}, ("P1",)), ({"l1": 3}, ()), ({"l1": 3}, ("P9",))])
def test_packages_stay_together_when_nothing_says_which_of_them_left(order, units, named):
    order = worked(order, "accept", "pick")
    order = saved(advance(order, "pack", a_step(), (a_package("P1"), a_package("P2"))))

    decision = ship(order, a_step(**units), a_shipment("S1", *(a_package(name) for name in named)))

    assert [p.package_id for p in decision.order.fulfillment(1).packages] == list(dict.fromkeys(["P1", "P2", *named]))


def test_two_lines_of_one_sku_leave_the_shelf_in_one_change():
    order = offered(placed(an_order(a_line("TEA", 3), a_line("TEA", 2))))

    (change,) = ship(order, a_step(), a_shipment()).stock

    assert (change.on_hand, change.demand) == ((("sellable", -5),), (("2026-11-19", -5),))


def test_a_shipment_of_nothing_is_no_shipment(order):
    for units in ({"l1": 0}, {"l1": 0, "l2": 0}, {"l1": -1}):
        with pytest.raises(Invalid):
            ship(order, a_step(**units), a_shipment())
    with pytest.raises(NotAllowed, match="no line to ship is named"):
        ship(order, a_step().__class__(number=1, actor="x", at=NOW, units={}), a_shipment())


def test_more_than_the_node_has_cannot_leave(order):
    with pytest.raises(NotAllowed):
        ship(order, a_step(l1=4), a_shipment())


def test_shipped_units_cannot_ship_again(order):
    with pytest.raises(NotAllowed, match="the fulfillment is SHIPPED"):
        ship(saved(ship(order, a_step(), a_shipment())), a_step(), a_shipment())


def test_a_hold_may_block_shipping_or_handing_over(order, pickup):
    shipping = saved(review.hold(order, a_hold_type("FRAUD", "ship"), "odd", "risk", NOW))
    counter = saved(review.hold(pickup, a_hold_type("FRAUD", "hand-over"), "odd", "risk", NOW))

    for held in (shipping, counter):
        with pytest.raises(Held):
            ship(held, a_step(), a_shipment())
        assert verdict("Release", "001", held) == "HeldNow"


@pytest.mark.parametrize("steps", [(), ("accept",), ("accept", "pick", "pack"), ("accept", "pick", "pack", "ready")])
def test_a_pickup_is_handed_over_at_the_counter(pickup, steps):
    decision = ship(worked(pickup, *steps), a_step(), a_shipment())

    assert decision.order.status == "COMPLETED"
    assert decision.order.quantities() == {S.PICKED_UP: 2}
    assert decision.order.fulfillment_status(1) == "PICKED_UP"
    assert decision.event.type == "handed_over"


def test_a_pickup_that_is_handed_over_in_parts_has_two_fulfillments(pickup):
    ready = worked(pickup, "accept", "pick", "pack", "ready")

    decision = ship(ready, a_step(l1=1), a_shipment())

    assert decision.order.fulfillment_status(1) == "PICKED_UP"
    assert decision.order.fulfillment_status(2) == "READY_FOR_PICKUP"


def test_a_pickup_cannot_be_shipped(pickup):
    with pytest.raises(NotAllowed, match="handed over, not shipped"):
        ship(pickup, a_step(), a_shipment("S1", a_package()))


@pytest.mark.parametrize(
    ("contents", "pointer", "says"),
    [
        (
            [("9", 1)],
            "/packages/0/contents/0/line_id",
            "package P0, line 9: no unit of this line is among those that leave",
        ),
        ([("2", 1)], "/packages/0/contents/0/line_id", "package P0, line 2: no unit of this line"),
        ([("1", 4)], "/packages/0/contents/0/quantity", "package P0, line 1: holds 4, 3 leave"),
        ([("1", 1), ("1", 1)], "/packages/0/contents/1/line_id", "package P0, line 1: stands twice"),
    ],
)
def test_a_package_holds_nothing_but_units_that_leave(order, contents, pointer, says):
    with pytest.raises(Invalid) as refused:
        ship(order, a_step(l1=3), a_shipment("S1", a_package("P0", *contents)))

    (problem,) = refused.value.problems
    assert problem.pointer == pointer
    assert problem.message.startswith(says)


def test_packages_together_hold_no_more_than_leaves(order):
    packages = (a_package("P1", ("1", 2), ("2", 2)), a_package("P2", ("1", 2)))

    with pytest.raises(Invalid) as refused:
        ship(order, a_step(), a_shipment("S1", *packages))

    (problem,) = refused.value.problems
    assert problem.pointer == "/packages/1/contents/0/quantity"
    assert problem.message == "package P2, line 1: holds 2 (4 with the packages before it), 3 leave"
    assert ship(order, a_step(), a_shipment("S1", *packages[:1])).order.status == "SHIPPED"  # not all need be said


def test_a_package_packed_earlier_counts_when_it_is_named_without_contents(order):
    order = worked(order, "accept", "pick")
    order = saved(advance(order, "pack", a_step(), (a_package("P1", ("1", 3)), a_package("P3", ("2", 2)))))

    with pytest.raises(Invalid, match="package P2, line 1: holds 1"):
        ship(order, a_step(), a_shipment("S1", a_package("P1"), a_package("P2", ("1", 1))))


def test_a_package_ships_without_units_that_were_taken_out(order):
    order = worked(order, "accept", "pick")
    order = saved(advance(order, "pack", a_step(), (a_package("P1", ("1", 3), ("2", 2)),)))
    order = saved(short_pick(order, a_step(l1=1), "DAMAGED"))

    (package,) = ship(order, a_step(), a_shipment()).order.fulfillment(1).packages

    assert package.contents == (("1", 2), ("2", 2))


def test_a_package_that_holds_nothing_of_a_part_shipment_stays_behind(order):
    order = worked(order, "accept", "pick")
    order = saved(advance(order, "pack", a_step(), (a_package("P1", ("1", 3)), a_package("P2", ("2", 2)))))

    first, second = ship(order, a_step(l2=2), a_shipment()).order.fulfillments

    assert [p.package_id for p in first.packages] == ["P2"]
    assert [p.package_id for p in second.packages] == ["P1"]
