"""Orders of every kind go from placed to settled, and enter only the states that they need."""

import pytest

from comanda.aws.orders import orders
from comanda.aws.stock import position_reads
from tests.statemachines.retailer import ADDRESS, MUG, POT, REVIEW_FROM, TEA
from tests.statemachines.stories import has_ended
from tests.statemachines.world import MachinesWorld

_SHIPPED = ["Release", "Invoice", "Notify"]


def _nodes(world: MachinesWorld, order_id: str) -> list[str]:
    return [fulfillment.node for fulfillment in world.order(order_id).fulfillments]


@pytest.mark.parametrize(("units", "shipments"), [(10, 1), (20, 2), (30, 3)])
def test_an_order_enters_three_states_and_three_for_each_shipment(
    world: MachinesWorld, units: int, shipments: int
) -> None:
    order_id = world.placed((TEA, units))

    for number in range(1, shipments + 1):
        world.work(order_id, number, "ship")

    assert len(world.order(order_id).fulfillments) == shipments
    assert world.path(order_id) == ["Route", "UntilSettled", "Complete"]
    assert all(world.path(order_id, number) == _SHIPPED for number in range(1, shipments + 1))
    assert world.entered(order_id) == 3 + 3 * shipments
    has_ended(world, order_id)


def test_payloads_carry_ids_only_and_no_data(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 1), (MUG, 1))
    world.work(order_id, 1, "ship")

    for _, payload in world.machines.invocations:
        assert set(payload) <= {"state", "order_id", "fulfillment", "wait", "token"}
        assert payload["order_id"] == order_id
        assert payload.get("fulfillment", 1) == 1
        assert payload.get("wait", "001") in ("001", "order")


def test_declined_units_are_routed_at_once_while_sibling_fulfillments_work_on(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 20))
    declining, sibling = _nodes(world, order_id)

    world.work(order_id, 1, "decline", reason="CLOSED")

    assert _nodes(world, order_id)[2] not in (declining, sibling)
    assert world.path(order_id, 1) == ["Release", "HandedBack"]
    assert world.path(order_id, 2) == world.path(order_id, 3) == ["Release"]
    assert world.path(order_id) == ["Route", "UntilSettled", "Route", "UntilSettled"]
    world.work(order_id, 3, "ship")
    world.work(order_id, 2, "ship")
    assert world.entered(order_id) == 5 + 2 + 3 + 3
    has_ended(world, order_id)


def test_a_part_that_is_not_on_the_shelf_is_shipped_from_elsewhere(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 3))
    world.work(order_id, 1, "accept")

    world.work(order_id, 1, "short-pick", reason="NOT_FOUND", lines=[{"line_id": "1", "quantity": 1}])

    assert world.path(order_id, 1) == ["Release"]
    assert world.path(order_id, 2) == ["Release"]
    assert [sum(a.quantity for _, a in world.order(order_id).units_of(n)) for n in (1, 2)] == [2, 1]
    world.work(order_id, 1, "ship")
    world.work(order_id, 2, "ship")
    has_ended(world, order_id)


def test_shipping_less_than_all_leaves_the_rest_to_the_next_fulfillment_and_its_own_machine(
    world: MachinesWorld,
) -> None:
    order_id = world.placed((TEA, 3))

    world.work(order_id, 1, "ship", lines=[{"line_id": "1", "quantity": 1}])

    assert world.path(order_id, 1) == _SHIPPED
    assert world.path(order_id, 2) == ["Release"]
    assert world.path(order_id) == ["Route", "UntilSettled"]
    world.work(order_id, 2, "ship")
    assert world.entered(order_id) == 9
    assert len(world.order(order_id).invoices) == 2
    assert world.mails(order_id) == ["M#placed#customer", "M#shipped-001#customer", "M#shipped-002#customer"]
    has_ended(world, order_id)


def test_units_without_stock_wait_in_the_backorder_queue_until_one_call_resumes_them(world: MachinesWorld) -> None:
    order_id = world.placed((POT, 12))
    assert world.statuses(order_id) == {"RELEASED": 10, "BACKORDERED": 2}
    assert world.path(order_id) == ["Route", "UntilSettled"]
    row = {"sku": POT, "node_id": "dc-1", "quantity": 5}
    world.call("POST", "/v1/stock/adjustments", {"adjustment_id": "more", "reason": "receipt", "rows": [row]})

    world.resume(order_id, "backorder")

    assert world.path(order_id) == ["Route", "UntilSettled", "Route", "UntilSettled"]
    assert world.statuses(order_id) == {"RELEASED": 12}
    assert world.queue("backorder") == []
    world.work(order_id, 1, "ship")
    world.work(order_id, 2, "ship")
    has_ended(world, order_id)


def test_a_backorder_that_is_resumed_too_early_waits_on(world: MachinesWorld) -> None:
    order_id = world.placed((POT, 12))

    world.resume(order_id, "backorder")

    assert world.path(order_id) == ["Route", "UntilSettled", "Route", "UntilSettled"]
    assert world.statuses(order_id) == {"RELEASED": 10, "BACKORDERED": 2}
    assert [row["order_id"] for row in world.queue("backorder")] == [order_id]


def test_a_declined_pickup_waits_for_customer_care_and_is_shipped_on_the_customers_wish(
    world: MachinesWorld,
) -> None:
    order_id = world.placed((TEA, 1), pickup="store-1", ship_to=ADDRESS)

    world.work(order_id, 1, "decline", reason="CLOSED")

    assert world.path(order_id) == ["Route", "UntilSettled"]
    assert world.path(order_id, 1) == ["Release", "HandedBack"]
    assert [row["order_id"] for row in world.queue("customer-care")] == [order_id]
    world.resume(order_id, "customer-care", answer="ship")
    assert world.path(order_id) == ["Route", "UntilSettled", "Route", "UntilSettled"]
    world.work(order_id, 2, "ship")
    has_ended(world, order_id)


def test_an_order_that_sales_rejects_is_never_routed_and_gives_its_money_back(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 1), price=REVIEW_FROM)
    assert [row["order_id"] for row in world.queue("sales-review")] == [order_id]

    world.changed(order_id, "reject", reason="fraud")

    assert world.path(order_id) == ["Route", "Held", "Route", "UntilSettled", "Complete"]
    assert world.events(order_id) == ["placed", "rejected", "completed"]
    assert [(row["purpose"], row["amount"]) for row in orders.children(order_id, "P#")] == [("release", REVIEW_FROM)]
    assert world.queue("sales-review") == []
    has_ended(world, order_id)


def test_a_draft_has_no_machine_before_it_is_confirmed(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 1), draft=True)
    assert world.status(order_id) == ""

    world.changed(order_id, "confirm")
    world.work(order_id, 1, "ship")

    assert world.path(order_id) == ["Route", "UntilSettled", "Complete"]
    has_ended(world, order_id)


def test_an_order_cancelled_before_its_machine_started_reserves_nothing(world: MachinesWorld) -> None:
    order_id = world.place_order((TEA, 1))
    world.change(order_id, "cancel", reason="a mistake")

    world.settle()

    assert world.path(order_id) == ["Route", "UntilSettled", "Complete"]
    assert world.events(order_id) == ["placed", "cancelled", "completed"]
    has_ended(world, order_id)


def test_an_order_cancelled_during_the_work_stands_the_node_down(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 2))
    for step in ("accept", "start-pick", "pick"):
        world.work(order_id, 1, step)

    world.changed(order_id, "cancel", reason="changed my mind")

    assert world.path(order_id, 1) == ["Release", "StandDown"]
    assert world.path(order_id) == ["Route", "UntilSettled", "Complete"]
    assert [row["order_id"] for row in world.queue("put-back")] == [order_id]
    assert {p.free for p in position_reads.load([TEA])} == {10}
    has_ended(world, order_id)


def test_the_rest_of_a_partly_cancelled_order_is_shipped_and_paid_and_the_cancelled_amount_released(
    world: MachinesWorld,
) -> None:
    order_id = world.placed((TEA, 3))

    world.changed(order_id, "cancel", reason="too many", lines=[{"line_id": "1", "quantity": 1}])

    assert world.path(order_id, 1) == ["Release"]
    world.work(order_id, 1, "ship")
    assert world.path(order_id, 1) == _SHIPPED
    moved = [(row["purpose"], row["amount"]) for row in orders.children(order_id, "P#")]
    assert sorted(moved) == [("capture", 200), ("release", 100)]
    has_ended(world, order_id)


def test_cancelling_all_of_one_shipment_leaves_its_sibling_alone(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 15))
    world.work(order_id, 1, "accept")

    world.changed(order_id, "cancel", reason="too many", lines=[{"line_id": "1", "quantity": 5}])

    assert world.path(order_id, 1) == ["Release"]
    assert world.path(order_id, 2) == ["Release", "StandDown"]
    assert world.path(order_id) == ["Route", "UntilSettled"]
    world.work(order_id, 1, "ship")
    has_ended(world, order_id)


def test_a_hold_on_work_at_the_node_stops_its_deadlines_and_a_cancel_frees_it(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 1))
    world.work(order_id, 1, "accept")
    world.changed(order_id, "holds", type="FRAUD", reason="odd")
    assert world.path(order_id, 1) == ["Release", "Held"]

    world.later(days=3)
    assert world.sweep()["facts"] == 0

    world.changed(order_id, "cancel", reason="fraud")
    assert world.path(order_id, 1) == ["Release", "Held", "Release", "StandDown"]
    has_ended(world, order_id)


def test_a_silent_node_gets_two_reminders_and_then_declines(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 1))
    silent = _nodes(world, order_id)[0]

    for _ in range(3):
        world.later(minutes=61)
        world.sweep()

    assert world.path(order_id, 1) == ["Release", "Escalate", "Release", "Escalate", "Release", "HandedBack"]
    assert world.path(order_id) == ["Route", "UntilSettled", "Route", "UntilSettled"]
    assert _nodes(world, order_id)[1] != silent
    world.work(order_id, 2, "ship")
    assert world.events(order_id).count("reminded") == 2
    has_ended(world, order_id)


def test_a_node_that_began_and_is_late_gets_a_person_and_keeps_its_work(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 1))
    for step in ("accept", "start-pick"):
        world.work(order_id, 1, step)

    world.later(days=2)
    world.sweep()

    assert [row["order_id"] for row in world.queue("late-work")] == [order_id]
    assert world.path(order_id, 1) == ["Release"]
    world.work(order_id, 1, "ship")
    assert world.queue("late-work") == []
    has_ended(world, order_id)


def test_units_declined_under_a_hold_are_routed_when_the_hold_is_resolved(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 1))
    world.changed(order_id, "holds", type="FRAUD", reason="odd")

    world.work(order_id, 1, "decline", reason="CLOSED")

    assert world.path(order_id, 1) == ["Release", "Held", "Release", "HandedBack"]
    assert world.path(order_id) == ["Route", "UntilSettled"]
    world.changed(order_id, "holds/h1/resolve", resolution="a friend")
    assert world.path(order_id) == ["Route", "UntilSettled", "Route", "UntilSettled"]
    world.work(order_id, 2, "ship")
    has_ended(world, order_id)


def test_the_rest_of_a_part_shipment_can_be_cancelled(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 3))
    world.work(order_id, 1, "ship", lines=[{"line_id": "1", "quantity": 1}])

    world.changed(order_id, "cancel", reason="enough", lines=[{"line_id": "1", "quantity": 2}])

    assert world.path(order_id, 2) == ["Release", "StandDown"]
    moved = [(row["purpose"], row["amount"]) for row in orders.children(order_id, "P#")]
    assert sorted(moved) == [("capture", 100), ("release", 200)]
    has_ended(world, order_id)


def test_an_order_that_costs_nothing_moves_no_money(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 1), price=0)

    world.work(order_id, 1, "ship")

    assert world.entered(order_id) == 6
    assert orders.children(order_id, "P#") == []
    has_ended(world, order_id)
