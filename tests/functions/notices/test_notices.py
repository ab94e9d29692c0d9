"""A signed notice of a provider is taken once and is a reason to ask the provider; money that no order asked for is a question."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe as official

from comanda.aws.runtime import json_secret
from comanda.aws.runtime.clients import client
from comanda.domain.payments import notices
from local.stripe import clockwork
from local.stripe.webhooks import signature
from tests.functions.notices.conftest import PATH, SECRET
from tests.functions.pay.test_pay import operations, shipped
from tests.functions.world import World, usd
from tests.invariants import broken
from tests.local.payments.conftest import receiver

__all__ = ["receiver"]


def waiting(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.call("GET", "/v1/queues/provider-notices", who="office").body["items"]
    return found


def looks(world: World) -> list[Any]:
    return [payload for room, payload in world.hops.asynchronous if room == "pay"]


def of_stranger(world: World, kind: str = "payment_intent.succeeded", **changes: Any) -> dict[str, Any]:
    """Return an event about a payment that nobody named."""
    payment = {"id": "pi_1", "object": "payment_intent", "amount": 500, "amount_received": 400, "currency": "usd"}
    thing = {**payment, "metadata": {"order": "WEB-9"}}
    event = {"id": "evt_1", "object": "event", "account": None, "created": int(world.now.timestamp()), "type": kind}
    return {**event, "data": {"object": thing}, **changes}


def test_the_official_sdk_and_the_door_accept_the_same_signed_bodies(
    world: World, shop, sdk, receiver, stripe, connected
) -> None:
    endpoint = sdk.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    content = json.dumps({"stripe": {"webhook_secrets": [endpoint.secret]}})
    client("secretsmanager").put_secret_value(SecretId="comanda-test-notices", SecretString=content)
    json_secret.forget()
    shop()
    clockwork.run_due(stripe.account, stripe.faults)
    world.now = datetime.now(UTC)  # the server signs with the machine's time

    assert receiver.got
    for body, header in receiver.got:
        known = official.Webhook.construct_event(body, header, endpoint.secret)
        reply = world.call(
            "POST", PATH, raw=body.decode(), who="nobody", key=None, headers={"Stripe-Signature": header}
        )
        assert (reply.status, reply.body) == (200, {"notice_id": known.id})
        changed = body.replace(b"1000", b"1001")
        with pytest.raises(official.SignatureVerificationError):
            official.Webhook.construct_event(changed, header, endpoint.secret)
        refused = world.call(
            "POST", PATH, raw=changed.decode(), who="nobody", key=None, headers={"Stripe-Signature": header}
        )
        assert changed == body or (refused.status, refused.problem) == (400, "not-signed")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "garbage",
        "t=1,v1=00",
        "t=,v1=",
        "t=9999999999999999,v1=00",
        "t=1796000000,v0=" + "0" * 64,
        "t=1796000000,v1=é",
        "t=1," * 5_000,
    ],
)
def test_a_notice_without_a_right_signature_is_refused(world: World, send, header: str) -> None:
    before = world.tables()

    refused = send(of_stranger(world), header)

    assert (refused.status, refused.problem) == (400, "not-signed")
    assert world.tables() == before


@pytest.mark.parametrize(("minutes", "status"), [(-6, 400), (-4, 200), (4, 200), (6, 400)])
def test_a_notice_is_taken_within_five_minutes_alone(world: World, send, minutes: int, status: int) -> None:
    body = json.dumps(of_stranger(world))
    at = int((world.now + timedelta(minutes=minutes)).timestamp())

    reply = send(body, signature(body.encode(), SECRET, at))

    assert reply.status == status
    assert status == 200 or "too old" in reply.body["detail"]


def test_no_notice_is_taken_before_an_operator_has_put_a_secret(world: World, send) -> None:
    for content in (
        "as it was made",
        "[]",
        '{"stripe": {"webhook_secrets": [""]}}',
        '{"stripe": {"webhook_secrets": "x"}}',
    ):
        client("secretsmanager").put_secret_value(SecretId="comanda-test-notices", SecretString=content)
        json_secret.forget()
        body = json.dumps(of_stranger(world))
        for secret in ("", "x", SECRET):
            refused = send(body, signature(body.encode(), secret, int(world.now.timestamp())))
            assert (refused.status, refused.problem) == (400, "not-signed")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "[]",
        "null",
        "1",
        "{",
        '{"id": "evt_1"}',
        '{"id": "evt_1", "type": "payment_intent.succeeded", "created": 1, "data": {"object": null}}',
        '{"id": "", "type": "ping", "created": 1, "data": {"object": {}}}',
        '{"id": 7, "type": "ping", "created": 1, "data": {"object": {}}}',
        json.dumps({"id": "e" * 300, "type": "ping", "created": 1, "data": {"object": {}}}),
        json.dumps({"id": "\ud800", "type": "ping", "created": 1, "data": {"object": {}}}),
        '{"id": "evt_1", "type": "ping", "created": 1e300, "data": {"object": {}}}',
        '{"id": "evt_1", "type": "ping", "created": "soon", "data": {"object": {}}}',
        "[" * 100_000,
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(world: World, send, body: str) -> None:
    before = world.tables()

    refused = send(body)

    assert (refused.status, refused.problem) == (400, "not-understood")
    assert world.tables() == before


def test_a_body_above_a_megabyte_is_refused(world: World, send) -> None:
    assert send("x" * 1_000_001).problem == "body-too-large"


def test_a_notice_about_an_order_has_the_provider_asked_once(world: World, shop, send, events) -> None:
    order_id = shop()
    world.settle()
    (event,) = events("payment_intent.amount_capturable_updated")

    assert (send(event).status, send(event).status) == (200, 200)

    assert looks(world) == [{"orders": [order_id], "noticed": True}]
    assert waiting(world) == []
    world.settle()
    assert broken(world.tables()) == []


@pytest.mark.parametrize(
    "kind", ["ping", "customer.created", "payment_intent.created", "charge.captured", "payout.paid", "x"]
)
def test_a_notice_that_no_order_waits_for_is_taken_and_changes_nothing(world: World, send, kind: str) -> None:
    assert send(of_stranger(world, kind)).status == 200

    assert (looks(world), waiting(world)) == ([], [])


@pytest.mark.parametrize(
    "kind", ["payment_intent.amount_capturable_updated", "payment_intent.payment_failed", "payment_intent.canceled"]
)
def test_an_authorisation_without_an_order_asks_nobody(world: World, send, kind: str) -> None:
    """A shop authorises before it places the order, and many carts are never placed."""
    assert send(of_stranger(world, kind)).status == 200

    assert (looks(world), waiting(world)) == ([], [])


def test_money_of_an_unknown_payment_waits_for_a_person_once(world: World, send) -> None:
    assert send(of_stranger(world)).status == 200
    assert send(of_stranger(world, id="evt_2")).status == 200

    (item,) = waiting(world)
    assert (item["item_id"], item["reason"]) == ("stripe~pi_1", notices.NO_ORDER)
    assert item["data"] == {
        "happening": "CAPTURED",
        "payment": "pi_1",
        "amount": "400",
        "currency": "USD",
        "order": "WEB-9",
    }
    queues = world.call("GET", "/v1/queues", who="office", query={"limit": "100"}).body["items"]
    assert {one["queue"]: one["waiting"] for one in queues}["provider-notices"] == 1
    assert looks(world) == []


def test_a_name_in_the_metadata_that_could_be_a_text_is_not_shown(world: World, send) -> None:
    event = of_stranger(world)
    event["data"]["object"]["metadata"] = {"order": "for Ada Lovelace, 12 St James's Square"}
    assert send(event).status == 200

    (item,) = waiting(world)
    assert "order" not in item["data"]


def test_an_older_notice_that_comes_late_does_not_hide_what_is_newer(world: World, send) -> None:
    older, newer = (int(world.now.timestamp()) - seconds for seconds in (100, 10))
    later = of_stranger(world, id="evt_2", created=newer)
    later["data"]["object"]["amount_received"] = 500
    assert send(later).status == 200
    assert send(of_stranger(world, created=older)).status == 200

    (item,) = waiting(world)
    assert item["data"]["amount"] == "500"


def test_the_events_of_another_account_are_one_question(world: World, send, shop, events) -> None:
    shop()
    for n, event in enumerate(events()):
        assert send({**event, "id": f"evt_{n}", "account": "acct_other"}).status == 200

    (item,) = waiting(world)
    assert (item["item_id"], item["reason"]) == ("stripe~acct_other", notices.ANOTHER_ACCOUNT)
    assert looks(world) == []


def test_a_refund_that_somebody_made_at_the_provider_is_a_question(world: World, shop, sdk, send, events) -> None:
    order_id = shipped(world, shop)
    world.settle()
    (intent,) = sdk.payment_intents.list().data
    refund = sdk.refunds.create({"payment_intent": intent.id, "amount": 300})
    (event,) = events("refund.created")

    assert send(event).status == 200

    (item,) = waiting(world)
    assert (item["item_id"], item["reason"]) == (f"stripe~{refund.id}", notices.NOT_ASKED)
    assert (item["data"]["order_id"], item["data"]["amount"]) == (order_id, "300")


def test_a_refund_that_comanda_asked_for_is_no_question(world: World, half_cancelled, send, events) -> None:
    half_cancelled()
    world.settle()
    (event,) = events("refund.created")

    assert send(event).status == 200
    world.settle()

    assert waiting(world) == []
    assert broken(world.tables()) == []


def test_a_question_about_a_payment_ends_when_an_order_comes_that_it_pays(
    world: World, stripe, authorized, sdk, send, events
) -> None:
    intent = authorized(1000, metadata={"order": "WEB-1"})
    sdk.payment_intents.capture(intent.id)
    (event,) = events("payment_intent.succeeded")
    assert send(event).status == 200
    assert len(waiting(world)) == 1

    world.stocked("TEA-001", dc_1=2)
    paid = {"method": "CARD", "reference": intent.id, "authorized": usd(1000), "captured": usd(1000)}
    world.placed(("TEA-001", 1), payments=[paid], external_id="WEB-1")
    world.settle()

    assert waiting(world) == []
    assert broken(world.tables()) == []


def test_a_person_answers_a_notice_once(world: World, send) -> None:
    assert send(of_stranger(world)).status == 200
    (item,) = waiting(world)
    path = f"/v1/queues/provider-notices/items/{item['item_id']}"
    assert world.call("POST", f"{path}/claim", {}, who="office").problem == "not-allowed"
    assert world.call("POST", f"{path}/resolve", {"answer": "retry"}, who="office").errors == [
        ("/answer", "unknown-answer")
    ]
    assert world.call("POST", f"{path}/resolve", {"answer": "done"}, who="shop").status in (403, 404)

    first = world.call("POST", f"{path}/resolve", {"answer": "done"}, who="office", key="k")
    again = world.call("POST", f"{path}/resolve", {"answer": "done"}, who="office", key="k")
    another = world.call("POST", f"{path}/resolve", {"answer": "done"}, who="office")

    done = {"item_id": item["item_id"], "queue": "provider-notices", "order_id": None, "status": "done"}
    assert (first.status, first.body, again.body) == (200, done, done)
    assert another.status == 404
    assert waiting(world) == []
    assert send(of_stranger(world)).status == 200  # the same notice asks nobody again
    assert waiting(world) == []


def test_chosen_notices_get_one_answer(world: World, send) -> None:
    ids = []
    for n in range(3):
        event = of_stranger(world, id=f"evt_{n}")
        event["data"]["object"]["id"] = f"pi_{n}"
        assert send(event).status == 200
        ids.append(f"stripe~pi_{n}")

    chosen = {"items": [*ids, "stripe~pi_9", "nothing"], "answer": "done"}
    reply = world.call("POST", "/v1/queues/provider-notices/resolve", chosen, who="office")

    assert [row["status"] for row in reply.body["rows"]] == ["done", "done", "done", "refused", "refused"]
    assert waiting(world) == []


def test_a_notice_whose_work_was_cut_off_does_it_when_it_comes_again(
    world: World, shop, send, events, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = shop()
    world.settle()
    (event,) = events("payment_intent.amount_capturable_updated")
    with monkeypatch.context() as patch:
        patch.setattr("comanda.aws.orders.payment_notices._note", lambda *_: 1 / 0)
        assert send(event).status == 500

    assert send(event).status == 200

    assert looks(world) == [{"orders": [order_id], "noticed": True}] * 2
    world.settle()
    assert broken(world.tables()) == []


def test_a_pending_refund_is_done_as_soon_as_its_notice_comes(world: World, half_cancelled, door, send, events) -> None:
    order_id = half_cancelled(card="pm_card_pendingRefund")
    world.settle()
    assert operations(world, order_id) == [("refund", "SENT")]
    door("POST", "/_clock", advance=86_400)
    world.settle()
    assert operations(world, order_id) == [("refund", "SENT")], "nothing is due before its pause is over"

    for event in reversed(events("refund.updated", "refund.created")):
        assert send(event).status == 200
    world.settle()

    assert operations(world, order_id) == [("refund", "DONE")]
    assert broken(world.tables()) == []


def test_a_refund_that_comes_back_later_asks_a_person_as_soon_as_its_notice_comes(
    world: World, half_cancelled, door, send, events
) -> None:
    order_id = half_cancelled(card="pm_card_refundFail")
    world.settle()
    door("POST", "/_clock", advance=120)
    (event,) = events("refund.failed")

    assert (send(event).status, send({**event, "id": "evt_again"}).status) == (200, 200)
    world.settle()

    assert operations(world, order_id) == [("refund", "DECLINED")]
    (item,) = world.call("GET", "/v1/queues/payments", who="office").body["items"]
    assert item["reason"] == "refund-failed: REFUND_FAILED"
    assert waiting(world) == []
    assert broken(world.tables()) == []


@pytest.mark.parametrize("seed", range(3))
def test_every_notice_in_any_order_and_twice_moves_no_money_twice(
    world: World, shop, half_cancelled, sdk, send, events, seed: int
) -> None:
    import random

    ids = [shipped(world, shop), half_cancelled()]
    world.settle()
    found = events() * 2
    random.Random(seed).shuffle(found)
    for event in found:
        assert send(event).status == 200
        if event["id"] < found[0]["id"]:
            world.settle()
    world.settle()

    for order_id in ids:
        assert {state for _, state in operations(world, order_id)} == {"DONE"}
    assert sum(one.amount_received for one in sdk.payment_intents.list().data) == 3000
    assert sum(one.amount for one in sdk.refunds.list().data) == 1000
    assert broken(world.tables()) == []
