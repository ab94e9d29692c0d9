"""A person who follows the link of a Checkout session pays, or is declined and tries again, and pays a Pix code at a bank."""

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


@pytest.fixture
def pix(sdk: Any) -> Any:
    """Return a payment of 12.50 reais whose customer is shown a code."""
    made = sdk.payment_intents.create({"amount": 1250, "currency": "brl", "allowed_payment_method_types": ["pix"]})
    return sdk.payment_intents.confirm(made.id, {"payment_method_data": {"type": "pix"}})


def paste(server: StripeServer, code: str) -> httpx.Response:
    return httpx.post(f"{server.url}/pix", data={"code": code}, trust_env=False)


def test_the_text_of_a_pix_code_is_pasted_at_the_page_of_a_bank_and_paid(
    server: StripeServer, sdk: Any, pix: Any
) -> None:
    assert re.search(r"<textarea[^>]*></textarea>", page(f"{server.url}/pix").text)
    code = pix.next_action.pix_display_qr_code.data

    done = paste(server, f"  {code}\n")

    assert (done.status_code, "12.50 BRL" in done.text, "This is paid" in done.text) == (200, True, True)
    assert sdk.payment_intents.retrieve(pix.id).status == "succeeded"
    again = paste(server, code)
    assert (again.status_code, "No open payment has this code." in again.text) == (404, True)


def test_a_pix_code_has_a_page_of_its_own_until_it_is_paid(server: StripeServer, pix: Any) -> None:
    shown = pix.next_action.pix_display_qr_code
    assert shown.hosted_instructions_url == f"{server.url}/pix/{pix.id}"
    assert f">{shown.data}</textarea>" in page(shown.hosted_instructions_url).text

    paste(server, shown.data)

    over = page(shown.hosted_instructions_url)
    assert ("This is paid" in over.text, "<button" in over.text) == (True, False)


@pytest.mark.parametrize("text", ["", " ", "<script>", "%", "0" * 5_000])
def test_a_text_that_is_no_open_code_pays_nothing(server: StripeServer, sdk: Any, pix: Any, text: str) -> None:
    sdk.payment_intents.create({"amount": 1250, "currency": "brl", "allowed_payment_method_types": ["pix"]})

    refused = paste(server, text)

    assert (refused.status_code, "<script>" in refused.text) == (404, False)
    assert sdk.payment_intents.retrieve(pix.id).status == "requires_action"
    assert page(f"{server.url}/pix/<script>").status_code == 404
