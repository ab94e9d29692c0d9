"""Each fault does what its name says: before or after the effect, remembered or not."""

import pytest
import stripe

PAYMENT = {
    "amount": 2_000,
    "currency": "usd",
    "allowed_payment_method_types": ["card"],
    "capture_method": "manual",
    "confirm": True,
    "payment_method": "pm_card_visa",
}
KEY = {"idempotency_key": "k1"}


def made(door) -> int:
    return len(door("GET", "/_state")["payment_intent"])


@pytest.mark.parametrize(
    ("kind", "error", "effects"),
    [
        ("timeout_before", stripe.APIConnectionError, 0),
        ("timeout_after", stripe.APIConnectionError, 1),
        ("error_before", stripe.APIError, 0),
        ("error_stored", stripe.APIError, 0),
        ("error_after", stripe.APIError, 1),
        ("rate_limit", stripe.RateLimitError, 0),
        ("decline", stripe.CardError, 1),
    ],
)
def test_a_fault_happens_as_often_as_it_is_asked_to(sdk, door, kind, error, effects) -> None:
    door("POST", "/_faults", kind=kind, count=1)

    with pytest.raises(error):
        sdk.payment_intents.create(PAYMENT, KEY)

    assert made(door) == effects
    assert sdk.payment_intents.create(PAYMENT).status == "requires_capture", "it happened once"


@pytest.mark.parametrize(
    ("kind", "then"), [("timeout_before", "done"), ("timeout_after", "done"), ("error_before", "done"),
                       ("error_stored", "broken"), ("error_after", "broken"), ("rate_limit", "done")]
)  # fmt: skip
def test_the_same_key_after_a_fault_has_one_effect_or_none(sdk, door, kind, then) -> None:
    door("POST", "/_faults", kind=kind, count=1)
    with pytest.raises(stripe.StripeError):
        sdk.payment_intents.create(PAYMENT, KEY)

    for _ in range(2):
        if then == "done":
            assert sdk.payment_intents.create(PAYMENT, KEY).status == "requires_capture"
        else:
            with pytest.raises(stripe.APIError) as again:
                sdk.payment_intents.create(PAYMENT, KEY)
            assert again.value.headers["Idempotent-Replayed"] == "true", "Stripe remembers a 500 too"

    assert made(door) == (0 if kind == "error_stored" else 1)


def test_faults_fit_a_path_and_are_listed_and_cleared(sdk, door) -> None:
    door("POST", "/_faults", faults=[{"kind": "error_before", "path": "/capture"}, {"kind": "slow", "seconds": 0.01}])
    intent = sdk.payment_intents.create(PAYMENT)
    with pytest.raises(stripe.APIError):
        sdk.payment_intents.capture(intent.id)
    assert [one["kind"] for one in door("GET", "/_faults")] == ["error_before", "slow"]

    assert door("DELETE", "/_faults") == []

    assert sdk.payment_intents.capture(intent.id).status == "succeeded"


def test_a_probability_is_seeded(server) -> None:
    def run() -> list[bool]:
        server.faults.clear()
        server.faults.add([{"kind": "error_before", "chance": 0.2}], seed=7)
        return [server.faults.pick(("error_before",), "/v1") is not None for _ in range(200)]

    first = run()

    assert first == run()
    assert 20 <= sum(first) <= 60


def test_a_decline_has_the_reason_that_it_is_given(sdk, door) -> None:
    door("POST", "/_faults", kind="decline", code="insufficient_funds", count=1)

    with pytest.raises(stripe.CardError) as declined:
        sdk.payment_intents.create(PAYMENT)

    assert (declined.value.code, declined.value.error.decline_code) == ("card_declined", "insufficient_funds")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"kind": "flood"},
        {"kind": "slow", "count": "x"},
        {"kind": "slow", "colour": 1},
        {"kind": "slow", "chance": True},
    ],
)
def test_a_fault_that_does_not_exist_is_refused(door, wrong) -> None:
    with pytest.raises(Exception, match="fault"):
        door("POST", "/_faults", **wrong)
    assert door("GET", "/_faults") == []
