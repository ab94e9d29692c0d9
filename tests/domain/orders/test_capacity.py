"""A node's capacity of a day is taken with the work, kept by its fulfillment, and given back by units that do not ship."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.errors import StockConflict
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.node_work.decline import MOST_MISSES, decline, miss_deadline, short_pick
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.node_work.work import advance
from comanda.domain.orders import capacity
from comanda.domain.orders.capacity import Slot, remove_units, shares_of_lanes
from comanda.domain.orders.status import Status
from comanda.domain.routing import workload
from comanda.domain.scheduling.schedule import schedule
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
from tests.domain.declines import NO_CAPACITY, NO_STOCK

THU, FRI, SAT, _, MON = (f"2026-11-{day}" for day in range(19, 24))  # NOW is Thursday, noon in London
SMALL = a_node("dc-1", CHICAGO, units_per_day=5)
FAR = a_node("dc-2", NEW_YORK)


def at_work(units=8, **node):
    """An order at a node that begins five units a day: of eight units, five are of Thursday and three of Friday."""
    order = placed(an_order(a_line("TEA", units)))
    where = replace(SMALL, **node)
    decision = schedule(order, a_plan((where, {"1": units}), order=order), [a_position("TEA", on_hand=100)], NOW)
    return saved(decision)


def days(order, number=1):
    return order.fulfillment(number).work_days


def slots(decision):
    return [(slot.node, slot.day, slot.units) for slot in decision.capacity]


# Fulfillments remember the days that they take, and give them back


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
    decision = decline(at_work(), a_step(), NO_CAPACITY)

    assert slots(decision) == [("dc-1", THU, -5), ("dc-1", FRI, -3)]
    assert all(slot.limit is None for slot in decision.capacity)
    assert days(decision.order) == ()


def test_a_part_gives_its_part_back_and_the_last_day_first():
    declined = decline(at_work(), a_step(l1=4), NO_STOCK)

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
