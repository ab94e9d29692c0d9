"""Test that what denies a change denies it as the answer to an item of a queue, too: alone, and for chosen items."""

from typing import Any

import pytest

from tests.functions.intake.changes.test_allowed_changes import put
from tests.functions.intake.changes.test_changes import change_order
from tests.functions.intake.queues.test_chosen_items import answered, results
from tests.functions.world import Reply, World, at_counter
from tests.invariants import broken

SEND = {"modification": "method", "line_id": "1", "method": "SHIP"}
WAYS = ["method", "ship_to"]


def waiting(world: World) -> str:
    """Place a pickup that its counter does not have, and return the order's id."""
    order_id = world.placed(at_counter("TEA-001", 5))
    world.settle()
    assert world.waiting(order_id) == ["customer-care"]
    return order_id


def hold(world: World, order_id: str, effect: str, level: str) -> None:
    world.hold_type("FIRM", "holds", level=level, blocks=[effect], applies_when=None)
    of_line = {"lines": ["1"]} if level == "line" else {}
    assert world.change(order_id, "holds", {"type": "FIRM", "reason": "x", **of_line}).status in (200, 201)


def ship(world: World, order_id: str) -> Reply:
    path = f"/v1/queues/customer-care/items/{order_id}.customer-care/resolve"
    return world.call("POST", path, {"answer": "ship"}, who="sales")


def way(world: World, order_id: str) -> Any:
    return world.order(order_id)["lines"][0]["fulfillment"]["method"]


@pytest.mark.parametrize("level", ["order", "line"])
@pytest.mark.parametrize("effect", WAYS)
def test_a_hold_that_denies_the_change_denies_the_answer(world: World, effect: str, level: str):
    world.stocked("TEA-001", dc_1=50)
    order_id = waiting(world)
    hold(world, order_id, effect, level)
    before = world.order(order_id)

    denied = ship(world, order_id)

    assert (denied.status, denied.problem) == (409, "held")
    assert (denied.body["hold_type"], denied.body["errors"][0]["pointer"]) == ("FIRM", "/answer")
    assert change_order(world, order_id, SEND).problem == "held"
    assert (world.order(order_id), world.waiting(order_id)) == (before, ["customer-care", "holds"])
    assert world.change(order_id, "holds/h1/resolve", {"resolution": "fine"}).status == 200
    assert ship(world, order_id).status == 200
    world.settle()
    assert way(world, order_id) == "SHIP"
    assert broken(world.tables()) == []


@pytest.mark.parametrize("effect", WAYS)
def test_a_matrix_that_denies_the_change_denies_the_answer_in_the_retailers_words(world: World, effect: str):
    order_id = waiting(world)
    rule = {"modification": effect, "allow": False, "statuses": ["CREATED", "UNSCHEDULED"], "reason": "ask the shop"}
    assert put(world, rule).status == 201

    denied = ship(world, order_id)

    assert (denied.status, denied.problem) == (409, "not-allowed")
    assert denied.body["detail"] == "line 1 is not sent instead: ask the shop"
    assert change_order(world, order_id, SEND).problem == "not-allowed"
    assert way(world, order_id) == "PICKUP"


def test_a_denied_item_of_chosen_ones_is_told_by_name_and_the_others_are_done(world: World):
    world.stocked("TEA-001", dc_1=50)
    first, firm, last = (waiting(world) for _ in range(3))
    hold(world, firm, "method", "order")

    reply = answered(world, "customer-care", [f"{name}.customer-care" for name in (first, firm, last)], "ship")
    world.settle()

    assert results(reply) == ["done", "refused held", "done"]
    refused = reply.body["rows"][1]
    assert (refused["item_id"], refused["problem"]["hold_type"]) == (f"{firm}.customer-care", "FIRM")
    assert [way(world, name) for name in (first, firm, last)] == ["SHIP", "PICKUP", "SHIP"]
    assert broken(world.tables()) == []


@pytest.mark.parametrize(
    ("effect", "detour"),
    [
        ("price", {"modification": "price", "unit_price": {"amount": 1, "currency": "USD"}}),
        ("service", {"modification": "service", "service": "EXPRESS"}),
        ("node", {"modification": "node", "node_id": "dc-1"}),
    ],
)
def test_a_further_line_takes_no_change_that_a_hold_of_its_article_denies(
    world: World, effect: str, detour: dict[str, Any]
):
    world.stocked("TEA-001", dc_1=50)
    order_id = world.placed(("TEA-001", 3))
    hold(world, order_id, effect, "line")
    price = world.order(order_id)["lines"][0]["unit_price"]
    line = {"line_id": "2", "sku": "TEA-001", "quantity": 3, "unit_price": price}
    paid = [{"method": "CARD", "reference": "auth-2", "authorized": {"amount": 1_000_000, "currency": "USD"}}]

    added = change_order(world, order_id, {"modification": "add_line", "lines": [line]}, payments=paid)
    assert added.status == 200, added.body

    assert change_order(world, order_id, {**detour, "line_id": "2"}).problem == "held"
    assert world.order(order_id)["holds"][0]["line_ids"] == ["1", "2"]
    world.settle()
    assert broken(world.tables()) == []
