"""Test that every route refuses unknown query parameters by name, and that every list comes in pages."""

import re
from typing import Any

import pytest

from comanda.aws.api import http, problems
from comanda.aws.api.routes import ROUTES, Route
from tests.functions.world import SKUS, World

VALUES = {"month": "2026-11", "day": "2026-11-19", "done": "2026-11", "limit": "5", "version": "1"}


def call_with(world: World, route: Route, query: dict[str, str], **more: Any) -> Any:
    path = re.sub(r"{\w+}", "x", route.path)
    body = None if route.method == "GET" else {}
    return world.call(route.method, path, body, who="office", query=query, **more)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_an_unknown_parameter_is_refused_by_its_name(route: Route, world: World):
    known = {name: VALUES.get(name, "x") for name in route.query}

    reply = call_with(world, route, {**known, "nodeid": "dc-1"})

    assert (reply.status, reply.problem) == (400, "bad-query"), reply.body
    assert reply.errors == [("/nodeid", "unknown-parameter")]


@pytest.mark.parametrize(
    ("route", "name"),
    [(route, name) for route in ROUTES for name in route.parameters],
    ids=lambda value: value if isinstance(value, str) else value.path,
)
@pytest.mark.parametrize("nothing", ["", "  ", "\u00a0"])
def test_a_parameter_without_a_value_is_refused_by_its_name(route: Route, name: str, nothing: str, world: World):
    reply = call_with(world, route, {name: nothing})

    assert (reply.status, reply.errors) == (400, [(f"/{name}", "empty-parameter")])


def test_several_wrong_parameters_are_refused_together(world: World):
    reply = world.call("GET", "/v1/stock/TEA-001", who="office", query={"node_id": "", "a": "1", "b~/": "2"})

    assert reply.errors == [
        ("/node_id", "empty-parameter"),
        ("/a", "unknown-parameter"),
        ("/b~0~1", "unknown-parameter"),
    ]


def test_a_parameter_that_is_sent_twice_is_refused_by_its_name():
    event = {
        "httpMethod": "GET",
        "resource": "/v1/stock/{sku}",
        "queryStringParameters": {"node_id": "dc-2"},  # the gateway hands on the last one alone
        "multiValueQueryStringParameters": {"node_id": ["dc-1", "dc-2"]},
    }

    with pytest.raises(problems.BadQuery) as refused:
        http.check_query(event)

    assert [(found.pointer, found.code) for found in refused.value.problems] == [("/node_id", "duplicate")]


def test_the_events_of_an_order_come_in_pages(world: World):
    world.stocked(dc_1=5)
    order_id = world.placed()
    world.settle()
    world.steps(order_id, "accept", "start-pick", "pick", "pack")
    path = f"/v1/orders/{order_id}/events"
    whole = world.call("GET", path).body

    found = pages(world, path, who="shop", limit="2")

    assert whole["next"] is None
    assert len(found) > 4
    assert found == whole["items"]


@pytest.mark.parametrize("path", ["/v1/queues"])
def test_a_list_that_is_read_whole_comes_in_pages_too(path: str, world: World):
    whole = world.call("GET", path, who="office", query={"limit": "100"}).body
    assert whole["next"] is None
    assert pages(world, path, limit="3") == whole["items"]


@pytest.mark.parametrize("limit", ["0", "101", "x", "-1", "1.5", "\u0661"])
def test_every_list_refuses_an_impossible_limit(limit: str, world: World):
    order_id = world.placed()
    for path in (f"/v1/orders/{order_id}/events", f"/v1/orders/{order_id}/decisions", "/v1/queues", "/v1/rule-sets"):
        assert world.call("GET", path, who="office", query={"limit": limit}).errors == [("/limit", "out-of-range")]


def pages(world: World, path: str, *, who: str = "office", **query: str) -> list[Any]:
    """Return all items of a list, read page by page with the cursors."""
    found: list[Any] = []
    while True:
        reply = world.call("GET", path, who=who, query=query)
        assert reply.status == 200, reply.body
        assert len(reply.body["items"]) <= int(query["limit"])
        found += reply.body["items"]
        if reply.body["next"] is None:
            assert "Link" not in reply.headers
            return found
        assert reply.headers["Link"].endswith('rel="next"')
        query["cursor"] = reply.body["next"]
        other = "office" if who == "sales" else "sales"
        assert world.call("GET", path, who=other, query=query).problem == "bad-cursor"  # it is this caller's


def test_a_cursor_is_refused_by_another_list(world: World):
    first, second = world.placed(), world.placed((SKUS[1], 1))
    cursor = world.call("GET", f"/v1/orders/{first}/events", query={"limit": "1"}).body["next"]
    world.settle()
    cursor = world.call("GET", f"/v1/orders/{first}/events", query={"limit": "1"}).body["next"]

    assert cursor
    reply = world.call("GET", f"/v1/orders/{second}/events", query={"limit": "1", "cursor": cursor})
    assert reply.problem == "bad-cursor"


def test_events_say_who_did_what_in_words_from_the_newest_on(world: World):
    world.stocked(dc_1=5)
    order_id = world.placed()
    world.settle()
    path = f"/v1/orders/{order_id}/events"

    whole = world.call("GET", path).body["items"]
    newest = pages(world, path, who="shop", limit="1", newest="true")
    spanish = world.call("GET", path, query={"locale": "es-MX"}).body["items"]

    assert newest == whole[::-1]
    assert [event["status_before"] for event in whole] == [None, *(event["status"] for event in whole[:-1])]
    assert whole[1]["words"] == {
        "type": "Routed",
        "text": "Routed: fulfillment 1, 1 unit of A TEA-001 (line 1) from dc-1, Delivery",
        "actor": "Router",
        "status": "Released to the node",
        "status_before": "Created",
    }
    assert spanish[1]["words"]["text"] == "Enrutado: entrega 1, 1 unidad de A TEA-001 (línea 1) desde dc-1, Entrega"
    assert world.call("GET", path, query={"newest": "x"}).errors == [("/newest", "not-a-choice")]
    assert world.call("GET", path, query={"locale": "?"}).errors == [("/locale", "malformed")]
