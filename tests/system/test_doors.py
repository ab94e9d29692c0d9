"""The gateway and the doors answer bad tokens and bad requests with problems, and serve a form for people."""

import uuid
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.system.retailer import basket, line
from tests.system.world import PLAIN, DeployedWorld


def _problem(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"].startswith("urn:comanda:problem:")
    assert problem["status"] == status
    assert {"title", "detail", "errors", "trace_id"} <= problem.keys()
    return problem


def _call(world: DeployedWorld, method: str, path: str, **more: Any) -> httpx.Response:
    return httpx.request(method, world.deployed.base_url + path, **PLAIN, **more)


def test_health_is_open_to_everyone(world: DeployedWorld):
    assert _call(world, "GET", "/v1/health").json() == {"status": "ok", "cell": "us1"}


def test_the_labels_are_open_and_may_be_kept(world: DeployedWorld):
    answer = _call(world, "GET", "/v1/labels?locale=pt")

    assert answer.json()["labels"]["UnitStatus"]["SHIPPED"] == "Enviado"
    assert answer.headers["Cache-Control"] == "public, max-age=86400"


def test_a_product_is_found_by_its_words_and_its_gtin_until_they_change(world: DeployedWorld):
    sku, gtin = f"FIND-{uuid.uuid4().hex[:8]}", "96385074"
    product = {"title": f"Chá {sku}", "weight_g": 100, "class": "things", "gtin": gtin}
    world.office.put(f"/v1/products/{sku}", product)

    for query in (f"q=cha+{sku.lower()}", f"q={sku[:9]}", "gtin=00000096385074"):
        found = world.shop.send("GET", f"/v1/products?{query}").json()["items"]
        assert [one["id"] for one in found] == [sku], query
    world.office.put(f"/v1/products/{sku}", {name: product[name] for name in ("weight_g", "class")} | {"title": "Mug"})

    assert world.shop.send("GET", "/v1/products?q=cha+find").json()["items"] == []
    assert world.shop.send("GET", "/v1/products?gtin=96385074").json()["items"] == []


@pytest.mark.parametrize("token", [None, "Bearer nonsense", "Bearer eyJhbGciOiJub25lIn0.e30."])
def test_a_request_without_a_valid_token_is_refused(world: DeployedWorld, token: str | None):
    answer = _call(world, "GET", "/v1/queues", headers={"Authorization": token} if token else {})

    _problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_without_the_scope_is_not_enough(world: DeployedWorld):
    answer = world.shop.send("GET", "/v1/clients/x")

    assert answer.status_code in (401, 403)  # which, the gateway decides
    _problem(answer, answer.status_code)


def test_a_client_of_the_wrong_kind_is_refused_whatever_its_scopes(world: DeployedWorld):
    _problem(world.shop.send("GET", "/v1/queues"), 403)


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/nothing"), ("GET", "/v2/orders"), ("PATCH", "/v1/orders")])
def test_an_unknown_route_or_method_is_not_found(world: DeployedWorld, method: str, path: str):
    _problem(world.shop.send(method, path), 404)


def test_a_body_over_one_megabyte_is_refused(world: DeployedWorld):
    order = basket(line(world.sku(), 1), note="x" * 1_000_001)

    _problem(world.shop.send("POST", "/v1/orders", body=order, headers={"Idempotency-Key": "big"}), 413)


def test_a_request_that_is_not_json_is_refused(world: DeployedWorld):
    headers = {"Authorization": f"Bearer {world.shop.token()}", "Idempotency-Key": str(uuid.uuid4())}

    _problem(_call(world, "POST", "/v1/orders", content=b'{"lines": [', headers=headers), 400)


def test_a_change_without_an_idempotency_key_is_refused(world: DeployedWorld):
    _problem(world.shop.send("POST", "/v1/orders", body=basket(line(world.sku(dc_east=1)))), 400)


def test_an_order_with_wrong_totals_is_refused_with_the_difference(world: DeployedWorld):
    order = basket(line(world.sku(dc_east=1), price=1000))
    order["totals"]["total"]["amount"] = 999

    answer = world.shop.send("POST", "/v1/orders", body=order, headers={"Idempotency-Key": str(uuid.uuid4())})

    (error,) = _problem(answer, 422)["errors"]
    assert error["pointer"] == "/totals/total"
    assert "-1 minor units" in error["message"]


def test_a_card_number_in_a_note_is_refused_and_repeated_nowhere(world: DeployedWorld):
    card = "4111 1111 1111 1111"
    order = basket(line(world.sku(dc_east=1)), note=f"pay with {card}")

    answer = world.shop.send("POST", "/v1/orders", body=order, headers={"Idempotency-Key": str(uuid.uuid4())})

    assert _problem(answer, 422)["errors"][0]["pointer"] == "/note"
    assert card not in answer.text


@pytest.mark.parametrize("sku", ["AB/12", "50% A#B \u00fc?", "a+b&c=d"])
def test_a_sku_may_hold_whatever_its_shop_writes(world: DeployedWorld, sku: str):
    name = f"{sku} {uuid.uuid4().hex[:8]}"
    path = quote(name, safe="")

    made = world.office.put(f"/v1/products/{path}", {"title": "Odd", "weight_g": 100, "class": "things"})
    world.receive(name, dc_east=3)

    assert made["id"] == world.office.get(f"/v1/products/{path}")["id"] == name
    assert world.stock(path)["dc-east"]["on_hand"] == 3


def test_a_line_is_named_as_its_shop_names_it_from_the_basket_to_the_invoice(world: DeployedWorld):
    sku, named = world.sku(dc_east=2), "gid://shop/LineItem/1"
    ordered = basket({**line(sku, 2), "line_id": named})
    del ordered["customer"]["email"]  # tills have none

    order = world.routed(world.shop.post("/v1/orders", ordered))
    world.ship(order["fulfillments"][0]["fulfillment_id"])
    world.closed(order)

    found = world.order(order)
    assert ([row["line_id"] for row in found["lines"]], found["quantities"]) == ([named], {"SHIPPED": 2})
    assert world.mailed(order, 0) == []
