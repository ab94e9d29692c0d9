"""The deployed room pay checks payments and moves money at the Stripe-shaped server, and what it does not do waits in the queue `payments`."""

import json
import uuid
from typing import Any

import httpx
import pytest

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import attributes, item
from infra import names
from local.side_servers import STRIPE
from local.stripe.server import KEY
from tests.system import retailer
from tests.system.retailer import BY_PROVIDER, MARKET, line, usd
from tests.system.world import PLAIN, DeployedWorld, eventually

INTENTS = "/v1/payment_intents"


@pytest.fixture
def provider(world: DeployedWorld) -> Any:
    with httpx.Client(base_url=STRIPE.url(world.instance), auth=(KEY, ""), **PLAIN) as client:
        yield client


def authorized(provider: httpx.Client, order: str) -> str:
    """Authorise 10.00 on a test card for an order of the shop, and return the payment's id."""
    asked = {
        "amount": 1000,
        "currency": "usd",
        "capture_method": "manual",
        "allowed_payment_method_types[]": "card",
        "payment_method": "pm_card_visa",
        "confirm": "true",
        "metadata[order]": order,
    }
    return str(provider.post(INTENTS, data=asked).raise_for_status().json()["id"])


def named() -> str:
    """Return an external id for an order."""
    return f"PAID-{uuid.uuid4().hex[:12]}"


def shipped(world: DeployedWorld, intent: str, name: str) -> Any:
    paid = {"method": BY_PROVIDER, "reference": intent, "authorized": usd(1000)}
    order = world.place_order(
        line(world.sku(dc_east=2)), by="market", channel=MARKET, payments=[paid], external_id=name
    )
    (fulfillment,) = world.routed(order)["fulfillments"]
    world.ship(fulfillment["fulfillment_id"])
    return order


def state(world: DeployedWorld, order: Any, purpose: str, number: int) -> str:
    """Return the state of a money operation, empty when it is not written."""
    key = item(dict(keys.money(order["order_id"], purpose, number)))
    row = world.aws("dynamodb").get_item(TableName=world.deployed[names.ORDERS], Key=key, ConsistentRead=True)
    return str(attributes(row["Item"])["state"]) if "Item" in row else ""


def waits_for(world: DeployedWorld, order: Any, reason: str) -> str | None:
    """Return the id of the item of the queue `payments` that waits for an order for this reason."""
    items = world.office.pages("/v1/queues/payments", limit=100)
    return next(
        (item["item_id"] for item in items if (item["order_id"], item["reason"]) == (order["order_id"], reason)), None
    )


def test_an_order_is_released_when_its_payment_is_for_it(world: DeployedWorld, provider: httpx.Client):
    paid = {"method": BY_PROVIDER, "reference": authorized(provider, "another"), "authorized": usd(1000)}
    order = world.place_order(line(world.sku(dc_east=2)), by="market", channel=MARKET, payments=[paid])

    waiting = world.queue("holds", order)
    assert waiting["reason"] == "payment-differs: order"
    (hold,) = world.order(order)["holds"]
    answer = world.change(order, f"holds/{hold['hold_id']}/resolve", {"resolution": "it is right"})
    assert answer.status_code == 200
    world.routed(order)


def test_a_shipment_is_captured_at_the_provider(world: DeployedWorld, provider: httpx.Client):
    name = named()
    intent = authorized(provider, name)
    order = shipped(world, intent, name)

    eventually(lambda: state(world, order, "capture", 1) == "DONE", "the capture")
    found = provider.get(f"{INTENTS}/{intent}").json()
    assert (found["status"], found["amount_received"]) == ("succeeded", 1000)
    world.closed(order)


def test_a_capture_that_is_declined_waits_for_a_person_who_was_paid_another_way(
    world: DeployedWorld, provider: httpx.Client
):
    name = named()
    intent = authorized(provider, name)
    paid = {"method": BY_PROVIDER, "reference": intent, "authorized": usd(1000)}
    order = world.place_order(
        line(world.sku(dc_east=2)), by="market", channel=MARKET, payments=[paid], external_id=name
    )
    (fulfillment,) = world.routed(order)["fulfillments"]
    provider.post(f"{INTENTS}/{intent}/cancel").raise_for_status()
    not_renewed = eventually(lambda: waits_for(world, order, "authorize-failed: NOT_SAVED"), "the card is not saved")
    world.ship(fulfillment["fulfillment_id"])

    waiting = eventually(lambda: waits_for(world, order, "capture-failed: AUTHORISATION_ENDED"), "the capture failed")
    assert world.order(order)["payments"][0]["failed"] == usd(1000)
    for item_id, answer in ((not_renewed, "done"), (waiting, "paid")):
        world.office.post(f"/v1/queues/payments/items/{item_id}/resolve", {"answer": answer})
    world.closed(order)
    states = [(payment["method"], payment["state"]) for payment in world.order(order)["payments"]]
    assert states == [(BY_PROVIDER, "VOIDED"), (BY_PROVIDER, "NOT_AUTHORIZED"), ("OTHER", "CAPTURED")]


def test_an_order_is_sent_when_its_customer_has_paid_by_the_link_that_was_mailed(
    world: DeployedWorld, provider: httpx.Client
):
    asked = {"method": "LINK", "authorized": usd(1000)}
    order = world.place_order(line(world.sku(dc_east=2)), by="market", channel=MARKET, payments=[asked])
    waiting = world.until(order, lambda found: found["payments"][0]["pay"], "the link")
    (payment,) = waiting["payments"]
    assert (payment["state"], [hold["type"] for hold in waiting["holds"]]) == ("TO_PAY", ["PAYMENT"])
    assert any("pay" in subject.lower() for subject in world.mailed(order, 2))

    page = payment["pay"]["url"]
    assert httpx.post(page, data={"do": "decline"}, trust_env=False).status_code == 402
    assert httpx.post(page, data={"do": "pay"}, trust_env=False).status_code == 303

    (fulfillment,) = world.routed(order)["fulfillments"]
    world.ship(fulfillment["fulfillment_id"])
    eventually(lambda: state(world, order, "capture", 2) == "DONE", "the capture")  # the link was operation 1
    world.closed(order)
    (done,) = world.order(order)["payments"]
    assert (done["state"], done["captured"]) == ("CAPTURED", usd(1000))


def test_an_order_is_sent_when_its_customer_has_paid_the_code_of_pix_that_was_mailed(
    world: DeployedWorld, provider: httpx.Client
):
    asked = {"method": "PIX", "authorized": in_reais(usd(1000))}
    basket = in_reais(retailer.basket(line(world.sku(dc_east=2)), channel=MARKET, payments=[asked]))
    order = world.clients["market"].post("/v1/orders", basket)
    waiting = world.until(order, lambda found: found["payments"][0]["pay"], "the code")
    (payment,) = waiting["payments"]
    assert (payment["state"], [hold["type"] for hold in waiting["holds"]]) == ("TO_PAY", ["PAYMENT"])
    assert any("pay" in subject.lower() for subject in world.mailed(order, 2))

    intents = provider.get(INTENTS).raise_for_status().json()["data"]
    (intent,) = (one["id"] for one in intents if one["metadata"].get("order") == order["order_id"])
    provider.post("/_pay", json={"payment_intent": intent}).raise_for_status()

    (fulfillment,) = world.routed(order)["fulfillments"]
    (paid,) = world.order(order)["payments"]
    assert (paid["state"], paid["captured"]) == ("CAPTURED", in_reais(usd(1000)))  # Pix knows no authorisation
    world.ship(fulfillment["fulfillment_id"])
    world.closed(order)
    assert provider.get(f"{INTENTS}/{intent}").json()["amount_received"] == 1000


def in_reais(body: Any) -> Any:
    """Return a body with all its amounts in reais."""
    return json.loads(json.dumps(body).replace('"USD"', '"BRL"'))


def test_a_notice_of_the_provider_is_taken_by_its_route_and_waits_for_a_person_when_no_order_asked_for_it(
    world: DeployedWorld, provider: httpx.Client
):
    intent = authorized(provider, named())
    provider.post(f"{INTENTS}/{intent}/capture").raise_for_status()

    def waiting() -> list[Any]:
        found = world.office.pages("/v1/queues/provider-notices")
        return [item for item in found if item["data"].get("payment") == intent]

    eventually(lambda: bool(waiting()), "the notice")
    (item,) = waiting()
    assert (item["reason"], item["data"]["amount"]) == ("no-order", "1000")
    world.office.post(f"/v1/queues/provider-notices/items/{item['item_id']}/resolve", {"answer": "done"})
    assert waiting() == []


def test_a_notice_that_nobody_signed_is_refused(world: DeployedWorld):
    address = f"{world.deployed.base_url}/v1/providers/stripe/events"
    refused = httpx.post(address, content=b"{}", headers={"Stripe-Signature": "t=1,v1=00"}, **PLAIN)

    assert (refused.status_code, refused.json()["type"]) == (400, "urn:comanda:problem:not-signed")
