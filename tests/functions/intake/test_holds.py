"""Test holds of lines, holds for some roles only, and authorisations that end, with the doors, machines and sweeper."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.customers import velocity
from comanda.aws.dynamodb import keys
from comanda.aws.orders import orders
from functions.intake import hold_facts
from tests.faults import contended
from tests.functions.world import World, a_body, usd
from tests.invariants import broken


def two_lines(world: World) -> str:
    """Place an order of two lines that dc-1 has, and return its id."""
    world.stocked("TEA-001", dc_1=5)
    world.stocked("POT-001", dc_1=5)
    return world.placed(("TEA-001", 2), ("POT-001", 1))


def hold(world: World, order_id: str, **changes: Any) -> Any:
    return world.change(order_id, "holds", {"type": "ENGRAVING", "reason": "is engraved", **changes})


def test_a_held_line_waits_and_the_others_are_shipped(world: World):
    world.hold_type("ENGRAVING", "holds", level="line", blocks=["schedule", "ship"], applies_when=None)
    order_id = two_lines(world)

    held = hold(world, order_id, lines=["2"])
    world.settle()

    assert held.body["holds"][0]["line_ids"] == ["2"]
    assert world.order(order_id)["quantities"] == {"RELEASED": 2, "CREATED": 1}
    world.steps(order_id, "accept", "ship")
    world.settle()
    assert world.order(order_id)["status"] == "PARTIALLY_SHIPPED"

    assert world.change(order_id, "holds/h1/resolve", {"resolution": "done"}).status == 200
    world.settle()
    world.steps(order_id, "accept", "ship", number=2)
    world.settle()
    assert world.order(order_id)["status"] == "SHIPPED"
    assert broken(world.tables()) == []


def test_a_hold_of_lines_names_lines_that_the_order_has(world: World):
    world.hold_type("ENGRAVING", "holds", level="line", applies_when=None)
    order_id = two_lines(world)

    assert hold(world, order_id).errors == [("/lines", "missing")]
    assert hold(world, order_id, lines=["1", "9"]).errors == [("/lines/1", "unknown-line")]


def test_only_the_roles_of_a_hold_type_resolve_its_holds(world: World):
    world.aws.put("Directory", **keys.user("risk-desk"), roles=["staff", "risk"])
    world.hold_type("ENGRAVING", "holds", roles=["risk"], applies_when=None)
    order_id = two_lines(world)
    hold(world, order_id)
    path, body = f"/v1/orders/{order_id}/holds/h1/resolve", {"resolution": "fine"}
    etag = world.call("GET", f"/v1/orders/{order_id}").etag

    refused = world.call("POST", path, body, who="office", if_match=etag)

    assert (refused.status, refused.problem) == (403, "forbidden")
    assert "ENGRAVING is resolved by risk" in refused.body["detail"]
    assert world.order(order_id)["holds"][0]["active"]


def test_confirm_and_reject_resolve_a_review_only_for_its_roles(world: World):
    world.hold_type("SALES_REVIEW", "sales-review", roles=["admin"])
    order_id = world.placed({"sku": "TEA-001", "quantity": 1, "unit_price": usd(200_000)})
    etag = world.call("GET", f"/v1/orders/{order_id}").etag

    for verb, body in (("confirm", {}), ("reject", {"reason": "no"})):
        refused = world.call("POST", f"/v1/orders/{order_id}/{verb}", body, who="sales", if_match=etag)
        assert (refused.status, refused.problem) == (403, "forbidden")

    assert world.change(order_id, "confirm", who="office").status == 200


def paid_until(world: World, **ends: float) -> list[dict[str, Any]]:
    at = (world.now + timedelta(**ends)).isoformat()
    return [{"method": "CARD", "reference": "auth-1", "authorized": usd(2000), "expires_at": at}]


def test_an_order_is_not_released_on_an_authorisation_that_has_ended(world: World):
    order_id = world.placed(("TEA-001", 2), payments=paid_until(world, hours=2))
    world.settle()
    assert world.order(order_id)["quantities"] == {"BACKORDERED": 2}

    world.pass_time(3 * 3600)
    world.sweep()

    (held,) = world.order(order_id)["holds"]
    assert (held["type"], held["blocks"], held["active"]) == ("PAYMENT", ["release"], True)
    assert "holds" in world.waiting(order_id)
    world.stocked("TEA-001", dc_1=5)
    world.settle()
    world.sweep(everything=True)
    assert world.order(order_id)["quantities"] == {"BACKORDERED": 2}

    assert world.change(order_id, f"holds/{held['hold_id']}/resolve", {"resolution": "renewed"}).status == 200
    world.stocked("TEA-001", dc_1=1)
    world.settle()
    assert world.order(order_id)["quantities"] == {"RELEASED": 2}
    world.steps(order_id, "accept", "ship")
    world.settle()
    assert world.order(order_id)["payments"][0]["captured"]["amount"] == 2000
    assert broken(world.tables()) == []


def test_the_router_holds_an_order_whose_ended_authorisation_the_sweeper_has_not_seen(world: World):
    world.hold_type("ENGRAVING", "holds", applies_when=None)
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2), payments=paid_until(world, hours=2))
    hold(world, order_id)
    world.settle()
    world.pass_time(3 * 3600)

    assert world.change(order_id, "holds/h1/resolve", {"resolution": "fine"}).status == 200
    world.settle()

    order = world.order(order_id)
    assert order["quantities"] == {"CREATED": 2}
    assert [(h["type"], h["active"]) for h in order["holds"]] == [("ENGRAVING", False), ("PAYMENT", True)]
    assert broken(world.tables()) == []


def test_an_order_wanted_after_the_end_of_its_authorisation_is_reported_at_once(world: World):
    world.stocked("TEA-001", dc_1=5)
    day = (world.now + timedelta(days=35)).date().isoformat()
    order_id = world.placed(("TEA-001", 2), payments=paid_until(world, days=7), requested={"not_before": day})

    world.settle()

    assert world.waiting(order_id) == ["payments", "pre-order"]
    (item,) = world.call("GET", "/v1/queues/payments", who="sales").body["items"]
    path = f"/v1/queues/payments/items/{item['item_id']}/resolve"
    assert world.call("POST", path, {"answer": "authorized"}, who="sales").status == 200
    assert world.waiting(order_id) == ["pre-order"]
    assert broken(world.tables()) == []


def test_units_that_left_before_their_authorisation_ended_are_captured_only_after_a_person_renewed_it(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2), payments=paid_until(world, hours=2))
    world.settle()
    world.steps(order_id, "accept")
    world.pass_time(3 * 3600)

    world.steps(order_id, "ship")
    world.settle()
    world.sweep(everything=True)

    order = world.order(order_id)
    assert order["payments"][0]["captured"]["amount"] == 0
    assert world.waiting(order_id) == ["exceptions", "holds"]
    (held,) = order["holds"]
    assert world.change(order_id, f"holds/{held['hold_id']}/resolve", {"resolution": "renewed"}).status == 200
    (item,) = world.call("GET", "/v1/queues/exceptions", who="sales").body["items"]
    path = f"/v1/queues/exceptions/items/{item['item_id']}/resolve"
    assert world.call("POST", path, {"answer": "retry"}, who="sales").status == 200
    world.settle()
    assert world.order(order_id)["payments"][0]["captured"]["amount"] == 2000
    assert broken(world.tables()) == []


def test_a_person_may_not_resolve_a_hold_that_another_system_resolves(world: World):
    world.hold_type("ENGRAVING", "holds", resolved_by="event", applies_when=None)
    order_id = two_lines(world)
    hold(world, order_id)

    refused = world.change(order_id, "holds/h1/resolve", {"resolution": "fine"}, who="sales")

    assert (refused.status, refused.problem) == (403, "forbidden")
    assert "by another system" in refused.body["detail"]
    assert world.change(order_id, "holds/h1/resolve", {"resolution": "engraved"}, who="office").status == 200


def rule(world: World, name: str = "FRAUD", **changes: Any) -> None:
    world.hold_type(name, "holds", **{"applies_when": None, **changes})


def order_of(world: World, **changes: Any) -> Any:
    return world.order(world.placed(("TEA-001", 2), **changes))


def held_by(order: Any) -> list[str]:
    return [hold["type"] for hold in order["holds"]]


def test_a_rule_may_be_about_product_payment_place_and_first_order(world: World):
    rule(world, "A", applies_when={"skus": ["TEA-001"], "payment_methods": ["CARD"], "countries": ["US"]})
    rule(world, "B", applies_when={"first_order": True})
    rule(world, "C", applies_when={"precisions": ["GIVEN"]})
    rule(world, "D", applies_when={"classes": ["fuel"]})
    rule(world, "E", applies_when={}, active=False)
    customer = {"id": "c-1", "name": "Ada"}

    assert held_by(order_of(world, customer=customer)) == ["A", "B", "C"]
    assert held_by(order_of(world, customer=customer)) == ["A", "C"]


def test_a_first_order_is_none_behind_any_number_of_orders_of_another_channel(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(hold_facts, "_TOGETHER", 2)
    rule(world, "NEW", applies_when={"first_order": True})
    customer = {"id": "c-1", "name": "Ada"}
    for _ in range(5):
        sent = a_body(("TEA-001", 2), customer=customer, channel="outlet")
        assert world.call("POST", "/v1/orders", sent, who="other-shop").status == 201
        world.pass_time(1)

    assert held_by(order_of(world, customer=customer)) == ["NEW"]
    world.pass_time(1)
    for _ in range(3):
        assert held_by(order_of(world, customer=customer)) == []


@pytest.mark.parametrize(
    ("when", "at", "code"),
    [
        ({"skus": ["TEA-001", "NO-SUCH"]}, "/applies_when/skus/1", "unknown-sku"),
        (
            {"total_at_least": {"amount": 1, "currency": "BRL"}},
            "/applies_when/total_at_least/currency",
            "not-of-the-channel",
        ),
        (
            {"velocity": {"per": "EMAIL", "hours": 1, "total_at_least": {"amount": 1, "currency": "BRL"}}},
            "/applies_when/velocity/total_at_least/currency",
            "not-of-the-channel",
        ),
    ],
)
def test_a_rule_about_what_nobody_sells_is_refused_at_its_field(world: World, when: Any, at: str, code: str):
    reply = world.call(
        "PUT",
        "/v1/hold-types/ODD",
        {"reason": "odd", "queue": "holds", "blocks": ["release"], "applies_when": when},
        who="office",
    )

    assert (reply.status, [(one["pointer"], one["code"]) for one in reply.body["errors"]]) == (422, [(at, code)])


def counted(world: World, kind: str) -> list[dict[str, Any]]:
    """Return the rows of orders that are counted under identities of a kind."""
    return [row for row in world.tables()["Customers"] if row["pk"].startswith(kind) and row["sk"] != "~"]


ADA = {"name": "Ada", "email": "ada@example.com"}


def beside(monkeypatch: pytest.MonkeyPatch, others: Callable[[], object], times: int = 1) -> None:
    """Place other orders between the decision on an order and its save, so many times."""
    real, left = orders.save, [times]

    def save(*args: Any, **named: Any) -> Any:
        if left[0] > 0:
            left[0] -= 1
            here, left[0] = left[0], 0
            others()
            left[0] = here
        return real(*args, **named)

    monkeypatch.setattr(orders, "save", save)


@pytest.mark.parametrize(
    "limit", [{"orders_at_least": 3}, {"total_at_least": usd(5_000)}, {"orders_at_least": 3, "per": "CUSTOMER"}]
)
def test_an_order_sees_those_that_were_stored_beside_it(
    world: World, monkeypatch: pytest.MonkeyPatch, limit: dict[str, Any]
):
    rule(world, "FAST", applies_when={"velocity": {"per": "EMAIL", "hours": 24, **limit}})
    found: list[Any] = []
    beside(monkeypatch, lambda: found.extend(order_of(world, customer=ADA) for _ in range(2)))

    last = order_of(world, customer=ADA)

    assert [held_by(one) for one in (*found, last)] == [[], [], ["FAST"]]
    assert len(counted(world, "V#")) == 3


def test_orders_of_other_channels_and_customers_are_not_in_the_way(world: World, monkeypatch: pytest.MonkeyPatch):
    velocity_rule = {"per": "EMAIL", "hours": 24, "orders_at_least": 2}
    rule(world, "FAST", applies_when={"velocity": velocity_rule, "channels": ["outlet"]})
    rule(world, "LATER", applies_when={"velocity": velocity_rule}, active=False)
    tries: list[str] = []
    real = velocity.counted
    monkeypatch.setattr(velocity, "counted", lambda *args: tries.append("read") or real(*args))
    beside(monkeypatch, lambda: order_of(world, customer=ADA))

    order_of(world, customer=ADA)

    assert len(tries) == 2  # each order is judged once


def test_an_order_that_others_overtake_again_and_again_is_placed(world: World, monkeypatch: pytest.MonkeyPatch):
    rule(world, "FAST", applies_when={"velocity": {"per": "EMAIL", "hours": 24, "orders_at_least": 99}})
    beside(monkeypatch, lambda: order_of(world, customer=ADA), times=9)

    assert held_by(order_of(world, customer=ADA)) == []
    assert len(counted(world, "V#")) == 6


def test_a_crowd_of_orders_of_one_customer_refuses_none_of_them(world: World):
    rule(world, "FAST", applies_when={"velocity": {"per": "EMAIL", "hours": 24, "orders_at_least": 3}})
    with contended(lambda pk, sk: pk.startswith("V#") and sk == "~") as refused:
        order_of(world, customer=ADA)  # it is stored without the number beside its rows, which all of them write

    assert refused == {"conflict": 4 * 3}
    assert len(counted(world, "V#")) == 1


def test_orders_at_once_are_held_from_the_limit_on(world: World):
    rule(world, "FAST", applies_when={"velocity": {"per": "EMAIL", "hours": 24, "orders_at_least": 3}})
    with ThreadPoolExecutor(4) as pool:
        placed = list(pool.map(lambda _: order_of(world, customer=ADA), range(4)))

    assert sorted(len(held_by(one)) for one in placed) == [0, 0, 1, 1]


def test_velocity_is_counted_by_email_phone_and_address(world: World):
    rule(world, "EMAIL", applies_when={"velocity": {"per": "EMAIL", "hours": 24, "orders_at_least": 2}})
    rule(world, "PHONE", applies_when={"velocity": {"per": "PHONE", "hours": 24, "orders_at_least": 3}})
    place = {"per": "ADDRESS", "hours": 24, "total_at_least": usd(10_000_000)}
    rule(world, "ADDRESS", applies_when={"velocity": place}, active=False)

    first = order_of(world, customer={"name": "Ada", "email": "ada@example.com", "phone": "+1 312 555 0100"})
    second = order_of(world, customer={"name": "A", "email": " ADA@example.com ", "phone": "1-312-555-0100"})
    world.pass_time(3600)
    third = order_of(world, customer={"name": "B", "email": "bob@example.com", "phone": "+13125550100"})
    world.pass_time(24 * 3600)
    fourth = order_of(world, customer={"name": "Ada", "email": "ada@example.com"})

    assert [held_by(one) for one in (first, second, third, fourth)] == [[], ["EMAIL"], ["PHONE"], []]
    rows = counted(world, "V#")
    assert len(rows) == 4 + 3 + 4  # e-mail, phone, and the address: its type is not active yet
    assert all(row["ttl"] and "ada" not in str(row) and "312" not in row["pk"] for row in rows)


def test_one_person_is_counted_as_one_however_they_spell_themselves(world: World):
    for per in ("CUSTOMER", "EMAIL", "PHONE", "ADDRESS"):
        rule(world, per, applies_when={"velocity": {"per": per, "hours": 24, "orders_at_least": 2}})
    there = {name: value for name, value in a_body()["ship_to"].items() if name not in ("latitude", "longitude")}
    one = {"name": "Ada", "email": "ada@gmail.com", "phone": "+1 312 555 0100"}
    other = {"name": "A. D.", "email": "a.d.a+2@googlemail.com", "phone": "(312) 555-0100"}

    first = order_of(world, customer=one, ship_to={**there, "line1": "7 Elm Street", "line2": "Apt 4"})
    again = order_of(world, customer=other, ship_to={**there, "line1": "7 ELM ST. #4"})

    assert held_by(first) == []
    assert sorted(held_by(again)) == ["ADDRESS", "CUSTOMER", "EMAIL", "PHONE"]


def test_the_last_hour_is_counted_of_a_customer_with_many_orders(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(velocity, "_MOST", 3)  # rows that are read of one kind
    rule(world, "HOUR", applies_when={"velocity": {"per": "EMAIL", "hours": 1, "orders_at_least": 2}})
    rule(world, "DAY", applies_when={"velocity": {"per": "EMAIL", "hours": 24, "orders_at_least": 100}})
    customer = {"name": "Ada", "email": "ada@example.com"}
    for _ in range(4):
        order_of(world, customer=customer)
        world.pass_time(3700)

    assert held_by(order_of(world, customer=customer)) == []
    world.pass_time(60)
    assert held_by(order_of(world, customer=customer)) == ["HOUR"]


def test_each_address_of_an_order_counts_and_so_does_that_of_a_line(world: World):
    rule(world, "ADDRESS", applies_when={"velocity": {"per": "ADDRESS", "hours": 24, "orders_at_least": 2}})
    home = a_body()["ship_to"]
    there = {name: value for name, value in home.items() if name not in ("latitude", "longitude")}
    elm, oak, fir = ({**there, "line1": f"{tree} St"} for tree in ("Elm", "Oak", "Fir"))

    def line(to: Any) -> Any:
        return {"sku": "TEA-001", "quantity": 1, "ship_to": to}

    first = world.placed(line(elm), line(oak), line(elm))
    orders = [world.placed(line(oak), ship_to=fir), world.placed(("TEA-001", 1), ship_to=elm)]
    orders.append(world.placed(line({**there, "line1": "Ash St"}), ship_to=None))

    assert [held_by(world.order(one)) for one in (first, *orders)] == [[], ["ADDRESS"], ["ADDRESS"], []]
    rows = counted(world, "V#ADDRESS#")
    assert Counter(row["sk"].rpartition("#")[2] for row in rows) == {first: 3, orders[0]: 2, orders[1]: 1, orders[2]: 1}


def test_an_address_of_one_line_differs_from_that_of_the_bill(world: World):
    rule(world, "ELSEWHERE", applies_when={"addresses_differ": True})
    rule(world, "SAME", applies_when={"addresses_differ": False})
    home = a_body()["ship_to"]
    away = {**home, "line1": "7 Elm St", "city": "New York", "region": "NY", "postal_code": "10001"}
    away = {name: value for name, value in away.items() if name not in ("latitude", "longitude")}

    same = world.placed(("TEA-001", 1), bill_to=home)
    lines = [{"sku": "TEA-001", "quantity": 1}, {"sku": "TEA-001", "quantity": 1, "ship_to": away}]
    other = world.placed(*lines, bill_to=home)
    only = world.placed(lines[1], bill_to=home, ship_to=None)

    assert [held_by(world.order(one)) for one in (same, other, only)] == [["SAME"], ["ELSEWHERE"], ["ELSEWHERE"]]


def test_a_score_is_stored_with_every_contribution(world: World):
    rules = [
        {"id": "new", "points": 40, "when": {"first_order": True}},
        {"id": "dear", "points": 40, "when": {"total_at_least": usd(1)}},
        {"id": "abroad", "points": 90, "when": {"countries": ["CA"]}},
    ]
    rule(world, "RISK", score={"at_least": 80, "rules": rules})

    order = order_of(world, customer={"id": "c-1", "name": "Ada"})
    again = order_of(world, customer={"id": "c-1", "name": "Ada"})

    assert order["holds"][0]["score"] == 80
    assert order["holds"][0]["contributions"] == [{"rule": "new", "points": 40}, {"rule": "dear", "points": 40}]
    assert again["holds"] == []


def test_a_hold_that_expires_cancels_or_asks_as_its_type_says(world: World):
    rule(world, "PATIENCE", applies_when={"skus": ["TEA-001"]}, expires_minutes=30, on_expiry="CANCEL")
    rule(world, "ASKING", applies_when={"skus": ["POT-001"]}, expires_minutes=30, on_expiry="ASK")
    world.stocked("TEA-001", dc_1=5)
    world.stocked("POT-001", dc_1=5)
    ends, asks = world.placed(("TEA-001", 1)), world.placed(("POT-001", 1))
    world.settle()

    world.pass_time(31 * 60)
    world.sweep()

    assert world.order(ends)["status"] == "CANCELLED"
    asked = world.order(asks)
    assert (asked["status"], asked["holds"][0]["active"]) == ("CREATED", True)
    assert asked["holds"][0]["expired_at"] is not None
    assert world.waiting(asks) == ["holds"]
    world.sweep()
    assert world.order(asks)["version"] == asked["version"]
    assert broken(world.tables()) == []


@pytest.mark.parametrize("level", ["order", "line"])
def test_stock_that_came_while_an_order_was_held_is_used_when_its_hold_is_resolved(world: World, level: str) -> None:
    world.hold_type("LOOK", queue="holds", level=level, blocks=["release"], applies_when=None)
    order_id = world.placed(("TEA-001", 1))
    world.settle()
    lines = {"lines": ["1"]} if level == "line" else {}
    assert world.change(order_id, "holds", {"type": "LOOK", "reason": "look", **lines}).status == 200
    world.settle()
    world.stocked("TEA-001", dc_1=1)
    world.settle()
    assert world.order(order_id)["quantities"] == {"BACKORDERED": 1}

    (hold,) = world.order(order_id)["holds"]
    assert world.change(order_id, f"holds/{hold['hold_id']}/resolve", {"resolution": "ok"}).status == 200
    world.settle()

    assert world.order(order_id)["quantities"] == {"RELEASED": 1}
    assert broken(world.tables()) == []
