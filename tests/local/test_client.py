"""The client that seed, demo and tests share: tokens, keys, problems, pages."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from local.instance import ROOT
from ops.client import Client, Problem

Answer = Callable[[httpx.Request], httpx.Response]


def a_client(answer: Answer, *, lives: int = 3600) -> tuple[Client, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.path == "/oauth2/token":
            return httpx.Response(200, json={"access_token": f"token-{len(seen)}", "expires_in": lives})
        return answer(request)

    client = Client(
        base_url="http://api/live",
        token_url="http://api/oauth2/token",
        client_id="shop",
        client_secret="s",
        transport=httpx.MockTransport(handle),
    )
    return client, seen


def ok(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"fine": True})


def test_a_token_is_requested_once_and_sent_with_every_request() -> None:
    client, seen = a_client(ok)

    with client:
        client.get("/v1/orders/1")
        client.get("/v1/orders/2")

    assert [request.url.path for request in seen] == ["/oauth2/token", "/live/v1/orders/1", "/live/v1/orders/2"]
    assert {request.headers["authorization"] for request in seen[1:]} == {"Bearer token-1"}


def test_a_token_that_is_about_to_end_is_replaced() -> None:
    client, seen = a_client(ok, lives=60)

    with client:
        client.get("/v1/health")
        client.get("/v1/health")

    assert [request.url.path for request in seen].count("/oauth2/token") == 2


def test_every_post_has_its_own_key_unless_it_is_given_one() -> None:
    client, seen = a_client(ok)

    with client:
        client.post("/v1/orders", {"a": 1})
        client.post("/v1/orders", {"a": 1})
        client.post("/v1/orders", {"a": 1}, key="mine")

    keys = [request.headers["idempotency-key"] for request in seen[1:]]
    assert len(set(keys)) == 3
    assert keys[2] == "mine"


def test_a_refusal_is_raised_with_the_apis_problem() -> None:
    problem = {"title": "Totals do not add up", "detail": "lines make 10.00", "errors": [{"field": "total"}]}
    client, _ = a_client(lambda _: httpx.Response(422, json=problem))

    with (
        client,
        pytest.raises(Problem, match=r"POST /v1/orders -> 422 Totals do not add up: lines make 10.00") as refused,
    ):
        client.post("/v1/orders", {})

    assert refused.value.status == 422
    assert refused.value.document == problem


def test_a_list_is_read_to_its_end() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        page: dict[str, Any] = {"a": {"items": [1, 2], "next": "b"}, "b": {"items": [3], "next": None}}[
            request.url.params.get("cursor", "a")
        ]
        return httpx.Response(200, content=json.dumps(page).encode())

    client, _ = a_client(answer)

    with client:
        assert list(client.pages("/v1/orders", channel="web")) == [1, 2, 3]


def test_a_request_answered_with_a_fault_is_sent_again_with_the_same_key_one_try_after_the_other() -> None:
    statuses = iter((502, 500, 503, 429, 200))
    client, seen = a_client(lambda _: httpx.Response(next(statuses), json={"fine": True}, headers={"Retry-After": "0"}))

    with client:
        assert client.post("/v1/orders", {"a": 1}) == {"fine": True}

    assert len(seen) == 6
    assert len({request.headers["idempotency-key"] for request in seen[1:]}) == 1


def test_a_final_refusal_is_not_tried_again() -> None:
    client, seen = a_client(lambda _: httpx.Response(409, json={"title": "Held"}))

    with client, pytest.raises(Problem):
        client.post("/v1/orders", {})

    assert len(seen) == 2


def test_a_request_that_may_still_be_under_way_is_not_sent_again_beside_the_first() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("no answer", request=request)

    client, seen = a_client(silent)

    with client, pytest.raises(httpx.ReadTimeout):
        client.post("/v1/stock/adjustments", {})

    assert len(seen) == 2


def test_the_client_of_the_page_repeats_every_fault_and_no_refusal() -> None:
    page = (ROOT / "docs" / "api.md").read_text()

    assert "(refused.code < 500 and refused.code != 429)" in page
