"""Read the batches of the two streams: events of orders and drafts, and scans, from the stream of Orders, skus from the stream of Stock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import attributes, unpack


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEvent:
    """Hold one event of a draft, as its item in the table has it."""

    draft_id: str
    version: int
    step: str
    at: str
    channel: str
    status: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent:
    """Hold one event of an order, as its item in the table has it."""

    order_id: str
    version: int
    type: str
    actor: str
    at: str
    channel: str
    status: str
    data: dict[str, Any]


def order_event(row: dict[str, Any]) -> OrderEvent:
    """Return the event of an item's attributes."""
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


def events_by_order(batch: dict[str, Any]) -> dict[str, list[OrderEvent]]:
    """Return the events of a batch of the Orders stream, by order id and sorted by version.

    Records of other items are ignored.
    """
    found: dict[str, list[OrderEvent]] = {}
    for image in _events_below(batch, keys.ORDERS):
        event = order_event(attributes(_bytes(image)))
        found.setdefault(event.order_id, []).append(event)
    for events in found.values():
        events.sort(key=lambda event: event.version)
    return found


def draft_event(row: dict[str, Any]) -> DraftEvent:
    """Return the event of a draft from an item's attributes. It does not say who did it."""
    return DraftEvent(
        draft_id=row["draft_id"],
        version=row["version"],
        step=row["step"],
        at=row["at"],
        channel=row["channel"],
        status=row["status"],
        data=unpack(row["data"]),
    )


def events_by_draft(batch: dict[str, Any]) -> dict[str, list[DraftEvent]]:
    """Return the events of drafts in a batch of the Orders stream, by draft id and sorted by version."""
    found: dict[str, list[DraftEvent]] = {}
    for image in _events_below(batch, keys.DRAFTS):
        event = draft_event(attributes(_bytes(image)))
        found.setdefault(event.draft_id, []).append(event)
    for events in found.values():
        events.sort(key=lambda event: event.version)
    return found


def _events_below(batch: dict[str, Any], partitions: str) -> Iterator[dict[str, Any]]:
    """Yield the images of the events in a batch whose partitions begin so."""
    for record in batch["Records"]:
        image = record["dynamodb"].get("NewImage")
        if image and image["sk"]["S"].startswith(keys.EVENTS) and image["pk"]["S"].startswith(partitions):
            yield image


def announced_scans(batch: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the attributes of the scans in a batch of the Orders stream that the customer hears of."""
    images = (record["dynamodb"].get("NewImage") for record in batch["Records"])
    return [
        attributes(image)
        for image in images
        if image and image["sk"]["S"].startswith(keys.TRACKING_EVENTS) and "announced" in image
    ]


def case_events(batch: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the attributes of the events of cases in a batch of the Orders stream."""
    images = (record["dynamodb"].get("NewImage") for record in batch["Records"])
    return [item_attributes(image) for image in images if image and image["sk"]["S"].startswith(keys.CASE_EVENTS)]


def changed_skus(records: Iterable[dict[str, Any]]) -> list[str]:
    """Return the skus whose positions or waiting lines changed in a batch of the Stock stream, each once."""
    found: dict[str, None] = {}
    for record in records:
        key = record["dynamodb"]["Keys"]
        if key["pk"]["S"].startswith(keys.SKUS) and key["sk"]["S"].startswith((keys.LANE, keys.BACKORDERS)):
            found[keys.sku_of(key["pk"]["S"])] = None
    return list(found)


def item_attributes(image: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of an item from its image in a stream."""
    return attributes(_bytes(image))


def _bytes(image: dict[str, Any]) -> dict[str, Any]:
    """Return the image with its binary attributes as bytes. Lambda passes them as base64 text."""
    from base64 import b64decode

    return {
        name: {"B": b64decode(value["B"])} if "B" in value and isinstance(value["B"], str) else value
        for name, value in image.items()
    }
