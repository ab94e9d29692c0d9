"""
Test that every field of the directory is used: another value makes a difference that a caller sees outside the entry.

The difference is in a promise, in availability, in an order, in figures and alerts, or it is a refusal.
"""

import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest

from comanda.aws.directory import directory, packs, sscc_serials
from comanda.aws.orders import capacity
from functions.directory.handler import KINDS, MODELS
from functions.directory.nfe_contract import NfeOfEntity, NfeOfProduct
from functions.watch import handler as watch
from local.avalara.rates import FOOD
from tests.functions.cases.desk import case, opened, step
from tests.functions.channels import set_channel
from tests.functions.daily.test_daily import order_units
from tests.functions.documents.stored import pages
from tests.functions.fields import changed, fields_of
from tests.functions.hops import Hops
from tests.functions.selfservice.holder import holder
from tests.functions.taxes.service import running
from tests.functions.world import CHICAGO, NEW_YORK, START, Reply, World, a_body, a_set, at_counter, usd
from tests.moto_aws import as_made

type Doc = dict[str, Any]
type Eye = Callable[[World], Any]

_WORKDAYS = [{"weekday": day, "opens": "08:00", "closes": "18:00"} for day in (3, 0, 1, 2, 4)]
_NEAR = {"country": "US", "region": "IL", "postal_code": "60601", "latitude": 42.38, "longitude": -87.63}
_FAR = {"country": "US", "region": "NY", "postal_code": "10001", "latitude": 40.75, "longitude": -73.99}

# A retailer with a value in every field.
RETAILER: Mapping[str, Doc] = {
    "calendars/dc": {
        "timezone": "America/Chicago",
        "hours": _WORKDAYS,
        "closed": ["2026-11-20"],
        "holidays": {"country": "US", "region": "IL"},
        "name": "Centres",
    },
    "calendars/road": {"timezone": "America/Chicago", "hours": _WORKDAYS},
    "tax-tables/states": {
        "name": "States",
        "synthetic": False,
        "rows": [
            {
                "country": "US",
                "region": "IL",
                "postal_prefix": "60",
                "tax_class": "FOOD",
                "valid_from": "2026-11-01",
                "valid_until": "2026-12-01",
                "rate": "0.02",
                "name": "Food tax",
            },
            {"country": "US", "valid_from": "2026-01-01", "rate": "0.05", "name": "Sales tax"},
        ],
    },
    "legal-entities/tea-co": {
        "name": "The Tea Company Inc.",
        "tax_id": "12-3456789",
        "registration_id": "OH-778",
        "line1": "1 Harbor Way",
        "line2": "Floor 2",
        "city": "Columbus",
        "region": "OH",
        "postal_code": "43215",
        "country": "US",
        "electronic_address": "0088:4012345000009",
        "keep_invoices_years": 7,
        "payment_days": 30,
        "breakage_days": 10,
        "number_prefix": "TEA",
        "invoice_when": "SHIPPED",
    },
    "channels/web": {
        "name": "web",
        "tax_table": "states",
        "legal_entity": "tea-co",
        "seller": "us",
        "currencies": ["USD", "EUR"],
        "countries": ["US"],
        "locales": ["en-US", "pt-BR"],
        "discount_after_cancel": "SHARE",
        "payment_providers": {"WALLET": "stripe"},
        "breakable": False,
        "customer_cancel_minutes": 60,
        "gift_card_days": 365,
        "store_credit_days": 730,
        "gift_cards_on_account": False,
        "contact_days_after_shipment": 30,
        "unknown_places": "FARTHEST",
        "order_form": {
            "enabled": True,
            "titles": {"en-US": "Order here"},
            "countries": ["US"],
            "currency": "USD",
            "tax_rate": "0.0825",
            "prices_include_tax": False,
            "shipping": {"STANDARD": usd(599)},
            "payment_notes": {"en-US": "We send you a link."},
        },
    },
    "nodes/dc-1": {
        "type": "WAREHOUSE",
        "name": "DC 1",
        "country": "US",
        "latitude": CHICAGO[0],
        "longitude": CHICAGO[1],
        "calendar": "dc",
        "ship": True,
        "pickup": True,
        "accept_minutes": 60,
        "ship_minutes": 600,
        "city": "Chicago",
        "region": "IL",
        "postal_code": "60601",
        "processing_minutes": 60,
        "cut_off": "12:00",
        "units_per_day": 50,
        "capacity_lanes": 2,
        "safety": {"units": 1},
        "receiving_days": 1,
        "groups": ["middle"],
        "tags": ["cold"],
        "priority": 7,
        "acceptance_percent": 90,
        "handling": {"per_package_micros": 100_000, "per_unit_micros": 50_000},
        "gs1_company_prefix": "4012345",
    },
    "nodes/dc-2": {
        "type": "WAREHOUSE",
        "name": "DC 2",
        "country": "US",
        "latitude": NEW_YORK[0],
        "longitude": NEW_YORK[1],
        "calendar": "dc",
        "ship": True,
        "pickup": False,
        "accept_minutes": 60,
        "ship_minutes": 600,
        "region": "NY",
        "tags": ["cold", "dry"],
        "groups": ["east"],
    },
    "products/TEA-001": {
        "title": "Tea",
        "weight_g": 700,
        "class": "goods",
        "gtin": "4006381333931",
        "safety_by_channel": {"web": {"units": 2}},
        "low_units": 5,
        "units": {"CASE": 12},
        "categories": ["Food"],
        "tax_class": "FOOD",
        "gift_card": False,
        "tags": ["fragile"],
        "requires": ["cold"],
        "carton_requires": ["cold"],
        "dims_mm": [100, 80, 60],
        "markdown_micros": 100_000,
        "department": "Drinks",
        "prices": {"web": usd(649)},
    },
    "products/POT-001": {"title": "Pot", "weight_g": 900, "class": "plain"},
    "carriers/road": {
        "name": "Road",
        "country": "US",
        "calendar": "road",
        "tracking_url": "https://road.example/{number}",
        "tracking_codes": {"OUT": "OUT_FOR_DELIVERY"},
        "overdue_days": 3,
        "services": [
            {
                "service": "STANDARD",
                "mode": "ROAD",
                "g_co2e_per_tonne_km": 100,
                "source": "made up",
                "feeders": [{"factor": "road-van", "km": 20}],
                "price": {"currency": "USD", "base_micros": 5_000_000, "per_km_micros": 900, "per_kg_micros": 100_000},
                "max_package_g": 1_500,
                "carton": {"inside_mm": [200, 160, 120], "fill_percent": 80},
                "bands": [{"up_to_km": 300, "days": 2}, {"days": 5}],
                "lanes": [{"origin": "IL", "regions": {"NY": 3}, "postal": {"606": 1}}],
            },
            {
                "service": "EXPRESS",
                "mode": "AIR",
                "factor": "air-short-haul",
                "price": {"currency": "USD", "base_micros": 9_000_000},
                "bands": [{"days": 1}],
            },
        ],
        "collections": [{"node_id": "dc-1", "weekday": 3, "at": "16:30", "cut_off_minutes": 30, "service": "STANDARD"}],
    },
    "rate-cards/road-express": {
        "name": "Road by air",
        "carrier": "road",
        "service": "EXPRESS",
        "currency": "USD",
        "valid_from": "2026-01-01",
        "valid_until": "2027-01-01",
        "dim_divisor": 5_000,
        "round_up_g": 500,
        "per_package_micros": 250_000,
        "fuel_basis_points": 1_000,
        "zones": {
            "near": {"steps": [{"up_to_g": 1_000, "micros": 7_000_000}], "per_kg_micros": 900_000},
            "far": {"steps": [{"up_to_g": 1_000, "micros": 12_000_000}]},
        },
        "bands": [{"up_to_km": 300, "zone": "near"}, {"zone": "far"}],
        "lanes": [{"origin": "IL", "regions": {"NY": "far"}, "postal": {"606": "near"}}],
    },
    "routing-costs/default": {
        "per_shipment_micros": 8_000_000,
        "per_km_micros": 1_000,
        "per_pickup_micros": 2_000_000,
        "per_day_micros": 1_000_000,
        "per_kg_co2e_micros": 100_000,
        "per_late_day_micros": 3_000_000,
        "wave_least_micros": 500_000,
        "full_node_micros": 400_000,
        "redo_micros": 2_000_000,
        "handling": {"WAREHOUSE": {"per_package_micros": 300_000, "per_unit_micros": 20_000}},
        "last_units": {"WAREHOUSE": {"micros": 700_000, "units": 40}},
        "overstock": {"WAREHOUSE": {"micros": 90_000, "units": 10}},
    },
    "stock-policies/default": {
        "safety": {
            "default": {"units": 1},
            "channels": {"web": {"units": 1}},
            "node_types": {"WAREHOUSE": {"units": 1}},
            "classes": {"goods": {"units": 1}},
        },
        "supplies": {"PURCHASE_ORDER": {"excluded_percent": 10, "grace_days": 3, "over_receipt_percent": 5}},
        "demand": {"lead_days": 14, "lead_days_sigma": 2, "service_percent": 95},
        "low_units": 3,
        "stale_days": 20,
    },
    "hold-types/SALES_REVIEW": {
        "level": "order",
        "blocks": ["schedule"],
        "reason": "large order",
        "queue": "sales-review",
        "applies_when": {"total_at_least": usd(2_000), "channels": ["web"], "tags": ["vip"]},
        "resolved_by": "person",
        "expires_hours": 24,
        "roles": ["staff"],
    },
    "cancel-reasons/own": {
        "titles": {"en-US": "Recalled", "pt-BR": "Recolhido", "es": "Retirado"},
        "blame": "retailer",
        "units_go": "QUARANTINE",
    },
    "cartons/box": {
        "title": "Cool box",
        "inside_mm": [200, 150, 100],
        "max_g": 3_000,
        "fill_percent": 80,
        "tags": ["cold"],
    },
    "decline-reasons/own": {
        "titles": {"en-US": "Broken", "pt-BR": "Quebrado", "es": "Roto"},
        "blame": "retailer",
        "units_go": "QUARANTINE",
        "ask_again": True,
    },
    "modification-matrices/default": {
        "rules": [
            {
                "modification": "cancel",
                "allow": False,
                "statuses": ["PICKING"],
                "levels": ["line"],
                "channels": ["web"],
                "reason": "ask the warehouse",
            }
        ]
    },
    "case-terms/default": {"kinds": {"LATE": {"team": "care", "due_hours": 5, "wait_hours": 7}}},
}
PRICES: Doc = {
    "name": "Web, 2026",
    "channels": ["web"],
    "currency": "USD",
    "valid_from": "2026-11-01",
    "valid_until": "2026-12-01",
    "includes_tax": False,
    "tax_rate": "0.05",
    "partner_id": "acme",
    "prices": [
        {"sku": "TEA-001", "unit_price": usd(1_299), "tax_class": "food"},
        {"sku": "POT-001", "unit_price": usd(850), "tax_rate": "0.1"},
    ],
}
FIRST: Mapping[str, Doc] = {"partners/acme": {"name": "Acme", "nodes": ["vendor-1"]}}
RULES: Doc = {
    "name": "Asked for by its class",
    "applies_to": {"sellers": ["us"], "sourcing_classes": ["ruled"]},
    "rules": [
        {
            "name": "food",
            "when": {"any_line": {"categories": ["Food"], "classes": ["goods"], "tags": ["fragile"]}},
            "nodes": {"groups": ["middle"]},
            "rank": ["distance"],
            "rest": {"then": "next"},
        },
        {"name": "others", "rank": ["priority"]},
    ],
}


@pytest.fixture
def world(world: World) -> World:
    at_once(world)
    return world


def at_once(world: World) -> None:
    """Begin with the retailer, units on its shelves and the demand of some days. Ids are numbered."""
    world.now = START
    world.hops.disconnect()
    world.hops = Hops(world.pass_time)
    world.hops.connect()
    turn = count()
    world.patch.setattr(secrets, "randbits", lambda _bits: next(turn))
    as_made("a retailer of whom everything is said", lambda: _put_retailer(world))
    directory.forget()
    capacity.forget()


def _put_retailer(world: World) -> None:
    for place, doc in {**FIRST, **RETAILER}.items():
        reply = put(world, place, doc)
        assert reply.status < 300, (place, reply.body)
    packs.rebuild_all(_named(RETAILER))
    directory.forget()
    assert put(world, "rule-sets/usual", RULES).status == 201
    assert world.call("POST", "/v1/rule-sets/usual/activate", {"version": 1}, who="office").status == 200
    packs.rebuild_all({directory.RULE_SET: ["usual"]})
    directory.forget()
    world.stocked("TEA-001", dc_1=30, dc_2=30)
    world.stocked("POT-001", dc_1=20, dc_2=20, store_1=20)
    for day in range(6):
        world.now = START - timedelta(days=6 - day)
        order_units(world, day % 3 + 1)
    world.now = START


def _named(places: Iterable[str]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for path, _, name in (place.partition("/") for place in places):
        kinds.setdefault(KINDS[path], []).append(name)
    return kinds


def put(world: World, place: str, doc: Doc) -> Reply:
    return world.call("PUT", f"/v1/{place}", doc, who="office")


_NEW_YORK_LANE: Doc = {
    **RETAILER["carriers/road"]["services"][0],
    "lanes": [{"origin": "NY", "regions": {"NY": 3}}],
}
_FAR_LANE: Doc = {"origin": "NY", "regions": {"NY": "far"}}


# The sights of callers


def promised(world: World) -> Any:
    """Return promises near and far, and at a counter."""
    wanted: tuple[tuple[Doc, Doc], ...] = (
        (_NEAR, {"TEA-001": 3}),
        (_FAR, {"TEA-001": 2, "POT-001": 1}),
        (_NEAR, {"TEA-001": 25}),
    )
    return [_promise(world, to, wants) for to, wants in wanted]


def ruled(world: World) -> Any:
    """Return promises for a class of customers that has rules."""
    return [_promise(world, _FAR, {sku: 2}, sourcing_class="ruled", methods=["SHIP"]) for sku in ("TEA-001", "POT-001")]


def hurried(world: World) -> Any:
    """Return a promise of which the cheapest option takes longest."""
    return _promise(world, _FAR, {"TEA-001": 1}, methods=["SHIP"])


def lost(world: World) -> Any:
    """Return a promise to a place that cannot be located."""
    return _promise(world, {"country": "US", "city": "Nowhere"}, {"TEA-001": 1}, methods=["SHIP"])


def broken_set(world: World) -> Any:
    """Return the answer to a cancel of one component of a bundle."""
    parts = (("POT-001", 1, 600_000), ("TEA-001", 1, 400_000))
    order_id = world.placed(*a_set(1, 1000, *parts, sku="TEA-001"), ship_to=_address(_NEAR))
    return world.change(order_id, "cancel", {"reason": "no", "lines": [{"line_id": "b1", "quantity": 1}]}).status


def _promise(world: World, to: Doc, wants: Doc, **more: Any) -> Any:
    lines = [{"line_id": sku, "sku": sku, "quantity": units} for sku, units in wants.items()]
    return world.call("POST", "/v1/promises", {"channel": "web", "lines": lines, "to": to, **more}, key=None).body


def priced(world: World) -> Any:
    """Return the status of an order in dollars."""
    return world.place_order(("TEA-001", 1), external_id="WEB-1").status


def wherever(world: World) -> Any:
    """Return an order of a network without carriers, whose routes are weighed by distance alone."""
    world.entry(directory.CARRIER, "road", {**RETAILER["carriers/road"], "country": "CA", "services": []})
    packs.rebuild_all({directory.CARRIER: ["road"]})
    directory.forget()
    return ordered(world)


def uncounted(world: World) -> Any:
    """Return availability and alerts ten days after the last count."""
    row = {"sku": "TEA-001", "node_id": "dc-1", "quantity": 9}
    count = {"reference": "c-1", "counted_at": START.isoformat(), "rows": [row]}
    assert world.call("POST", "/v1/stock/snapshots", count, who="office").status == 200
    world.pass_time(10 * 86_400)
    return sold(world)


def overdue(world: World) -> Any:
    """Return availability and alerts of a supply that is two days late."""
    line = {"line": 1, "sku": "TEA-001", "node_id": "dc-1", "quantity": 100, "eta": "2026-11-20"}
    body = {"supply_id": "po-1", "reference": "r-1", "action": "CREATE", "type": "PURCHASE_ORDER", "lines": [line]}
    world.call("POST", "/v1/stock/supplies", body, who="office")
    world.pass_time(2 * 86_400)
    world.hops.invoke("daily", {})
    return sold(world)


def sold(world: World) -> Any:
    """Return the availability of each channel, and the alerts."""
    watch.handler({"skus": ["TEA-001", "POT-001"]}, None)
    asks = {"skus": ["TEA-001", "POT-001"], "node_ids": ["dc-1", "store-1"]}
    return [
        *(
            world.call("POST", "/v1/availability", {**asks, "channel": channel}, who="office", key=None).body
            for channel in ("web", "outlet")
        ),
        *(
            world.call("GET", "/v1/stock-alerts", who="office", query={"kind": kind}).body
            for kind in ("LOW", "STALE_SNAPSHOT")
        ),
    ]


def learnt(world: World) -> Any:
    """Return the suggestions, figures and alerts after a night."""
    world.pass_time(10 * 86_400)
    world.hops.invoke("daily", {})
    world.settle()
    return [world.call("GET", "/v1/stock/TEA-001/demand", who="office").body, sold(world)]


def ordered(world: World) -> Any:
    """Return an order at its node: itself, its events and decisions, the work, the mails."""
    return _ordered(world, _NEAR, ("TEA-001", 3))


def by_link(world: World) -> Any:
    """Return the units that a customer may cancel by the link of a new order."""
    page = holder(world, world.placed(("TEA-001", 3), ship_to=_address(_NEAR))).get()
    return [name for name, _ in page.fields]


def owed(world: World) -> Any:
    """Return the last days of a gift card and of store credit that are issued today."""
    body = {"channel": "web", "amount": usd(500), "reason": "x"}
    card = world.call("POST", "/v1/gift-cards", body)
    credit = world.call("POST", "/v1/store-credits", {**body, "customer_id": "c-1"})
    return card.body["good_until"], credit.body["good_until"]


def cards_on_account(world: World) -> Any:
    """Return what a shop hears that sells a gift card on account."""
    world.entry(directory.PRODUCT, "GIFT-1", {"title": "Gift", "weight_g": 0, "class": "goods", "gift_card": True})
    directory.forget()
    line = {"sku": "GIFT-1", "quantity": 1, "kind": "DIGITAL", "unit_price": usd(2_500)}
    paid = {"method": "ON_ACCOUNT", "reference": "erp-1", "authorized": usd(2_500)}
    return world.place_order(line, payments=[paid], ship_to=None).status


def expired(world: World) -> Any:
    """Return what is left of a gift card two weeks after it has expired."""
    set_channel(world, gift_card_days=1, legal_entity="tea-co")
    card = world.call("POST", "/v1/gift-cards", {"channel": "web", "amount": usd(500), "reason": "x"}).body
    world.pass_time(16 * 86_400)
    world.sweep()
    return world.call("GET", f"/v1/gift-cards/{card['account_id']}", who="office").body["balance"]


def may_be_erased(world: World) -> Any:
    """Return whether the customer of an order that was shipped just now may be erased."""
    order_id = world.placed(("TEA-001", 1), ship_to=_address(_NEAR), customer={"id": "c-1", "name": "Ada"})
    world.settle()
    world.step(order_id, "ship")
    world.settle()
    customer_id = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body["customer_id"]
    return world.call("DELETE", f"/v1/customers/{customer_id}", who="office", key=None).status


def ordered_digitally(world: World) -> Any:
    """Return what was provided of an order of a digital line."""
    line = {"sku": "TEA-001", "quantity": 1, "kind": "DIGITAL", "unit_price": usd(500)}
    order_id = world.placed(line, ship_to=None)
    world.settle()
    return world.order(order_id)["provisions"]


def ordered_far(world: World) -> Any:
    """Return an order from far away, of skus that two nodes have."""
    return _ordered(world, _FAR, ("TEA-001", 2), ("POT-001", 1))


def busy(world: World) -> Any:
    """Return an order near a node that has work already."""
    world.placed(at_counter("TEA-001", 1, "dc-1"), external_id="WEB-0", ship_to=None)
    world.settle()
    return ordered(world)


def _ordered(world: World, to: Doc, *lines: tuple[str, int]) -> Any:
    requested = {"deliver_by": "2026-11-20"}
    order_id = world.placed(*lines, external_id="WEB-1", ship_to=_address(to), requested=requested)
    world.settle()
    return seen(world, order_id)


def paid(world: World) -> Any:
    """Return the payments of a new order."""
    return world.order(world.placed(("TEA-001", 1), ship_to=_address(_NEAR)))["payments"]


def served(world: World) -> Any:
    """Return what the tax service of the channel is asked about a sale, and its tax."""
    to = {"country": "US", "region": "IL", "postal_code": "60601"}
    lines = [{"sku": "TEA-001", "amount": usd(1_000)}]
    asked = {"channel": "web", "currency": "USD", "ship_to": to, "lines": lines}
    with running() as server:
        answer = world.call("POST", "/v1/tax-quotes", asked, who="office").body
    return answer["lines"], server.documents.asked


_SERVED = {"service": "avalara", "company": "TEA", "codes": [{"tax_class": "BOOKS", "code": FOOD}]}
_OF_FOOD = {**_SERVED, "codes": [{"tax_class": "FOOD", "code": FOOD}]}


def delivered(world: World) -> Any:
    """Return an order of which a unit is cancelled and the rest is handed over, with its mails and its invoice."""
    body = a_body(("TEA-001", 3), external_id="WEB-1", discounts=[{"code": "BYE", "amount": usd(150)}])
    body["lines"][0]["fulfillment"] = {"method": "PICKUP", "node_id": "dc-1"}
    body["totals"] |= {"discounts": usd(150), "total": usd(2_850)}
    order_id = world.placed(**body)
    world.settle()
    world.change(order_id, "cancel", {"reason": "no", "lines": [{"line_id": "1", "quantity": 1}]})
    world.settle()
    world.steps(order_id, "accept", "start-pick", "pick")
    world.step(order_id, "ready")
    world.settle()
    world.step(order_id, "hand-over")
    world.settle()
    bills = [world.call("GET", f"/v1/invoices/{bill}", who="office").body for bill in world.order(order_id)["invoices"]]
    return [seen(world, order_id), bills]


def shipped(world: World) -> Any:
    """Return an order that the retailer's carrier has, with its mails."""
    order_id = world.placed(("TEA-001", 1), external_id="WEB-1", ship_to=_address(_NEAR))
    world.settle()
    world.steps(order_id, "accept", "start-pick", "pick")
    package = {"package_id": "p-1", "carrier": "ROAD", "tracking_number": "R-1"}
    world.step(order_id, "ship", body={"packages": [package]})
    world.settle()
    return seen(world, order_id)


def tracked(world: World) -> Any:
    """Return an order of which the carrier told scans by its codes, and which waits for the next scan for a week."""
    order_id = world.placed(("TEA-001", 1), external_id="WEB-1", ship_to=_address(_NEAR))
    world.settle()
    package = {"package_id": "p-1", "carrier": "ROAD", "tracking_number": "R-1"}
    world.step(order_id, "ship", body={"packages": [package]})
    scan = {"tracking_number": "R-1", "occurred_at": world.now.isoformat()}
    events = [{**scan, "code": "OUT"}, {**scan, "status": "IN_TRANSIT", "carrier": "Road Co"}]
    told = world.call("POST", "/v1/tracking-events", {"events": events}, who="office").body
    world.pass_time(7 * 86400)
    world.sweep()
    return told, world.waiting(order_id), seen(world, order_id)


def held(world: World) -> Any:
    """Return orders on which the hold may be placed, the answers of callers that resolve it, and the orders a day later."""
    found = []
    for n, (channel, tags, units) in enumerate(
        (("web", ["vip"], 3), ("web", ["new"], 3), ("outlet", ["vip"], 3), ("web", ["vip"], 1), ("web", ["vip"], 3))
    ):
        reply = world.place_order(("TEA-001", units), channel=channel, tags=tags, external_id=f"WEB-{n}", who="office")
        found.append(reply.body["order_id"])
    world.settle()
    answers = [seen(world, order_id) for order_id in found]
    for queue in ("sales-review", "holds"):
        page = world.call("GET", f"/v1/queues/{queue}", who="office").body
        answers.append(len(page["items"]))
    answers += [
        world.change(found[0], "holds/h1/resolve", {"resolution": "fine"}, who=who).status
        for who in ("office", "sales")
    ]
    world.pass_time(25 * 3600)
    world.sweep()
    return [*answers, seen(world, found[4])]


def allowed(world: World) -> Any:
    """Return what an order at its node may take."""
    order_id = world.placed(("TEA-001", 1), external_id="WEB-1")
    world.settle()
    world.steps(order_id, "accept", "start-pick")
    return world.call("GET", f"/v1/orders/{order_id}/allowed-changes").body


def cancelled_for(world: World) -> Any:
    """Return what a cancel for the own reason does to the units, and what the timeline says."""
    order_id = world.placed(("TEA-001", 1), external_id="WEB-1")
    world.settle()
    reply = world.change(order_id, "cancel", {"reason_code": "own"})
    said = world.call("GET", f"/v1/orders/{order_id}/events", query={"locale": "es"}).body["items"]
    stock = world.call("GET", "/v1/stock/TEA-001", who="office").body["positions"]
    return reply.status, [row["words"]["text"] for row in said], [position["on_hand"] for position in stock]


def declined_for(world: World) -> Any:
    """Return what a decline for the own reason does to the units, and what the timeline says."""
    order_id = world.placed(("TEA-001", 1), external_id="WEB-1")
    world.settle()
    reply = world.step(order_id, "decline", body={"reason": "own"})
    world.settle()
    said = world.call("GET", f"/v1/orders/{order_id}/events", query={"locale": "es"}).body["items"]
    stock = world.call("GET", "/v1/stock/TEA-001", who="office").body["positions"]
    asked = [one["node_id"] for one in world.order(order_id)["fulfillments"]]
    return reply.status, [row["words"]["text"] for row in said], [position["on_hand"] for position in stock], asked


def packed(world: World) -> Any:
    """Return the cartons that are suggested for an order, and what becomes of it when it is packed into one."""
    sscc_serials.forget()
    order_id = world.placed(("TEA-001", 3))
    world.settle()
    number = f"ful_{order_id[4:]}-001"
    cartons = world.call("GET", f"/v1/fulfillments/{number}/cartons", who="office").body["cartons"]
    named = world.call("GET", "/v1/cartons/box", who="office").body["title"]
    world.steps(order_id, "accept", "pick")
    contents = [{"line_id": "1", "quantity": 3}]
    package = {"package_id": "P1", "contents": contents, "carton_id": "box", "weight_g": 2_200}
    reply = world.step(order_id, "pack", body={"packages": [package]})
    return (
        named,
        cartons,
        reply.status,
        reply.body.get("errors"),
        [one["sscc"] for one in reply.body.get("packages", ())],
    )


def case_opened(world: World) -> Any:
    """Return the owner and the due times of a case that is opened and then waits."""
    case_id = opened(world, world.placed(("TEA-001", 1), external_id="WEB-1"))
    before = case(world, case_id)
    return before["owner"], before["due"], step(world, case_id, "wait", **{"for": "PARTNER"}).body["due"]


def caught(world: World) -> Any:
    """Return the holds of a new order."""
    order = world.place_order(("TEA-001", 3), channel="web", tags=["vip"], who="office").body
    return [(hold["type"], hold["line_ids"], hold["contributions"]) for hold in order["holds"]]


def listed(world: World) -> Any:
    """Return what two skus cost, on the days at which the list begins and ends too."""
    asked = [("TEA-001", "2026-11-20"), ("POT-001", "2026-11-20"), ("TEA-001", "2026-10-31"), ("TEA-001", "2026-12-01")]
    replies = [
        world.call("GET", "/v1/list-prices", query={"channel": channel, "sku": sku, "day": day}, who="office")
        for channel in ("web", "outlet")
        for sku, day in asked
    ]
    return [(r.status, r.body.get("unit_price"), r.body.get("tax_rate"), r.body.get("tax_class"), r.body.get("includes_tax"))
            for r in replies]  # fmt: skip


def taxed(world: World) -> Any:
    """Return the taxes of a sale on a day on which a row of the table begins or ends."""
    body = {
        "channel": "web",
        "currency": "USD",
        "day": "2026-11-20",
        "ship_to": {"country": "US", "region": "IL", "postal_code": "60601"},
        "lines": [{"sku": "TEA-001", "amount": usd(1_000)}],
    }
    return world.call("POST", "/v1/tax-quotes", body, who="office").body["lines"]


def numbered(world: World) -> Any:
    """Return the number of an invoice."""
    order_id = world.placed(("TEA-001", 3), channel="web", external_id="WEB-1", who="office")
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    return world.call("GET", f"/v1/invoices/inv_{order_id[4:]}-001", who="office").body["number"]


def shipped_unpacked(world: World) -> Any:
    """Return the status of the answer to a node that ships goods without packing them."""
    order_id = world.placed(("TEA-001", 3), channel="web", external_id="WEB-1", who="office")
    world.settle()
    return world.step(order_id, "ship").status


def printed(world: World) -> Any:
    """Return the seller on the PDF of an invoice, the day until which the invoice's copy is kept, and that until which it is to
    be paid."""
    order_id = world.placed(("TEA-001", 3), channel="web", external_id="WEB-1", who="office")
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    reply = world.call("GET", f"/v1/invoices/inv_{order_id[4:]}-001/pdf", who="office")
    text = "".join(pages(urlsplit(reply.headers["Location"]).path.strip("/")))
    (copy,) = world.aws.items("Customers", f"O#{order_id}", "I#")
    due_on = world.call("GET", f"/v1/invoices/inv_{order_id[4:]}-001", who="office").body["due_on"]
    return text[text.index("SELLER") : text.index("ARTICLE")], copy["keep_until"], due_on


def fast(world: World) -> Any:
    """Return three orders of one customer, two hours apart."""
    found = []
    for n in range(3):
        found.append(world.place_order(("TEA-001", 3), channel="web", external_id=f"WEB-{n}", who="office").body)
        world.pass_time(2 * 3600)
    return [[hold["type"] for hold in order["holds"]] for order in found]


def supplied(world: World) -> Any:
    """Return the answers about a supply that is announced, late, and received beyond its announced quantity."""
    body = {"supply_id": "po-1", "reference": "r-1", "action": "CREATE", "type": "PURCHASE_ORDER"}
    line = {"line": 1, "sku": "TEA-001", "node_id": "dc-1", "quantity": 100, "eta": "2026-11-23"}
    answers = [world.call("POST", "/v1/stock/supplies", {**body, "lines": [line]}, who="office").body]
    cases = {**line, "line": 2, "quantity": 2, "uom": "CASE"}
    cased = {**body, "supply_id": "po-2", "reference": "r-2", "lines": [cases]}
    answers.append(world.call("POST", "/v1/stock/supplies", cased, who="office").body)
    answers.append(sold(world))
    receipt = {"supply_id": "po-1", "reference": "r-3", "action": "RECEIVE", "lines": [{"line": 1, "quantity": 103}]}
    answers.append(world.call("POST", "/v1/stock/supplies", receipt, who="office").body)
    world.pass_time(6 * 86_400)
    answers.append(learnt(world))
    return answers


def worked(world: World) -> Any:
    """Return the work that a partner's client sees."""
    order_id = world.placed(at_counter("TEA-001", 1, "dc-1"), external_id="WEB-1", ship_to=None)
    world.settle()
    nodes = ("vendor-1", "dc-1")
    pages = [world.call("GET", "/v1/fulfillments", who="acme", query={"node_id": node}) for node in nodes]
    return order_id[:4], [page.status for page in pages]


def _address(at: Doc) -> Doc:
    city = {"IL": "Chicago", "NY": "New York"}[at["region"]]
    return {"name": "Ada Byron", "line1": "12 Main St", "city": city, **at}


def seen(world: World, order_id: str) -> Any:
    parts = ("", "/events", "/decisions")
    answers = [world.call("GET", f"/v1/orders/{order_id}{part}", who="office").body for part in parts]
    work = [
        world.call("GET", f"/v1/fulfillments/{one['fulfillment_id']}", who="office").body
        for one in answers[0]["fulfillments"]
    ]
    mails = [mail["Content"] for mail in world.hops.sent if order_id in str(mail["EmailTags"])]
    text = json.dumps([answers, work, mails], sort_keys=True, default=str)
    return re.sub("@[0-9]+", "", text)  # without the versions of entries


@dataclass(frozen=True)
class Row:
    """Another value of a field, the sight of its effect or the pointer of its refusal, and the entry if it is not the retailer's."""

    value: Any
    seen: Eye | str
    doc: Doc | None = None


def _with(place: str, **changes: Any) -> Doc:
    return {name: value for name, value in {**RETAILER[place], **changes}.items() if value is not None}


_ROAD, _NODE, _TEA = RETAILER["carriers/road"], RETAILER["nodes/dc-1"], RETAILER["products/TEA-001"]
_STANDARD = _with("carriers/road", services=_ROAD["services"][:1])
_EXPRESS = _with("carriers/road", services=_ROAD["services"][1:], collections=[])
_POLICY = "stock-policies/default"


def _percent(level: str) -> Doc:
    """Return the stock policy with a percentage at this level."""
    safety = RETAILER[_POLICY]["safety"]
    said = {"percent": 10} if level == "default" else {name: {"percent": 10} for name in safety[level]}
    return _with(_POLICY, safety={**safety, level: said})


def _hold_type(**changes: Any) -> Doc:
    return _with("hold-types/SALES_REVIEW", **{"applies_when": None, **changes})


def _scored(**when: Any) -> Doc:
    return _hold_type(score={"at_least": 5, "rules": [{"id": "a", "points": 9, "when": when}]})


_TWO_RULES = {
    "at_least": 5,
    "rules": [{"id": "a", "points": 9, "when": {}}, {"id": "b", "points": 9, "when": {"countries": ["CA"]}}],
}
_FAST = {"per": "EMAIL", "hours": 24, "orders_at_least": 2}
_WORTH = {"per": "EMAIL", "hours": 24, "total_at_least": usd(5_000)}
# field of a condition -> (the condition, the field's other value, the sight of its effect)
_CONDITIONS: Mapping[str, tuple[Doc, Any, Eye]] = {
    "total_at_least.amount": ({"total_at_least": usd(2_000)}, 5_000, caught),
    "total_at_least.currency": ({"total_at_least": usd(2_000)}, "EUR", caught),
    "units_at_least": ({"units_at_least": 1}, 4, caught),
    "lines_at_least": ({"lines_at_least": 1}, 2, caught),
    "channels": ({"channels": ["web"]}, ["outlet"], caught),
    "tags": ({"tags": ["vip"]}, ["new"], caught),
    "skus": ({"skus": ["TEA-001"]}, ["POT-001"], caught),
    "classes": ({"classes": ["goods"]}, ["fuel"], caught),
    "payment_methods": ({"payment_methods": ["CARD"]}, ["PIX"], caught),
    "countries": ({"countries": ["US"]}, ["CA"], caught),
    "precisions": ({"precisions": ["GIVEN"]}, ["CITY"], caught),
    "addresses_differ": ({}, True, caught),
    "first_order": ({"first_order": True}, False, caught),
    "velocity.per": ({"velocity": _FAST}, "PHONE", fast),
    "velocity.hours": ({"velocity": _FAST}, 1, fast),
    "velocity.orders_at_least": ({"velocity": _FAST}, 3, fast),
    "velocity.total_at_least.amount": ({"velocity": _WORTH}, 1, fast),
    "velocity.total_at_least.currency": ({"velocity": _WORTH}, "EUR", fast),
}


def _rows_of_rules() -> dict[str, Row]:
    """Return the rows of the conditions of hold types, alone and in a score."""
    return {
        path: row
        for field, (when, value, eye) in _CONDITIONS.items()
        for path, row in (
            (f"applies_when.{field}", Row(value, eye, _hold_type(applies_when=when))),
            (f"score.rules.when.{field}", Row(value, eye, _scored(**when))),
        )
    }


ROWS: Mapping[str, Mapping[str, Row]] = {
    "calendars/dc": {
        "timezone": Row("America/New_York", promised),
        "hours.weekday": Row(5, promised),
        "hours.opens": Row("10:00", promised),
        "hours.closes": Row("15:00", promised),
        "closed": Row(["2026-11-19"], promised),
        "holidays.country": Row("CA", "/holidays/region"),
        "holidays.region": Row("PR", promised),
    },
    "channels/web": {
        "name": Row("Another name", ordered),
        "seller": Row("them", ruled),
        "currencies": Row(["EUR"], priced, _with("channels/web", order_form=None)),
        "countries": Row(["CA"], promised, _with("channels/web", order_form=None)),
        "locales": Row(["pt-BR"], ordered),
        "discount_after_cancel": Row("KEEP", delivered),
        "unknown_places": Row("REFUSE", lost),
        "payment_providers": Row({"CARD": "stripe"}, paid),
        "tax_table": Row("none", "/tax_table"),
        "tax_service.service": Row("other", "/tax_service/service", _with("channels/web", tax_service=_SERVED)),
        "tax_service.company": Row("CUPS", served, _with("channels/web", tax_service=_SERVED)),
        "tax_service.codes.tax_class": Row("FOOD", served, _with("channels/web", tax_service=_SERVED)),
        "tax_service.codes.code": Row("PF1", served, _with("channels/web", tax_service=_OF_FOOD)),
        "legal_entity": Row("none", "/legal_entity"),
        "breakable": Row(True, broken_set),
        "customer_cancel_minutes": Row(0, by_link),
        "gift_card_days": Row(30, owed),
        "store_credit_days": Row(30, owed),
        "gift_cards_on_account": Row(True, cards_on_account),
        "contact_days_after_shipment": Row(0, may_be_erased),
        "order_form.countries": Row(["CA"], "/order_form/countries/0"),
        "order_form.currency": Row("BRL", "/order_form/currency"),
        "order_form.shipping.currency": Row("EUR", "/order_form/shipping/STANDARD/currency"),
        "order_form.payment_notes": Row({"es": "Le enviamos un enlace."}, "/order_form/payment_notes/es"),
    },
    "partners/acme": {"nodes": Row(["dc-1"], worked, FIRST["partners/acme"])},
    "nodes/dc-1": {
        "type": Row("STORE", promised),
        "name": Row("Another name", delivered),
        "country": Row("CA", "/region"),
        "latitude": Row(42.3, promised),
        "longitude": Row(-88.0, promised),
        "calendar": Row("always", promised),
        "ship": Row(False, promised),
        "pickup": Row(False, promised),
        "accept_minutes": Row(120, ordered),
        "ship_minutes": Row(900, ordered),
        "partner_id": Row("acme", worked),
        "city": Row("FPO", "/postal_code"),
        "region": Row("IA", "/region"),
        "postal_code": Row("10001", "/region"),
        "processing_minutes": Row(400, promised),
        "cut_off": Row("05:00", promised),
        "units_per_day": Row(2, promised),
        "safety.units": Row(9, sold),
        "safety.percent": Row(60, sold, _with("nodes/dc-1", safety={"percent": 10})),
        "receiving_days": Row(3, supplied),
        "groups": Row(["other"], ruled),
        "tags": Row(["dry"], promised),
        "priority": Row(2, ruled),
        "acceptance_percent": Row(10, promised),
        "handling.per_package_micros": Row(900_000, promised),
        "handling.per_unit_micros": Row(900_000, promised),
        "gs1_company_prefix": Row("4054321", packed),
    },
    "products/TEA-001": {
        "title": Row("Black tea", ordered),
        "weight_g": Row(1_100, promised),
        "class": Row("other", ruled),
        "gtin": Row("4006381333948", ordered),
        "safety.units": Row(3, sold, _with("products/TEA-001", safety={"units": 9})),
        "safety.percent": Row(3, sold, _with("products/TEA-001", safety={"percent": 50})),
        "safety_by_channel.units": Row(5, promised),
        "safety_by_channel.percent": Row(
            50, sold, _with("products/TEA-001", safety_by_channel={"web": {"percent": 10}})
        ),
        "low_units": Row(90, sold),
        "units": Row({"CASE": 6}, supplied),
        "categories": Row(["Drinks"], ruled),
        "tax_class": Row("TOYS", taxed),
        "gift_card": Row(True, ordered_digitally),
        "tags": Row(["other"], ruled),
        "requires": Row(["dry"], promised),
        "carton_requires": Row(["hazmat"], packed),
        "dims_mm": Row([150, 150, 100], promised),
        "markdown_micros": Row(3_000_000, ordered),
        "prices.amount": Row(0, "/prices/web/amount"),
        "prices.currency": Row("BRL", "/prices/web/currency"),
    },
    "carriers/road": {
        "country": Row("CA", promised, _EXPRESS),
        "calendar": Row("always", promised),
        "tracking_url": Row("https://road.example/another/{number}", shipped),
        "name": Row("Road Co", tracked),
        "tracking_codes": Row({"OUT": "RETURNED"}, tracked),
        "overdue_days": Row(30, tracked),
        "services.service": Row("EXPRESS", promised, _STANDARD),
        "services.mode": Row("AIR", promised),
        "services.factor": Row("air-long-haul", promised, _EXPRESS),
        "services.g_co2e_per_tonne_km": Row(900, promised),
        "services.feeders.factor": Row("road-rigid", promised),
        "services.feeders.km": Row(90, promised),
        "services.price.currency": Row("EUR", promised),
        "services.price.base_micros": Row(1_000_000, promised),
        "services.price.per_km_micros": Row(90_000, promised),
        "services.price.per_kg_micros": Row(500_000, promised),
        "services.max_package_g": Row(800, promised),
        "services.carton.inside_mm": Row([110, 90, 70], promised),
        "services.carton.fill_percent": Row(15, promised),
        "services.bands.up_to_km": Row(5, promised),
        "services.bands.days": Row(3, promised),
        "services.lanes.origin": Row("CA", promised),
        "services.lanes.regions": Row({"NY": 7}, promised, _with("carriers/road", services=[_NEW_YORK_LANE])),
        "services.lanes.postal": Row({"606": 4}, promised),
        "collections.node_id": Row("dc-2", promised),
        "collections.weekday": Row(4, promised),
        "collections.at": Row("17:00", promised),
        "collections.cut_off_minutes": Row(560, promised),
        "collections.service": Row("EXPRESS", promised),
    },
    "rate-cards/road-express": {
        "carrier": Row("rail", "/carrier"),
        "service": Row("STANDARD", promised),
        "currency": Row("EUR", "/currency"),
        "valid_from": Row("2026-12-01", promised),
        "valid_until": Row("2026-11-01", promised),
        "dim_divisor": Row(100, promised),
        "round_up_g": Row(5_000, promised),
        "per_package_micros": Row(1, promised),
        "fuel_basis_points": Row(0, promised),
        "zones.steps.up_to_g": Row(5_000, promised),
        "zones.steps.micros": Row(1_000_000, promised),
        "zones.per_kg_micros": Row(1, promised),
        "bands.up_to_km": Row(5, promised, _with("rate-cards/road-express", lanes=[])),
        "bands.zone": Row("far", promised, _with("rate-cards/road-express", lanes=[])),
        "lanes.origin": Row("CA", promised, _with("rate-cards/road-express", lanes=[_FAR_LANE])),
        "lanes.regions": Row({"NY": "near"}, promised, _with("rate-cards/road-express", lanes=[_FAR_LANE])),
        "lanes.postal": Row({"606": "far"}, promised),
    },
    "routing-costs/default": {
        "per_shipment_micros": Row(1, wherever),
        "per_km_micros": Row(100_000, wherever),
        "per_pickup_micros": Row(1, promised),
        "per_day_micros": Row(0, hurried),
        "per_kg_co2e_micros": Row(900_000_000, promised),
        "per_late_day_micros": Row(90_000_000, ordered_far),
        "full_node_micros": Row(90_000_000, busy),
        "redo_micros": Row(90_000_000, promised),
        "handling.per_package_micros": Row(1, ordered_far),
        "handling.per_unit_micros": Row(1, ordered_far),
        "last_units.micros": Row(1, ordered_far),
        "last_units.units": Row(1, ordered_far),
        "overstock.micros": Row(1, ordered_far),
        "overstock.units": Row(100, ordered_far),
    },
    "stock-policies/default": {
        **{f"safety.{level}.units": Row(9, sold) for level in ("default", "channels", "node_types", "classes")},
        **{
            f"safety.{level}.percent": Row(60, sold, _percent(level))
            for level in ("default", "channels", "node_types", "classes")
        },
        "supplies.excluded_percent": Row(50, supplied),
        "supplies.grace_days": Row(0, overdue),
        "supplies.over_receipt_percent": Row(1, supplied),
        "demand.lead_days": Row(30, learnt),
        "demand.lead_days_sigma": Row(9, learnt),
        "demand.service_percent": Row(60, learnt),
        "low_units": Row(90, sold),
        "stale_days": Row(1, uncounted),
    },
    "hold-types/SALES_REVIEW": {
        "level": Row("line", held),
        "blocks": Row(["ship"], held),
        "reason": Row("other", held),
        "queue": Row("holds", held),
        "active": Row(False, held),  # the field's other value
        **_rows_of_rules(),
        "score.at_least": Row(10, caught, _hold_type(score=_TWO_RULES)),
        "score.rules.id": Row("other", caught, _scored()),
        "score.rules.points": Row(6, caught, _scored()),
        "resolved_by": Row("schedule", held),
        "expires_hours": Row(48, held),
        "expires_minutes": Row(48 * 60, held, _hold_type(applies_when={}, expires_minutes=60, expires_hours=None)),
        "on_expiry": Row("CANCEL", held),
        "roles": Row(["admin"], held),
    },
    "cancel-reasons/own": {
        "titles": Row({"en-US": "Recalled", "pt-BR": "Recolhido", "es": "Otro"}, cancelled_for),
        "blame": Row("node", cancelled_for),
        "units_go": Row("SALE", cancelled_for),
        "active": Row(False, cancelled_for),
    },
    "cartons/box": {
        "title": Row("Ice box", packed),
        "inside_mm": Row([200, 150, 40], packed),
        "max_g": Row(2_000, packed),
        "fill_percent": Row(20, packed),
        "tags": Row(["hazmat"], packed),
    },
    "decline-reasons/own": {
        "titles": Row({"en-US": "Broken", "pt-BR": "Quebrado", "es": "Otro"}, declined_for),
        "blame": Row("node", declined_for),
        "units_go": Row("MISSING", declined_for),
        "ask_again": Row(False, declined_for),
        "active": Row(False, declined_for),
    },
    "modification-matrices/default": {
        "rules.modification": Row("fly", "/rules/0/modification"),
        "rules.allow": Row(True, allowed),
        "rules.statuses": Row(["PICKED"], allowed),
        "rules.levels": Row(["order"], allowed),
        "rules.channels": Row(["outlet"], allowed),
        "rules.reason": Row("too late", allowed),
    },
    "price-lists/usual": {
        "channels": Row(["outlet"], listed, PRICES),
        "currency": Row("EUR", "/prices/0/unit_price/currency", PRICES),
        "valid_from": Row("2026-10-30", listed, PRICES),
        "valid_until": Row("2026-12-02", listed, PRICES),
        "includes_tax": Row(True, listed, PRICES),
        "tax_rate": Row("0.06", listed, PRICES),
        "partner_id": Row("moon", "/partner_id", PRICES),
        "prices.sku": Row("POT-001", "/prices/1/sku", PRICES),
        "prices.unit_price.amount": Row(1_000, listed, PRICES),
        "prices.unit_price.currency": Row("EUR", "/prices/0/unit_price/currency", PRICES),
        "prices.tax_rate": Row("0.2", listed, PRICES),
        "prices.tax_class": Row("drink", listed, PRICES),
    },
    "tax-tables/states": {
        "synthetic": Row(True, taxed),
        "rows.country": Row("CA", "/rows/0/region"),
        "rows.region": Row("NY", taxed),
        "rows.postal_prefix": Row("61", taxed),
        "rows.tax_class": Row("TOYS", taxed),
        "rows.valid_from": Row("2026-11-21", taxed),
        "rows.valid_until": Row("2026-11-20", taxed),
        "rows.rate": Row("0.03", taxed),
        "rows.name": Row("Tax on food", taxed),
        "rows.zero_rate_reason": Row("EXEMPT", "/rows/0/zero_rate_reason"),
    },
    "legal-entities/tea-co": {
        "name": Row("Tea & Sons", printed),
        "tax_id": Row("99-9999999", printed),
        "registration_id": Row("OH-779", printed),
        "line1": Row("2 Harbor Way", printed),
        "line2": Row("Floor 3", printed),
        "city": Row("Dayton", printed),
        "region": Row("Illinois", printed),
        "postal_code": Row("123", "/postal_code"),
        "country": Row("ZZ", "/country"),
        "electronic_address": Row("0088", "/electronic_address"),
        "keep_invoices_years": Row(3, printed),
        "payment_days": Row(14, printed),
        "breakage_days": Row(20, expired),
        "number_prefix": Row("TC", numbered),
        "invoice_when": Row("PACKED", shipped_unpacked),
    },
    "case-terms/default": {
        "kinds.team": Row("tower", case_opened),
        "kinds.due_hours": Row(6, case_opened),
        "kinds.wait_hours": Row(8, case_opened),
    },
}

# Fields that people read and no rule uses, as docs/api.md says.
FOR_PEOPLE = {
    "calendars/dc": {"name"},
    # The page of the order form shows these.
    "channels/web": {
        f"order_form.{field}" for field in ("enabled", "titles", "tax_rate", "prices_include_tax", "shipping.amount")
    },
    # The effect on reports of money and on bills of carriers: tests/functions/settlements.
    "partners/acme": {
        "name",
        "carrier_invoices",
        *(f"settlements.{field}" for field in ("provider", "since", "missing_after_days")),
    },
    "price-lists/usual": {"name"},
    "tax-tables/states": {"name"},
    # The effect on the invoices of Brazil: tests/functions/documents/test_nfe_papers.py.
    "products/TEA-001": {"department", *(f"nfe.{field}" for field in NfeOfProduct.model_fields)},
    "legal-entities/tea-co": {f"nfe.{field}" for field in NfeOfEntity.model_fields},
    "carriers/road": {"services.source", "bill_limits.percent", "bill_limits.amount"},
    "rate-cards/road-express": {"name"},
    # The effect on waves: tests/functions/wave/test_wave.py.
    "routing-costs/default": {"wave_least_micros"},
    # How many orders a second a node's day takes: tests/aws/orders/test_capacity.py.
    "nodes/dc-1": {"capacity_lanes"},
}


@pytest.mark.parametrize("place", ROWS)
def test_every_field_of_an_entry_has_a_row_here(place: str) -> None:
    assert set(fields_of(MODELS[place.partition("/")[0]])) == {*ROWS[place], *FOR_PEOPLE.get(place, ())}


def test_every_kind_of_entry_has_rows_here() -> None:
    assert {place.partition("/")[0] for place in ROWS} == MODELS.keys()


@pytest.mark.parametrize("place", ROWS)
def test_every_field_of_an_entry_is_used_or_refused_by_name(world: World, place: str) -> None:
    before: dict[tuple[Eye, str], Any] = {}
    unused, unnamed = [], []
    for path, row in ROWS[place].items():
        doc = row.doc or {**FIRST, **RETAILER}[place]
        other = changed(doc, path, row.value)
        if isinstance(row.seen, str):
            at_once(world)
            refused = put(world, place, other)
            if refused.status != 422 or row.seen not in [at for at, _ in refused.errors]:
                unnamed.append((path, refused.status, refused.body))
            continue
        key = (row.seen, json.dumps(doc))
        if key not in before:
            before[key] = _seen_with(world, place, doc, row.seen)
        if _seen_with(world, place, other, row.seen) == before[key]:
            unused.append(path)
    assert (unused, unnamed) == ([], [])


def _seen_with(world: World, place: str, doc: Doc, eye: Eye) -> Any:
    at_once(world)
    reply = put(world, place, doc)
    assert reply.status < 300, (place, reply.body)
    kind = KINDS[place.partition("/")[0]]
    if kind in (*directory.PACKS, directory.CALENDAR, directory.RATE_CARD):  # the packs are made of these
        packs.rebuild_all(_named([place]))
    directory.forget()
    return eye(world)
