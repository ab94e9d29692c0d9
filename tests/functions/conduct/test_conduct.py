"""Test which machines an order starts, which waits its events answer, and that missed events are made up for."""

import random

import pytest

from tests.functions.hops import batch
from tests.functions.world import World
from tests.invariants import broken


def test_an_order_goes_from_the_shop_to_the_customer_by_events_alone(world: World):
    world.stocked("TEA-001", dc_1=5)

    order_id = world.placed(("TEA-001", 2))
    world.settle()
    assert world.order(order_id)["status"] == "RELEASED"
    world.steps(order_id, "accept", "start-pick", "pick", "pack", "ship")
    world.settle()

    order = world.order(order_id)
    assert order["status"] == "SHIPPED"
    assert order["invoices"] == [f"inv_{order_id[4:]}-001"]
    assert order["payments"][0]["captured"]["amount"] == 2000
    assert world.order_items(order_id, "W#") == []
    assert [e.entered for e in world.hops.machines.executions.values()] == [
        ["Route", "UntilSettled", "Complete"],
        ["Release", "Invoice", "Notify"],
    ]
    assert broken(world.tables()) == []


def test_declined_units_are_routed_again_while_another_fulfillment_is_packed(world: World):
    world.stocked("TEA-001", dc_1=3, dc_2=4)
    order_id = world.placed(("TEA-001", 5))
    world.settle()

    world.steps(order_id, "accept", "pick", "pack", number=2)
    assert world.step(order_id, "decline", 1, {"reason": "NO_CAPACITY"}).status == 200
    world.settle()

    order = world.order(order_id)
    assert [(f["node_id"], f["status"]) for f in order["fulfillments"]] == [
        ("dc-1", "DECLINED"),
        ("dc-2", "PACKED"),
        ("dc-2", "OFFERED"),
    ]
    assert order["quantities"] == {"PACKED": 2, "RELEASED": 2, "BACKORDERED": 1}
    assert world.waiting(order_id) == ["backorder"]
    assert broken(world.tables()) == []


@pytest.mark.parametrize("seed", range(3))
def test_events_that_come_five_times_and_in_any_order_change_nothing(world: World, seed: int):
    chance = random.Random(seed)
    world.stocked("TEA-001", dc_1=3, dc_2=4)
    order_id = world.placed(("TEA-001", 5))

    def shuffled() -> None:
        rows = world.hops.events() * chance.randint(1, 5)
        chance.shuffle(rows)
        for reader in ("conduct", "relay"):
            for row in rows:
                world.hops.invoke(reader, batch([row]))
        world.hops.machines.run()

    for step in ("", "accept", "pick", "ship"):
        for number in (1, 2) if step else ():
            world.steps(order_id, step, number=number)
        shuffled()
    shuffled()
    world.pass_time(86_401)
    world.sweep()

    assert world.order(order_id)["status"] == "SHIPPED"
    assert len(world.order(order_id)["invoices"]) == 2
    assert broken(world.tables()) == []


def test_a_lost_machine_is_started_again_and_no_step_is_done_twice(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()

    for name in tuple(world.hops.machines.executions):
        world.hops.machines.lose(name)
    world.steps(order_id, "ship")
    world.settle()
    assert len(world.order(order_id)["invoices"]) == 1
    world.sweep(everything=True)

    assert sorted(world.hops.machines.executions) == [
        f"ful_{order_id[4:]}-001-1",
        f"ful_{order_id[4:]}-001-2",
        f"{order_id}-1",
        f"{order_id}-2",
    ]
    assert len(world.order(order_id)["invoices"]) == 1
    assert broken(world.tables()) == []


def test_readers_that_were_stopped_during_an_order_do_all_its_work_later(world: World):
    world.stocked("TEA-001", dc_1=5)
    world.hops.stopped |= {"conduct", "relay"}
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    assert world.order(order_id)["status"] == "CREATED"

    world.hops.stopped.clear()
    world.settle()

    assert world.order(order_id)["status"] == "RELEASED"
    assert [event["type"] for event in world.hops.published] == ["comanda.order.placed.v1", "comanda.order.routed.v1"]


def test_the_sweep_does_the_work_of_an_event_that_conduct_never_got(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.hops.seen["conduct"] |= {row["pk"]["S"] + row["sk"]["S"] for row in world.hops.events()}
    world.settle()
    assert world.order(order_id)["status"] == "CREATED"

    world.pass_time(600)
    world.sweep()

    assert world.order(order_id)["status"] == "RELEASED"
    assert broken(world.tables()) == []


def test_an_order_that_raises_an_error_does_not_stop_the_other_orders_of_its_batch(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    rows = world.hops.events()
    stranger = {**rows[0], "order_id": {"S": "ord_us1_01M7STV3G0VBZPWCMK3KGYV3ZZ"}}

    with pytest.raises(Exception, match="not found"):
        world.hops.invoke("conduct", batch([stranger, *rows]))

    assert list(world.hops.machines.executions) == [f"{order_id}-1"]
