"""Orders with a lost dispute, and the answers about them."""

from typing import Any

from comanda.aws.orders import orders
from comanda.aws.runtime import clock
from comanda.domain.billing import disputes
from comanda.domain.orders.dispute import Dispute
from tests.functions.world import Reply, World


def lost(world: World, amount: int = 1_000, *, state: str = "LOST") -> str:
    """Return the id of an order of one unit at 10.00 that was shipped and paid, and whose payment a bank took back."""
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed({"sku": "TEA-001", "quantity": 1})
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    tell(order_id, amount, state)
    return order_id


def tell(order_id: str, amount: int, state: str) -> None:
    found = [Dispute(dispute_id="du_1", tender=0, amount=amount, state=state)]
    orders.decide(order_id, lambda order: disputes.note(order, found, clock.now()))


def answer(
    world: World, order_id: str, given: str, *, who: str = "finance", key: str | None = "", **more: Any
) -> Reply:
    path = f"/v1/queues/payments/items/{order_id}.dispute-001/resolve"
    return world.call("POST", path, {"answer": given, **more}, who=who, key=key)
