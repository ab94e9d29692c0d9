"""Work that does not leave, through the doors: recalled, handed back, not collected."""

from typing import Any

import pytest

from tests.functions.world import World, at_counter
from tests.invariants import broken


def begun(world: World, *steps: str) -> str:
    world.stocked("TEA-001", dc_1=10)
    order_id = world.placed(("TEA-001", 3))
    world.settle()
    world.steps(order_id, *(steps or ("accept", "pick")))
    return order_id


def recalled(world: World, order_id: str, who: str = "sales", **more: Any) -> Any:
    body = {"reason": "the address is wrong", "fulfillment_id": f"ful_{order_id[4:]}-001", **more}
    return world.change(order_id, "recall", body, who=who)


def waiting_pickup(world: World, units: int = 2) -> str:
    world.stocked("TEA-001", store_1=5)
    order_id = world.placed(at_counter("TEA-001", units), ship_to=None)
    world.settle()
    world.steps(order_id, "accept", "pick", "pack", "ready")
    world.settle()
    return order_id


def test_work_that_is_not_begun_comes_back_at_once_and_is_routed_again(world: World):
    order_id = begun(world, "accept")
    world.stocked("TEA-001", dc_2=10)

    assert recalled(world, order_id, exclude_node=True).status == 200
    world.settle()

    works = world.order(order_id)["fulfillments"]
    assert [(f["node_id"], f["status"]) for f in works] == [("dc-1", "RECALLED"), ("dc-2", "OFFERED")]
    assert world.hops.machines.executions[f"ful_{order_id[4:]}-001-1"].entered == ["Release", "HandedBack"]
    assert world.step(order_id, "pick").status == 409
    assert broken(world.tables()) == []


def test_a_node_is_asked_for_begun_work_and_agrees(world: World):
    order_id = begun(world)
    asked = recalled(world, order_id)
    assert asked.body["fulfillments"][0]["recall"]["lines"] == [{"line_id": "1", "quantity": 3}]
    assert asked.body["fulfillments"][0]["recall"]["until"] == "2026-11-19T14:00:00.000Z"
    shown = world.call("GET", "/v1/fulfillments", who="picker", query={"node_id": "dc-1"}).body["items"]
    assert shown[0]["recall"]["reason"] == "the address is wrong"

    assert world.step(order_id, "recall-agree", who="picker").body["status"] == "RECALLED"
    world.settle()

    assert "put-back" in world.waiting(order_id)
    assert [f["status"] for f in world.order(order_id)["fulfillments"]] == ["RECALLED", "OFFERED"]
    assert broken(world.tables()) == []


def test_a_node_that_refuses_keeps_the_work(world: World):
    order_id = begun(world)
    recalled(world, order_id)

    reply = world.step(order_id, "recall-refuse", 1, {"reason": "LEAVING"}, who="dc-1-system")
    world.settle()

    assert (reply.status, reply.body["status"], reply.body["recall"]) == (200, "PICKED", None)
    assert world.waiting(order_id) == ["refused-recalls"]
    (item,) = world.call("GET", "/v1/queues/refused-recalls", who="office").body["items"]
    assert item["reason"] == "recall refused: LEAVING"
    assert world.call("GET", "/v1/queues/refused-recalls", who="picker", query={"node_id": "dc-1"}).status == 404
    assert broken(world.tables()) == []
    world.steps(order_id, "ship")
    world.settle()
    assert world.waiting(order_id) == []
    assert world.order(order_id)["status"] == "SHIPPED"
    assert broken(world.tables()) == []


def test_a_person_gets_the_work_of_a_node_that_is_silent(world: World):
    order_id = begun(world)
    recalled(world, order_id)
    world.settle()

    world.pass_time(2 * 3600)
    world.sweep()

    assert world.waiting(order_id) == ["late-work"]
    (item,) = world.call("GET", "/v1/queues/late-work", who="office").body["items"]
    assert item["reason"] == "recall unanswered"
    assert world.step(order_id, "recall-agree").status == 200
    world.settle()
    assert world.waiting(order_id) == ["put-back"]
    assert broken(world.tables()) == []


def test_a_shipment_wins_over_a_recall(world: World):
    order_id = begun(world)
    recalled(world, order_id)

    world.steps(order_id, "ship")
    world.settle()

    assert world.order(order_id)["fulfillments"][0]["recall"] is None
    assert world.step(order_id, "recall-agree").status == 409
    world.pass_time(3 * 3600)
    world.sweep(everything=True)
    assert world.order(order_id)["status"] == "SHIPPED"
    assert broken(world.tables()) == []


def test_lines_are_recalled_wherever_they_are(world: World):
    order_id = begun(world, "accept")

    reply = world.change(order_id, "recall", {"reason": "x", "lines": [{"line_id": "1", "quantity": 2}]})

    assert reply.body["quantities"] == {"ACCEPTED": 1, "UNSCHEDULED": 2}
    more = world.change(order_id, "recall", {"reason": "x", "lines": [{"line_id": "1", "quantity": 2}]})
    assert (more.status, more.body["errors"][0]["pointer"]) == (409, "/lines/0/quantity")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"reason": "x"}, "/fulfillment_id"),
        ({"reason": "x", "fulfillment_id": "ful_us1_01M81EP1ENTG1NKE5JV2A73WMW-001"}, "/fulfillment_id"),
        ({"reason": "x", "lines": [{"line_id": "7", "quantity": 1}]}, "/lines/0/line_id"),
        ({"reason": " ", "lines": [{"line_id": "1", "quantity": 1}]}, "/reason"),
        ({"lines": [{"line_id": "1", "quantity": 1}]}, "/reason"),
    ],
)
def test_a_recall_that_names_nothing_right_is_refused_by_its_field(world: World, body: Any, pointer: str):
    order_id = begun(world)

    reply = world.change(order_id, "recall", body)

    assert (reply.status, reply.body["errors"][0]["pointer"]) == (422, pointer)


def test_the_office_alone_recalls_and_the_work_s_own_node_alone_answers(world: World):
    order_id = begun(world)

    for stranger in ("shop", "dc-1-system", "picker", "acme"):
        assert recalled_by(world, order_id, stranger).status == 403
    recalled(world, order_id)
    for stranger in ("dc-2-system", "other-picker", "rival"):
        assert world.step(order_id, "recall-agree", who=stranger).status == 404
    assert world.step(order_id, "recall-agree", who="sales").status == 403


def recalled_by(world: World, order_id: str, who: str) -> Any:
    body = {"reason": "x", "fulfillment_id": f"ful_{order_id[4:]}-001"}
    return world.call("POST", f"/v1/orders/{order_id}/recall", body, who=who, if_match='"v1"')


def test_a_pickup_that_nobody_collects_gives_stock_and_money_back(world: World):
    order_id = waiting_pickup(world)

    assert world.step(order_id, "no-show", who="store-1-system").body["status"] == "NO_SHOW"
    world.settle()

    order = world.order(order_id)
    assert (order["status"], order["payments"][0]["released"]["amount"]) == ("CANCELLED", 2000)
    assert world.waiting(order_id) == ["put-back"]
    (mail,) = (mail for mail in world.hops.sent if "cancelled" in str(mail["EmailTags"]))
    assert "not picked up at the counter" in mail["Content"]["Simple"]["Body"]["Text"]["Data"]
    assert broken(world.tables()) == []


def test_a_customer_who_refuses_at_the_counter_is_not_charged(world: World):
    order_id = waiting_pickup(world)
    one = {"lines": [{"line_id": "1", "quantity": 1}], "reason": "CUSTOMER_REFUSED"}

    assert world.step(order_id, "hand-back", 1, one, who="store-1-system").status == 200
    world.steps(order_id, "hand-over")
    world.settle()

    order = world.order(order_id)
    assert order["quantities"] == {"PICKED_UP": 1, "CANCELLED": 1}
    assert order["payments"][0]["captured"]["amount"] == 1000
    assert len([mail for mail in world.hops.sent if "cancelled" in str(mail["EmailTags"])]) == 1
    assert broken(world.tables()) == []


def test_work_that_a_node_hands_back_goes_to_another_node(world: World):
    order_id = begun(world)
    world.stocked("TEA-001", dc_2=10)

    assert world.step(order_id, "hand-back", 1, {"reason": "CANNOT_FINISH"}, who="picker").status == 200
    world.settle()

    works = world.order(order_id)["fulfillments"]
    assert [(f["node_id"], f["status"]) for f in works] == [("dc-1", "HANDED_BACK"), ("dc-2", "OFFERED")]
    assert "put-back" in world.waiting(order_id)
    assert not [mail for mail in world.hops.sent if "cancelled" in str(mail["EmailTags"])]
    assert broken(world.tables()) == []
