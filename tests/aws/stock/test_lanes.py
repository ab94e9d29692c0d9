"""A hot position is split into lanes, sold from, evened out and merged, and the units of the node stay the same."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from comanda.aws.reservations import reservations
from comanda.aws.runtime.clients import client
from comanda.aws.stock import lanes, ledger, position_reads, stock_changes
from comanda.domain.errors import Busy, NotAvailable, NotFound, OutOfStock
from comanda.domain.reservations import reservations as kept
from comanda.domain.stock import counts, movements
from comanda.domain.stock import lanes as rules
from comanda.domain.stock.changes import Change, Request, ReservedUnits
from comanda.domain.stock.counts import Count
from comanda.domain.stock.movements import adjust
from comanda.domain.stock.stock import SELLABLE
from tests.faults import Crash, conflicts
from tests.functions.reserve.test_reservations import NOW, TODAY, reserve, stocked
from tests.functions.shelves import wrong
from tests.functions.world import World

PLACE = ("TEA", "n1")


def frees() -> list[int]:
    return [lane.free for lane in lanes.read([PLACE])[PLACE]]


def test_a_split_position_has_its_free_units_evenly_in_all_lanes(aws: Any):
    stocked(units=103)

    lanes.split("TEA", "n1", 3, NOW)
    lanes.split("TEA", "n1", 3, NOW)

    assert frees() == [26, 26, 26, 25]
    assert position_reads.get_joined([PLACE])[PLACE].free == 103
    assert wrong(aws.items("Stock"), NOW) == []


def test_requests_begin_at_different_lanes_and_take_units_of_all_lanes(aws: Any):
    stocked(units=40)
    lanes.split("TEA", "n1", 3, NOW)

    made = [reserve(("TEA", 4), name=f"r{n}") for n in range(10)]

    assert len({m.lines[0].parts[0].lane for m in made}) == 4
    assert sum(frees()) == 0
    with pytest.raises(NotAvailable):
        reserve(("TEA", 1), name="late")
    assert wrong(aws.items("Stock"), NOW) == []


def test_one_request_may_take_more_than_any_lane_has(aws: Any):
    stocked(units=12)
    lanes.split("TEA", "n1", 3, NOW)

    made = reserve(("TEA", 10))
    reservations.release("rsv_r1", NOW)

    assert made.lines[0].reserved == 10
    assert len(made.lines[0].parts) > 2
    assert sum(frees()) == 12
    assert wrong(aws.items("Stock"), NOW) == []


def test_a_lane_that_runs_dry_is_given_half_of_the_richest(aws: Any):
    stocked(units=80)
    lanes.split("TEA", "n1", 1, NOW)
    name = next(f"r{n}" for n in range(20) if rules.lane_order(f"rsv_r{n}", 1)[0] == 1)
    stock_changes.apply([adjust("TEA", "n1", SELLABLE, 100, source="more", line="1", reason="count", now=NOW)], [])

    reserve(("TEA", 45), name=name)

    assert frees() == [68, 67]
    assert wrong(aws.items("Stock"), NOW) == []


def test_lanes_help_each_other_without_the_first(aws: Any):
    stocked(units=120)
    lanes.split("TEA", "n1", 3, NOW)
    for lane in (0, 1):
        less = adjust("TEA", "n1", SELLABLE, -30, source=f"gone-{lane}", line="1", reason="gone", now=NOW)
        stock_changes.apply([replace(less, lane=lane)], [])

    lanes.relieve("TEA", "n1", 1, NOW)

    assert frees() == [0, 15, 15, 30]
    assert wrong(aws.items("Stock"), NOW) == []


def test_units_for_a_later_day_are_sold_from_the_lane_with_the_supplies(aws: Any):
    stocked(units=40)
    lanes.split("TEA", "n1", 3, NOW)

    made = reserve(("TEA", 10, "n1", "2026-12-01"))

    assert [(t.lane, t.quantity) for t in made.lines[0].parts] == [(0, 10)]
    assert wrong(aws.items("Stock"), NOW) == []


def test_units_that_a_lane_sold_during_a_move_are_never_moved_and_sold_again(aws: Any):
    stocked(units=40)
    lanes.split("TEA", "n1", 3, NOW)
    name = next(f"r{n}" for n in range(50) if rules.lane_order(f"rsv_r{n}", 3)[0] == 2)
    sold: list[int] = []

    def after_the_first_move(**_: Any) -> None:
        if not sold:
            sold.append(10)
            reserve(("TEA", 10), name=name)

    events = client("dynamodb").meta.events
    events.register("after-call.dynamodb.TransactWriteItems", after_the_first_move, unique_id="sold")
    try:
        with pytest.raises(Busy):
            lanes.merge("TEA", "n1", NOW)
    finally:
        events.unregister("after-call.dynamodb.TransactWriteItems", unique_id="sold")

    assert sold == [10]
    assert frees() == [20, 0, 0, 10]
    assert wrong(aws.items("Stock"), NOW) == []
    lanes.merge("TEA", "n1", NOW)
    assert sum(frees()) == 30


def test_a_merge_returns_free_units_to_the_first_lane_and_drops_empty_lanes(aws: Any):
    stocked(units=40)
    lanes.split("TEA", "n1", 3, NOW)
    reserve(("TEA", 14))

    left = lanes.merge("TEA", "n1", NOW)
    reservations.release("rsv_r1", NOW)
    after = lanes.merge("TEA", "n1", NOW)

    assert left > 0
    assert (after, frees()) == (0, [40])
    assert wrong(aws.items("Stock"), NOW) == []


def test_a_short_first_lane_gets_units_from_the_other_lanes(aws: Any):
    stocked(units=40)
    lanes.split("TEA", "n1", 3, NOW)
    first = lanes.read([PLACE])[PLACE][0]
    stock_changes.apply(
        [adjust("TEA", "n1", SELLABLE, -first.free, source="theft", line="1", reason="gone", now=NOW)], []
    )

    assert lanes.rebalance("TEA", "n1", NOW) == 8
    assert frees() == [8, 8, 7, 7]
    assert wrong(aws.items("Stock"), NOW) == []


def test_an_adjustment_takes_units_from_all_lanes_together(aws: Any):
    stocked(units=40)
    lanes.split("TEA", "n1", 3, NOW)
    promised = reserve(("TEA", 10), name="r1")

    stock_changes.apply([adjust("TEA", "n1", SELLABLE, -25, source="theft", line="1", reason="gone", now=NOW)], [])

    assert promised.lines[0].reserved == 10
    assert [units for units in frees() if units] == [5]
    assert aws.items("Stock", "S#TEA", "AL#") == []
    assert wrong(aws.items("Stock"), NOW) == []


def test_an_adjustment_cannot_take_more_units_than_all_lanes_have(aws: Any):
    stocked(units=40)
    lanes.split("TEA", "n1", 3, NOW)

    with pytest.raises(OutOfStock):
        stock_changes.apply([adjust("TEA", "n1", SELLABLE, -41, source="theft", line="1", reason="gone", now=NOW)], [])

    assert frees() == [10, 10, 10, 10]


def promised_and_counted(units: int) -> None:
    """Five units of each of two lanes are promised, then so many are counted in all."""
    stocked(units=10)
    lanes.split("TEA", "n1", 1, NOW)
    for source, lane in (("ord_1", 0), ("ord_2", 1)):
        there = position_reads.get("TEA", "n1", lane)
        assert there is not None
        wanted = Request(quantity=5, source=source, line="1", n="1", due=TODAY)
        change = movements.reserve(there, wanted, NOW)
        assert isinstance(change, Change)
        stock_changes.apply([change], [])
    found = Count(sku="TEA", node="n1", units=((SELLABLE, units),), counted_at=NOW, source="C-1")
    stock_changes.apply(counts.count(lanes.read([PLACE])[PLACE], found, {}, NOW), [])


def shipped(occurred: datetime | None) -> None:
    gone = ReservedUnits(
        sku="TEA", node="n1", quantity=5, due=TODAY, source="ord_1", line="1", n="2", occurred=occurred
    )
    stock_changes.apply([movements.ship(gone, NOW)], [])


def test_a_shipment_of_a_short_lane_takes_the_units_of_another_lanes_shelf(aws: Any):
    promised_and_counted(8)

    shipped(None)

    node = position_reads.get_joined([PLACE])[PLACE]
    assert (node.bucket(SELLABLE), node.demand, node.free) == (3, 5, -2)


def test_units_that_left_a_lane_before_a_count_are_not_taken_from_another_lane(aws: Any):
    promised_and_counted(5)

    shipped(NOW - timedelta(minutes=1))

    assert frees() == [0, 0]
    assert [lane.bucket(SELLABLE) for lane in lanes.read([PLACE])[PLACE]] == [0, 5]


def test_a_lane_that_was_dropped_meanwhile_is_given_nothing(aws: Any, monkeypatch: pytest.MonkeyPatch):
    stocked(units=80)
    lanes.split("TEA", "n1", 3, NOW)
    third = lanes.read([PLACE])[PLACE][3]
    stock_changes.apply(
        [replace(adjust("TEA", "n1", SELLABLE, -20, source="gone", line="1", reason="gone", now=NOW), lane=3)], []
    )
    seen = lanes.read([PLACE])
    lanes.set_count("TEA", "n1", 2, NOW)

    with monkeypatch.context() as before:
        before.setattr(lanes, "read", lambda _: seen)
        lanes.relieve("TEA", "n1", third.lane, NOW)

    assert sum(frees()) == 60
    assert position_reads.get_joined([PLACE])[PLACE].free == 60


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
    assert wrong(aws.items("Stock"), NOW) == []


def test_a_race_that_was_lost_names_its_position(aws: Any, capsys: pytest.CaptureFixture[str]):
    stocked(units=60)

    with conflicts(1, p=1.0, throttled=0.0), pytest.raises(Busy):
        reserve(("TEA", 1))

    assert '"StockConflicts"' in capsys.readouterr().out


def test_the_office_sets_the_number_of_lanes_of_a_position(world: World):
    world.stocked("TEA-001", dc_1=40)

    def say(number: int) -> Any:
        row = {"sku": "TEA-001", "node_id": "dc-1", "lanes": number}
        reply = world.call("POST", "/v1/stock/policies", {"reference": f"launch-{number}", "rows": [row]}, who="office")
        assert reply.status == 200, reply.body
        return reply.body["rows"][0]["lanes"]

    assert say(7) == 7
    assert [lane.free for lane in lanes.read([("TEA-001", "dc-1")])["TEA-001", "dc-1"]] == [5] * 8
    assert world.call("GET", "/v1/stock/TEA-001").body["positions"][0]["free"] == 40
    assert say(3) == 3
    assert [lane.free for lane in lanes.read([("TEA-001", "dc-1")])["TEA-001", "dc-1"]] == [10] * 4
    assert say(0) == 0
    assert wrong(world.aws.items("Stock"), world.now) == []


def a_cart(world: World, quantity: int) -> Any:
    line = {"sku": "TEA-001", "node_id": "dc-1", "quantity": quantity}
    wanted = {"request_id": f"q-{quantity}", "kind": "SOFT", "lines": [line], "allow_partial": True}
    return world.call("POST", "/v1/reservations", wanted, who="shop").body


@pytest.mark.parametrize("safety", [{"units": 20}, {"percent": 50}], ids=["units", "percent"])
@pytest.mark.parametrize("first", ["safety", "lanes"])
def test_the_safety_stock_of_a_position_is_kept_by_all_its_lanes_together(
    world: World, safety: dict[str, int], first: str
):
    world.stocked("TEA-001", dc_1=40)
    said: dict[str, dict[str, Any]] = {"safety": {"safety": {"*": safety}}, "lanes": {"lanes": 3}}
    for name in sorted(said, reverse=first == "safety"):
        row = {"sku": "TEA-001", "node_id": "dc-1", **said[name]}
        assert world.call("POST", "/v1/stock/policies", {"reference": name, "rows": [row]}, who="office").status == 200

    made = a_cart(world, 30)

    assert made["lines"][0]["reserved"] == 20


def test_units_protected_for_another_channel_are_not_sold_from_any_lane(world: World):
    world.stocked("TEA-001", dc_1=40)
    lanes.split("TEA-001", "dc-1", 3, world.now)
    row = {"sku": "TEA-001", "node_id": "dc-1", "protected": {"outlet": 15}}
    assert world.call("POST", "/v1/stock/policies", {"reference": "a", "rows": [row]}, who="office").status == 200

    made = a_cart(world, 40)

    assert made["lines"][0]["reserved"] == 25


def test_a_lane_with_sold_units_stays_until_they_have_left(aws: Any):
    stocked(units=40)
    lanes.split("TEA", "n1", 3, NOW)
    for n in range(8):
        reserve(("TEA", 4), name=f"r{n}", kind=kept.HARD)

    left = lanes.set_count("TEA", "n1", 0, NOW)

    assert left > 0
    assert position_reads.get_joined([PLACE])[PLACE].demand == 32
    assert wrong(aws.items("Stock"), NOW) == []


def test_a_request_reads_two_lanes_of_a_hundred_and_all_only_when_it_lacks_units(aws: Any):
    stocked(units=400)
    lanes.split("TEA", "n1", 99, NOW)

    with Crash() as counted:
        reserve(("TEA", 2))
    few = list(counted.calls)
    made = reserve(("TEA", 40), name="large")

    assert few == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert made.lines[0].reserved == 40
    assert wrong(aws.items("Stock"), NOW) == []


def test_the_ledger_by_time_shows_every_lane_that_ever_was(aws: Any):
    stocked(units=40)
    lanes.split("TEA", "n1", 3, NOW)
    reserve(("TEA", 2))
    reservations.release("rsv_r1", NOW)
    lanes.merge("TEA", "n1", NOW)

    pages = ledger.month_pages("TEA", "n1", "202611")
    rows = [row for page in pages for row in aws.items("Stock") if row.get("gsi1pk") == page]

    assert len(pages) == 4
    assert len(rows) == len([row for row in aws.items("Stock") if row["pk"].startswith("M#")])
