"""Arrived stock goes to the lines that wait for it: in turn, as far as it goes, also when a batch comes twice."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from comanda.aws.directory import directory, packs
from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import unpack
from comanda.aws.orders import backorder_queue
from tests.aws.directory.test_carriers import CARRIER
from tests.functions.intake.test_promise_and_reservation import reserved
from tests.functions.world import World, a_set
from tests.invariants import broken

TEA = "TEA-001"


def supply(world: World, name: str, action: str, **said: Any) -> None:
    kind = {"type": "PURCHASE_ORDER"} if action == "CREATE" else {}
    step = {"supply_id": name, "reference": str(uuid4()), "action": action, "lines": [{"line": 1, **said}], **kind}
    reply = world.call("POST", "/v1/stock/supplies", step, who="office")
    assert [row["status"] for row in reply.body["rows"]] == ["APPLIED"], reply.body


def expected(
    world: World, quantity: int, days: int, *, name: str = "PO-1", node: str = "dc-1", action: str = "CREATE"
) -> str:
    """A supply at a node is announced, or is now this. Returns its day."""
    eta = (world.now + timedelta(days=days)).date().isoformat()
    what = {"sku": TEA, "node_id": node} if action == "CREATE" else {}
    supply(world, name, action, quantity=quantity, eta=eta, **what)
    return eta


def received(world: World, quantity: int, *, name: str = "PO-1") -> None:
    supply(world, name, "RECEIVE", quantity=quantity)


def statuses(world: World, order_id: str) -> dict[str, int]:
    found: dict[str, int] = world.order(order_id)["quantities"]
    return found


def test_a_pre_order_waits_for_its_day_and_ships_when_it_is_there(world: World):
    eta = expected(world, 10, 5)
    order_id = world.placed((TEA, 4))
    world.settle()

    (allocation,) = world.order(order_id)["lines"][0]["allocations"]
    assert (allocation["status"], allocation["due"], allocation["fulfillment_id"]) == ("SCHEDULED", eta, None)

    received(world, 10)
    world.settle()

    assert statuses(world, order_id) == {"RELEASED": 4}
    assert [f["node_id"] for f in world.order(order_id)["fulfillments"]] == ["dc-1"]
    assert broken(world.tables()) == []


def test_a_supply_that_slips_moves_the_promise_with_it(world: World):
    expected(world, 10, 5)
    order_id = world.placed((TEA, 4))
    world.settle()

    later = expected(world, 10, 9, action="CHANGE")
    world.settle()

    assert world.order(order_id)["lines"][0]["allocations"][0]["due"] == later
    assert "redated" in [row["type"] for row in world.order_items(order_id, "E#")]
    assert broken(world.tables()) == []


def test_the_new_day_of_a_late_supply_is_shown_and_mailed(world: World):
    collected_daily(world)
    expected(world, 10, 5)
    order_id = world.placed((TEA, 4))
    world.settle()
    told = day_at_the_door(world, order_id)

    expected(world, 10, 9, action="CHANGE")
    world.settle()

    new = day_at_the_door(world, order_id)
    assert told < new
    (event,) = (unpack(row["data"]) for row in world.order_items(order_id, "E#") if row["type"] == "redated")
    assert [row["deliver_on"] for row in event["redated"]] == [new]
    mail = world.hops.sent[-1]["Content"]["Simple"]["Body"]["Text"]["Data"]
    assert f"Expected at your door on {date.fromisoformat(new):%A, %B %-d, %Y}" in mail

    world.pass_time(12 * 24 * 3600)  # later than it was announced
    received(world, 10)
    world.hops.replenish()  # it is on the shelf, and not released yet
    late = day_at_the_door(world, order_id)
    world.settle()

    assert new < late
    assert [f["deliver_on"] for f in world.order(order_id)["fulfillments"]] == [late]
    assert day_at_the_door(world, order_id) == late
    mail = world.hops.sent[-1]["Content"]["Simple"]["Body"]["Text"]["Data"]
    assert f"Expected at your door on {date.fromisoformat(late):%A, %B %-d, %Y}" in mail


def collected_daily(world: World) -> None:
    daily = [{"node_id": "dc-1", "weekday": day, "at": "16:30", "cut_off_minutes": 30} for day in range(7)]
    carrier = CARRIER | {"collections": daily}
    assert world.call("PUT", "/v1/carriers/road", carrier, who="office").status in (200, 201)
    packs.rebuild(("road",), directory.CARRIER)


def test_a_customer_without_a_date_is_mailed_the_day_when_a_node_has_the_units(world: World):
    collected_daily(world)
    expected(world, 4, 5)
    order_id = world.placed((TEA, 4))
    world.settle()
    supply(world, "PO-1", "CANCEL")
    world.settle()
    told = world.hops.sent[-1]["Content"]["Simple"]["Body"]["Text"]["Data"]

    world.stocked(TEA, dc_1=9)
    world.settle()

    assert "No date yet: we will write when we know it." in told
    assert statuses(world, order_id) == {"RELEASED": 4}
    mail = world.hops.sent[-1]["Content"]["Simple"]["Body"]["Text"]["Data"]
    assert f"Expected at your door on {date.fromisoformat(day_at_the_door(world, order_id)):%A, %B %-d, %Y}" in mail
    count = len(world.hops.sent)
    assert world.placed((TEA, 2))
    world.settle()
    assert len(world.hops.sent) == count + 1  # that it was received: of what is here at once there is no news


def day_at_the_door(world: World, order_id: str) -> str:
    (allocation,) = world.order(order_id)["lines"][0]["allocations"]
    return str(date.fromisoformat(allocation["deliver_on"]))


def test_a_cancelled_supply_queues_exactly_the_orders_that_it_no_longer_covers_in_their_turn(world: World):
    expected(world, 6, 5)
    first, second = world.placed((TEA, 3), priority=1), world.placed((TEA, 3), priority=5)
    world.settle()

    expected(world, 3, 5, action="CHANGE")
    world.settle()

    assert statuses(world, first) == {"SCHEDULED": 3}
    assert statuses(world, second) == {"BACKORDERED": 3}

    supply(world, "PO-1", "CANCEL")
    world.settle()

    assert statuses(world, first) == {"BACKORDERED": 3}
    assert [row.order_id for row in backorder_queue.for_sku(TEA).backorders] == [first, second]
    assert broken(world.tables()) == []


def test_a_receipt_schedules_exactly_the_orders_that_it_covers(world: World):
    world.stocked(TEA, dc_1=0)
    orders = [world.placed((TEA, 4), priority=priority) for priority in (5, 2, 9)]
    world.settle()

    world.stocked(TEA, dc_1=6)
    world.settle()

    assert statuses(world, orders[1]) == {"RELEASED": 4}
    assert statuses(world, orders[0]) == {"RELEASED": 2, "BACKORDERED": 2}
    assert statuses(world, orders[2]) == {"BACKORDERED": 4}
    assert broken(world.tables()) == []


def test_units_of_a_cancelled_order_go_to_a_waiting_order(world: World):
    world.stocked(TEA, dc_1=4)
    has = world.placed((TEA, 4))
    world.settle()
    waits = world.placed((TEA, 4))
    world.settle()
    assert statuses(world, waits) == {"BACKORDERED": 4}

    world.change(has, "cancel", {"reason": "changed my mind"}, who="shop")
    world.settle()

    assert statuses(world, waits) == {"RELEASED": 4}
    assert broken(world.tables()) == []


def test_an_order_that_the_node_may_not_serve_leaves_the_units_to_the_next(world: World):
    """The first in turn was declined by the only node that has it."""
    world.stocked(TEA, dc_1=2)
    declined = world.placed((TEA, 2), priority=1)
    world.settle()
    assert world.step(declined, "decline", body={"reason": "NO_STOCK"}).status == 200
    world.settle()
    waits = world.placed((TEA, 2))
    world.settle()

    world.stocked(TEA, dc_1=2)
    world.settle()

    assert statuses(world, waits) == {"RELEASED": 2}
    assert statuses(world, declined) == {"BACKORDERED": 2}


def test_a_released_order_that_is_cancelled_leaves_its_turn_to_the_next(world: World):
    world.stocked(TEA, dc_1=0)
    first = world.placed((TEA, 4), priority=1)
    world.settle()
    second = world.placed((TEA, 4))
    world.settle()
    world.hops.stopped.add("conduct")  # the machine of the first is not woken yet
    world.stocked(TEA, dc_1=4)
    world.settle()
    assert statuses(world, first) == {"UNSCHEDULED": 4}

    world.change(first, "cancel", {"reason": "changed my mind"}, who="shop")
    world.hops.stopped.clear()
    world.settle()

    assert statuses(world, second) == {"RELEASED": 4}
    assert broken(world.tables()) == []


def test_the_stream_delivered_again_changes_nothing(world: World):
    expected(world, 4, 5)
    order_id = world.placed((TEA, 4))
    world.settle()
    received(world, 4)
    world.settle()
    before = world.tables()

    world.hops.seen["replenish"].clear()
    world.settle()

    assert world.tables() == before
    assert statuses(world, order_id) == {"RELEASED": 4}


def test_a_row_without_a_waiting_order_takes_no_turn(world: World):
    eta = expected(world, 4, 5)
    order_id = world.placed((TEA, 4))
    world.settle()
    ghost = world.placed((TEA, 1), draft=True)
    key = keys.preorder(TEA, "dc-1", 0, world.now, ghost, "1", eta)
    world.aws.put("Stock", **key, order_id=ghost, line="1", node="dc-1", due=eta, quantity=4, priority=0, placed_at="2")

    expected(world, 4, 6, action="CHANGE")
    world.settle()

    assert statuses(world, order_id) == {"SCHEDULED": 4}
    assert [row.order_id for row in backorder_queue.for_sku(TEA).preorders] == [order_id]
    assert broken(world.tables()) == []


def test_a_held_order_does_not_take_its_turn(world: World):
    world.stocked(TEA, dc_1=0)
    held, free = world.placed((TEA, 2), priority=1), world.placed((TEA, 2))
    world.settle()
    world.hold_type()
    world.change(held, "holds", {"type": "SALES_REVIEW", "reason": "odd"}, who="sales")

    world.stocked(TEA, dc_1=2)
    world.settle()

    assert statuses(world, free) == {"RELEASED": 2}
    assert statuses(world, held) == {"BACKORDERED": 2}


def test_a_promised_unit_goes_to_its_order_before_an_expired_reservation_is_swept(world: World):
    world.stocked(TEA, dc_1=3)
    reserved(world, (TEA, 3, "dc-1"), ttl=60)
    expected(world, 5, 5)
    order_id = world.placed((TEA, 5))
    world.settle()
    world.stocked(TEA, dc_1=-3)
    world.pass_time(600)

    received(world, 5)
    world.settle()

    assert statuses(world, order_id) == {"RELEASED": 5}
    assert broken(world.tables()) == []


def test_the_sets_of_a_bundle_are_served_whole_when_the_last_of_their_components_arrives(world: World):
    order_id = world.placed(*a_set(3))
    world.settle()
    world.stocked("POT-001", dc_1=9)
    world.settle()
    without_cups = world.order(order_id)["lines"][0]["sets"]

    world.stocked("CUP-001", dc_1=5)
    world.settle()

    assert without_cups == {"BACKORDERED": 3}
    order = world.order(order_id)
    assert order["lines"][0]["sets"] == {"RELEASED": 2, "BACKORDERED": 1}
    assert [line["quantities"] for line in order["fulfillments"][0]["lines"]] == [{"RELEASED": 2}, {"RELEASED": 4}]
    assert broken(world.tables()) == []


def test_a_pre_ordered_set_waits_for_the_supply_of_its_last_component(world: World):
    world.stocked("POT-001", dc_1=9)
    eta = (world.now + timedelta(days=5)).date().isoformat()
    supply(world, "PO-1", "CREATE", sku="CUP-001", node_id="dc-1", quantity=5, eta=eta)
    order_id = world.placed(*a_set(3))
    world.settle()
    waits = world.order(order_id)

    supply(world, "PO-1", "RECEIVE", quantity=5)
    world.settle()

    assert waits["lines"][0]["sets"] == {"SCHEDULED": 2, "BACKORDERED": 1}
    assert {a["due"] for line in waits["lines"] for a in line["allocations"] if a["status"] == "SCHEDULED"} == {eta}
    order = world.order(order_id)
    assert order["lines"][0]["sets"] == {"RELEASED": 2, "BACKORDERED": 1}
    assert broken(world.tables()) == []
