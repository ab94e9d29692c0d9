"""Test the list of queues: how much waits in each, up to a hundred items, and since when the oldest is due."""

from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.dynamodb import keys, reads
from tests.functions.world import World, usd

LARGE = {"sku": "TEA-001", "quantity": 1, "unit_price": usd(200_000)}


def queue(world: World, name: str) -> dict[str, Any]:
    listed = world.call("GET", "/v1/queues", who="sales", query={"limit": "100"})
    assert listed.status == 200, listed.body
    (found,) = (item for item in listed.body["items"] if item["queue"] == name)
    return {field: found[field] for field in ("waiting", "capped", "oldest_due")}


def fill(world: World, count: int, *, priority: int, shard: int | None = None, first: int = 0) -> None:
    """Put tasks into the queue `routing`, each due a minute after the one before."""
    made = 0
    for n in range(first, first + 10_000):
        if made == count:
            return
        order_id = f"ord_us1_{n:026d}"
        if shard is not None and keys.shard(order_id) != shard:
            continue
        due = world.now + timedelta(minutes=made)
        place = keys.in_queue("routing", due, order_id, "routing", priority)
        world.aws.put("Orders", **keys.task(order_id, "routing", "routing"), **place)
        made += 1


def test_an_empty_queue_has_nothing_due(world: World):
    assert queue(world, "routing") == {"waiting": 0, "capped": False, "oldest_due": None}


def test_a_queue_says_how_many_items_wait_and_since_when_the_oldest_is_due(world: World):
    world.hold_type()
    world.placed(LARGE)
    world.pass_time(60)
    for _ in range(2):
        world.placed({**LARGE, "sku": "POT-001"}, priority=1)

    assert queue(world, "sales-review") == {"waiting": 3, "capped": False, "oldest_due": "2026-11-19T12:00:00.000Z"}
    assert queue(world, "holds")["waiting"] == 0


@pytest.mark.parametrize(("count", "capped"), [(100, False), (101, True)])
def test_a_queue_counts_up_to_a_hundred_items(world: World, count: int, capped: bool):
    fill(world, count, priority=5)

    assert queue(world, "routing") == {"waiting": 100, "capped": capped, "oldest_due": "2026-11-19T12:00:00.000Z"}


def test_the_oldest_item_is_found_behind_more_urgent_ones_that_are_not_counted(world: World):
    fill(world, 102, priority=0, shard=3, first=0)
    world.pass_time(-3600)
    fill(world, 2, priority=4, shard=3, first=20_000)
    world.pass_time(-3600)
    fill(world, 1, priority=9, shard=3, first=40_000)

    assert queue(world, "routing") == {"waiting": 100, "capped": True, "oldest_due": "2026-11-19T10:00:00.000Z"}


def test_a_large_queue_costs_a_hundred_and_one_keys_of_each_shard_at_most(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    fill(world, 900, priority=5)
    read = []
    query = reads.query

    def counted(*given: Any, **how: Any) -> Any:
        for row in query(*given, **how):
            read.append(row)
            yield row

    monkeypatch.setattr(reads, "query", counted)

    assert queue(world, "routing")["capped"]
    assert len(read) <= 8 * 101


def test_a_difference_of_a_transfer_is_due_as_its_item_says(world: World):
    world.stocked("TEA-001", dc_1=9)
    made = {"supply_id": "T-1", "type": "TRANSFER", "origin_node_id": "dc-1", "reference": "A", "action": "CREATE"}
    line = {"line": 1, "sku": "TEA-001", "node_id": "dc-2", "quantity": 3, "eta": "2026-11-25"}
    world.call("POST", "/v1/stock/supplies", {**made, "lines": [line]}, who="office")
    came = {"supply_id": "T-1", "reference": "B", "action": "RECEIVE", "lines": [{"line": 1, "quantity": 2}]}
    world.call("POST", "/v1/stock/supplies", came, who="office")

    (item,) = world.call("GET", "/v1/queues/transfer-differences", who="office").body["items"]

    assert queue(world, "transfer-differences") == {"waiting": 1, "capped": False, "oldest_due": item["due"]}
