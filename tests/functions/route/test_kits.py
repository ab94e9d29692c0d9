"""Test that a kit stays whole: from a promise and an order to the shelf, back from it, and when stock comes."""

from typing import Any

from tests.functions.world import World
from tests.invariants import broken

POT, CUP = "POT-001", "CUP-001"


def a_set(sets: int = 1) -> tuple[dict[str, Any], ...]:
    """Make so many sets of a pot and two cups."""
    together = {"fulfillment": {"group": "tea-set"}}
    return {"sku": POT, "quantity": sets, **together}, {"sku": CUP, "quantity": 2 * sets, **together}


def whole(order: dict[str, Any]) -> bool:
    """Return True if each fulfillment with work has two cups for each pot."""
    for f in order["fulfillments"]:
        if f["status"] not in ("DECLINED", "SHORTED", "CANCELLED"):
            units = {line["sku"]: line["quantity"] for line in f["lines"]}
            if units.get(CUP, 0) != 2 * units.get(POT, 0):
                return False
    return True


def test_a_kit_comes_from_one_node_and_goes_whole_to_the_next_when_a_part_is_missing(world: World):
    world.stocked(POT, dc_1=5, dc_2=5)
    world.stocked(CUP, dc_1=9, dc_2=9)
    order_id = world.placed(*a_set(2))
    world.settle()
    assert [f["node_id"] for f in world.order(order_id)["fulfillments"]] == ["dc-1"]
    world.steps(order_id, "accept")

    lines = [{"line_id": "2", "quantity": 1}]
    assert world.step(order_id, "short-pick", 1, {"lines": lines, "reason": "NOT_FOUND"}).status == 200
    world.settle()

    order = world.order(order_id)
    assert [f["node_id"] for f in order["fulfillments"]] == ["dc-1", "dc-2"]
    assert whole(order)
    assert [f["lines"][0]["quantity"] for f in order["fulfillments"]] == [1, 1]
    assert broken(world.tables()) == []


def test_a_kit_waits_whole_until_there_is_all_of_it(world: World):
    world.stocked(POT, dc_1=5)
    world.stocked(CUP, dc_1=1, dc_2=1)
    order_id = world.placed(*a_set())
    world.settle()
    assert world.order(order_id)["quantities"] == {"BACKORDERED": 3}

    world.stocked(POT, dc_2=1)
    world.settle()
    assert world.order(order_id)["quantities"] == {"BACKORDERED": 3}
    world.stocked(CUP, dc_2=1)
    world.settle()

    order = world.order(order_id)
    assert [f["node_id"] for f in order["fulfillments"]] == ["dc-2"]
    assert whole(order)
    assert broken(world.tables()) == []


def test_a_customer_who_cancels_part_of_a_set_is_asked_whether_the_rest_goes_alone(world: World):
    world.stocked(POT, dc_1=5)
    world.stocked(CUP, dc_1=9)
    order_id = world.placed(*a_set())
    world.settle()

    body = {"reason": "broke my own", "lines": [{"line_id": "1", "quantity": 1}]}
    assert world.change(order_id, "cancel", body).status == 200
    world.settle()

    assert world.waiting(order_id) == ["customer-care"]
    (item,) = world.call("GET", "/v1/queues/customer-care", who="sales").body["items"]
    assert item["reason"] == "kit-incomplete: cancelled"
    path = f"/v1/queues/customer-care/items/{item['item_id']}/resolve"
    assert world.call("POST", path, {"answer": "retry"}, who="sales").status == 200
    world.settle()
    assert world.order(order_id)["quantities"] == {"CANCELLED": 1, "RELEASED": 2}
    assert broken(world.tables()) == []


def test_half_a_kit_does_not_leave_over_http(world: World):
    world.stocked(POT, dc_1=5)
    world.stocked(CUP, dc_1=9)
    order_id = world.placed(*a_set(2))
    world.settle()

    half = world.step(order_id, "ship", 1, {"lines": [{"line_id": "1", "quantity": 2}]})
    one_set = world.step(
        order_id, "ship", 1, {"lines": [{"line_id": "1", "quantity": 1}, {"line_id": "2", "quantity": 2}]}
    )
    world.settle()

    assert (half.status, half.problem) == (409, "not-allowed")
    assert half.body["detail"] == "a kit leaves in whole sets: a set is 1 of POT-001 and 2 of CUP-001"
    assert one_set.status == 200
    assert whole(world.order(order_id))
    assert broken(world.tables()) == []


def test_a_promise_of_a_kit_is_of_one_node(world: World):
    world.stocked(POT, dc_1=1)
    world.stocked(CUP, dc_1=1, dc_2=9)
    basket = {
        "channel": "web",
        "lines": [
            {"line_id": "1", "sku": POT, "quantity": 1, "group": "g"},
            {"line_id": "2", "sku": CUP, "quantity": 2, "group": "g"},
        ],
        "to": {"country": "US", "latitude": 41.9, "longitude": -87.6},
        "methods": ["SHIP"],
    }

    torn = world.call("POST", "/v1/promises", basket).body["options"]
    world.stocked(POT, dc_2=1)
    kit = world.call("POST", "/v1/promises", basket).body["options"]

    assert not any(option["complete"] for option in torn)
    assert {s["node_id"] for option in kit if option["complete"] for s in option["shipments"]} == {"dc-2"}
