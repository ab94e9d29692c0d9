"""A cart begun in a shop is claimed, changed and quoted by an agent, and becomes an order that is routed."""

import uuid
from typing import Any

import httpx

from local import mails
from ops.client import Client
from tests.system.retailer import CANARY, WEB, usd
from tests.system.test_customer_link import link_in
from tests.system.world import PLAIN, DeployedWorld, Json, eventually

HOME = {
    "name": "Ana Canary",
    "line1": "12 Canary Street",
    "city": "Columbus",
    "region": "OH",
    "postal_code": "43004",
    "country": "US",
}


def sent(client: Client, method: str, draft: Json, below: str, body: Any, etag: bool = True) -> httpx.Response:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    if etag:
        headers["If-Match"] = f'"v{client.get(f"/v1/drafts/{draft['draft_id']}")["version"]}"'
    return client.send(method, f"/v1/drafts/{draft['draft_id']}{below}", body=body, headers=headers)


def test_a_cart_is_claimed_changed_quoted_confirmed_and_routed(world: DeployedWorld):
    tea, cup = world.sku(dc_east=9), world.sku(dc_east=9)
    email = f"{CANARY}-{uuid.uuid4().hex[:8]}@example.com"
    name = f"quotes-{tea.lower()}"
    prices = [{"sku": sku, "unit_price": usd(price)} for sku, price in ((tea, 1_200), (cup, 800))]
    listed = {
        "name": "Quotes",
        "channels": [WEB],
        "currency": "USD",
        "valid_from": f"20{uuid.uuid4().int % 20:02d}-01-01",
    }
    world.office.put(f"/v1/price-lists/{name}", {**listed, "tax_rate": "0.1", "prices": prices})
    eventually(lambda: _has_price(world, tea), "the price of the list")
    cart = world.shop.post(
        "/v1/drafts",
        {
            "channel": WEB, "currency": "USD", "locale": "en-US", "open_cart": True,
            "customer": {"id": f"c-{tea}", "name": "Ana Canary", "email": email},
            "lines": [{"line_id": "1", "sku": tea, "quantity": 2, "unit_price": usd(1_200)}],
        },
    )  # fmt: skip

    (found,) = world.office.get("/v1/drafts", email=email)["items"]
    assert found["draft_id"] == cart["draft_id"]
    assert sent(world.office, "POST", cart, "/claim", {}, etag=False).status_code == 200
    refused = sent(world.shop, "PATCH", cart, "", {"tags": ["mine"]})
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "claimed")
    step = {"set_lines": [{"line_id": "2", "sku": cup, "quantity": 1}], "ship_to": HOME}
    # The room of drafts knows a new list within a minute, as the directory's does, and each by itself.
    changed = eventually(
        lambda: _if_accepted(sent(world.office, "PATCH", cart, "", step)), "the price of the list in drafts"
    )
    assert changed.json()["lines"][1]["price"]["source"] == "LIST"

    quoted = sent(world.office, "POST", cart, "/quote", {})
    assert quoted.status_code == 200, quoted.text
    number = quoted.json()["quote"]["number"]
    mail = eventually(lambda: _mail(world, f"Your quote {number}"), "the mail of the quote")
    with httpx.Client(**PLAIN) as browser:
        page = browser.get(link_in(mail))
        assert page.status_code == 200, page.text
        assert number in page.text
        assert "$35.20" in page.text  # 24 + 8, and a tenth of both
        paid = {"payments": [{"method": "CARD", "reference": "pi_quote", "authorized": usd(3_520)}]}
        confirmed = sent(world.office, "POST", cart, "/confirm", paid)
        assert confirmed.status_code == 201, confirmed.text
        assert "was ordered" in browser.get(link_in(mail)).text

    order = confirmed.json()
    assert order["order_id"] == cart["draft_id"].replace("drf_", "ord_")
    again = sent(world.shop, "POST", cart, "/confirm", paid)
    assert (again.status_code, again.json()["order_id"]) == (200, order["order_id"])
    order = world.routed(order)
    assert order["totals"]["total"] == usd(3_520)
    world.rested()


def _if_accepted(answer: httpx.Response) -> httpx.Response | None:
    return answer if answer.status_code == 200 else None


def _has_price(world: DeployedWorld, sku: str) -> bool:
    answer = world.office.send("GET", f"/v1/list-prices?channel={WEB}&sku={sku}")
    return answer.status_code == 200


def _mail(world: DeployedWorld, subject: str) -> Json:
    return next((mail for mail in mails.sent(world.instance) if mail["Subject"] == subject), None)
