"""What does not fit one transaction, and what becomes of it when its maker ends, or a count speaks against it."""

import pytest

from comanda.aws import orders, stock, waits
from tests.functions.world import World
from tests.invariants import broken

MANY = tuple(f"SKU-{n:02d}" for n in range(47))


class Ended(BaseException):
    """The process is gone."""


def half_routed(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """An order of 47 lines whose route ended after the first step of its plan."""
    for sku in MANY:
        world.product(sku)
        world.stocked(sku, dc_1=1)
    order_id = world.placed(*((sku, 1) for sku in MANY))
    apply, steps = stock.apply, []

    def and_then_ends(*step: object) -> None:
        steps.append(step)
        if len(steps) == 2:
            raise Ended
        apply(*step)  # type: ignore[arg-type]  # as it was called

    with monkeypatch.context() as dying:
        dying.setattr(stock, "apply", and_then_ends)
        with pytest.raises(Ended):
            world.hops.invoke("route", {"state": "Route", "order_id": order_id})
    assert sum(position.demand for position in stock.positions(MANY)) > 0
    return order_id


def test_what_half_a_plan_had_taken_is_free_again_when_its_order_is_cancelled_next(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    order_id = half_routed(world, monkeypatch)

    world.change(order_id, "cancel", {"reason": "changed my mind"}, who="shop")
    world.settle()

    assert [position.free for position in stock.positions(MANY)] == [1] * len(MANY)
    assert broken(world.tables()) == []


def test_an_order_that_has_ended_stays_on_the_sweepers_list_while_half_a_plan_has_units(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    order_id = half_routed(world, monkeypatch)
    world.change(order_id, "cancel", {"reason": "changed my mind"}, who="shop")
    world.hops.deliver("relay")
    assert world.rows(order_id, "W#open")[0]["relayed"] == orders.load(order_id).version

    assert not waits.close(order_id, orders.load(order_id).version, (), world.now)

    world.hops.stopped.add("conduct")  # its machine is never heard of again
    world.pass_time(600)
    world.sweep()
    assert [position.free for position in stock.positions(MANY)] == [1] * len(MANY)


@pytest.mark.parametrize("lines", [34, 47])
def test_a_shipment_of_many_lines_that_a_count_had_seen_leave_is_heard_of_all_the_same(world: World, lines: int):
    for sku in MANY[:lines]:
        world.product(sku)
        world.stocked(sku, dc_1=1)
    order_id = world.placed(*((sku, 1) for sku in MANY[:lines]))
    world.settle()
    found_none = [{"sku": sku, "node_id": "dc-1", "quantity": 0} for sku in MANY[:lines]]
    count = {"reference": "night", "counted_at": "2026-11-19T12:00:00Z", "rows": found_none}
    assert world.call("POST", "/v1/stock/snapshots", count, who="dc-1-system").status == 200

    shipped = world.step(order_id, "ship", body={"shipped_at": "2026-11-19T11:30:00Z"})
    world.settle()

    assert shipped.status == 200
    assert world.order(order_id)["quantities"] == {"SHIPPED": lines}
    assert [position.on_hand for position in stock.positions(MANY[:lines])] == [(("sellable", 0),)] * lines
    assert broken(world.tables()) == []
