"""Test that every event of an order is published on the bus at least once."""

from typing import Any

import pytest

from comanda.aws.runtime.clients import client
from comanda.domain.errors import Throttled
from tests.faults import service_id
from tests.functions.hops import batch
from tests.functions.world import World


def types(world: World) -> list[str]:
    return [event["type"].removeprefix("comanda.order.").removesuffix(".v1") for event in world.hops.published]


def test_events_are_cloud_events_with_an_id_and_a_sequence(world: World):
    order_id = world.placed(("TEA-001", 2))
    world.settle()

    placed = world.hops.published[0]
    assert placed == {
        "specversion": "1.0",
        "id": f"{order_id}#1",
        "source": "comanda/us1",
        "type": "comanda.order.placed.v1",
        "subject": order_id,
        "time": "2026-11-19T12:00:00.000Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:comanda:schema:comanda.order.placed.v1",
        "sequence": 1,
        "data": {
            "channel": "web",
            "status": "CREATED",
            "actor": "shop",
            "lines": 1,
            "units": 2,
            "total": 2000,
            "currency": "USD",
            "holds": [],
        },
    }
    assert [event["sequence"] for event in world.hops.published] == [1, 2]


def test_the_sweep_publishes_an_event_that_relay_gave_up_also_after_later_ones(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.hops.seen["relay"] |= {row["pk"]["S"] + row["sk"]["S"] for row in world.hops.events()}  # lost: in the bucket
    client("s3").put_object(
        Bucket="comanda-test-failures", Key="aws/lambda/a", Body=f'{{"pk": "O#{order_id}"}}'.encode()
    )
    world.settle()
    assert types(world) == ["routed"]

    world.sweep()

    assert "placed" in types(world)
    assert world.order_items(order_id, "W#open")[0]["relayed"] == 2


def test_an_order_stays_on_the_list_of_open_ones_until_all_its_events_are_published(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    world.steps(order_id, "accept")
    world.hops.seen["relay"] |= {row["pk"]["S"] + row["sk"]["S"] for row in world.hops.events()}  # "accepted" is lost
    world.steps(order_id, "ship")
    world.settle()
    assert "completed" in types(world)
    assert "accepted" not in types(world)
    assert world.order_items(order_id, "W#open")

    world.pass_time(600)
    world.sweep()
    world.pass_time(600)
    world.sweep()

    assert "accepted" in types(world)
    assert world.order_items(order_id, "W#open") == []


def test_all_events_are_published_again_if_the_bus_took_only_a_part(world: World):
    world.placed()
    rows = world.hops.events()

    def partly(**_: Any) -> Any:
        return type("Http", (), {"status_code": 200}), {"FailedEntryCount": 1, "Entries": []}

    events = client("events").meta.events
    events.register_first(f"before-call.{service_id('events')}", partly, unique_id="partly")
    with pytest.raises(Throttled):
        world.hops.invoke("relay", batch(rows))
    events.unregister(f"before-call.{service_id('events')}", unique_id="partly")
    world.settle()

    assert types(world) == ["placed", "backordered"]
