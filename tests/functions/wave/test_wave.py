"""Test waves: orders wait at their nodes for the hour, are planned together, moved where it pays, and released."""

from types import SimpleNamespace
from typing import Any

import pytest

from comanda.aws.directory import directory, packs
from comanda.aws.orders import orders
from comanda.aws.routing.solver import Unsolved
from functions.wave import handler as wave
from functions.wave import wave_run
from tests.functions.outages.test_outages import close
from tests.functions.world import CHICAGO, Reply, World, a_set
from tests.invariants import broken
from tests.storms.crash_journeys import Journey, crashed_everywhere

TEA = "TEA-001"


def waves(world: World, **costs: int) -> None:
    """Let all orders wait for the next wave. The two centres are half a day apart by road."""
    doc = {"name": "Waves", "rules": [{"name": "any", "optimise": {}, "release": "wave"}]}
    assert world.call("PUT", "/v1/rule-sets/usual", doc, who="office").status == 201
    assert world.call("POST", "/v1/rule-sets/usual/activate", {"version": 1}, who="office").status == 200
    world.entry(directory.ROUTING_COSTS, directory.THE_POLICY, {"per_km_micros": 10_000, **costs})
    packs.rebuild((), directory.RULE_SET)
    directory.forget()


def to(latitude: float, longitude: float) -> dict[str, Any]:
    return {
        "name": "Ada Byron",
        "line1": "12 Main St",
        "city": "Somewhere",
        "region": "IL",
        "postal_code": "60601",
        "country": "US",
        "latitude": latitude,
        "longitude": longitude,
    }


BETWEEN = to(41.0, -81.7)  # 500 km to Chicago, 650 to New York
AT_HOME = to(*CHICAGO)


def placed(world: World, where: dict[str, Any], quantity: int = 1) -> str:
    order_id = world.placed((TEA, quantity), ship_to=where)
    world.settle()
    return order_id


def rivals(world: World) -> tuple[str, str]:
    """Place an order that New York could serve as well, with the last unit of Chicago; and one from Chicago, with a
    unit of New York."""
    world.stocked(TEA, dc_1=1, dc_2=2)
    return placed(world, BETWEEN), placed(world, AT_HOME)


def leaves(world: World, millis: int = 900_000) -> dict[str, int]:
    directory.forget()
    done: dict[str, int] = wave.handler({}, SimpleNamespace(get_remaining_time_in_millis=lambda: millis))
    return done


def sent_from(world: World, order_id: str) -> list[str]:
    return [one["node_id"] for one in world.order(order_id)["fulfillments"]]


def at(world: World, order_id: str) -> list[tuple[str, str]]:
    return [(a["status"], a["node_id"]) for a in world.order(order_id)["lines"][0]["allocations"]]


def facts(world: World, order_id: str) -> list[str]:
    return [row["type"] for row in world.order_items(order_id, "E#")]


def test_units_of_such_a_rule_wait_at_their_node_for_the_wave_and_then_are_released(world: World):
    waves(world)
    world.stocked(TEA, dc_1=5)
    order_id = placed(world, AT_HOME)
    assert (at(world, order_id), world.waiting(order_id)) == ([("SCHEDULED", "dc-1")], ["wave"])

    done = leaves(world)
    world.settle()

    assert done == {"orders": 1, "moved": 0, "released": 1, "saved_micros": 0, "unsolved": 0}
    assert (at(world, order_id), world.waiting(order_id)) == ([("RELEASED", "dc-1")], [])
    assert broken(world.tables()) == []


def test_one_order_gives_way_so_that_two_orders_cost_less_together(world: World):
    waves(world)
    between, at_home = rivals(world)
    assert (at(world, between), at(world, at_home)) == ([("SCHEDULED", "dc-1")], [("SCHEDULED", "dc-2")])

    done = leaves(world)
    world.settle()

    assert (done["moved"], done["released"]) == (2, 2)
    assert (sent_from(world, between), sent_from(world, at_home)) == (["dc-2"], ["dc-1"])
    (fact,) = (
        e
        for e in world.call("GET", f"/v1/orders/{at_home}/events", who="office").body["items"]
        if e["type"] == "rerouted"
    )
    assert [(row["node"], row["quantity"]) for row in (*fact["data"]["from"], *fact["data"]["to"])] == [
        ("dc-2", 1),
        ("dc-1", 1),
    ]
    assert fact["data"]["saved_micros"] > done["saved_micros"] > 0
    assert broken(world.tables()) == []


def test_sets_of_a_bundle_are_moved_whole_so_that_two_orders_cost_less_together(world: World):
    waves(world)
    world.stocked("POT-001", dc_1=1, dc_2=2)
    world.stocked("CUP-001", dc_1=2, dc_2=4)
    between = world.placed(*a_set(1), ship_to=BETWEEN)
    world.settle()
    at_home = world.placed(*a_set(1), ship_to=AT_HOME)
    world.settle()
    waits = world.order(between)["lines"][0]["sets"]

    done = leaves(world)
    world.settle()

    assert waits == {"SCHEDULED": 1}
    assert done["orders"] == 2
    for order_id in (between, at_home):
        (work,) = world.order(order_id)["fulfillments"]
        assert [line["quantities"] for line in work["lines"]] == [{"RELEASED": 1}, {"RELEASED": 2}]
    assert (sent_from(world, between), sent_from(world, at_home)) == (["dc-2"], ["dc-1"])
    assert broken(world.tables()) == []


def test_no_order_is_moved_for_less_than_the_planners_minimum(world: World):
    waves(world, wave_least_micros=50_000_000)
    between, at_home = rivals(world)

    done = leaves(world)
    world.settle()

    assert (done["moved"], done["released"]) == (0, 2)
    assert (sent_from(world, between), sent_from(world, at_home)) == (["dc-1"], ["dc-2"])


def test_a_wave_that_leaves_twice_leaves_once(world: World):
    waves(world)
    rivals(world)
    leaves(world)
    before = world.tables()

    assert leaves(world)["released"] == 0
    assert world.tables() == before


def test_orders_whose_proposals_take_too_long_are_released_at_their_nodes(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    waves(world)
    rivals(world)
    monkeypatch.setattr(wave_run, "_PROPOSE_SECONDS", -1.0)

    done = leaves(world)

    assert (done["unsolved"], done["moved"], done["released"]) == (2, 0, 2)


def test_a_wave_without_an_answer_still_releases_every_order(world: World, monkeypatch: pytest.MonkeyPatch):
    waves(world)
    between, at_home = rivals(world)

    def no_answer(*_: object, **__: object) -> None:
        raise Unsolved("time")

    monkeypatch.setattr(wave_run, "solve", no_answer)
    done = leaves(world)
    world.settle()

    assert (done["unsolved"], done["released"]) == (2, 2)
    assert (sent_from(world, between), sent_from(world, at_home)) == (["dc-1"], ["dc-2"])


def test_without_time_for_moves_every_order_is_released_at_its_node(world: World):
    waves(world)
    rivals(world)

    assert (done := leaves(world, millis=1_000))["moved"] == 0
    assert done["released"] == 2


def test_units_that_no_wave_released_are_released_by_the_sweeper_half_an_hour_later(world: World):
    waves(world)
    world.stocked(TEA, dc_1=5)
    order_id = placed(world, AT_HOME)

    world.pass_time(80 * 60)  # the wave of 13:00 did not come; it is 13:20
    world.sweep()
    assert at(world, order_id) == [("SCHEDULED", "dc-1")]
    world.pass_time(15 * 60)
    world.sweep()

    assert at(world, order_id) == [("RELEASED", "dc-1")]
    assert facts(world, order_id).count("wave_released") == 1
    assert broken(world.tables()) == []


def test_an_order_cancelled_before_the_wave_gives_its_units_back(world: World):
    waves(world)
    between, at_home = rivals(world)
    assert world.change(between, "cancel", {"reason": "changed my mind"}).status == 200
    world.settle()

    leaves(world)
    world.settle()

    assert (world.order(between)["status"], sent_from(world, at_home)) == ("CANCELLED", ["dc-1"])
    assert broken(world.tables()) == []


def test_a_held_order_is_not_moved_and_goes_when_its_hold_ends(world: World):
    waves(world)
    world.hold_type(blocks=["release"])
    between, at_home = rivals(world)
    held = world.change(between, "holds", {"type": "SALES_REVIEW", "reason": "odd"}, who="sales")
    assert held.status in (200, 201)

    leaves(world)
    world.settle()

    assert (at(world, between), sent_from(world, at_home)) == ([("SCHEDULED", "dc-1")], ["dc-2"])
    hold = world.order(between)["holds"][0]["hold_id"]
    assert world.change(between, f"holds/{hold}/resolve", {"resolution": "fine"}, who="sales").status == 200
    world.settle()
    assert at(world, between) == [("RELEASED", "dc-1")]
    assert broken(world.tables()) == []


def test_an_order_that_waits_at_a_node_that_closes_is_moved_to_another(world: World):
    waves(world)
    world.stocked(TEA, dc_1=1, dc_2=1)
    order_id = placed(world, AT_HOME)
    assert world.call("POST", "/v1/nodes/dc-1/closures", {"reason": "flood"}, who="office").status in (200, 201)
    world.settle()

    leaves(world)
    world.settle()

    assert sent_from(world, order_id) == ["dc-2"]
    assert broken(world.tables()) == []


def test_an_order_stays_when_its_new_units_are_taken_in_between(world: World, monkeypatch: pytest.MonkeyPatch):
    waves(world)
    world.stocked(TEA, dc_2=1)
    order_id = placed(world, AT_HOME)
    world.stocked(TEA, dc_1=1)
    find = wave_run._moves

    def and_then_it_is_gone(*given: Any) -> Any:
        found = list(find(*given))
        world.stocked(TEA, dc_1=-1)
        return found

    monkeypatch.setattr(wave_run, "_moves", and_then_it_is_gone)
    done = leaves(world)
    world.settle()

    assert (done["moved"], done["released"], sent_from(world, order_id)) == (0, 1, ["dc-2"])
    assert orders.load(order_id).line("1").quantity == 1
    assert broken(world.tables()) == []


def test_no_order_is_moved_to_a_unit_that_its_node_has_lost(world: World):
    waves(world)
    between, at_home = rivals(world)
    world.stocked(TEA, dc_1=-1)

    done = leaves(world)
    world.settle()

    assert (done["moved"], sent_from(world, between), sent_from(world, at_home)) == (0, ["dc-1"], ["dc-2"])
    assert broken(world.tables()) == []


def test_a_wave_that_ends_at_any_call_loses_nothing_and_moves_no_order_twice(world: World):
    def before(world: World) -> str:
        waves(world)
        return rivals(world)[1]

    def act(world: World, order_id: str) -> Reply:
        world.hops.begin("wave")
        leaves(world)
        return world.call("GET", f"/v1/orders/{order_id}")

    calls, points = crashed_everywhere(world, Journey(before, act, "RELEASED", room="wave"))

    assert (calls > 10, len(points) > 2) == (True, True)
    assert [point for point in points if point[1]] == []


def test_an_order_without_proposals_does_not_stop_the_others(world: World, monkeypatch: pytest.MonkeyPatch):
    waves(world)
    world.stocked(TEA, dc_1=9, dc_2=9)
    ids = [placed(world, BETWEEN) for _ in range(3)]
    monkeypatch.setattr(wave, "_PAGE", 1)
    real = wave_run._proposals

    def poisoned(found: Any, now: Any) -> Any:
        if found[0].order_id == ids[0]:
            raise KeyError("node")
        return real(found, now)

    monkeypatch.setattr(wave_run, "_proposals", poisoned)

    with pytest.raises(KeyError):
        leaves(world)
    world.settle()

    assert [world.order(order_id)["status"] for order_id in ids] == ["RELEASED"] * 3


def test_an_order_that_had_to_leave_a_closed_node_counts_no_saving(world: World):
    waves(world)
    world.stocked(TEA, dc_1=9, dc_2=9)
    order_id = placed(world, BETWEEN)
    close(world)
    world.settle()

    done = leaves(world)
    world.settle()

    assert (done["moved"], done["saved_micros"]) == (1, 0)
    assert sent_from(world, order_id) == ["dc-2"]
    (fact,) = (row for row in world.order_items(order_id, "E#") if row["type"] == "rerouted")
    assert '"saved_micros":0' in fact["data"]


def test_units_that_only_a_closed_node_has_are_routed_again_and_wait_for_stock(world: World):
    waves(world)
    world.stocked(TEA, dc_1=9)
    order_id = placed(world, BETWEEN)
    close(world)
    world.settle()

    leaves(world)
    world.settle()

    assert (sent_from(world, order_id), world.order(order_id)["status"]) == ([], "BACKORDERED")
    assert broken(world.tables()) == []


def test_a_wave_releases_an_order_to_two_addresses_with_a_fulfillment_for_each(world: World):
    waves(world)
    world.stocked(TEA, dc_1=5)
    line = {"sku": TEA, "quantity": 1}
    order_id = world.placed(line, {**line, "ship_to": {**BETWEEN, "name": "Grace"}}, ship_to=AT_HOME)
    world.settle()
    assert at(world, order_id) == [("SCHEDULED", "dc-1")]

    leaves(world)
    world.settle()

    assert sorted(f["destination"] for f in world.order(order_id)["fulfillments"]) == [0, 1]
    assert broken(world.tables()) == []
