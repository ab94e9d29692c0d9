"""A line or a charge of a draft says why its rate is 0, until it is an invoice, and as long as it goes to the same place."""

from typing import Any

import pytest

from tests.functions.channels import a_list
from tests.functions.drafts.acts import CHICAGO, create, get, patch
from tests.functions.drafts.test_confirm import confirm
from tests.functions.drafts.test_quotes import a_line
from tests.functions.taxed import AUSTIN
from tests.functions.world import World, usd

EXPORT = {"tax_rate": "0", "zero_rate_reason": "EXPORT"}
SHIPPING = {"kind": "SHIPPING", "amount": usd(500), **EXPORT}


def reasons(found: dict[str, Any]) -> list[str | None]:
    return [one["zero_rate_reason"] for one in (*found["lines"], *found["charges"])]


@pytest.fixture(params=["without a table", "with a table"])
def shop(request: pytest.FixtureRequest, world: World) -> World:
    if request.param == "with a table":
        request.getfixturevalue("taxed")
    else:
        a_list(world, tea=1_000)
    world.stocked("TEA-001", dc_1=9)
    return world


def test_a_reason_is_that_of_the_draft_the_order_and_the_invoice(shop: World):
    draft = create(shop, lines=[a_line("1", **EXPORT)], charges=[SHIPPING], ship_to=CHICAGO)
    assert reasons(draft) == ["EXPORT", "EXPORT"]

    order = confirm(shop, draft, payments=[{"method": "CARD", "reference": "p", "authorized": usd(1_500)}]).body
    assert reasons(order) == ["EXPORT", "EXPORT"]
    shop.settle()
    shop.steps(order["order_id"], "ship")
    shop.settle()

    invoice = shop.call("GET", f"/v1/invoices/inv_{order['order_id'][4:]}-001").body
    assert invoice["lines"][0]["zero_rate_reason"] == "EXPORT"
    assert invoice["charge_zero_rate_reasons"] == ["EXPORT"]


def test_what_goes_elsewhere_keeps_no_reason(shop: World):
    draft = create(shop, lines=[a_line("1", **EXPORT)], charges=[SHIPPING], ship_to=CHICAGO)

    moved = patch(shop, draft, ship_to=AUSTIN).body
    assert reasons(moved) == [None, None]

    again = patch(shop, get(shop, moved), set_lines=[a_line("1", **EXPORT)], ship_to=CHICAGO).body
    assert reasons(again) == ["EXPORT", None]
    noted = patch(shop, get(shop, again), note="ring twice").body
    assert reasons(noted) == ["EXPORT", None]


@pytest.mark.parametrize("rate", [{}, {"tax_rate": "0.05"}])
def test_a_reason_needs_a_rate_of_zero(world: World, rate: dict[str, str]):
    a_list(world, tea=1_000)
    wrong = {**rate, "zero_rate_reason": "EXPORT"}
    body = {"channel": "web", "currency": "USD", "locale": "en-US", "lines": [a_line("1", **wrong)]}

    refused = world.call("POST", "/v1/drafts", {**body, "charges": [{"kind": "SHIPPING", "amount": usd(5), **wrong}]})

    assert [at for at, _ in refused.errors] == ["/lines/0/zero_rate_reason", "/charges/0/zero_rate_reason"]
