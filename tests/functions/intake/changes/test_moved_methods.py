"""Changes of the method and of the counter over the door: no line is sent or handed over in another way by itself."""

from typing import Any

import pytest

from comanda.aws.directory import directory, packs
from tests.functions.intake.changes.test_changes import change_order, previewed
from tests.functions.intake.changes.test_moves import GRAN, finished, nodes_of, refusals
from tests.functions.world import DENVER, World, at_counter
from tests.invariants import broken

SEND = {"modification": "method", "line_id": "1", "method": "SHIP"}
COLLECT = {"modification": "method", "line_id": "1", "method": "PICKUP", "node_id": "store-1"}
ELSEWHERE = {"modification": "store", "line_id": "1", "node_id": "store-2"}


@pytest.fixture(autouse=True)
def stores(world: World) -> None:
    """Add a second store, and stock everywhere."""
    world.node("store-2", DENVER, type="STORE", pickup=True, ship=False)
    packs.rebuild(("store-2",))
    directory.forget()
    world.stocked("TEA-001", dc_1=9, store_1=9, store_2=9)


def collected(world: World, **changes: Any) -> str:
    order_id = world.placed(at_counter("TEA-001", 2), **changes)
    world.settle()
    assert nodes_of(world, order_id) == {"store-1": 2}
    return order_id


def sent(world: World) -> str:
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    assert nodes_of(world, order_id) == {"dc-1": 2}
    return order_id


def handed_over(world: World, order_id: str, number: int) -> None:
    world.steps(order_id, "accept", "pick", "pack", "ready", "hand-over", number=number)
    world.settle()


def test_a_pickup_is_sent_instead_and_its_stock_follows(world: World):
    order_id = collected(world)
    preview = previewed(world, order_id, SEND)
    assert [work["node_id"] for work in preview["recalled"]] == ["store-1"]

    made = change_order(world, order_id, SEND, preview_id=preview["preview_id"])
    assert made.status == 200, made.body
    world.settle()

    assert nodes_of(world, order_id) == {"dc-1": 2}
    assert world.order(order_id)["lines"][0]["fulfillment"] == {
        "method": "SHIP", "node_id": None, "service": "STANDARD", "group": None,
    }  # fmt: skip
    assert world.aws.items("Stock", "S#TEA-001", "P#store-1")[0]["free"] == 9
    assert finished(world, order_id)["status"] == "SHIPPED"


def test_a_pickup_without_an_address_is_sent_to_the_one_that_comes_along(world: World):
    order_id = collected(world, ship_to=None)

    assert refusals(world, order_id, SEND) == [("/changes/0/ship_to", "missing")]
    made = change_order(world, order_id, {**SEND, "ship_to": GRAN})
    assert (made.status, made.body["destination"]["region"]) == (200, "NY")
    world.settle()

    contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body
    assert contact["ship_to"]["line1"] == "7 Elm St"
    assert finished(world, order_id)["status"] == "SHIPPED"
    assert "7 Elm St" in world.hops.sent[-1]["Content"]["Simple"]["Body"]["Text"]["Data"]


def test_a_pickup_may_be_sent_to_an_address_of_its_own(world: World):
    order_id = world.placed(("TEA-001", 1), at_counter("TEA-001", 1))
    world.settle()

    assert change_order(world, order_id, {**SEND, "line_id": "2", "ship_to": GRAN}).status == 200
    world.settle()

    assert [line["destination"] for line in world.order(order_id)["lines"]] == [0, 1]
    assert finished(world, order_id)["status"] == "SHIPPED"


def test_a_shipped_line_is_collected_instead(world: World):
    order_id = sent(world)

    assert change_order(world, order_id, COLLECT).status == 200
    world.settle()

    assert nodes_of(world, order_id) == {"store-1": 2}
    handed_over(world, order_id, 2)
    assert world.order(order_id)["status"] == "COMPLETED"
    mails = [mail["EmailTags"][1]["Value"] for mail in world.hops.sent]
    assert "ready-002" in mails
    assert broken(world.tables()) == []


def test_a_pickup_moves_to_another_counter(world: World):
    order_id = collected(world)

    assert change_order(world, order_id, ELSEWHERE).status == 200
    world.settle()

    assert nodes_of(world, order_id) == {"store-2": 2}
    assert world.aws.items("Stock", "S#TEA-001", "P#store-1")[0]["free"] == 9
    handed_over(world, order_id, 2)
    assert world.order(order_id)["status"] == "COMPLETED"
    assert broken(world.tables()) == []


def test_a_store_that_has_begun_is_asked_and_no_customer_is(world: World):
    order_id = collected(world)
    world.steps(order_id, "accept", "pick")

    assert change_order(world, order_id, ELSEWHERE).status == 200
    world.settle()
    assert nodes_of(world, order_id) == {"store-1": 2}
    world.steps(order_id, "recall-agree")
    world.settle()

    assert nodes_of(world, order_id) == {"store-2": 2}
    assert world.waiting(order_id) == ["put-back"]
    handed_over(world, order_id, 2)
    assert world.order(order_id)["status"] == "COMPLETED"


def test_goods_that_wait_at_the_counter_stay_there(world: World):
    order_id = collected(world)
    world.steps(order_id, "accept", "pick", "pack", "ready")

    assert change_order(world, order_id, ELSEWHERE).problem == "not-allowed"
    assert change_order(world, order_id, SEND).problem == "not-allowed"


def test_a_pickup_that_waits_for_an_answer_is_answered_by_the_change(world: World):
    order_id = world.placed(at_counter("TEA-001", 50))
    world.settle()
    assert world.waiting(order_id) == ["customer-care"]
    world.stocked("TEA-001", store_2=50)

    assert change_order(world, order_id, ELSEWHERE).status == 200
    world.settle()

    assert world.waiting(order_id) == []
    assert nodes_of(world, order_id) == {"store-2": 50}
    assert broken(world.tables()) == []


def test_what_another_counter_does_not_have_waits_for_customer_care(world: World):
    order_id = world.placed(at_counter("TEA-001", 2))
    world.settle()
    world.stocked("TEA-001", store_2=-9)

    assert change_order(world, order_id, ELSEWHERE).status == 200
    world.settle()

    assert world.waiting(order_id) == ["customer-care"]
    assert broken(world.tables()) == []


def test_the_method_and_the_counter_that_it_has_are_no_change(world: World):
    shipped, fetched = sent(world), collected(world)

    assert change_order(world, shipped, SEND).errors == [("/changes/0/method", "the-same")]
    assert change_order(world, fetched, COLLECT).errors == [("/changes/0/method", "the-same")]
    same_counter = change_order(world, fetched, {**ELSEWHERE, "node_id": "store-1"})
    assert same_counter.errors == [("/changes/0/node_id", "the-same")]

    assert nodes_of(world, shipped) == {"dc-1": 2}
    assert nodes_of(world, fetched) == {"store-1": 2}


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({**COLLECT, "node_id": "store-9"}, [("/changes/0/node_id", "unknown-node")]),
        ({**COLLECT, "node_id": "dc-1"}, [("/changes/0/node_id", "no-pickup")]),
        ({**COLLECT, "node_id": "abroad"}, [("/changes/0/node_id", "other-country")]),
        ({**COLLECT, "node_id": "closed"}, [("/changes/0/node_id", "closed")]),
        ({**COLLECT, "node_id": None}, [("/changes/0/node_id", "missing")]),
        ({**COLLECT, "ship_to": GRAN}, [("/changes/0/ship_to", "picked-up")]),
        ({**SEND, "node_id": "dc-1"}, [("/changes/0/node_id", "not-yours-to-choose")]),
        ({**SEND, "method": "DRONE"}, [("/changes/0/method", "not-one-of")]),
        ({**SEND, "line_id": "9"}, [("/changes/0/line_id", "unknown-line")]),
        ({**SEND, "line_id": None}, [("/changes/0/line_id", "missing")]),
        (ELSEWHERE, [("/changes/0/line_id", "not-picked-up")]),
        ({**ELSEWHERE, "node_id": None}, [("/changes/0/node_id", "missing")]),
    ],
)
def test_what_is_wrong_is_named(world: World, change: dict[str, Any], wrong: list[tuple[str, str]]):
    world.node("abroad", DENVER, type="STORE", pickup=True, country="CA")
    world.node("closed", DENVER, type="STORE", pickup=True)
    assert world.call("POST", "/v1/nodes/closed/closures", {"reason": "flood"}, who="office").status == 201
    order_id = sent(world)
    given = {name: value for name, value in change.items() if value is not None}

    found = refusals(world, order_id, given)

    assert [at for at, _ in found] == [at for at, _ in wrong]
    assert wrong[0][1] in ("not-one-of", found[0][1])
    assert nodes_of(world, order_id) == {"dc-1": 2}


def test_a_closure_that_has_ended_closes_no_counter(world: World):
    order_id = collected(world)
    closed = world.call("POST", "/v1/nodes/store-2/closures", {"reason": "flood"}, who="office").body["closure_id"]
    assert refusals(world, order_id, ELSEWHERE) == [("/changes/0/node_id", "closed")]
    world.call("POST", f"/v1/nodes/store-2/closures/{closed}/end", {}, who="office")
    directory.forget()  # a process keeps entries for a minute

    assert change_order(world, order_id, ELSEWHERE).status == 200
