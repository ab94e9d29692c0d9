"""Test a node's work on a fulfillment: accept, pick, pack, make ready; in whole or in part, in time or late."""

import pytest

from comanda.domain.errors import Held, Invalid, NotAllowed, NotFound, OfferExpired
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.node_work.decline import decline
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.node_work.work import advance
from comanda.domain.orders.status import Status
from tests.builders import (
    NOW,
    a_hold_type,
    a_line,
    a_node,
    a_package,
    a_shipment,
    a_step,
    an_order,
    later,
    offered,
    placed,
    saved,
    worked,
)
from tests.domain.declines import CLOSED

S = Status


def test_a_node_advances_a_fulfillment_step_by_step(order):
    for transaction, status, event in (
        ("accept", "ACCEPTED", "accepted"),
        ("start-pick", "PICKING", "picking"),
        ("pick", "PICKED", "picked"),
        ("pack", "PACKED", "packed"),
    ):
        decision = advance(order, transaction, a_step())

        assert decision.order.status == status
        assert decision.order.fulfillment_status(1) == status
        assert decision.event.type == event
        assert decision.event.data == {
            "fulfillment": 1,
            "lines": [{"line_id": "1", "quantity": 3}, {"line_id": "2", "quantity": 2}],
        }
        assert decision.order.fulfillment(1).version == order.fulfillment(1).version + 1
        assert decision.stock == ()
        order = saved(decision)


def test_a_released_fulfillment_has_the_status_offered(order):
    assert order.fulfillment_status(1) == "OFFERED"
    assert order.status == "RELEASED"


def test_units_may_be_picked_without_a_start_of_picking(order):
    assert worked(order, "accept", "pick").status == "PICKED"


def test_a_part_is_picked_and_the_fulfillment_is_called_by_its_least_advanced_unit(order):
    order = worked(order, "accept")

    decision = advance(order, "pick", a_step(l1=2))

    assert decision.order.quantities() == {S.PICKED: 2, S.ACCEPTED: 3}
    assert decision.order.fulfillment_status(1) == "ACCEPTED"
    assert decision.order.status == "PARTIALLY_PICKED"


def test_the_whole_fulfillment_is_accepted_or_none_of_it(order):
    with pytest.raises(NotAllowed, match="whole"):
        advance(order, "accept", a_step(l1=3))

    assert advance(order, "accept", a_step(l1=3, l2=2)).order.status == "ACCEPTED"


def test_a_pickup_is_ready_when_all_of_it_is_packed(pickup):
    pickup = worked(pickup, "accept", "pick")
    part = saved(advance(pickup, "pack", a_step(l1=1)))

    with pytest.raises(NotAllowed, match="whole"):
        advance(part, "ready", a_step())

    decision = advance(worked(part, "pack"), "ready", a_step())
    assert decision.order.status == "READY_FOR_PICKUP"
    assert decision.event.type == "ready"


def test_a_shipping_order_is_never_ready_at_a_counter(order):
    with pytest.raises(NotAllowed, match="only pickup"):
        advance(worked(order, "accept", "pick", "pack"), "ready", a_step())


def test_an_answer_after_the_offer_ended_is_refused(order):
    at = order.fulfillment(1).accept_by

    assert advance(order, "accept", a_step(at=at)).order.status == "ACCEPTED"
    with pytest.raises(OfferExpired):
        advance(order, "accept", a_step(at=at.replace(second=1)))


def test_picking_after_the_offers_end_is_fine(order):
    order = worked(order, "accept")

    assert advance(order, "pick", a_step(at=later(days=9))).order.status == "PICKED"


@pytest.mark.parametrize(
    ("done", "again"),
    [
        ((), "pick"),
        ((), "start-pick"),
        ((), "pack"),
        (("accept",), "accept"),
        (("accept",), "pack"),
        (("accept", "pick"), "start-pick"),
        (("accept", "pick"), "pick"),
        (("accept", "pick", "pack"), "pack"),
    ],
)
def test_a_step_out_of_turn_is_refused(order, done, again):
    with pytest.raises(NotAllowed, match="no unit can"):
        advance(worked(order, *done), again, a_step())


def test_a_line_that_is_not_in_the_fulfillment_is_named(order):
    with pytest.raises(Invalid) as refused:
        advance(worked(order, "accept"), "pick", a_step(l1=1, l8=1, l9=1))

    assert [p.message for p in refused.value.problems] == [
        "8 is not in this fulfillment",
        "9 is not in this fulfillment",
    ]


def test_more_units_than_there_are_or_none_at_all_are_refused(order):
    order = worked(order, "accept")

    with pytest.raises(NotAllowed, match="line 1: cannot pick 4, has 3 ACCEPTED"):
        advance(order, "pick", a_step(l1=4))
    for quantity in (0, -1):
        with pytest.raises(Invalid):
            advance(order, "pick", a_step(l1=quantity))


def test_a_fulfillment_that_is_not_there_is_not_found(order):
    with pytest.raises(NotFound):
        advance(order, "accept", a_step(2))


def test_nothing_is_done_on_a_fulfillment_that_ended_or_left(order):
    for over in (
        saved(decline(order, a_step(), CLOSED)),
        saved(cancel(order, None, "no", "shop", NOW)),
        saved(ship(order, a_step(), a_shipment())),
    ):
        with pytest.raises(NotAllowed, match="the fulfillment is"):
            advance(over, "accept", a_step())


@pytest.mark.parametrize("transaction", ["accept", "start-pick", "pick", "pack"])
def test_a_hold_stops_the_steps_that_it_names_and_no_other(order, transaction):
    steps = ("accept", "start-pick", "pick", "pack")
    order = worked(order, *steps[: steps.index(transaction)])
    order = saved(review.hold(order, a_hold_type("FRAUD", transaction), "odd", "risk", NOW))

    with pytest.raises(Held) as blocked:
        advance(order, transaction, a_step())

    assert blocked.value.transaction == transaction
    released = saved(review.resolve(order, "h1", "holds", "fine", "risk", NOW))
    assert advance(released, transaction, a_step()).order.fulfillment_status(1) != order.fulfillment_status(1)


def test_a_carrier_added_to_a_packed_package_leaves_its_weight_and_contents(order):
    packed = a_package("P1", ("1", 3), weight_g=250)
    order = saved(advance(order, "accept", a_step()))
    order = saved(advance(order, "pick", a_step()))
    order = saved(advance(order, "pack", a_step(l1=3), (packed,)))

    decision = advance(order, "pack", a_step(l2=2), (a_package("P1", tracking_number="1Z"),))

    (package,) = decision.order.fulfillment(1).packages
    assert (package.weight_g, package.contents, package.tracking_number) == (250, (("1", 3),), "1Z")


def test_packages_hold_no_more_than_what_is_packed(order):
    order = worked(order, "accept", "pick")
    order = saved(advance(order, "pack", a_step(l1=1), (a_package("P1", ("1", 1)),)))

    with pytest.raises(Invalid, match=r"package P2, line 1: holds 3 \(4 with the packages before it\), 3 are packed"):
        advance(order, "pack", a_step(l1=2), (a_package("P2", ("1", 3)),))
    with pytest.raises(Invalid, match="package P2, line 2: no unit of this line is among those that are packed"):
        advance(order, "pack", a_step(l1=2), (a_package("P2", ("2", 1)),))
    again = advance(order, "pack", a_step(l1=2), (a_package("P1", ("1", 3)),))

    assert again.order.fulfillment(1).packages[0].contents == (("1", 3),)


def test_packages_are_kept_and_a_later_report_of_one_replaces_its_fields(order):
    order = worked(order, "accept", "pick")
    order = saved(advance(order, "pack", a_step(l1=3), (a_package("P1"), a_package("P2", weight_g=1))))

    decision = advance(order, "pack", a_step(l2=2), (a_package("P2", weight_g=250),))

    packages = decision.order.fulfillment(1).packages
    assert [(p.package_id, p.weight_g) for p in packages] == [("P1", 0), ("P2", 250)]


def test_each_node_has_its_own_fulfillment(order):
    order = offered(placed(an_order(a_line("TEA", 3))), (a_node("dc-1"), {"1": 2}), (a_node("dc-2"), {"1": 1}))

    decision = advance(order, "accept", a_step(2))

    assert decision.order.fulfillment_status(1) == "OFFERED"
    assert decision.order.fulfillment_status(2) == "ACCEPTED"
