"""Decide which machines the events of an order start, and whether they can answer a waiting state. Pure."""

from collections.abc import Iterable

from comanda.aws.events.streams import OrderEvent
from comanda.domain.orders.decision import EventType
from comanda.domain.orders.status import Status

_ROUTED = frozenset({EventType.ROUTED, EventType.PROMISED_LATER})
# Events for which no machine waits.
_QUIET = frozenset(
    {
        EventType.ACCEPTED,
        EventType.PICKING,
        EventType.PICKED,
        EventType.PACKED,
        EventType.REPACKED,
        EventType.READY,
        EventType.REMINDED,
        EventType.RECALL_REQUESTED,
        EventType.DELIVERED,
        EventType.LOST,
        EventType.FOUND,
        EventType.CREDITED,
        EventType.COMPLETED,
        EventType.CHANGE_PENDING,
        EventType.QUESTION_ASKED,
        EventType.CUSTOMER_ERASED,
    }
)


def starts_order(events: Iterable[OrderEvent]) -> bool:
    """Return True if an event starts the order's machine.

    A placed order, a confirmed draft and a cancelled or rejected draft start it. The machine of the last closes its books.
    """
    return any(
        event.type in (EventType.PLACED, EventType.CONFIRMED)
        or (
            event.type in (EventType.CANCELLED, EventType.CHANGED, EventType.REJECTED)
            and event.status == Status.CANCELLED
        )
        for event in events
    )


def starts_fulfillments(events: Iterable[OrderEvent]) -> list[int]:
    """Return the numbers of the fulfillments that the events made. A route makes them, and a shipment of a part makes the next."""
    numbers: list[int] = []
    for event in events:
        numbers += [f["fulfillment"] for f in event.data.get("fulfillments", ()) if event.type in _ROUTED]
        if event.type in (EventType.SHIPPED, EventType.HANDED_OVER) and event.data.get("next"):
            numbers.append(event.data["next"])
    return numbers


def may_answer_waits(events: Iterable[OrderEvent]) -> bool:
    """Return True if an event may answer a waiting state of the order's machines."""
    return any(event.type not in _QUIET or event.data.get("to_invoice") for event in events)
