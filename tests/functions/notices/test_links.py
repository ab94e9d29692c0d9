"""Notices about a link find its order, in any order, twice, and before anybody knows which payment it became."""

import random
from typing import Any

import pytest

from tests.functions.notices.test_notices import looks, waiting
from tests.functions.pay.test_payment_links import pay, payments, placed, released
from tests.functions.world import World
from tests.invariants import broken

METHODS = pytest.mark.parametrize("method", ["LINK", "PIX"])


@METHODS
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_paid_link_is_known_at_once_in_whatever_order_its_notices_come(
    world: World, stripe, sdk, door, send, events, method: str, seed: int
) -> None:
    order_id = placed(world, method)
    pay(door, sdk, method)
    sent = events() * 2
    random.Random(seed).shuffle(sent)
    for event in sent:
        assert send(event).status == 200
        world.settle()

    assert payments(world, order_id) == [("CAPTURED" if method == "PIX" else "AUTHORIZED", 0, 1000)]
    assert released(world, order_id)
    assert waiting(world) == []
    assert broken(world.tables()) == []


@METHODS
def test_the_first_notice_of_a_payment_at_a_page_asks_nobody(
    world: World, stripe, sdk, door, send, events, method: str
) -> None:
    order_id = placed(world, method)
    pay(door, sdk, method)
    kind = "payment_intent.succeeded" if method == "PIX" else "payment_intent.amount_capturable_updated"
    (event,) = events(kind)

    assert send(event).status == 200

    assert looks(world)[-1] == {"orders": [order_id], "noticed": True}
    assert waiting(world) == []


@pytest.mark.parametrize(
    "names",
    [
        {"operation": "ord_us1_01K00000000000000000000000-authorize-1", "order": "ord_us1_01K00000000000000000000000"},
        {"operation": "x-authorize-1", "order": "y"},
        {"operation": "-authorize-", "order": ""},
        {"operation": "z-authorize-²", "order": "z"},
        {"operation": "z-authorize-" + "9" * 400, "order": "z"},
    ],
)
def test_a_payment_that_names_an_operation_of_nobody_is_a_question(world: World, send, names: dict[str, Any]) -> None:
    payment = {"id": "pi_1", "object": "payment_intent", "amount": 500, "amount_received": 500, "currency": "brl"}
    about = {"id": "evt_1", "object": "event", "account": None, "created": int(world.now.timestamp())}
    event = {**about, "type": "payment_intent.succeeded", "data": {"object": {**payment, "metadata": names}}}

    assert send(event).status == 200

    assert looks(world) == []
    assert [one["reason"] for one in waiting(world)] == ["no-order"]
