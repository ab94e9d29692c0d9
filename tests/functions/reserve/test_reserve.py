"""Test the routes of reservations: the units that a shop may keep, for how long, and that no other client sees them."""

from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.directory import packs
from comanda.aws.stock import position_reads
from tests.functions.shelves import wrong
from tests.functions.world import Reply, World

ROUTE = "/v1/reservations"


def a_request(*lines: Any, **changes: Any) -> dict[str, Any]:
    """A line is (sku, quantity) at dc-1, or its own fields."""
    sent = [{"sku": n[0], "quantity": n[1], "node_id": "dc-1"} if isinstance(n, tuple) else n for n in lines]
    return {"request_id": "cart-1", "lines": sent or [{"sku": "TEA-001", "quantity": 2, "node_id": "dc-1"}], **changes}


def reserved(world: World, *lines: Any, who: str = "shop", **changes: Any) -> dict[str, Any]:
    reply = world.call("POST", ROUTE, a_request(*lines, **changes), who=who)
    assert reply.status == 201, reply.body
    body: dict[str, Any] = reply.body
    return body


def change(world: World, made: dict[str, Any], verb: str, body: Any = None, **how: Any) -> Reply:
    return world.call("POST", f"{ROUTE}/{made['reservation_id']}/{verb}", body or {}, **how)


def free(sku: str = "TEA-001", node: str = "dc-1") -> int:
    found = position_reads.get(sku, node)
    assert found is not None
    return found.free


def test_a_cart_keeps_its_units_until_the_time_in_the_answer(world: World):
    world.stocked("TEA-001", dc_1=5)

    reply = world.call("POST", ROUTE, a_request(("TEA-001", 2), ttl_seconds=601))

    assert reply.status == 201
    assert reply.headers["Location"] == f"{ROUTE}/{reply.body['reservation_id']}"
    assert reply.body | {"reservation_id": "", "created_at": ""} == {
        "reservation_id": "",
        "kind": "SOFT",
        "status": "HELD",
        "created_at": "",
        "expires_at": "2026-11-19T12:15:00.000Z",
        "order_id": None,
        "lines": [
            {
                "rows": [0],
                "sku": "TEA-001",
                "ship_date": "2026-11-19",
                "quantity": 2,
                "reserved": 2,
                "missing": 0,
                "nodes": [{"node_id": "dc-1", "quantity": 2}],
            }
        ],
    }
    assert free() == 3
    assert world.call("GET", reply.headers["Location"]).body == reply.body


def test_a_request_is_one_reservation_under_every_idempotency_key(world: World):
    world.stocked("TEA-001", dc_1=5)
    first = world.call("POST", ROUTE, a_request(), key="k-1")

    same_key = world.call("POST", ROUTE, a_request(), key="k-1")
    other_key = world.call("POST", ROUTE, a_request(), key="k-2")
    repeated = world.call("POST", ROUTE, a_request(), key="k-2")
    other_content = world.call("POST", ROUTE, a_request(("TEA-001", 3)), key="k-3")

    assert same_key.body == other_key.body == repeated.body == first.body
    assert (same_key.headers["Idempotent-Replayed"], repeated.headers["Idempotent-Replayed"]) == ("true", "true")
    assert (other_content.status, other_content.problem) == (409, "request-id-reused")
    assert free() == 3


def test_a_shop_cannot_reserve_units_in_countries_where_it_does_not_sell(world: World):
    world.node("dc-brasil", (-23.5, -46.6), country="BR")
    packs.rebuild(())
    world.stocked("TEA-001", dc_1=1, dc_brasil=9)

    by_type = world.call("POST", ROUTE, a_request({"sku": "TEA-001", "quantity": 2, "node_type": "WAREHOUSE"}))
    by_name = world.call("POST", ROUTE, a_request({"sku": "TEA-001", "quantity": 2, "node_id": "dc-brasil"}))
    by_names = world.call("POST", ROUTE, a_request({"sku": "TEA-001", "quantity": 2, "nodes": ["dc-1", "dc-brasil"]}))
    by_the_office = reserved(world, {"sku": "TEA-001", "quantity": 2, "node_id": "dc-brasil"}, who="office")

    assert (by_type.status, by_type.errors) == (409, [("/lines/0/quantity", "out-of-stock")])
    assert (by_name.status, by_name.errors) == (422, [("/lines/0/node_id", "other-country")])
    assert (by_names.status, by_names.errors) == (422, [("/lines/0/nodes/1", "other-country")])
    assert by_the_office["lines"][0]["reserved"] == 2


def test_two_shops_may_use_one_request_id(world: World):
    world.stocked("TEA-001", dc_1=5)

    mine = reserved(world)
    theirs = reserved(world, who="other-shop")

    assert mine["reservation_id"] != theirs["reservation_id"]
    assert free() == 1


def test_too_much_is_refused_line_by_line_and_nothing_is_kept(world: World):
    world.stocked("TEA-001", dc_1=5)
    world.stocked("CUP-001", dc_1=5)
    before = world.tables()

    reply = world.call("POST", ROUTE, a_request(("CUP-001", 1), ("TEA-001", 4), ("TEA-001", 4)))

    assert (reply.status, reply.problem) == (409, "out-of-stock")
    assert reply.errors == [("/lines/1/quantity", "out-of-stock"), ("/lines/2/quantity", "out-of-stock")]
    assert reply.body["detail"] == "TEA-001: 8 asked, 5 available"
    assert world.tables() == before


def test_the_answer_to_a_partial_request_has_the_missing_units_of_each_line(world: World):
    world.stocked("TEA-001", dc_1=5)
    world.stocked("CUP-001", dc_1=5)

    made = reserved(world, ("CUP-001", 1), ("TEA-001", 4), ("TEA-001", 4), allow_partial=True)

    assert [(n["rows"], n["reserved"], n["missing"]) for n in made["lines"]] == [([0], 1, 0), ([1, 2], 5, 3)]


def test_a_group_is_nodes_of_a_type_or_by_name(world: World):
    world.stocked("TEA-001", dc_1=2, dc_2=5, store_1=9)

    warehouse = reserved(world, {"sku": "TEA-001", "quantity": 4, "node_type": "WAREHOUSE"}, request_id="a")
    named = reserved(world, {"sku": "TEA-001", "quantity": 3, "nodes": ["dc-1", "store-1"]}, request_id="b")

    assert [n["node_id"] for n in warehouse["lines"][0]["nodes"]] == ["dc-2"]
    assert [n["node_id"] for n in named["lines"][0]["nodes"]] == ["store-1"]


def test_no_units_are_reserved_for_a_method_that_is_switched_off(world: World):
    world.stocked("TEA-001", store_1=9)
    line = {"sku": "TEA-001", "quantity": 1, "node_id": "store-1"}

    assert world.call("POST", ROUTE, a_request(line, method="SHIP")).problem == "out-of-stock"
    assert world.call("POST", ROUTE, a_request(line, method="PICKUP")).status == 201


def test_a_reservation_goes_from_held_to_committed_or_released(world: World):
    world.stocked("TEA-001", dc_1=9)
    one, two = reserved(world, request_id="one"), reserved(world, request_id="two")

    extended = change(world, one, "extend", {"ttl_seconds": 3600})
    promoted = change(world, one, "promote")
    released = change(world, two, "release")

    assert (extended.status, extended.body["expires_at"]) == (200, "2026-11-19T13:00:00.000Z")
    assert (promoted.body["status"], promoted.body["kind"], promoted.body["expires_at"]) == ("COMMITTED", "HARD", None)
    assert (released.body["status"], free()) == ("RELEASED", 7)
    assert change(world, one, "promote").status == 200
    assert change(world, one, "extend", {"ttl_seconds": 600}).body == promoted.body
    assert change(world, two, "promote").problem == "reservation-ended"
    assert wrong(world.aws.items("Stock"), world.now) == []


def test_a_reservation_shows_as_expired_after_its_time_swept_or_not(world: World):
    world.stocked("TEA-001", dc_1=9)
    made = reserved(world, ttl_seconds=60)
    world.pass_time(300)

    refused = [
        change(world, made, verb, body)
        for verb, body in (("extend", {"ttl_seconds": 600}), ("promote", {}), ("release", {}))
    ]

    assert {(r.status, r.problem) for r in refused} == {(409, "reservation-expired")}
    assert world.call("GET", f"{ROUTE}/{made['reservation_id']}").body["status"] == "EXPIRED"
    assert world.sweep()["expired"] == 1
    assert world.sweep()["expired"] == 0
    assert free() == 9
    assert change(world, made, "promote").problem == "reservation-expired"
    assert wrong(world.aws.items("Stock"), world.now) == []


def test_a_reservation_is_visible_to_its_client_only(world: World):
    world.stocked("TEA-001", dc_1=9)
    made = reserved(world)
    where = f"{ROUTE}/{made['reservation_id']}"

    replies = [
        world.call("GET", where, who="other-shop"),
        change(world, made, "release", who="other-shop"),
        change(world, made, "extend", {"not": "even right"}, who="other-shop"),
        change(world, made, "release", {"not": "even right"}, who="other-shop", key=None),
        world.call("GET", f"{ROUTE}/rsv_us1_nonsense"),
        world.call("GET", where.replace("us1", "sa1")),
    ]

    assert {r.status for r in replies} == {404}
    assert world.call("GET", where, who="office").status == 200
    assert world.call("GET", where, who="dc-1-system").status == 403


BAD = [
    ({"lines": [{"sku": "TEA-001", "quantity": -1, "node_id": "dc-1"}]}, "/lines/0/quantity"),
    ({"lines": [{"sku": "TEA-001", "quantity": 0, "node_id": "dc-1"}]}, "/lines/0/quantity"),
    ({"lines": [{"sku": "TEA-001", "quantity": 1.5, "node_id": "dc-1"}]}, "/lines/0/quantity"),
    ({"lines": [{"sku": "TEA-001", "quantity": "1", "node_id": "dc-1"}]}, "/lines/0/quantity"),
    ({"lines": [{"sku": "NONE", "quantity": 1, "node_id": "dc-1"}]}, "/lines/0/sku"),
    ({"lines": [{"sku": "TEA-001", "quantity": 1, "node_id": "dc-9"}]}, "/lines/0/node_id"),
    ({"lines": [{"sku": "TEA-001", "quantity": 1, "nodes": ["dc-1", "dc-9"]}]}, "/lines/0/nodes/1"),
    ({"lines": [{"sku": "TEA-001", "quantity": 1, "nodes": ["dc-1", "dc-1"]}]}, "/lines/0/nodes"),
    ({"lines": [{"sku": "TEA-001", "quantity": 1, "node_type": "MOON"}]}, "/lines/0/node_type"),
    ({"lines": [{"sku": "TEA-001", "quantity": 1}]}, "/lines/0"),
    ({"lines": [{"sku": "TEA-001", "quantity": 1, "node_id": "dc-1", "uom": "box"}]}, "/lines/0/uom"),
    ({"lines": [{"sku": "TEA-001", "quantity": 1, "node_id": "dc-1", "ship_date": "2026-11-18"}]}, "/lines/0/ship_date"),
    ({"lines": [{"sku": "TEA-001", "quantity": 1, "node_id": "dc-1", "ship_date": "2026-02-30"}]}, "/lines/0/ship_date"),
    ({"ttl_seconds": 4 * 3600 + 1}, "/ttl_seconds"),
    ({"ttl_seconds": 59}, "/ttl_seconds"),
    ({"lines": []}, "/lines"),
    ({"lines": [{"sku": "TEA-001", "quantity": 1, "node_id": "dc-1"}] * 10_000}, "/lines"),
    ({"kind": "HARD", "ttl_seconds": 600}, "/"),
    ({"promise_id": "prm_us1_1"}, "/"),
    ({"lines": None}, "/"),
    ({"channel": "outlet"}, "/channel"),
    ({"request_id": ""}, "/request_id"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "pointer"), BAD, ids=lambda given: str(given)[:60])
def test_a_wrong_request_is_refused_with_all_its_errors_and_nothing_is_reserved(
    world: World, given: dict[str, Any], pointer: str
):
    world.stocked("TEA-001", dc_1=9)
    before = world.tables()

    reply = world.call("POST", ROUTE, a_request(**given))

    assert (reply.status, reply.errors[0][0]) == (422, pointer), reply.body
    assert world.tables() == before


def test_four_hours_are_the_longest_of_an_extension_too(world: World):
    world.stocked("TEA-001", dc_1=9)
    made = reserved(world)

    reply = change(world, made, "extend", {"ttl_seconds": 14_401})

    assert (reply.status, reply.errors) == (422, [("/ttl_seconds", "less-than-equal")])


def test_protected_units_of_a_channel_are_kept_from_other_channels(world: World):
    world.stocked("TEA-001", dc_1=5)
    stock_row = world.aws.items("Stock", "S#TEA-001", "P#")[0]
    world.aws.put("Stock", **stock_row, protected={"outlet": 3})

    refused = world.call("POST", ROUTE, a_request(("TEA-001", 3)))
    mine = reserved(world, ("TEA-001", 2))
    theirs = reserved(world, ("TEA-001", 3), who="other-shop")

    assert refused.problem == "out-of-stock"
    assert (mine["status"], theirs["status"], free()) == ("HELD", "HELD", 0)


@pytest.mark.parametrize(("who", "channel"), [("shop", "outlet"), ("shop", "nowhere"), ("office", "nowhere")])
def test_units_are_kept_for_a_channel_of_the_caller_that_exists(world: World, who: str, channel: str):
    world.stocked("TEA-001", dc_1=5)

    refused = world.call("POST", ROUTE, a_request(channel=channel), who=who)

    assert refused.errors == [("/channel", "unknown-channel")]
    assert free() == 5
    assert reserved(world, channel="web")["status"] == "HELD"


def test_an_option_of_a_promise_becomes_a_reservation_as_it_was_promised(world: World):
    world.stocked("TEA-001", dc_1=5)
    to = {"country": "US", "region": "IL", "postal_code": "60601", "latitude": 41.88, "longitude": -87.63}
    asked = {"channel": "web", "lines": [{"line_id": "1", "sku": "TEA-001", "quantity": 2}], "to": to}
    promise = world.call("POST", "/v1/promises", asked, key=None)
    assert promise.status == 200, promise.body
    body = {"request_id": "cart-1", "promise_id": promise.body["promise_id"], "option_id": promise.body["recommended"]}

    made = world.call("POST", ROUTE, body)

    assert made.status == 201, made.body
    assert made.body["lines"][0]["nodes"] == [{"node_id": "dc-1", "quantity": 2}]
    assert free() == 3
    no_option = world.call("POST", ROUTE, {**body, "request_id": "x", "option_id": "none"})
    assert no_option.errors == [("/option_id", "unknown-option")]
    others = world.call("POST", ROUTE, {**body, "request_id": "x"}, who="other-shop")
    world.now += timedelta(hours=1)
    ended = world.call("POST", ROUTE, {**body, "request_id": "x"})
    assert others.errors == ended.errors == [("/promise_id", "unknown-promise")]


@pytest.mark.parametrize("lines", [1, 40])
def test_an_order_gets_the_units_of_expired_carts_before_any_sweep(world: World, lines: int):
    skus = ["TEA-001", *(f"SKU-{n}" for n in range(lines - 1))]
    for sku in skus:
        world.product(sku)
        world.stocked(sku, dc_1=2)
    reserved(world, *((sku, 2) for sku in skus), ttl_seconds=60)
    world.pass_time(600)

    order_id = world.placed(("TEA-001", 2))
    world.settle()

    assert world.order(order_id)["status"] == "RELEASED"
    assert free() == 0
