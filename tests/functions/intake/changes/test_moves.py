"""Changes over the door that move units: stock to the unit, the contact, holds of addresses, mails, and every bad input."""

from typing import Any

import pytest

from tests.functions.intake.changes.test_changes import change_order, previewed
from tests.functions.world import World, a_body, at_counter, usd
from tests.invariants import broken

GRAN: dict[str, Any] = {
    "name": "Grace Canary",
    "line1": "7 Elm St",
    "city": "New York",
    "region": "NY",
    "postal_code": "10001",
    "country": "US",
}
HOME: dict[str, Any] = a_body()["ship_to"]
TO_GRAN = {"modification": "ship_to", "ship_to": GRAN}


@pytest.fixture
def order_id(world: World) -> str:
    world.stocked("TEA-001", dc_1=9, dc_2=9)
    name = world.placed(("TEA-001", 3))
    world.settle()
    return name


def nodes_of(world: World, order_id: str) -> dict[str, int]:
    """Return the units at each node that still has work."""
    found: dict[str, int] = {}
    for f in world.order(order_id)["fulfillments"]:
        units = sum(n for line in f["lines"] for s, n in line["quantities"].items() if s != "CANCELLED")
        if units and f["status"] not in ("RECALLED", "DECLINED"):
            found[f["node_id"]] = found.get(f["node_id"], 0) + units
    return found


def finished(world: World, order_id: str) -> dict[str, Any]:
    """Ship whatever is at nodes, and return the order with its books closed and nothing broken."""
    for f in world.order(order_id)["fulfillments"]:
        if f["status"] in ("OFFERED", "ACCEPTED", "PICKING", "PICKED", "PACKED"):
            world.steps(order_id, "ship", number=int(f["fulfillment_id"][-3:]))
    world.settle()
    assert broken(world.tables()) == []
    return world.order(order_id)


def refusals(world: World, order_id: str, *changes: dict[str, Any]) -> list[tuple[str, str]]:
    reply = change_order(world, order_id, *changes)
    assert reply.status == 422, reply.body
    assert change_order(world, order_id, *changes, preview=True).errors == reply.errors
    return reply.errors


def test_another_address_moves_the_work_to_the_node_that_is_near(world: World, order_id: str):
    assert nodes_of(world, order_id) == {"dc-1": 3}
    preview = previewed(world, order_id, TO_GRAN)
    assert [(work["node_id"], work["asked"]) for work in preview["recalled"]] == [("dc-1", False)]
    assert [(row["change"], row["destination"]["region"]) for row in preview["destinations"]] == [(0, "NY")]

    made = change_order(world, order_id, TO_GRAN, preview_id=preview["preview_id"])
    assert made.status == 200, made.body
    assert made.body["quantities"] == {"UNSCHEDULED": 3}
    assert made.body["destination"]["region"] == "NY"
    assert [row for row in broken(world.tables()) if "UNSCHEDULED" not in row] == []  # it is routed next
    world.settle()

    assert nodes_of(world, order_id) == {"dc-2": 3}
    contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body
    assert (contact["ship_to"]["line1"], contact["customer"]["name"]) == ("7 Elm St", "Ada Byron")
    done = finished(world, order_id)
    assert done["status"] == "SHIPPED"
    text = world.hops.sent[-1]["Content"]["Simple"]["Body"]["Text"]["Data"]
    assert "7 Elm St" in text
    assert "12 Main St" not in text


def test_no_address_is_in_an_event_or_beside_customers(world: World, order_id: str):
    assert change_order(world, order_id, TO_GRAN).status == 200
    world.settle()

    tables = world.tables()
    for text in ("Grace Canary", "7 Elm St", "'10001'"):
        assert [name for name in tables if any(text in str(row) for row in tables[name])] in (["Customers"], [])
    events = world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
    assert [(e["data"]["changes"]) for e in events if e["type"] == "changed"] == [
        [{"modification": "ship_to", "before": "US-IL", "after": "US-NY"}]
    ]


@pytest.mark.parametrize("another", [{"line1": "8 Elm St"}, {"city": "Denver", "region": "CO", "postal_code": "80202"}])
def test_a_preview_of_one_address_is_not_that_of_another(world: World, order_id: str, another: dict[str, str]):
    preview = previewed(world, order_id, TO_GRAN)
    other = {"modification": "ship_to", "ship_to": {**GRAN, **another}}

    made = change_order(world, order_id, other, preview_id=preview["preview_id"])

    assert made.errors == [("/preview_id", "another-change")]


def test_a_preview_is_stale_when_the_node_has_begun(world: World, order_id: str):
    preview = previewed(world, order_id, TO_GRAN)
    world.steps(order_id, "accept", "start-pick")

    stale = change_order(world, order_id, TO_GRAN, preview_id=preview["preview_id"])

    assert stale.problem == "preview-stale"
    assert [work["asked"] for work in stale.body["preview"]["recalled"]] == [True]


def test_a_node_that_has_begun_is_asked_and_its_units_follow_when_it_agrees(world: World, order_id: str):
    world.steps(order_id, "accept", "start-pick")
    assert change_order(world, order_id, TO_GRAN).status == 200
    world.settle()
    assert nodes_of(world, order_id) == {"dc-1": 3}

    world.steps(order_id, "recall-agree")
    world.settle()

    assert nodes_of(world, order_id) == {"dc-2": 3}
    assert finished(world, order_id)["status"] == "SHIPPED"


def test_what_the_node_keeps_goes_to_the_earlier_address(world: World, order_id: str):
    world.steps(order_id, "accept", "start-pick")
    assert change_order(world, order_id, TO_GRAN).status == 200
    assert world.step(order_id, "recall-refuse", body={"reason": "LEAVING"}).status == 200
    world.hops.sent.clear()

    assert finished(world, order_id)["status"] == "SHIPPED"
    texts = [mail["Content"]["Simple"]["Body"]["Text"]["Data"] for mail in world.hops.sent]
    assert any("12 Main St" in text for text in texts)
    contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body
    assert [(row["line_ids"], row["ship_to"]["line1"]) for row in contact["ship_tos"]] == [(["1"], "12 Main St")]


def test_one_line_goes_elsewhere_and_comes_back(world: World):
    world.stocked("TEA-001", dc_1=9, dc_2=9)
    order_id = world.placed(("TEA-001", 2), ("TEA-001", 1))
    world.settle()

    assert change_order(world, order_id, {**TO_GRAN, "line_id": "2"}).status == 200
    world.settle()
    assert [line["destination"] for line in world.order(order_id)["lines"]] == [0, 1]
    assert nodes_of(world, order_id) == {"dc-1": 2, "dc-2": 1}
    back = {"modification": "ship_to", "line_id": "2", "ship_to": HOME}
    assert change_order(world, order_id, back).status == 200
    world.settle()

    assert nodes_of(world, order_id) == {"dc-1": 3}
    assert [line["destination"] for line in world.order(order_id)["lines"]] == [0, 0]
    assert finished(world, order_id)["status"] == "SHIPPED"


def test_the_address_that_the_order_has_is_no_change(world: World, order_id: str):
    before = world.order(order_id)

    same = change_order(world, order_id, {"modification": "ship_to", "ship_to": HOME})

    assert same.errors == [("/changes/0/ship_to", "the-same")]
    assert world.order(order_id) == before


def test_packed_goods_have_their_label_on(world: World, order_id: str):
    world.steps(order_id, "accept", "pick", "pack")

    reply = change_order(world, order_id, TO_GRAN)

    assert (reply.status, reply.problem, reply.errors) == (409, "not-allowed", [("/changes/0", "not-allowed")])


def test_rules_about_addresses_are_asked_again(world: World, order_id: str):
    where = {"precisions": ["REGION", "NOWHERE"]}
    world.hold_type("ADDRESS", "holds", blocks=["schedule", "release"], applies_when=where)
    nowhere = {**GRAN, "city": "Nowhere at all", "region": "", "postal_code": ""}

    made = change_order(world, order_id, {"modification": "ship_to", "ship_to": nowhere})
    world.settle()

    assert [hold["type"] for hold in made.body["holds"]] == ["ADDRESS"]
    assert world.order(order_id)["quantities"] == {"UNSCHEDULED": 3}
    assert "holds" in world.waiting(order_id)
    assert change_order(world, order_id, TO_GRAN).body["holds"][0]["hold_id"] == "h1"
    world.change(order_id, "holds/h1/resolve", {"resolution": "the customer called"})
    world.settle()
    assert nodes_of(world, order_id) == {"dc-2": 3}


def test_orders_to_one_address_count_those_that_moved_there(world: World, order_id: str):
    world.hold_type("MANY", "holds", applies_when={"velocity": {"per": "ADDRESS", "hours": 24, "orders_at_least": 2}})
    assert change_order(world, order_id, TO_GRAN).body["holds"] == []
    assert change_order(world, order_id, {"modification": "ship_to", "ship_to": HOME}).status == 200
    assert change_order(world, order_id, TO_GRAN).status == 200

    again = world.place_order(("TEA-001", 1), ship_to=GRAN)

    assert [hold["type"] for hold in again.body["holds"]] == ["MANY"]
    world.settle()
    assert broken(world.tables()) == []


def test_orders_to_one_address_count_those_of_which_a_line_goes_there(world: World, order_id: str):
    world.hold_type("MANY", "holds", applies_when={"velocity": {"per": "ADDRESS", "hours": 24, "orders_at_least": 2}})
    line = {"line_id": "n", "sku": "TEA-001", "quantity": 1, "unit_price": usd(0), "ship_to": GRAN}
    assert change_order(world, order_id, {"modification": "add_line", "lines": [line]}).status == 200

    again = world.place_order(("TEA-001", 1), ship_to=GRAN)

    assert [hold["type"] for hold in again.body["holds"]] == ["MANY"]


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"modification": "ship_to"}, [("/changes/0/ship_to", "missing")]),
        ({**TO_GRAN, "quantity": 1}, [("/changes/0/quantity", "not-for-kind")]),
        ({**TO_GRAN, "line_id": "9"}, [("/changes/0/line_id", "unknown-line")]),
        (
            {"modification": "ship_to", "ship_to": {**GRAN, "postal_code": "80202"}},
            [("/changes/0/ship_to/region", "contradicts-postal-code")],
        ),
        (
            {"modification": "ship_to", "ship_to": {**GRAN, "country": "BR", "region": "", "postal_code": ""}},
            [("/changes/0/ship_to/country", "not-shipped-to")],
        ),
        (
            {"modification": "ship_to", "ship_to": {**GRAN, "latitude": 1.5}},
            [("/changes/0/ship_to", "half-a-coordinate")],
        ),
        (
            {"modification": "ship_to", "ship_to": {**GRAN, "line1": "\ud83d"}},
            [("/changes/0/ship_to/line1", "not-text")],
        ),
    ],
)
def test_a_wrong_address_is_named(world: World, order_id: str, change: dict[str, Any], wrong: list[tuple[str, str]]):
    before = world.order(order_id)

    assert refusals(world, order_id, change) == wrong

    assert world.order(order_id) == before


def test_an_address_for_a_pickup_line_is_refused_by_name(world: World):
    world.stocked("TEA-001", store_1=5)
    order_id = world.placed(at_counter("TEA-001", 1))
    world.settle()

    assert refusals(world, order_id, {**TO_GRAN, "line_id": "1"}) == [("/changes/0/ship_to", "picked-up")]
    assert refusals(world, order_id, TO_GRAN) == [("/changes/0/ship_to", "picked-up")]


def test_an_address_in_arabic_with_an_emoji_and_template_code_is_text(world: World, order_id: str):
    odd = {**GRAN, "name": "ليلى 🌷", "line1": "{{ 7 * 7 }} <b>St</b>"}

    assert change_order(world, order_id, {"modification": "ship_to", "ship_to": odd}).status == 200
    world.settle()

    assert finished(world, order_id)["status"] == "SHIPPED"
    assert "{{ 7 * 7 }}" in world.hops.sent[-1]["Content"]["Simple"]["Body"]["Text"]["Data"]


def test_another_channels_order_is_not_found(world: World, order_id: str):
    etag = world.call("GET", f"/v1/orders/{order_id}").etag
    body = {"reason": "x", "changes": [TO_GRAN]}

    reply = world.call("POST", f"/v1/orders/{order_id}/changes", body, who="other-shop", if_match=etag)

    assert reply.status == 404


def test_a_change_and_its_charge_are_made_together(world: World, order_id: str):
    wrap = {"modification": "charge", "kind": "REDIRECT", "amount": usd(500)}
    payment = {"method": "CARD", "reference": "auth-2", "authorized": usd(500)}

    assert change_order(world, order_id, TO_GRAN, wrap).problem == "needs-payment"
    assert world.order(order_id)["destination"]["region"] == "IL"
    assert change_order(world, order_id, TO_GRAN, wrap, payments=[payment]).status == 200
    world.settle()

    assert finished(world, order_id)["totals"]["charges"]["amount"] == 500


def test_addresses_of_one_request_are_told_apart(world: World):
    world.stocked("TEA-001", dc_1=9, dc_2=9)
    order_id = world.placed(*(("TEA-001", 1) for _ in range(4)))
    world.settle()
    to_home = {"modification": "ship_to", "ship_to": HOME}
    denver = {**GRAN, "name": "Zoe Finch", "city": "Denver", "region": "CO", "postal_code": "80202"}
    to_denver = {"modification": "ship_to", "ship_to": denver}
    wanted = [TO_GRAN, {**to_home, "line_id": "2"}, {**to_denver, "line_id": "3"}, {**to_denver, "line_id": "4"}]

    assert change_order(world, order_id, *wanted).status == 200
    world.settle()

    order = world.order(order_id)
    assert [line["destination"] for line in order["lines"]] == [0, 1, 2, 2]
    assert [to["region"] for to in (order["destination"], *order["destinations"])] == ["NY", "IL", "CO"]
    contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body
    assert (contact["ship_to"]["line1"], [row["ship_to"]["city"] for row in contact["ship_tos"]]) == (
        "7 Elm St",
        [HOME["city"], "Denver"],
    )
    assert finished(world, order_id)["status"] == "SHIPPED"


def test_the_orders_new_address_is_no_other_one_for_a_line(world: World):
    world.stocked("TEA-001", dc_1=9, dc_2=9)
    order_id = world.placed(("TEA-001", 1), ("TEA-001", 1))
    world.settle()
    world.steps(order_id, "accept", "pick")

    twice = change_order(world, order_id, TO_GRAN, {**TO_GRAN, "line_id": "2"})
    assert twice.errors == [("/changes/1/ship_to", "the-same")]
    assert change_order(world, order_id, TO_GRAN).status == 200

    order = world.order(order_id)
    assert [line["destination"] for line in order["lines"]] == [0, 0]
    assert [to["region"] for to in order["destinations"]] == ["IL"]
