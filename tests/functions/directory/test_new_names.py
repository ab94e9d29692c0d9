"""Test that every door and file knows a new name at once, also if the name was unknown a moment before."""

from collections.abc import Callable
from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.runtime.clients import client
from tests.functions.inbox.test_stock_files import BUCKET, a_row, as_csv, outcomes, send
from tests.functions.world import DENVER, World, a_body, at_counter

Ask = Callable[[World], Any]
CHANNEL = {"name": "new", "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"]}
TO = {"country": "US", "postal_code": "60601", "latitude": 41.88, "longitude": -87.63}
HOLD = {"blocks": ["schedule"], "reason": "engraved", "queue": "holds"}
TEA: dict[str, Any] = {"line_id": "1", "sku": "TEA-001", "quantity": 1}


def a_product(world: World) -> None:
    world.product("NEW")


def a_node(world: World) -> None:
    world.node("new", DENVER, type="STORE", pickup=True)


def a_channel(world: World) -> None:
    world.entry(directory.CHANNEL, "new", CHANNEL)


def a_hold_type(world: World) -> None:
    world.entry(directory.HOLD_TYPE, "NEW", HOLD)


def an_application(world: World) -> None:
    world.aws.put("Directory", **keys.client("new"), kind="admin")


def post(path: str, body: dict[str, Any], who: str = "office") -> Ask:
    return lambda world: world.call("POST", path, body, who=who)


def held(world: World) -> Any:
    order_id = str(world.place_order(("TEA-001", 1), external_id="held", key="k").body["order_id"])
    return world.change(order_id, "holds", {"type": "NEW", "reason": "is engraved"})


def reserved(**line: Any) -> Ask:
    return post("/v1/reservations", {"request_id": "r", "lines": [{"quantity": 1, "sku": "TEA-001", **line}]})


def post_rows(path: str, body: dict[str, Any], **row: Any) -> Ask:
    return post(path, {**body, "rows": [{"sku": "TEA-001", "node_id": "dc-1", "quantity": 1, **row}]})


ADJUSTED = {"adjustment_id": "a", "reason": "x"}
COUNTED = {"reference": "c", "counted_at": "2026-11-19T12:00:00Z"}
COMING = {"line": 1, "sku": "TEA-001", "node_id": "dc-1", "quantity": 1, "eta": "2026-11-25"}
SUPPLY = {"supply_id": "S", "reference": "A", "action": "CREATE", "type": "PURCHASE_ORDER"}
MOVE = {**SUPPLY, "type": "TRANSFER", "origin_node_id": "new", "lines": [COMING]}

# What asks for the name, and what puts it.
ASKED: dict[str, tuple[Ask, Callable[[World], None]]] = {
    "a type of hold": (held, a_hold_type),
    "a sku of an order": (post("/v1/orders", a_body(("NEW", 1))), a_product),
    "a channel of an order": (post("/v1/orders", a_body(channel="new")), a_channel),
    "a counter of an order": (post("/v1/orders", a_body(at_counter("TEA-001", node="new"), ship_to=None)), a_node),
    "a sku of a promise": (post("/v1/promises", {"channel": "web", "lines": [TEA | {"sku": "NEW"}], "to": TO}), a_product),
    "a counter of a promise": (post("/v1/promises", {"channel": "web", "lines": [TEA], "node_ids": ["new"], "to": TO}), a_node),
    "a channel of a promise": (post("/v1/promises", {"channel": "new", "lines": [TEA], "to": TO}), a_channel),
    "a node of availability": (post("/v1/availability", {"skus": ["TEA-001"], "channel": "web", "node_ids": ["new"]}), a_node),
    "a channel of availability": (post("/v1/availability", {"skus": ["TEA-001"], "channel": "new"}), a_channel),
    "a sku of an adjustment": (post_rows("/v1/stock/adjustments", ADJUSTED, sku="NEW"), a_product),
    "a node of an adjustment": (post_rows("/v1/stock/adjustments", ADJUSTED, node_id="new"), a_node),
    "a sku of a count": (post_rows("/v1/stock/snapshots", COUNTED, sku="NEW"), a_product),
    "a node of a count": (post_rows("/v1/stock/snapshots", COUNTED, node_id="new"), a_node),
    "a sku of a supply": (post("/v1/stock/supplies", {**SUPPLY, "lines": [COMING | {"sku": "NEW"}]}), a_product),
    "a node of a supply": (post("/v1/stock/supplies", {**SUPPLY, "lines": [COMING | {"node_id": "new"}]}), a_node),
    "an origin of a transfer": (post("/v1/stock/supplies", MOVE), a_node),
    "a sku whose stock is read": (lambda world: world.call("GET", "/v1/stock/NEW", who="office"), a_product),
    "a node whose work is read": (lambda world: world.call("GET", "/v1/fulfillments", who="office", query={"node_id": "new"}), a_node),
    "an application": (post("/v1/orders", a_body(), who="new"), an_application),
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_a_name_that_was_unknown_is_looked_up_again_by_the_next_request(name: str, world: World):
    ask, put = ASKED[name]
    world.stocked("TEA-001", dc_1=5)

    before = ask(world)
    put(world)
    after = ask(world)

    assert before.status in (403, 404, 422), before.body
    assert after.status in (200, 201), after.body


@pytest.mark.parametrize("where", [{"node_id": "new"}, {"nodes": ["dc-1", "new"]}])
def test_a_reservation_at_a_new_node_finds_its_stock(where: dict[str, Any], world: World):
    world.stocked("TEA-001", dc_1=5)
    world.call("POST", "/v1/availability", {"skus": ["TEA-001"], "channel": "web"})

    before = reserved(**where)(world)
    a_node(world)
    world.stocked("TEA-001", new=5)
    after = reserved(**where)(world)

    assert before.status == 422
    assert after.status == 201, after.body


def test_the_rows_of_a_file_may_name_new_entries(world: World):
    client("s3").create_bucket(Bucket=BUCKET)
    client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    content = as_csv(a_row(sku="NEW"), a_row(node="new"))

    assert outcomes(send(world, content)) == ["REFUSED unknown-partner"]
    world.entry(directory.PARTNER, "acme", {"name": "Acme", "nodes": ["dc-1", "new"]})
    assert outcomes(send(world, content)) == ["REJECTED unknown-sku", "REJECTED unknown-node"]
    a_product(world)
    a_node(world)
    assert outcomes(send(world, content)) == ["APPLIED", "APPLIED"]
