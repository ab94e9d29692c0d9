"""Nodes give units back: they decline, do not find them, or do not answer. The router places them on another node."""

from dataclasses import replace

import pytest

from comanda.domain import ids
from comanda.domain.errors import Held, Invalid, NotAllowed
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.node_work.decline import decline, miss_deadline, short_pick
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.node_work.work import advance
from comanda.domain.orders.status import Status
from comanda.domain.orders.verdict import verdict
from tests.builders import (
    NOW,
    a_hold_type,
    a_node,
    a_shipment,
    a_step,
    an_allocation,
    later,
    offered,
    saved,
    worked,
)
from tests.domain.declines import CLOSED, DAMAGED, NO_STOCK, OTHER

S = Status


# Decline


def test_declined_units_are_free_and_routed_again_without_the_node(order):
    decision = decline(order, a_step(), OTHER)

    assert decision.order.status == "UNSCHEDULED"
    for line in decision.order.lines:
        assert line.allocations == (an_allocation(line.quantity, S.UNSCHEDULED),)
        assert (line.excluded, line.attempts, line.because) == (("dc-1",), 1, "OTHER")
        assert line.unplaced() == line.quantity
    assert decision.order.fulfillment_status(1) == "DECLINED"
    assert [(c.sku, c.kind, c.free, c.on_hand) for c in decision.stock] == [
        ("POT", "release", 2, ()),
        ("TEA", "release", 3, ()),
    ]
    assert decision.event.type == "line_declined"
    assert (decision.event.data["reason"], decision.event.data["blame"]) == ("OTHER", "node")
    assert verdict("Release", "001", decision.order) == "Declined"
    assert verdict("UntilSettled", "order", decision.order) == "RouteAgain"


def test_a_node_without_stock_says_so_and_its_shelf_is_corrected(order):
    decision = decline(order, a_step(), NO_STOCK)

    assert [(c.kind, c.free, c.on_hand, c.demand) for c in decision.stock] == [
        ("short", 0, (("sellable", -2),), (("2026-11-19", -2),)),
        ("short", 0, (("sellable", -3),), (("2026-11-19", -3),)),
    ]


def test_damaged_units_go_into_quarantine_and_somebody_carries_them_there(order):
    decision = decline(order, a_step(l1=2), DAMAGED)

    assert [(c.kind, c.free, c.on_hand, c.demand) for c in decision.stock] == [
        ("quarantine", 0, (("sellable", -2), ("quarantine", 2)), (("2026-11-19", -2),))
    ]
    assert decision.event.data["quarantined"] == 2
    (task,) = decision.tasks
    assert (task.queue, task.node, task.reason) == ("put-back", "dc-1", "quarantine: 2 x TEA")


def test_a_reason_may_let_the_router_ask_the_node_again_so_often_as_any_node_is_asked(order):
    not_now = replace(OTHER, code="not-now", ask_again=True)

    again = saved(decline(order, a_step(l1=1), not_now))
    line = saved(decline(again, a_step(l1=1), not_now)).line("1")

    assert (line.excluded, line.attempts, line.because) == ((), 2, "not-now")


def test_a_part_is_declined_and_the_node_keeps_the_rest(order):
    decision = decline(order, a_step(l1=1), OTHER)

    assert decision.order.quantities() == {S.RELEASED: 4, S.UNSCHEDULED: 1}
    assert decision.order.fulfillment(1).ended is None
    assert decision.order.line("1").excluded == ("dc-1",)
    assert decision.order.line("2").excluded == ()
    assert verdict("Release", "001", decision.order) is None
    assert verdict("UntilSettled", "order", decision.order) == "RouteAgain"


def test_an_accepted_fulfillment_may_still_be_declined_but_not_once_picking_began(order):
    accepted = worked(order, "accept")

    assert decline(accepted, a_step(), OTHER).order.status == "UNSCHEDULED"
    with pytest.raises(NotAllowed, match="no unit can decline"):
        decline(worked(accepted, "start-pick"), a_step(), OTHER)


def test_lines_that_are_not_picked_yet_may_be_declined_beside_those_that_are(order):
    order = saved(advance(worked(order, "accept"), "pick", a_step(l1=3)))

    assert decline(order, a_step(), OTHER).order.quantities() == {S.PICKED: 3, S.UNSCHEDULED: 2}


def test_a_declined_pickup_line_is_never_sent_to_shipping(pickup):
    decision = decline(pickup, a_step(), OTHER)

    (line,) = decision.order.lines
    assert line.allocations == (an_allocation(2, S.UNSCHEDULED),)
    assert (line.waits_in, line.because) == ("customer-care", "pickup-declined: OTHER")
    assert line.unplaced() == 0
    assert verdict("UntilSettled", "order", decision.order) is None


def test_each_decline_is_counted_and_each_node_excluded_once(order):
    order = saved(decline(order, a_step(l1=1), OTHER))
    order = saved(decline(order, a_step(l1=1), OTHER))
    order = offered(order, (a_node("dc-2"), {"1": 2}))

    order = saved(decline(order, a_step(2), CLOSED))

    assert (order.line("1").excluded, order.line("1").attempts) == (("dc-1", "dc-2"), 3)


def test_a_hold_may_block_declining(order):
    order = saved(review.hold(order, a_hold_type("FRAUD", "decline", "short-pick"), "odd", "risk", NOW))

    with pytest.raises(Held):
        decline(order, a_step(), OTHER)
    with pytest.raises(Held):
        short_pick(worked(order, "accept"), a_step(l1=1), "lost")


def test_declining_none_or_too_many_changes_nothing(order):
    with pytest.raises(Invalid):
        decline(order, a_step(l1=0), OTHER)
    with pytest.raises(NotAllowed):
        decline(order, a_step(l1=4), OTHER)


# Short pick


def test_units_that_are_not_found_leave_the_count_and_are_routed_again(order):
    order = worked(order, "accept", "start-pick")

    decision = short_pick(order, a_step(l1=2), "NOT_FOUND")

    assert decision.order.quantities() == {S.PICKING: 3, S.UNSCHEDULED: 2}
    assert [(c.kind, c.on_hand, c.free) for c in decision.stock] == [("short", (("sellable", -2),), 0)]
    assert decision.order.line("1").excluded == ("dc-1",)
    assert decision.event.type == "short_picked"
    assert decision.order.fulfillment(1).ended is None


@pytest.mark.parametrize("steps", [("accept",), ("accept", "pick"), ("accept", "pick", "pack")])
def test_damage_is_found_at_any_step_before_the_door(order, steps):
    decision = short_pick(worked(order, *steps), a_step(l1=3, l2=2), "OTHER")

    assert decision.order.status == "UNSCHEDULED"
    assert decision.order.fulfillment(1).ended == "SHORTED"
    assert verdict("Release", "001", decision.order) == "Declined"


def test_short_units_are_cancelled_and_not_paid_for_if_the_policy_says_so(order):
    decision = short_pick(worked(order, "accept"), a_step(l1=1), "NOT_FOUND", cancel=True)

    assert decision.order.line("1").allocations == (
        an_allocation(2, S.ACCEPTED, node="dc-1", fulfillment=1),
        an_allocation(1, S.CANCELLED, node="dc-1", fulfillment=1, reason="not-found", blame="node"),
    )
    assert decision.order.totals.total == 4000
    assert decision.order.line("1").attempts == 0


def test_an_order_whose_last_units_were_short_and_cancelled_is_settled(order):
    decision = short_pick(worked(order, "accept"), a_step(l1=3, l2=2), "NOT_FOUND", cancel=True)

    assert decision.order.status == "CANCELLED"
    assert decision.order.settled


def test_a_short_pick_names_its_lines_and_only_what_was_accepted(order):
    with pytest.raises(NotAllowed, match="names its lines"):
        short_pick(worked(order, "accept"), a_step(), "NOT_FOUND")
    with pytest.raises(NotAllowed, match="cannot short-pick"):
        short_pick(order, a_step(l1=1), "NOT_FOUND")


def test_a_node_without_units_cannot_give_units_back(order):
    over = saved(ship(order, a_step(), a_shipment()))

    with pytest.raises(NotAllowed):
        decline(over, a_step(), OTHER)
    with pytest.raises(NotAllowed):
        short_pick(over, a_step(l1=1), "NOT_FOUND")


# Deadlines

ACCEPT_MINUTES = 120  # a_node's


def missed(order, at):
    decision = miss_deadline(order, 1, at, ACCEPT_MINUTES)
    assert decision is not None
    return decision


def test_a_deadline_is_missed_when_it_has_passed_not_before(order):
    by = order.fulfillment(1).accept_by

    assert by == later(minutes=120)
    assert miss_deadline(order, 1, by, ACCEPT_MINUTES) is None
    assert miss_deadline(order, 1, by.replace(second=1), ACCEPT_MINUTES) is not None


def test_the_first_and_second_missed_answers_are_reminders_with_a_new_deadline(order):
    first = missed(order, later(hours=3))

    assert first.event.type == "silent"
    assert first.event.data == {"fulfillment": 1, "misses": 1}
    fulfillment = first.order.fulfillment(1)
    assert (fulfillment.misses, fulfillment.reminded, fulfillment.ended) == (1, 0, None)
    assert fulfillment.accept_by == later(hours=5)
    assert first.order.status == "RELEASED"
    assert verdict("Release", "001", first.order) == "Silent"
    assert advance(saved(first), "accept", a_step(at=later(hours=4))).order.status == "ACCEPTED"

    second = missed(saved(first), later(hours=6))
    assert second.order.fulfillment(1).misses == 2


def test_the_third_missed_answer_declines_for_the_node(order):
    order = saved(missed(order, later(hours=3)))
    order = saved(missed(order, later(hours=6)))

    decision = missed(order, later(hours=9))

    assert decision.event.type == "line_declined"
    assert decision.event.data["reason"] == "SILENT"
    assert decision.order.fulfillment_status(1) == "DECLINED"
    assert decision.order.line("1").excluded == ("dc-1",)
    assert [c.kind for c in decision.stock] == ["release", "release"]
    assert verdict("Release", "001", decision.order) == "Declined"


def test_an_accepted_fulfillment_that_is_not_begun_is_declined_at_the_third_missed_ship_by(order):
    order = worked(order, "accept")
    by = order.fulfillment(1).ship_by

    assert miss_deadline(order, 1, later(hours=3), ACCEPT_MINUTES) is None
    for n in (1, 2):
        order = saved(missed(order, by.replace(second=n)))
        assert order.fulfillment(1).misses == n
        by = order.fulfillment(1).ship_by

    assert missed(order, by.replace(second=3)).order.fulfillment_status(1) == "DECLINED"


def test_late_work_that_began_becomes_a_persons_task_once(order):
    order = worked(order, "accept", "start-pick")

    decision = missed(order, later(days=2))

    assert decision.event.type == "work_late"
    assert [(t.queue, t.item, t.reason, t.data) for t in decision.tasks] == [
        (
            "late-work",
            "late-001",
            "ship-by passed",
            (("node", "dc-1"), ("fulfillment_id", ids.fulfillment(order.order_id, 1))),
        )
    ]
    assert decision.order.fulfillment(1).late
    assert decision.order.status == "PICKING"
    assert miss_deadline(saved(decision), 1, later(days=3), ACCEPT_MINUTES) is None


@pytest.mark.parametrize("how", ["shipped", "cancelled", "short"])
def test_late_work_leaves_the_queue_when_its_last_unit_does(order, how):
    order = saved(missed(worked(order, "accept", "start-pick"), later(days=2)))

    decision = {
        "shipped": lambda: ship(order, a_step(), a_shipment()),
        "cancelled": lambda: cancel(order, None, "too slow", "shop", NOW),
        "short": lambda: short_pick(order, a_step(l1=3, l2=2), "NOT_FOUND"),
    }[how]()

    assert decision.done == (("late-work", "late-001"),)


@pytest.mark.parametrize("how", ["cancelled", "short"])
def test_late_work_stays_in_the_queue_while_a_unit_is_left(order, how):
    order = saved(missed(worked(order, "accept", "start-pick"), later(days=2)))

    decision = {
        "cancelled": lambda: cancel(order, {"1": 3}, "too slow", "shop", NOW),
        "short": lambda: short_pick(order, a_step(l1=3), "NOT_FOUND"),
    }[how]()

    assert decision.done == ()


def test_units_that_a_late_part_shipment_leaves_may_be_late_again(order):
    order = saved(missed(worked(order, "accept", "pick"), later(days=2)))

    shipped = ship(order, a_step(l1=3), a_shipment())

    assert shipped.done == (("late-work", "late-001"),)
    again = miss_deadline(saved(shipped), 2, later(days=3), ACCEPT_MINUTES)
    assert again is not None
    assert [t.item for t in again.tasks] == ["late-002"]


def test_goods_that_wait_for_their_customer_are_not_late_work(pickup):
    ready = worked(pickup, "accept", "pick", "pack", "ready")

    assert miss_deadline(ready, 1, later(days=9), ACCEPT_MINUTES) is None


def test_a_late_pickup_leaves_the_queue_when_it_is_ready(pickup):
    late = saved(missed(worked(pickup, "accept", "pick", "pack"), later(days=2)))

    ready = advance(late, "ready", a_step())

    assert ready.done == (("late-work", "late-001"),)
    assert not ready.order.fulfillment(1).late


def test_a_node_that_a_hold_stops_misses_no_deadline(order):
    asked = saved(review.hold(order, a_hold_type("FRAUD", "accept"), "odd", "risk", NOW))
    working = saved(review.hold(worked(order, "accept"), a_hold_type("FRAUD", "ship"), "odd", "risk", NOW))

    assert miss_deadline(asked, 1, later(days=9), ACCEPT_MINUTES) is None
    assert miss_deadline(working, 1, later(days=9), ACCEPT_MINUTES) is None
    assert (
        miss_deadline(saved(review.resolve(asked, "h1", "holds", "fine", "risk", NOW)), 1, later(days=9), 120)
        is not None
    )


def test_a_fulfillment_that_is_over_misses_no_deadline(order):
    for over in (saved(decline(order, a_step(), OTHER)), saved(ship(order, a_step(), a_shipment()))):
        assert miss_deadline(over, 1, later(days=9), ACCEPT_MINUTES) is None
