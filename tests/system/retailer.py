"""Describe a tiny retailer, independent of the seed: two distribution centres, two stores, a partner, and its orders."""

import uuid
from itertools import count
from typing import Any

WEB, MARKET = "web", "market"
EAST, WEST, STORE_1, STORE_2 = "dc-east", "dc-west", "st-1", "st-2"
ACME, GLOBEX = "acme", "globex"  # acme runs the west; globex has no work here
REVIEWED, CHECKED = "reviewed", "checked"  # tags that make sales, or the payment office, look first
MANY = "many"  # the tag of orders that a rule on velocity looks at
BY_FORM = "order-form"  # the tag of orders that a form placed

# Every personal word of every order begins with it, so that it can be looked for everywhere else.
CANARY = "Zilpzalp"

CALENDARS = {
    "always": {
        "timezone": "America/New_York",
        "hours": [{"weekday": day, "opens": "00:00", "closes": "23:59"} for day in range(7)],
        "closed": [],
    }
}
FINANCE, HOUSE_BANK = "finance", "house-bank"  # the partners that bring reports of money
PARTNERS = {
    ACME: {"name": "Acme", "nodes": [WEST]},
    GLOBEX: {"name": "Globex", "nodes": []},
    FINANCE: {
        "name": "Finance",
        "nodes": [],
        "settlements": {"provider": "stripe", "since": "2026-01-01", "missing_after_days": 120},
        "carrier_invoices": True,
    },
    HOUSE_BANK: {
        "name": "House Bank",
        "nodes": [],
        "settlements": {"provider": "bank", "since": "2026-01-01", "missing_after_days": 1},
    },
}
LEGAL_ENTITIES = {
    "tea-co": {
        "name": "The Tea Company Inc.",
        "tax_id": "12-3456789",
        "line1": "1 Harbor Way",
        "city": "Columbus",
        "region": "OH",
        "postal_code": "43215",
        "country": "US",
        "keep_invoices_years": 7,
    }
}
_SELLS = {"currencies": ["USD"], "countries": ["US"], "locales": ["en-US"], "legal_entity": "tea-co"}
CHANNELS: dict[str, dict[str, Any]] = {name: {"name": name, **_SELLS} for name in (WEB, MARKET)}
BY_PROVIDER = "STRIPE_CARD"  # the method of payments that a payment provider moves
CHANNELS[MARKET]["payment_providers"] = {BY_PROVIDER: "stripe", "LINK": "stripe", "PIX": "stripe"}
CHANNELS[MARKET]["currencies"] = ["USD", "BRL"]
CHANNELS[WEB]["order_form"] = {
    "enabled": True,
    "titles": {"en-US": "Order here", "pt-BR": "Peça aqui"},
    "countries": ["US"],
    "currency": "USD",
    "tax_rate": "0.0825",
    "prices_include_tax": False,
    "shipping": {"STANDARD": {"amount": 599, "currency": "USD"}},
}


def _node(kind: str, latitude: float, longitude: float, **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "name": f"{kind} at {latitude}",
        "country": "US",
        "latitude": latitude,
        "longitude": longitude,
        "calendar": "always",
        "ship": True,
        "pickup": kind == "STORE",
        "accept_minutes": 600,
        "ship_minutes": 6000,
        **more,
    }


NODES = {
    EAST: _node("WAREHOUSE", 40.7, -74.2),
    WEST: _node("WAREHOUSE", 34.0, -118.2, partner_id=ACME),
    STORE_1: _node("STORE", 40.8, -73.9),
    STORE_2: _node("STORE", 41.9, -87.6),
}


def _hold(tag: str, queue: str, blocks: list[str]) -> dict[str, Any]:
    always = {"total_at_least": {"amount": 0, "currency": "USD"}, "tags": [tag]}
    return {"blocks": blocks, "reason": tag, "queue": queue, "applies_when": always}


HOLD_TYPES = {
    "SALES_REVIEW": _hold(REVIEWED, "sales-review", ["schedule"]),
    "FORM_REVIEW": _hold(BY_FORM, "sales-review", ["schedule"]),
    "PAYMENT": _hold(CHECKED, "holds", ["schedule"]),
    "MANY_ORDERS": {
        "blocks": ["schedule"],
        "reason": "many orders",
        "queue": "holds",
        "applies_when": {"tags": [MANY], "velocity": {"per": "EMAIL", "hours": 1, "orders_at_least": 2}},
    },
}

_SHOP = [
    "orders/read",
    "orders/write",
    "customers/read",
    "invoices/read",
    "invoices/write",
    "payments/write",
    "stock/read",
    "stock/reserve",
    "promises/read",
    "directory/read",
    "cases/read",
    "cases/write",
    "drafts/read",
    "drafts/write",
]
_NODE = ["fulfillments/read", "fulfillments/work", "stock/read", "stock/write", "directory/read", "nodes/write"]
_PARTNER = ["fulfillments/read", "fulfillments/work", "directory/read", "tracking/write"]

CLIENTS: dict[str, dict[str, Any]] = {
    "shop": {"kind": "channel", "channels": [WEB], "scopes": _SHOP},
    "market": {"kind": "channel", "channels": [MARKET], "scopes": _SHOP},
    "east": {"kind": "node", "nodes": [EAST], "scopes": _NODE},
    "stores": {"kind": "node", "nodes": [STORE_1, STORE_2], "scopes": _NODE},
    "acme": {"kind": "partner", "partner": ACME, "scopes": _PARTNER},
    "globex": {"kind": "partner", "partner": GLOBEX, "scopes": _PARTNER},
    "road": {"kind": "carrier", "carrier": "road", "scopes": ["tracking/write"]},
    "mailbox": {"kind": "mailbox", "scopes": ["cases/write"]},
    "rail": {"kind": "carrier", "carrier": "rail", "scopes": ["tracking/write"]},
}


def _service(name: str, mode: str, base: int, days: int) -> dict[str, Any]:
    return {
        "service": name,
        "mode": mode,
        "g_co2e_per_tonne_km": 100,
        "source": "made up",
        "price": {"currency": "USD", "base_micros": base, "per_km_micros": 900, "per_kg_micros": 100_000},
        "bands": [{"days": days}],
        "lanes": [],
    }


CARRIERS = {
    "road": {
        "name": "Road",
        "country": "US",
        "calendar": "always",
        "services": [_service("STANDARD", "ROAD", 5_000_000, 3), _service("EXPRESS", "AIR", 15_000_000, 1)],
        "collections": [],
        "bill_limits": {"percent": 10, "amount": 100},
        "tracking_codes": {"OFD": "OUT_FOR_DELIVERY", "DLV": "DELIVERED", "RTS": "RETURNED"},
    }
}
# It serves no address here, and tells about its own parcels only.
CARRIERS["rail"] = {**CARRIERS["road"], "name": "Rail", "country": "CA"}

CARTONS = {"box": {"title": "Box", "inside_mm": [400, 300, 200], "max_g": 9_000}}

# The card is valid later: routes here have the carrier's simple price.
RATE_CARDS = {
    "road": {
        "name": "Road, 2099",
        "carrier": "road",
        "service": "STANDARD",
        "currency": "USD",
        "valid_from": "2099-01-01",
        "zones": {"everywhere": {"steps": [{"up_to_g": 1_000, "micros": 5_000_000}]}},
        "bands": [{"zone": "everywhere"}],
    }
}

WESTERN, HOURLY = "western", "hourly"  # sourcing classes
# In force for orders of these classes, and for no others.
RULE_SETS = {
    "west-only": {
        "name": "Only from the west",
        "applies_to": {"sourcing_classes": [WESTERN]},
        "rules": [{"name": "west", "nodes": {"nodes": [WEST]}, "optimise": {}}],
    },
    "by-the-hour": {
        "name": "With the next wave",
        "applies_to": {"sourcing_classes": [HOURLY]},
        "rules": [{"name": "any", "optimise": {}, "release": "wave"}],
    },
}

# It only looks on, at orders of its class.
WATCHED, SHADOW = "watched", "far-away"
SHADOWS = {
    SHADOW: {
        "name": "Far away",
        "applies_to": {"sourcing_classes": [WATCHED]},
        "rules": [{"name": "far", "nodes": {"nodes": [WEST]}, "rank": ["distance"]}],
    }
}

_RUN = uuid.uuid4().hex[:6]
_numbers = count(1)


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def line(sku: str, quantity: int = 1, *, price: int = 1000, tax: int = 0, discount: int = 0, **fulfillment: str) -> Any:
    """Return a line of an order. `fulfillment` gives method and node_id for a line that is not shipped from any node."""
    return {
        "sku": sku,
        "quantity": quantity,
        "unit_price": usd(price),
        "tax": {"rate": "0.0825", "amount": usd(tax)},
        "discounts": [{"code": "SALE", "amount": usd(discount)}] if discount else [],
        "fulfillment": fulfillment or {"method": "SHIP"},
    }


def bundle(sku: str, sets: int, price: int, tax: int, *parts: tuple[str, int, int]) -> list[Any]:
    """Return the lines of a bundle "b" and its components "b1", "b2" ... `parts` are (sku, units in a set, price share)."""
    components = (
        {
            **line(part, sets * ratio, price=0),
            "line_id": f"b{n}",
            "kind": "COMPONENT",
            "parent_line_id": "b",
            "ratio": ratio,
            "price_share": share,
        }
        for n, (part, ratio, share) in enumerate(parts, 1)
    )
    return [{**line(sku, sets, price=price, tax=tax), "line_id": "b", "kind": "BUNDLE"}, *components]


def basket(
    *lines: Any, channel: str = WEB, to: str = EAST, shipping: int = 0, discount: int = 0, **more: Any
) -> dict[str, Any]:
    """Return an order of a new customer with right totals. The customer lives beside the node `to`."""
    number = next(_numbers)
    goods = sum(one["quantity"] * one["unit_price"]["amount"] for one in lines)
    less = discount + sum(d["amount"]["amount"] for one in lines for d in one["discounts"])
    tax = sum(one["tax"]["amount"]["amount"] for one in lines)
    total = goods - less + shipping + tax
    return {
        "external_id": f"T-{_RUN}-{number:05d}",
        "channel": channel,
        "currency": "USD",
        "locale": "en-US",
        "customer": {
            "name": f"{CANARY} Ann {number}",
            "email": f"{CANARY}-{_RUN}-{number:05d}@example.com",
            "phone": f"+1 {CANARY} 555",
            "tax_id": f"{CANARY}-77",
        },
        "ship_to": {
            "name": f"{CANARY} Ann",
            "line1": f"1 {CANARY} Road",
            "line2": f"{CANARY} Yard",
            "city": f"{CANARY}ville",
            "region": "NY",
            "postal_code": "10001",
            "country": "US",
            "latitude": NODES[to]["latitude"],
            "longitude": NODES[to]["longitude"],
        },
        "note": f"Ring for {CANARY}",
        "gift": f"For {CANARY}",
        "attributes": {"engraving": CANARY},
        "lines": [{"line_id": str(i), **one} for i, one in enumerate(lines, start=1)],
        "charges": [{"kind": "SHIPPING", "amount": usd(shipping)}] if shipping else [],
        "discounts": [{"code": "WELCOME", "amount": usd(discount)}] if discount else [],
        "payments": [{"method": "CARD", "reference": f"tok_{number}", "authorized": usd(total)}] if total else [],
        "totals": {
            "goods": usd(goods),
            "discounts": usd(less),
            "charges": usd(shipping),
            "tax": usd(tax),
            "total": usd(total),
        },
        **more,
    }
