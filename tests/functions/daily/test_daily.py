"""Test the work of each day: overdue supplies, old counts, demand and its suggestions, holidays and the day's figures."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.stock import position_reads, stock_changes
from comanda.aws.stock_views import demand
from comanda.domain.days import utc_day
from comanda.domain.stock import movements
from comanda.domain.stock.changes import Change, Request
from comanda.domain.stock.stock import PURCHASE_ORDER, Supply
from functions.daily import handler as daily
from functions.watch import handler as watch
from tests.functions.stock_stream import StockStream
from tests.functions.world import World


def the_night(world: World) -> None:
    """Run the schedule of the night, and all work that follows from it."""
    world.hops.invoke("daily", {})
    world.settle()


def order_units(world: World, units: int, node: str = "dc-1", sku: str = "TEA-001") -> None:
    """Reserve units for an order now."""
    position = position_reads.get(sku, node)
    assert position is not None
    request = Request(
        quantity=units, source=f"ord-{world.now:%m%d%H%M%S}", line="1", n="1", due=utc_day(world.now), expires=None
    )
    change = movements.reserve(position, request, world.now)
    assert isinstance(change, Change)
    stock_changes.apply([change], [])


def demand_row(world: World, node: str = "dc-1", sku: str = "TEA-001") -> dict[str, Any]:
    (row,) = world.aws.items("Stock", f"D#{sku}", node)
    return dict(row)


def expected(world: World, eta: str, quantity: int) -> None:
    position = position_reads.get("TEA-001", "dc-1")
    assert position is not None
    supply = Supply(supply_id="po-1", type=PURCHASE_ORDER, eta=eta, quantity=quantity)
    change = movements.supply(position, [supply], source="po-1", n="1", reason="", now=world.now)
    stock_changes.apply([change], [])


def test_an_overdue_supply_is_no_longer_promised_and_raises_an_alert(world: World) -> None:
    world.stocked("TEA-001", dc_1=2)
    world.entry(directory.PRODUCT, "TEA-001", {"title": "Tea", "weight_g": 1, "class": "goods", "low_units": 0})
    directory.forget()
    expected(world, "2026-11-21", 10)
    position = position_reads.get("TEA-001", "dc-1")
    assert position is not None
    later = Request(quantity=8, source="ord-1", line="1", n="1", due="2026-11-30")
    change = movements.reserve(position, later, world.now)
    assert isinstance(change, Change)
    stock_changes.apply([change], [])
    stream = StockStream(world.now.timestamp())
    world.pass_time(timedelta(days=6).total_seconds())

    the_night(world)
    while records := stream.records():
        watch.handler({"Records": records}, None)

    after = position_reads.get("TEA-001", "dc-1")
    assert after is not None
    assert (after.free, after.over_reserved) == (-6, 6)
    alerts = {row["sk"]: row["quantity"] for row in world.aws.items("Stock", "S#TEA-001", "AL#")}
    assert alerts == {"AL#OUT#dc-1": 0, "AL#LATE_SUPPLY#dc-1": 10, "AL#OVER_RESERVED#dc-1": 6}
    assert {event["type"] for event in world.hops.published} == {
        "comanda.stock.out.v1", "comanda.stock.late_supply.v1", "comanda.stock.over_reserved.v1",
    }  # fmt: skip


def test_a_nightly_run_that_is_repeated_changes_nothing(world: World) -> None:
    world.stocked("TEA-001", dc_1=9)
    expected(world, "2026-11-20", 10)
    order_units(world, 2)
    world.pass_time(timedelta(days=6).total_seconds())
    the_night(world)
    before = world.aws.items("Stock")

    the_night(world)

    assert world.aws.items("Stock") == before


def test_a_count_that_is_too_old_raises_an_alert_although_no_stock_moved(world: World) -> None:
    world.entry(directory.STOCK_POLICY, "default", {"stale_days": 30})
    directory.forget()
    world.stocked("TEA-001", dc_1=9)
    (row,) = world.aws.items("Stock", "S#TEA-001", "P#")
    world.aws.put("Stock", **{**row, "counted_at": world.now.isoformat()})

    world.pass_time(timedelta(days=30).total_seconds())
    the_night(world)
    in_time = world.aws.items("Stock", "S#TEA-001", "AL#")
    world.pass_time(timedelta(days=1).total_seconds())
    the_night(world)

    assert in_time == []
    assert [row["sk"] for row in world.aws.items("Stock", "S#TEA-001", "AL#")] == ["AL#STALE_SNAPSHOT#dc-1"]


def test_each_night_adds_the_units_that_orders_took_that_day_to_the_demand(world: World) -> None:
    world.stocked("TEA-001", dc_1=100, dc_2=100)
    for units in (4, 0, 6):
        if units:
            order_units(world, units)
        world.pass_time(timedelta(days=1).total_seconds())
    the_night(world)
    first = demand_row(world)
    order_units(world, 5)
    world.pass_time(timedelta(days=1).total_seconds())
    the_night(world)

    assert (first["history"], first["through"]) == ("4 0 6", "2026-11-21")
    assert (demand_row(world)["history"], demand_row(world)["through"]) == ("4 0 6 5", "2026-11-22")
    assert world.aws.items("Stock", "D#TEA-001", "dc-2") == []  # no order took units there


def test_a_missed_night_is_made_up_for_and_days_before_the_last_ninety_are_dropped(world: World) -> None:
    world.stocked("TEA-001", dc_1=1000)
    order_units(world, 7)
    world.pass_time(timedelta(days=1).total_seconds())
    the_night(world)
    for _ in range(10):
        order_units(world, 3)
        world.pass_time(timedelta(days=10).total_seconds())

    the_night(world)

    history = [int(units) for units in demand_row(world)["history"].split(" ")]
    assert len(history) == demand.HISTORY_DAYS
    assert history[::10] == [3] * 9
    assert sum(history) == 27


def test_a_sku_that_sells_gets_a_reorder_point_below_which_its_stock_is_low(world: World) -> None:
    world.entry(
        directory.STOCK_POLICY, "default", {"demand": {"lead_days": 4, "lead_days_sigma": 0, "service_percent": 95}}
    )
    directory.forget()
    world.stocked("TEA-001", dc_1=30)
    for _ in range(5):
        order_units(world, 5)
        world.pass_time(timedelta(days=1).total_seconds())

    the_night(world)
    the_night(world)

    row = demand_row(world)
    assert (row["pattern"], row["rate_milli"], row["safety_stock"], row["reorder_point"]) == ("SMOOTH", 5000, 0, 20)
    (low,) = world.aws.items("Stock", "S#TEA-001", "AL#")
    assert (low["sk"], low["quantity"]) == ("AL#LOW#dc-1", 5)
    shown = world.call("GET", "/v1/stock/TEA-001/demand", who="office")
    assert shown.body == {
        "sku": "TEA-001",
        "nodes": [
            {
                "node_id": "dc-1", "through": "2026-11-23", "pattern": "SMOOTH", "rate": 5.0, "sigma": 0.0,
                "safety_stock": 0, "reorder_point": 20,
            }
        ],
    }  # fmt: skip
    assert world.call("GET", "/v1/stock/GHOST/demand", who="office").status == 404


def test_the_summaries_of_every_node_are_written_again_each_night(world: World) -> None:
    world.stocked("TEA-001", dc_1=9, store_1=2)

    the_night(world)

    summaries = {row["sk"]: row["steps"] for row in world.aws.items("Stock", "A#TEA-001")}
    assert summaries["*#SHIP"] == "20261119:9"
    assert summaries["*#PICKUP#store-1"] == "20261119:2"


def test_the_figures_of_a_day_are_the_same_sums_however_often_they_are_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daily, "_TOGETHER", 2)
    world.stocked("TEA-001", dc_1=9, store_1=0 + 1)
    world.stocked("CUP-001", dc_1=3)
    order_units(world, 3, sku="CUP-001")

    the_night(world)
    the_night(world)

    sums = Counter[str]()
    for part in world.aws.items("Stock", "KPI#stock", "2026-11-19"):
        sums.update(part["figures"])
    assert sums == {
        "positions": 3, "on_hand": 13, "promised": 3, "out": 1, "over_reserved_units": 0,
    }  # fmt: skip


def test_a_sku_that_raises_an_error_does_not_stop_the_nightly_run_of_the_others(world: World) -> None:
    world.stocked("TEA-001", dc_1=9)
    world.aws.put("Stock", **keys.position("CUP-001", "dc-1"), node="dc-1", sku="CUP-001")

    with pytest.raises(KeyError):
        world.hops.invoke("daily", {"skus": ["CUP-001", "TEA-001"], "day": "2026-11-19"})

    assert world.aws.items("Stock", "A#TEA-001")
