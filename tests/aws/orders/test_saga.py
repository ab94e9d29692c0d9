"""Test decisions that do not fit one transaction: a process ends between two steps, or a count contradicts them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from comanda.aws.orders import orders, task_tokens
from comanda.aws.stock import position_reads, stock_changes
from tests.functions.world import World
from tests.invariants import broken

MANY = tuple(f"SKU-{n:02d}" for n in range(47))


class Ended(BaseException):
    """The process is gone."""


def of_many_lines(world: World, lines: int = len(MANY)) -> str:
    for sku in MANY[:lines]:
        world.product(sku)
        world.stocked(sku, dc_1=1)
    return world.placed(*((sku, 1) for sku in MANY[:lines]))


@contextmanager
def ended_after_a_step(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """End the process that makes a plan after its first step."""
    apply, steps = stock_changes.apply, []

    def and_then_ends(*step: object) -> None:
        steps.append(step)
        if len(steps) == 2:
            raise Ended
        apply(*step)  # type: ignore[arg-type]  # as it was called

    with monkeypatch.context() as dying:
        dying.setattr(stock_changes, "apply", and_then_ends)
        with pytest.raises(Ended):
            yield


def half_routed(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    order_id = of_many_lines(world)
    with ended_after_a_step(monkeypatch):
        world.hops.invoke("route", {"state": "Route", "order_id": order_id})
    assert sum(position.demand for position in position_reads.load(MANY)) > 0
    return order_id


def test_units_of_an_unfinished_plan_are_free_again_when_its_order_is_cancelled(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    order_id = half_routed(world, monkeypatch)

    world.change(order_id, "cancel", {"reason": "changed my mind"}, who="shop")
    world.settle()

    assert [position.free for position in position_reads.load(MANY)] == [1] * len(MANY)
    assert broken(world.tables()) == []


def test_an_ended_order_stays_on_the_sweepers_list_while_an_unfinished_plan_has_units(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    order_id = half_routed(world, monkeypatch)
    world.change(order_id, "cancel", {"reason": "changed my mind"}, who="shop")
    world.hops.deliver("relay")
    assert world.order_items(order_id, "W#open")[0]["relayed"] == orders.load(order_id).version

    assert not task_tokens.forget_if_done(order_id, orders.load(order_id).version, (), world.now)

    world.hops.stopped.add("conduct")  # its machine is never heard of again
    world.pass_time(600)
    world.sweep()
    assert [position.free for position in position_reads.load(MANY)] == [1] * len(MANY)


def test_a_sweep_before_the_end_of_an_unfinished_plans_lease_comes_again_soon(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    order_id = of_many_lines(world)
    world.settle()
    with ended_after_a_step(monkeypatch):
        world.step(order_id, "ship")

    world.sweep(everything=True)
    assert broken(world.tables()) != []
    world.pass_time(600)
    world.sweep()

    assert broken(world.tables()) == []
    assert world.order(order_id)["quantities"] == {"RELEASED": len(MANY)}


def test_an_earlier_look_at_the_order_does_not_hide_an_unfinished_plan(world: World, monkeypatch: pytest.MonkeyPatch):
    world.hold_type("ENGRAVING", "holds", applies_when=None, expires_hours=2)
    order_id = half_routed(world, monkeypatch)
    assert world.change(order_id, "holds", {"type": "ENGRAVING", "reason": "x"}).status == 200

    world.hops.stopped.add("conduct")  # its machine is never heard of again
    world.pass_time(180)  # the plan's lease is over, and the hold is not
    world.hops.invoke("sweep", {})
    world.settle()

    assert [position.free for position in position_reads.load(MANY)] == [1] * len(MANY)
    assert broken(world.tables()) == []


@pytest.mark.parametrize("lines", [34, 47])
def test_a_shipment_of_many_lines_that_a_count_included_is_applied_all_the_same(world: World, lines: int):
    order_id = of_many_lines(world, lines)
    world.settle()
    world.pass_time(3600)
    found_none = [{"sku": sku, "node_id": "dc-1", "quantity": 0} for sku in MANY[:lines]]
    count = {"reference": "night", "counted_at": "2026-11-19T12:45:00Z", "rows": found_none}
    assert world.call("POST", "/v1/stock/snapshots", count, who="dc-1-system").status == 200

    shipped = world.step(order_id, "ship", body={"shipped_at": "2026-11-19T12:30:00Z"})
    world.settle()

    assert shipped.status == 200
    assert world.order(order_id)["quantities"] == {"SHIPPED": lines}
    assert [position.on_hand for position in position_reads.load(MANY[:lines])] == [(("sellable", 0),)] * lines
    assert broken(world.tables()) == []
