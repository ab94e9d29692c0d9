"""Gift cards that an order sells are active when the payment provider has captured their money, and not before."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from tests.functions.intake.test_provide import texts_of_mails
from tests.functions.pay.test_pay import later, operations
from tests.functions.world import World, usd
from tests.invariants import broken


@pytest.fixture
def cards(world: World, stripe: Any, authorized: Any) -> str:
    """Place an order of a gift card of 10.00 that is paid by an authorised card, and return its id. A hold keeps the card."""
    world.hold_type("LOOK", "looks", blocks=["provide"], applies_when=None)
    product = {"title": "Gift card", "weight_g": 0, "class": "goods", "gift_card": True}
    world.entry(directory.PRODUCT, "GIFT-1", product)
    directory.forget()
    intent = authorized(1_000, metadata={"order": "WEB-1"})
    paid = {"method": "CARD", "reference": intent.id, "authorized": usd(1_000)}
    line = {"sku": "GIFT-1", "quantity": 1, "kind": "DIGITAL", "unit_price": usd(1_000)}
    order_id = world.placed(line, ship_to=None, payments=[paid], external_id="WEB-1")
    assert world.change(order_id, "holds", {"type": "LOOK", "reason": "looks odd"}).status == 200
    world.settle()
    return order_id


def resolved(world: World, order_id: str) -> None:
    """Resolve the hold: the card is provided, and its capture is asked for."""
    held = next(hold["hold_id"] for hold in world.order(order_id)["holds"] if hold["type"] == "LOOK")
    assert world.change(order_id, f"holds/{held}/resolve", {"resolution": "done"}).status == 200
    world.settle()


def is_active(world: World, order_id: str) -> bool:
    accounts = [row for row in world.tables()["Orders"] if row["pk"].startswith("GC#") and row["sk"] == "#"]
    (made,) = world.order(order_id)["provisions"]
    mails = sum("provided-001" in row["sk"] for row in world.order_items(order_id, "M#"))
    assert len(accounts) == mails == int(made["gift_cards"]["active"])
    return bool(made["gift_cards"]["active"])


def test_a_card_is_active_when_its_money_is_captured(world: World, cards: str, door: Any) -> None:
    door("POST", "/_faults", faults=[{"kind": "timeout_before"}])
    resolved(world, cards)
    assert operations(world, cards) != [("capture", "DONE")]
    assert not is_active(world, cards)

    door("DELETE", "/_faults")
    later(world, hours=2)

    assert operations(world, cards) == [("capture", "DONE")]
    assert is_active(world, cards)
    assert broken(world.tables()) == []


@pytest.mark.parametrize(("answer", "active"), [("paid", True), ("write-off", False)])
def test_a_card_whose_money_did_not_come_waits_for_the_answer_of_a_person(
    world: World, cards: str, sdk: Any, answer: str, active: bool
) -> None:
    (intent,) = sdk.payment_intents.list().data
    sdk.payment_intents.cancel(intent.id)
    resolved(world, cards)
    assert not is_active(world, cards)
    (item,) = world.call("GET", "/v1/queues/payments", who="office").body["items"]

    path = f"/v1/queues/payments/items/{item['item_id']}/resolve"
    assert world.call("POST", path, {"answer": answer}, who="office").status == 200
    world.settle()

    assert is_active(world, cards) == active
    assert broken(world.tables()) == []


def test_a_card_that_is_credited_before_its_money_came_is_never_active(world: World, cards: str, sdk: Any) -> None:
    (intent,) = sdk.payment_intents.list().data
    sdk.payment_intents.cancel(intent.id)
    resolved(world, cards)
    etag = world.call("GET", f"/v1/orders/{cards}", who="office").etag
    body = {"invoice_id": f"inv_{cards[4:]}-001", "credit": "ALL", "reason_code": "damaged"}
    reply = world.call("POST", f"/v1/orders/{cards}/credit-notes", body, who="office", if_match=etag)
    assert reply.status == 201, reply.body
    later(world, hours=1)

    assert not is_active(world, cards)
    assert texts_of_mails(world)
    assert broken(world.tables()) == []
