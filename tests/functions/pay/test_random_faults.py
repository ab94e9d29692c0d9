"""While the provider fails at random nothing moves twice, and within a day after it stops every order is settled or asked about."""

from typing import Any

import pytest

from comanda.aws.orders import orders
from comanda.domain.books.accounts import Account, standing
from tests.functions.pay.test_pay import later, operations
from tests.functions.world import World
from tests.invariants import broken

ORDERS = 12
_FAULTS = [
    {"kind": "timeout_before", "chance": 0.1},
    {"kind": "timeout_after", "chance": 0.1},
    {"kind": "error_before", "chance": 0.07},
    {"kind": "error_stored", "chance": 0.07},
    {"kind": "error_after", "chance": 0.06},
    {"kind": "decline", "chance": 0.2},
]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_order_is_settled_or_in_a_queue_a_day_after_the_faults_end(
    world: World, shop: Any, half_cancelled: Any, sdk: Any, door: Any, seed: int
) -> None:
    world.stocked("TEA-001", dc_1=2 * ORDERS)
    ids = [shop() for _ in range(ORDERS)]
    world.settle()
    for order_id in ids[: ORDERS * 2 // 3]:
        world.steps(order_id, "ship")
    for order_id in ids[ORDERS * 2 // 3 :]:
        assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
    ids += [half_cancelled() for _ in range(3)]
    door("POST", "/_faults", faults=_FAULTS, seed=seed)
    world.settle()
    later(world, hours=3)
    door("DELETE", "/_faults")
    later(world, hours=24)

    asked = {item["order_id"] for item in world.call("GET", "/v1/queues/payments", who="office").body["items"]}
    for order_id in ids:
        states = [state for _, state in operations(world, order_id)]
        assert order_id in asked or states == ["DONE"], states
        owed = standing(orders.load(order_id)).get(Account.RECEIVABLE, 0)
        assert bool(owed) <= (order_id in asked)
    captured = sum(one.amount_received for one in sdk.payment_intents.list({"limit": 100}).data)
    refunded = sum(one.amount for one in sdk.refunds.list({"limit": 100}).data if one.status == "succeeded")
    assert captured - refunded == sum(orders.load(order_id).captured for order_id in ids)
    assert broken(world.tables()) == []
