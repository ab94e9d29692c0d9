"""
Test that every field of every request is used: another value makes a difference that a caller sees.

The difference is in an answer, in stock, in availability, in an order and its mails, in figures, or it is a refusal. Orders,
entries of the directory, rule sets, people and drafts have tables of their own.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from comanda.aws.customers import customers
from comanda.aws.directory import directory, packs
from comanda.aws.orders import orders
from comanda.domain.lifecycle import payment_links
from functions.directory.handler import MODELS
from functions.intake.contract import OrderIn
from functions.people import contract as people
from functions.planning.contract import RuleSet
from openapi.answers.notices import StripeEvent
from openapi.operations import OPERATIONS
from tests.functions import test_fields, test_fields_of_drafts, user_pool
from tests.functions.cases import fields_of_cases
from tests.functions.channels import set_channel
from tests.functions.credit import fields_of_credits
from tests.functions.credit_accounts import fields_of_credit_accounts
from tests.functions.fields import Do, Request, Row, fields_of, unused_fields
from tests.functions.gift_cards import fields_of_gift_cards
from tests.functions.pay import lost_disputes
from tests.functions.selfservice.holder import holder
from tests.functions.taxes.service import running
from tests.functions.test_fields_of_the_directory import at_once, seen, sold
from tests.functions.world import START, World, at_counter, usd

type Doc = dict[str, Any]

ELSEWHERE = (people.__name__, *test_fields_of_drafts.MODULES)
WHOLE = frozenset({"changes.lines.ship_to"})  # an address: its parts are in tests/functions/test_fields.py
WEIGHED = {f"changes.{path}" for path in test_fields.WEIGHED}

_NEAR = {"country": "US", "region": "IL", "postal_code": "60601", "latitude": 41.88, "longitude": -87.63}
_WORTH: Doc = {
    "name": "By what it is worth",
    "applies_to": {"sourcing_classes": ["worth"]},
    "rules": [
        {"name": "dear", "when": {"value_from": usd(5_000)}, "nodes": {"nodes": ["dc-2"]}, "rank": ["distance"]},
        {"name": "cheap", "rank": ["distance"]},
    ],
}
_WORTH["rules"][0]["rest"] = {"then": "next"}


def _post(world: World, path: str, body: Doc, **how: Any) -> Any:
    reply = world.call("POST", path, body, **({"who": "office"} | how))
    return reply.status, reply.body


def shelves(world: World) -> Any:
    found = [world.call("GET", f"/v1/stock/{sku}", who="office").body for sku in ("TEA-001", "POT-001")]
    ledger = [
        world.call("GET", "/v1/stock/TEA-001/movements", who="office", query={"node_id": node, "month": "2026-11"}).body
        for node in ("dc-1", "dc-2")
    ]
    return [found, ledger, sold(world)]


def promised(world: World, sent: Doc) -> Any:
    assert world.call("PUT", "/v1/rule-sets/worth", _WORTH, who="office").status == 201
    _post(world, "/v1/rule-sets/worth/activate", {"version": 1})
    packs.rebuild_all({directory.RULE_SET: ["usual", "worth"]})
    directory.forget()
    status, body = _post(world, "/v1/promises", sent, key=None)
    return status, {name: value for name, value in body.items() if name not in ("promise_id", "to")}


_BASKET: Doc = {
    "channel": "web",
    "currency": "USD",
    "lines": [
        {"line_id": "1", "sku": "TEA-001", "quantity": 20, "group": "set", "unit_price": 10},
        {"line_id": "2", "sku": "POT-001", "quantity": 10, "group": "set", "unit_price": 10},
    ],
    "to": _NEAR,
    "methods": ["SHIP", "PICKUP"],
    "node_ids": ["store-1"],
    "deliver_by": "2026-11-30",
    "not_before": "2026-11-19",
    "sourcing_class": "worth",
}
_DEAR = {**_BASKET, "lines": [{**_BASKET["lines"][0], "unit_price": 9_000}]}
_IN_A_CITY = {**_BASKET, "to": {"country": "US", "region": "IL", "city": "Chicago"}}
BASKET = Request(
    sent=_BASKET,
    do=promised,
    rows={
        "channel": Row("outlet"),
        "currency": Row("BRL", "/currency"),
        "lines.line_id": Row("2", "/lines/1/line_id"),
        "lines.sku": Row("POT-001"),
        "lines.quantity": Row(10),
        "lines.group": Row("other"),
        "lines.unit_price": Row(9_000),
        "lines.kind": Row("COMPONENT", "/lines/0/parent_line_id"),
        "lines.parent_line_id": Row("2", "/lines/0/parent_line_id"),
        "lines.ratio": Row(2, "/lines/0/ratio"),
        "lines.price_share": Row(1, "/lines/0/price_share"),
        "to.country": Row("CA", "/to/country"),
        "to.region": Row("NY", "/to/region"),
        "to.city": Row("Peoria", sent=_IN_A_CITY),
        "to.postal_code": Row("61602"),
        "to.latitude": Row(40.5),
        "to.longitude": Row(-89.5),
        "methods": Row(["SHIP"]),
        "node_ids": Row([]),
        "deliver_by": Row("2026-11-20"),
        "not_before": Row("2026-11-25"),
        "sourcing_class": Row("ruled", sent=_DEAR),
    },
)


def _supply(world: World, **changes: Any) -> Any:
    line = {"line": 1, "sku": "TEA-001", "node_id": "dc-1", "quantity": 100, "eta": "2026-11-23"}
    body = {"supply_id": "po-0", "reference": "r-0", "action": "CREATE", "type": "PURCHASE_ORDER", "lines": [line]}
    return _post(world, "/v1/stock/supplies", {**body, **changes})


def availability_answer(world: World, sent: Doc) -> Any:
    _supply(world)
    sold(world)
    return _post(world, "/v1/availability", sent, key=None)


QUESTION = Request(
    sent={
        "skus": ["TEA-001"],
        "channel": "web",
        "methods": ["SHIP", "PICKUP"],
        "node_ids": ["dc-1"],
        "date": "2026-11-20",
        "bundles": [{"sku": "SET", "components": [{"sku": "TEA-001", "ratio": 2}]}],
    },
    do=availability_answer,
    rows={
        "bundles.sku": Row("OTHER"),
        "bundles.components.sku": Row("POT-001", "/bundles/0/components/0/sku"),
        "bundles.components.ratio": Row(3),
        "skus": Row(["TEA-001", "POT-001"]),
        "channel": Row("outlet"),
        "methods": Row(["SHIP"]),
        "node_ids": Row(["store-1"]),
        "date": Row("2026-11-28"),
    },
)


def taxed(world: World, sent: Doc) -> Any:
    """Return the taxes of a sale in a channel with a table."""
    at_new_york = {"country": "US", "region": "NY", "valid_from": "2026-01-01", "rate": "0.08", "name": "NY tax"}
    elsewhere = {"country": "US", "valid_from": "2026-11-21", "rate": "0.05", "name": "Tax"}
    at_city = {**at_new_york, "postal_prefix": "100", "rate": "0.09"}
    abroad = {**elsewhere, "country": "CA"}
    rows = [at_new_york, elsewhere, at_city, abroad]
    world.call("PUT", "/v1/tax-tables/states", {"name": "States", "rows": rows}, who="office")
    channel = world.call("GET", "/v1/channels/web", who="office").body
    doc = {name: value for name, value in channel.items() if name not in ("id", "version")} | {"tax_table": "states"}
    world.call("PUT", "/v1/channels/web", doc, who="office")
    directory.forget()
    reply = world.call("POST", "/v1/tax-quotes", sent, who="office")
    return reply.status, reply.body


def served(world: World, sent: Doc) -> Any:
    """Return what the tax service of a channel is asked about a sale."""
    set_channel(world, countries=["US", "DE"], tax_service={"service": "avalara", "company": "TEA"})
    with running() as server:
        reply = world.call("POST", "/v1/tax-quotes", sent, who="office")
    return reply.status, server.documents.asked


_SERVED: Doc = {
    "channel": "web",
    "currency": "USD",
    "ship_to": {"country": "US", "region": "NY", "postal_code": "10001", "city": "New York", "line1": "1 Broadway"},
    "lines": [{"sku": "TEA-001", "amount": usd(1_000)}],
}
_TAXED_AT_COUNTER: Doc = {
    "channel": "web",
    "currency": "USD",
    "day": "2026-11-20",
    "pickup_node_id": "store-1",
    "lines": [{"sku": "TEA-001", "amount": usd(1_000)}],
}
TAX_QUESTION = Request(
    sent={
        "channel": "web",
        "currency": "USD",
        "prices_include_tax": False,
        "day": "2026-11-20",
        "ship_to": {"country": "US", "region": "NY", "postal_code": "10001", "city": "New York", "line1": "1 Broadway"},
        "lines": [{"sku": "TEA-001", "amount": usd(1_000), "tax_rate": "0.02"}],
        "charges": [{"kind": "SHIPPING", "amount": usd(500), "tax_rate": "0.01"}],
    },
    do=taxed,
    rows={
        "channel": Row("outlet"),
        "currency": Row("EUR", "/lines/0/amount/currency"),
        "prices_include_tax": Row(True),
        "day": Row("2026-11-21", sent=_TAXED_AT_COUNTER),
        "ship_to.country": Row("CA"),
        "ship_to.region": Row("IL", "/ship_to/region"),
        "ship_to.postal_code": Row("14201"),
        "ship_to.city": Row("Buffalo", sent=_SERVED, do=served),
        "ship_to.line1": Row("2 Broadway", sent=_SERVED, do=served),
        "pickup_node_id": Row("none", "/pickup_node_id", sent=_TAXED_AT_COUNTER),
        "lines.sku": Row("none", "/lines/0/sku"),
        "lines.amount.amount": Row(2_000),
        "lines.amount.currency": Row("EUR", "/lines/0/amount/currency"),
        "lines.tax_rate": Row("0.03"),
        "charges.kind": Row("GIFT_WRAP"),
        "charges.amount.amount": Row(600),
        "charges.amount.currency": Row("EUR", "/charges/0/amount/currency"),
        "charges.tax_rate": Row("0.03"),
    },
)


def kept(world: World, sent: Doc) -> Any:
    """Return a reservation, and the units that are left then and twenty minutes later."""
    status, body = _post(world, "/v1/reservations", sent, who="shop")
    found = [status, {**body, "reservation_id": ""}, shelves(world)]
    world.pass_time(1_200)
    if status == 201:
        found.append(world.call("GET", f"/v1/reservations/{body['reservation_id']}", who="shop").body["status"])
    return found


def kept_again(world: World, sent: Doc) -> Any:
    _post(world, "/v1/reservations", RESERVATION.sent, who="shop")
    _post(world, "/v1/reservations", sent, who="shop")
    return shelves(world)


def kept_of_a_promise(world: World, sent: Doc) -> Any:
    lines = [{"line_id": "1", "sku": "TEA-001", "quantity": 2}]
    to = {"country": "US", "region": "NY", "postal_code": "10001", "latitude": 40.75, "longitude": -73.99}
    basket = {"channel": "web", "lines": lines, "to": to, "node_ids": ["dc-1"]}
    _, made = _post(world, "/v1/promises", basket, who="shop", key=None)
    sent = {**sent, "promise_id": made["promise_id"]} if sent["promise_id"] == "made" else sent
    return kept(world, sent)


_CART = {"sku": "TEA-001", "quantity": 4, "node_id": "dc-1", "ship_date": "2026-11-19"}
_SOME = {**_CART, "nodes": ["dc-1"]}
_TYPE = {**_CART, "node_type": "WAREHOUSE"}
for _line in (_SOME, _TYPE):
    del _line["node_id"]
_RESERVED = {
    "request_id": "cart-1",
    "kind": "SOFT",
    "ttl_seconds": 900,
    "allow_partial": True,
    "channel": "web",
    "method": "SHIP",
    "lines": [_CART],
}
_MANY = {**_RESERVED, "lines": [{**_CART, "quantity": 100}]}
_OF_PROMISE = {"request_id": "cart-1", "promise_id": "made", "option_id": "standard"}
RESERVATION = Request(
    sent=_RESERVED,
    do=kept,
    rows={
        "request_id": Row("cart-2", do=kept_again),
        "kind": Row("HARD", sent={name: value for name, value in _RESERVED.items() if name != "ttl_seconds"}),
        "ttl_seconds": Row(1_800),
        "allow_partial": Row(False, sent=_MANY),
        "channel": Row("outlet", "/channel"),
        "method": Row("PICKUP", sent={**_RESERVED, "lines": [{**_CART, "node_id": "dc-2"}]}),
        "lines.sku": Row("POT-001"),
        "lines.quantity": Row(5),
        "lines.node_id": Row("dc-2"),
        "lines.nodes": Row(["dc-2"], sent={**_RESERVED, "lines": [_SOME]}),
        "lines.node_type": Row("STORE", sent={**_RESERVED, "lines": [_TYPE]}),
        "lines.ship_date": Row("2026-11-25"),
        "promise_id": Row("prm_us1_0", sent=_OF_PROMISE, do=kept_of_a_promise),
        "option_id": Row("pickup-dc-1", sent=_OF_PROMISE, do=kept_of_a_promise),
    },
)


def extended(world: World, sent: Doc) -> Any:
    _, made = _post(world, "/v1/reservations", _RESERVED, who="shop")
    _post(world, f"/v1/reservations/{made['reservation_id']}/extend", sent, who="shop")
    world.pass_time(1_200)
    return world.call("GET", f"/v1/reservations/{made['reservation_id']}", who="shop").body["status"]


EXTENSION = Request(sent={"ttl_seconds": 600}, do=extended, rows={"ttl_seconds": Row(3_600)})


def adjusted(world: World, sent: Doc) -> Any:
    _post(world, "/v1/stock/adjustments", sent)
    return shelves(world)


def adjusted_again(world: World, sent: Doc) -> Any:
    _post(world, "/v1/stock/adjustments", ADJUSTMENT.sent)
    return adjusted(world, sent)


ADJUSTMENT = Request(
    sent={
        "adjustment_id": "a-1",
        "reason": "found",
        "rows": [{"sku": "TEA-001", "node_id": "dc-1", "bucket": "sellable", "quantity": 7}],
    },
    do=adjusted,
    rows={
        "adjustment_id": Row("a-2", do=adjusted_again),
        "reason": Row("bought"),
        "rows.sku": Row("POT-001"),
        "rows.node_id": Row("dc-2"),
        "rows.bucket": Row("damaged"),
        "rows.quantity": Row(8),
    },
)


def counted(world: World, sent: Doc) -> Any:
    world.pass_time(3_600)
    world.stocked("TEA-001", dc_1=5)
    world.pass_time(3_600)
    _, body = _post(world, "/v1/stock/snapshots", sent)
    return [row.get("status") for row in body.get("rows", ())], shelves(world)


def counted_again(world: World, sent: Doc) -> Any:
    _post(world, "/v1/stock/snapshots", SNAPSHOT.sent)
    return counted(world, sent)


def located(world: World, sent: Doc) -> Any:
    world.pass_time(3_600)
    before = {"as_of": START.isoformat(), "rows": [{"sku": "TEA-001", "location": None}]}
    world.call("PUT", "/v1/nodes/dc-1/locations", before, who="office")
    body = world.call("PUT", "/v1/nodes/dc-1/locations", sent, who="office").body
    listed = world.call("GET", "/v1/nodes/dc-1/locations", who="office").body["items"]
    return [row["status"] for row in body["rows"]], listed


_PLACE = {"zone": "A", "aisle": 3, "rack": 12, "bin": "2"}
LOCATIONS = Request(
    sent={"as_of": START.isoformat(), "rows": [{"sku": "TEA-001", "location": _PLACE}]},
    do=located,
    rows={
        "as_of": Row((START - timedelta(minutes=30)).isoformat()),
        "rows.sku": Row("POT-001"),
        "rows.location.zone": Row("B"),
        "rows.location.aisle": Row(4),
        "rows.location.rack": Row(13),
        "rows.location.bin": Row("3"),
    },
)


def waved(world: World, sent: Doc) -> Any:
    world.stocked("TEA-001", dc_1=9)
    world.stocked("CUP-001", dc_1=9)
    for basket in ([("TEA-001", 1)], [("TEA-001", 1), ("CUP-001", 1)]):
        order_id = world.placed(*basket)
        world.settle()
        world.steps(order_id, "accept")
    return _post(world, "/v1/pick-waves", sent)[1].get("fulfillment_count")


def pick_scanned(world: World, sent: Doc) -> Any:
    world.stocked("TEA-001", dc_1=9)
    world.stocked("CUP-001", dc_1=9)
    order_id = world.placed(("TEA-001", 5), ("CUP-001", 2))
    world.settle()
    world.steps(order_id, "accept", "start-pick")
    path = f"/v1/fulfillments/ful_{order_id[4:]}-001/scans"
    assert world.call("POST", path, {"code": "TEA-001"}, who="dc-1-system").status == 200
    _, body = _post(world, path, sent, who="picker")
    return [(row["scanned"], row["picker_id"]) for row in body.get("lines", ())]


PICK_SCAN = Request(
    sent={"code": "TEA-001", "takes_line": True},
    do=pick_scanned,
    rows={"code": Row("CUP-001"), "quantity": Row(2), "takes_line": Row(False)},
)


PICK_WAVE = Request(
    sent={"node_id": "dc-1"},
    do=waved,
    rows={
        "node_id": Row("dc-2"),
        "kind": Row("MULTI_LINE"),
        "service": Row("EXPRESS"),
        "method": Row("PICKUP"),
        "ship_by": Row(START.isoformat()),
        "most": Row(1),
    },
)


def given_to(world: World, sent: Doc) -> Any:
    waved(world, {"node_id": "dc-1"})
    (wave,) = world.call("GET", "/v1/pick-waves", query={"node_id": "dc-1"}, who="office").body["items"]
    return _post(world, f"/v1/pick-waves/{wave['wave_id']}/assign", sent)[1].get("picker_id")


PICKER = Request(sent={"picker_id": "picker"}, do=given_to, rows={"picker_id": Row(None)})
_HOUR, _BEFORE = (START + timedelta(minutes=90)).isoformat(), (START + timedelta(minutes=30)).isoformat()
_COUNT = {"sku": "TEA-001", "node_id": "dc-1", "quantity": 20, "buckets": {"damaged": 2}, "uom": "EACH"}
SNAPSHOT = Request(
    sent={"reference": "c-1", "counted_at": _HOUR, "rows": [_COUNT]},
    do=counted,
    rows={
        "reference": Row(
            "c-2", do=counted_again, sent={"reference": "c-1", "counted_at": START.isoformat(), "rows": [_COUNT]}
        ),
        "counted_at": Row(_BEFORE),
        "rows.sku": Row("POT-001"),
        "rows.node_id": Row("dc-2"),
        "rows.quantity": Row(21),
        "rows.buckets": Row({"damaged": 3}),
        "rows.uom": Row("CASE"),
        "rows.counted_at": Row(_BEFORE),
    },
)


def policed(world: World, sent: Doc) -> Any:
    status, _ = _post(world, "/v1/stock/policies", sent)
    return status, shelves(world), world.aws.items("Stock", "S#TEA-001") and _lanes(world)


def _lanes(world: World) -> int:
    return len(world.aws.items("Stock", "S#TEA-001"))


def policed_again(world: World, sent: Doc) -> Any:
    _post(world, "/v1/stock/policies", {**POLICIES.sent, "rows": [{**_POLICY, "reorder_point": 9}]})
    return policed(world, sent)


_POLICY: Doc = {
    "sku": "TEA-001",
    "node_id": "dc-1",
    "safety": {"SHIP": {"units": 4}},
    "protected": {"outlet": 2},
    "ship": True,
    "pickup": True,
    "reorder_point": 1,
    "lanes": 0,
}
_SHARE: Doc = {"reference": "p-1", "rows": [{**_POLICY, "safety": {"SHIP": {"percent": 10}}}]}
POLICIES = Request(
    sent={"reference": "p-1", "rows": [_POLICY]},
    do=policed,
    rows={
        "reference": Row("p-2", do=policed_again),
        "rows.sku": Row("POT-001"),
        "rows.node_id": Row("dc-2"),
        "rows.safety.units": Row(9),
        "rows.safety.percent": Row(60, sent=_SHARE),
        "rows.protected": Row({"outlet": 9}),
        "rows.ship": Row(False),
        "rows.pickup": Row(False),
        "rows.reorder_point": Row(90),
        "rows.lanes": Row(3),
    },
)


def closed(world: World, sent: Doc) -> Any:
    """Return the nodes of orders that are placed while the node is closed, and later."""
    _post(world, "/v1/nodes/dc-1/closures", sent)
    found = []
    for n in range(3):
        packs.rebuild_all({})
        directory.forget()
        order_id = world.placed(("TEA-001", 1), external_id=f"WEB-{n}")
        world.settle()
        found.append([work["node_id"] for work in world.order(order_id)["fulfillments"]])
        world.pass_time(2 * 86_400)
    return found


CLOSURE = Request(
    sent={
        "from": (START + timedelta(days=1)).isoformat(),
        "until": (START + timedelta(days=3)).isoformat(),
        "reason": "burst pipe",
    },
    do=closed,
    rows={
        "from": Row(START.isoformat()),
        "until": Row((START + timedelta(days=9)).isoformat()),
    },
    for_people=frozenset({"reason"}),
)


def cut(world: World, sent: Doc) -> Any:
    world.call("PUT", "/v1/nodes/dc-1/capacity/2026-11-19", sent, who="office")
    packs.rebuild_all({})
    directory.forget()
    lines = [{"line_id": "1", "sku": "TEA-001", "quantity": 3}]
    return _post(world, "/v1/promises", {"channel": "web", "lines": lines, "to": _NEAR}, key=None)[1]["options"]


DAY = Request(sent={"units": 50}, do=cut, rows={"units": Row(0)})


def _asked_for(world: World) -> Any:
    packs.rebuild_all({directory.RULE_SET: ["usual"]})
    directory.forget()
    lines = [{"line_id": "1", "sku": "TEA-001", "quantity": 2}]
    basket = {"channel": "web", "lines": lines, "to": _NEAR, "methods": ["SHIP"], "sourcing_class": "ruled"}
    options = _post(world, "/v1/promises", basket, key=None)[1]["options"]
    return [shipment["node_id"] for option in options for shipment in option["shipments"]]


_EAST: Doc = {
    "name": "East",
    "applies_to": {"sourcing_classes": ["ruled"], "sellers": ["us"]},
    "rules": [{"name": "east", "nodes": {"nodes": ["dc-2"]}, "rank": ["distance"]}],
}


def _days(number: int) -> str:
    return (START + timedelta(days=number)).isoformat()


def activated(world: World, sent: Doc) -> Any:
    """Return the promises of now, of two days later and of four."""
    world.call("PUT", "/v1/rule-sets/usual", _EAST, who="office")
    _post(world, "/v1/rule-sets/usual/activate", sent)
    found = []
    for _ in range(3):
        found.append(_asked_for(world))
        world.pass_time(2 * 86_400)
    return found


ACTIVATION = Request(
    sent={"version": 2, "starts": _days(1), "ends": _days(3)},
    do=activated,
    rows={"version": Row(1), "starts": Row(_days(0)), "ends": Row(_days(9))},
)


def retired(world: World, sent: Doc) -> Any:
    world.call("PUT", "/v1/rule-sets/usual", _EAST, who="office")
    _post(world, "/v1/rule-sets/usual/activate", {"version": 2})
    _post(world, "/v1/rule-sets/usual/retire", sent)
    world.pass_time(2 * 86_400)
    return _asked_for(world)


RETIREMENT = Request(sent={"at": _days(1)}, do=retired, rows={"at": Row(_days(3))})


def answered(world: World, sent: Doc) -> Any:
    """Return an order after a person answered its question."""
    order_id = world.placed(at_counter("TEA-001", 1, "dc-1"), external_id="WEB-1", ship_to=None)
    world.settle()
    world.step(order_id, "decline", body={"reason": "NO_STOCK"})
    world.settle()
    (item,) = world.call("GET", "/v1/queues/customer-care", who="office").body["items"]
    status, _ = _post(world, f"/v1/queues/customer-care/items/{item['item_id']}/resolve", sent)
    world.settle()
    return status, seen(world, order_id)


def claimed(world: World, sent: Doc) -> Any:
    """Return the answer to a claim against a carrier, and the order's last event."""
    world.stocked(dc_1=5)
    order_id = world.placed(("TEA-001", 1), external_id="WEB-1")
    world.settle()
    world.steps(order_id, "ship")
    world.step(order_id, "lose", body={"reason": "DESTROYED"})
    (item,) = world.call("GET", "/v1/queues/lost", who="office").body["items"]
    status, _ = _post(world, f"/v1/queues/lost/items/{item['item_id']}/resolve", sent)
    return status, world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"][-1]["data"]


def written_off(world: World, sent: Doc) -> Any:
    """Return the answer to the write-off of a lost dispute, and the order's last event."""
    order_id = lost_disputes.lost(world)
    reply = lost_disputes.answer(world, order_id, sent["answer"], reason=sent["reason"])
    return reply.status, world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"][-1]["data"]


ANSWER = Request(
    sent={"answer": "cancel"},
    do=answered,
    rows={
        "answer": Row("ship"),
        "reference": Row("C-2", sent={"answer": "claim", "reference": "C-1"}, do=claimed),
        "reason": Row("lost at last", sent={"answer": "write-off", "reason": "lost"}, do=written_off),
    },
)


def answered_together(world: World, sent: Doc) -> Any:
    """Return the results of an answer to chosen orders in review, which the request names by their external ids, and what
    became of these orders."""
    world.hold_type("SALES_REVIEW", "sales-review", applies_when={"total_at_least": usd(1)})
    orders = {name: world.placed(("TEA-001", 1), external_id=name) for name in ("WEB-1", "WEB-2")}
    items = {name: f"{order_id}.h1" for name, order_id in orders.items()}
    status, body = _post(
        world, "/v1/queues/sales-review/resolve", {**sent, "items": [items.get(name, name) for name in sent["items"]]}
    )
    events = [row["data"] for order_id in orders.values() for row in world.order_items(order_id, "E#")]
    return status, body, events, [world.order(order_id) for order_id in orders.values()]


_RESOLVED: Doc = {"items": ["WEB-1"], "answer": "resolve", "resolution": "is fine"}
CHOSEN = Request(
    sent={"items": ["WEB-1"], "answer": "reject", "reason": "looks odd"},
    do=answered_together,
    rows={
        "items": Row(["WEB-2"]),
        "answer": Row("confirm", "/reason"),
        "reason": Row("no such address"),
        "resolution": Row("was asked", sent=_RESOLVED),
    },
)


def claimed_next(world: World, sent: Doc) -> Any:
    """Return the claim of the next item at a node, of picked units at dc-1 that have to be put back."""
    order_id = world.placed(("TEA-001", 1))
    world.settle()
    world.steps(order_id, "accept", "pick")
    world.change(order_id, "cancel", {"reason": "x"})
    return _post(world, "/v1/queues/put-back/claim", sent)


NEXT = Request(sent={"node_id": "dc-1"}, do=claimed_next, rows={"node_id": Row("dc-2")})


def _placed(world: World) -> str:
    order_id = world.placed(("TEA-001", 3), ("TEA-001", 3), external_id="WEB-1")
    world.settle()
    return order_id


def cancelled(world: World, sent: Doc) -> Any:
    order_id = _placed(world)
    world.change(order_id, "cancel", sent)
    world.settle()
    return seen(world, order_id)


CANCEL = Request(
    sent={"reason": "changed my mind", "reason_code": "too-late", "lines": [{"line_id": "1", "quantity": 1}]},
    do=cancelled,
    rows={"reason": Row("too late"), "reason_code": Row("fraud"), "lines.line_id": Row("2"), "lines.quantity": Row(2)},
)


def changed_after_sale(world: World, sent: Doc) -> Any:
    order_id = _placed(world)
    reply = world.change(order_id, "changes", sent)
    world.settle()
    contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body
    return reply.status, reply.body.get("errors"), contact, seen(world, order_id)


def named_preview(world: World, sent: Doc) -> Any:
    """Return the answer to a change that names a preview."""
    return world.change(_placed(world), "changes", sent).status


def _one_change(**fields: Any) -> Doc:
    payment = {
        "method": "CARD",
        "reference": "auth-2",
        "authorized": usd(50_000),
        "captured": usd(100),
        "expires_at": (START + timedelta(days=60)).isoformat(),
    }
    return {"reason": "asked to", "changes": [fields], "payments": [payment]}


# Lines that join an order, as in tests/functions/test_fields.py; no totals are sent with them.
_LINES = [
    {
        "line_id": "11",
        "sku": "TEA-001",
        "quantity": 2,
        "unit_price": usd(1000),
        "tax": {"rate": "0.05", "amount": usd(100)},
        "discounts": [{"code": "SPRING", "amount": usd(30)}],
        "product": {"title": "Green tea", "gtin": "4006381333931", "class": "goods"},
        "fulfillment": {"method": "SHIP", "service": "STANDARD", "group": "set"},
        "gift": {"message": "Happy birthday", "from": "Ada", "wrap": False},
    },
    {"line_id": "12", "sku": "POT-001", "quantity": 1, "unit_price": usd(10), "fulfillment": {"group": "set"}},
]
_JOIN = _one_change(modification="add_line", lines=_LINES)


def _rows_of_lines() -> dict[str, Row]:
    rows = {}
    for path, row in test_fields.ORDER.items():
        value, pointer = row if isinstance(row, tuple) else (row, "")
        if path == "lines.parent_line_id":
            value = "12"
        if path.startswith("lines."):
            rows[f"changes.{path}"] = Row(
                value, f"/changes/0{pointer}" if pointer.startswith("/lines") else "", sent=_JOIN
            )
    return rows


_REPLACE = _one_change(
    modification="replace", line_id="1", quantity=1, sku="CUP-001", new_line_id="9", unit_price=usd(900)
)
_SORRY = _one_change(modification="appeasement", why="LATE", amount=usd(300))
_PRICE = _one_change(modification="price", line_id="1", unit_price=usd(900))
_CHARGE = _one_change(modification="charge", kind="WRAP", amount=usd(300), tax=usd(30))
_OFF = _one_change(modification="discount", code="SORRY", amount=usd(300))
_MOVED_TO = {
    "name": "Grace Canary",
    "line1": "7 Elm St",
    "line2": "door 2",
    "city": "Chicago",
    "region": "IL",
    "postal_code": "60601",
    "country": "US",
    "latitude": 41.9,
    "longitude": -87.6,
}
_SHIP_TO = _one_change(modification="ship_to", ship_to=_MOVED_TO)
_DAYS = _one_change(modification="requested", requested={"deliver_by": "2027-01-08", "not_before": "2027-01-05"})
_ADDRESS = {
    "name": Row("Zoe Finch"),
    "line1": Row("9 Oak Ave"),
    "line2": Row("door 3"),
    "city": Row("Springfield"),
    "region": Row("NY", "/changes/0/ship_to/region"),
    "postal_code": Row("10001", "/changes/0/ship_to/region"),
    "country": Row("CA", "/changes/0/ship_to/country"),
    "latitude": Row(41.8),
    "longitude": Row(None, "/changes/0/ship_to"),
}


def paid_later(world: World, sent: Doc) -> Any:
    order_id = _placed(world)
    world.change(order_id, "changes", {"reason": "asked to", "changes": _CHARGE["changes"], "pending": True})
    reply = world.call("POST", f"/v1/orders/{order_id}/payments", sent, who="office")
    world.settle()
    return reply.body.get("errors"), seen(world, order_id)


PAYMENTS = Request(
    sent={"payments": _CHARGE["payments"]},
    do=paid_later,
    rows={
        "payments.method": Row("OTHER"),
        "payments.reference": Row("auth-3"),
        "payments.code": Row("0" * 20, "/payments/0/code"),
        "payments.authorized.amount": Row(50_001),
        "payments.authorized.currency": Row("EUR", "/payments/0/authorized"),
        "payments.captured.amount": Row(101),
        "payments.captured.currency": Row("EUR", "/payments/0/captured"),
        "payments.expires_at": Row((START + timedelta(days=61)).isoformat()),
    },
)


def _to_pay_by_link(world: World) -> str:
    """Return an order with a change that waits for its payment, in a channel with a provider for links."""
    channel = {"name": "web", "currencies": ["USD"], "countries": ["US", "CA"], "locales": ["en-US"]}
    world.entry(directory.CHANNEL, "web", {**channel, "payment_providers": {"LINK": "stripe"}})
    order_id = _placed(world)
    world.change(order_id, "changes", {"reason": "asked to", "changes": _CHARGE["changes"], "pending": True})
    return order_id


def _link_asked(world: World, order_id: str, sent: Doc) -> Any:
    reply = world.change(order_id, "payment-links", sent)
    return reply.body.get("errors"), seen(world, order_id)


def asked_by_link(world: World, sent: Doc) -> Any:
    return _link_asked(world, _to_pay_by_link(world), sent)


def asked_again(world: World, sent: Doc) -> Any:
    """Ask once more for a link that the provider has made."""
    order_id = _to_pay_by_link(world)
    _link_asked(world, order_id, {"method": "LINK"})
    at, until = len(orders.load(order_id).payments) - 1, START + timedelta(days=1)
    orders.decide(order_id, lambda order: payment_links.shown(order, at, "https://pay.example", until, START))
    return _link_asked(world, order_id, sent)


PAYMENT_LINKS = Request(
    sent={"method": "LINK"},
    do=asked_by_link,
    rows={"method": Row("PIX", "/method"), "again": Row(True, do=asked_again)},
)


CHANGES = Request(
    sent=_PRICE,
    do=changed_after_sale,
    rows={
        "preview": Row(True, do=named_preview),
        "pending": Row(True, do=named_preview, sent={name: _CHARGE[name] for name in ("reason", "changes")}),
        "preview_id": Row("prv_us1_1", do=named_preview),
        "reason": Row("another"),
        "reason_code": Row("too-late"),
        "changes.modification": Row("teleport", "/changes/0/modification"),
        "changes.line_id": Row("2"),
        **{f"changes.ship_to.{name}": replace(row, sent=_SHIP_TO) for name, row in _ADDRESS.items()},
        "changes.requested.deliver_by": Row("2027-01-09", sent=_DAYS),
        "changes.requested.not_before": Row("2027-01-04", sent=_DAYS),
        "changes.service": Row(
            "ROCKET", "/changes/0/service", sent=_one_change(modification="service", service="EXPRESS")
        ),
        "changes.method": Row(
            "SHIP",
            "/changes/0/node_id",
            sent=_one_change(modification="method", line_id="1", method="PICKUP", node_id="store-1"),
        ),
        "changes.node_id": Row(
            "store-9",
            "/changes/0/node_id",
            sent=_one_change(modification="method", line_id="1", method="PICKUP", node_id="store-1"),
        ),
        "changes.unit_price.amount": Row(901),
        "changes.unit_price.currency": Row("EUR", "/changes/0/unit_price"),
        "changes.quantity": Row(2, sent=_one_change(modification="quantity", line_id="1", quantity=1)),
        "changes.code": Row("OTHER", sent=_OFF),
        "changes.kind": Row("OTHER", sent=_CHARGE),
        "changes.amount.amount": Row(301, sent=_CHARGE),
        "changes.amount.currency": Row("EUR", "/changes/0/amount", sent=_CHARGE),
        "changes.tax.amount": Row(31, sent=_CHARGE),
        "changes.tax.currency": Row("EUR", "/changes/0/tax", sent=_CHARGE),
        "changes.why": Row("PRICE", sent=_SORRY),
        "changes.sku": Row("POT-001", sent=_REPLACE),
        "changes.new_line_id": Row("10", sent=_REPLACE),
        **_rows_of_lines(),
        "changes.priority": Row(2, sent=_one_change(modification="priority", priority=1)),
        "changes.tags": Row(["other"], sent=_one_change(modification="tags", tags=["vip"])),
        "changes.tax_id": Row("ADA-2", sent=_one_change(modification="tax_id", tax_id="ADA-1")),
        "changes.note": Row("other", sent=_one_change(modification="note", note="ring twice")),
        "payments.method": Row("OTHER"),
        "payments.reference": Row("auth-3"),
        "payments.code": Row("0" * 20, "/payments/0/code"),
        "payments.authorized.amount": Row(50_001),
        "payments.authorized.currency": Row("EUR", "/payments/0/authorized"),
        "payments.captured.amount": Row(101),
        "payments.captured.currency": Row("EUR", "/payments/0/captured"),
        "payments.expires_at": Row((START + timedelta(days=61)).isoformat()),
    },
)


def on_hold(world: World, sent: Doc) -> Any:
    world.hold_type("ENGRAVING", "holds", level="line", applies_when=None, blocks=["ship"])
    world.hold_type("OTHER", "exceptions", level="line", applies_when=None, blocks=["pack"])
    order_id = _placed(world)
    world.change(order_id, "holds", sent)
    return seen(world, order_id)


HOLD = Request(
    sent={"reason": "a name on it", "type": "ENGRAVING", "lines": ["1"]},
    do=on_hold,
    rows={"reason": Row("two names"), "type": Row("OTHER"), "lines": Row(["2"])},
)


def resolved(world: World, sent: Doc) -> Any:
    world.hold_type("ENGRAVING", "holds", applies_when=None, blocks=["ship"])
    order_id = _placed(world)
    world.change(order_id, "holds", {"reason": "a name on it", "type": "ENGRAVING"})
    world.change(order_id, "holds/h1/resolve", sent)
    return seen(world, order_id)


RESOLUTION = Request(sent={"resolution": "engraved"}, do=resolved, rows={"resolution": Row("not wanted")})


def merged(world: World, sent: Doc) -> Any:
    """Return the answer to a merge of two customers, the second of which the request names."""
    guests = [{"name": f"G {n}", "email": f"g{n}@example.org"} for n in range(2)]
    ids = [customers.customer_of(world.placed(customer=guest)) for guest in guests]
    into = ids[1] if sent["into"] == "the other" else sent["into"]
    reply = world.call("POST", f"/v1/customers/{ids[0]}/merge", {"into": into}, who="office")
    return reply.status, reply.body.get("errors")


def looked_up(world: World, sent: Doc) -> Any:
    """Return the answer to a lookup, and how many links are mailed."""
    world.placed(external_id="WEB-1")
    world.settle()
    before = len(world.hops.sent)
    reply = world.call("POST", "/v1/order-lookups", sent, who="nobody", key=None)
    world.settle()
    return reply.status, reply.body.get("errors"), len(world.hops.sent) - before


LOOKUP = Request(
    sent={"channel": "web", "external_id": "WEB-1", "email": "ada@example.org"},
    do=looked_up,
    rows={
        "channel": Row("outlet"),
        "external_id": Row("WEB-2"),
        "email": Row("eve@example.org"),
        "postal_code": Row("60601", "/email"),
    },
)
MERGE = Request(sent={"into": "the other"}, do=merged, rows={"into": Row(f"cus_{'0' * 32}", "/into")})


def rejected(world: World, sent: Doc) -> Any:
    order_id = world.placed(("TEA-001", 3), external_id="WEB-1", tags=["vip"])
    world.settle()
    world.change(order_id, "reject", sent, who="sales")
    world.settle()
    return seen(world, order_id)


REASON = Request(sent={"reason": "fraud"}, do=rejected, rows={"reason": Row("by mistake")})


def step(verb: str) -> Do:
    def do(world: World, sent: Doc) -> Any:
        order_id = _placed(world)
        if verb != "decline":
            world.steps(order_id, "accept", "start-pick", *(["pick"] if verb == "pack" else []))
        reply = world.step(order_id, verb, body=sent)
        world.settle()
        kpis = world.call("GET", "/v1/stock/kpis", who="office", query={"month": "2026-11"}).body
        return reply.status, reply.body.get("errors"), seen(world, order_id), kpis

    return do


def packed_again(world: World, sent: Doc) -> Any:
    """Return the fulfillment of which one unit is packed, after it was packed again."""
    order_id = _placed(world)
    world.steps(order_id, "accept", "pick")
    assert world.step(order_id, "pack", body={"lines": _UNITS}).status == 200
    reply = world.step(order_id, "repack", body=sent)
    return reply.status, reply.body.get("errors"), reply.body.get("packages")


_UNITS = [{"line_id": "1", "quantity": 1}]
_OF_LINES = {"lines.line_id": Row("2"), "lines.quantity": Row(2)}
STEP = Request(sent={"lines": _UNITS}, do=step("pick"), rows=_OF_LINES)
DECLINE = Request(
    sent={"lines": _UNITS, "reason": "NO_STOCK"}, do=step("decline"), rows={**_OF_LINES, "reason": Row("CLOSED")}
)
SHORT = Request(
    sent={"lines": _UNITS, "reason": "NOT_FOUND"}, do=step("short-pick"), rows={**_OF_LINES, "reason": Row("DAMAGED")}
)
_PACKAGE = {
    "package_id": "P1",
    "carrier": "UPS",
    "service": "GROUND",
    "tracking_number": "1Z999AA10123456784",
    "weight_g": 500,
    "contents": [{"line_id": "1", "quantity": 1}],
    "label_cost": usd(700),
    "dims_mm": [300, 200, 100],
    "carton_id": "box",
}
_BOXES = {
    "packages.carton_id": Row("BOX", "/packages/0/carton_id"),
    "packages.dims_mm": Row([300, 200, 150]),
    "packages.sscc": Row("140123450000000014", "/packages/0/sscc"),
    "packages.parent_id": Row("PAL", "/packages/0/parent_id"),
    "packages.package_id": Row("P2"),
    "packages.carrier": Row("DHL"),
    "packages.service": Row("EXPRESS"),
    "packages.tracking_number": Row("1Z999AA10123456799"),
    "packages.weight_g": Row(600),
    "packages.contents.line_id": Row("2", "/packages/0/contents/0/line_id"),
    "packages.contents.quantity": Row(2, "/packages/0/contents/0/quantity"),
    "packages.label_cost.currency": Row("EUR", "/packages/0/label_cost/currency"),
}
# Seen by `comanda routing compare` only: tests/domain/evaluation/test_actual_cost.py.
_LABEL = frozenset({"packages.label_cost.amount"})
SHIP = Request(
    sent={
        "lines": _UNITS,
        "packages": [_PACKAGE],
        "shipment_id": "S1",
        "shipped_at": (START - timedelta(minutes=1)).isoformat(),
    },
    do=step("ship"),
    rows={
        **_OF_LINES,
        **_BOXES,
        "shipment_id": Row("S2"),
        "shipped_at": Row((START + timedelta(days=9)).isoformat(), "/shipped_at"),
    },
    for_people=_LABEL,
)


def carried(verb: str) -> Do:
    def do(world: World, sent: Doc) -> Any:
        order_id = _placed(world)
        parcels = [{"package_id": f"P{n}", "contents": [{"line_id": str(n), "quantity": 1}]} for n in (1, 2)]
        world.step(order_id, "ship", body={"packages": parcels})
        reply = world.step(order_id, verb, body=sent)
        return reply.status, reply.body.get("errors"), seen(world, order_id)

    return do


_PARCEL = {"packages": Row(["P2"])}
_DELIVERED: Doc = {"lines": _UNITS}
_LOST: Doc = {"lines": _UNITS, "reason": "DESTROYED"}
DELIVER = Request(
    sent={"packages": ["P1"], "delivered_at": (START - timedelta(minutes=1)).isoformat()},
    do=carried("deliver"),
    rows={
        **_PARCEL,
        "lines.line_id": Row("2", sent=_DELIVERED),
        "lines.quantity": Row(2, sent=_DELIVERED),
        "delivered_at": Row((START + timedelta(days=9)).isoformat(), "/delivered_at"),
    },
)
LOSE = Request(
    sent={"packages": ["P1"], "reason": "DESTROYED"},
    do=carried("lose"),
    rows={
        **_PARCEL,
        "lines.line_id": Row("2", sent=_LOST),
        "lines.quantity": Row(2, sent=_LOST),
        "reason": Row("NOT_ARRIVED"),
    },
)


def collected(world: World, sent: Doc) -> Any:
    """Return what the order and its fulfillment show after money was collected, and after another one under the same number."""
    world.stocked("TEA-001", dc_1=1)
    order_id = world.placed(("TEA-001", 1), payments=[{"method": "CASH_ON_DELIVERY", "authorized": usd(1000)}])
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    reply = world.step(order_id, "collect", body=sent)
    again = world.step(order_id, "collect", body={"amount": usd(1), "reference": "COD-1"})
    return reply.status, reply.body.get("errors"), again.status, world.order(order_id)["payments"]


COLLECT = Request(
    sent={"amount": usd(900), "reference": "COD-1"},
    do=collected,
    rows={
        "amount.amount": Row(1000),
        "amount.currency": Row("EUR", "/amount/currency"),
        "reference": Row("COD-2"),
    },
)


def scanned(world: World, sent: Doc) -> Any:
    order_id = _placed(world)
    parcels = [{"package_id": f"P{n}", "carrier": "UPS", "tracking_number": f"1Z{n}"} for n in (1, 2)]
    world.step(order_id, "ship", body={"packages": parcels})
    reply = world.call("POST", "/v1/tracking-events", sent, who="office")
    scans = world.call("GET", f"/v1/fulfillments/ful_{order_id[4:]}-001/tracking", who="office").body["items"]
    return reply.status, reply.body, scans


_SCAN: Doc = {
    "tracking_number": "1Z1",
    "occurred_at": START.isoformat(),
    "carrier": "ups",
    "status": "EXCEPTION",
    "code": "X1",
    "location": "Reno",
    "note": "Box is wet",
}
SCANS = Request(
    sent={"events": [_SCAN]},
    do=scanned,
    rows={
        "events.tracking_number": Row("1Z2"),
        "events.occurred_at": Row((START - timedelta(hours=1)).isoformat()),
        "events.carrier": Row("dhl"),
        "events.status": Row("RETURNED"),
        "events.code": Row("X2"),
        "events.location": Row("Sparks"),
        "events.note": Row("Box is torn"),
    },
)


def given_up(verb: str) -> Do:
    """Return a step after which picked work does not leave. The office has recalled it."""

    def do(world: World, sent: Doc) -> Any:
        order_id = _placed(world)
        world.steps(order_id, "accept", "pick")
        whole = {"reason": "x", "fulfillment_id": f"ful_{order_id[4:]}-001"}
        if verb == "recall-refuse":
            world.change(order_id, "recall", whole)
        reply = world.step(order_id, verb, body=sent)
        events = world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
        return reply.status, reply.body.get("errors"), seen(world, order_id), events[-1]["data"]

    return do


HAND_BACK = Request(
    sent={"lines": _UNITS, "reason": "OTHER"},
    do=given_up("hand-back"),
    rows={**_OF_LINES, "reason": Row("CANNOT_FINISH")},
)
REFUSAL = Request(sent={"reason": "PACKED"}, do=given_up("recall-refuse"), rows={"reason": Row("LEAVING")})


def recalled(world: World, sent: Doc) -> Any:
    order_id = _placed(world)
    if "fulfillment_id" in sent:
        sent = {**sent, "fulfillment_id": f"ful_{order_id[4:]}-{sent['fulfillment_id']}"}
    etag = world.call("GET", f"/v1/orders/{order_id}", who="office").etag
    reply = world.call("POST", f"/v1/orders/{order_id}/recall", sent, who="office", if_match=etag)
    events = world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
    world.settle()
    return reply.status, reply.body.get("errors"), seen(world, order_id), events[-1]["data"]


def provided(world: World, sent: Doc) -> Any:
    digital = {"sku": "POT-001", "quantity": 2, "kind": "DIGITAL"}
    order_id = world.placed(digital, digital, external_id="WEB-1", ship_to=None)
    world.settle()
    status, body = _post(world, f"/v1/orders/{order_id}/provide", sent)
    world.settle()
    return status, body.get("errors"), seen(world, order_id)


PROVISION = Request(
    sent={"line_id": "1", "quantity": 1, "proof": {"kind": "CODE", "text": "TEA-CLUB-7F3A"}},
    do=provided,
    rows={
        "line_id": Row("2"),
        "quantity": Row(2),
        "proof.kind": Row("NOTE"),
        "proof.text": Row("TEA-CLUB-8F3A"),
    },
)


def hold_type_tried(world: World, sent: Doc) -> Any:
    rule = {"level": "order", "blocks": ["schedule"], "reason": "many", "queue": "holds", "active": False}
    rule["applies_when"] = {"units_at_least": 3}
    assert world.call("PUT", "/v1/hold-types/MANY", rule, who="office").status == 201
    for number in range(2):
        world.placed(("TEA-001", 3), external_id=f"WEB-{number}")
        world.pass_time(60)
    return _post(world, "/v1/hold-types/MANY/dry-run", sent, key=None)


HOLD_TRIAL = Request(
    sent={"channel": "web", "last": 2}, do=hold_type_tried, rows={"channel": Row("outlet"), "last": Row(1)}
)


def linked(world: World, sent: Doc) -> Any:
    """Return what a link shows that was made before."""
    order_id = _placed(world)
    before = holder(world, order_id)
    status, body = _post(world, f"/v1/orders/{order_id}/links", sent)
    return status, body["epoch"], body["revoked"], before.get().status


LINK = Request(sent={"revoke": False}, do=linked, rows={"revoke": Row(True)})
RECALL = Request(
    sent={"reason": "fraud", "lines": _UNITS, "exclude_node": True},
    do=recalled,
    rows={
        **_OF_LINES,
        "reason": Row("another"),
        "exclude_node": Row(False),
        "fulfillment_id": Row("009", "/fulfillment_id", sent={"reason": "fraud", "fulfillment_id": "001"}),
    },
)
PACK = Request(
    sent={"lines": _UNITS, "packages": [_PACKAGE]}, do=step("pack"), rows={**_OF_LINES, **_BOXES}, for_people=_LABEL
)
REPACK = Request(sent={"packages": [_PACKAGE]}, do=packed_again, rows=_BOXES, for_people=_LABEL)


def _supplied(world: World, sent: Doc) -> Any:
    return _post(world, "/v1/stock/supplies", sent)


def announced(world: World, sent: Doc) -> Any:
    """Return an announced supply, and its state after a receipt of a little more than a hundred units."""
    status, body = _supplied(world, sent)
    expected = sold(world)
    receipt = {"reference": "r-9", "action": "RECEIVE", "lines": [{"line": 1, "quantity": 103}]}
    _supplied(world, {"supply_id": "po-1", **receipt})
    return status, body.get("errors"), expected, shelves(world)


def shipped(world: World, sent: Doc) -> Any:
    """Return the stock after a transfer was shipped."""
    _supplied(world, sent)
    _supplied(world, {"supply_id": "po-1", "reference": "r-9", "action": "SHIP", "lines": [{"line": 1, "quantity": 3}]})
    return shelves(world), world.call("GET", "/v1/stock-alerts", who="office", query={"kind": "LOW"}).body


def received(world: World, sent: Doc) -> Any:
    """Return the answers to a receipt that is sent twice, with a count of the node in between."""
    _supplied(world, _SUPPLY)
    world.pass_time(3_600)
    count = {"sku": "TEA-001", "node_id": "dc-1", "quantity": 20}
    _post(world, "/v1/stock/snapshots", {"reference": "c-1", "counted_at": world.now.isoformat(), "rows": [count]})
    world.pass_time(3_600)
    _supplied(world, _RECEIPT)
    status, _ = _supplied(world, sent)
    kpis = world.call("GET", "/v1/stock/kpis", who="office", query={"month": "2026-11"}).body
    return status, shelves(world), kpis


_LINE: Doc = {"line": 1, "sku": "TEA-001", "node_id": "dc-1", "quantity": 100, "eta": "2026-11-23", "uom": "EACH"}
_SUPPLY: Doc = {
    "supply_id": "po-1",
    "reference": "r-1",
    "action": "CREATE",
    "type": "PURCHASE_ORDER",
    "over_receipt_percent": 0,
    "lines": [_LINE],
}
_RECEIPT: Doc = {"supply_id": "po-1", "reference": "r-2", "action": "RECEIVE", "lines": [{"line": 1, "quantity": 3}]}
_AGAIN: Doc = {**_RECEIPT, "reference": "r-3", "occurred_at": _HOUR}
_AGAIN["lines"] = [{"line": 1, "quantity": 3, "bucket": "sellable"}]
_SOONER: Doc = {
    "supply_id": "po-1",
    "reference": "r-3",
    "action": "CHANGE",
    "expedited": {"cost": usd(500), "cause": "DEMAND"},
    "lines": [{"line": 1, "eta": "2026-11-22"}],
}
_TRANSFER: Doc = {
    "supply_id": "po-1",
    "reference": "r-1",
    "action": "CREATE",
    "type": "TRANSFER",
    "origin_node_id": "dc-1",
    "lines": [{**_LINE, "node_id": "dc-2", "quantity": 3}],
}


def added(world: World, sent: Doc) -> Any:
    """Return the answer to a line that is added to a supply of this supplier."""
    _post(world, "/v1/stock/supplies", sent)
    more = {**sent, "reference": "r-2", "supplier": "Leaf and Co", "lines": [{**_LINE, "line": 2}]}
    return _post(world, "/v1/stock/supplies", more)


SUPPLY = Request(
    sent=_SUPPLY,
    do=announced,
    rows={
        "supply_id": Row("po-2"),
        "reference": Row("r-4", sent=_RECEIPT, do=received),
        "action": Row("CANCEL", sent=_RECEIPT, do=received),
        "type": Row("RETURN"),
        "origin_node_id": Row("store-1", sent=_TRANSFER, do=shipped),
        "supplier": Row("Tea Garden", do=added),
        "over_receipt_percent": Row(10),
        "expedited.cost.amount": Row(600, sent=_SOONER, do=received),
        "expedited.cost.currency": Row("EUR", sent=_SOONER, do=received),
        "expedited.cause": Row("DAMAGE", sent=_SOONER, do=received),
        "occurred_at": Row(_BEFORE, sent=_AGAIN, do=received),
        "lines.line": Row(2),
        "lines.sku": Row("POT-001"),
        "lines.node_id": Row("dc-2"),
        "lines.quantity": Row(50),
        "lines.eta": Row("2026-11-30"),
        "lines.bucket": Row("damaged", sent=_AGAIN, do=received),
        "lines.uom": Row("CASE"),
    },
)


def agreed(world: World, sent: Doc) -> Any:
    """Return the lines of a requested transfer that may be shipped."""
    lines = [{**_LINE, "line": n, "node_id": "dc-2", "quantity": 3} for n in (1, 2)]
    _post(world, "/v1/stock/supplies", {**_TRANSFER, "lines": lines}, who="dc-2-system")
    _post(world, "/v1/stock/supplies/po-1/approve", sent, who="dc-1-system")
    return world.call("GET", "/v1/queues/transfers", who="office").body, shelves(world)


AGREEMENT = Request(sent={"lines": [1]}, do=agreed, rows={"lines": Row([2])})


def tried(world: World, sent: Doc) -> Any:
    """Return the trials of two versions of a rule set on the orders of two days and channels."""
    orders = [world.placed(("TEA-001", 1), external_id=f"WEB-{n}", sourcing_class="ruled") for n in range(2)]
    world.placed(("TEA-001", 1), external_id="WEB-9", channel="outlet", who="office")
    world.pass_time(86_400)
    world.placed(("TEA-001", 2), external_id="WEB-8")
    world.call("PUT", "/v1/rule-sets/usual", _EAST, who="office")
    sent = {**sent, "orders": [orders[n] for n in sent["orders"]]} if "orders" in sent else sent
    reply = world.call("POST", "/v1/rule-sets/usual/dry-run", sent, who="office", key=None)
    return reply.status, reply.body


_OF_A_DAY: Doc = {"channel": "web", "day": "2026-11-19", "limit": 5}
TRIAL = Request(
    sent={"version": 2, "orders": [0]},
    do=tried,
    rows={
        "version": Row(1),
        "orders": Row([1]),
        "channel": Row("outlet", sent=_OF_A_DAY),
        "day": Row("2026-11-20", sent=_OF_A_DAY),
        "limit": Row(1, sent=_OF_A_DAY),
    },
)


def shadowed(world: World, sent: Doc) -> Any:
    """Return a decision of three days later with its comparison to the shadow rule set."""
    for doc in (_EAST, {**_EAST, "name": "East again"}):
        world.call("PUT", "/v1/rule-sets/usual", doc, who="office")
    _post(world, "/v1/rule-sets/usual/shadow", sent)
    world.pass_time(3 * 86_400)
    packs.rebuild_all({directory.RULE_SET: ["usual"]})
    directory.forget()
    order_id = world.placed(("TEA-001", 1), external_id="WEB-1", sourcing_class="ruled")
    world.settle()
    (decision,) = world.call("GET", f"/v1/orders/{order_id}/decisions", who="office").body["items"]
    return decision.get("shadows")


SHADOWING = Request(
    sent={"version": 2, "until": _days(9)}, do=shadowed, rows={"version": Row(3), "until": Row(_days(1))}
)


def registered(world: World, sent: Doc) -> Any:
    """Return the answers to a client about two channels and two nodes, and about scopes that it gives to another client."""
    pool = user_pool.make_pool()
    world.patch.setenv("USER_POOL_ID", pool)
    world.placed(("TEA-001", 1), external_id="WEB-1")
    status, body = _post(world, "/v1/clients", sent)
    if status != 201:
        return status, body["errors"]
    who = body["client_id"]
    other = {"name": "other", "kind": "admin", "scopes": ["orders/read"]}
    asks = (
        ("orders", {"channel": "web"}),
        ("fulfillments", {"node_id": "dc-1"}),
        ("fulfillments", {"node_id": "vendor-1"}),
    )
    return [
        *(
            world.call(
                "GET", f"/v1/{path}", who=who, query=query | ({"day": "2026-11-19"} if path == "orders" else {})
            ).status
            for path, query in asks
        ),
        world.call("POST", "/v1/clients", other, who=who).status,
    ]


_SHOP: Doc = {"name": "shop", "kind": "channel", "channels": ["web"], "scopes": ["orders/read"]}
_NODE: Doc = {"name": "node", "kind": "node", "nodes": ["dc-1"], "scopes": ["fulfillments/read"]}
CLIENT = Request(
    sent=_SHOP,
    do=registered,
    rows={
        "kind": Row("admin"),
        "channels": Row(["outlet"]),
        "nodes": Row(["dc-2"], sent=_NODE),
        "partner": Row("none", "/partner", sent={**_NODE, "kind": "partner", "nodes": [], "partner": "acme"}),
        "carrier": Row(
            "none",
            "/carrier",
            sent={"name": "road", "kind": "carrier", "carrier": "road", "scopes": ["tracking/write"]},
        ),
        "scopes": Row(
            ["orders/read", "clients/admin"], sent={"name": "a", "kind": "admin", "scopes": ["clients/admin"]}
        ),
    },
    for_people=frozenset({"name"}),
)

REQUESTS: Mapping[str, Request] = {
    **fields_of_cases.REQUESTS,
    **fields_of_credits.REQUESTS,
    **fields_of_gift_cards.REQUESTS,
    **fields_of_credit_accounts.REQUESTS,
    "Client": CLIENT,
    "SupplyStep": SUPPLY,
    "RequestAnswer": AGREEMENT,
    "Trial": TRIAL,
    "Shadowing": SHADOWING,
    "Basket": BASKET,
    "Question": QUESTION,
    "ReservationIn": RESERVATION,
    "ExtensionIn": EXTENSION,
    "Adjustment": ADJUSTMENT,
    "Locations": LOCATIONS,
    "PickScanIn": PICK_SCAN,
    "PickWaveIn": PICK_WAVE,
    "PickerIn": PICKER,
    "Snapshot": SNAPSHOT,
    "Policies": POLICIES,
    "ClosureIn": CLOSURE,
    "DayIn": DAY,
    "Activation": ACTIVATION,
    "Retirement": RETIREMENT,
    "AnswerIn": ANSWER,
    "ChosenItemsIn": CHOSEN,
    "NextIn": NEXT,
    "CancelIn": CANCEL,
    "ChangesIn": CHANGES,
    "PaymentsIn": PAYMENTS,
    "PaymentLinkIn": PAYMENT_LINKS,
    "HoldIn": HOLD,
    "ResolutionIn": RESOLUTION,
    "Reason": REASON,
    "StepIn": STEP,
    "DeclineIn": DECLINE,
    "ShortPickIn": SHORT,
    "PackIn": PACK,
    "RepackIn": REPACK,
    "ShipIn": SHIP,
    "LinkIn": LINK,
    "MergeIn": MERGE,
    "OrderLookupIn": LOOKUP,
    "RecallIn": RECALL,
    "RefusalIn": REFUSAL,
    "HandBackIn": HAND_BACK,
    "DeliverIn": DELIVER,
    "LoseIn": LOSE,
    "CollectIn": COLLECT,
    "TrackingEventsIn": SCANS,
    "ProvideIn": PROVISION,
    "HoldTrial": HOLD_TRIAL,
    "TaxQuestion": TAX_QUESTION,
}


def _contracts() -> dict[str, type[BaseModel]]:
    # An event is Stripe's own: its door reads a few fields, and tests/functions/notices tries them.
    elsewhere = {OrderIn, RuleSet, StripeEvent, *MODELS.values()}
    bodies = {operation.body for operation in OPERATIONS.values() if operation.body} - elsewhere
    return {body.__name__: body for body in bodies if body.model_fields and body.__module__ not in ELSEWHERE}


def test_every_request_has_a_table_here() -> None:
    assert _contracts().keys() == REQUESTS.keys()


@pytest.mark.parametrize("name", REQUESTS)
def test_every_field_of_a_request_is_used_or_refused_by_name(world: World, name: str) -> None:
    request = REQUESTS[name]
    fields = {path for path in fields_of(_contracts()[name], whole=WHOLE) if path not in WEIGHED}
    assert fields == {*request.rows, *request.for_people}
    assert unused_fields(world, request, at_once) == []
