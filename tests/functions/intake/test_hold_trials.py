"""Try the rule of a hold type on stored orders, and refuse rules that cannot be."""

from typing import Any

import pytest

from tests.functions.world import World, usd

HOLD_TYPE = {"blocks": ["schedule"], "reason": "odd", "queue": "holds"}


def put(world: World, **changes: Any) -> Any:
    return world.call("PUT", "/v1/hold-types/RISK", {**HOLD_TYPE, **changes}, who="office")


def tried(world: World, name: str = "RISK", who: str = "office", **body: Any) -> Any:
    return world.call("POST", f"/v1/hold-types/{name}/dry-run", {"channel": "web", **body}, who=who, key=None)


def test_a_rule_is_tried_on_the_last_orders_before_it_is_active(world: World):
    velocity = {"per": "EMAIL", "hours": 24, "orders_at_least": 2}
    rules = [
        {"id": "fast", "points": 60, "when": {"velocity": velocity}},
        {"id": "many", "points": 40, "when": {"units_at_least": 5}},
    ]
    assert put(world, active=False, score={"at_least": 50, "rules": rules}).status == 201
    small = world.placed(("TEA-001", 1))
    world.pass_time(60)
    large = world.placed(("TEA-001", 5))
    world.pass_time(60)
    other = world.placed(("TEA-001", 5), customer={"name": "Bob", "email": "bob@example.org"})
    assert [world.order(one)["holds"] for one in (small, large, other)] == [[], [], []]

    answer = tried(world, last=10)

    assert answer.status == 200
    assert {**answer.body, "would_hold": None} == {
        "type": "RISK", "tried": 3, "without_time": 0, "held_now": 0, "would_hold": None,
    }  # fmt: skip
    assert answer.body["would_hold"] == [
        {
            "order_id": large,
            "line_ids": [],
            "score": 100,
            "contributions": [{"rule": "fast", "points": 60}, {"rule": "many", "points": 40}],
        }
    ]
    assert [row["order_id"] for row in tried(world, last=1).body["would_hold"]] == []
    assert world.order(large)["version"] == 1


def test_the_newest_orders_of_more_than_one_day_are_tried(world: World):
    assert put(world, level="line", applies_when={"skus": ["POT-001"]}, active=False).status == 201
    first = world.placed(("TEA-001", 1), ("POT-001", 1))
    world.pass_time(3 * 24 * 3600)
    second = world.placed(("POT-001", 1))

    rows = tried(world).body["would_hold"]

    assert [(row["order_id"], row["line_ids"]) for row in rows] == [(second, ["1"]), (first, ["2"])]
    world.pass_time(31 * 24 * 3600)
    assert tried(world).body["tried"] == 0


def test_a_customers_first_order_stays_the_first_one_in_a_trial(world: World):
    assert put(world, applies_when={"first_order": True}, active=False).status == 201
    first = world.placed(("TEA-001", 1), customer={"id": "c-1", "name": "Ada"})
    world.pass_time(1)
    world.placed(("TEA-001", 1), customer={"id": "c-1", "name": "Ada"})

    assert [row["order_id"] for row in tried(world).body["would_hold"]] == [first]


def test_an_order_that_sends_lost_units_again_is_not_tried_because_no_rule_holds_it(world: World):
    assert put(world, applies_when={}, active=False).status == 201
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 1))
    world.settle()
    world.steps(order_id, "ship")
    assert world.step(order_id, "lose", body={"reason": "CARRIER_LOST"}).status == 200
    (item,) = world.call("GET", "/v1/queues/lost", who="office").body["items"]
    path = f"/v1/queues/lost/items/{item['item_id']}/resolve"
    assert world.call("POST", path, {"answer": "resend"}, who="office").status == 200

    answer = tried(world).body

    assert (answer["tried"], [row["order_id"] for row in answer["would_hold"]]) == (1, [order_id])


@pytest.mark.parametrize(
    ("name", "body", "status", "errors"),
    [
        ("NOPE", {}, 404, []),
        ("RISK", {"channel": "moon"}, 422, [("/channel", "unknown-channel")]),
        ("RISK", {"last": 501}, 422, [("/last", "less-than-equal")]),
        ("RISK", {"last": 0}, 422, [("/last", "greater-than-equal")]),
        ("PLAIN", {}, 422, [("/", "no-rule")]),
    ],
)
def test_what_cannot_be_tried_is_refused(world: World, name: str, body: Any, status: int, errors: Any):
    assert put(world, applies_when={}).status == 201
    assert world.call("PUT", "/v1/hold-types/PLAIN", HOLD_TYPE, who="office").status == 201

    answer = tried(world, name, **body)

    assert (answer.status, answer.errors) == (status, errors)


def test_only_the_office_tries_rules(world: World):
    assert put(world, applies_when={}).status == 201

    assert tried(world, who="shop").status == 403


_RULE = {"id": "a", "points": 9, "when": {}}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"applies_when": {}, "score": {"at_least": 5, "rules": [_RULE]}}, "/score"),
        ({"level": "line", "score": {"at_least": 5, "rules": [_RULE]}}, "/level"),
        ({"score": {"at_least": 10, "rules": [_RULE]}}, "/score/at_least"),
        ({"score": {"at_least": 5, "rules": [_RULE, _RULE]}}, "/score/rules"),
        ({"score": {"at_least": 5, "rules": [{**_RULE, "when": {"channels": ["moon"]}}]}}, "/score/rules/0/when/channels/0"),
        ({"score": {"at_least": 5, "rules": []}}, "/score/rules"),
        ({"applies_when": {"velocity": {"per": "EMAIL", "hours": 24}}}, "/applies_when/velocity/orders_at_least"),
        ({"applies_when": {"velocity": {"per": "EMAIL", "hours": 24, "orders_at_least": 1}}}, "/applies_when/velocity/orders_at_least"),
        ({"applies_when": {"velocity": {"per": "IP", "hours": 24, "orders_at_least": 2}}}, "/applies_when/velocity/per"),
        ({"applies_when": {"velocity": {"per": "EMAIL", "hours": 2161, "orders_at_least": 2}}}, "/applies_when/velocity/hours"),
        ({"applies_when": {"countries": ["ZZ"]}}, "/applies_when/countries/0"),
        ({"applies_when": {"countries": ["US", "US"]}}, "/applies_when/countries"),
        ({"applies_when": {"skus": [" "]}}, "/applies_when/skus/0"),
        ({"applies_when": {"precisions": ["STREET"]}}, "/applies_when/precisions/0"),
        ({"applies_when": {"total_at_least": {"amount": -1, "currency": "USD"}}}, "/applies_when/total_at_least/amount"),
        ({"blocks": ["schedule", "deliver"]}, "/blocks/1"),
        ({"blocks": ["lose"]}, "/blocks/0"),
        ({"expires_hours": 1, "expires_minutes": 60}, "/expires_minutes"),
        ({"expires_minutes": 4}, "/expires_minutes"),
        ({"on_expiry": "CANCEL"}, "/on_expiry"),
        ({"resolved_by": "schedule", "expires_minutes": 60, "on_expiry": "ASK"}, "/on_expiry"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused_by_name(world: World, changes: Any, pointer: str):
    answer = put(world, **changes)

    assert answer.status == 422
    assert [at for at, _ in answer.errors] == [pointer]
    assert world.call("GET", "/v1/hold-types/RISK", who="office").status == 404


def test_an_amount_in_another_currency_holds_nothing(world: World):
    assert put(world, applies_when={"total_at_least": {"amount": 1, "currency": "EUR"}}).status == 201

    assert world.order(world.placed(("TEA-001", 9), who="shop"))["holds"] == []
    assert put(world, applies_when={"total_at_least": usd(1)}).status == 200
