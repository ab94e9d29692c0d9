"""Hot positions in lanes: split, sold from, evened out and merged, while what the node has is always the same."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from comanda.aws import lanes, reservations, stock
from comanda.domain import lanes as rules
from comanda.domain.errors import Busy, NotAvailable, NotFound
from comanda.domain.movements import adjust
from comanda.domain.stock import SELLABLE
from tests.faults import conflicts
from tests.functions.shelves import wrong
from tests.functions.test_reservations import NOW, reserve, stocked

PLACE = ("TEA", "n1")


def frees() -> list[int]:
    return [lane.free for lane in lanes.of([PLACE])[PLACE]]


def test_a_split_position_has_its_free_units_evenly_in_all_lanes(aws: Any):
    stocked(units=103)

    lanes.split("TEA", "n1", 3, NOW)
    lanes.split("TEA", "n1", 3, NOW)

    assert frees() == [26, 26, 26, 25]
    assert stock.positions_at([PLACE])[PLACE].free == 103
    assert wrong(aws.rows("Stock"), NOW) == []


def test_requests_begin_at_different_lanes_and_take_what_others_have(aws: Any):
    stocked(units=40)
    lanes.split("TEA", "n1", 3, NOW)

    made = [reserve(("TEA", 4), name=f"r{n}") for n in range(10)]

    assert len({m.lines[0].taken[0].lane for m in made}) == 4
    assert sum(frees()) == 0
    with pytest.raises(NotAvailable):
        reserve(("TEA", 1), name="late")
    assert wrong(aws.rows("Stock"), NOW) == []


def test_one_request_may_take_more_than_any_lane_has(aws: Any):
    stocked(units=12)
    lanes.split("TEA", "n1", 3, NOW)

    made = reserve(("TEA", 10))
    reservations.release("rsv_r1", NOW)

    assert made.lines[0].reserved == 10
    assert len(made.lines[0].taken) > 2
    assert sum(frees()) == 12
    assert wrong(aws.rows("Stock"), NOW) == []


def test_a_lane_that_runs_dry_is_given_half_of_the_richest(aws: Any):
    stocked(units=80)
    lanes.split("TEA", "n1", 1, NOW)
    name = next(f"r{n}" for n in range(20) if rules.order(f"rsv_r{n}", 1)[0] == 1)
    stock.apply([adjust("TEA", "n1", SELLABLE, 100, source="more", line="1", reason="count", now=NOW)], [])

    reserve(("TEA", 45), name=name)

    assert frees() == [68, 67]
    assert wrong(aws.rows("Stock"), NOW) == []


def test_what_is_sold_for_a_later_day_is_sold_where_the_supplies_are(aws: Any):
    stocked(units=40)
    lanes.split("TEA", "n1", 3, NOW)

    made = reserve(("TEA", 10, "n1", "2026-12-01"))

    assert [(t.lane, t.quantity) for t in made.lines[0].taken] == [(0, 10)]
    assert wrong(aws.rows("Stock"), NOW) == []


def test_merged_everything_free_is_in_one_again_and_empty_lanes_are_gone(aws: Any):
    stocked(units=40)
    lanes.split("TEA", "n1", 3, NOW)
    reserve(("TEA", 14))

    left = lanes.merge("TEA", "n1", NOW)
    reservations.release("rsv_r1", NOW)
    after = lanes.merge("TEA", "n1", NOW)

    assert left > 0
    assert (after, frees()) == (0, [40])
    assert wrong(aws.rows("Stock"), NOW) == []


def test_a_short_first_lane_is_made_good_by_the_others(aws: Any):
    stocked(units=40)
    lanes.split("TEA", "n1", 3, NOW)
    first = lanes.of([PLACE])[PLACE][0]
    stock.apply([adjust("TEA", "n1", SELLABLE, -first.free, source="theft", line="1", reason="gone", now=NOW)], [])

    assert lanes.rebalance("TEA", "n1", NOW) == 8
    assert frees() == [8, 8, 7, 7]
    assert wrong(aws.rows("Stock"), NOW) == []


def test_a_position_that_is_not_there_has_no_lanes(aws: Any):
    with pytest.raises(NotFound):
        lanes.split("NONE", "n1", 3, NOW)
    with pytest.raises(ValueError, match="lanes"):
        lanes.split("NONE", "n1", 1000, NOW)


@pytest.mark.parametrize("number", [0, 3])
def test_sixteen_at_once_sell_every_unit_once_while_lanes_are_evened(aws: Any, number: int):
    stocked(units=60)
    if number:
        lanes.split("TEA", "n1", number, NOW)

    def buy(n: int) -> int:
        for _ in range(60):
            try:
                return reserve(("TEA", 1), name=f"r{n}").lines[0].reserved
            except NotAvailable:
                return 0
            except Busy:
                continue
        raise AssertionError("never served")

    def even(n: int) -> int:
        with suppress(Busy):
            lanes.rebalance("TEA", "n1", NOW)
        return 0

    with conflicts(7) as injected, ThreadPoolExecutor(16) as pool:
        sold = sum(pool.map(lambda n: even(n) if n % 10 == 9 else buy(n), range(100)))

    assert sold == 60
    assert sum(frees()) == 0
    assert injected["conflict"] > 10
    assert wrong(aws.rows("Stock"), NOW) == []


def test_a_race_that_was_lost_names_its_position(aws: Any, capsys: pytest.CaptureFixture[str]):
    stocked(units=60)

    with conflicts(1, p=1.0, throttled=0.0), pytest.raises(Busy):
        reserve(("TEA", 1))

    assert '"StockConflicts"' in capsys.readouterr().out
