"""The planned look at an order moves with the save that sets an earlier deadline, and no process that read less moves it back."""

from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.dynamodb import keys
from comanda.aws.orders import open_orders, orders, task_tokens
from comanda.aws.runtime.clients import client
from tests.functions.world import World


def begun(world: World) -> str:
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(("TEA-001", 3))
    world.settle()
    world.steps(order_id, "accept", "pick")
    return order_id


def recall(world: World, order_id: str) -> None:
    body = {"reason": "x", "fulfillment_id": f"ful_{order_id[4:]}-001"}
    assert world.change(order_id, "recall", body).status == 200


def next_look_at(world: World, order_id: str) -> str:
    (row,) = world.order_items(order_id, "W#open")
    return str(row["gsi3sk"]).partition("#")[0]


def test_a_wait_that_read_the_order_before_it_was_recalled_plans_no_later_look(world: World):
    order_id = begun(world)
    read = orders.load(order_id)
    task_tokens.set_next_look(read, world.now)
    later = next_look_at(world, order_id)

    recall(world, order_id)
    task_tokens.set_next_look(read, world.now)

    two_hours = keys.time(world.now + timedelta(hours=2))
    assert next_look_at(world, order_id) == two_hours < later
    task_tokens.set_next_look(orders.load(order_id), world.now)
    assert next_look_at(world, order_id) == two_hours


def test_a_look_is_due_at_its_very_time(world: World):
    order_id = begun(world)
    recall(world, order_id)

    assert open_orders.due(world.now + timedelta(hours=2) - timedelta(milliseconds=1)) == []
    assert open_orders.due(world.now + timedelta(hours=2)) == [order_id]


def test_only_a_save_with_an_earlier_deadline_writes_the_row_and_none_needs_a_further_call(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    order_id = begun(world)
    task_tokens.set_next_look(orders.load(order_id), world.now)
    written = next_look_at(world, order_id)
    calls: list[str] = []

    def count(model: Any, **_: Any) -> None:
        calls.append(model.name)

    events = client("dynamodb").meta.events
    events.register("before-call.dynamodb", count, unique_id="count")
    try:
        world.step(order_id, "pack")
        ordinary, at = len(calls), next_look_at(world, order_id)
        recall(world, order_id)
    finally:
        events.unregister("before-call.dynamodb", unique_id="count")

    assert at == written
    assert calls[:ordinary].count("TransactWriteItems") == calls[ordinary:].count("TransactWriteItems") == 1
    assert "UpdateItem" not in calls
    assert next_look_at(world, order_id) < written
