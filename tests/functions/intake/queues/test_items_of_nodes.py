"""Test that a node's people, its system and its partner work through put-back and late-work of their own nodes alone."""

from typing import Any

import pytest

from comanda.aws.dynamodb import keys
from tests.functions.world import Reply, World
from tests.invariants import broken

PUT_BACK, LATE = "/v1/queues/put-back", "/v1/queues/late-work"


def picked_and_cancelled(world: World, sku: str, **stock: int) -> str:
    """Cancel an order whose units are picked, and return the id of the item to put them back."""
    world.stocked(sku, **stock)
    order_id = world.placed((sku, 1))
    world.settle()
    world.steps(order_id, "accept", "pick")
    assert world.change(order_id, "cancel", {"reason": "x"}, who="shop").status == 200
    world.settle()
    (row,) = world.order_items(order_id, "W#put-back")
    return f"{order_id}.{row['item']}"


@pytest.fixture
def items(world: World) -> dict[str, str]:
    """Give an item of `put-back` at each of three nodes."""
    return {
        "dc-1": picked_and_cancelled(world, "TEA-001", dc_1=1),
        "dc-2": picked_and_cancelled(world, "TEA-002", dc_2=1),
        "vendor-1": picked_and_cancelled(world, "CUP-001", vendor_1=1),
    }


def listed(world: World, who: str, node: str | None, path: str = PUT_BACK) -> Reply:
    return world.call("GET", path, who=who, query={"node_id": node} if node else None)


def done(world: World, item: str, who: str, verb: str = "resolve", path: str = PUT_BACK, **how: Any) -> Reply:
    body = {"answer": "done"} if verb == "resolve" else {}
    return world.call("POST", f"{path}/items/{item}/{verb}", body, who=who, **how)


@pytest.mark.parametrize(
    ("who", "node"), [("picker", "dc-1"), ("dc-1-system", "dc-1"), ("other-picker", "dc-2"), ("acme", "vendor-1")]
)
def test_a_nodes_own_callers_read_and_answer_its_items(world: World, items: dict[str, str], who: str, node: str):
    (item,) = listed(world, who, node).body["items"]

    answered = done(world, item["item_id"], who)

    order_id, _, _ = items[node].partition(".")
    assert (item["item_id"], item["order"]) == (items[node], None)
    assert item["data"] == {"node": node, "fulfillment_id": f"ful_{order_id[4:]}-001"}
    assert answered.body == {"item_id": items[node], "queue": "put-back", "order_id": order_id, "status": "done"}
    assert listed(world, who, node).body["items"] == []
    assert world.order_items(order_id, "E#")[-1]["actor"] == who
    assert broken(world.tables()) == []


@pytest.mark.parametrize("verb", ["resolve", "claim", "release"])
@pytest.mark.parametrize("who", ["picker", "dc-1-system", "acme"])
def test_an_item_of_another_node_is_answered_like_one_that_does_not_exist(
    world: World, items: dict[str, str], who: str, verb: str
):
    other = f"{items['dc-2'].partition('.')[0]}.put-back-009-9"
    before = world.tables()

    theirs, nothing = done(world, items["dc-2"], who, verb), done(world, other, who, verb)
    wrong = world.call("POST", f"{PUT_BACK}/items/{items['dc-2']}/{verb}", {"x": 1}, who=who, key=None)

    assert (theirs.status, nothing.status, wrong.status) == (404, 404, 404)
    assert theirs.body["detail"].replace(items["dc-2"], other) == nothing.body["detail"]
    assert world.tables() == before


def test_another_node_and_every_other_queue_are_not_found(world: World, items: dict[str, str]):
    assert (
        listed(world, "picker", "dc-2").body["detail"].replace("dc-2", "moon")
        == listed(world, "picker", "moon").body["detail"]
    )
    for who in ("picker", "dc-1-system", "acme"):
        assert listed(world, who, "dc-2").status == 404
        for queue in ("sales-review", "routing", "transfers", "nowhere"):
            replies = (
                listed(world, who, None, f"/v1/queues/{queue}"),
                done(world, items["dc-1"], who, path=f"/v1/queues/{queue}"),
                world.call("POST", f"/v1/queues/{queue}/claim", {}, who=who),
                world.call("POST", f"/v1/queues/{queue}/resolve", {"items": ["x"], "answer": "done"}, who=who),
            )
            assert {reply.status for reply in replies} == {404}, (who, queue)
    assert world.call("GET", "/v1/queues", who="picker").status == 403


def test_a_list_of_a_node_names_the_node_and_only_queues_of_its_work_take_one(world: World, items: dict[str, str]):
    missing, strange = listed(world, "picker", None), listed(world, "sales", "dc-1", "/v1/queues/holds")
    of_node, whole = listed(world, "sales", "dc-2"), listed(world, "sales", None)

    assert (missing.status, missing.errors) == (422, [("/node_id", "missing")])
    assert (strange.status, strange.errors) == (422, [("/node_id", "not-taken")])
    assert [item["item_id"] for item in of_node.body["items"]] == [items["dc-2"]]
    assert of_node.body["items"][0]["order"]["channel"] == "web"
    (own,) = listed(world, "picker", "dc-1").body["items"]
    assert (own["external_id"], own["order"]) == (world.order(own["order_id"])["external_id"], None)
    assert own["external_id"]
    assert {item["item_id"] for item in whole.body["items"]} == set(items.values())


def test_a_cursor_of_one_nodes_list_is_not_taken_for_another(world: World):
    for _ in range(3):
        picked_and_cancelled(world, "TEA-001", dc_1=1)
    query = {"node_id": "dc-1", "limit": "2"}

    first = world.call("GET", PUT_BACK, who="sales", query=query).body
    rest = world.call("GET", PUT_BACK, who="sales", query={**query, "cursor": first["next"]}).body
    other = world.call("GET", PUT_BACK, who="sales", query={"node_id": "dc-2", "cursor": first["next"]})

    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert (other.status, other.problem) == (400, "bad-cursor")


def test_late_work_is_answered_by_the_people_of_its_node(world: World):
    world.stocked("TEA-001", dc_1=1)
    order_id = world.placed(("TEA-001", 1))
    world.settle()
    world.steps(order_id, "accept", "pick")
    world.pass_time(3 * 24 * 3600)
    world.sweep(everything=True)

    (item,) = listed(world, "picker", "dc-1", LATE).body["items"]

    assert listed(world, "other-picker", "dc-2", LATE).body["items"] == []
    assert done(world, item["item_id"], "other-picker", path=LATE).status == 404
    assert done(world, item["item_id"], "picker", path=LATE).status == 200
    assert listed(world, "picker", "dc-1", LATE).body["items"] == []


def test_two_pickers_never_have_one_item(world: World, items: dict[str, str]):
    world.aws.put("Directory", **keys.client("colleague"), kind="worker", nodes=["dc-1"])
    mine = world.call("POST", f"{PUT_BACK}/claim", {"node_id": "dc-1"}, who="picker")
    none = world.call("POST", f"{PUT_BACK}/claim", {"node_id": "dc-1"}, who="colleague")
    refused = done(world, items["dc-1"], "colleague")
    (seen,) = listed(world, "colleague", "dc-1").body["items"]

    assert (mine.body["item"]["item_id"], mine.body["item"]["claimed_by"]) == (items["dc-1"], "picker")
    assert none.body == {"item": None}
    assert (refused.status, refused.problem, refused.body["by"]) == (409, "claimed", None)
    assert (seen["claimed_by"], seen["claimed_by_me"], seen["claimed_until"]) == (
        None,
        False,
        "2026-11-19T12:10:00.000Z",
    )
    assert done(world, items["dc-1"], "picker", "release").status == 200
    assert done(world, items["dc-1"], "colleague").status == 200


@pytest.mark.parametrize(("node", "status"), [("dc-2", 404), ("moon", 404), (None, 422)])
def test_the_next_item_of_a_node_needs_a_node_of_the_callers(
    world: World, items: dict[str, str], node: str | None, status: int
):
    body = {"node_id": node} if node else {}
    assert world.call("POST", f"{PUT_BACK}/claim", body, who="picker").status == status
    assert items


def test_chosen_items_of_a_node_are_answered_together_and_others_are_not_found(world: World, items: dict[str, str]):
    chosen = [items["dc-1"], items["dc-2"]]

    reply = world.call("POST", f"{PUT_BACK}/resolve", {"items": chosen, "answer": "done"}, who="picker")
    hold = {"items": chosen, "answer": "resolve", "resolution": "x"}

    assert [row["status"] for row in reply.body["rows"]] == ["done", "refused"]
    assert reply.body["rows"][1]["problem"]["status"] == 404
    again = world.call("POST", f"{PUT_BACK}/resolve", hold, who="picker")
    assert [row["status"] for row in again.body["rows"]] == ["refused", "refused"]


def test_an_application_needs_the_scope_of_work_for_the_items_of_its_node(world: World, items: dict[str, str]):
    world.aws.put("Directory", **keys.client("reader"), kind="node", nodes=["dc-1"], scopes=["fulfillments/read"])

    assert listed(world, "reader", "dc-1").status == 404
    assert done(world, items["dc-1"], "reader").status == 404
