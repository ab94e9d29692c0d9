"""Rules of holds over the door after changes: nothing passes them in two steps, and velocity counts what changes add."""

from typing import Any

import pytest

from tests.functions.intake.changes.test_changes import change_order
from tests.functions.intake.changes.test_moves import GRAN, HOME, TO_GRAN
from tests.functions.world import World, usd
from tests.invariants import broken

PAID = [{"method": "CARD", "reference": "auth-2", "authorized": usd(90_000)}]
ADA = {"id": "c-1", "name": "Ada", "email": "ada@example.com", "phone": "+1 312 555 0100"}
RIVERS = {**GRAN, "line1": "9 River Rd"}


def rule(world: World, name: str = "LIMIT", **changes: Any) -> None:
    world.hold_type(name, "holds", **{"blocks": ["schedule", "release"], "applies_when": None, **changes})


def ordered(world: World, **changes: Any) -> str:
    return world.placed(("TEA-001", 2), customer=ADA, **changes)


def charge(amount: int) -> dict[str, Any]:
    return {"modification": "charge", "kind": "WRAP", "amount": usd(amount)}


def line_to(ship_to: dict[str, Any], line_id: str = "n", price: int = 0) -> dict[str, Any]:
    line = {"line_id": line_id, "sku": "TEA-001", "quantity": 1, "unit_price": usd(price), "ship_to": ship_to}
    return {"modification": "add_line", "lines": [line]}


def held(world: World, order_id: str) -> list[tuple[str, bool]]:
    return [(hold["type"], hold["active"]) for hold in world.order(order_id)["holds"]]


@pytest.fixture(autouse=True)
def stock(world: World) -> None:
    world.stocked("TEA-001", dc_1=50)


def test_a_charge_and_then_units_do_not_pass_a_limit(world: World):
    rule(world, applies_when={"total_at_least": usd(4000)})
    order_id = ordered(world)
    world.settle()

    assert change_order(world, order_id, charge(2500), payments=PAID).status == 200
    assert held(world, order_id) == [("LIMIT", True)]
    more = {"modification": "quantity", "line_id": "1", "quantity": 9}
    assert change_order(world, order_id, more, payments=[]).status == 200

    world.settle()
    assert held(world, order_id) == [("LIMIT", True)]
    assert world.order(order_id)["quantities"] == {"RELEASED": 2, "CREATED": 7}
    assert broken(world.tables()) == []


def test_a_rule_that_is_younger_than_the_order_is_asked_by_a_change(world: World):
    order_id = ordered(world)
    rule(world, applies_when={"total_at_least": usd(1000)})

    assert change_order(world, order_id, {"modification": "note", "note": "ring twice"}).body["holds"] == []
    assert change_order(world, order_id, charge(1), payments=PAID).status == 200

    assert held(world, order_id) == [("LIMIT", True)]


def test_an_answer_stands_until_as_much_again_has_come(world: World):
    rule(world, applies_when={"total_at_least": usd(2000)})
    order_id = ordered(world)
    assert world.change(order_id, "holds/h1/resolve", {"resolution": "fine"}).status == 200

    assert change_order(world, order_id, charge(1999), payments=PAID).status == 200
    assert held(world, order_id) == [("LIMIT", False)]
    assert change_order(world, order_id, charge(1)).status == 200
    assert held(world, order_id) == [("LIMIT", False), ("LIMIT", True)]


def test_tags_and_methods_of_payment_are_asked_about(world: World):
    rule(world, "RESELLER", applies_when={"tags": ["bulk"]})
    rule(world, "VOUCHER", applies_when={"payment_methods": ["VOUCHER"]})
    order_id = ordered(world)

    change_order(world, order_id, {"modification": "tags", "tags": ["bulk"]})
    assert held(world, order_id) == [("RESELLER", True)]
    path, voucher = f"/v1/orders/{order_id}/payments", {**PAID[0], "method": "VOUCHER"}
    assert world.call("POST", path, {"payments": [voucher]}, who="shop").status == 200

    assert held(world, order_id) == [("RESELLER", True), ("VOUCHER", True)]
    assert sorted(world.waiting(order_id)) == ["holds", "holds"]
    assert world.call("GET", f"/v1/orders/{order_id}/events").body["items"][-1]["data"]["holds"] == ["h2"]


def test_a_payment_that_makes_a_pending_change_is_asked_about(world: World):
    rule(world, applies_when={"total_at_least": usd(4000)})
    order_id = ordered(world)
    assert change_order(world, order_id, charge(2500), pending=True).status == 202
    assert held(world, order_id) == []

    assert world.call("POST", f"/v1/orders/{order_id}/payments", {"payments": PAID}, who="shop").status == 200

    assert held(world, order_id) == [("LIMIT", True)]


def test_the_address_of_an_added_line_is_judged_alone(world: World):
    rule(world, applies_when={"precisions": ["GIVEN"]})
    order_id = ordered(world)
    assert held(world, order_id) == [("LIMIT", True)]
    world.change(order_id, "holds/h1/resolve", {"resolution": "fine"})

    assert change_order(world, order_id, line_to(GRAN)).status == 200
    assert held(world, order_id) == [("LIMIT", False)]
    given = {**GRAN, "line1": "1 Given St", "latitude": 40.75, "longitude": -73.99}
    assert change_order(world, order_id, line_to(given, "m")).status == 200
    assert held(world, order_id) == [("LIMIT", False), ("LIMIT", True)]


def test_a_type_of_lines_holds_the_lines_that_go_to_the_new_address(world: World):
    rule(world, level="line", applies_when={"countries": ["US"]})
    order_id = ordered(world)
    world.change(order_id, "holds/h1/resolve", {"resolution": "fine"})

    assert change_order(world, order_id, line_to(GRAN)).status == 200
    assert change_order(world, order_id, {**TO_GRAN, "ship_to": RIVERS, "line_id": "n"}).status == 200

    assert [(hold["line_ids"], hold["active"]) for hold in world.order(order_id)["holds"]] == [
        (["1"], False),
        (["n"], True),
    ]


def fast(**limit: Any) -> dict[str, Any]:
    return {"velocity": {"per": "EMAIL", "hours": 24, **limit}}


def test_velocity_counts_the_value_that_changes_add(world: World):
    rule(world, "FAST", applies_when=fast(total_at_least=usd(10_000)))
    first = ordered(world)
    assert change_order(world, first, charge(5000), payments=PAID).status == 200
    assert change_order(world, first, {"modification": "tags", "tags": ["x"]}).status == 200
    world.pass_time(60)

    second = ordered(world)
    assert (held(world, first), held(world, second)) == ([], [])
    world.pass_time(60)
    third = ordered(world)

    assert held(world, third) == [("FAST", True)]
    rows = [row for row in world.tables()["Customers"] if row["pk"].startswith("V#EMAIL#") and "total" in row]
    assert sorted(row["total"] for row in rows) == [2000, 2000, 7000]


def test_velocity_of_a_change_looks_at_the_orders_that_came_since(world: World):
    rule(world, "FAST", applies_when=fast(total_at_least=usd(10_000)))
    first = ordered(world)
    world.pass_time(20 * 3600)
    ordered(world, payments=PAID)
    world.pass_time(5 * 3600)  # the first order is older than the rule looks back

    assert change_order(world, first, charge(5999), payments=PAID).status == 200
    assert held(world, first) == []
    assert change_order(world, first, charge(1)).status == 200
    assert held(world, first) == [("FAST", True)]


def test_cancels_make_no_room_for_further_orders(world: World):
    rule(world, "FAST", applies_when=fast(orders_at_least=3))
    rule(world, "MUCH", applies_when=fast(total_at_least=usd(6000)))
    for _ in range(2):
        order_id = ordered(world)
        assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
        world.pass_time(60)

    assert held(world, ordered(world)) == [("FAST", True), ("MUCH", True)]


def test_an_order_counts_with_the_highest_total_that_it_had(world: World):
    rule(world, "FAST", applies_when=fast(total_at_least=usd(99_999)))
    order_id = world.placed(("TEA-001", 5), customer=ADA)
    assert world.change(order_id, "cancel", {"reason": "no", "lines": [{"line_id": "1", "quantity": 4}]}).status == 200
    assert change_order(world, order_id, charge(500)).status == 200

    (row,) = (row for row in world.tables()["Customers"] if row["pk"].startswith("V#EMAIL#") and "total" in row)
    assert row["total"] == 5000


def test_an_order_that_nobody_counted_is_counted_by_its_change(world: World):
    order_id = ordered(world)
    rule(world, "FAST", applies_when=fast(orders_at_least=2))
    assert change_order(world, order_id, charge(500), payments=PAID).status == 200
    world.pass_time(60)

    assert held(world, ordered(world)) == [("FAST", True)]


def test_value_that_moves_to_a_new_address_counts_there(world: World):
    place = {"velocity": {"per": "ADDRESS", "hours": 24, "total_at_least": usd(10_000)}}
    rule(world, "PLACE", applies_when=place)
    there = world.placed(("TEA-001", 6), ship_to=GRAN)
    order_id = ordered(world)

    assert change_order(world, order_id, TO_GRAN, charge(2000), payments=PAID).status == 200

    assert held(world, there) == []
    assert held(world, order_id) == [("PLACE", True)]


def test_going_back_to_an_address_keeps_what_counts_there(world: World):
    rule(world, "PLACE", applies_when={"velocity": {"per": "ADDRESS", "hours": 24, "total_at_least": usd(99_999)}})
    order_id = ordered(world)
    for change in (
        TO_GRAN,
        {"modification": "ship_to", "ship_to": HOME},
        {"modification": "ship_to", "ship_to": RIVERS},
    ):
        assert change_order(world, order_id, change).status == 200

    rows = [row for row in world.tables()["Customers"] if row["pk"].startswith("V#ADDRESS#") and "total" in row]
    assert [row["total"] for row in rows] == [2000, 2000, 2000]
