"""A credit note's refund that fails beside the capture of its invoice waits for a person, and the end of the order adds nothing to it."""

from typing import Any

import pytest

from comanda.aws.orders import orders
from tests.functions.credit.test_credit import credit
from tests.functions.pay.test_crashes import provider_crash
from tests.functions.pay.test_pay import later
from tests.functions.world import World, usd
from tests.invariants import broken


def test_an_order_that_ends_after_its_capture_and_refund_failed_refunds_no_negative_amount(
    world: World, shop: Any, sdk: Any, monkeypatch: pytest.MonkeyPatch
):
    world.stocked("TEA-001", dc_1=1, dc_2=1)
    order_id = shop(quantity=2)
    world.settle()
    world.steps(order_id, "ship", number=1)
    with provider_crash(monkeypatch, 1, after=False):
        world.settle()
    assert credit(world, order_id, "AMOUNT", amount=usd(400)).status == 201
    (intent,) = sdk.payment_intents.list().data
    sdk.payment_intents.cancel(intent.id)
    later(world, hours=2)

    world.change(order_id, "cancel", {"reason": "one is enough", "lines": [{"line_id": "1", "quantity": 1}]})
    later(world, hours=2)

    (tender,) = orders.load(order_id).payments
    assert (tender.captured, tender.refunded, tender.uncaptured, tender.unrefunded) == (0, 0, 1000, 400)
    written = [(row["purpose"], row["amount"]) for row in world.order_items(order_id, "P#")]
    assert written == [("capture", 1000), ("refund", 400), ("release", 1000)]
    assert world.waiting(order_id) == ["payments", "payments"]
    assert broken(world.tables()) == []


@pytest.mark.parametrize("answer", ["retry", "paid"])
def test_a_refund_goes_to_the_payment_that_came_instead_of_the_capture(
    world: World, shop: Any, sdk: Any, monkeypatch: pytest.MonkeyPatch, answer: str
):
    world.stocked("TEA-001", dc_1=1)
    order_id = shop()
    world.settle()
    world.steps(order_id, "ship", number=1)
    with provider_crash(monkeypatch, 1, after=False):
        world.settle()
    assert credit(world, order_id, "AMOUNT", amount=usd(400)).status == 201
    (intent,) = sdk.payment_intents.list().data
    sdk.payment_intents.cancel(intent.id)
    later(world, hours=2)

    for purpose, said in (("capture", "paid"), ("refund", answer)):
        items = world.call("GET", "/v1/queues/payments", who="office").body["items"]
        (item,) = (item["item_id"] for item in items if item["reason"].startswith(purpose))
        path = f"/v1/queues/payments/items/{item}/resolve"
        assert world.call("POST", path, {"answer": said}, who="office").status == 200
        later(world, hours=2)

    card, other = orders.load(order_id).payments
    assert (card.captured, card.refunded, card.unrefunded) == (0, 0, 0)
    assert (other.method, other.captured, other.refunded, other.unrefunded) == ("OTHER", 1000, 400, 0)
    assert world.waiting(order_id) == []
    assert broken(world.tables()) == []
