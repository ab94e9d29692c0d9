"""A node's capacity of a day is taken with the work, kept by its fulfillment, and given back by units that do not ship."""

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.errors import StockConflict
from comanda.domain.lifecycle.cancel import cancel
from comanda.domain.lifecycle.decline import MOST_MISSES, decline, miss_deadline, short_pick
from comanda.domain.lifecycle.ship import ship
from comanda.domain.lifecycle.work import advance
from comanda.domain.orders import capacity
from comanda.domain.orders.capacity import Slot, remove_units, shares_of_lanes
from comanda.domain.orders.line import PICKUP
from comanda.domain.orders.status import Status
from comanda.domain.promise.promise import Basket, options
from comanda.domain.routing import workload
from comanda.domain.routing.costs import Costs
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Limits, Rules, Want
from comanda.domain.routing.route import route
from comanda.domain.scheduling.schedule import schedule
from comanda.domain.stock.stock import PURCHASE_ORDER, Supply
from tests.builders import (
    CHICAGO,
    NEW_YORK,
    NOW,
    a_line,
    a_node,
    a_plan,
    a_position,
    a_shipment,
    a_step,
    an_order,
    later,
    placed,
    saved,
)
from tests.domain.models.journeys import EVERY_DAY, a_calendar, a_shop

THU, FRI, SAT, SUN, MON, TUE = (f"2026-11-{day}" for day in range(19, 25))  # NOW is Thursday, noon in London
SMALL = a_node("dc-1", CHICAGO, units_per_day=5)
FAR = a_node("dc-2", NEW_YORK)
TODAY_ONLY = Rules()


def planned(order, *nodes, taken=None, stock=None, rules=TODAY_ONLY):
    positions = stock or [a_position(line.sku, node.node_id, 100) for line in order.lines for node in nodes]
    return route(order, RouterInputs(positions=positions, nodes=nodes, rules=rules, taken=taken or {}), NOW)


def given_to(plan):
    return [(f.node.node_id, f.units, f.turns) for f in plan.fulfillments]


def left(plan):
    return [(x.line_id, x.quantity, x.queue, x.reason) for x in plan.leftovers]


def at_work(units=8, **node):
    """An order at a node of five a day, so far as it goes: eight units are Thursday's and Friday's."""
    order = placed(an_order(a_line("TEA", units)))
    where = replace(SMALL, **node)
    decision = schedule(order, a_plan((where, {"1": units}), order=order), [a_position("TEA", on_hand=100)], NOW)
    return saved(decision)


def days(order, number=1):
    return order.fulfillment(number).work_days


def slots(decision):
    return [(slot.node, slot.day, slot.units) for slot in decision.capacity]


# Where it goes


@pytest.mark.parametrize(
    ("taken", "turns"),
    [
        ({}, ((THU, 4),)),
        ({("dc-1", THU): 4}, ((THU, 1), (FRI, 3))),
        ({("dc-1", THU): 9}, ((FRI, 4),)),  # a limit that was lowered
        ({("dc-1", THU): 5, ("dc-1", FRI): 5}, ((SAT, 4),)),
        ({("dc-2", THU): 5}, ((THU, 4),)),
    ],
)
def test_work_that_does_not_fit_today_has_its_turn_on_the_next_day_with_room(taken, turns):
    plan = planned(placed(an_order(a_line("TEA", 4))), SMALL, taken=taken)

    assert given_to(plan) == [("dc-1", 4, turns)]


def test_work_has_its_turns_on_working_days_and_after_the_cut_off_from_the_next_on():
    shop = a_shop(units_per_day=2)  # weekdays in Chicago, cut-off at two

    assert workload.days(shop, NOW) == (THU, FRI, MON, TUE, "2026-11-25")
    assert workload.days(shop, later(hours=8, seconds=1))[0] == FRI
    assert workload.turns(shop, NOW, 5, {}) == ((THU, 2), (FRI, 2), (MON, 1))
    assert workload.days(a_shop(calendar=a_calendar("UTC", ())), NOW) == ()
    assert workload.days(a_shop(calendar=a_calendar("UTC", EVERY_DAY), cut_off=time(23)), NOW)[2] == SAT


def test_a_node_is_given_no_more_than_it_has_room_for_and_the_next_node_has_the_rest():
    taken = {("dc-1", day): 5 for day in workload.days(SMALL, NOW)[:-1]} | {("dc-1", MON): 2}

    plan = planned(placed(an_order(a_line("TEA", 4), a_line("POT", 1))), SMALL, FAR, taken=taken)

    assert given_to(plan) == [("dc-2", 5, ())]  # one parcel from afar, where the near node cannot do it all

    alone = planned(
        placed(an_order(a_line("TEA", 4))),
        SMALL,
        FAR,
        taken=taken,
        stock=[a_position("TEA", "dc-1"), a_position("TEA", "dc-2", 1)],
    )

    assert sorted(given_to(alone)) == [("dc-1", 3, ((MON, 3),)), ("dc-2", 1, ())]


def test_a_node_without_room_on_any_day_is_not_chosen_and_the_decision_says_why():
    full = {("dc-1", day): 5 for day in workload.days(SMALL, NOW)}
    order = placed(an_order(a_line("TEA", 4)))

    elsewhere, nowhere = planned(order, SMALL, FAR, taken=full), planned(order, SMALL, taken=full)

    assert given_to(elsewhere) == [("dc-2", 4, ())]
    assert elsewhere.decision["excluded"] == {"no-capacity": ["dc-1"]}
    assert left(nowhere) == [("1", 4, "backorder", "no-capacity")]  # and is looked at again every day


def test_a_node_without_stock_is_refused_for_its_stock_not_for_its_capacity():
    plan = planned(placed(an_order(a_line("TEA", 40))), SMALL, stock=[a_position("TEA", "dc-1", 3)])

    assert left(plan) == [("1", 37, "backorder", "no-stock")]


def test_a_counter_without_room_asks_customer_care():
    store = a_node("store-1", type="STORE", units_per_day=1)
    order = placed(an_order(a_line("TEA", 6, method=PICKUP, node="store-1")))

    assert left(planned(order, store)) == [("1", 6, "customer-care", "pickup-no-capacity")]


def test_all_that_one_node_gets_of_one_plan_shares_its_days():
    order = placed(an_order(a_line("TEA", 4), a_line("POT", 4, service="EXPRESS")))

    plan = planned(order, SMALL)

    assert [turns for _, _, turns in given_to(plan)] == [((THU, 4),), ((THU, 1), (FRI, 3))]


def test_units_of_a_later_supply_take_no_capacity_of_today():
    order = Supply(supply_id="PO-1", type=PURCHASE_ORDER, eta=TUE, quantity=3)
    shelf = a_position("TEA", "dc-1", 2, supplies=(order,))
    full = {("dc-1", day): 5 for day in workload.days(SMALL, NOW)}

    plan = planned(placed(an_order(a_line("TEA", 5))), SMALL, taken=full, stock=[shelf], rules=Rules(future_days=9))

    assert [(f.due, f.units, f.turns) for f in plan.fulfillments] == [(TUE, 3, ())]
    assert left(plan) == [("1", 2, "backorder", "no-capacity")]  # those on the shelf wait for room, not for the supply


@given(
    st.lists(st.integers(0, 6), min_size=5, max_size=5),
    st.lists(st.integers(1, 12), min_size=1, max_size=3),
    st.integers(1, 6),
)
def test_no_day_is_ever_given_more_than_its_limit_and_every_unit_has_its_turn(busy, wanted, limit):
    node = replace(SMALL, units_per_day=limit)
    taken = {("dc-1", day): units for day, units in zip(workload.days(node, NOW), busy, strict=True)}
    order = placed(an_order(*(a_line(f"SKU-{i}", units) for i, units in enumerate(wanted))))

    plan = planned(order, node, taken=taken)
    decision = schedule(order, plan, [a_position(f"SKU-{i}", on_hand=100) for i in range(3)], NOW, [node], None, taken)

    for slot in decision.capacity:
        assert taken.get((slot.node, slot.day), 0) + slot.units <= limit == slot.limit
    begun = sum(units for f in decision.order.fulfillments for _, units in f.work_days)
    assert begun == sum(slot.units for slot in decision.capacity) == sum(f.units for f in plan.fulfillments)
    assert begun + sum(x.quantity for x in plan.leftovers) == sum(wanted)
    assert begun == min(sum(wanted), sum(max(0, limit - units) for units in busy))


def test_a_promise_knows_the_days_that_are_full():
    order = placed(an_order(a_line("TEA", 4)))
    full = {("dc-1", day): 5 for day in workload.days(SMALL, NOW)}
    world = RouterInputs(
        positions=[a_position("TEA", "dc-1"), a_position("TEA", "dc-2")],
        nodes=[SMALL, FAR],
        carriers=(),
        rules=Rules(),
        costs=Costs(),
        limits=Limits(),
        taken=full,
    )
    wants = planned(order, SMALL).fulfillments[0].lines
    basket = Basket(wants=tuple(_want(line) for line in wants), to=order.destination, methods=("SHIP",))

    (option,) = options(basket, world, NOW).options

    assert [f.node.node_id for f in option.fulfillments] == ["dc-2"]


def _want(line):
    return Want(line_id=line.line_id, sku=line.sku, quantity=line.quantity)


# What is taken is remembered, and comes back


def test_the_work_takes_its_days_and_remembers_them():
    order = placed(an_order(a_line("TEA", 8)))

    decision = schedule(order, a_plan((SMALL, {"1": 8}), order=order), [a_position("TEA")], NOW)

    assert days(decision.order) == ((THU, 5), (FRI, 3))
    assert decision.capacity == (
        Slot(node="dc-1", day=THU, units=5, limit=5),
        Slot(node="dc-1", day=FRI, units=3, limit=5),
    )


def test_a_node_without_a_limit_counts_nothing():
    order = placed(an_order(a_line("TEA", 8)))

    decision = schedule(order, a_plan((FAR, {"1": 8}), order=order), [a_position("TEA", "dc-2")], NOW)

    assert (days(decision.order), decision.capacity) == ((), ())


def test_a_decline_gives_its_days_back():
    decision = decline(at_work(), a_step(), "NO_CAPACITY")

    assert slots(decision) == [("dc-1", THU, -5), ("dc-1", FRI, -3)]
    assert all(slot.limit is None for slot in decision.capacity)
    assert days(decision.order) == ()


def test_a_part_gives_its_part_back_and_the_last_day_first():
    declined = decline(at_work(), a_step(l1=4), "NO_STOCK")

    assert slots(declined) == [("dc-1", THU, -1), ("dc-1", FRI, -3)]
    assert days(declined.order) == ((THU, 4),)


def test_a_short_pick_gives_back_what_was_not_there():
    order = saved(advance(at_work(), "accept", a_step()))

    assert slots(short_pick(order, a_step(l1=2), "NOT_FOUND")) == [("dc-1", FRI, -2)]
    assert slots(short_pick(order, a_step(l1=2), "NOT_FOUND", cancel=True)) == [("dc-1", FRI, -2)]


def test_a_cancel_gives_back_what_it_takes_from_nodes():
    decision = cancel(at_work(), {"1": 4}, "less", "shop", NOW)

    assert slots(decision) == [("dc-1", THU, -1), ("dc-1", FRI, -3)]
    assert days(decision.order) == ((THU, 4),)


def test_a_node_that_never_answers_loses_the_work_and_its_days_are_free():
    order, now = at_work(), NOW
    for _ in range(MOST_MISSES):
        now = max(now, order.fulfillment(1).accept_by) + (later(minutes=1) - NOW)
        decision = miss_deadline(order, 1, now, 60)
        assert decision is not None
        order = saved(decision)

    assert decision.event.type == "line_declined"
    assert slots(decision) == [("dc-1", THU, -5), ("dc-1", FRI, -3)]


def test_shipped_units_keep_their_days_and_units_left_behind_have_the_last_ones():
    decision = ship(at_work(), a_step(l1=6), a_shipment())

    assert decision.capacity == ()
    assert days(decision.order, 1) == ((THU, 5), (FRI, 1))
    assert days(decision.order, 2) == ((FRI, 2),)
    assert slots(cancel(saved(decision), {"1": 2}, "less", "shop", NOW)) == [("dc-1", FRI, -2)]


def test_a_day_that_is_over_gives_nothing_back():
    order = at_work()

    decision = cancel(order, {"1": 8}, "late", "shop", later(hours=36 + 1))  # one o'clock of Saturday, UTC

    assert slots(decision) == [("dc-1", FRI, -3)]  # it is Friday still, where the clocks are behind
    assert days(decision.order) == ((THU, 5),)


def test_promised_goods_that_arrived_are_begun_even_on_days_without_room():
    order = an_order(a_line("TEA", 7))
    order = placed(order)
    line = order.line("1").move("schedule", 7, to=Status.SCHEDULED, node="dc-1", due=THU, ready=True)
    order = order.with_lines([line])
    full = {("dc-1", day): 5 for day in workload.days(SMALL, NOW)}

    fits = schedule(order, a_plan(order=order), [], NOW, [SMALL], None, full | {("dc-1", FRI): 0, ("dc-1", SAT): 1})
    over = schedule(order, a_plan(order=order), [], NOW, [SMALL], None, full | {("dc-1", FRI): 3})

    assert [(s.day, s.units, s.limit) for s in fits.capacity] == [(FRI, 5, 5), (SAT, 2, 5)]
    assert [(s.day, s.units, s.limit) for s in over.capacity] == [(FRI, 2, None), (MON, 5, None)]
    assert days(over.order) == ((FRI, 2), (MON, 5))


# Counters


def test_units_of_one_day_are_one_write():
    made = capacity.summed(
        (
            Slot(node="b", day=FRI, units=1, limit=5),
            Slot(node="a", day=FRI, units=2, limit=5),
            Slot(node="b", day=FRI, units=3),
            Slot(node="c", day=FRI, units=1, limit=5),
            Slot(node="c", day=FRI, units=-1),
        )
    )

    assert made == (Slot(node="a", day=FRI, units=2, limit=5), Slot(node="b", day=FRI, units=4))


def test_orders_begin_at_different_lanes_and_take_what_is_left_of_the_others():
    slot = Slot(node="dc-1", day=FRI, units=3, limit=10, lanes=4)  # 3, 3, 2, 2

    firsts = {shares_of_lanes(slot, f"order-{n}", (0, 0, 0, 0))[0][0] for n in range(50)}

    assert firsts == {0, 1, 2, 3}
    for n in range(20):
        assert {lane: units for lane, units, _ in shares_of_lanes(slot, f"order-{n}", (1, 3, 2, 1))} == {0: 2, 3: 1}
        with pytest.raises(StockConflict):
            shares_of_lanes(slot, f"order-{n}", (3, 3, 1, 1))


@given(st.integers(0, 60), st.integers(1, 8), st.lists(st.integers(-9, 9), max_size=30))
def test_lanes_together_never_hold_more_than_the_day(limit, lanes, moves):
    counted, taken = [0] * lanes, 0
    for n, units in enumerate(moves):
        if not units or taken + units < 0:
            continue
        slot = Slot(node="dc-1", day=FRI, units=units, limit=limit if units > 0 else None, lanes=lanes)
        try:
            parts = shares_of_lanes(slot, f"order-{n}", counted)
        except StockConflict:
            assert taken + units > limit
            continue
        for lane, part, holds in parts:
            counted[lane] += part
            assert holds is None or counted[lane] <= holds
        taken += units

        assert sum(counted) == taken <= limit


@given(
    st.lists(st.tuples(st.sampled_from((THU, FRI, SAT)), st.integers(1, 9)), max_size=3, unique_by=lambda t: t[0]),
    st.integers(0, 30),
)
def test_turns_that_are_left_and_turns_that_were_removed_add_up(turns, units):
    turns = tuple(sorted(turns))

    kept, gone = remove_units(turns, units)

    assert capacity.joined(kept, gone) == turns
    assert sum(part for _, part in gone) == min(units, sum(part for _, part in turns))
    assert not kept or not gone or kept[-1][0] <= gone[0][0]
