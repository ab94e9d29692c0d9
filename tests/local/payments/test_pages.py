"""The page of a Checkout session: a person who follows its link pays, or is declined and tries again."""

import re
from typing import Any

import httpx
import pytest

from local.stripe.server import StripeServer


@pytest.fixture
def session(sdk: Any) -> Any:
    """Return a function that makes a session of 12.50."""

    def make(currency: str = "usd", amount: int = 1250, **data: Any) -> Any:
        line = {"price_data": {"currency": currency, "unit_amount": amount, "product_data": {"name": "An order"}}}
        params = {"mode": "payment", "line_items": [line | {"quantity": 1}], "success_url": "https://shop.example/?a&b"}
        return sdk.checkout.sessions.create(params | data)

    return make


def press(url: str, do: str) -> httpx.Response:
    return httpx.post(url, data={"do": do}, follow_redirects=True, trust_env=False)


def page(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False)


def test_the_address_of_a_session_is_a_page_of_this_machine_that_pays_it(
    server: StripeServer, sdk: Any, session: Any
) -> None:
    made = session(payment_intent_data={"capture_method": "manual"})
    assert made.url == f"{server.url}/c/pay/{made.id}"
    shown = page(made.url)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "12.50 USD" in shown.text
    assert re.findall(r'name="do" value="(\w+)"', shown.text) == ["pay", "decline"]

    done = press(made.url, "pay")

    assert "This is paid" in done.text
    assert 'href="https://shop.example/?a&amp;b"' in done.text
    paid = sdk.checkout.sessions.retrieve(made.id)
    assert paid.status == "complete"
    assert sdk.payment_intents.retrieve(paid.payment_intent).status == "requires_capture"
    again = press(made.url, "pay")
    assert (again.status_code, "takes no payment" in again.text) == (400, True)
    assert len(sdk.payment_intents.list().data) == 1


def test_a_declined_card_leaves_the_page_open_for_another_one(sdk: Any, session: Any) -> None:
    made = session()

    declined = press(made.url, "decline")

    assert (declined.status_code, "Your card was declined." in declined.text) == (402, True)
    assert sdk.checkout.sessions.retrieve(made.id).status == "open"
    assert "This is paid" in press(made.url, "pay").text


def test_a_page_in_reais_is_paid_by_pix(sdk: Any, session: Any) -> None:
    made = session("brl")
    assert 'value="pix"' in page(made.url).text

    assert "This is paid" in press(made.url, "pix").text

    assert sdk.checkout.sessions.retrieve(made.id).payment_status == "paid"


def test_a_page_that_is_over_or_unknown_offers_nothing(server: StripeServer, sdk: Any, session: Any) -> None:
    made = session("jpy", 900)
    assert "900 JPY" in page(made.url).text
    sdk.checkout.sessions.expire(made.id)

    over = page(made.url)

    assert "takes no payment any more" in over.text
    assert "<button" not in over.text
    unknown = page(f"{server.url}/c/pay/<script>")
    assert (unknown.status_code, "<script>" in unknown.text) == (404, False)
    assert press(made.url, "give").status_code == 400
