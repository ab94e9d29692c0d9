"""Test the doors of availability: the units of a hundred skus for a page or a cart, and the lists of alerts."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.routing import inputs
from comanda.aws.runtime.clients import client
from comanda.domain.stock import stock
from functions.watch import handler as watch
from tests.faults import service_id
from tests.functions.stock_stream import StockStream
from tests.functions.world import Reply, World


def watched(world: World) -> None:
    """Write the summaries and alerts of all changes up to now."""
    stream = StockStream(world.now.timestamp())
    while records := stream.records():
        watch.handler({"Records": records}, None)


def ask(world: World, *skus: str, who: str = "shop", **more: Any) -> Reply:
    return world.call("POST", "/v1/availability", {"skus": list(skus), **more}, who=who, key=None)


def available(reply: Reply) -> dict[tuple[str, str], int]:
    assert reply.status == 200, reply.body
    return {(i["sku"], m["method"]): m["available"] for i in reply.body["items"] for m in i["methods"]}


def supplied(world: World, sku: str, node: str, eta: str, quantity: int) -> None:
    key = {"pk": {"S": f"S#{sku}"}, "sk": {"S": f"P#{node}"}}
    doc = {
        "type": {"S": "PURCHASE_ORDER"}, "eta": {"S": eta}, "quantity": {"N": str(quantity)}, "excluded": {"N": "0"},
        "receiving_days": {"N": "0"}, "grace_days": {"N": "3"},
    }  # fmt: skip
    client("dynamodb").update_item(
        TableName="Stock", Key=key, UpdateExpression="SET supplies = :s", ExpressionAttributeValues={":s": {"M": {"po-1": {"M": doc}}}},
    )  # fmt: skip


def test_a_page_gets_the_units_that_may_be_shipped_and_picked_up_with_their_time(world: World) -> None:
    world.stocked("TEA-001", dc_1=5, store_1=2)
    watched(world)

    reply = ask(world, "TEA-001")

    assert reply.body == {
        "as_of": "2026-11-19T12:00:00.000Z",
        "date": "2026-11-19",
        "items": [
            {
                "sku": "TEA-001",
                "as_of": "2026-11-19T12:00:00.000Z",
                "methods": [
                    {"method": "SHIP", "available": 5, "dates": [{"date": "2026-11-19", "available": 5}]},
                    {"method": "PICKUP", "available": 2, "dates": [{"date": "2026-11-19", "available": 2}]},
                ],
            }
        ],
        "unknown": [],
    }


def test_there_are_as_many_sets_of_a_bundle_as_its_scarcest_component_makes(world: World) -> None:
    world.stocked("POT-001", dc_1=5, store_1=1)
    world.stocked("CUP-001", dc_1=7, store_1=9)
    supplied(world, "CUP-001", "dc-1", "2026-11-25", 10)
    watched(world)
    tea_set = {"sku": "TEA-SET", "components": [{"sku": "POT-001", "ratio": 1}, {"sku": "CUP-001", "ratio": 2}]}
    unsold = {"sku": "NONE", "components": [{"sku": "POT-001", "ratio": 1}, {"sku": "TEA-009", "ratio": 1}]}

    found = ask(world, "POT-001", "CUP-001", "TEA-009", bundles=[tea_set, unsold], node_ids=["store-1"]).body["bundles"]

    (ship, pickup), nothing = found[0]["methods"], found[1]
    assert found[0]["sku"] == "TEA-SET"
    assert (ship["available"], ship["dates"]) == (
        3, [{"date": "2026-11-19", "available": 3}, {"date": "2026-11-25", "available": 5}],
    )  # fmt: skip
    assert pickup["nodes"] == [{"node_id": "store-1", "available": 1}]
    assert [method["available"] for method in nothing["methods"]] == [0, 0]
    assert nothing["as_of"] is None


def test_a_component_that_the_question_does_not_name_is_refused(world: World) -> None:
    reply = ask(world, "POT-001", bundles=[{"sku": "SET", "components": [{"sku": "CUP-001", "ratio": 1}]}])

    assert (reply.status, reply.errors) == (422, [("/bundles/0/components/0/sku", "not-in-skus")])


def test_a_later_date_includes_the_supplies_until_then(world: World) -> None:
    world.stocked("TEA-001", dc_1=5)
    supplied(world, "TEA-001", "dc-1", "2026-11-25", 10)
    watched(world)

    soon, later = (
        ask(world, "TEA-001", methods=["SHIP"]),
        ask(world, "TEA-001", methods=["SHIP"], date="2026-11-26"),
    )

    assert (available(soon), available(later)) == ({("TEA-001", "SHIP"): 5}, {("TEA-001", "SHIP"): 15})
    assert soon.body["items"][0]["methods"][0]["dates"] == [
        {"date": "2026-11-19", "available": 5},
        {"date": "2026-11-25", "available": 15},
    ]


def test_a_customer_sees_which_store_has_the_sku(world: World) -> None:
    world.stocked("TEA-001", store_1=2)
    watched(world)

    (item,) = ask(world, "TEA-001", methods=["PICKUP"], node_ids=["store-1", "dc-1"]).body["items"]

    assert item["methods"][0]["nodes"] == [
        {"node_id": "store-1", "available": 2},
        {"node_id": "dc-1", "available": 0},
    ]


def test_a_product_that_no_node_ever_had_has_0_units_and_an_unknown_sku_is_named(world: World) -> None:
    world.stocked("TEA-001", dc_1=5)
    watched(world)

    reply = ask(world, "TEA-001", "POT-001", "GHOST")

    assert reply.body["unknown"] == ["GHOST"]
    assert available(reply) == {
        ("TEA-001", "SHIP"): 5, ("TEA-001", "PICKUP"): 0, ("POT-001", "SHIP"): 0, ("POT-001", "PICKUP"): 0,
    }  # fmt: skip


def test_a_shop_need_not_name_its_channel_and_an_office_may_name_any(world: World) -> None:
    world.entry(directory.STOCK_POLICY, "default", {"safety": {"channels": {"web": {"units": 4}}}})
    directory.forget()
    world.stocked("TEA-001", dc_1=5)
    watched(world)

    def seen(who: str, **channel: str) -> int:
        return available(ask(world, "TEA-001", who=who, methods=["SHIP"], **channel))["TEA-001", "SHIP"]

    assert seen("shop") == seen("shop", channel="web") == seen("office", channel="web") == 1
    assert seen("other-shop") == seen("office") == seen("office", channel="outlet") == 5
    assert ask(world, "TEA-001", channel="outlet").errors == [("/channel", "unknown-channel")]
    for who in ("office", "dc-1-system"):
        assert ask(world, "TEA-001", who=who, channel="moon").errors == [("/channel", "unknown-channel")]


@pytest.mark.parametrize("method", ["SHIP", "PICKUP"])
@pytest.mark.parametrize("channel", ["web", "outlet", "market"])
def test_a_page_gets_the_units_that_an_order_of_its_channel_could_take(world: World, channel: str, method: str) -> None:
    said = {
        "safety": {
            "default": {"units": 1},
            "channels": {"outlet": {"percent": 30}},
            "node_types": {"STORE": {"units": 2}},
        }
    }
    world.entry(directory.STOCK_POLICY, "default", said)
    for name in ("b2b", "market"):
        shop = {"name": name, "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"]}
        world.entry(directory.CHANNEL, name, shop)
    product = {"title": "Tea", "weight_g": 1, "class": "goods", "safety_by_channel": {"web": {"units": 3}}}
    world.entry(directory.PRODUCT, "TEA-001", product)
    directory.forget()
    world.stocked("TEA-001", dc_1=20, dc_2=9, store_1=7)
    rows = [
        {"sku": "TEA-001", "node_id": "dc-1", "safety": {"*": {"percent": 10}}, "protected": {"web": 4, "b2b": 2}},
        {"sku": "TEA-001", "node_id": "store-1", "safety": {"PICKUP": {"units": 5}}},
    ]
    policies = {"reference": "p-1", "rows": rows}
    assert world.call("POST", "/v1/stock/policies", policies, who="office").status == 200
    watched(world)

    told = available(ask(world, "TEA-001", who="office", channel=channel, methods=[method]))

    seen, _ = inputs.for_order(channel, {"TEA-001": {method}}, (), world.now)
    nodes = directory.node_documents()
    could = sum(stock.available(p, world.now) for p in seen if nodes[p.node][method.lower()])
    assert told == {("TEA-001", method): could}
    assert could > 0


def test_a_hundred_skus_by_one_method_are_one_read(world: World) -> None:
    world.stocked("TEA-001", dc_1=5)
    watched(world)
    ask(world, "TEA-001")  # the caller is kept for a minute
    calls: list[tuple[str, int]] = []

    def count(model: Any, params: dict[str, Any], **_: Any) -> None:
        calls.append(
            (
                model.name,
                params["body"].count('"sk"') if isinstance(params["body"], str) else params["body"].count(b'"sk"'),
            )
        )

    client("dynamodb").meta.events.register_first(f"before-call.{service_id('dynamodb')}", count, unique_id="count")
    for sku in (f"TEA-{n:03d}" for n in range(100)):
        world.product(sku)
    calls.clear()
    reply = ask(world, *(f"TEA-{n:03d}" for n in range(100)), methods=["SHIP"])
    client("dynamodb").meta.events.unregister(f"before-call.{service_id('dynamodb')}", unique_id="count")

    assert len(reply.body["items"]) == 100
    # The second one asks whether the silent ones are products, which is kept for a minute.
    assert calls == [("BatchGetItem", 100), ("BatchGetItem", 99)]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"skus": []}, [("/skus", "too-short")]),
        ({"skus": [f"S{n}" for n in range(101)]}, [("/skus", "too-long")]),
        ({"skus": ["A", "A"]}, [("/skus", "named-twice")]),
        ({"skus": ["A"], "methods": ["FLY"]}, [("/methods/0", "literal-error")]),
        ({"skus": ["A"], "date": "2026-02-30"}, [("/date", "not-a-day")]),
        ({"skus": ["A"], "node_ids": [f"n{n}" for n in range(11)]}, [("/node_ids", "too-long")]),
        ({"skus": ["A"], "quantity": 1}, [("/quantity", "extra-forbidden")]),
    ],
)
def test_an_impossible_question_is_refused_by_its_fields(world: World, body: Any, errors: Any) -> None:
    reply = world.call("POST", "/v1/availability", body)

    assert (reply.status, reply.errors) == (422, errors)


@pytest.fixture
def alarmed(world: World) -> World:
    """Alerts at four nodes."""
    world.entry(directory.STOCK_POLICY, "default", {"low_units": 3})
    directory.forget()
    world.stocked("TEA-001", dc_1=1, dc_2=2, store_1=3, vendor_1=9)
    world.stocked("TEA-002", dc_1=1)
    watched(world)
    return world


def listed(reply: Reply) -> list[tuple[str, str, int]]:
    assert reply.status == 200, reply.body
    return [(row["node_id"], row["sku"], row["quantity"]) for row in reply.body["items"]]


def test_an_office_lists_the_alerts_of_a_kind_by_node(alarmed: World) -> None:
    everything = alarmed.call("GET", "/v1/stock-alerts", who="office", query={"kind": "LOW"})
    of_one = alarmed.call("GET", "/v1/stock-alerts", who="office", query={"kind": "LOW", "node_id": "dc-1"})

    assert listed(everything) == [
        ("dc-1", "TEA-001", 1), ("dc-1", "TEA-002", 1), ("dc-2", "TEA-001", 2), ("store-1", "TEA-001", 3),
    ]  # fmt: skip
    assert everything.body["items"][0]["since"] == "2026-11-19T12:00:00.000Z"
    assert listed(of_one) == [("dc-1", "TEA-001", 1), ("dc-1", "TEA-002", 1)]
    assert of_one.body["next"] is None
    assert listed(alarmed.call("GET", "/v1/stock-alerts", who="office", query={"kind": "OUT"})) == []


def test_a_list_of_alerts_without_a_known_kind_is_refused_with_the_known_kinds(alarmed: World) -> None:
    def refused(query: dict[str, str]) -> tuple[str, str]:
        (problem,) = alarmed.call("GET", "/v1/stock-alerts", who="office", query=query).body["errors"]
        return problem["code"], problem["message"]

    kinds = "LOW, OUT, OVER_RESERVED, STALE_SNAPSHOT, LATE_SUPPLY, VARIANCE"
    assert refused({}) == ("missing", f"is missing: give it one of {kinds}")
    assert refused({"kind": "low"}) == ("unknown-kind", f"is not one of {kinds}")


def test_the_pages_of_alerts_leave_none_out(alarmed: World) -> None:
    found, query = [], {"kind": "LOW", "limit": "1"}
    for _ in range(5):
        reply = alarmed.call("GET", "/v1/stock-alerts", who="office", query=query)
        found += listed(reply)
        if not reply.body["next"]:
            break
        query = {**query, "cursor": reply.body["next"]}

    assert [row[:2] for row in found] == [
        ("dc-1", "TEA-001"), ("dc-1", "TEA-002"), ("dc-2", "TEA-001"), ("store-1", "TEA-001"),
    ]  # fmt: skip


def test_a_node_sees_its_own_alerts_only(alarmed: World) -> None:
    own = alarmed.call("GET", "/v1/stock-alerts", who="dc-2-system", query={"kind": "LOW", "node_id": "dc-2"})
    others = alarmed.call("GET", "/v1/stock-alerts", who="dc-2-system", query={"kind": "LOW", "node_id": "dc-1"})
    all_of_them = alarmed.call("GET", "/v1/stock-alerts", who="dc-2-system", query={"kind": "LOW"})

    assert listed(own) == [("dc-2", "TEA-001", 2)]
    assert others.status == 404
    assert (all_of_them.status, all_of_them.errors) == (422, [("/node_id", "missing")])
    assert alarmed.call("GET", "/v1/stock-alerts", who="shop", query={"kind": "LOW"}).status == 403


def test_an_unknown_kind_of_alert_is_refused(world: World) -> None:
    reply = world.call("GET", "/v1/stock-alerts", who="office", query={"kind": "SAD"})

    assert reply.errors == [("/kind", "unknown-kind")]


def test_alerts_without_a_kind_or_of_an_unknown_node_are_refused(world: World) -> None:
    no_kind = world.call("GET", "/v1/stock-alerts", who="office")
    no_node = world.call("GET", "/v1/stock-alerts", who="office", query={"kind": "LOW", "node_id": "moon"})

    assert (no_kind.status, no_kind.errors) == (422, [("/kind", "missing")])
    assert no_node.status == 404


def test_a_question_about_an_unknown_node_or_a_past_day_is_refused(world: World) -> None:
    reply = ask(world, "TEA-001", node_ids=["store-1", "moon"], date="2026-11-18")

    assert (reply.status, reply.errors) == (422, [("/node_ids/1", "unknown-node"), ("/date", "in-the-past")])
