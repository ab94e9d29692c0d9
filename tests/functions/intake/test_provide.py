"""Digital items and services go from the shop to the customer's mail, without a node, and to the cent."""

import json
from typing import Any

import pytest

from comanda.aws.dynamodb.items import unpack
from tests.functions.world import Reply, World, a_body, at_counter, usd
from tests.invariants import broken

DIGITAL = {"sku": "POT-001", "quantity": 2, "kind": "DIGITAL", "unit_price": usd(500)}
CODE = {"kind": "CODE", "text": "TEA-CLUB-7F3A"}


def provide(world: World, order_id: str, quantity: int = 1, line_id: str = "1", proof: Any = CODE, **how: Any) -> Reply:
    body = {"line_id": line_id, "quantity": quantity, "proof": proof}
    return world.call("POST", f"/v1/orders/{order_id}/provide", body, **how)


def a_digital_order(world: World, *more: Any, **changes: Any) -> str:
    order_id = world.placed(DIGITAL, *more, **({"ship_to": None} | changes))
    world.settle()
    return order_id


def statuses(world: World, order_id: str) -> dict[str, int]:
    found: dict[str, int] = world.order(order_id)["quantities"]
    return found


def texts_of_mails(world: World) -> list[str]:
    return [json.dumps(mail["Content"], ensure_ascii=False) for mail in world.hops.sent]


def test_an_order_of_digital_items_needs_no_address_and_ends_when_all_is_provided(world: World):
    order_id = a_digital_order(world)
    assert (statuses(world, order_id), world.waiting(order_id)) == ({"SCHEDULED": 2}, ["to-provide"])
    assert world.order(order_id)["fulfillments"] == []

    first = provide(world, order_id)
    assert (first.status, first.body["quantities"]) == (200, {"SCHEDULED": 1, "PROVIDED": 1})
    world.settle()
    (invoice,) = world.order(order_id)["invoices"]
    assert provide(world, order_id).status == 200
    world.settle()

    order = world.order(order_id)
    assert (order["status"], len(order["invoices"]), world.waiting(order_id)) == ("COMPLETED", 2, [])
    assert order["payments"][0]["captured"] == usd(1000)
    assert [row["invoice_id"] for row in order["provisions"]] == order["invoices"]
    made = world.call("GET", f"/v1/invoices/{invoice}").body
    assert (made["fulfillment_id"], made["number"], made["totals"]["total"]) == (None, "web-000001", usd(500))
    assert [row["type"] for row in world.call("GET", f"/v1/orders/{order_id}/events").body["items"]] == [
        "placed", "routed", "provided", "invoiced", "provided", "invoiced", "completed",
    ]  # fmt: skip
    assert broken(world.tables()) == []


def test_goods_and_digital_items_of_one_order_go_their_own_ways(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(
        ("TEA-001", 2),
        DIGITAL,
        charges=[{"kind": "SHIPPING", "amount": usd(301), "tax": usd(7)}],
        discounts=[{"code": "D", "amount": usd(100)}],
        totals={"goods": usd(3000), "discounts": usd(100), "charges": usd(301), "tax": usd(7), "total": usd(3208)},
        payments=[{"method": "CARD", "reference": "c", "authorized": usd(3208)}],
    )
    world.settle()
    assert statuses(world, order_id) == {"RELEASED": 2, "SCHEDULED": 2}
    (fulfillment,) = world.order(order_id)["fulfillments"]
    assert [line["sku"] for line in fulfillment["lines"]] == ["TEA-001"]

    assert provide(world, order_id, 2, "2").status == 200
    world.settle()
    assert world.order(order_id)["status"] != "COMPLETED"
    world.steps(order_id, "ship")
    world.settle()

    order = world.order(order_id)
    totals = [world.call("GET", f"/v1/invoices/{one}").body["totals"]["total"]["amount"] for one in order["invoices"]]
    assert (len(totals), sum(totals), order["payments"][0]["captured"]) == (2, 3208, usd(3208))
    assert world.order_items(order_id, "W#") == []
    assert broken(world.tables()) == []


def test_a_pickup_with_a_digital_item_needs_no_address(world: World):
    world.stocked("TEA-001", store_1=2)
    order_id = a_digital_order(world, at_counter("TEA-001", 1))

    assert statuses(world, order_id) == {"SCHEDULED": 2, "RELEASED": 1}
    assert world.order(order_id)["destination"]["country"] == "US"


def test_the_proof_is_in_customers_and_in_the_mail_and_nowhere_else(world: World):
    order_id = a_digital_order(world)
    link = {"kind": "LINK", "text": "https://shop.example/get?token=a1b2c3&x=1#here"}

    assert provide(world, order_id).status == 200
    assert provide(world, order_id, proof=link).status == 200
    world.settle()

    tables = world.tables()
    for text in (CODE["text"], "a1b2c3"):
        rows = {name: [row for row in tables[name] if text in str(_readable(row))] for name in tables}
        assert [name for name, found in rows.items() if found] == ["Customers"]
        assert sum(text in mail for mail in texts_of_mails(world)) == 1
    contact = world.call("GET", f"/v1/orders/{order_id}/contact").body
    assert contact["proofs"] == [
        {"number": 1, "line_id": "1", "quantity": 1, **CODE},
        {"number": 2, "line_id": "1", "quantity": 1, **link},
    ]
    assert broken(tables) == []


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    packed = {name: unpack(row[name]) for name in ("doc", "data", "body") if isinstance(row.get(name), bytes | str)}
    return row | packed


def test_a_node_that_ships_the_rest_sees_no_proof(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = a_digital_order(world, ("TEA-001", 1), ship_to=a_body()["ship_to"])
    assert provide(world, order_id).status == 200

    shown = world.call("GET", f"/v1/orders/{order_id}/contact", who="dc-1-system")

    assert (shown.status, "proofs" in shown.body, shown.body["ship_to"]["line1"]) == (200, False, "12 Main St")


def test_a_repeated_request_provides_once(world: World):
    order_id = a_digital_order(world)

    replies = [provide(world, order_id, key="k") for _ in range(3)]

    assert {reply.status for reply in replies} == {200}
    assert replies[1].headers["Idempotent-Replayed"] == "true"
    assert statuses(world, order_id) == {"SCHEDULED": 1, "PROVIDED": 1}
    assert provide(world, order_id, 2, key="k").problem == "idempotency-key-reused"


def test_a_version_that_is_named_must_be_the_orders(world: World):
    order_id = a_digital_order(world)

    assert provide(world, order_id, if_match='"v1"').status == 412
    etag = world.call("GET", f"/v1/orders/{order_id}").etag
    assert provide(world, order_id, if_match=etag).status == 200


MISTAKES = (
    ("more than is scheduled", {"quantity": 3}, 409, "/quantity"),
    ("an unknown line", {"line_id": "9"}, 422, "/line_id"),
    ("a line that a node sends", {"line_id": "2"}, 422, "/line_id"),
    ("no units", {"quantity": 0}, 422, "/quantity"),
    ("no proof", {"proof": None}, 422, "/proof"),
    ("a proof of another kind", {"proof": {"kind": "PHOTO", "text": "x"}}, 422, "/proof/kind"),
    ("a blank proof", {"proof": {"kind": "CODE", "text": " \u200b "}}, 422, "/proof/text"),
    ("half a surrogate", {"proof": {"kind": "NOTE", "text": "\ud800"}}, 422, "/proof/text"),
    ("a proof of 501 characters", {"proof": {"kind": "NOTE", "text": "x" * 501}}, 422, "/proof/text"),
    ("a card number in a note", {"proof": {"kind": "NOTE", "text": "paid with 4111111111111111"}}, 422, "/proof/text"),
    ("a link that is none", {"proof": {"kind": "LINK", "text": "javascript:alert(1)"}}, 422, "/proof/text"),
    ("a link with a quote", {"proof": {"kind": "LINK", "text": 'https://x.example/"><b>'}}, 422, "/proof/text"),
    ("an unknown field", {"node_id": "dc-1"}, 422, "/node_id"),
)


@pytest.mark.parametrize(("change", "status", "pointer"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_mistake_is_named_and_nothing_is_provided(world: World, change: dict[str, Any], status: int, pointer: str):
    order_id = a_digital_order(world, ("TEA-001", 1), ship_to=a_body()["ship_to"])
    before = world.order(order_id)
    body = {"line_id": "1", "quantity": 1, "proof": CODE, **change}

    reply = world.call("POST", f"/v1/orders/{order_id}/provide", body)

    assert (reply.status, [at for at, _ in reply.errors]) == (status, [pointer])
    assert world.order(order_id) == before


def test_texts_of_every_script_and_template_code_reach_the_customer_as_they_are(world: World):
    order_id = a_digital_order(world, locale="pt-BR")

    assert provide(world, order_id, proof={"kind": "NOTE", "text": "أحمد 🎁 {{ name }}\n<b>50%</b>"}).status == 200
    world.settle()

    (mail,) = [mail for mail in world.hops.sent if "aqui" in mail["Content"]["Simple"]["Subject"]["Data"]]
    plain, html = (mail["Content"]["Simple"]["Body"][part]["Data"] for part in ("Text", "Html"))
    assert "أحمد 🎁 {{ name }}\n  <b>50%</b>" in plain
    assert "&lt;b&gt;50%&lt;/b&gt;" in html


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"fulfillment": {"method": "PICKUP", "node_id": "store-1"}}, "fulfillment/method"),
        ({"fulfillment": {"node_id": "dc-1"}}, "fulfillment/node_id"),
        ({"fulfillment": {"service": "EXPRESS"}}, "fulfillment/service"),
        ({"fulfillment": {"group": "kit"}}, "fulfillment/group"),
        ({"ship_to": a_body()["ship_to"]}, "ship_to"),
        ({"product": {"weight_g": 5}}, "product/weight_g"),
        ({"product": {"dims_mm": [1, 2, 3]}}, "product/dims_mm"),
    ],
)
@pytest.mark.parametrize("kind", ["DIGITAL", "SERVICE"])
def test_a_field_that_says_how_goods_travel_is_refused_by_its_name(
    world: World, kind: str, fields: dict[str, Any], pointer: str
):
    reply = world.call("POST", "/v1/orders", a_body({**DIGITAL, **fields, "kind": kind}))

    assert reply.status == 422
    assert (f"/lines/0/{pointer}", "not-for-this-kind") in reply.errors


def test_what_is_not_provided_is_cancelled_without_stock(world: World):
    order_id = a_digital_order(world)
    assert provide(world, order_id).status == 200

    reply = world.change(order_id, "cancel", {"reason": "enough"})

    assert reply.body["not_cancelled"] == [{"line_id": "1", "quantity": 1, "status": "PROVIDED", "reason": "left"}]
    world.settle()
    order = world.order(order_id)
    assert (order["status"], order["payments"][0]["captured"]) == ("COMPLETED", usd(500))
    assert order["payments"][0]["released"] == usd(500)
    assert broken(world.tables()) == []


def test_a_held_order_waits_and_a_hold_set_later_keeps_units_from_being_provided(world: World):
    world.hold_type("FRAUD", "holds", blocks=["schedule"], applies_when={"total_at_least": usd(1)})
    order_id = a_digital_order(world)
    assert (statuses(world, order_id), world.waiting(order_id)) == ({"CREATED": 2}, ["holds"])
    assert provide(world, order_id).status == 409

    assert world.change(order_id, "holds/h1/resolve", {"resolution": "fine"}).status == 200
    world.settle()
    assert world.change(order_id, "holds", {"type": "FRAUD", "reason": "odd"}).status == 200
    assert provide(world, order_id).problem == "held"
    assert world.change(order_id, "holds/h2/resolve", {"resolution": "fine"}).status == 200
    assert provide(world, order_id, 2).status == 200
    world.settle()

    assert world.order(order_id)["status"] == "COMPLETED"


def test_a_reservation_of_goods_is_given_back_when_only_digital_items_are_left(world: World):
    world.stocked("TEA-001", dc_1=5)
    wanted = {"request_id": "r", "channel": "web", "lines": [{"sku": "TEA-001", "quantity": 2, "node_id": "dc-1"}]}
    kept = world.call("POST", "/v1/reservations", wanted).body["reservation_id"]
    order_id = world.placed(("TEA-001", 2), DIGITAL, reservation_id=kept)
    assert world.change(order_id, "cancel", {"reason": "x", "lines": [{"line_id": "1", "quantity": 2}]}).status == 200

    world.settle()

    assert statuses(world, order_id) == {"CANCELLED": 2, "SCHEDULED": 2}
    assert world.order(order_id)["reservation_id"] is None
    assert broken(world.tables()) == []


def test_a_promise_is_about_the_goods_alone(world: World):
    world.stocked("TEA-001", dc_1=5)
    to = {"country": "US", "region": "IL", "latitude": 41.9, "longitude": -87.6}
    lines = [{"line_id": "1", "sku": "TEA-001", "quantity": 2}]
    promise = world.call("POST", "/v1/promises", {"channel": "web", "lines": lines, "to": to}).body

    order_id = world.placed(("TEA-001", 2), DIGITAL, promise_id=promise["promise_id"])

    assert world.order(order_id)["promised"]["promise_id"] == promise["promise_id"]


def test_the_sweeper_has_a_provision_invoiced_whose_event_was_lost(world: World):
    order_id = a_digital_order(world)
    assert provide(world, order_id, 2).status == 200
    lost = {row["pk"]["S"] + row["sk"]["S"] for row in world.hops.events()}
    for reader in ("conduct", "relay"):
        world.hops.seen[reader] |= lost

    world.pass_time(86_460)  # an open order is looked at once a day
    world.sweep()

    order = world.order(order_id)
    assert (order["status"], len(order["invoices"])) == ("COMPLETED", 1)
    assert broken(world.tables()) == []


def test_a_draft_is_not_provided_before_it_is_confirmed(world: World):
    order_id = a_digital_order(world, draft=True)

    assert provide(world, order_id).status == 409
    assert world.change(order_id, "confirm").status == 200
    world.settle()
    assert provide(world, order_id, 2).status == 200


def test_another_channels_order_is_not_there(world: World):
    assert provide(world, a_digital_order(world), who="other-shop").status == 404
