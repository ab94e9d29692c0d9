"""Act on drafts as shops and agents do."""

from typing import Any

from tests.functions.world import Reply, World, usd

ADA = {"id": "77", "name": "Ada Byron", "email": "ada@example.org", "phone": "+1 312 555 0147"}
CHICAGO = {
    "name": "Ada Byron",
    "line1": "12 Main St",
    "city": "Chicago",
    "region": "IL",
    "postal_code": "60601",
    "country": "US",
}


def a_cart(**changes: Any) -> dict[str, Any]:
    body = {"channel": "web", "currency": "USD", "locale": "en-US", "customer": ADA, "open_cart": True}
    body["lines"] = [a_row("1")]
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


def a_row(line_id: str, quantity: int = 1, price: int | None = 1000, **fields: Any) -> dict[str, Any]:
    priced = {} if price is None else {"unit_price": usd(price)}
    return {"line_id": line_id, "sku": "TEA-001", "quantity": quantity, **priced, **fields}


def create(world: World, who: str = "shop", **changes: Any) -> dict[str, Any]:
    reply = world.call("POST", "/v1/drafts", a_cart(**changes), who=who)
    assert reply.status == 201, reply.body
    found: dict[str, Any] = reply.body
    return found


def patch(world: World, draft: dict[str, Any], who: str = "shop", key: str | None = "", **fields: Any) -> Reply:
    path = f"/v1/drafts/{draft['draft_id']}"
    return world.call("PATCH", path, fields, who=who, if_match=f'"v{draft["version"]}"', key=key)


def act(world: World, draft: dict[str, Any], verb: str, who: str = "sales", key: str | None = "") -> Reply:
    return world.call("POST", f"/v1/drafts/{draft['draft_id']}/{verb}", {}, who=who, key=key)


def get(world: World, draft: dict[str, Any], who: str = "office", below: str = "") -> Any:
    reply = world.call("GET", f"/v1/drafts/{draft['draft_id']}{below}", who=who)
    assert reply.status == 200, reply.body
    return reply.body


def find(world: World, who: str = "sales", **query: str) -> list[dict[str, Any]]:
    reply = world.call("GET", "/v1/drafts", who=who, query=query)
    assert reply.status == 200, reply.body
    found: list[dict[str, Any]] = reply.body["items"]
    return found
