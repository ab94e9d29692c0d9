"""A node gets work on the days that have room, and the next node gets the rest."""

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.orders.methods import PICKUP
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
    a_position,
    an_order,
    later,
    placed,
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
    assert left(plan) == [
        ("1", 2, "backorder", "no-capacity")
    ]  # units on the shelf wait for capacity, not for the supply


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
