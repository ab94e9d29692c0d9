"""
Ask the public API what the form shows, and place its orders, as the client that the channel's form alone has.

Called by   functions/order_form/pages.py, functions/order_form/handler.py
Returns     terms, products, promises and the answer to an order
Raises      NoAnswer when the API does not answer; NoForm for a channel without a form
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from comanda.aws.api import form_clients
from comanda.aws.api_client.calls import Answer, Call, get
from comanda.aws.api_client.client import Client, Refused
from comanda.aws.api_client.server import NoAnswer
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.concurrently import run_concurrently
from comanda.aws.runtime.settings import settings
from comanda.domain import text
from functions.order_form import rules
from functions.order_form.entry import Entry, Row
from functions.order_form.rules import FormTerms, Item

_PARAMETERS = ("api-url", "sign-in-url")
_KEPT_SECONDS = 60  # credentials, terms and prices
_MOST_KEPT = 500
_FOUND = 12  # products of a search
_NOT_FOUND = 404
_REMOVED = (401, 403)  # the answers to a client without rights
_BROKEN = 500


class NoForm(Exception):
    """The channel does not exist, or has no order form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The API as the form of one channel."""

    terms: FormTerms
    client: Client
    now: datetime

    def search(self, words: str) -> list[dict[str, Any]]:
        """Return the products that the words find and that the form sells, with their prices."""
        if not text.LINE.fits(words):
            return []
        found = self._ask("GET", "/v1/products", query={"q": words, "limit": str(_FOUND)})
        shown = found.body["items"] if found.ok else []
        return [{**one, "price": price} for one in shown if (price := _price(one, self.terms)) is not None]

    def items(self, rows: tuple[Row, ...]) -> list[Item]:
        """Return the lines of the basket with titles and the prices of now. A line whose product is unknown has none."""
        steps = [lambda sku=row.sku: self._product(sku) for row in rows]
        products = [result() for result in run_concurrently(steps)] if rows else []
        return [
            Item(
                sku=row.sku,
                title=product["title"] if product else row.sku,
                quantity=row.units or 0,
                price=_price(product, self.terms) if product else None,
            )
            for row, product in zip(rows, products, strict=True)
        ]

    def _product(self, sku: str) -> dict[str, Any] | None:
        if not text.SKU.fits(sku):
            return None
        at = ("product", self.terms.channel, sku)
        kept = _kept(at, self.now)
        if kept is None:
            answer = self._ask("GET", f"/v1/products/{quote(sku, safe='')}")
            kept = _keep(at, answer.body if answer.ok else {}, self.now)
        return kept or None

    def availability(self, skus: list[str]) -> dict[str, int]:
        """Return the units of each sku that may be shipped today, for the skus of which something is known."""
        body = {"skus": skus, "channel": self.terms.channel, "methods": ["SHIP"]}
        found = self._ask("POST", "/v1/availability", body=body) if skus else None
        items = found.body["items"] if found is not None and found.ok else ()
        return {one["sku"]: sum(way["available"] for way in one["methods"]) for one in items if one["as_of"]}

    def promise(self, entry: Entry, items: Sequence[Item]) -> Answer:
        """Return the ways of delivery for the basket to the address as far as it is typed."""
        to = {name: getattr(entry, name) for name in ("country", "region", "city", "postal_code")}
        lines = [
            {"line_id": str(n), "sku": item.sku, "quantity": item.quantity, "unit_price": item.price or 0}
            for n, item in enumerate(items, 1)
        ]
        body = {"channel": self.terms.channel, "currency": self.terms.currency, "lines": lines, "to": to}
        return self._ask("POST", "/v1/promises", body=body)

    def node_name(self, node_id: str) -> str:
        """Return the name of a store, for the list of counters."""
        at = ("node", self.terms.channel, node_id)
        kept = _kept(at, self.now)
        if kept is None:
            answer = self._ask("GET", f"/v1/nodes/{quote(node_id, safe='')}")
            kept = _keep(at, answer.body if answer.ok else {}, self.now)
        where = ", ".join(part for part in (kept.get("name"), kept.get("city")) if part)
        return where or node_id

    def place_order(self, order: dict[str, Any], key: str) -> Answer:
        """Place the order, once for each key."""
        return self._ask("POST", "/v1/orders", body=order, key=key)

    def _ask(self, method: str, path: str, **more: Any) -> Answer:
        """Return the answer. Raises NoAnswer also when the API itself failed, and NoForm for a client that was removed."""
        try:
            answer = self.client.call(Call(method=method, path=path, **more), self.now)
        except Refused as error:
            forget()
            raise NoForm(self.terms.channel) from error
        if answer.status >= _BROKEN:
            raise NoAnswer(str(answer.status))
        return answer


def open_shop(channel: str, now: datetime) -> Shop:
    """Return the API as the form of the channel. Raises NoForm."""
    try:
        return _opened(channel, now)
    except _OldClient:  # another client has taken its place meanwhile
        forget()
    try:
        return _opened(channel, now)
    except _OldClient as error:
        forget()
        raise NoForm(channel) from error


class _OldClient(Exception):
    """The client whose credentials are kept was removed."""


def _opened(channel: str, now: datetime) -> Shop:
    credentials = _kept(("client", channel), now)
    if credentials is None:
        credentials = _keep(("client", channel), form_clients.read(channel) or (), now)
    if not credentials:
        raise NoForm(channel)
    made = _client(*credentials)
    entry = _kept(("terms", channel), now)
    if entry is None:
        entry = _keep(("terms", channel), _channel(made, channel, now), now)
    terms = rules.terms(entry)
    if terms is None:
        raise NoForm(channel)
    return Shop(terms=terms, client=made, now=now)


def _channel(made: Client, channel: str, now: datetime) -> dict[str, Any]:
    """Return the channel's entry, or an empty one if there is none. Raises _OldClient, NoAnswer."""
    try:
        answer = made.call(get(f"/v1/channels/{quote(channel, safe='')}"), now)
    except Refused as error:
        raise _OldClient from error
    if answer.status in _REMOVED:
        raise _OldClient
    if not answer.ok and answer.status != _NOT_FOUND:
        raise NoAnswer(str(answer.status))
    entry: dict[str, Any] = answer.body if answer.ok else {}
    return entry


def _price(product: dict[str, Any], terms: FormTerms) -> int | None:
    """Return what the form asks for a unit, in minor units, or None for a product that it does not sell."""
    price = (product.get("prices") or {}).get(terms.channel)
    return int(price["amount"]) if price and price["currency"] == terms.currency else None


@cache
def _client(client_id: str, secret: str) -> Client:
    api, pool = _addresses()
    return Client(api=api, token_url=f"{pool}/oauth2/token", client_id=client_id, secret=secret)


@cache
def _addresses() -> tuple[str, str]:
    """Return the addresses of the API and of the user pool. They are parameters and no settings, because the gateway's is
    known only after this room was made."""
    api, pool = (_parameter(name) for name in _PARAMETERS)
    return api, pool


def _parameter(name: str) -> str:
    found = client("ssm").get_parameter(Name=f"{settings.parameters.rstrip('/')}/{name}")
    return str(found["Parameter"]["Value"]).rstrip("/")


# What this process read lately, with the time until which it holds.
_values: dict[tuple[str, ...], tuple[float, Any]] = {}


def _kept(at: tuple[str, ...], now: datetime) -> Any:
    until, value = _values.get(at, (0.0, None))
    return value if now.timestamp() < until else None


def _keep[T](at: tuple[str, ...], value: T, now: datetime) -> T:
    if len(_values) >= _MOST_KEPT:
        _values.clear()
    _values[at] = (now.timestamp() + _KEPT_SECONDS, value)
    return value


def forget() -> None:
    """Forget everything that this process read."""
    _values.clear()
    _client.cache_clear()
    _addresses.cache_clear()
