"""A fulfillment's machine waits for its node, reminds it once for each missed deadline, and ends."""

import pytest

from comanda.domain.errors import Cancelled, Declined, Shipped
from tests.functions.world import World


def parked(world: World, order_id: str) -> None:
    event = {"state": "Release", "order_id": order_id, "wait": "001", "token": "another"}
    world.hops.invoke("release", event)


def offered(world: World) -> str:
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    return order_id


def test_the_machine_waits_while_the_node_works(world: World):
    order_id = offered(world)
    world.steps(order_id, "accept", "pick")
    world.settle()

    parked(world, order_id)

    assert world.order_items(order_id, "T#001")[0]["token"] == "another"


def test_a_state_that_is_entered_after_its_answer_takes_the_edge_at_once(world: World):
    shipped, declined, cancelled = (offered(world) for _ in range(3))
    world.steps(shipped, "ship")
    world.step(declined, "decline", 1, {"reason": "CLOSED"})
    world.change(cancelled, "cancel", {"reason": "x"})

    for order_id, edge in ((shipped, Shipped), (declined, Declined), (cancelled, Cancelled)):
        with pytest.raises(edge):
            parked(world, order_id)


def test_a_node_is_reminded_once_for_each_deadline_it_missed(world: World):
    order_id = offered(world)
    world.pass_time(3700)
    world.sweep()
    reminders = [row for row in world.order_items(order_id, "E#") if row["type"] == "reminded"]
    assert len(reminders) == 1

    world.hops.invoke("release", {"state": "Escalate", "order_id": order_id, "fulfillment": 1})

    assert [row for row in world.order_items(order_id, "E#") if row["type"] == "reminded"] == reminders


def test_an_unknown_state_is_an_error(world: World):
    with pytest.raises(ValueError, match="unknown state"):
        world.hops.invoke("release", {"state": "Dance", "order_id": "x", "fulfillment": 1})
