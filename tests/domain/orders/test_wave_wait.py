"""Units wait for a wave at their node until it starts, or until half an hour after it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from comanda.domain.errors import Held, StockConflict
from comanda.domain.lifecycle import next_look
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.orders import queues, wave_times, wave_wait
from comanda.domain.orders.order import Hold
from comanda.domain.orders.status import Status
from comanda.domain.routing.plan import Plan, PlannedFulfillment, PlannedLine
from comanda.domain.scheduling import move_waiting
from comanda.domain.scheduling.schedule import schedule
from tests.builders import NOW, a_line, a_node, a_position, an_order, placed, saved


def plan(node="dc-1", quantity=2):
    line = PlannedLine(line_id="1", sku="TEA-001", quantity=quantity, wave=True)
    planned = PlannedFulfillment(
        node=a_node(node), method="SHIP", service="STANDARD", lines=(line,), deliver_on="2026-11-25"
    )
    return Plan(fulfillments=(planned,), leftovers=())


@pytest.fixture
def order():
    """Two units that wait at dc-1."""
    return schedule(placed(an_order(a_line(quantity=2))), plan(), [a_position(on_hand=5)], NOW).order


def test_units_that_wait_for_a_wave_are_reserved_and_no_node_works_on_them(order):
    (a,) = order.lines[0].allocations

    assert (a.status, a.node, a.fulfillment, a.promise) == (Status.SCHEDULED, "dc-1", None, "2026-11-25")
    assert (order.fulfillments, list(queues.waiting_lines(order)), queues.units_promised_later(order)) == (
        (),
        ["wave"],
        {},
    )


def test_an_order_placed_on_the_hour_is_part_of_the_next_wave():
    hour = NOW.replace(minute=0, second=0, microsecond=0)

    assert wave_times.next_wave(hour) == wave_times.next_wave(hour + timedelta(minutes=59)) == hour + timedelta(hours=1)
    assert wave_times.next_wave(wave_times.latest_in_wave(hour + timedelta(minutes=20))) == hour


def test_units_are_released_half_an_hour_after_their_wave(order):
    until = wave_times.next_wave(NOW) + wave_wait.PATIENCE

    assert next_look.next_look(order, NOW) == until
    assert wave_wait.release_overdue(order, until - timedelta(seconds=1)) is None
    assert wave_wait.release_overdue(order, until).order.lines[0].ready() == 2


def test_units_that_are_cancelled_after_their_wave_keep_no_work_for_the_router(order):
    released = saved(wave_wait.release(order, "wave", NOW))
    partly = saved(cancel(released, {"1": 1}, "less", "shop", NOW))
    over = saved(cancel(partly, {"1": 1}, "less", "shop", NOW))

    assert (released.lines[0].ready(), partly.lines[0].ready(), over.lines[0].ready()) == (2, 1, 0)
    assert (partly.ready_at(), over.ready_at(), over.routable) == ({"dc-1"}, set(), False)
    nodes = [a_node("dc-1")]
    left = schedule(partly, Plan(fulfillments=(), leftovers=()), [a_position(on_hand=5)], NOW, nodes).order
    assert left.quantities() == {Status.CANCELLED: 1, Status.RELEASED: 1}


def test_moving_some_units_keeps_the_others_and_changes_both_shelves_at_once(order):
    there = replace(plan("dc-2", 1), fulfillments=(*plan("dc-2", 1).fulfillments, *plan("dc-1", 1).fulfillments))

    decision = move_waiting.move_units(
        order, there, [a_position(on_hand=3), a_position(node="dc-2", on_hand=1)], 7, NOW
    )

    assert sorted((a.node, a.quantity, a.ready) for a in decision.order.lines[0].allocations) == [
        ("dc-1", 1, True),
        ("dc-2", 1, True),
    ]
    assert [(c.node, c.kind, c.free) for c in decision.stock] == [("dc-1", "release", 1), ("dc-2", "reserve", -1)]
    assert decision.event.data["saved_micros"] == 7


def test_units_are_not_moved_to_a_shelf_without_stock(order):
    with pytest.raises(StockConflict):
        move_waiting.move_units(
            order, plan("dc-2"), [a_position(on_hand=3), a_position(node="dc-2", on_hand=1)], 7, NOW
        )


def test_a_held_order_is_not_moved(order):
    held = replace(
        order, holds=(Hold(hold_id="h", type="FRAUD", blocks=("release",), reason="odd", by="sales", at=NOW),)
    )

    with pytest.raises(Held):
        move_waiting.move_units(held, plan("dc-2"), [a_position(node="dc-2", on_hand=5)], 7, NOW)
