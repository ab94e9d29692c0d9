"""Test where an order goes on live stock, and what its decision records."""

from datetime import timedelta

import pytest

from comanda.aws.directory import directory, packs
from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import pack
from comanda.aws.orders import orders
from comanda.aws.stock import position_reads
from comanda.domain.errors import Held, StockConflict
from comanda.domain.evaluation import explain
from tests.functions.world import DENVER, World
from tests.invariants import broken


def test_the_nearest_node_that_has_it_all_gets_the_order(world: World):
    world.stocked("TEA-001", dc_1=5, dc_2=5)

    order_id = world.placed(("TEA-001", 2))
    world.settle()

    assert [f["node_id"] for f in world.order(order_id)["fulfillments"]] == ["dc-1"]


def test_one_parcel_from_farther_away_is_better_than_two(world: World):
    world.stocked("TEA-001", dc_1=5, dc_2=5)
    world.stocked("TEA-002", dc_2=5)

    order_id = world.placed(("TEA-001", 2), ("TEA-002", 1))
    world.settle()

    assert [f["node_id"] for f in world.order(order_id)["fulfillments"]] == ["dc-2"]


def test_an_order_that_no_node_has_alone_is_split_and_missing_units_wait(world: World):
    world.stocked("TEA-001", dc_1=2, dc_2=3)

    order_id = world.placed(("TEA-001", 7))
    world.settle()

    order = world.order(order_id)
    assert sorted((f["node_id"], f["lines"][0]["quantity"]) for f in order["fulfillments"]) == [
        ("dc-1", 2),
        ("dc-2", 3),
    ]
    assert order["quantities"] == {"RELEASED": 5, "BACKORDERED": 2}
    (row,) = world.call("GET", "/v1/queues/backorder", who="sales").body["items"]
    assert (row["order_id"], row["reason"], row["data"]["units"]) == (order_id, "no-stock", "2")
    assert broken(world.tables()) == []


def test_the_decision_is_kept_with_its_inputs_and_shown_to_the_office_only(world: World):
    world.stocked("TEA-001", dc_1=2, dc_2=3)
    order_id = world.placed(("TEA-001", 2))
    world.settle()

    reply = world.call("GET", f"/v1/orders/{order_id}/decisions", who="sales")

    (decision,) = reply.body["items"]
    assert decision["fulfillments"][0]["node"] == "dc-1"
    (choice,) = decision["stages"]
    assert (choice["stage"]["nodes"], choice["stage"]["stock"], choice["proven"]) == (["dc-1"], [[2]], True)
    assert [node for node, _ in choice["alone_micros"]] == ["dc-1", "dc-2"]
    assert choice["out"]["dominated"] == ["dc-2"]
    assert "store-1" in decision["excluded"]["does-not-ship"]
    (sentences,) = decision["explanation"]
    assert sentences.startswith("2 of TEA-001 (line 1) are sent from dc-1, ")
    assert "1 is needless: another has as much and is nowhere dearer." in sentences
    (why,) = decision["why"]
    assert (why["node_id"], why["how"], why["next_best"]["node_id"]) == ("dc-1", "CHEAPEST", "dc-2")
    assert {"reason": "does-not-ship", "node_ids": ["store-1"]} in why["left_out"]
    assert world.call("GET", f"/v1/orders/{order_id}/decisions").status == 403


def test_a_decision_from_before_choices_were_stored_is_still_shown(world: World):
    order_id = world.placed(("TEA-001", 2))
    old_document = {
        "at": "2026-11-01T12:00:00+00:00",
        "order_version": 1,
        "costs": 0,
        "excluded": {"store-1": "does-not-ship"},
        "candidates": [{"node": "dc-1", "sku": "TEA-001", "available": 2, "rev": 1, "km": 1.0}],
        "fulfillments": [
            {"node": "dc-1", "method": "SHIP", "km": 1.0, "cost_micros": 8, "lines": [["1", "TEA-001", 2]]}
        ],
        "leftovers": [],
    }
    world.aws.put("Orders", **keys.decision(order_id, 1), version=1, doc=pack(old_document))

    (decision,) = world.call("GET", f"/v1/orders/{order_id}/decisions", who="sales").body["items"]

    assert decision["candidates"] == old_document["candidates"]
    assert decision["explanation"] == [explain.WITHOUT_STAGES]
    assert decision["why"] == []


def test_the_outcome_of_a_shadow_is_kept_with_the_decision_and_has_no_effect(world: World):
    world.stocked("TEA-001", dc_1=5, dc_2=5)
    far = {"name": "Far", "rules": [{"name": "far", "nodes": {"not_nodes": ["dc-1"]}, "rank": ["distance"]}]}
    until = (world.now + timedelta(days=7)).isoformat()
    assert world.call("PUT", "/v1/rule-sets/usual", far, who="office").status == 201
    assert world.call("POST", "/v1/rule-sets/usual/shadow", {"version": 1, "until": until}, who="office").status == 200
    packs.rebuild((), directory.RULE_SET)
    directory.forget()

    order_id = world.placed(("TEA-001", 2))
    world.settle()

    (decision,) = world.call("GET", f"/v1/orders/{order_id}/decisions", who="sales").body["items"]
    (seen,) = decision["shadows"]
    assert (seen["rule_set"], seen["differs"], seen["fulfillments"][0][0]) == ("usual@1", True, "dc-2")
    assert decision["explanation"][1].startswith("Rule set usual, version 1, ran as a shadow, without effect")
    assert [f["node_id"] for f in world.order(order_id)["fulfillments"]] == ["dc-1"]
    assert broken(world.tables()) == []


def test_routing_again_changes_nothing(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    before = world.tables()

    world.hops.invoke("route", {"state": "Route", "order_id": order_id})

    assert world.tables() == before


def test_a_held_order_is_not_routed(world: World):
    world.hold_type()
    order_id = world.placed(("TEA-001", 150))

    with pytest.raises(Held):
        world.hops.invoke("route", {"state": "Route", "order_id": order_id})


def test_stock_that_came_while_the_router_read_is_not_missed(world: World, monkeypatch: pytest.MonkeyPatch):
    order_id = world.placed(("TEA-001", 2))
    load = position_reads.load_with_prices

    def and_a_receipt_comes(skus: set[str], now: object) -> object:
        found = load(skus, now)
        world.aws.put("Stock", **keys.receipts("TEA-001"), n=1)
        return found

    monkeypatch.setattr(position_reads, "load_with_prices", and_a_receipt_comes)
    with pytest.raises(StockConflict):
        world.hops.invoke("route", {"state": "Route", "order_id": order_id})
    assert world.order(order_id)["status"] == "CREATED"

    monkeypatch.undo()


def test_a_node_that_was_sold_out_in_between_is_decided_again(world: World, monkeypatch: pytest.MonkeyPatch):
    world.stocked("TEA-001", dc_1=1, dc_2=1)
    order_id, rival = world.placed(("TEA-001", 1)), world.placed(("TEA-001", 1))
    load, raced = position_reads.load_with_prices, []

    def and_a_rival_is_faster(skus: set[str], now: object) -> object:
        found = load(skus, now)
        if not raced:
            raced.append(True)
            world.hops.invoke("route", {"state": "Route", "order_id": rival})
        return found

    monkeypatch.setattr(position_reads, "load_with_prices", and_a_rival_is_faster)
    with pytest.raises(StockConflict):
        world.hops.invoke("route", {"state": "Route", "order_id": order_id})
    world.hops.invoke("route", {"state": "Route", "order_id": order_id})

    assert [world.order(o)["fulfillments"][0]["node_id"] for o in (rival, order_id)] == ["dc-1", "dc-2"]


def test_stock_given_back_just_before_a_route_ended_is_found_by_the_next(world: World, monkeypatch: pytest.MonkeyPatch):
    """The cancel asks for backorders before the route writes its own. The route then dies before it asks again."""
    world.stocked("TEA-001", dc_1=4)
    has = world.placed(("TEA-001", 4))
    world.settle()
    waits = world.placed(("TEA-001", 4))
    save = orders.save

    class Ended(BaseException): ...

    def and_then_ends(*saving: object) -> None:
        monkeypatch.setattr(orders, "save", save)
        world.change(has, "cancel", {"reason": "changed my mind"})
        world.hops.replenish()
        save(*saving)
        raise Ended

    monkeypatch.setattr(orders, "save", and_then_ends)
    with pytest.raises(Ended):
        world.hops.invoke("route", {"state": "Route", "order_id": waits})
    assert world.order(waits)["quantities"] == {"BACKORDERED": 4}

    world.settle()

    assert world.order(waits)["quantities"] == {"RELEASED": 4}
    assert broken(world.tables()) == []


def test_routing_again_leaves_a_backorder_that_no_node_has(world: World):
    world.stocked("TEA-001", dc_1=1)
    order_id = world.placed(("TEA-001", 4))
    world.settle()
    before = world.tables()

    world.hops.invoke("route", {"state": "Route", "order_id": order_id})

    assert world.tables() == before


def test_an_order_of_a_thousand_lines_lives_its_whole_life_in_bounded_steps(world: World):
    for n in range(120):
        world.product(f"S-{n}")
        world.stocked(f"S-{n}", dc_1=100)
    world.node("dc-3", DENVER)
    order_id = world.placed(*((f"S-{n % 120}", 1) for n in range(1000)))
    world.settle()
    assert world.order(order_id)["quantities"] == {"RELEASED": 1000}

    world.steps(order_id, "accept", "pick", "pack")
    assert (
        world.step(order_id, "ship", 1, {"lines": [{"line_id": str(n), "quantity": 1} for n in range(1, 501)]}).status
        == 200
    )
    assert world.change(order_id, "cancel", {"reason": "x"}).status == 409
    world.steps(order_id, "ship", number=2)
    world.settle()

    assert world.order(order_id)["quantities"] == {"SHIPPED": 1000}
    assert sum(row["pk"] == f"O#{order_id}" for row in world.aws.items("Orders")) < 60
    assert broken(world.tables()) == []
