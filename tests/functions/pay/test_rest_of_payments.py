"""The rest of a payment is released with its last capture, and nobody is asked about it."""

from typing import Any

import pytest

from tests.functions.pay.test_pay import intents, operations
from tests.functions.pay.test_payment_links import noticed, pay, placed
from tests.functions.world import World
from tests.invariants import broken


@pytest.mark.parametrize("method", ["CARD", "LINK"])
def test_what_a_cancel_left_is_released_with_the_only_capture(
    world: World, shop: Any, sdk: Any, door: Any, method: str
) -> None:
    world.stocked("TEA-001", dc_1=9)
    if method == "CARD":
        order_id = shop(quantity=3)
        world.settle()
    else:
        order_id = placed(world, quantity=3)
        pay(door, sdk)
        noticed(world, order_id)
    cancel = {"reason": "one", "lines": [{"line_id": "1", "quantity": 1}]}
    assert world.change(order_id, "cancel", cancel).status == 200
    world.steps(order_id, "ship")
    world.settle()  # the room pay finds the capture and the release together

    assert operations(world, order_id)[-2:] == [("capture", "DONE"), ("release", "DONE")]
    assert intents(sdk) == [("succeeded", 2000)]
    assert world.call("GET", "/v1/queues/payments", who="office").body["items"] == []
    assert broken(world.tables()) == []
