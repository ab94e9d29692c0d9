"""Set up the small retailer of these tests, and make the orders that its shop posts."""

from datetime import datetime
from typing import Any

from comanda.aws.directory import directory, packs
from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import pack
from tests.builders import CHICAGO, DENVER, NEW_YORK
from tests.moto_aws import Aws

OPENING = 10  # units of each product at a node
REVIEW_FROM = 10_000  # minor units from which sales looks at an order first
TEA, MUG, POT = "TEA-001", "MUG-001", "POT-001"
STOCKED = [(TEA, "dc-1"), (TEA, "dc-2"), (TEA, "store-1"), (MUG, "dc-1"), (MUG, "dc-2"), (POT, "dc-2")]
ADDRESS = {
    "name": "Ann Lee",
    "line1": "1 Lake Street",
    "city": "Chicago",
    "region": "IL",
    "postal_code": "60601",
    "country": "US",
    "latitude": CHICAGO[0],
    "longitude": CHICAGO[1],
}

_ALWAYS = {
    "timezone": "America/Chicago",
    "hours": [{"weekday": d, "opens": "00:00", "closes": "23:59"} for d in range(7)],
}
_WEB = {"name": "Web shop", "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"]}
_REVIEW = {
    "blocks": ["schedule"],
    "queue": "sales-review",
    "reason": "value",
    "applies_when": {"total_at_least": {"amount": REVIEW_FROM, "currency": "USD"}},
}
_FRAUD = {"blocks": ["schedule", "ship", "hand-over"], "queue": "holds", "reason": "odd", "applies_when": None}


def settle_in(aws: Aws) -> None:
    """Make two warehouses, a store with a counter, three products, a shop, and a back office with all rights."""
    docs: list[tuple[str, str, dict[str, Any]]] = [
        (directory.CALENDAR, "always", _ALWAYS),
        (directory.CHANNEL, "web", _WEB),
        (directory.NODE, "dc-1", _node("WAREHOUSE", CHICAGO)),
        (directory.NODE, "dc-2", _node("WAREHOUSE", DENVER)),
        (directory.NODE, "store-1", _node("STORE", NEW_YORK)),
        *((directory.PRODUCT, sku, {"title": sku, "weight_g": 100, "class": "goods"}) for sku in (TEA, MUG, POT)),
        (directory.HOLD_TYPE, "SALES_REVIEW", _REVIEW),
        (directory.HOLD_TYPE, "FRAUD", _FRAUD),
    ]
    for kind, name, doc in docs:
        _put(aws, kind, name, doc)
    packs.rebuild(())
    aws.put("Directory", **keys.client("office"), kind="admin")


def goods_wait_for_their_invoice(aws: Aws) -> None:
    """Let a company sell in the shop that invoices goods before they leave."""
    seat = {"line1": "9 Dock Road", "city": "Chicago", "region": "IL", "postal_code": "60601", "country": "US"}
    company = {"name": "Tea Company", **seat, "keep_invoices_years": 7, "invoice_when": "PACKED"}
    _put(aws, directory.LEGAL_ENTITY, "tea-co", company)
    _put(aws, directory.CHANNEL, "web", _WEB | {"legal_entity": "tea-co"})
    directory.forget()


def _put(aws: Aws, kind: str, name: str, doc: dict[str, Any]) -> None:
    entry = {**keys.entry(kind, name), **keys.entries(kind, name), "id": name, "version": 1, "doc": pack(doc)}
    aws.put("Directory", **entry)


def _node(kind: str, at: tuple[float, float]) -> dict[str, Any]:
    return {
        "type": kind,
        "name": f"{kind} at {at}",
        "country": "US",
        "latitude": at[0],
        "longitude": at[1],
        "calendar": "always",
        "ship": True,
        "pickup": kind == "STORE",
        "accept_minutes": 60,
        "ship_minutes": 1440,
    }


def opening_stock() -> dict[str, Any]:
    rows = [{"sku": sku, "node_id": node, "quantity": OPENING} for sku, node in STOCKED]
    return {"adjustment_id": "opening", "reason": "opening", "rows": rows}


def basket(
    lines: tuple[tuple[str, int], ...], name: str, at: datetime, price: int, pickup: str | None
) -> dict[str, Any]:
    """Return an order of (sku, quantity) lines at one price, paid by card; shipped, or picked up at this node."""
    total = _usd(sum(quantity for _, quantity in lines) * price)
    method = {"method": "PICKUP", "node_id": pickup} if pickup else {"method": "SHIP"}
    return {
        "external_id": name,
        "channel": "web",
        "currency": "USD",
        "locale": "en-US",
        "placed_at": at.isoformat(),
        "customer": {"name": "Ann Lee", "email": "ann@example.com"},
        "ship_to": None if pickup else ADDRESS,
        "lines": [
            {"line_id": str(i), "sku": sku, "quantity": n, "unit_price": _usd(price), "fulfillment": method}
            for i, (sku, n) in enumerate(lines, 1)
        ],
        "payments": [{"method": "CARD", "reference": "auth-1", "authorized": total}],
        "totals": {"goods": total, "total": total} | dict.fromkeys(("discounts", "charges", "tax"), _usd(0)),
    }


def _usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}
