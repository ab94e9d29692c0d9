"""Events are signed as Stripe signs them, and come once, twice, late, in another order or never, as faults say."""

import json
import time

import pytest
import stripe

from local.stripe.webhooks import signature

OURS = ["payment_intent.succeeded", "payment_intent.amount_capturable_updated", "charge.refunded", "refund.created"]


@pytest.fixture
def endpoint(sdk, receiver):
    return sdk.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})


def test_the_sdk_accepts_the_signature_and_refuses_a_changed_body(endpoint, authorized, receiver, delivered) -> None:
    authorized()
    assert "payment_intent.created" in delivered()
    body, header = receiver.got[0]

    event = stripe.Webhook.construct_event(body, header, endpoint.secret)

    assert (event.type, event.data.object["amount"]) == ("payment_intent.created", 10_000)
    for changed, secret in ((body.replace(b"10000", b"10001"), endpoint.secret), (body, "whsec_other")):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(changed, header, secret)
    old = signature(body, endpoint.secret, int(time.time()) - 301)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, old, endpoint.secret)


def test_an_endpoint_gets_the_types_that_it_wants(sdk, receiver, authorized, delivered) -> None:
    sdk.webhook_endpoints.create({"url": receiver.url, "enabled_events": OURS})
    intent = authorized()
    sdk.payment_intents.capture(intent.id, {"amount_to_capture": 6_000})
    sdk.refunds.create({"payment_intent": intent.id, "amount": 1_000})

    assert delivered() == [OURS[1], OURS[0], OURS[3], OURS[2]]
    assert receiver.events()[0]["request"]["idempotency_key"], "the SDK gives every POST a key"
    assert receiver.events()[-1]["data"]["previous_attributes"] == {"amount_refunded": 0}


@pytest.mark.parametrize(
    ("card", "step", "types"),
    [
        ("pm_card_visa", "capture", ["charge.captured", "payment_intent.succeeded"]),
        ("pm_card_visa", "cancel", ["payment_intent.canceled"]),
        ("pm_card_visa", "expire", ["charge.expired", "payment_intent.canceled"]),
        ("pm_card_chargeDeclined", None, ["charge.failed", "payment_intent.payment_failed"]),
        ("pm_card_threeDSecure2Required", None, ["payment_intent.requires_action"]),
    ],
)
def test_each_step_sends_its_events(sdk, door, endpoint, authorized, delivered, card, step, types) -> None:
    try:
        intent = authorized(card=card)
    except stripe.CardError:
        intent = None
    if step == "expire":
        door("POST", "/_clock", advance=7 * 86_400 + 1)
    elif step:
        getattr(sdk.payment_intents, step)(intent.id)

    assert delivered()[-len(types) :] == types


def test_what_was_not_taken_is_delivered_again_until_it_is(
    sdk, door, endpoint, authorized, receiver, delivered
) -> None:
    receiver.status = 500
    authorized()
    first = set(delivered())
    assert {event.pending_webhooks for event in sdk.events.list().data} == {1}
    receiver.status = 200
    receiver.got.clear()

    door("POST", "/_clock", advance=10)

    assert set(delivered()) == first
    assert {event.pending_webhooks for event in sdk.events.list().data} == {0}


def test_an_event_that_is_lost_is_in_the_list_of_events(sdk, door, endpoint, authorized, delivered) -> None:
    door("POST", "/_faults", kind="webhook_lost", path="amount_capturable_updated", count=1)
    authorized()

    assert "payment_intent.amount_capturable_updated" not in delivered()
    listed = sdk.events.list({"type": "payment_intent.amount_capturable_updated"}).data
    assert [sdk.events.retrieve(one.id).data.object["amount"] for one in listed] == [10_000]


def test_an_event_comes_twice_with_the_same_id(door, endpoint, authorized, receiver, delivered) -> None:
    door("POST", "/_faults", kind="webhook_duplicate", path="payment_intent.created", count=1)
    authorized()

    assert delivered().count("payment_intent.created") == 2
    twice = [event["id"] for event in receiver.events() if event["type"] == "payment_intent.created"]
    assert len(set(twice)) == 1


def test_an_event_comes_late(door, endpoint, authorized, delivered) -> None:
    door("POST", "/_faults", kind="webhook_late", path="payment_intent.created", count=1, seconds=3_600)
    authorized()
    assert "payment_intent.created" not in delivered()

    door("POST", "/_clock", advance=3_601)

    assert delivered()[-1] == "payment_intent.created"


def test_events_come_in_another_order(sdk, door, endpoint, authorized, receiver, delivered) -> None:
    door("POST", "/_faults", faults=[{"kind": "webhook_shuffled", "seconds": 600}], seed=3)
    for _ in range(3):
        sdk.payment_intents.capture(authorized().id)
    delivered()

    door("POST", "/_clock", advance=601)

    came = delivered()
    sent = [event.type for event in sdk.events.list({"limit": 100}).data][::-1]
    assert sorted(came) == sorted(sent)
    assert came != sent


def test_a_removed_endpoint_gets_nothing_more(sdk, endpoint, authorized, delivered) -> None:
    sdk.webhook_endpoints.delete(endpoint.id)
    authorized()

    assert delivered() == []
    assert sdk.webhook_endpoints.list().data == []


def test_a_body_is_signed_byte_for_byte() -> None:
    body = json.dumps({"id": "evt_1", "object": "event", "note": "são paulo"}, ensure_ascii=False).encode()

    assert stripe.WebhookSignature.verify_header(body, signature(body, "whsec_x", int(time.time())), "whsec_x", 300)
