"""
Describe the retailer's legal entities, channels, partners, hold types, stock policies and applications.

Called by   local/seed.py, local/demo.py
"""

from typing import Any

from local.retailer import money_reports, network, order_forms

WEB, MARKETPLACE, BRASIL = "web", "marketplace", "br"
RIDGELINE, GROVE = "ridgeline", "grove"  # a 3PL that runs a distribution centre; a vendor that ships its own goods

# Sales reviews an order of at least this total (minor units) before it is routed.
REVIEW_FROM = {"amount": 7_500, "currency": "USD"}

# The sellers on invoices. They are made up, and so are their numbers.
US_SELLER, BR_SELLER = "us-company", "br-company"
LEGAL_ENTITIES: dict[str, dict[str, Any]] = {
    US_SELLER: {
        "name": "Comanda Demo Stores Inc.",
        "tax_id": "00-0000001",
        "line1": "1 Harbor Way",
        "city": "Columbus",
        "region": "OH",
        "postal_code": "43215",
        "country": "US",
        "keep_invoices_years": 7,
    },
    BR_SELLER: {
        "name": "Comanda Demonstração Ltda.",
        "tax_id": "00.000.001/0001-36",
        "line1": "Avenida Paulista 1000",
        "city": "São Paulo",
        "region": "SP",
        "postal_code": "01310-100",
        "country": "BR",
        "keep_invoices_years": 5,
    },
}

CHANNELS: dict[str, dict[str, Any]] = {
    WEB: {
        "name": "Web shop",
        "currencies": ["USD"],
        "countries": ["US"],
        "locales": ["en-US", "es-US"],
        "order_form": order_forms.WEB_FORM,
        "legal_entity": US_SELLER,
        "payment_providers": {"LINK": "stripe"},
    },
    MARKETPLACE: {
        "name": "Marketplace",
        "currencies": ["USD"],
        "countries": ["US"],
        "locales": ["en-US"],
        "legal_entity": US_SELLER,
    },
    BRASIL: {
        "name": "Loja Brasil",
        "currencies": ["BRL"],
        "countries": ["BR"],
        "locales": ["pt-BR"],
        "order_form": order_forms.BRASIL_FORM,
        "legal_entity": BR_SELLER,
        "payment_providers": {"LINK": "stripe", "PIX": "stripe"},
    },
}


FORMS = tuple(name for name, channel in CHANNELS.items() if "order_form" in channel)


def partners() -> dict[str, dict[str, Any]]:
    names = {RIDGELINE: "Ridgeline Fulfilment", GROVE: "Grove Naturals"}
    of_goods = {
        partner: {"name": name, "nodes": [place.id for place in network.places() if place.partner == partner]}
        for partner, name in names.items()
    }
    return of_goods | money_reports.PARTNERS


def _hold(reason: str, queue: str = "holds", blocks: tuple[str, ...] = ("schedule",), **more: Any) -> dict[str, Any]:
    return {"level": "order", "blocks": list(blocks), "reason": reason, "queue": queue, "applies_when": None, **more}


def _of_forms(currency: str) -> dict[str, Any]:
    condition = {"total_at_least": {"amount": 0, "currency": currency}, "tags": ["order-form"]}
    return _hold("ordered by the form", "sales-review", applies_when=condition)


# Three orders of one e-mail in an hour are no fraud, and a first order to another address is none: more must come together.
_FRAUD_SCORE = {
    "at_least": 70,
    "rules": [
        {"id": "many", "points": 40, "when": {"velocity": {"per": "EMAIL", "hours": 1, "orders_at_least": 10}}},
        {"id": "first-order", "points": 20, "when": {"first_order": True}},
        {"id": "other-address", "points": 20, "when": {"addresses_differ": True}},
        {"id": "not-located", "points": 20, "when": {"precisions": ["NOWHERE", "REGION"]}},
        {"id": "large", "points": 20, "when": {"units_at_least": 100}},
    ],
}
_LEAVE = ("schedule", "ship", "hand-over")

HOLD_TYPES: dict[str, dict[str, Any]] = {
    "SALES_REVIEW": _hold("value", "sales-review", applies_when={"total_at_least": REVIEW_FROM}),
    # A stranger orders by a form, and a person of sales verifies and confirms.
    "FORM_REVIEW": _of_forms("USD"),
    "FORM_REVIEW_BRL": _of_forms("BRL"),
    # A person notes that an authorisation was renewed: no provider reports it yet.
    "PAYMENT": _hold("payment is not settled", blocks=_LEAVE),
    "FRAUD": _hold("looks like fraud", blocks=_LEAVE, score=_FRAUD_SCORE),
    "ADDRESS": _hold("address cannot be delivered to", blocks=_LEAVE),
    "VALUE_LIMIT": _hold("above the limit of the account"),
    "REMORSE": _hold("the customer may still change it", resolved_by="schedule", expires_minutes=30),
    "AWAITING_RETURN": _hold("waits for goods to come back", blocks=_LEAVE, resolved_by="event"),
    "CUSTOMER_REQUEST": _hold("the customer asked to wait"),
}

# There is no safety stock, so that the demonstration's orders get all units. Alerts report stock that is low or was not counted.
STOCK_POLICIES: dict[str, dict[str, Any]] = {
    "default": {
        "supplies": {"RETURN": {"excluded_percent": 40}},
        "demand": {"lead_days": 7, "lead_days_sigma": 2, "service_percent": 95},
        "low_units": 2,
        "stale_days": 30,
    }
}

_SHOP = (
    "orders/read",
    "orders/write",
    "customers/read",
    "invoices/read",
    "invoices/write",
    "payments/write",
    "promises/read",
    "stock/read",
    "stock/reserve",
    "directory/read",
    "cases/read",
    "cases/write",
    "drafts/read",
    "drafts/write",
    "gift-cards/redeem",
    "credit-accounts/redeem",
)
_FORM = ("orders/write", "promises/read", "stock/read", "directory/read")
_NODE = ("fulfillments/read", "fulfillments/work", "stock/read", "stock/write", "directory/read", "nodes/write")
_PARTNER = ("fulfillments/read", "fulfillments/work", "stock/read", "stock/write", "directory/read", "tracking/write")
_CARRIERS = ("northway", "cometa")


def clients() -> dict[str, dict[str, Any]]:
    """Return the applications by the name under which `clients.json` keeps their id and secret."""
    shops = {f"shop-{channel}": {"kind": "channel", "channels": [channel], "scopes": _SHOP} for channel in CHANNELS}
    nodes = {
        "dc-east": ["dc-east"],
        "dc-brasil": ["dc-brasil"],
        "stores-us": [store.id for store in network.stores("US")],
        "stores-br": [store.id for store in network.stores("BR")],
    }
    systems = {f"system-{name}": {"kind": "node", "nodes": ids, "scopes": _NODE} for name, ids in nodes.items()}
    outside = {f"partner-{name}": {"kind": "partner", "partner": name, "scopes": _PARTNER} for name in partners()}
    forms = {f"form-{name}": {"kind": "form", "channels": [name], "scopes": _FORM} for name in FORMS}
    carriers = {
        f"carrier-{name}": {"kind": "carrier", "carrier": name, "scopes": ("tracking/write",)} for name in _CARRIERS
    }
    mailbox: dict[str, dict[str, Any]] = {"mailbox": {"kind": "mailbox", "scopes": ("cases/write",)}}
    return {
        name: {"name": name, **client, "scopes": list(client["scopes"])}
        for name, client in (shops | forms | systems | outside | carriers | mailbox).items()
    }
