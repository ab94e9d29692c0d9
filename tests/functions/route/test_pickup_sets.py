"""Test that a set is picked up whole: from the promise and the order to the counter, and when its customer changes the way."""

from typing import Any

import pytest

from comanda.aws.directory import directory, packs
from tests.functions.intake.changes.test_changes import change_order, previewed
from tests.functions.route.test_kits import CUP, POT, whole
from tests.functions.world import DENVER, World, a_set
from tests.invariants import broken

AT_STORE = {"fulfillment": {"method": "PICKUP", "node_id": "store-1"}}


def a_kit(sets: int = 1) -> tuple[dict[str, Any], ...]:
    together = {"fulfillment": {"method": "PICKUP", "node_id": "store-1", "group": "tea-set"}}
    return {"sku": POT, "quantity": sets, **together}, {"sku": CUP, "quantity": 2 * sets, **together}


def answered(world: World, order_id: str, answer: str) -> None:
    (item,) = world.call("GET", "/v1/queues/customer-care", who="office").body["items"]
    assert item["order_id"] == order_id
    path = f"/v1/queues/customer-care/items/{item['item_id']}/resolve"
    reply = world.call("POST", path, {"answer": answer}, who="office")
    assert reply.status == 200, reply.body
    world.settle()


def work(world: World, order_id: str) -> list[tuple[str, str, dict[str, int]]]:
    order = world.order(order_id)
    assert whole(order)
    assert broken(world.tables()) == []
    return [
        (f["node_id"], f["method"], {line["sku"]: line["quantity"] for line in f["lines"]})
        for f in order["fulfillments"]
        if f["lines"]
    ]


@pytest.mark.parametrize("lines", [a_set(1, **AT_STORE), a_kit(1)], ids=["bundle", "kit"])
def test_a_set_of_which_the_store_lacks_a_part_waits_whole_and_is_sent_whole(world: World, lines: Any):
    world.stocked(POT, store_1=3, dc_1=5)
    world.stocked(CUP, dc_1=5)
    order_id = world.placed(*lines)
    world.settle()

    assert work(world, order_id) == []
    answered(world, order_id, "retry")
    assert work(world, order_id) == []
    answered(world, order_id, "ship")

    assert work(world, order_id) == [("dc-1", "SHIP", {POT: 1, CUP: 2})]


@pytest.mark.parametrize("lines", [a_set(2, **AT_STORE), a_kit(2)], ids=["bundle", "kit"])
def test_the_store_hands_over_its_set_and_a_cancel_leaves_no_part_to_pay(world: World, lines: Any):
    world.stocked(POT, store_1=1)
    world.stocked(CUP, store_1=4)
    order_id = world.placed(*lines)
    world.settle()
    assert work(world, order_id) == [("store-1", "PICKUP", {POT: 1, CUP: 2})]
    world.steps(order_id, "accept", "pick", "pack")

    assert world.change(order_id, "cancel", {"reason": "less"}).status == 200
    world.steps(order_id, "ready", "hand-over")
    world.settle()

    assert world.order(order_id)["quantities"] == {"CANCELLED": 3, "PICKED_UP": 3}
    assert work(world, order_id) == [("store-1", "PICKUP", {POT: 1, CUP: 2})]


def test_a_set_that_is_to_be_fetched_instead_is_promised_and_placed_in_whole_sets(world: World):
    world.stocked(POT, dc_1=5, store_1=2)
    world.stocked(CUP, dc_1=9, store_1=3)
    order_id = world.placed(*a_set(2))
    world.settle()
    collect = {"modification": "method", "line_id": "b", "method": "PICKUP", "node_id": "store-1"}

    preview = previewed(world, order_id, collect)
    promise = preview["promise"]
    assert [(p["line_id"], p["quantity"], p["node_id"]) for p in promise["lines"]] == [
        ("b1", 1, "store-1"), ("b2", 2, "store-1"),
    ]  # fmt: skip
    assert [(p["line_id"], p["quantity"], p["reason"]) for p in promise["cannot_promise"]] == [
        ("b1", 1, "pickup-out-of-stock"), ("b2", 2, "pickup-out-of-stock"),
    ]  # fmt: skip
    made = change_order(world, order_id, collect, preview_id=preview["preview_id"])
    assert made.status == 200, made.body
    world.settle()

    assert work(world, order_id) == [("store-1", "PICKUP", {POT: 1, CUP: 2})]
    answered(world, order_id, "ship")
    assert work(world, order_id) == [("store-1", "PICKUP", {POT: 1, CUP: 2}), ("dc-1", "SHIP", {POT: 1, CUP: 2})]


def test_another_store_hands_over_its_sets_and_the_rest_waits(world: World):
    world.node("store-2", DENVER, type="STORE", pickup=True, ship=False)
    packs.rebuild(("store-2",))
    directory.forget()
    world.stocked(POT, store_1=2, store_2=2)
    world.stocked(CUP, store_1=4, store_2=2)
    order_id = world.placed(*a_set(2, **AT_STORE))
    world.settle()
    assert work(world, order_id) == [("store-1", "PICKUP", {POT: 2, CUP: 4})]

    elsewhere = {"modification": "store", "line_id": "b", "node_id": "store-2"}
    assert change_order(world, order_id, elsewhere).status == 200
    world.settle()

    assert work(world, order_id) == [("store-2", "PICKUP", {POT: 1, CUP: 2})]


def test_sets_that_were_to_be_ready_later_are_sent_with_the_rest(world: World):
    world.stocked(POT, store_1=1, dc_1=5)
    world.stocked(CUP, store_1=2, dc_1=9)
    order_id = world.placed(*a_set(2, **AT_STORE), requested={"not_before": "2026-11-23"})
    world.settle()
    assert world.order(order_id)["quantities"] == {"SCHEDULED": 3, "CREATED": 3}

    answered(world, order_id, "ship")

    lines = [line for line in world.order(order_id)["lines"] if line["kind"] == "COMPONENT"]
    assert [{a["node_id"] for a in line["allocations"]} for line in lines] == [{"dc-1"}, {"dc-1"}]
    assert world.aws.items("Stock", f"S#{POT}", "P#store-1")[0]["free"] == 1
    assert broken(world.tables()) == []


def test_a_set_is_packed_and_cancelled_as_one(world: World):
    world.stocked(POT, store_1=1)
    world.stocked(CUP, store_1=2)
    order_id = world.placed(*a_set(1, **AT_STORE))
    world.settle()
    world.steps(order_id, "accept", "pick")
    assert world.step(order_id, "pack", 1, {"lines": [{"line_id": "b1", "quantity": 1}]}).status == 200

    assert world.change(order_id, "cancel", {"reason": "less"}).status == 409
    assert world.order(order_id)["quantities"] == {"PACKED": 1, "PICKED": 2}


@pytest.mark.parametrize("lines", [a_set(1, **AT_STORE), a_kit(1), a_set(1)], ids=["bundle", "kit", "sent"])
def test_a_rule_or_a_person_that_holds_a_part_of_a_set_holds_all_of_it(world: World, lines: Any):
    world.hold_type("DAMAGED", queue="holds", level="line", blocks=["schedule"], applies_when={"skus": [CUP]})
    world.hold_type("LOOK", queue="holds", level="line", blocks=["ship"], applies_when=None)
    world.stocked(POT, store_1=3, dc_1=3)
    world.stocked(CUP, store_1=6, dc_1=6)
    order_id = world.placed(*lines)
    world.settle()
    assert work(world, order_id) == []

    pot, cup = (x["line_id"] for x in world.order(order_id)["lines"] if x["sku"] in (POT, CUP))
    held = world.change(order_id, "holds", {"type": "LOOK", "reason": "look", "lines": [cup]})

    assert [hold["line_ids"] for hold in held.body["holds"]] == [[pot, cup], [pot, cup]]
