"""An Idempotency-Key has one effect and one answer, whoever asks, however often, and whatever went wrong."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

from tests.local.world import eventually

PAYMENT = {"amount": 2_000, "currency": "usd", "allowed_payment_method_types": ["card"], "capture_method": "manual"}
CONFIRMED = PAYMENT | {"confirm": True, "payment_method": "pm_card_visa"}


def key(name: str) -> dict:
    return {"idempotency_key": name}


def test_the_same_request_gets_the_same_answer_and_has_one_effect(sdk, door) -> None:
    first = sdk.payment_intents.create(CONFIRMED, key("k1"))
    second = sdk.payment_intents.create(CONFIRMED, key("k1"))

    assert second.to_dict() == first.to_dict()
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert len(door("GET", "/_state")["payment_intent"]) == 1


def test_another_request_with_the_same_key_is_refused(sdk, door) -> None:
    intent = sdk.payment_intents.create(CONFIRMED, key("k1"))

    with pytest.raises(stripe.IdempotencyError):
        sdk.payment_intents.create(CONFIRMED | {"amount": 2_001}, key("k1"))
    with pytest.raises(stripe.IdempotencyError):
        sdk.payment_intents.capture(intent.id, {}, key("k1"))
    assert [one["status"] for one in door("GET", "/_state")["payment_intent"]] == ["requires_capture"]


def test_a_decline_and_a_refusal_are_remembered(sdk, door) -> None:
    for name, params in (("k1", CONFIRMED | {"payment_method": "pm_card_chargeDeclined"}),):
        answers = []
        for _ in range(2):
            with pytest.raises(stripe.CardError) as declined:
                sdk.payment_intents.create(params, key(name))
            answers.append(declined.value.http_body)
        assert answers[0] == answers[1]
    intent = sdk.payment_intents.create(PAYMENT, key("k2"))
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError):
            sdk.payment_intents.capture(intent.id, {}, key("k3"))
    sdk.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}, key("k4"))
    with pytest.raises(stripe.InvalidRequestError):
        sdk.payment_intents.capture(intent.id, {}, key("k3"))
    assert sdk.payment_intents.capture(intent.id, {}, key("k5")).status == "succeeded"
    state = door("GET", "/_state")
    assert (len(state["payment_intent"]), len(state["charge"])) == (2, 2)


def test_a_parameter_that_cannot_be_read_is_not_remembered(sdk) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        sdk.payment_intents.create(PAYMENT | {"colour": "red"}, key("k1"))

    assert sdk.payment_intents.create(PAYMENT, key("k1")).status == "requires_payment_method"


def test_a_key_is_free_again_after_a_day(sdk, door) -> None:
    first = sdk.payment_intents.create(PAYMENT, key("k1"))
    door("POST", "/_clock", advance=86_300)
    assert sdk.payment_intents.create(PAYMENT, key("k1")).id == first.id

    door("POST", "/_clock", advance=200)

    assert sdk.payment_intents.create(PAYMENT, key("k1")).id != first.id


def test_twenty_threads_with_one_key_have_one_effect(sdk, door, server) -> None:
    intent = sdk.payment_intents.create(CONFIRMED)
    door("POST", "/_faults", kind="slow", path="/capture", seconds=1.5, count=1)

    def capture(_: int) -> int:
        try:
            return sdk.payment_intents.capture(intent.id, {"amount_to_capture": 1_500}, key("k1")).amount_received
        except stripe.APIError as busy:
            return busy.http_status

    with ThreadPoolExecutor(20) as pool:
        first = pool.submit(capture, 0)
        eventually(lambda: "k1" in server.api._in_flight, 30)
        answers = {first, *(pool.submit(capture, number) for number in range(1, 20))}

    assert {answer.result() for answer in answers} == {1_500, 409}, "others meet the first one in flight"
    assert capture(0) == 1_500
    state = door("GET", "/_state")
    assert (state["net"], len(state["balance_transaction"])) == ({"usd": 1_500 - 74}, 1)


def test_twenty_threads_with_twenty_keys_capture_once(sdk, door) -> None:
    intent = sdk.payment_intents.create(CONFIRMED)

    def capture(number: int) -> int:
        try:
            return sdk.payment_intents.capture(intent.id, {}, key(f"k{number}")).amount_received
        except stripe.InvalidRequestError as refused:
            return refused.http_status

    with ThreadPoolExecutor(20) as pool:
        answers = sorted(pool.map(capture, range(20)))

    assert answers == [400] * 19 + [2_000]
    assert len(door("GET", "/_state")["balance_transaction"]) == 1


@pytest.mark.parametrize("wrong", ["", "k" * 256])
def test_a_key_has_a_length(sdk, server, wrong) -> None:
    headers = {"Idempotency-Key": wrong}
    with pytest.raises(stripe.IdempotencyError):
        sdk.payment_intents.create(PAYMENT, {"headers": headers} if not wrong else key(wrong))
