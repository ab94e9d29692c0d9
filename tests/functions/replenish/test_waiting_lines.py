"""All that arrives for one order is one decision: long orders are served in few versions, and delay no other order."""

from collections.abc import Iterable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from comanda.aws.orders import orders
from comanda.domain.errors import StaleOrder
from comanda.domain.orders.decision import Decision, Event
from comanda.domain.routing.route import route
from functions.replenish import backorder_run, rules
from tests.functions.replenish.test_replenish import statuses
from tests.functions.world import World
from tests.invariants import broken

MORE_THAN_A_TRANSACTION = 120  # rows of who waits
MORE_THAN_ONE_SAVE = 60  # changes of stock


def skus_of(world: World, lines: int) -> list[str]:
    skus = [f"SKU-{n:04d}" for n in range(lines)]
    for sku in skus:
        world.product(sku)
    return skus


def waits(world: World, skus: Iterable[str], units: int = 1, **changes: Any) -> str:
    """An order whose lines all wait for stock."""
    order_id = world.placed(*((sku, units) for sku in skus), **changes)
    world.settle()
    assert set(statuses(world, order_id)) == {"BACKORDERED"}
    return order_id


def version(world: World, order_id: str) -> int:
    found: int = world.order(order_id)["version"]
    return found


def supplied(world: World, action: str, skus: list[str], **said: Any) -> None:
    """One purchase order of a line for each sku."""
    create = action == "CREATE"
    lines = [
        {"line": n, **({"sku": sku, "node_id": "dc-1"} if create else {}), **said} for n, sku in enumerate(skus, 1)
    ]
    kind = {"type": "PURCHASE_ORDER"} if create else {}
    step = {"supply_id": "PO-1", "reference": str(uuid4()), "action": action, "lines": lines, **kind}
    reply = world.call("POST", "/v1/stock/supplies", step, who="office")
    assert {row["status"] for row in reply.body["rows"]} == {"APPLIED"}, reply.body


def test_everything_that_arrives_for_a_long_order_is_one_decision(world: World):
    skus = skus_of(world, MORE_THAN_A_TRANSACTION)
    order_id = waits(world, skus)
    before = version(world, order_id)
    for sku in skus:
        world.stocked(sku, dc_1=1)

    world.hops.replenish()

    assert version(world, order_id) == before + 1
    world.settle()
    assert statuses(world, order_id) == {"RELEASED": MORE_THAN_A_TRANSACTION}
    assert version(world, order_id) == before + 2  # and its route
    assert broken(world.tables()) == []


@pytest.mark.parametrize("over", ["one order's time", "the time of all orders"])
def test_a_search_that_is_out_of_time_ends_with_its_first_plan_and_the_lines_are_served(
    world: World, monkeypatch: pytest.MonkeyPatch, over: str
):
    order_id = waits(world, skus := skus_of(world, 3), 2)
    for sku in skus:
        world.stocked(sku, dc_1=1, dc_2=1)
    said: list[bool] = []

    def routed(*given: Any, late: Any, **more: Any) -> Any:
        said.append(late())
        return route(*given, late=late, **more)

    def after(seconds: float) -> Any:
        of_all = seconds == backorder_run._SECONDS_IN_ALL
        return lambda: of_all == (over == "the time of all orders")

    monkeypatch.setattr(rules, "route", routed)
    monkeypatch.setattr(backorder_run, "clock", SimpleNamespace(time_limit=after))
    world.hops.replenish()

    assert said == [True] * len(skus)
    world.settle()
    assert statuses(world, order_id) == {"RELEASED": 6}
    assert broken(world.tables()) == []


def test_the_first_order_in_turn_is_served_first_with_every_sku(world: World):
    skus = skus_of(world, 6)
    later, first = waits(world, skus, 2, priority=5), waits(world, skus, 2, priority=1)
    for sku in skus:
        world.stocked(sku, dc_1=3)

    world.settle()

    assert statuses(world, first) == {"RELEASED": 12}
    assert statuses(world, later) == {"RELEASED": 6, "BACKORDERED": 6}
    assert broken(world.tables()) == []


def test_an_order_that_cannot_be_saved_delays_no_other_order(world: World, monkeypatch: pytest.MonkeyPatch):
    skus = skus_of(world, 3)
    stuck, free = waits(world, skus, priority=1), waits(world, skus, priority=5)
    for sku in skus:
        world.stocked(sku, dc_1=2)
    save = orders.save

    def refused(before: Any, saving: Any) -> Any:
        if before is not None and before.order_id == stuck:
            raise StaleOrder(stuck)
        return save(before, saving)

    monkeypatch.setattr(orders, "save", refused)
    with pytest.raises(StaleOrder):
        world.hops.invoke("replenish", {"skus": skus})

    assert statuses(world, free) == {"UNSCHEDULED": 3}
    monkeypatch.setattr(orders, "save", save)
    world.settle()
    assert (statuses(world, stuck), statuses(world, free)) == ({"RELEASED": 3}, {"RELEASED": 3})
    assert broken(world.tables()) == []


def test_a_late_supply_moves_a_long_order_at_once_and_its_receipt_releases_it_at_once(world: World):
    skus = skus_of(world, MORE_THAN_ONE_SAVE)
    day = (world.now + timedelta(days=5)).date().isoformat()
    supplied(world, "CREATE", skus, quantity=1, eta=day)
    order_id = world.placed(*((sku, 1) for sku in skus))
    world.settle()
    assert statuses(world, order_id) == {"SCHEDULED": MORE_THAN_ONE_SAVE}
    before = version(world, order_id)

    later = (world.now + timedelta(days=9)).date().isoformat()
    supplied(world, "CHANGE", skus, eta=later)
    world.hops.replenish()

    assert version(world, order_id) == before + 1
    days = {a["due"] for line in world.order(order_id)["lines"] for a in line["allocations"]}
    assert days == {later}

    supplied(world, "RECEIVE", skus, quantity=1)
    world.settle()

    assert statuses(world, order_id) == {"RELEASED": MORE_THAN_ONE_SAVE}
    assert version(world, order_id) == before + 3  # the receipt, and its route
    assert broken(world.tables()) == []


def test_a_room_that_worked_for_long_dates_its_event_no_earlier_than_the_event_before(world: World):
    order_id = waits(world, skus_of(world, 1))
    begun = world.now
    world.pass_time(20)

    for at in (world.now, begun):
        order = orders.load(order_id)
        orders.save(order, Decision(order=order, event=Event(type="reminded", actor="test", at=at, data={})))

    told = [row["at"] for row in world.order_items(order_id, "E#")]
    assert told == sorted(told)
    assert told[-1] == told[-2]
