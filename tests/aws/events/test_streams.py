"""Test how the batches of the streams are read."""

from base64 import b64encode
from typing import Any

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import item, pack
from comanda.aws.events import streams


def an_event_row(order_id: str, version: int, data: dict[str, Any]) -> dict[str, Any]:
    return {
        **keys.event(order_id, version),
        "order_id": order_id,
        "version": version,
        "type": "routed",
        "actor": "router",
        "at": "2026-11-19T12:00:00Z",
        "channel": "web",
        "status": "RELEASED",
        "data": pack(data),
    }


def a_record(row: dict[str, Any]) -> dict[str, Any]:
    """Return the record of a row as Lambda passes it: with binary attributes as base64."""
    image = {
        name: {"B": b64encode(bytes(value["B"])).decode()} if "B" in value else value
        for name, value in item(row).items()
    }
    return {"dynamodb": {"Keys": {"pk": image["pk"], "sk": image["sk"]}, "NewImage": image}}


def test_the_events_of_a_batch_are_grouped_by_order_and_sorted_by_version() -> None:
    data = {"lines": [{"line_id": str(n), "quantity": 1} for n in range(200)]}
    rows = [an_event_row("ord_a", 3, data), an_event_row("ord_b", 1, {}), an_event_row("ord_a", 2, {})]
    removed = {"dynamodb": {"Keys": {"pk": {"S": "O#ord_a"}, "sk": {"S": "W#mails"}}}}

    found = streams.events_by_order({"Records": [*map(a_record, rows), removed]})

    assert {order_id: [event.version for event in events] for order_id, events in found.items()} == {
        "ord_a": [2, 3],
        "ord_b": [1],
    }
    assert found["ord_a"][1].data == data


def test_the_changed_skus_are_those_of_positions_and_of_waiting_lines() -> None:
    rows = (keys.position("A#1", "dc-1"), keys.position("A#1", "dc-2"), keys.alert("OUT", "B", "dc-1"))
    records = [{"dynamodb": {"Keys": item({name: row[name] for name in ("pk", "sk")})}} for row in rows]

    assert streams.changed_skus(records) == ["A#1"]
