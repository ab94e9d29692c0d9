"""The streams: the events that the readers of the Orders table get, and the skus that those of the Stock table get."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import attributes, unpack


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent:
    """One event of an order, as its item in the table says."""

    order_id: str
    version: int
    type: str
    actor: str
    at: str
    channel: str
    status: str
    data: dict[str, Any]


def of_row(row: dict[str, Any]) -> OrderEvent:
    """An event from its item's attributes."""
    return OrderEvent(
        order_id=row["order_id"],
        version=row["version"],
        type=row["type"],
        actor=row["actor"],
        at=row["at"],
        channel=row["channel"],
        status=row["status"],
        data=unpack(row["data"]),
    )


def of_batch(batch: dict[str, Any]) -> dict[str, list[OrderEvent]]:
    """The events of a batch by order, in the order of their versions. What is not an event is not for us."""
    found: dict[str, list[OrderEvent]] = {}
    for record in batch["Records"]:
        image = record["dynamodb"].get("NewImage")
        if image and image["sk"]["S"].startswith("E#"):
            event = of_row(attributes(_bytes(image)))
            found.setdefault(event.order_id, []).append(event)
    for events in found.values():
        events.sort(key=lambda event: event.version)
    return found


def skus_that_moved(records: Iterable[dict[str, Any]]) -> list[str]:
    """The skus that a batch of the Stock stream is about, its positions or who waits for it, each once."""
    found: dict[str, None] = {}
    for record in records:
        key = record["dynamodb"]["Keys"]
        if key["pk"]["S"].startswith("S#") and key["sk"]["S"].startswith(("P", "B#")):
            found[keys.sku_of(key["pk"]["S"])] = None
    return list(found)


def values(image: dict[str, Any]) -> dict[str, Any]:
    """The attributes of an item as the stream shows it."""
    return attributes(_bytes(image))


def _bytes(image: dict[str, Any]) -> dict[str, Any]:
    """Lambda hands binary attributes over as base64 text."""
    from base64 import b64decode

    return {
        name: {"B": b64decode(value["B"])} if "B" in value and isinstance(value["B"], str) else value
        for name, value in image.items()
    }
