"""Test the room price: four weeks of demand against the stock, and the prices that it publishes."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from comanda.aws.directory import directory, outages, packs
from comanda.aws.routing import regional_demand
from comanda.aws.runtime.clients import client
from comanda.aws.stock import position_reads, shadow_prices, stock_changes
from comanda.domain.network_optimization.price_program import PIECES_A_SHIPMENT
from comanda.domain.routing.costs import Costs
from comanda.domain.stock import movements
from comanda.domain.stock.stock import PURCHASE_ORDER, Supply
from functions.price import handler as price
from tests.functions.world import CHICAGO, START, World, at_counter

NIGHT = START + timedelta(days=1, hours=-10)  # two in the morning
CLOSED = {"closure_id": "1", "from": START.isoformat(), "until": None, "reason": "flood", "by": "office"}


@pytest.fixture(autouse=True)
def only_thursdays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count only the weekday of these orders. The other weekdays would find nothing, slowly."""
    every = regional_demand.forecast_days
    monkeypatch.setattr(
        regional_demand,
        "forecast_days",
        lambda today: [day for day in every(today) if day.weekday() == START.weekday()],
    )


def the_night(world: World, millis: int = 900_000) -> dict[str, int]:
    directory.forget()
    done: dict[str, int] = price.handler({}, SimpleNamespace(get_remaining_time_in_millis=lambda: millis))
    return done


def four_weeks_of(world: World, *lines: Any, weeks: int = 4) -> None:
    """Place the same order on the same weekday of four weeks, and route none."""
    for week in range(weeks):
        world.now = START - timedelta(days=7 * week)
        world.placed(*lines)
    world.now = NIGHT


def priced(world: World) -> dict[tuple[str, str], int]:
    return dict(position_reads.load_with_prices(["TEA-001", "CUP-001"], world.now)[1])


def test_the_last_units_near_the_demand_cost_the_way_from_the_next_node(world: World) -> None:
    world.stocked("TEA-001", dc_1=2, dc_2=50)
    world.stocked("CUP-001", dc_1=50)
    four_weeks_of(world, ("TEA-001", 6), ("CUP-001", 2))

    done = the_night(world)

    ((place, micros),) = priced(world).items()
    assert place == ("TEA-001", "dc-1")
    assert 1_000 * 1_000 < micros * PIECES_A_SHIPMENT / (Costs().per_km / 1_000) < 1_250 * 1_000  # km to New York
    assert done == {"days": 4, "skus": 2, "contested": 1, "prices": 1, "written": 1, "unsolved": 0}


def test_a_second_run_of_the_same_night_writes_nothing_and_reads_no_order_again(world: World) -> None:
    world.stocked("TEA-001", dc_1=2, dc_2=50)
    four_weeks_of(world, ("TEA-001", 6))
    the_night(world)
    before = priced(world)
    read: list[str] = []
    client("dynamodb").meta.events.register(
        "before-call.dynamodb.BatchGetItem", lambda params, **_: read.append(str(params["body"]))
    )

    again = the_night(world)

    assert (again["written"], again["days"]) == (0, 4)
    assert priced(world) == before
    assert not [body for body in read if "Orders" in body]


def test_a_sku_that_was_received_has_no_price_any_more(world: World) -> None:
    world.stocked("TEA-001", dc_1=2, dc_2=50)
    four_weeks_of(world, ("TEA-001", 6))
    the_night(world)
    assert priced(world)
    world.stocked("TEA-001", dc_1=50)
    world.pass_time(3600)

    done = the_night(world)

    assert (done["contested"], done["written"], priced(world)) == (0, 1, {})


def test_the_last_units_cost_more_while_the_next_node_is_closed(world: World) -> None:
    world.stocked("TEA-001", dc_1=2, dc_2=50)
    four_weeks_of(world, ("TEA-001", 6))
    the_night(world)
    ((place, open_micros),) = priced(world).items()
    outages.change("dc-2", lambda doc: {**doc, "closures": [CLOSED]}, "office", world.now)
    packs.rebuild()
    world.now += timedelta(hours=1)

    the_night(world)

    assert priced(world).keys() == {place}
    assert priced(world)[place] > open_micros


def test_a_shelf_must_last_only_until_the_next_supply(world: World) -> None:
    world.stocked("TEA-001", dc_1=2, dc_2=50)
    four_weeks_of(world, ("TEA-001", 6))  # six every Thursday; it is Friday
    position = position_reads.get("TEA-001", "dc-1")
    assert position is not None
    supply = Supply(supply_id="po-1", type=PURCHASE_ORDER, eta="2026-11-23", quantity=40)
    stock_changes.apply([movements.supply(position, [supply], source="po-1", n="1", reason="", now=world.now)], [])

    assert the_night(world)["contested"] == 0


def test_pickups_need_the_units_at_their_store(world: World) -> None:
    world.stocked("TEA-001", store_1=2, dc_2=50)
    world.node("store-1", (39.7, -105.0), type="STORE", pickup=True, ship=True)
    packs.rebuild(())
    four_weeks_of(world, at_counter("TEA-001", 4))

    the_night(world)

    assert set(priced(world)) == {("TEA-001", "store-1")}


def test_backordered_units_are_wanted_beside_what_is_expected(world: World) -> None:
    world.now = START - timedelta(days=40)  # no forecast knows it
    world.placed(("TEA-001", 3))
    world.settle()
    world.now = NIGHT

    found = regional_demand.waiting_demand()

    assert found.wanted == {"TEA-001": {"US-IL": 3}}


def test_a_program_that_does_not_end_leaves_the_last_prices_and_is_reported(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.stocked("TEA-001", dc_1=2, dc_2=50)
    four_weeks_of(world, ("TEA-001", 6))
    shadow_prices.publish("TEA-001", {"dc-1": 7}, "0", world.now)
    monkeypatch.setattr(price, "_SECONDS", 0.0)

    with pytest.raises(price.Unsolved):
        the_night(world)

    assert priced(world) == {("TEA-001", "dc-1"): 7}


def test_a_program_without_time_leaves_the_last_prices_and_is_reported(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.stocked("TEA-001", dc_1=2, dc_2=50)
    four_weeks_of(world, ("TEA-001", 6))
    monkeypatch.setattr(price, "_SOLVE_UNTIL", 1_000_000)
    shadow_prices.publish("TEA-001", {"dc-1": 7}, "0", world.now)

    with pytest.raises(price.Unsolved):
        the_night(world)

    assert priced(world) == {("TEA-001", "dc-1"): 7}


def test_days_that_there_is_no_time_for_are_left_to_the_next_night(world: World) -> None:
    world.stocked("TEA-001", dc_1=2, dc_2=50)
    four_weeks_of(world, ("TEA-001", 6))

    assert the_night(world, millis=60_000)["days"] == 0
    assert the_night(world)["days"] == 4


def test_skus_that_a_full_node_ties_are_priced_one_by_one_where_together_they_take_too_long(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.node("dc-1", CHICAGO, units_per_day=1)
    packs.rebuild(())
    world.stocked("TEA-001", dc_1=2, dc_2=50)
    world.stocked("CUP-001", dc_1=50, dc_2=50)
    four_weeks_of(world, ("TEA-001", 6), ("CUP-001", 6))
    directory.forget()
    together = the_night(world)
    at_first = set(priced(world))
    solve = price.solve
    monkeypatch.setattr(price, "solve", lambda one, seconds: solve(one, seconds=0.0 if len(one.full) else seconds))
    world.pass_time(3600)

    apart = the_night(world)

    assert (together["contested"], together["unsolved"], at_first) == (2, 0, {("TEA-001", "dc-1"), ("CUP-001", "dc-1")})
    assert (apart["contested"], apart["unsolved"], set(priced(world))) == (1 + 1, 0, {("TEA-001", "dc-1")})
