"""Orders with a reservation or a promise: reserved units are taken once, and the route is compared with the promise."""

from datetime import timedelta
from typing import Any

from comanda.aws.reservations import reservations, reserve_units
from comanda.aws.stock import position_reads
from comanda.domain.reservations import reservations as rules
from comanda.domain.reservations.allot import Wanted, sum_wanted
from tests.functions.world import World
from tests.invariants import broken

TEA, POT = "TEA-001", "TEA-002"


def reserved(world: World, *rows: tuple[str, int, str], name: str = "r1", owner: str = "shop", ttl: int = 600) -> str:
    asked = reserve_units.ReservationRequest(
        reservation_id=f"rsv_us1_{name}",
        owner=owner,
        content=str(rows),
        kind=rules.SOFT,
        wanted=sum_wanted(
            [
                Wanted(rows=(i,), sku=sku, nodes=(node,), quantity=units, due=stock_day(world))
                for i, (sku, units, node) in enumerate(rows)
            ]
        ),
        expires=rules.expiry(world.now, ttl),
        now=world.now,
    )
    return reserve_units.reserve(asked).reservation_id


def stock_day(world: World) -> str:
    return world.now.date().isoformat()


def position(node: str, sku: str = TEA) -> Any:
    found = position_reads.get(sku, node)
    assert found is not None
    return found


def state(name: str) -> str:
    return reservations.load(name).state


def test_an_order_takes_the_units_of_its_reservation_and_reserves_none_twice(world: World):
    world.stocked(TEA, dc_1=5)
    name = reserved(world, (TEA, 5, "dc-1"))

    order_id = world.placed((TEA, 5), reservation_id=name)
    world.settle()

    assert world.order(order_id)["quantities"] == {"RELEASED": 5}
    assert (position("dc-1").free, position("dc-1").soft, position("dc-1").demand) == (0, (), 5)
    assert reservations.load(name).order_id == order_id
    assert broken(world.tables()) == []


def test_the_reservation_of_a_placed_order_does_not_expire(world: World):
    world.stocked(TEA, dc_1=150)
    world.hold_type()
    name = reserved(world, (TEA, 150, "dc-1"), ttl=600)
    order_id = world.placed((TEA, 150), reservation_id=name)
    assert world.waiting(order_id) == ["sales-review"]

    world.now += timedelta(hours=6)
    other = world.placed((TEA, 5), priority=1)
    world.settle()

    assert world.order(other)["quantities"] == {"BACKORDERED": 5}
    world.change(order_id, "confirm", who="sales")
    world.settle()
    assert world.order(order_id)["quantities"] == {"RELEASED": 150}
    assert broken(world.tables()) == []


def test_a_long_reservation_of_an_order_is_looked_at_in_the_next_five_minutes_and_not_when_it_would_have_ended(
    world: World,
):
    skus = [f"SKU-{n}" for n in range(40)]
    for sku in skus:
        world.product(sku)
        world.stocked(sku, dc_1=1)
    name = reserved(world, *((sku, 1, "dc-1") for sku in skus), ttl=3600)
    assert reservations.load(name).many

    world.placed(*((sku, 1) for sku in skus), reservation_id=name)

    assert reservations.load(name).next_look == rules.next_bucket(world.now)
    assert state(name) == rules.COMMITTED


def test_reserved_units_that_the_order_does_not_need_are_given_back_and_missing_ones_are_reserved(world: World):
    world.stocked(TEA, dc_1=9)
    world.stocked(POT, dc_1=4)
    name = reserved(world, (TEA, 5, "dc-1"), (POT, 1, "dc-1"))

    order_id = world.placed((TEA, 3), (POT, 2), reservation_id=name)
    world.settle()

    assert world.order(order_id)["quantities"] == {"RELEASED": 5}
    assert (position("dc-1").free, position("dc-1").demand) == (6, 3)
    assert (position("dc-1", POT).free, position("dc-1", POT).demand) == (2, 2)
    assert broken(world.tables()) == []


def test_an_order_that_ends_before_it_is_routed_gives_its_reservation_back(world: World):
    world.stocked(TEA, dc_1=5)
    name = reserved(world, (TEA, 5, "dc-1"))
    order_id = world.placed((TEA, 5), reservation_id=name)

    world.change(order_id, "cancel", {"reason": "changed my mind"}, who="shop")
    world.settle()

    assert (position("dc-1").free, position("dc-1").demand, state(name)) == (5, 0, rules.RELEASED)
    assert broken(world.tables()) == []


def test_a_draft_keeps_its_reservation_only_when_it_is_confirmed(world: World):
    world.stocked(TEA, dc_1=5)
    name = reserved(world, (TEA, 5, "dc-1"))
    order_id = world.placed((TEA, 5), reservation_id=name, draft=True)
    assert state(name) == rules.HELD

    world.change(order_id, "confirm", who="sales")

    assert state(name) == rules.COMMITTED
    world.settle()
    assert world.order(order_id)["quantities"] == {"RELEASED": 5}
    assert broken(world.tables()) == []


def test_a_reservation_serves_one_order(world: World):
    world.stocked(TEA, dc_1=5)
    name = reserved(world, (TEA, 2, "dc-1"))
    world.placed((TEA, 2), reservation_id=name)

    again = world.place_order((TEA, 2), reservation_id=name)

    assert (again.status, again.errors) == (422, [("/reservation_id", "reservation-ended")])


def test_a_reservation_of_another_caller_or_an_expired_one_is_refused(world: World):
    world.stocked(TEA, dc_1=9)
    theirs, old = reserved(world, (TEA, 1, "dc-1"), owner="outlet"), reserved(world, (TEA, 1, "dc-1"), name="r2")
    world.now += timedelta(minutes=30)

    for name, code in (
        (theirs, "unknown-reservation"),
        (old, "reservation-expired"),
        ("rsv_us1_none", "unknown-reservation"),
    ):
        refused = world.place_order((TEA, 1), reservation_id=name)
        assert (refused.status, refused.errors) == (422, [("/reservation_id", code)])


def test_a_route_keeps_a_promise_that_can_still_be_kept(world: World):
    world.stocked(TEA, dc_1=5)
    promise = world.call("POST", "/v1/promises", a_basket(TEA, 2)).body
    order_id = world.placed((TEA, 2), promise_id=promise["promise_id"])
    world.settle()

    (routed,) = [row for row in world.call("GET", f"/v1/orders/{order_id}/events").body["items"] if row["version"] == 2]
    assert routed["type"] == "routed"
    assert "promise" not in routed["data"]
    assert world.order(order_id)["promised"]["node_ids"] == ["dc-1"]


def test_a_route_that_differs_from_the_promise_is_an_event(world: World):
    world.stocked(TEA, dc_1=5, dc_2=5)
    promise = world.call("POST", "/v1/promises", a_basket(TEA, 2)).body
    world.stocked(TEA, dc_1=-5)

    order_id = world.placed((TEA, 2), promise_id=promise["promise_id"])
    world.settle()

    (routed,) = [row for row in world.call("GET", f"/v1/orders/{order_id}/events").body["items"] if row["version"] == 2]
    assert routed["data"]["promise"]["promised"]["nodes"] == ["dc-1"]
    assert routed["data"]["promise"]["planned"]["nodes"] == ["dc-2"]


def test_an_unknown_promise_is_refused(world: World):
    refused = world.place_order((TEA, 1), promise_id="prm_us1_none")

    assert (refused.status, refused.errors) == (422, [("/promise_id", "unknown-promise")])


def a_basket(sku: str, quantity: int) -> dict[str, Any]:
    return {
        "channel": "web",
        "to": {"country": "US", "region": "IL", "city": "Chicago", "postal_code": "60601"},
        "lines": [{"line_id": "1", "sku": sku, "quantity": quantity}],
    }


def test_a_reservation_decides_where_its_units_come_from(world: World):
    world.stocked(TEA, dc_1=9, dc_2=9)
    name = reserved(world, (TEA, 2, "dc-2"))

    order_id = world.placed((TEA, 2), reservation_id=name)
    world.settle()

    assert [f["node_id"] for f in world.order(order_id)["fulfillments"]] == ["dc-2"]
    assert broken(world.tables()) == []


def test_a_reservation_or_promise_for_another_basket_is_refused(world: World):
    world.stocked(TEA, dc_1=9)
    name = reserved(world, (TEA, 2, "dc-1"))
    promise = world.call("POST", "/v1/promises", a_basket(TEA, 2)).body["promise_id"]

    for brought, pointer, code in (
        ({"reservation_id": name}, "/reservation_id", "another-basket"),
        ({"promise_id": promise}, "/promise_id", "another-basket"),
    ):
        refused = world.place_order((POT, 2), **brought)
        assert (refused.status, refused.errors) == (422, [(pointer, code)])
    refused = world.place_order((TEA, 2), promise_id=promise, option_id="teleport")
    assert (refused.status, refused.errors) == (422, [("/option_id", "unknown-option")])


def test_an_order_may_say_which_option_it_was_placed_on(world: World):
    world.stocked(TEA, dc_1=5)
    promise = world.call("POST", "/v1/promises", a_basket(TEA, 2)).body
    option = promise["options"][0]["option_id"]

    order_id = world.placed((TEA, 2), promise_id=promise["promise_id"], option_id=option)

    assert world.order(order_id)["promised"]["option_id"] == option


def test_a_reservation_or_promise_of_one_channel_is_refused_to_another(world: World):
    world.stocked(TEA, dc_1=5)
    wanted = {"request_id": "r-1", "channel": "outlet", "lines": [{"sku": TEA, "quantity": 1, "node_id": "dc-1"}]}
    kept = world.call("POST", "/v1/reservations", wanted, who="office").body["reservation_id"]
    asked = {"channel": "outlet", "lines": [{"line_id": "1", "sku": TEA, "quantity": 1}]}
    to = {"country": "US", "postal_code": "60601", "latitude": 41.88, "longitude": -87.63}
    promised = world.call("POST", "/v1/promises", {**asked, "to": to}, who="office").body
    option = {"promise_id": promised["promise_id"], "option_id": promised["options"][0]["option_id"]}

    reserves = world.place_order((TEA, 1), reservation_id=kept, who="office")
    promises = world.place_order((TEA, 1), **option, who="office")
    again = world.call("POST", "/v1/reservations", {"request_id": "r-2", "channel": "web", **option}, who="office")

    assert (reserves.status, reserves.errors) == (422, [("/reservation_id", "another-channel")])
    assert (promises.status, promises.errors) == (422, [("/promise_id", "another-channel")])
    assert (again.status, again.errors) == (422, [("/channel", "another-channel")])
    assert world.place_order((TEA, 1), reservation_id=kept, channel="outlet", who="office").status == 201
