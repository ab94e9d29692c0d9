"""
Put the order form before the real doors in this process: the form calls the API as it is deployed, without a network.

`Visitor` is a browser: it fills the fields that a page shows, sends all of them, and solves the challenge.
"""

import json
from base64 import b64decode
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from comanda.aws.api import form_clients
from comanda.aws.api_client.server import NoAnswer, Raw, Server
from comanda.aws.directory import directory
from functions.order_form import shop
from tests.functions import events
from tests.functions.world import World

SHOP = "http://api.test/live"
FORM = {
    "enabled": True,
    "titles": {"en-US": "Tea shop", "pt-BR": "Loja de chá", "es": "Tienda de té"},
    "countries": ["US"],
    "currency": "USD",
    "tax_rate": "0.0825",
    "prices_include_tax": False,
    "shipping": {"STANDARD": {"amount": 599, "currency": "USD"}, "EXPRESS": {"amount": 1499, "currency": "USD"}},
    "payment_notes": {"en-US": "We send you a link to pay."},
}
ADDRESS = {
    "name": "Ada Byron",
    "email": "ada@example.org",
    "line1": "12 Main St",
    "city": "Chicago",
    "region": "IL",
    "postal_code": "60601",
    "country": "US",
}


@dataclass
class Page:
    """A page as a browser got it."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Return the fields that the page's form would send, without those of its buttons."""
        reader = _Fields()
        reader.feed(self.text)
        return reader.found

    def value(self, name: str) -> str:
        return dict(self.fields).get(name, "")

    @property
    def words(self) -> str:
        """Return the words of the page."""
        reader = _Words()
        reader.feed(self.text)
        return " ".join("".join(reader.found).split())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.area: str | None = None
        self.select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "input" and name and (given.get("type") != "radio" or "checked" in given):
            self.found.append((name, given.get("value") or ""))
        elif tag == "textarea":
            self.area = name
            self.found.append((name, ""))
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in given:
            self.found.append((self.select, given.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = None
        elif tag == "select":
            self.select = None

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[-1] = (self.area, self.found[-1][1] + data)


@dataclass
class Site:
    """The form of the channel `web` before the doors of a small retailer."""

    world: World
    patch: pytest.MonkeyPatch
    calls: list[tuple[str, str]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    clients: dict[str, str] = field(default_factory=lambda: {"form": "secret-of-the-form"})
    lost: set[str] = field(default_factory=set)  # paths whose answer gets lost after the request was done

    def __post_init__(self) -> None:
        self.patch.setattr(Server, "send", lambda _, *request: self._serve(*request))
        self.patch.setattr(shop, "_addresses", cache(lambda: (SHOP, "http://pool.test")))
        shop._values.clear()
        shop._client.cache_clear()
        self.channel("web", FORM)
        form_clients.keep("web", "form", "secret-of-the-form")

    def channel(self, name: str, form: dict[str, Any] | None) -> None:
        doc: dict[str, Any] = {
            "name": "Tea shop",
            "currencies": ["USD"],
            "countries": ["US"],
            "locales": ["en-US", "pt-BR"],
        }
        self.world.entry(directory.CHANNEL, name, doc | ({"order_form": form} if form else {}))
        self.reload()

    def price(self, sku: str, amount: int, title: str = "") -> None:
        doc = {"title": title or f"A {sku}", "weight_g": 100, "class": "goods"}
        doc |= {"prices": {"web": {"amount": amount, "currency": "USD"}}}
        reply = self.world.call("PUT", f"/v1/products/{sku}", doc, who="office")
        assert reply.status in (200, 201), reply.body
        self.reload()

    def reload(self) -> None:
        """Let a minute pass for everything that is kept for a minute."""
        directory.forget()
        shop._values.clear()

    def _serve(self, method: str, target: str, headers: dict[str, str], body: bytes | None = None) -> Raw:
        if target == "/oauth2/token":
            pair = b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
            name, _, secret = pair.partition(":")
            given, known = {"access_token": name, "expires_in": 3600}, self.clients.get(name) == secret
            return Raw(status=200 if known else 400, headers={}, body=json.dumps(given).encode())
        path, _, query = target.partition("?")
        self.calls.append((method, path))
        if path in self.broken:
            raise NoAnswer("TimeoutError")
        found = events.find_route(method, path)
        assert found is not None, path
        route, values = found
        who = headers["Authorization"].removeprefix("Bearer ")
        asked = events.event(
            method,
            path,
            resource=route.resource,
            values=values,
            headers=headers,
            query=parse_qs(query, keep_blank_values=True),
            body=body.decode() if body else None,
            context={"requestId": "r-api", "authorizer": {"claims": {"sub": who, "client_id": who}}},
        )
        answer = events.answer(route.room, asked)
        if path in self.lost:
            raise NoAnswer("TimeoutError")
        given = {name.lower(): value for name, value in events.flat(answer["multiValueHeaders"]).items()}
        return Raw(status=answer["statusCode"], headers=given, body=answer["body"].encode())

    def orders(self) -> list[dict[str, Any]]:
        rows = self.world.aws.items("Orders")
        return [self.world.order(row["pk"][2:]) for row in rows if row["pk"].startswith("O#") and row["sk"] == "#"]


@dataclass
class Visitor:
    """A browser with one address."""

    site: Site
    address: str = "203.0.113.7"
    language: str = "en-US,en;q=0.8"
    channel: str = "web"

    def get(self, **query: str) -> Page:
        return self._ask("GET", query, None, {})

    def post(self, fields: Any, headers: dict[str, str] | None = None, **query: str) -> Page:
        body = fields if isinstance(fields, str) else urlencode(list(fields), errors="surrogateescape")
        return self._ask("POST", query, body, {"Sec-Fetch-Site": "same-origin"} if headers is None else headers)

    def press(self, page: Page, action: str, headers: dict[str, str] | None = None, **typed: str) -> Page:
        """Send the form of a page with other values in some fields, by the button with this action."""
        fields = [(name, typed.pop(name, value)) for name, value in page.fields]
        return self.post([*fields, *typed.items(), ("do", action)], headers)

    def basket(self, *skus: str, **typed: str) -> Page:
        """Return the form with a unit of each product and an address."""
        page = self.get()
        for sku in skus:
            page = self.press(page, f"add {sku}")
        return self.press(page, "update", **{**ADDRESS, **typed})

    def review(self, *skus: str, **typed: str) -> Page:
        return self.press(self.basket(*skus, **typed), "review")

    def send(self, page: Page, **typed: str) -> Page:
        return self.press(page, "send", nonce=solve(page.value("challenge")), **typed)

    def _ask(self, method: str, query: dict[str, str], body: str | None, headers: dict[str, str]) -> Page:
        asked = events.event(
            method,
            f"/o/{self.channel}",
            resource="/o/{channel}",
            values={"channel": self.channel},
            headers={"Accept-Language": self.language, "Host": "shop.test", **headers},
            query={name: [value] for name, value in query.items()},
            body=body,
            context={"requestId": "r-form", "identity": {"sourceIp": self.address}},
        )
        answer = events.answer("order_form", asked)
        return Page(answer["statusCode"], answer["body"], events.flat(answer["multiValueHeaders"]))


def solve(challenge: str) -> str:
    """Return the proof of a challenge, as form.js finds it."""
    bits = int(challenge.split("~")[3])
    for number in count():
        digest = int.from_bytes(sha256(f"{challenge}:{number}".encode()).digest())
        if digest >> (256 - bits) == 0:
            return str(number)
    raise AssertionError("count has no end")
