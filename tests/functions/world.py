"""
Run a small retailer in this process: its directory and stock, its doors as the gateway calls them, and all asynchronous work.

That work is done by the readers of the streams, both machines, the bus with its queue of mails, and asynchronous calls. It is
done only when a test asks for it: `call` is one request, and `settle` does the work that follows until none is left.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import pytest

from comanda.aws.directory import directory, packs
from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import pack
from comanda.aws.runtime import clock
from comanda.aws.stock import stock_changes
from comanda.domain.stock.movements import adjust
from comanda.domain.stock.stock import SELLABLE
from tests import quick_moto
from tests.functions import events
from tests.functions.hops import Hops
from tests.moto_aws import as_made

START = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)  # a Thursday
CHICAGO, NEW_YORK, DENVER = (41.9, -87.6), (40.7, -74.0), (39.7, -105.0)
ALWAYS = {
    "timezone": "America/Chicago",
    "hours": [{"weekday": day, "opens": "00:00", "closes": "23:59"} for day in range(7)],
}
SKUS = ("TEA-001", "TEA-002", "CUP-001", "POT-001")

CALLERS: Mapping[str, dict[str, Any]] = {
    "shop": {"kind": "channel", "channels": ["web"]},
    "other-shop": {"kind": "channel", "channels": ["outlet"]},
    "form": {"kind": "form", "channels": ["web"]},
    "other-form": {"kind": "form", "channels": ["outlet"]},
    "office": {"kind": "admin"},
    "dc-1-system": {"kind": "node", "nodes": ["dc-1"]},
    "dc-2-system": {"kind": "node", "nodes": ["dc-2"]},
    "store-1-system": {"kind": "node", "nodes": ["store-1"]},
    "acme": {"kind": "partner", "partner": "acme", "nodes": ["vendor-1"]},
    "rival": {"kind": "partner", "partner": "rival", "nodes": ["vendor-2"]},
    "mailbox": {"kind": "mailbox"},
    "ups": {"kind": "carrier", "carrier": "ups"},
    "dhl": {"kind": "carrier", "carrier": "dhl"},
}
PEOPLE: Mapping[str, dict[str, Any]] = {
    "sales": {"roles": ["staff"]},
    "finance": {"roles": ["staff"], "desks": ["finance"]},
    "picker": {"roles": ["worker"], "nodes": ["dc-1"]},
    "other-picker": {"roles": ["worker"], "nodes": ["dc-2"]},
}


TEA_COMPANY = {
    "name": "The Tea Company Inc.",
    "tax_id": "12-3456789",
    "line1": "1 Harbor Way",
    "city": "Columbus",
    "region": "OH",
    "postal_code": "43215",
    "country": "US",
    "keep_invoices_years": 7,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of a door."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def problem(self) -> str:
        return str(self.body["type"]).removeprefix("urn:comanda:problem:")

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Return (pointer, code) of every wrong field."""
        return [(error["pointer"], error["code"]) for error in self.body["errors"]]

    @property
    def etag(self) -> str:
        return self.headers["ETag"]


@dataclass
class World:
    aws: Any
    patch: pytest.MonkeyPatch
    now: datetime = START
    hops: Hops = field(init=False)

    def __enter__(self) -> Self:
        self.patch.setattr(clock, "now", lambda: self.now)
        self.hops = Hops(self.pass_time)
        self.hops.connect()
        for bucket in ("comanda-test-failures", "comanda-test-files", "comanda-test-documents"):
            quick_moto.bucket(bucket)
        as_made(("world", self.now), self._retailer)
        directory.forget()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.hops.disconnect()

    def _retailer(self) -> None:
        for name, row in CALLERS.items():
            self.aws.put("Directory", **keys.client(name), **row)
        for name, row in PEOPLE.items():
            self.aws.put("Directory", **keys.user(name), **row)
        self.entry(directory.CALENDAR, "always", ALWAYS)
        self.entry(directory.LEGAL_ENTITY, "tea-co", TEA_COMPANY)
        for channel in ("web", "outlet"):
            sells = {"currencies": ["USD", "EUR"], "countries": ["US"], "locales": ["en-US", "pt-BR"]}
            self.entry(directory.CHANNEL, channel, {"name": channel, **sells, "legal_entity": "tea-co"})
        for sku in SKUS:
            self.product(sku)
        self.node("dc-1", CHICAGO)
        self.node("dc-2", NEW_YORK)
        self.node("store-1", DENVER, type="STORE", pickup=True, ship=False)
        self.node("vendor-1", DENVER, type="VENDOR", partner_id="acme")
        packs.rebuild(())

    # What there is

    def entry(self, kind: str, name: str, doc: dict[str, Any]) -> None:
        row = {**keys.entry(kind, name), **keys.entries(kind, name), "id": name, "version": 1, "doc": pack(doc)}
        self.aws.put("Directory", **row)

    def product(self, sku: str) -> None:
        self.entry(directory.PRODUCT, sku, {"title": f"A {sku}", "weight_g": 100, "class": "goods"})

    def node(self, name: str, at: tuple[float, float], **changes: Any) -> None:
        doc = {
            "type": "WAREHOUSE",
            "name": name.upper(),
            "country": "US",
            "latitude": at[0],
            "longitude": at[1],
            "calendar": "always",
            "ship": True,
            "pickup": False,
            "accept_minutes": 60,
            "ship_minutes": 600,
        }
        self.entry(directory.NODE, name, {**doc, **changes})

    def hold_type(self, name: str = "SALES_REVIEW", queue: str = "sales-review", **changes: Any) -> None:
        doc = {
            "level": "order",
            "blocks": ["schedule"],
            "reason": "large order",
            "queue": queue,
            "applies_when": {"total_at_least": {"amount": 100_000, "currency": "USD"}},
            "resolved_by": "person",
        }
        self.entry(directory.HOLD_TYPE, name, {**doc, **changes})
        directory.forget()

    def stocked(self, sku: str = "TEA-001", **units: int) -> None:
        """Add units to the shelves of nodes, whose names have _ for -: dc_1=10."""
        for node, quantity in units.items():
            change = adjust(
                sku,
                node.replace("_", "-"),
                SELLABLE,
                quantity,
                source=f"count-{uuid4()}",
                line="1",
                reason="count",
                now=self.now,
            )
            stock_changes.apply([change], [])

    # What people do

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        who: str = "shop",
        key: str | None = "",
        if_match: str | None = None,
        query: dict[str, str] | None = None,
        raw: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Send one request as the gateway passes it on. `key` "" is a new idempotency key, None sends none."""
        event = request(method, path, body, who=who, key=key, if_match=if_match, query=query, raw=raw, headers=headers)
        self.hops.begin(event["room"])
        self.hops.directory_changed |= event["room"] in ("outages", "directory", "planning") and method != "GET"
        answer = events.answer(event.pop("room"), event)
        flat = events.flat(answer["multiValueHeaders"])
        kind = flat.get("Content-Type", "")
        return Reply(answer["statusCode"], json.loads(answer["body"]) if "json" in kind else answer["body"], flat)

    def place_order(self, *lines: Any, who: str = "shop", key: str | None = "", **changes: Any) -> Reply:
        return self.call("POST", "/v1/orders", a_body(*lines, **changes), who=who, key=key)

    def placed(self, *lines: Any, **changes: Any) -> str:
        """Place an order and return its id. No work has followed yet."""
        reply = self.place_order(*lines, **changes)
        assert reply.status == 201, reply.body
        return str(reply.body["order_id"])

    def order(self, order_id: str) -> dict[str, Any]:
        reply = self.call("GET", f"/v1/orders/{order_id}", who="office")
        assert reply.status == 200, reply.body
        found: dict[str, Any] = reply.body
        return found

    def change(self, order_id: str, verb: str, body: Any = None, *, who: str = "office", key: str | None = "") -> Reply:
        """Change the order as a caller that has just read it."""
        etag = self.call("GET", f"/v1/orders/{order_id}", who="office").etag
        return self.call("POST", f"/v1/orders/{order_id}/{verb}", body or {}, who=who, if_match=etag, key=key)

    def step(
        self, order_id: str, step: str, number: int = 1, body: Any = None, *, who: str = "office", key: str | None = ""
    ) -> Reply:
        """Do a step of a node's work."""
        path = f"/v1/fulfillments/ful_{order_id[4:]}-{number:03d}/{step}"
        return self.call("POST", path, body or {}, who=who, key=key)

    def steps(self, order_id: str, *steps: str, number: int = 1) -> None:
        for step in steps:
            reply = self.step(order_id, step, number)
            assert reply.status == 200, (step, reply.body)

    # What follows

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def settle(self) -> None:
        """Do all the work that follows from the committed events."""
        self.hops.settle()

    def sweep(self, *, everything: bool = False) -> dict[str, int]:
        swept: dict[str, int] = self.hops.invoke("sweep", {"all": True} if everything else {})
        self.settle()
        return swept

    def order_items(self, order_id: str, sk: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.aws.items("Orders", f"O#{order_id}", sk)
        return found

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        return {name: self.aws.items(name) for name in ("Orders", "Stock", "Directory", "Customers")}

    def waiting(self, order_id: str) -> list[str]:
        """Return the queues that the order is in, without the list of open orders."""
        return sorted(row["queue"] for row in self.order_items(order_id, "W#") if "queue" in row)


@pytest.fixture
def world(aws: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Give a small retailer in an AWS of its own, with all asynchronous work under the test's control."""
    with World(aws, monkeypatch) as made:
        yield made


def request(
    method: str,
    path: str,
    body: Any = None,
    *,
    who: str = "shop",
    key: str | None = "",
    if_match: str | None = None,
    query: dict[str, str] | None = None,
    raw: str | None = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Return the gateway's event of a request, with its room under "room"."""
    found = events.find_route(method, path)
    assert found is not None, path
    route, values = found
    sent = dict(headers or {})
    if key is not None and method in ("POST", "PATCH"):
        sent["Idempotency-Key"] = key or uuid4().hex
    if if_match is not None:
        sent["If-Match"] = if_match
    claims = {"sub": who, "username": who} if who in PEOPLE else {"sub": who, "client_id": who}
    asked = events.event(
        method,
        path,
        resource=route.resource,
        values=values,
        headers=sent,
        query={name: [value] for name, value in (query or {}).items()},
        body=raw if raw is not None else None if body is None else json.dumps(body),
        context={"requestId": "r-1", "authorizer": {"claims": claims}},
    )
    return {"room": route.room, **asked}


def a_body(*lines: Any, **changes: Any) -> dict[str, Any]:
    """Return the smallest order that a channel may send. A line is (sku, quantity) or its own fields; the totals are computed."""
    sent = [_line(n, line) for n, line in enumerate(lines or (("TEA-001", 1),), 1)]
    goods = sum(line["quantity"] * line["unit_price"]["amount"] for line in sent)
    tax = sum(line.get("tax", {"amount": usd(0)})["amount"]["amount"] for line in sent)
    body: dict[str, Any] = {
        "external_id": f"WEB-{uuid4().hex[:12]}",
        "channel": "web",
        "currency": "USD",
        "locale": "en-US",
        "customer": {"name": "Ada Byron", "email": "ada@example.org"},
        "ship_to": {
            "name": "Ada Byron",
            "line1": "12 Main St",
            "city": "Chicago",
            "region": "IL",
            "postal_code": "60601",
            "country": "US",
            "latitude": 41.88,
            "longitude": -87.63,
        },
        "lines": sent,
        "payments": [{"method": "CARD", "reference": "auth-1", "authorized": usd(goods + tax)}],
        "totals": {
            "goods": usd(goods),
            "discounts": usd(0),
            "charges": usd(0),
            "tax": usd(tax),
            "total": usd(goods + tax),
        },
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


def _line(number: int, given: Any) -> dict[str, Any]:
    if isinstance(given, tuple):
        given = {"sku": given[0], "quantity": given[1]}
    return {"line_id": str(number), "unit_price": usd(1000), **given}


def a_set(
    sets: int = 1, price: int = 1000, *parts: tuple[str, int, int], line_id: str = "b", **changes: Any
) -> tuple[dict[str, Any], ...]:
    """Return the lines of a bundle, for `a_body`: the bundle, and its components <line_id>1, <line_id>2 ...

    `parts` are (sku, units in a set, price share); without them a pot and two cups. `changes` are of the bundle.
    """
    bundle = {
        "line_id": line_id,
        "sku": "TEA-002",
        "kind": "BUNDLE",
        "quantity": sets,
        "unit_price": usd(price),
        **changes,
    }
    components = (
        {
            "line_id": f"{line_id}{n}",
            "sku": sku,
            "kind": "COMPONENT",
            "parent_line_id": line_id,
            "quantity": sets * ratio,
            "ratio": ratio,
            "price_share": share,
            "unit_price": usd(0),
        }
        for n, (sku, ratio, share) in enumerate(parts or (("POT-001", 1, 600_000), ("CUP-001", 2, 400_000)), 1)
    )
    return (bundle, *components)


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def at_counter(sku: str, quantity: int = 1, node: str = "store-1") -> dict[str, Any]:
    """Return a line that the customer picks up."""
    return {"sku": sku, "quantity": quantity, "fulfillment": {"method": "PICKUP", "node_id": node}}
