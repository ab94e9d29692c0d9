"""Test dry runs of rule sets on stored orders: the units that other nodes would send, and that nothing is written."""

from typing import Any

import pytest

from comanda.aws.directory import directory, packs
from functions.planning import dry_runs
from tests.functions.world import CHICAGO, Reply, World, at_counter

EAST_ONLY: dict[str, Any] = {
    "name": "East only",
    "rules": [{"name": "east", "nodes": {"nodes": ["dc-2"]}, "optimise": {}, "rest": {"then": "backorder"}}],
}


@pytest.fixture(autouse=True)
def _drafted(world: World) -> None:
    assert world.call("PUT", "/v1/rule-sets/east", EAST_ONLY, who="office").status == 201


def tried(world: World, *orders: str, name: str = "east", **more: Any) -> Reply:
    body = {"orders": list(orders)} if orders else {}
    return world.call("POST", f"/v1/rule-sets/{name}/dry-run", body | more, who="office", key=None)


def nodes(outcome: dict[str, Any]) -> dict[str, int]:
    return {sent["node_id"]: sent["units"] for sent in outcome["fulfillments"]}


def routed(world: World, *lines: Any) -> str:
    order_id = world.placed(*lines)
    world.settle()
    return order_id


def test_the_units_of_an_order_are_free_for_its_own_dry_run_and_nothing_is_written(world: World) -> None:
    world.stocked("TEA-001", dc_1=2, dc_2=5)
    order_id = routed(world, ("TEA-001", 2))
    before = world.tables()

    reply = tried(world, order_id)

    assert world.tables() == before
    assert reply.status == 200, reply.body
    (one,) = reply.body["orders"]
    assert (one["rule_sets"], one["speaks"], one["differs"]) == (["built-in@1"], True, True)
    assert (nodes(one["live"]), nodes(one["then"])) == ({"dc-1": 2}, {"dc-2": 2})
    sums = reply.body["sums"]
    assert (sums["orders"], sums["differ"], sums["then"]["shipments"]) == (1, 1, 1)
    assert sums["then"]["priced_micros"]["shipping"] > sums["live"]["priced_micros"]["shipping"]


def test_the_room_of_an_order_at_a_node_is_free_for_its_own_dry_run(world: World) -> None:
    world.node("dc-1", CHICAGO, units_per_day=1)
    packs.rebuild(())
    directory.forget()
    world.stocked("TEA-001", dc_1=9, dc_2=9)
    order_id = routed(world, ("TEA-001", 5))  # on every day of the horizon

    (one,) = tried(world, order_id).body["orders"]

    assert nodes(one["live"]) == {"dc-1": 5}


def test_units_that_would_find_no_node_are_listed(world: World) -> None:
    world.stocked("TEA-001", dc_1=5, dc_2=1)
    order_id = world.placed(("TEA-001", 3))

    (one,) = tried(world, order_id).body["orders"]

    assert (nodes(one["then"]), one["then"]["left_over"], one["live"]["left_over"]) == ({"dc-2": 1}, 2, 0)


def test_a_set_that_applies_to_no_line_changes_nothing(world: World) -> None:
    world.stocked("TEA-001", dc_1=5, dc_2=5, store_1=5)
    elsewhere = {**EAST_ONLY, "applies_to": {"regions": ["US-NY"]}}
    world.call("PUT", "/v1/rule-sets/new-york", elsewhere, who="office")
    shipped, fetched = world.placed(("TEA-001", 1)), world.placed(at_counter("TEA-001"))

    there, here = tried(world, shipped, name="new-york").body, tried(world, fetched).body

    for body in (there, here):
        (one,) = body["orders"]
        assert (one["speaks"], one["differs"], one["then"]) == (False, False, one["live"])
    assert here["orders"][0]["live"]["fulfillments"][0]["method"] == "PICKUP"


def test_only_the_rest_of_an_order_is_tried(world: World) -> None:
    world.stocked("TEA-001", dc_1=5, dc_2=5)
    world.stocked("CUP-001", dc_2=5)
    gone, half = routed(world, ("TEA-001", 1)), routed(world, ("TEA-001", 2))
    world.steps(gone, "accept", "ship")
    etag = world.call("GET", f"/v1/orders/{half}", who="office").etag
    cancel = {"reason": "one will do", "lines": [{"line_id": "1", "quantity": 1}]}
    assert world.call("POST", f"/v1/orders/{half}/cancel", cancel, who="office", if_match=etag).status == 200

    body = tried(world, gone, half).body

    assert body["nothing_left"] == [gone]
    assert [(one["order_id"], nodes(one["then"])) for one in body["orders"]] == [(half, {"dc-2": 1})]


def test_orders_for_which_there_was_no_time_are_named_and_the_others_answered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dry_runs, "SECONDS", 0.0)
    world.stocked("TEA-001", dc_1=5, dc_2=5)
    first, second = routed(world, ("TEA-001", 1)), routed(world, ("TEA-001", 1))

    body = tried(world, first, second).body

    assert [one["order_id"] for one in body["orders"]] == [first]
    assert (body["not_tried"], body["nothing_left"], body["sums"]["orders"]) == ([second], [], 1)


def test_the_orders_of_a_day_are_tried_by_an_older_version_too(world: World) -> None:
    world.stocked("TEA-001", dc_1=5, dc_2=5)
    for _ in range(3):
        world.placed(("TEA-001", 1))
    west = {"name": "West", "rules": [{"name": "west", "nodes": {"nodes": ["dc-1"]}, "optimise": {}}]}
    world.call("PUT", "/v1/rule-sets/east", west, who="office")

    newest = tried(world, channel="web", day="2026-11-19")
    first = tried(world, channel="web", day="2026-11-19", limit=2, version=1)

    assert (newest.body["rule_set"], newest.body["sums"]["orders"], newest.body["sums"]["differ"]) == ("east@2", 3, 0)
    assert (first.body["rule_set"], first.body["sums"]["orders"], first.body["sums"]["differ"]) == ("east@1", 2, 2)


def test_an_impossible_request_for_a_dry_run_is_refused(world: World) -> None:
    order_id = world.placed(("TEA-001", 1))
    stranger = order_id[:-1] + ("0" if order_id[-1] != "0" else "1")

    assert tried(world, order_id, stranger, "x").errors == [
        ("/orders/1", "unknown-order"),
        ("/orders/2", "unknown-order"),
    ]
    assert tried(world).errors == [("/", "orders-or-day")]
    assert tried(world, order_id, channel="web", day="2026-11-19").errors == [("/", "orders-or-day")]
    assert tried(world, channel="web").errors == [("/", "orders-or-day")]
    assert tried(world, channel="moon", day="2026-11-19").errors == [("/channel", "unknown-channel")]
    assert tried(world, order_id, version=2).errors == [("/version", "unknown-version")]
    assert tried(world, order_id, name="none").problem == "not-found"
    assert tried(world, *[f"o{n}" for n in range(51)]).errors == [("/orders", "too-long")]


def test_a_set_that_names_sellers_is_tried_although_none_in_force_does(world: World) -> None:
    doc = {"name": "web", "seller": "us", "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"]}
    world.entry(directory.CHANNEL, "web", doc)
    directory.forget()
    world.stocked("TEA-001", dc_1=5, dc_2=5)
    world.call("PUT", "/v1/rule-sets/ours", {**EAST_ONLY, "applies_to": {"sellers": ["us"]}}, who="office")

    (one,) = tried(world, world.placed(("TEA-001", 1)), name="ours").body["orders"]

    assert (one["speaks"], nodes(one["then"])) == (True, {"dc-2": 1})
