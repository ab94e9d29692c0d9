"""Test that every door answers any request, with a problem that names the error and never with an internal error."""

import random
from typing import Any
from urllib.parse import quote

import pytest

from comanda.aws.api.routes import ROUTES, Route
from tests.functions.world import World, a_body

TEXTS = (
    "", " ", "a", "0", "-1", "dc-1", "TEA-001", "web", "2026-11-19", "2026-11", "9" * 400, "x" * 3_000, "\u00fc" * 200, "\U0001f600" * 128,
    "a/b", "a#b", "a%b", "\0", "\n", "\u202e", "\u0661", "..", "1e400", "null", "{}", "ord_us1_" + "0" * 26, "ful_us1_" + "0" * 26 + "-001",
    "rsv_us1_" + "0" * 26, "9999-12-31", "0001-01-01", "2026-02-30T00:00:00Z", "4111 1111 1111 1111",
)  # fmt: skip
VALUES: tuple[Any, ...] = (None, True, False, 0, 1, -1, 10**30, 1.5, 1e308, [], {}, [[]], [{}], {"": ""}, *TEXTS)
NAMES = (
    "external_id",
    "lines",
    "rows",
    "line_id",
    "sku",
    "quantity",
    "reference",
    "name",
    "reason",
    "channel",
    "nodes",
    "to",
)
ASKED = 6  # times each route


def a_value(chance: random.Random, depth: int = 0) -> Any:
    match chance.randrange(6 if depth < 3 else 4):
        case 4:
            return {
                chance.choice((*NAMES, *TEXTS[:20])): a_value(chance, depth + 1) for _ in range(chance.randrange(4))
            }
        case 5:
            return [a_value(chance, depth + 1) for _ in range(chance.randrange(4))]
    return chance.choice(VALUES)


def a_request(route: Route, chance: random.Random) -> dict[str, Any]:
    parts = [
        quote(chance.choice(TEXTS) or "-", safe="") if part.startswith("{") else part for part in route.path.split("/")
    ]
    names = getattr(route, "parameters", ()) or ("limit", "cursor")
    query = {name: chance.choice(TEXTS) for name in names if chance.random() < 0.7}
    return {
        "path": "/".join(parts),
        "body": a_value(chance),
        "query": query or None,
        "if_match": chance.choice(('"v1"', None, "x", "\u0661")),
        "key": chance.choice(("", "\u00fc", "k" * 300)),
        "who": chance.choice(("office", "shop", "dc-1-system", "acme")),
    }


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_any_request_is_answered_without_an_internal_error(world: World, route: Route) -> None:
    chance = random.Random(f"{route.method} {route.path}")
    for _ in range(ASKED):
        asked = a_request(route, chance)

        reply = world.call(route.method, **asked)

        assert reply.status < 500, (asked, reply.body)


@pytest.mark.parametrize("change", range(30))
def test_an_order_with_one_odd_value_is_taken_or_refused(world: World, change: int) -> None:
    chance = random.Random(change)
    body: Any = a_body()
    place = body
    while True:
        name = chance.choice(list(place)) if isinstance(place, dict) else chance.randrange(len(place))
        if not place[name] or not isinstance(place[name], dict | list) or chance.random() < 0.3:
            break
        place = place[name]
    place[name] = a_value(chance)

    reply = world.call("POST", "/v1/orders", body)

    assert reply.status in (201, 422), (name, reply.body)
