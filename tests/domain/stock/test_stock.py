"""A position has units for a new order by date, from stock, demand and supplies."""

import pytest

from comanda.domain.stock import stock
from comanda.domain.stock.stock import Position, Supply, join_lanes
from tests.builders import NOW, TODAY, a_position

TOMORROW, IN_TWO_DAYS, IN_FOUR_DAYS = "2026-11-20", "2026-11-21", "2026-11-23"


def a_supply(**changes):
    facts = {"supply_id": "PO-1.1", "type": "PURCHASE_ORDER", "eta": IN_TWO_DAYS, "quantity": 10}
    return Supply(**(facts | changes))


def test_four_on_hand_safety_two_demand_three_leaves_nothing():
    position = a_position(on_hand=4, safety=2, hard=((TODAY, 3),))

    assert (position.free, position.available, position.over_reserved) == (1, 0, 0)


def test_a_supply_is_available_from_its_day_on_and_units_promised_for_later_are_kept_from_today_on():
    position = a_position(on_hand=5, hard=((IN_FOUR_DAYS, 8),), supplies=(a_supply(),))

    assert stock.net(position, NOW) == ((TODAY, 5), (IN_TWO_DAYS, 15), (IN_FOUR_DAYS, 7))
    assert [stock.available(position, NOW, day) for day in (None, TOMORROW, IN_TWO_DAYS)] == [5, 5, 7]
    assert stock.available_steps(position, NOW) == ((TODAY, 5), (IN_TWO_DAYS, 7))


@pytest.mark.parametrize(
    ("changes", "day"),
    [
        ({}, IN_TWO_DAYS),
        ({"receiving_days": 2}, IN_FOUR_DAYS),
        ({"eta": TODAY}, TOMORROW),  # units that are not on hand today are there tomorrow at the earliest
        ({"eta": "2026-11-16"}, TOMORROW),
        ({"eta": "2026-11-15"}, None),  # more than three days overdue
    ],
)
def test_a_supply_counts_from_its_effective_day_until_it_is_too_late(changes, day):
    assert stock.effective_eta(a_supply(**changes), TODAY) == day


def test_only_the_share_of_a_supply_that_is_not_excluded_counts():
    position = a_position(on_hand=0, supplies=(a_supply(quantity=3, excluded=50),))

    assert stock.available(position, NOW, IN_TWO_DAYS) == 1


def test_soft_units_count_until_their_minute():
    position = a_position(on_hand=5, soft=((TODAY, "20261119T1159Z", 1), (TODAY, "20991119T1200Z", 2)))

    assert stock.available(position, NOW) == 3
    assert stock.expired(position, NOW) == ((TODAY, "20261119T1159Z", 1),)


def test_safety_stock_is_withheld_as_far_as_there_are_units_and_missing_units_are_a_shortage():
    rich, poor, short = (a_position(on_hand=units, safety=2, hard=((TODAY, 3),)) for units in (9, 4, 1))

    assert [stock.withheld(one, NOW) for one in (rich, poor, short)] == [2, 1, 0]
    assert [stock.shortage(one, NOW) for one in (rich, poor, short)] == [0, 0, 2]


def test_the_shortage_of_a_node_does_not_lower_the_stock_of_another():
    positions = (a_position(on_hand=5), a_position(node="dc-2", on_hand=1, hard=((TODAY, 4),)))

    assert stock.network(positions, [(TODAY, 2), (IN_FOUR_DAYS, 9)], NOW, TODAY) == 3


def test_lanes_are_joined_into_one_position_of_their_node():
    first = a_position(on_hand=5, hard=((TODAY, 1),), safety=2)
    second = Position(sku="TEA-001", node="dc-1", lane=1, on_hand=(("sellable", 3),), hard=((TODAY, 2),), free=1)
    elsewhere = a_position(node="dc-2")

    joined, alone = join_lanes([second, first, elsewhere])

    assert (joined.lane, joined.bucket("sellable"), joined.hard, joined.free, joined.safety) == (
        0,
        8,
        ((TODAY, 3),),
        5,
        2,
    )
    assert alone == elsewhere
