"""A charge of a draft is as given, or what the carriers of the promised option cost by their rate cards."""

from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.routing import promises
from tests.functions.drafts.test_drafts import a_cart, create, get, patch
from tests.functions.world import Reply, World, usd

PROMISE = "prm_us1_01M7STV3G0D2FQG0YTJ893ZCCX"
SHIPPING = {"kind": "shipping", "tax_rate": "0.1"}


@pytest.fixture
def promised(world: World) -> World:
    """Store a promise of the shop's with a cheap and a dear option, in dollars, and one in another currency."""
    costs = {"cheap": (7_125_000, "USD"), "dear": (12_994_999, "USD"), "euro": (1, "EUR"), "counter": (0, None)}
    options = {
        name: {"method": "SHIP", "service": "STANDARD", "deliver_on": None, "zone": None, "fulfillments": [],
               "cost_micros": micros, "currency": currency}
        for name, (micros, currency) in costs.items()
    }  # fmt: skip
    until = (world.now + timedelta(hours=1)).isoformat()
    document = {"channel": "web", "owner": "shop", "valid_until": until, "recommended": "cheap", "options": options}
    promises.save(PROMISE, document)
    return world


def charged(reply: Reply) -> tuple[Any, Any]:
    (charge,) = reply.body["charges"]
    return charge["amount"], charge["tax"]


@pytest.mark.parametrize(
    ("option", "amount", "tax"), [(None, 713, 71), ("cheap", 713, 71), ("dear", 1_299, 130), ("counter", 0, 0)]
)
def test_a_charge_without_an_amount_is_what_the_promised_option_costs(
    promised: World, option: str | None, amount: int, tax: int
):
    draft = create(promised, promise_id=PROMISE, option_id=option, charges=[SHIPPING])

    assert (draft["charges"][0]["amount"], draft["charges"][0]["tax"]) == (usd(amount), usd(tax))


def test_an_agent_adds_the_charge_of_the_promise_that_the_shop_has_attached(promised: World):
    draft = create(promised, promise_id=PROMISE)

    assert charged(patch(promised, draft, who="sales", charges=[SHIPPING])) == (usd(713), usd(71))
    given = patch(promised, get(promised, draft), who="sales", charges=[{**SHIPPING, "amount": usd(500)}])
    assert charged(given) == (usd(500), usd(50))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, ("/charges/0/amount", "no-promise")),
        ({"promise_id": PROMISE, "option_id": "euro"}, ("/charges/0/amount", "another-currency")),
        ({"promise_id": PROMISE, "option_id": "none"}, ("/option_id", "unknown-option")),
        ({"promise_id": "prm_us1_01M7STV3G0D2FQG0YTJ893ZCCZ"}, ("/promise_id", "unknown-promise")),
    ],
    ids=["no promise", "another currency", "no such option", "no such promise"],
)
def test_a_charge_that_cannot_be_found_is_refused_by_name(promised: World, fields: Any, wrong: tuple[str, str]):
    reply = promised.call("POST", "/v1/drafts", a_cart(charges=[SHIPPING], **fields), who="shop")

    assert (reply.status, reply.errors) == (422, [wrong])


def test_a_promise_of_another_shop_gives_no_charge(promised: World):
    body = a_cart(charges=[SHIPPING], promise_id=PROMISE, channel="outlet")

    reply = promised.call("POST", "/v1/drafts", body, who="other-shop")

    assert reply.errors == [("/promise_id", "unknown-promise")]
