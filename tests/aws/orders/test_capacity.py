"""The days of nodes with a limit fill up, pass units on to the next day and empty again, also in races and after crashes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from comanda.aws.directory import directory, packs
from comanda.aws.dynamodb import keys
from comanda.aws.orders import capacity as counters
from tests.faults import Crash, conflicts
from tests.functions.replenish.test_replenish import expected, received
from tests.functions.world import CHICAGO, NEW_YORK, World, a_body
from tests.invariants import broken
from tests.storms.test_contention import until_routed, until_served

TEA = "TEA-001"
THU, FRI, SAT, SUN, MON = (f"2026-11-{day}" for day in range(19, 24))


def limited(world: World, units: int, lanes: int = 1, name: str = "dc-1") -> None:
    at = {"dc-1": CHICAGO, "dc-2": NEW_YORK}[name]
    world.node(name, at, units_per_day=units, capacity_lanes=lanes)
    packs.rebuild(())
    directory.forget()


def days(world: World, node: str = "dc-1") -> dict[str, int]:
    """Return the units that are taken of a node's days, over all lanes."""
    found: dict[str, int] = {}
    for row in world.aws.items("Stock"):
        if row["pk"].startswith(f"K#{node}#"):
            found[row["day"]] = found.get(row["day"], 0) + row["taken"]
    return {day: units for day, units in sorted(found.items()) if units}


def nodes_of(world: World, order_id: str) -> list[str]:
    return [f["node_id"] for f in world.order(order_id)["fulfillments"]]


def test_a_node_of_five_units_a_day_gets_five_and_the_sixth_is_tomorrows(world: World):
    world.stocked(TEA, dc_1=50)
    limited(world, 5)

    for _ in range(6):
        world.placed((TEA, 1))
        world.settle()

    assert days(world) == {THU: 5, FRI: 1}
    (row,) = world.aws.items("Stock", keys.capacity("dc-1", FRI, "UNITS")["pk"])
    assert row["ttl"] == int(datetime(2026, 12, 21, tzinfo=UTC).timestamp())  # a month after the day
    assert broken(world.tables()) == []


def test_when_no_day_of_the_week_has_room_the_next_node_gets_the_order(world: World):
    world.stocked(TEA, dc_1=50, dc_2=50)
    limited(world, 1)

    order_ids = [world.placed((TEA, 1)) for _ in range(6)]
    world.settle()

    assert days(world) == {THU: 1, FRI: 1, SAT: 1, SUN: 1, MON: 1}
    assert sorted(node for order_id in order_ids for node in nodes_of(world, order_id)) == ["dc-1"] * 5 + ["dc-2"]
    assert broken(world.tables()) == []


def test_units_that_no_node_has_capacity_for_wait_until_a_later_day_has(world: World):
    world.stocked(TEA, dc_1=50)
    limited(world, 1)
    world.placed((TEA, 5))
    world.settle()
    order_id = world.placed((TEA, 1))
    world.settle()

    (row,) = world.call("GET", "/v1/queues/backorder", who="sales").body["items"]
    (decision,) = world.call("GET", f"/v1/orders/{order_id}/decisions", who="sales").body["items"]
    assert (row["order_id"], row["reason"]) == (order_id, "no-capacity")
    assert decision["excluded"]["no-capacity"] == ["dc-1"]

    world.pass_time(24 * 3600)
    world.hops.invoke("daily", {})
    world.settle()

    assert world.order(order_id)["status"] == "RELEASED"
    assert days(world)["2026-11-24"] == 1
    assert broken(world.tables()) == []


def test_declines_short_picks_and_cancels_make_room_again_and_shipping_does_not(world: World):
    world.stocked(TEA, dc_1=50)
    limited(world, 5)
    declined, cancelled, short, shipped = (world.placed((TEA, 2)) for _ in range(4))
    world.settle()
    assert days(world) == {THU: 5, FRI: 3}

    assert world.step(declined, "decline", 1, {"reason": "NO_CAPACITY"}).status == 200
    assert world.change(cancelled, "cancel", {"reason": "x"}).status == 200
    world.steps(short, "accept")
    lines = [{"line_id": "1", "quantity": 1}]
    assert world.step(short, "short-pick", 1, {"lines": lines, "reason": "NOT_FOUND"}).status == 200
    world.steps(shipped, "ship")
    world.settle()

    assert sum(days(world).values()) == 1 + 2
    assert broken(world.tables()) == []


def test_pre_ordered_units_that_arrive_are_begun_though_the_days_are_full(world: World):
    expected(world, 3, 2)
    limited(world, 1)
    waits = world.placed((TEA, 3))
    world.settle()
    assert days(world) == {}
    world.stocked("TEA-002", dc_1=5)
    world.placed(("TEA-002", 5))
    world.settle()

    received(world, 3)
    world.settle()

    assert world.order(waits)["status"] == "RELEASED"
    assert days(world) == {THU: 1, FRI: 1, SAT: 1, SUN: 1, MON: 4}
    assert broken(world.tables()) == []


def test_an_order_larger_than_a_day_takes_several(world: World):
    world.stocked(TEA, dc_1=50)
    limited(world, 5)

    order_id = world.placed((TEA, 12))
    world.settle()

    assert nodes_of(world, order_id) == ["dc-1"]
    assert days(world) == {THU: 5, FRI: 5, SAT: 2}


def test_a_node_whose_limit_is_taken_away_gives_back_what_it_took(world: World):
    world.stocked(TEA, dc_1=50)
    limited(world, 5)
    order_id = world.placed((TEA, 4))
    world.settle()
    world.node("dc-1", CHICAGO)
    packs.rebuild(())
    directory.forget()

    world.placed((TEA, 30))
    world.settle()
    assert world.change(order_id, "cancel", {"reason": "x"}).status == 200
    world.settle()

    assert days(world) == {}
    assert broken(world.tables()) == []


@pytest.mark.parametrize(("limit", "lanes", "seed"), [(3, 1, 1), (4, 3, 2)])
def test_routers_that_race_for_the_last_units_never_take_more_than_a_day_has(
    world: World, limit: int, lanes: int, seed: int
):
    world.stocked(TEA, dc_1=100)
    limited(world, limit, lanes)
    bodies = [a_body((TEA, 1)) for _ in range(5 * limit + 4)]

    def buy(n: int) -> str:
        reply = until_served(world, "POST", "/v1/orders", bodies[n], f"k-{n}")
        until_routed(world, reply.body["order_id"])
        return str(reply.body["order_id"])

    with conflicts(seed) as injected, ThreadPoolExecutor(6) as pool:
        order_ids = list(pool.map(buy, range(len(bodies))))

    assert days(world) == dict.fromkeys((THU, FRI, SAT, SUN, MON), limit)
    world.settle()
    statuses = [world.order(order_id)["status"] for order_id in order_ids]
    assert (statuses.count("RELEASED"), statuses.count("BACKORDERED")) == (5 * limit, 4)
    assert injected["conflict"] > 5
    assert broken(world.tables()) == []


def test_a_router_with_old_numbers_is_refused_and_decides_again(world: World):
    """A process may read old numbers for a moment; the condition of its write decides."""
    world.stocked(TEA, dc_1=9)
    limited(world, 2)
    world.placed((TEA, 1))
    world.settle()
    other = world.placed((TEA, 2))
    world.aws.put("Stock", **keys.capacity("dc-1", FRI, "UNITS"), node="dc-1", day=FRI, taken=2)
    world.aws.put("Stock", **keys.capacity("dc-1", SAT, "UNITS"), node="dc-1", day=SAT, taken=2)

    world.settle()

    assert world.order(other)["status"] == "RELEASED"
    assert days(world) == {THU: 2, FRI: 2, SAT: 2, SUN: 1}


def test_a_promise_reads_the_days_once_and_for_a_moment(world: World):
    world.stocked(TEA, dc_1=9, dc_2=9)
    limited(world, 5)
    limited(world, 5, lanes=2, name="dc-2")
    body = {
        "channel": "web",
        "lines": [{"line_id": "1", "sku": TEA, "quantity": 1}],
        "to": {"country": "US", "latitude": 41.9, "longitude": -87.6},
        "methods": ["SHIP"],
    }
    assert world.call("POST", "/v1/promises", body).status == 200

    with Crash() as again:
        world.call("POST", "/v1/promises", body)
    counters.forget()
    with Crash() as later:
        world.call("POST", "/v1/promises", body)

    assert later.calls.count("BatchGetItem") == again.calls.count("BatchGetItem") + 1
