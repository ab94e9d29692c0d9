"""Test an order that is wanted later: its stock is reserved, and its release waits for its day."""

from datetime import timedelta
from typing import Any

from tests.functions.world import World
from tests.invariants import broken


def later(world: World, days: int) -> str:
    return (world.now + timedelta(days=days)).date().isoformat()


def test_an_order_wanted_in_five_weeks_is_released_on_its_day_and_not_before(world: World):
    world.stocked("TEA-001", dc_1=5)
    day = later(world, 35)
    order_id = world.placed(("TEA-001", 2), requested={"not_before": day})
    world.settle()

    order = world.order(order_id)
    assert order["quantities"] == {"SCHEDULED": 2}
    assert order["requested"] == {"deliver_by": None, "not_before": day}
    (allocation,) = order["lines"][0]["allocations"]
    assert (allocation["node_id"], allocation["due"]) == ("dc-1", day)
    assert [mail["EmailTags"][1]["Value"] for mail in world.hops.sent] == ["placed"]  # it does not come late
    assert world.waiting(order_id) == ["pre-order"]
    assert world.aws.items("Stock", "S#TEA-001", "P#")[0]["hard"] == {day: 2}
    world.pass_time(timedelta(days=30).total_seconds())
    world.stocked("TEA-001", dc_1=1)  # a movement there releases no unit early
    world.settle()
    world.sweep(everything=True)
    assert world.order(order_id)["quantities"] == {"SCHEDULED": 2}
    assert broken(world.tables()) == []

    world.pass_time(timedelta(days=5).total_seconds())
    world.sweep()

    assert world.order(order_id)["quantities"] == {"RELEASED": 2}
    assert world.waiting(order_id) == []
    world.steps(order_id, "accept", "ship")
    world.settle()
    assert world.order(order_id)["status"] == "SHIPPED"
    assert broken(world.tables()) == []


def test_an_order_that_waits_for_its_day_can_be_cancelled_and_its_stock_is_free(world: World):
    world.stocked("TEA-001", dc_1=2)
    order_id = world.placed(("TEA-001", 2), requested={"not_before": later(world, 20)})
    world.settle()

    assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
    world.settle()

    assert world.order(order_id)["status"] == "CANCELLED"
    assert world.aws.items("Stock", "S#TEA-001", "P#")[0]["free"] == 2
    assert broken(world.tables()) == []


def test_a_backordered_order_that_is_wanted_later_gets_what_arrives_and_still_waits_for_its_day(world: World):
    day = later(world, 20)
    order_id = world.placed(("TEA-001", 2), requested={"not_before": day})
    world.settle()
    assert world.order(order_id)["quantities"] == {"BACKORDERED": 2}

    world.stocked("TEA-001", dc_2=2)
    world.settle()

    order = world.order(order_id)
    assert order["quantities"] == {"SCHEDULED": 2}
    assert order["lines"][0]["allocations"][0]["due"] == day
    assert broken(world.tables()) == []


def test_a_pickup_that_is_wanted_later_waits_too(world: World):
    world.stocked("TEA-001", store_1=2)
    line = {"sku": "TEA-001", "quantity": 1, "fulfillment": {"method": "PICKUP", "node_id": "store-1"}}
    order_id = world.placed(line, requested={"not_before": later(world, 9)})
    world.settle()
    assert world.order(order_id)["quantities"] == {"SCHEDULED": 1}

    world.pass_time(timedelta(days=9).total_seconds())
    world.sweep()

    assert world.order(order_id)["quantities"] == {"RELEASED": 1}
    assert broken(world.tables()) == []


def test_a_day_that_lies_after_the_last_one_is_refused(world: World):
    days = {"deliver_by": later(world, 3), "not_before": later(world, 4)}

    refused = world.place_order(("TEA-001", 1), requested=days)

    assert (refused.status, refused.errors) == (422, [("/requested/not_before", "after-deliver-by")])


def wanted_from(day: str) -> dict[str, Any]:
    """Make a basket of two units that may not arrive before this day."""
    return {
        "channel": "web",
        "lines": [{"line_id": "1", "sku": "TEA-001", "quantity": 2}],
        "to": {"country": "US", "latitude": 41.9, "longitude": -87.6},
        "methods": ["SHIP"],
        "not_before": day,
    }


def test_a_promise_of_a_wanted_day_reserves_its_stock_under_the_day_of_its_release(world: World):
    world.stocked("TEA-001", dc_1=5)
    day = later(world, 35)

    promised = world.call("POST", "/v1/promises", wanted_from(day))

    assert [s["due"] for o in promised.body["options"] for s in o["shipments"]] == [day]


def test_an_order_takes_what_was_reserved_by_a_promise_of_its_day_and_waits_for_it(world: World):
    world.stocked("TEA-001", dc_1=2)
    day = later(world, 35)
    promised = world.call("POST", "/v1/promises", wanted_from(day)).body
    names = {"promise_id": promised["promise_id"], "option_id": promised["options"][0]["option_id"]}
    kept = world.call("POST", "/v1/reservations", {"request_id": "r-1", "kind": "HARD", **names})
    assert kept.status == 201

    order_id = world.placed(("TEA-001", 2), reservation_id=kept.body["reservation_id"], **names)
    world.settle()

    assert world.order(order_id)["requested"]["not_before"] == day  # the promise was made for it
    assert world.order(order_id)["quantities"] == {"SCHEDULED": 2}
    (position,) = world.aws.items("Stock", "S#TEA-001", "P#")
    assert (position["hard"], position["soft"], position["free"]) == ({day: 2}, {}, 0)
    assert broken(world.tables()) == []


def test_units_that_are_lost_before_the_wanted_day_are_reported(world: World):
    world.stocked("TEA-001", dc_1=2)
    order_id = world.placed(("TEA-001", 2), requested={"not_before": later(world, 20)})
    world.settle()

    # A count finds an empty shelf: no unit is there for the day, and the customer learns that there is no date.
    world.stocked("TEA-001", dc_1=-2)
    world.settle()

    assert world.order(order_id)["quantities"] == {"BACKORDERED": 2}
    assert [mail["EmailTags"][1]["Value"] for mail in world.hops.sent][1:] != []
    assert broken(world.tables()) == []
