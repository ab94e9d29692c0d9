"""Test a rule's limit of waiting: on the day, waiting units are cancelled and their money is given back."""

from comanda.aws.directory import directory, packs
from tests.functions.world import World
from tests.invariants import broken

DAYS = 3


def patient(world: World) -> None:
    """Let all orders wait three days for stock."""
    rest = {"then": "backorder", "cancel_after_days": DAYS}
    doc = {"name": "Three days", "rules": [{"name": "any", "optimise": {}, "rest": rest}]}
    assert world.call("PUT", "/v1/rule-sets/usual", doc, who="office").status == 201
    assert world.call("POST", "/v1/rule-sets/usual/activate", {"version": 1}, who="office").status == 200
    packs.rebuild((), directory.RULE_SET)
    directory.forget()


def facts(world: World, order_id: str) -> list[str]:
    return [row["type"] for row in world.order_items(order_id, "E#")]


def test_units_without_stock_after_three_days_are_cancelled_and_the_rest_is_sent(world: World):
    patient(world)
    world.stocked("TEA-001", dc_1=1)
    order_id = world.placed(("TEA-001", 3))
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    assert world.order(order_id)["lines"][0]["cancel_on"] == "2026-11-22"

    world.pass_time(60 * 3600)  # midnight of the day
    world.sweep()

    order = world.order(order_id)
    assert order["quantities"] == {"SHIPPED": 1, "CANCELLED": 2}
    (fact,) = (
        e
        for e in world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
        if e["type"] == "cancelled"
    )
    assert (fact["actor"], fact["data"]["reason"]) == ("sweep", "no-stock-in-time")
    assert fact["at"] == "2026-11-22T00:00:00.000Z"
    (tender,) = order["payments"]
    assert (tender["captured"]["amount"], tender["released"]["amount"]) == (1000, 2000)
    tags = [{tag["Name"]: tag["Value"] for tag in mail["EmailTags"]} for mail in world.hops.sent]
    assert sum("cancelled" in str(tag) for tag in tags) == 1
    assert facts(world, order_id)[-1] == "completed"
    assert broken(world.tables()) == []


def test_stock_that_comes_on_the_last_day_wins(world: World):
    patient(world)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    world.pass_time(59 * 3600)

    world.stocked("TEA-001", dc_1=5)
    world.settle()
    world.pass_time(2 * 3600)
    world.sweep()

    order = world.order(order_id)
    assert order["quantities"] == {"RELEASED": 2}
    assert order["lines"][0]["cancel_on"] is None
    assert broken(world.tables()) == []
