"""Test that backorders are served as soon as a node can: it is new, opens again, or its entry or its rules change."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.directory import directory, packs
from comanda.aws.orders import orders
from comanda.aws.orders.orders import Saving
from tests.functions.replenish.test_replenish import TEA, statuses
from tests.functions.world import ALWAYS, DENVER, World, at_counter
from tests.invariants import broken

NODE: dict[str, Any] = {
    "type": "WAREHOUSE",
    "name": "DC 9",
    "country": "US",
    "latitude": DENVER[0],
    "longitude": DENVER[1],
    "calendar": "always",
    "ship": True,
    "pickup": False,
    "accept_minutes": 60,
    "ship_minutes": 600,
}


def put(world: World, path: str, doc: dict[str, Any]) -> None:
    reply = world.call("PUT", f"/v1/{path}", doc, who="office")
    assert reply.status in (200, 201), reply.body


def as_another_process(world: World) -> Callable[[], None]:
    """Return a function that restores the kept values of now, as another process has them for up to a minute."""
    directory.nodes()
    kept, packs = dict(directory._kept), dict(directory._unpacked)

    def go_back() -> None:
        directory.forget()
        directory._kept.update(kept)
        directory._unpacked.update(packs)

    return go_back


def test_a_new_node_serves_the_backorders_of_its_skus(world: World):
    world.stocked(TEA, dc_9=4)
    order_id = world.placed((TEA, 3))
    world.settle()
    assert statuses(world, order_id) == {"BACKORDERED": 3}

    put(world, "nodes/dc-9", NODE)
    world.settle()

    assert statuses(world, order_id) == {"RELEASED": 3}
    assert broken(world.tables()) == []


def test_an_order_that_was_routed_before_routers_knew_a_new_node_is_served_by_it(world: World):
    world.stocked(TEA, dc_9=4)
    a_router_of_before = as_another_process(world)
    put(world, "nodes/dc-9", NODE)
    world.settle()  # no order waits yet

    a_router_of_before()
    order_id = world.placed((TEA, 3))
    world.settle()

    assert statuses(world, order_id) == {"RELEASED": 3}
    assert "backordered" not in [row["type"] for row in world.order_items(order_id, "E#")]
    assert broken(world.tables()) == []


def test_a_pickup_at_a_new_store_that_routers_do_not_know_yet_asks_no_person(world: World):
    world.stocked(TEA, store_9=2)
    a_router_of_before = as_another_process(world)
    put(world, "nodes/store-9", {**NODE, "type": "STORE", "ship": False, "pickup": True})
    world.settle()

    a_router_of_before()
    order_id = world.placed(at_counter(TEA, 1, "store-9"))
    world.settle()

    assert statuses(world, order_id) == {"RELEASED": 1}
    assert world.waiting(order_id) == []


def test_an_order_that_is_written_while_a_node_is_put_is_served_by_it(world: World, monkeypatch: pytest.MonkeyPatch):
    """The search for backorders may have read the queue before this order was in it."""
    world.stocked(TEA, dc_9=4)
    save = orders.save

    def beside(before: Any, saving: Any) -> Any:
        if isinstance(saving, Saving) and saving.decision.event.type == "backordered":
            monkeypatch.setattr(orders, "save", save)
            put(world, "nodes/dc-9", NODE)
            world.hops.reroute()
        return save(before, saving)

    monkeypatch.setattr(orders, "save", beside)
    order_id = world.placed((TEA, 3))
    world.settle()

    assert statuses(world, order_id) == {"RELEASED": 3}
    assert "backordered" in [row["type"] for row in world.order_items(order_id, "E#")]
    assert broken(world.tables()) == []


def test_stock_that_reaches_a_new_node_before_routers_know_it_serves_backorders(world: World):
    order_id = world.placed((TEA, 3))
    world.settle()
    one_of_before = as_another_process(world)
    put(world, "nodes/dc-9", NODE)
    world.settle()

    one_of_before()
    world.stocked(TEA, dc_9=3)
    world.settle()

    assert statuses(world, order_id) == {"RELEASED": 3}


def without_shipping(world: World) -> None:
    world.node("dc-9", DENVER, ship=False)


def without_hours(world: World) -> None:
    world.entry(directory.CALENDAR, "never", {**ALWAYS, "hours": []})
    world.node("dc-9", DENVER, calendar="never")


def without_a_skill(world: World) -> None:
    world.node("dc-9", DENVER)
    world.entry(directory.PRODUCT, TEA, {"title": "Tea", "weight_g": 100, "class": "goods", "requires": ["cold"]})


def in_another_country(world: World) -> None:
    world.node("dc-9", DENVER, country="CA")


@pytest.mark.parametrize(
    ("before", "path", "doc"),
    [
        (without_shipping, "nodes/dc-9", NODE),
        (in_another_country, "nodes/dc-9", NODE),
        (without_hours, "calendars/never", ALWAYS),
        (without_a_skill, "nodes/dc-9", {**NODE, "tags": ["cold"]}),
        (without_a_skill, f"products/{TEA}", {"title": "Tea", "weight_g": 100, "class": "goods"}),
    ],
    ids=["it ships", "its country", "its calendar", "its skills", "what the product requires"],
)
def test_a_node_that_can_serve_after_a_change_of_its_entry_serves_backorders(
    world: World, before: Callable[[World], None], path: str, doc: dict[str, Any]
):
    before(world)
    packs.rebuild()
    directory.forget()
    world.stocked(TEA, dc_9=3)
    order_id = world.placed((TEA, 3))
    world.settle()
    assert statuses(world, order_id) == {"BACKORDERED": 3}

    put(world, path, doc)
    world.settle()

    assert statuses(world, order_id) == {"RELEASED": 3}
    assert broken(world.tables()) == []


def test_a_node_whose_daily_capacity_is_raised_serves_backorders(world: World):
    put(world, "nodes/dc-9", {**NODE, "units_per_day": 1})
    world.stocked(TEA, dc_9=90)
    world.settle()
    order_id = world.placed((TEA, 90))
    world.settle()
    assert "BACKORDERED" in statuses(world, order_id)

    put(world, "nodes/dc-9", {**NODE, "units_per_day": 90})
    world.settle()

    assert statuses(world, order_id) == {"RELEASED": 90}
    assert broken(world.tables()) == []


def test_days_whose_limit_is_lifted_serve_backorders(world: World):
    put(world, "nodes/dc-9", {**NODE, "units_per_day": 1})
    world.stocked(TEA, dc_9=90)
    world.settle()
    order_id = world.placed((TEA, 90))
    world.settle()
    waits = statuses(world, order_id)["BACKORDERED"]

    day = world.now.date().isoformat()
    said = world.call("PUT", f"/v1/nodes/dc-9/capacity/{day}", {"units": 91}, who="office")
    assert said.status == 200, said.body
    world.settle()

    assert "BACKORDERED" not in statuses(world, order_id)
    assert waits
    assert broken(world.tables()) == []


def test_a_lower_safety_stock_serves_backorders(world: World):
    policy = {"safety": {"default": {"units": 5}}}
    put(world, "stock-policies/default", policy)
    put(world, "nodes/dc-9", NODE)
    world.stocked(TEA, dc_9=5)
    world.settle()
    order_id = world.placed((TEA, 3))
    world.settle()
    assert statuses(world, order_id) == {"BACKORDERED": 3}

    put(world, "stock-policies/default", {})
    world.settle()

    assert statuses(world, order_id) == {"RELEASED": 3}
    assert broken(world.tables()) == []


@pytest.mark.parametrize("later", [False, True], ids=["at once", "when it begins"])
def test_a_rule_set_that_admits_a_node_serves_backorders(world: World, later: bool):
    put(world, "nodes/dc-9", NODE)
    world.stocked(TEA, dc_9=5)
    rules = {"name": "usual", "rules": [{"name": "stores", "nodes": {"types": ["STORE"]}, "rank": ["distance"]}]}
    put(world, "rule-sets/usual", rules)
    activate(world, version=1)
    world.settle()
    order_id = world.placed((TEA, 3))
    world.settle()
    assert statuses(world, order_id) == {"BACKORDERED": 3}

    put(world, "rule-sets/usual", {"name": "usual", "rules": [{"name": "all", "rank": ["distance"]}]})
    begins = world.now + timedelta(hours=1)
    activate(world, version=2, **({"starts": begins.isoformat()} if later else {}))
    world.settle()
    if later:
        assert statuses(world, order_id) == {"BACKORDERED": 3}
        world.pass_time(3600 + 60)
        world.sweep()

    assert statuses(world, order_id) == {"RELEASED": 3}
    assert broken(world.tables()) == []


def activate(world: World, **body: Any) -> None:
    reply = world.call("POST", "/v1/rule-sets/usual/activate", body, who="office")
    assert reply.status == 200, reply.body
