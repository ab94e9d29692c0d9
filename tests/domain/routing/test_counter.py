"""Test pickups: what leaves together is handed over in whole sets, and the rest waits for customer care in whole sets."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.lifecycle.resume import SHIP_INSTEAD, resume
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status
from comanda.domain.scheduling.schedule import schedule
from tests.builders import NOW, a_bundle, a_line, a_node, a_position, an_order, placed, routed, saved
from tests.domain.routing.test_route import left, units_by_node

STORE = a_node("store-1", type="STORE")


def a_set(sets=1, *parts, **changes):
    """Return an order of pots with two cups each, which the customer fetches at the store."""
    return placed(an_order(*a_bundle("SET", sets, 3000, *parts, method=PICKUP, node="store-1", **changes)))


def a_kit(pots, cups):
    of_kit = {"method": PICKUP, "node": "store-1", "group": "tea-set"}
    return placed(an_order(a_line("POT", pots, **of_kit), a_line("CUP", cups, **of_kit)))


def at_store(order, pots, cups, store=STORE, **changes):
    stock = [a_position(sku, "store-1", units) for sku, units in (("POT", pots), ("CUP", cups)) if units]
    return routed(order, stock, store, **changes)


def waits(reason="pickup-out-of-stock", **units):
    return [(line_id, count, "customer-care", reason) for line_id, count in units.items()]


def test_a_set_of_which_the_store_lacks_a_part_waits_whole():
    plan = at_store(a_set(), 3, 0)

    assert units_by_node(plan) == []
    assert left(plan) == waits(b1=1, b2=2)


@pytest.mark.parametrize(("pots", "cups", "sets"), [(1, 4, 1), (2, 3, 1), (2, 1, 0), (2, 4, 2), (0, 4, 0)])
def test_the_store_hands_over_the_sets_that_it_has_and_the_rest_waits_in_sets(pots, cups, sets):
    plan = at_store(a_set(2), pots, cups)

    assert units_by_node(plan) == ([("store-1", "PICKUP", {"b1": sets, "b2": 2 * sets})] if sets else [])
    assert left(plan) == (waits(b1=2 - sets, b2=4 - 2 * sets) if sets < 2 else [])


def test_a_kit_is_handed_over_in_sets_as_a_bundle_is():
    plan = at_store(a_kit(2, 4), 5, 3)

    assert units_by_node(plan) == [("store-1", "PICKUP", {"1": 1, "2": 2})]
    assert left(plan) == waits(**{"1": 1, "2": 2})


def test_a_channel_that_sells_components_singly_hands_them_over_line_by_line():
    plan = at_store(a_set(2, together=False), 2, 3)

    assert units_by_node(plan) == [("store-1", "PICKUP", {"b1": 2})]
    assert left(plan) == waits(b2=4)


def test_a_bundle_of_one_sku_is_handed_over_in_its_sets():
    plan = at_store(a_set(3, ("CUP", 6, 1_000_000)), 0, 13)

    assert units_by_node(plan) == [("store-1", "PICKUP", {"b1": 12})]
    assert left(plan) == waits(b1=6)


def test_a_line_alone_in_its_group_is_handed_over_whole():
    order = placed(an_order(a_line("POT", 2, method=PICKUP, node="store-1", group="alone")))

    assert left(at_store(order, 1, 0)) == waits(**{"1": 2})


def test_two_components_of_one_sku_share_the_units_of_the_store():
    parts = (("CUP", 1, 500_000), ("CUP", 2, 500_000))

    plan = at_store(a_set(2, *parts), 0, 5)

    assert units_by_node(plan) == [("store-1", "PICKUP", {"b1": 1, "b2": 2})]


def test_two_sets_share_the_units_of_the_store():
    lines = (*a_bundle(method=PICKUP, node="store-1"), *a_bundle(line_id="c", method=PICKUP, node="store-1"))

    plan = at_store(placed(an_order(*lines)), 2, 3)

    assert units_by_node(plan) == [("store-1", "PICKUP", {"b1": 1, "b2": 2})]
    assert left(plan) == waits(c1=1, c2=2)


def test_a_set_of_which_the_store_gave_a_part_back_waits_whole():
    order = a_set()
    pot, cups = order.lines
    order = order.with_lines([replace(cups, excluded=("store-1",))])

    assert left(at_store(order, 1, 2)) == waits("pickup-declined", b1=1, b2=2)
    assert pot.excluded == ()


def test_a_store_without_room_for_a_whole_set_takes_the_sets_that_fit():
    plan = at_store(a_set(2), 2, 4, store=replace(STORE, units_per_day=1))

    assert units_by_node(plan) == [("store-1", "PICKUP", {"b1": 1, "b2": 2})]
    assert left(plan) == waits("pickup-no-capacity", b1=1, b2=2)


@given(
    bundles=st.lists(
        st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.booleans()), min_size=1, max_size=3
    ),
    pots=st.integers(0, 12),
    cups=st.integers(0, 12),
    room=st.none() | st.integers(0, 6),
)
def test_every_unit_is_at_the_counter_or_waits_and_both_are_whole_sets(bundles, pots, cups, room):
    lines = []
    for i, (sets, pot, cup, together) in enumerate(bundles):
        parts = (("POT", pot, 500_000), ("CUP", cup, 500_000))
        of = {"line_id": f"b{i}-", "together": together, "method": PICKUP, "node": "store-1"}
        lines += a_bundle("SET", sets, 3000, *parts, **of)
    order = placed(an_order(*lines))

    plan = at_store(order, pots, cups, replace(STORE, units_per_day=room))

    here = {line.line_id: line.quantity for f in plan.fulfillments for line in f.lines}
    rest = {x.line_id: x.quantity for x in plan.leftovers}
    for i, (_, _, _, together) in enumerate(bundles):
        pot, cup = (order.line(f"b{i}-{n}") for n in (1, 2))
        for line in (pot, cup):
            assert here.get(line.line_id, 0) + rest.get(line.line_id, 0) == line.quantity
        for units in (here, rest) if together else ():
            assert units.get(pot.line_id, 0) * cup.quantity == units.get(cup.line_id, 0) * pot.quantity
    assert sum(here.get(line.line_id, 0) for line in order.lines if line.sku == "CUP") <= cups


def test_the_rest_of_a_set_order_is_sent_in_whole_sets_when_the_customer_wants_it_sent():
    order = scheduled(a_set(2), (2, 2))
    assert [line.waits_in for line in order.lines] == [Queue.CUSTOMER_CARE] * 2

    order = saved(resume(order, Queue.CUSTOMER_CARE, "customer-care", SHIP_INSTEAD, "ada", NOW))
    order = scheduled(order, (1, 0), dc_1=(3, 5))

    assert [(f.node, f.method) for f in order.fulfillments] == [("store-1", "PICKUP"), ("dc-1", "SHIP")]
    assert [[a.quantity for a in line.allocations] for line in order.lines] == [[1, 1], [2, 2]]


def test_sets_that_are_to_be_ready_later_are_sent_with_the_others_when_the_customer_wants_them_sent():
    order = replace(a_set(2), requested=(("not_before", "2026-12-24"),))
    order = scheduled(order, (2, 2))
    assert [a.node for a in order.lines[0].allocations if a.status is Status.SCHEDULED] == ["store-1"]

    decision = resume(order, Queue.CUSTOMER_CARE, "customer-care", SHIP_INSTEAD, "ada", NOW)

    assert [line.unplaced() for line in decision.order.lines] == [2, 4]
    assert {line.method for line in decision.order.lines} == {"SHIP"}
    assert [(c.sku, c.node, c.kind, c.free) for c in decision.stock] == [
        ("POT", "store-1", "release", 1), ("CUP", "store-1", "release", 2),
    ]  # fmt: skip
    assert [row["quantity"] for row in decision.event.data["unscheduled"]] == [1, 2]


def scheduled(order, at_store, **elsewhere):
    """Return the order with these (pots, cups) at the store and at other nodes in a plan that is in force."""
    units = {"store-1": at_store, **{node.replace("_", "-"): both for node, both in elsewhere.items()}}
    stock = [
        a_position(sku, node, n)
        for node, both in units.items()
        for sku, n in zip(("POT", "CUP"), both, strict=True)
        if n
    ]
    nodes = [STORE, *(a_node(node) for node in units if node != "store-1")]
    return saved(schedule(order, routed(order, stock, *nodes), stock, NOW, nodes))
