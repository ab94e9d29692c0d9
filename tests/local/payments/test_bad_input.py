"""Whatever a request says, it is answered: done, or refused with the name of what is wrong. No connection just ends."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.stripe.account import Account
from local.stripe.api import Api, Request
from local.stripe.endpoints import ENDPOINTS
from local.stripe.faults import Faults

NAMES = sorted(
    {name for endpoint in ENDPOINTS for name in endpoint.fields} | {"expand", "colour", "", "[]", "amount[x]"}
)
NESTED = (
    "[card][request_multicapture]",
    "[0][price_data][unit_amount]",
    "[]",
    "[a]",
    "[0]",
    "[pix][expires_at]",
    "[gte]",
    "",
)
VALUES = st.sampled_from(
    (
        "",
        "0",
        "1",
        "-1",
        "500",
        "1e3",
        "10000",
        "9" * 40,
        "true",
        "usd",
        "brl",
        "xyz",
        "card",
        "pix",
        "manual",
        "pm_card_visa",
    )
) | st.text(max_size=20)
PARAMS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NESTED), VALUES), max_size=6)
PATHS = st.sampled_from(sorted({(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}))


def ask(api: Api, method: str, path: str, content: str, **headers: str):
    return api.answer(
        Request(method=method, path=path, content=content, headers={"authorization": "Bearer k", **headers})
    )


@pytest.fixture
def api():
    account = Account()
    yield Api(account, Faults(), "k")
    account.store.close()


@settings(max_examples=400, deadline=None)
@given(target=PATHS, params=PARAMS, name=st.sampled_from(("pi_x", "..", "%00", "é", "")))
def test_random_parameters_are_answered(target, params, name) -> None:
    account = Account()
    api = Api(account, Faults(), "k")
    good = {"amount": "500", "currency": "brl", "payment_method": "pm_card_visa", "url": "http://127.0.0.1:9/x"}
    content = urlencode([*good.items(), *((field + nested, value) for field, nested, value in params)])
    path = target[1].replace("{id}", name)

    for form in (content, urlencode([(field + nested, value) for field, nested, value in params])):
        answer = ask(api, target[0], path, form)
        assert answer.status in (200, 400, 402, 404)
        assert answer.status == 200 or json.loads(answer.body)["error"]["message"]
    account.store.close()


def test_nothing_is_no_refund(api) -> None:
    paid = {"amount": "500", "currency": "usd", "payment_method": "pm_card_visa", "confirm": "true"}
    paid |= {"allowed_payment_method_types[]": "card"}
    intent = json.loads(ask(api, "POST", "/v1/payment_intents", urlencode(paid)).body)["id"]

    answer = ask(api, "POST", "/v1/refunds", urlencode({"payment_intent": intent, "amount": "0"}))

    assert (answer.status, json.loads(answer.body)["error"]["param"]) == (400, "amount")


@pytest.mark.parametrize(
    "content", ["a" * 200_000, "&".join("a=1" for _ in range(600)), "%ff=%fe", "amount", "a[b=1", "=&=", "a[][]=1"]
)
def test_a_body_that_is_no_form_is_refused(api, content) -> None:
    assert ask(api, "POST", "/v1/payment_intents", content).status == 400


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer é", "Basic é", "Basic ====", "Basic azpw", "Digest k", "bearer  k ", "Basic azo="]
)
def test_only_the_key_opens_the_account(api, header) -> None:
    answer = ask(api, "GET", "/v1/balance", "", authorization=header)

    assert answer.status == (200 if header in ("bearer  k ", "Basic azo=", "Basic azpw") else 401)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:99999/x",
        "http://127.0.0.1:x/",
        "https://127.0.0.1/",
        "http://example.com/",
        "x",
        "http://[::1",
    ],
)
def test_an_endpoint_is_on_this_machine(api, url) -> None:
    content = urlencode([("url", url), ("enabled_events[]", "*")])

    assert json.loads(ask(api, "POST", "/v1/webhook_endpoints", content).body)["error"]["param"] == "url"


@pytest.mark.parametrize("seconds", [9, 1_209_601])
def test_a_pix_code_has_a_life(api, seconds) -> None:
    content = urlencode(
        [
            ("amount", 500),
            ("currency", "brl"),
            ("confirm", "true"),
            ("allowed_payment_method_types[]", "pix"),
            ("payment_method_data[type]", "pix"),
            ("payment_method_options[pix][expires_after_seconds]", seconds),
        ]
    )

    assert ask(api, "POST", "/v1/payment_intents", content).status == 400


PRICE = "line_items[0][price_data]"


@pytest.mark.parametrize(
    "left_out", ["mode", f"{PRICE}[currency]", f"{PRICE}[product_data][name]", f"{PRICE}[unit_amount]", PRICE]
)
def test_a_line_of_a_session_is_whole(api, left_out) -> None:
    whole = {
        "mode": "payment",
        "line_items[0][quantity]": 1,
        f"{PRICE}[currency]": "usd",
        f"{PRICE}[product_data][name]": "Order",
        f"{PRICE}[unit_amount]": 500,
    }
    assert ask(api, "POST", "/v1/checkout/sessions", urlencode(whole)).status == 200
    part = {name: value for name, value in whole.items() if not name.startswith(left_out)}

    answer = ask(api, "POST", "/v1/checkout/sessions", urlencode(part))

    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (400, "parameter_missing")
