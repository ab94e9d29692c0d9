"""Changes after the sale that move units: the machines of the touched work end, its siblings' go on, and the order's routes."""

from typing import Any

from comanda.aws.stock import position_reads
from tests.statemachines.retailer import ADDRESS, TEA
from tests.statemachines.stories import has_ended
from tests.statemachines.world import MachinesWorld

DENVER = {**ADDRESS, "city": "Denver", "region": "CO", "postal_code": "80202", "latitude": 39.7, "longitude": -105.0}
TO_DENVER: dict[str, Any] = {"modification": "ship_to", "ship_to": DENVER}


def free(world: MachinesWorld) -> dict[str, int]:
    return {p.node: p.free for p in position_reads.load([TEA])}


def test_another_address_ends_the_work_that_has_not_begun_and_routes_again(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 2))
    world.work(order_id, 1, "accept")
    before = free(world)

    world.changed(order_id, "changes", reason="moved house", changes=[TO_DENVER])

    assert world.path(order_id, 1) == ["Release", "HandedBack"]
    assert world.path(order_id) == ["Route", "UntilSettled", "Route", "UntilSettled"]
    assert world.statuses(order_id) == {"RELEASED": 2}
    assert [f.node for f in world.order(order_id).fulfillments] == ["dc-1", "dc-2"]
    assert free(world) == {**before, "dc-1": before["dc-1"] + 2, "dc-2": before["dc-2"] - 2}
    world.work(order_id, 2, "ship")
    has_ended(world, order_id)


def test_begun_work_goes_on_until_its_node_agrees(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 2))
    for step in ("accept", "start-pick"):
        world.work(order_id, 1, step)

    world.changed(order_id, "changes", reason="moved house", changes=[TO_DENVER])
    assert world.path(order_id, 1) == ["Release"]
    assert world.path(order_id) == ["Route", "UntilSettled"]
    world.work(order_id, 1, "recall-agree")

    assert world.path(order_id, 1) == ["Release", "HandedBack"]
    assert world.path(order_id) == ["Route", "UntilSettled", "Route", "UntilSettled"]
    world.work(order_id, 2, "ship")
    has_ended(world, order_id)


def test_a_silent_node_loses_what_it_has_not_picked_and_its_address_stays_for_the_rest(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 2))
    for step in ("accept", "start-pick"):
        world.work(order_id, 1, step)
    world.changed(order_id, "changes", reason="moved house", changes=[TO_DENVER])

    world.later(hours=3)
    world.sweep()

    assert [row["order_id"] for row in world.queue("late-work")] == [order_id]
    world.work(order_id, 1, "ship")
    order = world.order(order_id)
    assert order.destination_of(order.fulfillment(1).destination).region != "CO"
    has_ended(world, order_id)


def test_a_line_that_moves_leaves_its_siblings_alone(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 1), (TEA, 1))

    world.changed(order_id, "changes", reason="a gift", changes=[{**TO_DENVER, "line_id": "2"}])

    assert world.path(order_id, 1) == ["Release"]
    assert {f.node: f.destination for f in world.order(order_id).fulfillments} == {"dc-1": 0, "dc-2": 1}
    for number in (1, 2):
        world.work(order_id, number, "ship")
    has_ended(world, order_id)


def test_an_order_that_is_wanted_later_waits_without_a_machine_of_its_node(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 1))

    later = {"modification": "requested", "requested": {"not_before": "2026-12-24"}}
    world.changed(order_id, "changes", reason="on holiday", changes=[later])

    assert world.path(order_id, 1) == ["Release", "HandedBack"]
    assert world.statuses(order_id) == {"SCHEDULED": 1}
    world.changed(order_id, "changes", reason="back", changes=[{"modification": "requested", "requested": {}}])
    assert world.statuses(order_id) == {"RELEASED": 1}
    world.work(order_id, 2, "ship")
    has_ended(world, order_id)
