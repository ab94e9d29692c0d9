"""Test how events are put on the bus."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from comanda.aws.events import bus
from comanda.aws.events.streams import OrderEvent
from comanda.aws.runtime.clients import client
from comanda.domain.errors import Throttled


def an_event(version: int) -> OrderEvent:
    return OrderEvent(
        order_id="ord_a",
        version=version,
        type="routed",
        actor="router",
        at="2026-11-19T12:00:00Z",
        channel="web",
        status="RELEASED",
        data={"node": "dc-1"},
    )


@pytest.fixture
def refused(aws: Any) -> Iterator[list[int]]:
    """Give a list of the numbers of entries that the bus refuses, one for each call. Without any it takes all."""
    counts: list[int] = []

    def answer(**_: Any) -> tuple[Any, dict[str, Any]]:
        return SimpleNamespace(status_code=200), {"FailedEntryCount": counts.pop(0) if counts else 0, "Entries": []}

    client("events").meta.events.register("before-call.eventbridge", answer, unique_id="bus")
    yield counts
    client("events").meta.events.unregister("before-call.eventbridge", unique_id="bus")


def test_an_event_has_the_orders_version_in_its_id_and_its_sequence(aws: Any) -> None:
    event = bus.cloud_event(an_event(3))

    assert (event["id"], event["sequence"], event["subject"]) == ("ord_a#3", 3, "ord_a")
    assert event["type"] == "comanda.order.routed.v1"
    assert event["data"] == {"channel": "web", "status": "RELEASED", "actor": "router", "node": "dc-1"}


def test_a_bus_that_refuses_an_entry_of_any_call_raises_throttled(refused: list[int]) -> None:
    bus.publish([an_event(n) for n in range(25)])

    refused.extend([0, 2])
    with pytest.raises(Throttled):
        bus.publish([an_event(n) for n in range(25)])
