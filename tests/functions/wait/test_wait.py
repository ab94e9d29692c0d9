"""Test states that wait: for a review, the end of a hold, an answer. They park, and the event in the stream answers them."""

import pytest

from comanda.domain.errors import Resolved, RouteAgain
from tests.functions.world import World
from tests.invariants import broken

LARGE = ("TEA-001", 150)  # at 1000 cents each, beyond what is sold without a look


def reviewed(world: World) -> str:
    world.hold_type()
    world.stocked("TEA-001", dc_1=200)
    order_id = world.placed(LARGE)
    world.settle()
    return order_id


def entered(world: World, name: str) -> list[str]:
    return world.hops.machines.executions[name].entered


def test_a_large_order_waits_for_a_review_and_reserves_no_stock_meanwhile(world: World):
    order_id = reviewed(world)

    order = world.order(order_id)
    assert (order["status"], order["holds"][0]["type"]) == ("CREATED", "SALES_REVIEW")
    item = world.call("GET", "/v1/queues/sales-review", who="sales").body["items"]
    assert [(row["order_id"], row["reason"]) for row in item] == [(order_id, "large order")]
    assert world.aws.items("Stock", "S#TEA-001", "P#")[0]["free"] == 200
    assert entered(world, f"{order_id}-1") == ["Route", "Held"]
    assert broken(world.tables()) == []


def test_an_order_that_sales_confirms_is_routed(world: World):
    order_id = reviewed(world)

    reply = world.change(order_id, "confirm", who="sales")
    world.settle()

    assert reply.status == 200
    assert world.order(order_id)["status"] == "RELEASED"
    assert world.waiting(order_id) == []
    assert world.change(order_id, "confirm", who="sales").problem == "not-allowed"
    assert broken(world.tables()) == []


def test_an_order_that_sales_rejects_releases_its_money_and_is_mailed(world: World):
    order_id = reviewed(world)

    reply = world.change(order_id, "reject", {"reason": "known reseller"}, who="sales")
    world.settle()

    order = world.order(order_id)
    assert (reply.status, order["status"]) == (200, "CANCELLED")
    assert order["payments"][0]["released"]["amount"] == 150_000
    assert world.waiting(order_id) == []
    assert any("cancelled" in str(mail["EmailTags"]) for mail in world.hops.sent)
    assert [e.status for e in world.hops.machines.executions.values()] == ["SUCCEEDED"]
    assert broken(world.tables()) == []


def test_a_shop_does_not_confirm_its_own_order(world: World):
    order_id = reviewed(world)

    assert world.change(order_id, "confirm", who="shop").status == 403
    assert world.change(order_id, "reject", {"reason": "x"}, who="shop").status == 403


def test_a_draft_starts_nothing_until_it_is_confirmed(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2), draft=True)
    world.settle()
    assert world.order(order_id)["status"] == "DRAFT"
    assert world.hops.machines.executions == {}
    assert world.waiting(order_id) == ["drafts"]
    assert broken(world.tables()) == []

    assert world.change(order_id, "confirm", who="sales").status == 200
    world.settle()

    assert world.order(order_id)["status"] == "RELEASED"
    assert world.waiting(order_id) == []


@pytest.mark.parametrize("verb", ["cancel", "reject"])
def test_a_cancelled_or_rejected_draft_is_closed_and_releases_its_money(world: World, verb: str):
    order_id = world.placed(draft=True)
    world.settle()

    assert world.change(order_id, verb, {"reason": "gave up"}).status == 200
    world.settle()

    assert world.order(order_id)["payments"][0]["released"]["amount"] == 1000
    assert broken(world.tables()) == []


def test_a_hold_stops_the_work_of_a_node_until_it_is_resolved(world: World):
    world.hold_type("FRAUD", "holds", blocks=["schedule", "accept", "ship"], applies_when=None)
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()

    assert world.change(order_id, "holds", {"type": "FRAUD", "reason": "two cards"}).status == 200
    world.settle()
    refused = world.step(order_id, "accept")
    assert (refused.status, refused.problem, refused.body["hold_id"]) == (409, "held", "h1")
    assert entered(world, f"ful_{order_id[4:]}-001-1") == ["Release", "Held"]
    assert world.waiting(order_id) == ["holds"]
    assert broken(world.tables()) == []

    assert world.change(order_id, "holds/h1/resolve", {"resolution": "fine"}).status == 200
    again = world.change(order_id, "holds/h1/resolve", {"resolution": "fine"})
    assert (again.status, again.problem) == (404, "not-found")
    world.settle()
    world.steps(order_id, "accept", "ship")
    world.settle()

    assert world.order(order_id)["status"] == "SHIPPED"
    assert broken(world.tables()) == []


def test_a_hold_of_an_unknown_type_is_refused_by_name(world: World):
    order_id = world.placed()

    reply = world.change(order_id, "holds", {"type": "NOPE", "reason": "x"})

    assert (reply.status, reply.errors) == (422, [("/type", "unknown-hold-type")])


def test_units_that_wait_for_stock_are_routed_again_by_one_call(world: World):
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    assert world.waiting(order_id) == ["backorder"]
    assert broken(world.tables()) == []
    world.stocked("TEA-001", dc_1=5)

    path = f"/v1/queues/backorder/items/{order_id}.backorder/resolve"
    assert world.call("POST", path, {"answer": "retry"}, who="sales").status == 200
    world.settle()

    assert world.order(order_id)["status"] == "RELEASED"
    assert world.call("POST", path, {"answer": "retry"}, who="sales").status == 404
    assert broken(world.tables()) == []


def test_an_error_without_an_edge_waits_for_a_person_with_its_reason(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    world.steps(order_id, "ship")
    tampered = world.order_items(order_id, "#")[0]
    world.aws.put("Orders", **{**tampered, "doc": tampered["doc"].replace('"authorized":2000', '"authorized":1999')})
    world.settle()
    assert world.waiting(order_id) == ["exceptions"]
    (item,) = world.call("GET", "/v1/queues/exceptions", who="sales").body["items"]
    assert item["reason"] == "NotAllowed"

    mended = world.order_items(order_id, "#")[0]
    world.aws.put("Orders", **{**mended, "doc": mended["doc"].replace('"authorized":1999', '"authorized":2000')})
    path = f"/v1/queues/exceptions/items/{item['item_id']}/resolve"
    wrong = world.call("POST", path, {"answer": "whatever"}, who="sales")
    assert (wrong.status, wrong.errors) == (422, [("/answer", "unknown-answer")])
    assert world.call("POST", path, {"answer": "retry"}, who="sales").status == 200
    world.settle()

    assert world.order(order_id)["status"] == "SHIPPED"
    assert len(world.order(order_id)["invoices"]) == 1
    assert broken(world.tables()) == []


def test_a_state_that_parks_first_looks_whether_its_answer_is_already_there(world: World):
    order_id = world.placed(("TEA-001", 2))
    event = {"order_id": order_id, "wait": "order", "token": "t-1"}

    with pytest.raises(RouteAgain):
        world.hops.invoke("wait", {**event, "state": "UntilSettled"})
    with pytest.raises(Resolved):
        world.hops.invoke("wait", {**event, "state": "Held"})
