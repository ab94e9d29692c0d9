"""Units leave the status PICKING by being picked, by leaving, or because nobody wants them; scanned ones go back to their place."""

from dataclasses import replace

import pytest

from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.node_work.decline import hand_back, short_pick
from comanda.domain.lifecycle.node_work.left_picking import LeftPicking, left_picking, with_put_back
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.node_work.work import advance
from tests.builders import NOW, a_shipment, a_step, saved, worked


@pytest.fixture
def picking(order):
    """Three of TEA on line 1 and two of POT on line 2, all of which are being picked."""
    return worked(order, "accept", "start-pick")


def left(before, decision):
    return list(left_picking(before, decision.order))


def test_units_that_are_picked_have_advanced(picking):
    decision = advance(picking, "pick", a_step(l1=2))

    assert left(picking, decision) == [LeftPicking(number=1, picking={"1": 1, "2": 2}, advanced={"1": 2}, rest=None)]


def test_units_that_are_handed_back_have_not(picking):
    decision = hand_back(picking, a_step(l1=2), "OTHER")

    assert left(picking, decision) == [LeftPicking(number=1, picking={"1": 1, "2": 2}, advanced={}, rest=None)]


def test_the_rest_of_a_shipment_is_in_the_next_fulfillment(picking):
    before = saved(advance(picking, "pick", a_step(l2=1)))
    decision = ship(before, a_step(l1=1, l2=1), a_shipment("S-1"))

    assert left(before, decision) == [LeftPicking(number=1, picking={"1": 2, "2": 1}, advanced={"1": 1}, rest=2)]


def test_nothing_left_when_more_is_picked_next_or_nothing_is(order):
    before = worked(order, "accept")
    begun = advance(before, "start-pick", a_step(l1=2))

    assert left(before, begun) == []
    assert left(saved(begun), advance(saved(begun), "start-pick", a_step(l2=2))) == []


def goods(decision):
    return [(task.item, task.reason, task.node) for task in decision.tasks if task.queue == "put-back"]


def test_scanned_units_are_put_back_beside_the_picked_ones(picking):
    before = saved(advance(picking, "pick", a_step(l2=2)))
    all_back = hand_back(before, a_step(), "OTHER")
    item = f"put-back-001-{before.version + 1}"

    assert goods(with_put_back(before, all_back, 1, {"1": 1})) == [(item, "2 x POT; 1 x TEA", "dc-1")]
    part = hand_back(before, a_step(l1=1), "OTHER")
    assert goods(with_put_back(before, part, 1, {"1": 1})) == [(item, "1 x TEA", "dc-1")]
    assert with_put_back(before, part, 1, {}) == part


def test_missing_units_and_those_in_quarantine_are_not_put_back(picking):
    short = short_pick(picking, a_step(l1=3), "DAMAGED")
    assert goods(with_put_back(picking, short, 1, {"1": 3})) == []
    assert goods(with_put_back(picking, short, 1, {"1": 3, "2": 1}))[0][1] == "1 x POT"

    decision = cancel(picking, {"1": 1}, "less", "office", NOW)
    (task,) = with_put_back(picking, decision, 1, {"1": 1}).tasks
    aside = replace(decision, tasks=(replace(task, reason="quarantine: 1 x TEA"),))
    assert with_put_back(picking, aside, 1, {"1": 1}) == aside
