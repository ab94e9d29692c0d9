"""One order goes to many addresses: each fulfillment to one, and each node sees its own alone."""

from typing import Any

import pytest

from tests.functions.world import World, a_body, at_counter
from tests.invariants import broken

HOME: dict[str, Any] = a_body()["ship_to"]
GRAN = {
    "name": "Grace Canary",
    "line1": "7 Elm St",
    "city": "New York",
    "region": "NY",
    "postal_code": "10001",
    "country": "US",
}
AUNT = {**GRAN, "name": "Zoe Finch", "line1": "9 Oak Ave", "city": "Denver", "region": "CO", "postal_code": "80202"}


def tea(quantity: int = 1, ship_to: Any = None, sku: str = "TEA-001", **more: Any) -> dict[str, Any]:
    return {"sku": sku, "quantity": quantity, **({"ship_to": ship_to} if ship_to else {}), **more}


def to_many(world: World, *lines: Any, **changes: Any) -> str:
    world.stocked("TEA-001", dc_1=20, dc_2=20)
    order_id = world.placed(*lines, **changes)
    world.settle()
    return order_id


def refusals(world: World, *lines: Any, **changes: Any) -> list[tuple[str, str]]:
    reply = world.place_order(*lines, **changes)
    assert reply.status == 422, reply.body
    return reply.errors


def test_each_address_has_its_own_fulfillment_and_the_order_ends_when_all_are_shipped(world: World):
    order_id = to_many(world, tea(2), tea(1, GRAN), tea(3, AUNT), tea(1, GRAN))

    order = world.order(order_id)
    assert [line["destination"] for line in order["lines"]] == [0, 1, 2, 1]
    assert [to["region"] for to in order["destinations"]] == ["NY", "CO"]
    assert order["destinations"][0]["precision"] == "POSTAL_CODE"
    found = {f["destination"]: [line["line_id"] for line in f["lines"]] for f in order["fulfillments"]}
    assert found == {0: ["1"], 1: ["2", "4"], 2: ["3"]}
    for number in range(1, len(order["fulfillments"]) + 1):
        world.steps(order_id, "ship", number=number)
        world.settle()
    done = world.order(order_id)
    assert (done["status"], len(done["invoices"])) == ("SHIPPED", 3)
    assert done["payments"][0]["captured"]["amount"] == done["totals"]["total"]["amount"]
    assert len(world.call("GET", f"/v1/orders/{order_id}/decisions", who="office").body["items"]) == 3
    assert broken(world.tables()) == []


def test_each_parcel_is_mailed_with_its_own_address(world: World):
    order_id = to_many(world, tea(2), tea(1, GRAN))
    world.hops.sent.clear()
    for number in (1, 2):
        world.steps(order_id, "ship", number=number)
    world.settle()

    texts = [mail["Content"]["Simple"]["Body"]["Text"]["Data"] for mail in world.hops.sent]
    assert sorted(("12 Main St" in text, "7 Elm St" in text) for text in texts) == [(False, True), (True, False)]


def test_the_first_mail_says_which_line_goes_where(world: World):
    to_many(world, tea(2), tea(1, GRAN))

    (mail,) = world.hops.sent
    text = mail["Content"]["Simple"]["Body"]["Text"]["Data"]
    assert "To: Grace Canary, 7 Elm St" in text
    assert "12 Main St" in text


def test_the_contact_shows_all_addresses_to_the_shop_and_each_node_its_own(world: World):
    order_id = to_many(world, tea(2), tea(1, GRAN), tea(1, AUNT, sku="CUP-001"))
    path = f"/v1/orders/{order_id}/contact"
    at = {f["destination"]: f["node_id"] for f in world.order(order_id)["fulfillments"]}
    assert at == {0: "dc-1", 1: "dc-2"}

    shop = world.call("GET", path).body
    assert shop["ship_to"]["line1"] == "12 Main St"
    assert [(row["destination"], row["line_ids"], row["ship_to"]["name"]) for row in shop["ship_tos"]] == [
        (1, ["2"], "Grace Canary"),
        (2, ["3"], "Zoe Finch"),
    ]
    far = world.call("GET", path, who="dc-2-system").body
    assert ("ship_to" in far, [row["ship_to"]["name"] for row in far["ship_tos"]]) == (False, ["Grace Canary"])
    near = world.call("GET", path, who="dc-1-system").body
    assert (near["ship_to"]["line1"], near["ship_tos"]) == ("12 Main St", [])


def test_no_address_is_stored_beside_customers(world: World):
    order_id = to_many(world, tea(2), tea(1, GRAN))

    tables = world.tables()
    for text in ("Grace Canary", "7 Elm St", "10001"):
        assert [name for name in tables if any(text in str(row) for row in tables[name])] in (["Customers"], [])
    assert broken(tables) == []
    assert order_id


@pytest.mark.parametrize(
    "same", [HOME, {**HOME, "line2": ""}, {**HOME, "name": " Ada Byron "}], ids=["equal", "an empty line", "blanks"]
)
def test_an_address_that_is_the_orders_own_is_no_other_destination(world: World, same: dict[str, Any]):
    order_id = to_many(world, tea(1), tea(1, same))

    order = world.order(order_id)
    assert (order["destinations"], len(order["fulfillments"])) == ([], 1)
    assert "ship_tos" not in world.call("GET", f"/v1/orders/{order_id}/contact").body


def test_an_order_needs_no_address_of_its_own_where_each_line_has_one(world: World):
    order_id = to_many(
        world, tea(1, GRAN), tea(1, AUNT), {"sku": "POT-001", "quantity": 1, "kind": "DIGITAL"}, ship_to=None
    )

    order = world.order(order_id)
    assert [line["destination"] for line in order["lines"]] == [1, 2, 0]
    assert [f["destination"] for f in order["fulfillments"]] == [1, 2]
    assert order["destination"]["country"] == "US"


def test_a_pickup_beside_a_parcel_to_somebody_else(world: World):
    world.stocked("TEA-001", store_1=3)
    order_id = to_many(world, at_counter("TEA-001", 1), tea(1, GRAN), ship_to=None)

    assert {(f["method"], f["destination"]) for f in world.order(order_id)["fulfillments"]} == {
        ("PICKUP", 0),
        ("SHIP", 1),
    }


MISTAKES = (
    ("a pickup with an address", (at_counter("TEA-001", 1) | {"ship_to": GRAN},), "/lines/0/ship_to", "picked-up"),
    ("no address for one line", (tea(1), tea(1, GRAN)), "/ship_to", "missing"),
    ("a country where the channel does not sell", (tea(1, {**GRAN, "country": "BR", "postal_code": "", "region": ""}),), "/lines/0/ship_to/country", "not-shipped-to"),
    ("a postal code of another country", (tea(1, {**GRAN, "postal_code": "K1A 0B1"}),), "/lines/0/ship_to/postal_code", None),
    ("a region that contradicts the postal code", (tea(1, {**GRAN, "region": "CA"}),), "/lines/0/ship_to/region", None),
    ("half a coordinate", (tea(1, {**GRAN, "latitude": 40.7}),), "/lines/0/ship_to", "half-a-coordinate"),
    ("no name", (tea(1, {**GRAN, "name": " "}),), "/lines/0/ship_to/name", None),
    ("an unknown field", (tea(1, {**GRAN, "floor": "3"}),), "/lines/0/ship_to/floor", "extra-forbidden"),
    ("a kit that goes two ways", (tea(1, GRAN, fulfillment={"group": "g"}), tea(1, AUNT, fulfillment={"group": "g"})), "/lines/1/ship_to", "mixed-group"),
)  # fmt: skip


@pytest.mark.parametrize(("lines", "pointer", "code"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_wrong_address_of_a_line_is_named(world: World, lines: Any, pointer: str, code: str | None):
    errors = refusals(world, *lines, ship_to=None)

    assert [(at, of) for at, of in errors if at == pointer and code in (None, of)], errors


def test_a_thousand_addresses_are_refused_by_name(world: World):
    lines = [tea(1, {**GRAN, "line1": f"{n} Elm St"}) for n in range(1000)]

    assert ("/lines", "too-many-destinations") in refusals(world, *lines)


def test_twenty_addresses_are_taken(world: World):
    lines = [tea(1, {**GRAN, "line1": f"{n} Elm St"}) for n in range(20)]
    order_id = to_many(world, *lines, ship_to=None)

    assert len(world.order(order_id)["fulfillments"]) == 20
    assert broken(world.tables()) == []


def test_a_component_that_goes_elsewhere_than_its_bundle_is_refused(world: World):
    bundle = {"line_id": "b", "sku": "TEA-001", "quantity": 1, "kind": "BUNDLE"}
    part = {"kind": "COMPONENT", "parent_line_id": "b", "ratio": 1, "unit_price": {"amount": 0, "currency": "USD"}}
    parts = [
        {**part, "line_id": "b1", "sku": "CUP-001", "quantity": 1, "price_share": 500_000},
        {**part, "line_id": "b2", "sku": "POT-001", "quantity": 1, "price_share": 500_000, "ship_to": GRAN},
    ]

    assert ("/lines/2/ship_to", "mixed-bundle") in refusals(world, bundle, *parts)
    whole = [row | {"ship_to": GRAN} for row in (bundle, *parts)]
    assert world.place_order(*whole).status == 201


def test_a_promise_is_about_one_address(world: World):
    world.stocked("TEA-001", dc_1=5)
    to = {"country": "US", "region": "IL", "latitude": 41.9, "longitude": -87.6}
    asked = {"channel": "web", "lines": [{"line_id": "1", "sku": "TEA-001", "quantity": 2}], "to": to}
    promise = world.call("POST", "/v1/promises", asked).body["promise_id"]

    assert ("/promise_id", "one-destination") in refusals(world, tea(1), tea(1, GRAN), promise_id=promise)


def test_a_part_that_is_shipped_leaves_its_rest_on_the_way_to_the_same_address(world: World):
    order_id = to_many(world, tea(1), tea(3, GRAN))
    number = next(i for i, f in enumerate(world.order(order_id)["fulfillments"], 1) if f["destination"] == 1)

    assert world.step(order_id, "ship", number, {"lines": [{"line_id": "2", "quantity": 1}]}).status == 200

    assert [f["destination"] for f in world.order(order_id)["fulfillments"]] == [0, 1, 1]


def test_a_declined_part_is_routed_again_to_its_own_address(world: World):
    order_id = to_many(world, tea(1), tea(2, GRAN))
    number = next(i for i, f in enumerate(world.order(order_id)["fulfillments"], 1) if f["destination"] == 1)
    assert world.step(order_id, "decline", number, {"reason": "CLOSED"}).status == 200
    world.settle()

    last = world.order(order_id)["fulfillments"][-1]
    assert (last["node_id"], last["destination"]) == ("dc-1", 1)
    assert broken(world.tables()) == []


def test_lost_units_are_sent_again_to_the_address_that_they_were_sent_to(world: World):
    order_id = to_many(world, tea(1), tea(2, GRAN))
    number = next(i for i, f in enumerate(world.order(order_id)["fulfillments"], 1) if f["destination"] == 1)
    world.steps(order_id, "ship", number=number)
    world.settle()
    assert world.step(order_id, "lose", number, {"reason": "NOT_ARRIVED"}).status == 200
    (item,) = world.call("GET", "/v1/queues/lost", who="sales").body["items"]
    path = f"/v1/queues/lost/items/{item['item_id']}/resolve"
    assert world.call("POST", path, {"answer": "resend"}, who="sales").status == 200
    world.settle()

    again = world.order(order_id)["losses"][0]["replacement_order_id"]
    contact = world.call("GET", f"/v1/orders/{again}/contact", who="office").body
    assert (contact["ship_to"]["name"], "ship_tos" in contact) == ("Grace Canary", False)
    assert world.order(again)["destination"]["region"] == "NY"


def test_a_backorder_is_served_for_its_own_address_when_stock_arrives(world: World):
    world.stocked("TEA-001", dc_1=1)
    order_id = world.placed(tea(1), tea(1, GRAN))
    world.settle()
    assert world.order(order_id)["quantities"] == {"RELEASED": 1, "BACKORDERED": 1}

    world.stocked("TEA-001", dc_2=1)
    world.settle()

    assert [(f["node_id"], f["destination"]) for f in world.order(order_id)["fulfillments"]] == [
        ("dc-1", 0),
        ("dc-2", 1),
    ]
    assert broken(world.tables()) == []


def test_a_reservation_is_used_for_both_addresses(world: World):
    world.stocked("TEA-001", dc_1=3)
    wanted = {"request_id": "r", "channel": "web", "lines": [{"sku": "TEA-001", "quantity": 3, "node_id": "dc-1"}]}
    kept = world.call("POST", "/v1/reservations", wanted).body["reservation_id"]

    order_id = world.placed(tea(2), tea(1, GRAN), reservation_id=kept)
    world.settle()

    assert world.order(order_id)["quantities"] == {"RELEASED": 3}
    assert broken(world.tables()) == []
