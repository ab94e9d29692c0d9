"""
A process ends before and after each of its calls of AWS, on every journey of an order. Nothing is repaired by hand: clients,
streams, queues and machines come again, and the sweeper looks. After each point everything holds that always holds.
"""

import pytest

from tests.functions.world import World
from tests.invariants import broken
from tests.storms.crash_journeys import (
    JOURNEYS,
    crashed_everywhere,
    crashes_of,
    limit_days,
    many_lines,
)


@pytest.fixture
def world(world: World) -> World:
    limit_days(world)
    return world


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_crash_at_any_call_leaves_every_identity_true(world: World, name: str, capsys: pytest.CaptureFixture[str]):
    journey = JOURNEYS[name]
    calls, points = crashed_everywhere(world, journey)

    with capsys.disabled():
        print(f"\ncrash: {name}: {2 * calls} points, {len(points)} of them different")  # noqa: T201  # a published figure
    assert [point for point in points if point[1]] == []


def test_a_route_that_died_for_good_becomes_a_task_and_its_reserved_units_are_free(world: World):
    order_id = many_lines(world)
    runs = crashes_of(world, JOURNEYS["route 47 lines by a plan"], order_id, "route")
    world.hops.machines.crash = "Runtime.Unknown"  # an end that no machine tries again
    for _ in runs:
        assert world.waiting(order_id) == ["exceptions"]
        assert broken(world.tables()) == []
        item = world.call("GET", "/v1/queues/exceptions", who="sales").body["items"][0]
        assert item["reason"] == "Runtime.Unknown"
        answer = world.call(
            "POST", f"/v1/queues/exceptions/items/{item['item_id']}/resolve", {"answer": "retry"}, who="sales"
        )
        assert answer.status == 200
        world.settle()
        assert world.order(order_id)["status"] == "RELEASED"
        assert broken(world.tables()) == []
