"""The office chooses the node of a line over the door: a routed choice with its stock, its record and its reason."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from tests.functions.intake.changes.test_changes import change_order, previewed
from tests.functions.intake.changes.test_moves import finished, nodes_of, refusals
from tests.functions.world import DENVER, World, at_counter
from tests.invariants import broken

TO_DC_2 = {"modification": "node", "line_id": "1", "node_id": "dc-2"}


@pytest.fixture
def order_id(world: World) -> str:
    world.stocked("TEA-001", dc_1=9, dc_2=5)
    name = world.placed(("TEA-001", 3), ("TEA-001", 1))
    world.settle()
    assert nodes_of(world, name) == {"dc-1": 4}
    return name


def reasons(world: World, order_id: str) -> list[dict[str, Any]]:
    decisions = world.call("GET", f"/v1/orders/{order_id}/decisions", who="office").body["items"]
    return [why for one in decisions for why in one["why"]]


def test_the_line_goes_to_the_chosen_node_and_says_who_chose_it(world: World, order_id: str):
    preview = previewed(world, order_id, TO_DC_2)
    assert [(work["node_id"], work["lines"]) for work in preview["recalled"]] == [
        ("dc-1", [{"line_id": "1", "quantity": 3}])
    ]
    assert [(row["node_id"], row["quantity"]) for row in preview["promise"]["lines"]] == [("dc-2", 3)]

    made = change_order(world, order_id, TO_DC_2, preview_id=preview["preview_id"])
    assert made.status == 200, made.body
    world.settle()

    assert nodes_of(world, order_id) == {"dc-1": 1, "dc-2": 3}
    free = {row["sk"]: row["free"] for row in world.aws.items("Stock", "S#TEA-001", "P#")}
    assert (free["P#dc-1"], free["P#dc-2"]) == (8, 2)
    why = reasons(world, order_id)[-1]
    assert (why["node_id"], why["how"], why["chosen_by"]) == ("dc-2", "CHOSEN", "office")
    assert finished(world, order_id)["status"] == "SHIPPED"


def test_a_node_that_does_not_have_them_is_refused(world: World, order_id: str):
    world.stocked("TEA-001", dc_2=-3)
    before = world.order(order_id)

    assert refusals(world, order_id, TO_DC_2) == [("/changes/0/node_id", "cannot-send")]

    assert world.order(order_id) == before
    assert broken(world.tables()) == []


def test_stock_that_is_gone_when_it_is_routed_waits_for_a_person(world: World, order_id: str):
    assert change_order(world, order_id, TO_DC_2).status == 200
    world.stocked("TEA-001", dc_2=-3)
    world.settle()

    assert world.waiting(order_id) == ["routing"]
    (item,) = world.call("GET", "/v1/queues/routing", who="office").body["items"]
    assert item["reason"] == "chosen-no-stock"
    answer = world.call(
        "POST", f"/v1/queues/routing/items/{order_id}.routing/resolve", {"answer": "retry"}, who="office"
    )
    assert answer.status == 200, answer.body
    world.settle()
    assert nodes_of(world, order_id) == {"dc-1": 4}
    assert finished(world, order_id)["status"] == "SHIPPED"


def test_a_choice_holds_for_work_that_its_node_gives_back_later(world: World, order_id: str):
    world.steps(order_id, "accept", "start-pick")
    assert change_order(world, order_id, TO_DC_2).status == 200
    world.settle()
    assert nodes_of(world, order_id) == {"dc-1": 4}

    world.steps(order_id, "recall-agree")
    world.settle()

    assert nodes_of(world, order_id) == {"dc-1": 1, "dc-2": 3}
    assert finished(world, order_id)["status"] == "SHIPPED"


def test_the_choice_is_used_up_when_the_node_declines(world: World, order_id: str):
    assert change_order(world, order_id, TO_DC_2).status == 200
    world.settle()

    assert world.step(order_id, "decline", 2, {"reason": "NO_STOCK"}).status == 200
    world.settle()

    assert nodes_of(world, order_id) == {"dc-1": 4}
    assert finished(world, order_id)["status"] == "SHIPPED"


def test_the_node_that_has_them_already_is_no_change(world: World, order_id: str):
    before = world.order(order_id)

    assert change_order(world, order_id, {**TO_DC_2, "node_id": "dc-1"}).errors == [("/changes/0/node_id", "the-same")]

    assert world.order(order_id) == before


def test_only_the_office_chooses_a_node(world: World, order_id: str):
    refused = change_order(world, order_id, TO_DC_2, who="shop")

    assert (refused.status, refused.problem, refused.errors) == (
        403, "forbidden", [("/changes/0/modification", "office-only")],
    )  # fmt: skip
    assert change_order(world, order_id, TO_DC_2, who="shop", preview=True).status == 403
    assert change_order(world, order_id, TO_DC_2, who="sales").status == 200
    shown = {
        who: {row["modification"] for row in rows["changes"]}
        for who in ("shop", "office")
        if (rows := world.call("GET", f"/v1/orders/{order_id}/allowed-changes", who=who).body)
    }
    assert ("node" in shown["shop"], "node" in shown["office"]) == (False, True)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({**TO_DC_2, "node_id": "dc-9"}, ("/changes/0/node_id", "unknown-node")),
        ({**TO_DC_2, "node_id": "store-1"}, ("/changes/0/node_id", "cannot-send")),
        ({**TO_DC_2, "node_id": None}, ("/changes/0/node_id", "missing")),
        ({**TO_DC_2, "line_id": None}, ("/changes/0/line_id", "missing")),
        ({**TO_DC_2, "line_id": "9"}, ("/changes/0/line_id", "unknown-line")),
        ({**TO_DC_2, "quantity": 1}, ("/changes/0/quantity", "not-for-kind")),
    ],
)
def test_a_wrong_node_is_named(world: World, order_id: str, change: dict[str, Any], wrong: tuple[str, str]):
    given = {name: value for name, value in change.items() if value is not None}

    assert refusals(world, order_id, given) == [wrong]


def test_a_closed_node_cannot_send(world: World, order_id: str):
    assert world.call("POST", "/v1/nodes/dc-2/closures", {"reason": "flood"}, who="office").status == 201
    world.settle()
    directory.forget()

    assert refusals(world, order_id, TO_DC_2) == [("/changes/0/node_id", "cannot-send")]


def test_the_customer_chose_the_node_of_a_pickup(world: World):
    world.node("store-2", DENVER, type="STORE", pickup=True)
    world.stocked("TEA-001", store_1=5)
    order_id = world.placed(at_counter("TEA-001", 1))
    world.settle()

    assert refusals(world, order_id, {**TO_DC_2, "node_id": "store-2"}) == [("/changes/0/line_id", "picked-up")]


def test_a_line_without_stock_elsewhere_is_sent_from_the_chosen_node(world: World):
    order_id = world.placed(("CUP-001", 2))
    world.settle()
    assert world.order(order_id)["quantities"] == {"BACKORDERED": 2}
    assert refusals(world, order_id, TO_DC_2) == [("/changes/0/node_id", "cannot-send")]
    world.stocked("CUP-001", dc_2=2)

    assert change_order(world, order_id, TO_DC_2).status == 200
    world.settle()

    assert nodes_of(world, order_id) == {"dc-2": 2}
    assert finished(world, order_id)["status"] == "SHIPPED"
