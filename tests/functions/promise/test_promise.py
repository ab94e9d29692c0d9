"""Test a basket promised by the API: the options, the stored promise, refusals, and the order that follows."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comanda.aws.directory import directory, packs
from comanda.aws.dynamodb import keys
from comanda.aws.routing import promises
from comanda.aws.runtime import clients
from comanda.aws.stock import position_reads
from comanda.domain.errors import NotFound
from comanda.domain.stock.stock import Position, available_steps
from openapi.answers.promises import Promise
from tests.aws.directory.test_carriers import CARRIER, SERVICE
from tests.functions.world import ALWAYS, World, a_body, a_set, at_counter

HERE = {"country": "US", "region": "IL", "postal_code": "60601", "latitude": 41.88, "longitude": -87.63}
EXPRESS = SERVICE | {"service": "EXPRESS", "mode": "AIR", "bands": [{"days": 1}], "lanes": []}
EXPRESS["price"] = {"currency": "USD", "base_micros": 15_000_000}


@pytest.fixture
def world(world: World) -> World:
    """Return the world with a carrier on weekdays, and a store near Chicago."""
    weekdays = ALWAYS | {"hours": ALWAYS["hours"][:5], "holidays": {"country": "US"}}
    world.call("PUT", "/v1/calendars/carriers", weekdays, who="office")
    road = CARRIER | {"calendar": "carriers", "services": [SERVICE, EXPRESS], "collections": []}
    world.call("PUT", "/v1/carriers/road", road, who="office")
    world.node("store-2", (41.8, -87.7), type="STORE", pickup=True, ship=False, region="IL", cut_off="16:00")
    world.node("dc-1", (41.9, -87.6), region="IL", cut_off="14:00")
    packs.rebuild(("store-2",))
    packs.rebuild(("road",), directory.CARRIER)
    directory.forget()
    return world


def a_basket(*wanted: tuple[str, int], **changes: Any) -> dict[str, Any]:
    lines = [
        {"line_id": str(n), "sku": sku, "quantity": units}
        for n, (sku, units) in enumerate(wanted or (("TEA-001", 1),), 1)
    ]
    return {"channel": "web", "lines": lines, "to": HERE} | changes


def ask(world: World, body: Any, who: str = "shop") -> Any:
    return world.call("POST", "/v1/promises", body, who=who, key=None)


def by_id(reply: Any) -> dict[str, Any]:
    assert reply.status == 200, reply.body
    return {option["option_id"]: option for option in reply.body["options"]}


def test_a_basket_is_promised_with_dates_costs_and_a_reason(world: World):
    world.stocked("TEA-001", dc_1=5, store_2=2)

    reply = ask(world, a_basket(("TEA-001", 2)))

    options = by_id(reply)
    assert list(options) == ["standard", "express", "pickup-store-2"]
    standard = options["standard"]
    # Thursday, six in the morning in Chicago; the node is open round the clock, so it is collected at its day's end.
    assert (standard["deliver_on"], standard["zone"]) == ("2026-11-20", "America/Chicago")
    assert standard["order_by"] == "2026-11-19T20:00:00.000Z"
    assert standard["order_within_minutes"] == 8 * 60
    # A package and 200 g; to a tenth of a degree the customer lives next to the node.
    assert standard["cost"] == {"micros": 5_000_000 + 20_000, "currency": "USD"}
    assert standard["packages"] == 1
    assert standard["lines"] == [{"line_id": "1", "sku": "TEA-001", "quantity": 2, "now": 2, "later": [], "undated": 0}]
    (shipment,) = standard["shipments"]
    assert (shipment["node_id"], shipment["carrier"], shipment["ship_on"]) == ("dc-1", "road", "2026-11-19")
    assert "collected-at-closing" in shipment["guesses"]
    assert options["pickup-store-2"]["deliver_on"] == "2026-11-19"
    assert options["pickup-store-2"]["cost"] == {"micros": 2_000_000, "currency": "USD"}
    assert reply.body["recommended"] == "standard"
    assert reply.body["reason"]["code"] in ("CHEAPEST", "CHEAPEST_AND_SOONEST")
    assert reply.body["reason"]["numbers"]["cost_micros"] == standard["cost"]["micros"]


def test_the_order_that_follows_is_routed_as_the_recommended_option_says(world: World):
    world.stocked("TEA-001", dc_1=3, dc_2=5)
    world.stocked("POT-001", dc_2=1)
    wanted = (("TEA-001", 4), ("POT-001", 2))
    promised = ask(world, a_basket(*wanted)).body
    option = next(o for o in promised["options"] if o["option_id"] == promised["recommended"])

    order_id = world.placed(*wanted)
    world.settle()

    order = world.order(order_id)
    assert [
        (f["node_id"], f["method"], f["ship_on"], f["deliver_on"], [(x["line_id"], x["quantity"]) for x in f["lines"]])
        for f in order["fulfillments"]
    ] == [
        (s["node_id"], s["method"], s["ship_on"], s["deliver_on"], [(x["line_id"], x["quantity"]) for x in s["lines"]])
        for s in option["shipments"]
    ]
    assert order["quantities"].get("BACKORDERED", 0) == sum(line["undated"] for line in option["lines"]) == 1


def test_a_pickup_that_is_promised_is_what_the_store_gets(world: World):
    world.stocked("TEA-001", store_1=2)
    promised = ask(world, a_basket(("TEA-001", 2), methods=["PICKUP"], node_ids=["store-1"], to=None)).body

    order_id = world.placed(at_counter("TEA-001", 2), ship_to=None)
    world.settle()

    (fulfillment,) = world.order(order_id)["fulfillments"]
    (option,) = promised["options"]
    assert promised["recommended"] == option["option_id"] == "pickup-store-1"
    assert (fulfillment["node_id"], fulfillment["deliver_on"]) == ("store-1", option["deliver_on"])


def test_the_cheapest_option_that_keeps_the_wanted_day_is_recommended(world: World):
    world.stocked("TEA-001", dc_2=5)  # in New York: five days by road

    free = ask(world, a_basket(methods=["SHIP"])).body
    soon = ask(world, a_basket(methods=["SHIP"], deliver_by="2026-11-23")).body
    late = ask(world, a_basket(methods=["SHIP"], deliver_by="2026-12-24")).body

    assert (free["recommended"], late["recommended"]) == ("standard", "standard")
    assert (soon["recommended"], soon["reason"]["code"]) == ("express", "CHEAPEST_IN_TIME")
    assert late["reason"]["numbers"]["deliver_by"] == "2026-12-24"


def test_missing_units_are_listed_line_by_line(world: World):
    world.stocked("TEA-001", dc_1=1)

    reply = ask(world, a_basket(("TEA-001", 3), ("POT-001", 1), methods=["SHIP"]))

    standard = by_id(reply)["standard"]
    assert (standard["kind"], standard["complete"], standard["deliver_on"]) == ("BACKORDER", False, None)
    assert [(line["now"], line["undated"]) for line in standard["lines"]] == [(1, 2), (0, 1)]
    assert (reply.body["recommended"], reply.body["reason"]["code"]) == ("standard", "MOST_UNITS")


def test_units_that_a_counter_must_keep_are_not_promised(world: World):
    world.stocked("TEA-001", dc_1=3, store_2=3)
    world.node("store-2", (41.8, -87.7), type="STORE", pickup=True, ship=False, safety={"units": 2})
    packs.rebuild(())
    directory.forget()

    options = by_id(ask(world, a_basket(("TEA-001", 2))))

    assert options["standard"]["complete"] is True
    assert (options["pickup-store-2"]["complete"], options["pickup-store-2"]["lines"][0]["there"]) == (False, 1)


def test_an_address_without_coordinates_is_located_and_the_answer_has_the_precision(world: World):
    world.stocked("TEA-001", dc_1=1)

    found = ask(world, a_basket(to={"country": "US", "postal_code": "60601"}))
    region = ask(world, a_basket(to={"country": "US", "region": "IL"}))

    assert found.body["to"] == {
        "country": "US",
        "region": "IL",
        "postal_prefix": "606",
        "latitude": 41.9,
        "longitude": -87.6,
        "precision": "POSTAL_CODE",
    }
    assert region.body["to"]["precision"] == "REGION"


def test_coordinates_of_0_0_count_as_not_sent_as_geocoders_that_find_nothing_answer_them(world: World):
    world.stocked("TEA-001", dc_1=5)
    nowhere = HERE | {"latitude": 0, "longitude": -0.0}
    channel = world.call("GET", "/v1/channels/web", who="office").body
    world.entry("CHANNEL", "web", {**channel, "unknown_places": "REFUSE"})
    directory.forget()

    located = ask(world, a_basket(to=nowhere)).body["to"]
    unknown = ask(world, a_basket(to={"country": "US", "latitude": 0, "longitude": 0}))
    greenwich = ask(world, a_basket(to={"country": "US", "latitude": 51.5, "longitude": 0}))

    assert (located["latitude"], located["longitude"], located["precision"]) == (41.9, -87.6, "POSTAL_CODE")
    assert unknown.errors == [("/to", "unknown-place")]
    assert greenwich.status == 200


def test_every_kind_of_option_is_answered_as_the_api_describes_it(world: World):
    world.stocked("TEA-001", dc_1=1, dc_2=2, store_2=1)

    split = ask(world, a_basket(("TEA-001", 2), node_ids=["store-1"]))
    missing = ask(world, a_basket(("POT-001", 2)))

    for reply in (split, missing):
        Promise.model_validate_json(json.dumps(reply.body))
    assert missing.body["recommended"] is None


# The stored promise


def test_a_promise_is_kept_for_its_client_and_for_half_an_hour(world: World):
    world.stocked("TEA-001", dc_1=2, dc_2=2)
    promise_id = ask(world, a_basket(("TEA-001", 4))).body["promise_id"]

    kept = promises.load(promise_id, "shop", world.now)

    assert promise_id.startswith("prm_us1_")
    assert promises.parts(kept, "standard") == [
        promises.Part(line_id="1", sku="TEA-001", node=node, quantity=2, due=None) for node in ("dc-1", "dc-2")
    ]
    for who, at in (("other-shop", world.now), ("shop", world.now + timedelta(minutes=31))):
        with pytest.raises(NotFound):
            promises.load(promise_id, who, at)
    with pytest.raises(NotFound):
        promises.load("prm_us1_none", "shop", world.now)


def test_a_stored_promise_expires_and_has_no_personal_data(world: World):
    world.stocked("TEA-001", dc_1=2)
    promise_id = ask(world, a_basket(to=HERE | {"city": "Hidden City", "postal_code": "60601-1234"})).body["promise_id"]

    (row,) = world.aws.items("Stock", keys.promise(promise_id)["pk"])

    assert datetime.fromtimestamp(row["ttl"], UTC) == world.now + timedelta(days=1, minutes=30)
    assert not any(word in row["doc"] for word in ("Hidden", "60601", "41.88", "1234"))


# Refusals


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"channel": "moon"}, [("/channel", "unknown-channel")]),
        ({"channel": "outlet"}, [("/channel", "unknown-channel")]),  # another shop's
        ({"currency": "BRL"}, [("/currency", "not-sold-in")]),
        ({"lines": []}, [("/lines", "too-short")]),
        ({"lines": [{"line_id": "1", "sku": "NOPE", "quantity": 1}]}, [("/lines/0/sku", "unknown-sku")]),
        ({"lines": [{"line_id": "1", "sku": "TEA-001", "quantity": 0}]}, [("/lines/0/quantity", "greater-than-equal")]),
        ({"lines": [{"line_id": "1", "sku": "TEA-001", "quantity": 1.5}]}, [("/lines/0/quantity", "int-type")]),
        (
            {"lines": [{"line_id": "1", "sku": "TEA-001", "quantity": 1}] * 2},
            [("/lines/1/line_id", "duplicate")],
        ),
        (
            {"lines": [{"line_id": str(n), "sku": "TEA-001", "quantity": 1} for n in range(1001)]},
            [("/lines", "too-long")],
        ),
        ({"to": None}, [("/to", "missing")]),
        ({"to": None, "methods": ["PICKUP"]}, [("/to", "missing")]),
        ({"to": {"country": "BR"}}, [("/to/country", "not-shipped-to")]),
        ({"to": HERE | {"longitude": None}}, [("/to", "half-a-coordinate")]),
        ({"to": HERE | {"postal_code": "01310-100"}}, [("/to/postal_code", "wrong-country")]),
        ({"to": {"country": "US", "postal_code": "6060"}}, [("/to/postal_code", "malformed")]),
        ({"methods": ["SHIP", "SHIP"]}, [("/methods", "named-twice")]),
        ({"methods": ["TELEPORT"]}, [("/methods/0", "literal-error")]),
        ({"node_ids": ["nowhere", "dc-1"]}, [("/node_ids/0", "unknown-node"), ("/node_ids/1", "no-pickup")]),
        ({"deliver_by": "2026-11-17"}, [("/deliver_by", "in-the-past")]),
        ({"deliver_by": "tomorrow"}, [("/deliver_by", "string-pattern-mismatch")]),
        ({"name": "Ada"}, [("/name", "extra-forbidden")]),
    ],
)
def test_every_error_of_a_basket_is_named_and_nothing_is_stored(world: World, changes: Any, errors: Any):
    before = world.tables()

    reply = ask(world, a_basket(**changes))

    assert (reply.status, reply.errors) == (422, errors)
    assert world.tables() == before


def test_nodes_and_partners_promise_nothing(world: World):
    assert ask(world, a_basket(), who="dc-1-system").status == 403
    assert ask(world, a_basket(), who="acme").status == 403


def test_a_thousand_lines_are_promised(world: World):
    world.stocked("TEA-001", dc_1=600, dc_2=600)
    lines = [{"line_id": str(n), "sku": "TEA-001", "quantity": 1} for n in range(1000)]

    reply = ask(world, a_basket() | {"lines": lines})

    standard = by_id(reply)["standard"]
    assert standard["complete"] is True
    assert sorted(len(shipment["lines"]) for shipment in standard["shipments"]) == [400, 600]


def test_a_promise_costs_a_read_for_each_sku_and_one_write(world: World):
    for sku in ("TEA-001", "TEA-002", "POT-001"):
        world.stocked(sku, dc_1=5)
    body = a_basket(("TEA-001", 1), ("TEA-002", 1), ("POT-001", 1))
    ask(world, body)  # callers, products and the network are kept for a minute
    calls: list[str] = []
    clients.client("dynamodb").meta.events.register(
        "before-call.dynamodb", lambda model, **_: calls.append(model.name), unique_id="counted"
    )

    ask(world, body)

    clients.client("dynamodb").meta.events.unregister("before-call.dynamodb", unique_id="counted")
    assert sorted(calls) == ["PutItem", "Query", "Query", "Query"]


def test_positions_from_the_index_are_those_that_a_router_reads_whole(world: World):
    world.stocked("TEA-001", dc_1=5, dc_2=3)
    world.aws.put("Stock", **_row("store-1", safety=2), free=4)
    world.aws.put("Stock", **_row("store-2", ship=False), free=2)
    coming = {
        "type": "TRANSFER",
        "eta": "2026-11-25",
        "quantity": 9,
        "excluded": 0,
        "receiving_days": 0,
        "grace_days": 3,
    }
    world.aws.put("Stock", **_row("vendor-1", supplies={"t-1": coming}), free=0)

    whole, seen = position_reads.load(["TEA-001"]), position_reads.load_glances_with_prices(["TEA-001"], None)[0]

    def facts_of(p: Position) -> Any:
        return (
            p.node,
            p.free,
            p.available,
            p.supplies,
            p.ship,
            available_steps(p, world.now)[-1][1] if p.supplies else 0,
        )

    assert sorted(map(facts_of, seen)) == sorted(map(facts_of, whole))
    assert len(seen) == 5


def _row(node: str, **more: Any) -> dict[str, Any]:
    fields = {
        "sku": "TEA-001",
        "node": node,
        "on_hand": {"sellable": 4},
        "hard": {},
        "soft": {},
        "supplies": {},
        "rev": 1,
    }
    return keys.position("TEA-001", node) | fields | more


def test_a_body_for_an_order_and_one_for_a_promise_are_told_apart(world: World):
    assert ask(world, a_body()).status == 422


@pytest.mark.parametrize(
    ("price", "errors"),
    [
        (0, []),
        (10**12, []),
        (-1, [("/lines/0/unit_price", "greater-than-equal")]),
        (10**12 + 1, [("/lines/0/unit_price", "less-than-equal")]),
    ],
)
def test_a_price_of_a_basket_is_an_amount_as_that_of_an_order(world: World, price: int, errors: Any):
    basket = a_basket()
    basket["lines"] = [{**line, "unit_price": price} for line in basket["lines"][:1]]

    reply = ask(world, basket)

    assert reply.status == (422 if errors else 200)
    assert (reply.errors if errors else []) == errors


def of_bundle(lines: Any) -> list[dict[str, Any]]:
    """Return the lines of an order as those of a basket."""
    return [
        {name: value for name, value in line.items() if name != "unit_price"}
        | {"unit_price": line["unit_price"]["amount"]}
        for line in lines
    ]


def test_a_bundle_is_promised_in_whole_sets_as_its_order_is_routed(world: World):
    world.stocked("POT-001", dc_1=3, dc_2=1)
    world.stocked("CUP-001", dc_1=4, dc_2=2)
    lines = a_set(3)

    reply = ask(world, a_basket(lines=of_bundle(lines)))
    option = by_id(reply)["standard"]
    order_id = world.placed(*lines, promise_id=reply.body["promise_id"], option_id="standard")
    world.settle()

    assert [(line["line_id"], line["quantity"], line["now"]) for line in option["lines"]] == [
        ("b", 3, 3), ("b1", 3, 3), ("b2", 6, 6),
    ]  # fmt: skip
    assert option["complete"]
    assert sorted((s["node_id"], [(x["line_id"], x["quantity"]) for x in s["lines"]]) for s in option["shipments"]) == [
        ("dc-1", [("b1", 2), ("b2", 4)]), ("dc-2", [("b1", 1), ("b2", 2)]),
    ]  # fmt: skip
    order = world.order(order_id)
    assert order["promised"]["node_ids"] == ["dc-1", "dc-2"]
    assert {f["node_id"]: [x["quantity"] for x in f["lines"]] for f in order["fulfillments"]} == {
        "dc-1": [2, 4], "dc-2": [1, 2],
    }  # fmt: skip


def test_a_bundle_is_promised_at_a_counter_in_the_whole_sets_that_it_has(world: World):
    world.stocked("POT-001", store_2=2)
    world.stocked("CUP-001", store_2=3)

    option = by_id(ask(world, a_basket(lines=of_bundle(a_set(2)))))["pickup-store-2"]

    assert [(x["line_id"], x["now"], x["undated"], x["there"]) for x in option["lines"]] == [
        ("b", 1, 1, 1), ("b1", 1, 1, 2), ("b2", 2, 2, 3),
    ]  # fmt: skip
    assert not option["complete"]


def test_a_bundle_is_promised_as_far_as_its_scarcest_component_goes(world: World):
    world.stocked("POT-001", dc_1=9)
    world.stocked("CUP-001", dc_1=5)

    option = by_id(ask(world, a_basket(lines=of_bundle(a_set(3)))))["standard"]

    assert [(line["line_id"], line["now"], line["undated"]) for line in option["lines"]] == [
        ("b", 2, 1), ("b1", 2, 1), ("b2", 4, 2),
    ]  # fmt: skip


def test_a_breakable_channel_is_promised_the_components_singly(world: World):
    doc = {"name": "web", "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"], "breakable": True}
    world.entry(directory.CHANNEL, "web", doc)
    directory.forget()
    world.stocked("POT-001", dc_1=9)
    world.stocked("CUP-001", dc_1=5)

    option = by_id(ask(world, a_basket(lines=of_bundle(a_set(3)))))["standard"]

    assert [(line["line_id"], line["now"]) for line in option["lines"]] == [("b", 2), ("b1", 3), ("b2", 5)]


def test_a_wrong_bundle_of_a_basket_is_refused_by_its_field(world: World):
    bundle, pot, cup = of_bundle(a_set(2))
    pot |= {"ratio": 2, "unit_price": 5, "group": "g"}

    reply = ask(world, a_basket(lines=[bundle, pot, cup | {"parent_line_id": "b1"}]))

    assert reply.status == 422
    assert set(reply.errors) == {
        ("/lines/1/quantity", "does-not-fit-its-bundle"),
        ("/lines/1/unit_price", "priced-by-its-bundle"),
        ("/lines/1/group", "grouped-by-its-bundle"),
        ("/lines/2/parent_line_id", "not-a-bundle"),
        ("/lines/0", "shares-do-not-add-up"),
    }


def test_the_reserved_components_of_a_promised_bundle_go_to_its_order(world: World):
    world.stocked("POT-001", dc_1=3)
    world.stocked("CUP-001", dc_1=6)
    lines = a_set(2)
    promise = ask(world, a_basket(lines=of_bundle(lines))).body["promise_id"]
    wanted = {"request_id": "r-1", "kind": "SOFT", "promise_id": promise, "option_id": "standard"}
    reserved = world.call("POST", "/v1/reservations", wanted)
    assert reserved.status == 201, reserved.body

    order_id = world.placed(*lines, promise_id=promise, reservation_id=reserved.body["reservation_id"])
    world.settle()

    order = world.order(order_id)
    assert order["lines"][0]["sets"] == {"RELEASED": 2}
    assert world.call("GET", f"/v1/reservations/{reserved.body['reservation_id']}").body["status"] != "HELD"
