"""Lines that join an order, units of another sku, more sets and appeasements over the door, down to the last shipment."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.functions.intake.changes.test_changes import change_order, previewed
from tests.functions.world import World, usd
from tests.invariants import broken

PAYMENT = {"method": "CARD", "reference": "auth-2", "authorized": usd(50_000)}
HOME = {"name": "B", "line1": "1 Side St", "city": "Peoria", "region": "IL", "postal_code": "61602", "country": "US"}


@pytest.fixture
def order_id(world: World) -> str:
    world.stocked("TEA-001", dc_1=9)
    world.stocked("POT-001", dc_1=9)
    world.stocked("CUP-001", dc_1=9)
    name = world.placed(("TEA-001", 3))
    world.settle()
    return name


def a_line(line_id: str = "2", sku: str = "POT-001", **fields: Any) -> dict[str, Any]:
    return {"line_id": line_id, "sku": sku, "quantity": 2, "unit_price": usd(500), **fields}


def adding(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"modification": "add_line", "lines": list(lines)}


def instead(quantity: int = 2, **fields: Any) -> dict[str, Any]:
    fields = {"sku": "POT-001", "new_line_id": "2", **fields}
    return {"modification": "replace", "line_id": "1", "quantity": quantity, **fields}


def shipped(world: World, order_id: str) -> None:
    world.settle()
    for fulfillment in world.order(order_id)["fulfillments"]:
        number = int(fulfillment["fulfillment_id"][-3:])
        if fulfillment["status"] == "OFFERED":
            world.steps(order_id, "accept", "ship", number=number)
        elif fulfillment["status"] not in ("CANCELLED", "SHIPPED"):
            world.steps(order_id, "ship", number=number)
    world.settle()


def test_a_line_with_more_tax_inside_than_it_costs_is_refused(world: World):
    world.stocked("TEA-001", dc_1=9)
    name = world.placed(("TEA-001", 1), prices_include_tax=True)
    line = a_line(tax={"rate": "0.1", "amount": usd(1001)})

    refused = change_order(world, name, adding(line), payments=[PAYMENT])

    assert (refused.status, refused.errors) == (422, [("/changes/0/lines/0/tax/amount", "too-large")])
    line["tax"]["amount"] = usd(1000)
    assert change_order(world, name, adding(line), payments=[PAYMENT]).status == 200


def test_a_line_joins_is_routed_shipped_and_billed(world: World, order_id: str):
    before = world.order(order_id)["totals"]["total"]["amount"]
    line = a_line(tax={"rate": "0.1", "amount": usd(97)}, discounts=[{"code": "PAIR", "amount": usd(30)}])

    preview = previewed(world, order_id, adding(line))
    made = change_order(world, order_id, adding(line), preview_id=preview["preview_id"], payments=[])

    assert (preview["difference"], made.problem) == (usd(1000 - 30 + 97), "needs-payment")
    made = change_order(world, order_id, adding(line), payments=[PAYMENT])
    assert made.body["totals"]["total"]["amount"] == before + 1067
    shipped(world, order_id)
    assert world.order(order_id)["status"] == "SHIPPED"
    assert [row["line_id"] for row in world.order(order_id)["lines"]] == ["1", "2"]
    assert broken(world.tables()) == []


def test_a_bundle_a_gift_and_another_address_join(world: World, order_id: str):
    gift = {"message": "Happy birthday 🎂", "from": "Ada", "wrap": True}
    lines = (
        a_line("s", "CUP-001", kind="BUNDLE", quantity=1),
        a_line("s1", "POT-001", kind="COMPONENT", quantity=2, unit_price=usd(0), parent_line_id="s", ratio=2)
        | {"price_share": 1_000_000},
        a_line("g", "TEA-001", quantity=1, gift=gift, ship_to=HOME),
    )
    note = {"modification": "note", "note": "call first"}

    made = change_order(world, order_id, adding(*lines), note, payments=[PAYMENT])

    assert made.status == 200, made.body
    assert [(row["line_id"], row["destination"]) for row in made.body["lines"]] == [
        ("1", 0), ("s", 0), ("s1", 0), ("g", 1),
    ]  # fmt: skip
    contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body
    assert contact["gifts"][0]["message"] == gift["message"]
    assert contact["ship_tos"][0]["ship_to"]["city"] == "Peoria"
    assert contact["note"] == "call first"
    assert "birthday" not in str(world.call("GET", f"/v1/orders/{order_id}/events", who="office").body)
    again = change_order(world, order_id, adding(a_line("h", "TEA-001", ship_to=HOME, quantity=1)))
    assert again.body["lines"][-1]["destination"] == 1
    shipped(world, order_id)
    assert world.order(order_id)["status"] == "SHIPPED"
    assert broken(world.tables()) == []


def test_a_digital_line_joins_and_is_provided(world: World, order_id: str):
    made = change_order(world, order_id, adding(a_line(kind="DIGITAL", quantity=1)), payments=[PAYMENT])
    assert made.status == 200, made.body
    world.settle()

    body = {"line_id": "2", "quantity": 1, "proof": {"kind": "CODE", "text": "TEA-CLUB"}}
    assert world.change(order_id, "provide", body).status == 200
    shipped(world, order_id)
    assert broken(world.tables()) == []


@pytest.mark.parametrize(
    ("line", "pointer", "code"),
    [
        ({"line_id": "1"}, "/line_id", "duplicate"),
        ({"sku": "NOTHING"}, "/sku", "unknown-sku"),
        ({"unit_price": {"amount": 1, "currency": "EUR"}}, "/unit_price", "mixed-currencies"),
        ({"unit_price": {"amount": -1, "currency": "USD"}}, "/unit_price/amount", None),
        ({"quantity": 0}, "/quantity", None),
        ({"fulfillment": {"method": "PICKUP"}}, "/fulfillment/node_id", "missing"),
        ({"fulfillment": {"method": "PICKUP", "node_id": "nowhere"}}, "/fulfillment/node_id", "unknown-node"),
        ({"kind": "COMPONENT", "parent_line_id": "1", "ratio": 1, "price_share": 1}, "/parent_line_id", "unknown-line"),
        ({"kind": "BUNDLE"}, "", "no-components"),
        ({"kind": "DIGITAL", "ship_to": HOME}, "/ship_to", "not-for-this-kind"),
        ({"ship_to": {**HOME, "country": "FR", "postal_code": "75001"}}, "/ship_to/country", "not-shipped-to"),
        ({"discounts": [{"code": "ALL", "amount": usd(1001)}]}, "/discounts", "too-large"),
        ({"gift": {"message": "  "}}, "/gift/message", None),
    ],
)
def test_a_line_that_would_not_be_taken_in_a_new_order_is_not_taken_here(
    world: World, order_id: str, line: Any, pointer: str, code: str | None
):
    before = world.order(order_id)

    reply = change_order(world, order_id, adding(a_line(**line)), payments=[PAYMENT])

    assert reply.status == 422
    found = [what for at, what in reply.errors if at == f"/changes/0/lines/0{pointer}"]
    assert found, reply.errors
    assert code is None or code in found
    assert world.order(order_id) == before


def test_lines_fit_the_order_that_they_join(world: World):
    world.stocked("TEA-001", dc_1=9)
    kit = {"fulfillment": {"group": "kit"}}
    order_id = world.placed({"sku": "TEA-001", "quantity": 1, **kit}, {"sku": "TEA-001", "quantity": 1, **kit})

    assert change_order(world, order_id, adding(a_line("3", **kit))).errors == [
        ("/changes/0/lines/0/fulfillment/group", "group-of-other-lines")
    ]
    assert change_order(world, order_id, adding(a_line("3")), adding(a_line("3"))).errors == [
        ("/changes/1/lines/0/line_id", "duplicate")
    ]
    assert change_order(world, order_id, {**adding(a_line("3")), "line_id": "1"}).errors == [
        ("/changes/0/line_id", "not-for-kind")
    ]
    assert change_order(world, order_id, {"modification": "add_line"}).errors == [("/changes/0/lines", "missing")]


def test_nothing_joins_an_order_that_has_ended(world: World, order_id: str):
    shipped(world, order_id)

    reply = change_order(world, order_id, adding(a_line()), payments=[PAYMENT])

    assert reply.errors == [("/changes/0", "not-allowed")]


def test_units_are_replaced_at_their_node_and_the_others_go_on(world: World, order_id: str):
    world.steps(order_id, "accept", "pick")
    total = world.order(order_id)["totals"]

    preview = previewed(world, order_id, instead())
    made = change_order(world, order_id, instead(), preview_id=preview["preview_id"])

    assert made.status == 200, made.body
    assert made.body["totals"] == total
    (work,) = preview["recalled"]
    assert (work["node_id"], work["lines"]) == ("dc-1", [{"line_id": "1", "quantity": 2}])
    new = made.body["lines"][1]
    assert (new["replaces_line"], new["sku"], new["quantity"], new["unit_price"]) == ("1", "POT-001", 2, usd(1000))
    world.settle()
    (mail,) = (str(mail["Content"]) for mail in world.hops.sent if "cancelled" in str(mail["EmailTags"]))
    assert "are replaced" in mail
    assert "not charged" not in mail
    shipped(world, order_id)
    assert world.order(order_id)["status"] == "SHIPPED"
    assert broken(world.tables()) == []


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"sku": "NOTHING"}, "/sku", "unknown-sku"),
        ({"sku": "TEA-001"}, "/sku", "the-same"),
        ({"new_line_id": "1"}, "/new_line_id", "duplicate"),
        ({"quantity": 0}, "/quantity", "too-small"),
        ({"quantity": 4}, "/quantity", "too-large"),
        ({"line_id": "9"}, "/line_id", "unknown-line"),
        ({"unit_price": {"amount": 1, "currency": "EUR"}}, "/unit_price", "mixed-currencies"),
    ],
)
def test_a_wrong_replacement_is_refused_by_its_field(world: World, order_id: str, fields: Any, pointer: str, code: str):
    reply = change_order(world, order_id, instead() | fields)

    assert (f"/changes/0{pointer}", code) in reply.errors, reply.body


def test_the_gift_of_replaced_units_goes_with_the_new_ones(world: World):
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed({"sku": "TEA-001", "quantity": 3, "gift": {"message": "Happy birthday", "wrap": True}})

    made = change_order(world, order_id, instead())

    assert made.body["lines"][1]["gift"] == {"wrap": True}
    contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body
    assert [gift["line_id"] for gift in contact["gifts"]] == ["1", "2"]


def test_a_bundle_gets_more_sets_and_another_price(world: World):
    world.stocked("TEA-001", dc_1=20)
    world.stocked("POT-001", dc_1=20)
    part = {"kind": "COMPONENT", "parent_line_id": "1", "unit_price": usd(0)}
    order_id = world.placed(
        {"sku": "CUP-001", "kind": "BUNDLE", "quantity": 2},
        {"sku": "TEA-001", "quantity": 2, "ratio": 1, "price_share": 333_333, **part},
        {"sku": "POT-001", "quantity": 4, "ratio": 2, "price_share": 666_667, **part},
    )
    world.settle()
    changes = (
        {"modification": "price", "line_id": "1", "unit_price": usd(1333)},
        {"modification": "quantity", "line_id": "1", "quantity": 5},
    )

    made = change_order(world, order_id, *changes, payments=[PAYMENT])

    assert made.status == 200, made.body
    assert made.body["totals"]["goods"] == usd(5 * 1333)
    assert [row["quantity"] for row in made.body["lines"]] == [5, 5, 10]
    shipped(world, order_id)
    assert world.order(order_id)["status"] == "SHIPPED"
    assert broken(world.tables()) == []


def test_a_person_appeases_up_to_their_limit_and_the_credit_says_why(world: World, order_id: str):
    sorry = {"modification": "appeasement", "why": "DAMAGED", "amount": usd(100)}
    limits = {"appeasement": [usd(150)]}
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], limits=limits)
    directory.forget()

    made = change_order(world, order_id, sorry, who="sales")

    assert made.body["discounts"] == [{"code": "DAMAGED", "amount": usd(100), "appeasement": True}]
    more = {"modification": "discount", "code": "MORE", "amount": usd(51)}
    assert change_order(world, order_id, more, who="sales").errors == [("/changes/0/amount", "above-limit")]
    assert change_order(world, order_id, {**sorry, "why": "BORED"}).errors == [("/changes/0/why", "value-error")]
    pair = adding(a_line(discounts=[{"code": "PAIR", "amount": usd(51)}]))
    assert change_order(world, order_id, pair, who="sales").errors == [("/changes/0/lines", "above-limit")]
    cheap = instead(unit_price=usd(1))
    assert change_order(world, order_id, cheap, who="sales").errors == [("/changes/0/unit_price", "above-limit")]


def test_what_is_invoiced_is_appeased_by_no_change(world: World, order_id: str):
    shipped(world, order_id)
    sorry = {"modification": "appeasement", "why": "LATE", "amount": usd(100)}

    (denied,) = previewed(world, order_id, sorry)["denied"]

    assert [denial["code"] for denial in denied["denials"]] == ["left", "invoiced"]


def test_rules_of_holds_look_at_what_joins(world: World, order_id: str):
    world.hold_type("VALUE", "holds", applies_when={"total_at_least": usd(4000)}, blocks=["schedule", "release"])

    made = change_order(world, order_id, adding(a_line()), payments=[PAYMENT])

    assert [(hold["type"], hold["by"]) for hold in made.body["holds"]] == [("VALUE", "rules")]
    world.settle()
    assert world.order(order_id)["quantities"] == {"RELEASED": 3, "CREATED": 2}
    assert world.change(order_id, "holds/h1/resolve", {"resolution": "fine"}).status == 200
    world.settle()
    assert world.order(order_id)["quantities"] == {"RELEASED": 5}


def test_a_person_adds_no_article_below_its_price_by_more_than_their_limit(world: World, order_id: str):
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], limits={"override_percent": 10})
    prices = [{"sku": "CUP-001", "unit_price": usd(500)}]
    listed = {"name": "Usual", "channels": ["web"], "currency": "USD", "valid_from": "2026-01-01", "prices": prices}
    assert world.call("PUT", "/v1/price-lists/usual", listed, who="office").status == 201
    directory.forget()
    tea = world.order(order_id)["lines"][0]

    def answered(sku: str, price: int) -> list[tuple[str, str]]:
        changes = {"preview": True, "changes": [adding(a_line(sku=sku, unit_price=usd(price)))], "reason": "asked to"}
        reply = world.call("POST", f"/v1/orders/{order_id}/changes", changes, who="sales")
        return [] if reply.status == 201 else reply.errors

    assert answered("CUP-001", 449) == [("/changes/0/lines", "above-limit")]
    assert answered("CUP-001", 450) == []
    own = tea["unit_price"]["amount"]
    assert answered(tea["sku"], own * 9 // 10 - 1) == [("/changes/0/lines", "above-limit")]
    assert answered(tea["sku"], own) == []
    replaced = instead(sku="CUP-001", unit_price=usd(449))
    assert change_order(world, order_id, replaced, who="sales").errors == [("/changes/0/unit_price", "above-limit")]
