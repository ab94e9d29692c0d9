"""A line that is a gift has its message with the contact, and the node sees what to wrap."""

import json
from typing import Any

import pytest

from tests.functions.world import World
from tests.invariants import broken

GIFT = {"message": "Feliz cumplea\u00f1os \U0001f381", "from": "Grace Canary", "wrap": True}


def tea(gift: Any = None, **more: Any) -> dict[str, Any]:
    return {"sku": "TEA-001", "quantity": 1, **({"gift": gift} if gift else {}), **more}


def test_the_order_shows_a_gift_without_its_message(world: World):
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(tea(GIFT), tea())
    world.settle()

    order = world.order(order_id)
    assert [line["gift"] for line in order["lines"]] == [{"wrap": True}, None]
    (work,) = order["fulfillments"]
    assert [line.get("gift") for line in work["lines"]] == [{"wrap": True}, None]
    tables = world.tables()
    for text in ("cumplea", "Grace Canary"):
        assert [n for n in tables if n != "Customers" and any(text in str(row) for row in tables[n])] == []
    assert "Grace Canary" not in json.dumps(world.hops.published)
    assert broken(tables) == []


def test_the_contact_has_all_messages_for_the_shop_and_a_nodes_own_for_the_node(world: World):
    world.stocked("TEA-001", dc_1=9)
    world.stocked("POT-001", dc_2=9)
    order_id = world.placed(tea(GIFT), {"sku": "POT-001", "quantity": 1, "gift": {"message": "For Zoe"}})
    world.settle()
    path = f"/v1/orders/{order_id}/contact"

    assert world.call("GET", path).body["gifts"] == [
        {"line_id": "1", **GIFT},
        {"line_id": "2", "message": "For Zoe", "wrap": False},
    ]
    assert [gift["line_id"] for gift in world.call("GET", path, who="dc-2-system").body["gifts"]] == ["2"]


MISTAKES = (
    ("no message", {"wrap": True}, "/lines/0/gift/message"),
    ("a blank message", {"message": " \u200b "}, "/lines/0/gift/message"),
    ("a message of 501 characters", {"message": "x" * 501}, "/lines/0/gift/message"),
    ("half a surrogate", {"message": "\ud800"}, "/lines/0/gift/message"),
    ("a card number", {"message": "4111 1111 1111 1111"}, "/lines/0/gift/message"),
    ("two lines for a name", {"message": "x", "from": "a\nb"}, "/lines/0/gift/from"),
    ("wrapped by yes", {"message": "x", "wrap": "yes"}, "/lines/0/gift/wrap"),
    ("an unknown field", {"message": "x", "paper": "red"}, "/lines/0/gift/paper"),
)


@pytest.mark.parametrize(("gift", "pointer"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_wrong_gift_is_named(world: World, gift: Any, pointer: str):
    reply = world.place_order(tea(gift))

    assert (reply.status, [at for at, _ in reply.errors]) == (422, [pointer])


def test_a_component_and_a_digital_item_take_no_gift(world: World):
    digital = world.place_order(tea(GIFT, kind="DIGITAL"))
    assert digital.errors == [("/lines/0/gift", "not-for-this-kind")]

    part = {"kind": "COMPONENT", "parent_line_id": "b", "ratio": 1, "unit_price": {"amount": 0, "currency": "USD"}}
    reply = world.place_order(
        {"line_id": "b", "sku": "TEA-001", "quantity": 1, "kind": "BUNDLE"},
        {**part, "line_id": "b1", "sku": "CUP-001", "quantity": 1, "price_share": 500_000, "gift": GIFT},
        {**part, "line_id": "b2", "sku": "POT-001", "quantity": 1, "price_share": 500_000},
    )
    assert reply.errors == [("/lines/1/gift", "gift-of-its-bundle")]


def test_a_replacement_has_the_gifts_of_its_own_lines_alone(world: World):
    world.stocked("TEA-001", dc_1=9)
    world.stocked("POT-001", dc_1=9)
    order_id = world.placed(tea(GIFT), {"sku": "POT-001", "quantity": 1, "gift": {"message": "For Zoe"}})
    world.settle()
    world.step(order_id, "ship")
    world.settle()
    lost = {"reason": "NOT_ARRIVED", "lines": [{"line_id": "1", "quantity": 1}]}
    assert world.step(order_id, "lose", 1, lost).status == 200
    (item,) = world.call("GET", "/v1/queues/lost", who="sales").body["items"]
    path = f"/v1/queues/lost/items/{item['item_id']}/resolve"
    again = world.call("POST", path, {"answer": "resend"}, who="sales").body["losses"][0]["replacement_order_id"]

    contact = world.call("GET", f"/v1/orders/{again}/contact", who="office").body

    assert contact["gifts"] == [{"line_id": "1", **GIFT}]
