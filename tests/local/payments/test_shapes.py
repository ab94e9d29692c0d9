"""Every object that the server answers has the fields, kinds and words of the SDK's class, and no others."""

import pytest
import stripe

from local.stripe.account import VERSION
from local.stripe.endpoints import ENDPOINTS
from tests.local.payments.judge import complaints


def test_it_answers_the_version_that_the_sdk_is_made_for() -> None:
    assert stripe.api_version == VERSION


def test_every_object_of_every_journey_has_the_shape_that_the_sdk_knows(server, sdk, door, authorized) -> None:
    door("POST", "/_account", multi_capture=True, incremental=True)
    customer = sdk.customers.create({"email": "ana@example.com", "payment_method": "pm_card_visa"})
    hook = sdk.webhook_endpoints.create({"url": "http://127.0.0.1:9/hook", "enabled_events": ["*"]})
    assert complaints(hook.to_dict()) == []
    options = {"card": {"request_multicapture": "if_available", "request_incremental_authorization": "if_available"}}
    several = authorized(payment_method_options=options, customer=customer.id, setup_future_usage="off_session")
    sdk.payment_intents.increment_authorization(several.id, {"amount": 12_000})
    sdk.payment_intents.capture(several.id, {"amount_to_capture": 4_000, "final_capture": False})
    sdk.payment_intents.capture(several.id, {"amount_to_capture": 5_000})
    once = authorized()
    sdk.payment_intents.capture(once.id, {"amount_to_capture": 6_000})
    sdk.refunds.create({"payment_intent": once.id, "amount": 1_000, "reason": "requested_by_customer"})
    failing = authorized(card="pm_card_refundFail")
    sdk.payment_intents.capture(failing.id)
    sdk.refunds.create({"payment_intent": failing.id})
    sdk.payment_intents.cancel(authorized().id, {"cancellation_reason": "abandoned"})
    authorized()  # expires below
    secure = authorized(card="pm_card_threeDSecure2Required", return_url="https://shop.example/back")
    door("POST", "/_authenticate", payment_intent=secure.id)
    refused = authorized(card="pm_card_threeDSecure2Required")
    door("POST", "/_authenticate", payment_intent=refused.id, succeeds=False)
    for card in ("pm_card_visa_chargeDeclined", "pm_card_chargeDeclinedExpiredCard"):
        with pytest.raises(stripe.CardError) as declined:
            authorized(card=card)
        error = declined.value.json_body["error"]
        assert set(error) <= set(stripe.ErrorObject.__annotations__)
        assert complaints(error["payment_intent"]) == []
    pix = {
        "amount": 5_000,
        "currency": "brl",
        "allowed_payment_method_types": ["pix"],
        "payment_method_data": {"type": "pix"},
    }
    paid = sdk.payment_intents.create(pix | {"confirm": True})
    door("POST", "/_pay", payment_intent=paid.id)
    sdk.refunds.create({"payment_intent": paid.id, "amount": 100})
    sdk.payment_intents.create(pix | {"confirm": True})  # expires below
    line = {"price_data": {"currency": "usd", "product_data": {"name": "Order"}, "unit_amount": 700}, "quantity": 2}
    for card in ("pm_card_visa", None):
        session = sdk.checkout.sessions.create(
            {"mode": "payment", "line_items": [line], "success_url": "https://shop.example/paid"}
        )
        if card:
            door("POST", "/_pay", session=session.id, payment_method=card)
    disputed = door("POST", "/_dispute", payment_intent=once.id)
    assert [one.id for one in sdk.disputes.list({"payment_intent": once.id}).data] == [disputed["id"]]
    door("POST", "/_dispute", dispute=disputed["id"], status="won")
    door("POST", "/_clock", advance=8 * 86_400)
    door("POST", "/_payout")
    door("POST", "/_clock", advance=86_400)

    state = door("GET", "/_state")
    assert complaints(sdk.balance.retrieve().to_dict()) == []
    kinds = [kind for kind, things in state.items() if isinstance(things, list)]
    assert {kind: complaints(thing) for kind in kinds for thing in state[kind] if complaints(thing)} == {}
    assert len(kinds) == 11
    assert all(state[kind] for kind in kinds), "a journey makes each kind of object"


def test_every_parameter_that_it_takes_is_one_that_the_sdk_knows() -> None:
    unknown = {}
    for endpoint in ENDPOINTS:
        if endpoint.known_as:
            *package, name = endpoint.known_as.split(".")
            module = stripe.params.checkout if package else stripe.params
            known = set(getattr(module, name).__annotations__)
            if strange := set(endpoint.fields) - known:
                unknown[endpoint.known_as] = strange

    assert unknown == {}
    assert all(endpoint.known_as for endpoint in ENDPOINTS if endpoint.fields)


def test_the_judge_sees_a_field_that_is_missing_unknown_or_of_another_kind(authorized) -> None:
    right = authorized().to_dict()
    assert complaints(right) == []

    wrong = {key: value for key, value in right.items() if key != "amount"}
    wrong |= {"colour": "red", "status": "paid", "created": "today", "automatic_payment_methods": {"enabled": 1}}

    assert sorted(one.split(":")[0] for one in complaints(wrong)) == [
        "payment_intent.amount",
        "payment_intent.automatic_payment_methods.enabled",
        "payment_intent.colour",
        "payment_intent.created",
        "payment_intent.status",
    ]
