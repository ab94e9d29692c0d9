"""Test the summaries, the alerts and the events of alerts that follow from a change of stock."""

from collections.abc import Callable
from typing import Any

import pytest

from comanda.aws.directory import directory, packs
from comanda.aws.dynamodb import keys
from comanda.aws.runtime.clients import client
from comanda.aws.stock import position_reads
from comanda.aws.stock_views import alerts, sku_view
from comanda.domain.errors import Throttled
from functions.watch import handler as watch
from functions.watch.rules import changed_nodes
from tests.faults import Crash, Crashed, service_id
from tests.functions.crashes import Moment
from tests.functions.stock_stream import StockStream
from tests.functions.world import World

Follow = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def stream(world: World) -> StockStream:
    return StockStream(world.now.timestamp())


@pytest.fixture
def follow(world: World, stream: StockStream) -> Follow:
    """Return a function that delivers the changes to watch, and returns their records."""

    def deliver() -> list[dict[str, Any]]:
        read: list[dict[str, Any]] = []
        while records := stream.records():
            watch.handler({"Records": records}, None)
            read += records
        return read

    return deliver


def facts(world: World) -> list[str]:
    return [event["type"].removeprefix("comanda.stock.").removesuffix(".v1") for event in world.hops.published]


def summary(world: World, sku: str = "TEA-001") -> dict[str, str]:
    return {row["sk"]: row["steps"] for row in world.aws.items("Stock", f"A#{sku}")}


def policy(world: World, **said: Any) -> None:
    world.entry(directory.STOCK_POLICY, directory.THE_POLICY, said)
    directory.forget()


def position(world: World, sku: str, node: str, **values: Any) -> None:
    """Set a position's policy as a planner does."""
    key = keys.position(sku, node)
    (row,) = world.aws.items("Stock", key["pk"], key["sk"])
    world.aws.put("Stock", **{**row, **values})


def standing(world: World, sku: str = "TEA-001") -> dict[str, int]:
    return {row["sk"]: row["quantity"] for row in world.aws.items("Stock", f"S#{sku}", "AL#")}


def test_a_summary_has_the_units_of_all_open_nodes_and_of_each_store(world: World, follow: Follow) -> None:
    world.stocked("TEA-001", dc_1=5, dc_2=3, store_1=2)

    follow()

    assert summary(world) == {
        "*#SHIP": "20261119:8",
        "*#PICKUP": "20261119:2",
        "*#PICKUP#store-1": "20261119:2",
    }


def test_a_store_without_units_has_a_summary_of_0_and_a_store_that_never_had_any_has_none(
    world: World, follow: Follow
) -> None:
    world.stocked("TEA-001", dc_1=5, store_1=2)
    follow()
    world.pass_time(1)
    world.stocked("TEA-001", dc_1=1, store_1=-2)

    follow()

    said = summary(world)
    assert said["*#PICKUP#store-1"] == "20261119:0"
    assert "*#PICKUP#dc-1" not in said


def test_a_change_at_one_node_writes_the_summaries_of_the_node_and_of_the_network_only(
    world: World, follow: Follow
) -> None:
    world.node("store-2", (40.0, -100.0), type="STORE", pickup=True, ship=False)
    directory.forget()
    packs.rebuild(["store-2"])
    world.stocked("TEA-001", store_1=2, store_2=4)
    follow()
    before = {row["sk"]: row["as_of"] for row in world.aws.items("Stock", "A#TEA-001")}

    world.pass_time(5)
    world.stocked("TEA-001", store_1=1)
    follow()

    after = {row["sk"]: row["as_of"] for row in world.aws.items("Stock", "A#TEA-001")}
    assert {sk for sk in after if after[sk] != before[sk]} == {
        "*#PICKUP",
        "*#PICKUP#store-1",
    }  # no store ships
    assert summary(world)["*#PICKUP"] == "20261119:7"


def test_a_sku_that_moved_often_in_a_batch_is_read_once(world: World, stream: StockStream, monkeypatch: Any) -> None:
    seen = []
    monkeypatch.setattr(watch, "_renew_views", lambda sku, nodes: seen.append((sku, nodes)))
    batch = []
    for _ in range(3):
        world.stocked("TEA-001", dc_1=1, dc_2=1)
        world.stocked("CUP-001", dc_1=1)
        batch += stream.records()

    watch.handler({"Records": batch}, None)

    assert sorted(seen) == [("CUP-001", {"dc-1"}), ("TEA-001", {"dc-1", "dc-2"})]


def test_the_lanes_of_a_hot_position_are_one_stock(world: World, follow: Follow) -> None:
    world.stocked("TEA-001", dc_1=5)
    position(world, "TEA-001", "dc-1", lanes=1)
    follow()
    lane = {"sku": "TEA-001", "node": "dc-1", "lane": 1, "on_hand": {"sellable": 30}, "hard": {}, "free": 30, "rev": 1}
    world.pass_time(1)

    world.aws.put("Stock", **keys.position("TEA-001", "dc-1", 1), **lane)
    read = follow()

    assert [record["dynamodb"]["Keys"]["pk"]["S"] for record in read] == ["S#TEA-001#dc-1#1"]
    assert summary(world)["*#SHIP"] == "20261119:35"


def test_a_record_of_a_lane_names_its_node_and_a_record_of_an_alert_names_none() -> None:
    def record(key: dict[str, str]) -> dict[str, Any]:
        return {"dynamodb": {"Keys": {name: {"S": key[name]} for name in ("pk", "sk")}}}

    assert changed_nodes([record(keys.position("A#1", "dc 1", 3)), record(keys.position("A#1", "dc 2"))]) == {
        "A#1": {"dc 1", "dc 2"}
    }
    assert changed_nodes([record(keys.alert("OUT", "A", "dc-1")), record(keys.receipts("A"))]) == {}


def test_an_older_summary_never_replaces_a_newer_one(world: World, follow: Follow) -> None:
    world.stocked("TEA-001", dc_1=5)
    follow()
    world.pass_time(-60)  # a reader with a slower clock, or one that was delayed
    world.stocked("TEA-001", dc_1=5)

    follow()

    assert summary(world)["*#SHIP"] == "20261119:5"


def test_a_channel_with_a_policy_of_its_own_sees_its_own_summary(world: World, follow: Follow) -> None:
    policy(world, safety={"channels": {"outlet": {"percent": 50}}, "default": {"units": 1}})
    world.stocked("TEA-001", dc_1=9)

    follow()

    assert summary(world)["*#SHIP"] == "20261119:8"
    assert summary(world)["outlet#SHIP"] == "20261119:4"
    rows = {row["sk"]: row["own"] for row in world.aws.items("Stock", "A#TEA-001")}
    assert rows["*#SHIP"] == ["outlet"]


def test_the_safety_stock_of_a_position_goes_before_its_policy(world: World, follow: Follow) -> None:
    policy(world, safety={"default": {"units": 1}})
    world.stocked("TEA-001", dc_1=9)
    position(world, "TEA-001", "dc-1", levels={"*": {"units": 4}}, protected={"web": 2})

    follow()

    assert summary(world)["*#SHIP"] == "20261119:3"
    assert summary(world)["web#SHIP"] == "20261119:5"


def test_units_for_which_backorders_wait_are_not_sold_again(world: World, follow: Follow) -> None:
    world.stocked("TEA-001", dc_1=5)
    backorder = keys.backorder("TEA-001", 5, world.now, "ord_us1_1", "1")
    world.aws.put("Stock", **backorder, quantity=3)

    follow()

    assert summary(world)["*#SHIP"] == "20261119:2"


def test_one_event_is_published_when_a_position_sells_out_and_one_when_it_has_units_again(
    world: World, follow: Follow
) -> None:
    world.stocked("TEA-001", dc_1=2)
    follow()

    world.stocked("TEA-001", dc_1=-2)
    follow()
    assert standing(world) == {"AL#OUT#dc-1": 0}
    world.stocked("TEA-001", dc_1=3)
    follow()

    assert standing(world) == {}
    assert facts(world) == ["out", "back_in_stock"]


def test_an_alert_is_a_cloud_event_whose_id_does_not_change_when_it_is_delivered_again(
    world: World, stream: StockStream
) -> None:
    policy(world, low_units=5)
    world.stocked("TEA-001", dc_1=4)
    watch.handler({"Records": stream.records()}, None)
    told = stream.records()

    watch.handler({"Records": told}, None)
    watch.handler({"Records": told}, None)

    first, second = world.hops.published
    assert first == second
    assert first == {
        "specversion": "1.0",
        "id": "TEA-001#dc-1#LOW#000000000000000000002",
        "source": "comanda/us1",
        "type": "comanda.stock.low.v1",
        "subject": "TEA-001",
        "time": "2026-11-19T12:00:00.000Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:comanda:schema:comanda.stock.low.v1",
        "sequence": "000000000000000000002",
        "data": {"sku": "TEA-001", "node": "dc-1", "kind": "LOW", "quantity": 4},
    }


def test_records_that_come_twice_change_nothing(world: World, stream: StockStream) -> None:
    policy(world, low_units=5)
    world.stocked("TEA-001", dc_1=4)
    records = stream.records()
    watch.handler({"Records": records}, None)
    before = world.aws.items("Stock")

    watch.handler({"Records": records}, None)

    assert world.aws.items("Stock") == before


def test_an_event_is_published_each_time_the_number_of_over_reserved_units_changes(
    world: World, follow: Follow
) -> None:
    row = {**keys.alert("OVER_RESERVED", "TEA-001", "dc-1"), "sku": "TEA-001", "node": "dc-1"}
    world.stocked("TEA-001", dc_1=5)
    follow()

    for missing in (3, 7):
        world.aws.put("Stock", **row, quantity=missing)
        follow()
    client("dynamodb").delete_item(TableName="Stock", Key={name: {"S": row[name]} for name in ("pk", "sk")})
    follow()

    assert facts(world) == ["over_reserved", "over_reserved", "no_longer_over_reserved"]
    assert [event["data"]["quantity"] for event in world.hops.published] == [3, 7, 0]


def test_an_alert_is_not_written_for_a_position_that_has_changed_since_it_was_read(world: World) -> None:
    policy(world, low_units=5)
    world.stocked("TEA-001", dc_1=4)
    (watched,) = sku_view.load("TEA-001").watched
    world.stocked("TEA-001", dc_1=40)

    assert alerts.settle(watched, world.now) == 0

    assert standing(world) == {}


def test_no_event_is_published_if_stock_rises_and_falls_between_two_runs(world: World, follow: Follow) -> None:
    policy(world, low_units=5)
    world.stocked("TEA-001", dc_1=4)
    follow()
    assert standing(world) == {"AL#LOW#dc-1": 4}

    world.stocked("TEA-001", dc_1=10)
    world.stocked("TEA-001", dc_1=-13)
    follow()

    assert standing(world) == {"AL#LOW#dc-1": 4}  # it was low and is low; the time between was not read
    assert position_reads.get("TEA-001", "dc-1").free == 1  # type: ignore[union-attr]
    assert facts(world) == ["low"]


def test_a_sku_that_raises_an_error_does_not_stop_the_summaries_of_the_others(
    world: World, stream: StockStream
) -> None:
    world.stocked("TEA-001", dc_1=5)
    world.stocked("CUP-001", dc_1=5)
    client("dynamodb").update_item(
        TableName="Stock",
        Key={"pk": {"S": "S#CUP-001"}, "sk": {"S": "P#dc-1"}},
        UpdateExpression="REMOVE on_hand",
    )

    with pytest.raises(KeyError):
        watch.handler({"Records": stream.records()}, None)

    assert summary(world)["*#SHIP"] == "20261119:5"


def test_a_bus_that_is_down_loses_no_event_and_stops_no_summary(world: World, stream: StockStream) -> None:
    world.stocked("TEA-001", dc_1=2)
    world.aws.put("Stock", **keys.alert("OVER_RESERVED", "TEA-001", "dc-1"), quantity=1)
    records = stream.records()

    def refuse(**_: Any) -> None:
        raise Throttled("bus")

    client("events").meta.events.register_first(f"before-call.{service_id('events')}", refuse, unique_id="refuse")
    with pytest.raises(Throttled):
        watch.handler({"Records": records}, None)
    client("events").meta.events.unregister(f"before-call.{service_id('events')}", unique_id="refuse")
    assert summary(world)["*#SHIP"] == "20261119:2"

    watch.handler({"Records": records}, None)

    assert facts(world) == ["over_reserved"]


def test_summaries_can_be_written_again_after_a_policy_changed(world: World, follow: Follow) -> None:
    world.stocked("TEA-001", dc_1=9, store_1=1)
    follow()
    policy(world, safety={"default": {"units": 1}})
    world.pass_time(1)

    watch.handler({"skus": ["TEA-001"]}, None)

    assert summary(world)["*#SHIP"] == "20261119:8"
    assert summary(world)["*#PICKUP#store-1"] == "20261119:0"


def test_the_next_run_mends_whatever_a_run_that_crashed_left(world: World, stream: StockStream) -> None:
    """Before and after each of its calls of AWS. Every fact is told, and each under one id."""
    policy(world, safety={"channels": {"outlet": {"units": 1}}}, low_units=3)
    world.stocked("TEA-001", dc_1=9, store_1=4)
    watch.handler({"Records": stream.records()}, None)
    world.pass_time(1)
    world.stocked("TEA-001", dc_1=-9, store_1=-2)
    world.aws.put("Stock", **keys.alert("OVER_RESERVED", "TEA-001", "dc-1"), quantity=2)
    moment, known, number = Moment(world), dict(stream.known), stream.number

    def lived(at: int, *, after: bool) -> tuple[int, dict[str, str], dict[str, int], set[tuple[str, str]]]:
        """Return (calls of the first run, summaries, alerts, published events) if the first run crashes at this call; 0: at none."""
        moment.back()
        stream.known, stream.number = dict(known), number
        batch = stream.records()
        with Crash(at, after=after) as crash:
            if at:
                with pytest.raises(Crashed):
                    watch.handler({"Records": batch}, None)
                crash.revive()
            watch.handler({"Records": batch}, None)
            calls = len(crash.calls)
            while batch := stream.records():
                watch.handler({"Records": batch}, None)
        told = {(event["type"].split(".")[2], event["id"]) for event in world.hops.published}
        return calls, summary(world), standing(world), told

    calls, said, alerted, told = lived(0, after=False)
    assert alerted == {"AL#OUT#dc-1": 0, "AL#LOW#dc-1": 0, "AL#LOW#store-1": 2, "AL#OVER_RESERVED#dc-1": 2}
    assert sorted(kind for kind, _ in told) == ["low", "low", "out", "over_reserved"]

    for at, after in [(n, after) for n in range(1, calls + 1) for after in (False, True)]:
        _, *left = lived(at, after=after)

        assert left[:2] == [said, alerted], (at, after)
        assert sorted(kind for kind, _ in left[2]) == sorted(kind for kind, _ in told), (at, after)
