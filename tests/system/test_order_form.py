"""A stranger orders by the public form over HTTP alone, and a person of sales confirms the order, which is then routed."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from tests.functions.order_form.site import solve
from tests.system.retailer import BY_FORM, CANARY, EAST, WEB
from tests.system.world import PLAIN, DeployedWorld

TYPED = {
    "name": f"{CANARY} Visitor",
    "email": "visitor@example.org",
    "line1": f"{CANARY} Street 1",
    "city": "New York",
    "region": "NY",
    "postal_code": "10001",
    "country": "US",
}
OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def form(world: DeployedWorld) -> Iterator[httpx.Client]:
    """Give the form of the web shop a client of its own, and return a browser on its page."""
    scopes = ["orders/write", "promises/read", "stock/read", "directory/read"]
    made = world.office.post("/v1/clients", {"name": "form", "kind": "form", "channels": [WEB], "scopes": scopes})
    assert "client_secret" not in made
    with httpx.Client(base_url=f"{world.deployed.base_url}/o/{WEB}", **PLAIN) as browser:
        yield browser


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the review."""
    return {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    }


def sent(
    form: httpx.Client, fields: dict[str, Any], action: str, headers: dict[str, str] | None = None
) -> httpx.Response:
    return form.post("", data={**fields, "do": action}, headers=OWN if headers is None else headers)


def test_a_stranger_orders_by_the_form_and_sales_confirms_it(world: DeployedWorld, form: httpx.Client):
    sku = world.sku(dc_east=5)
    product = world.office.get(f"/v1/products/{sku}")
    known = {name: value for name, value in product.items() if name not in ("id", "version")}
    world.office.put(f"/v1/products/{sku}", {**known, "prices": {WEB: {"amount": 1299, "currency": "USD"}}})

    empty = form.get("")
    key = hidden(empty.text)["key"]
    review = sent(form, {**TYPED, "key": key, "sku": sku, "quantity": "2"}, "review")
    assert review.status_code == 200, review.text
    # 2 x 12.99 = 25.98, its tax 2.14; delivery 5.99, its tax 0.49
    assert "$34.60" in review.text
    fields = hidden(review.text)
    done = [sent(form, {**fields, "nonce": solve(fields["challenge"])}, "send") for _ in range(2)]

    assert [answer.status_code for answer in done] == [200, 200], done[0].text
    (order_id,) = {re.search(r"ord_[a-z0-9]+_[0-9A-Z]{26}", answer.text)[0] for answer in done}  # type: ignore[index]  # it is there
    order = world.office.get(f"/v1/orders/{order_id}")
    assert order["totals"]["total"]["amount"] == 3460
    assert world.queue("sales-review", order)["reason"] == BY_FORM
    assert world.stock(sku)[EAST]["reserved"] == 0

    assert world.change(order, "confirm", {}).is_success
    assert world.routed(order)["status"] == "RELEASED"


def test_the_form_takes_no_order_without_work_from_elsewhere_or_for_another_channel(
    world: DeployedWorld, form: httpx.Client
):
    sku = world.sku(dc_east=5)
    before = world.office.get("/v1/queues/sales-review")["items"]

    assert sent(form, {**TYPED, "sku": sku, "quantity": "1"}, "send").status_code == 422
    assert sent(form, TYPED, "send", {"Sec-Fetch-Site": "cross-site"}).status_code == 403
    unknown = httpx.get(f"{world.deployed.base_url}/o/moon", **PLAIN)
    assert (unknown.status_code, unknown.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert world.office.get("/v1/queues/sales-review")["items"] == before


def test_the_pages_files_load_and_nothing_else_may(form: httpx.Client):
    page = form.get("", headers={"Accept-Language": "pt"})

    assert "Peça aqui" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    files = re.findall(r'(?:href|src)="(\?file=[^"]+)"', page.text)
    assert len(files) == 3
    for file in files:
        loaded = form.get(unescape(file))
        assert loaded.status_code == 200
        assert "immutable" in loaded.headers["Cache-Control"]
