"""Which machines an event starts, and which events can change what a waiting state hears."""

from collections.abc import Iterable

from comanda.aws.events.streams import OrderEvent
from comanda.domain.orders.decision import EventType
from comanda.domain.orders.status import Status

# Steps of a node's work that no machine waits for.
_ROUTED = frozenset({EventType.ROUTED, EventType.PROMISED_LATER})
_QUIET = frozenset(
    {
        EventType.ACCEPTED,
        EventType.PICKING,
        EventType.PICKED,
        EventType.PACKED,
        EventType.READY,
        EventType.REMINDED,
        EventType.COMPLETED,
        EventType.QUESTION_ASKED,
    }
)


def starts_order(events: Iterable[OrderEvent]) -> bool:
    """A placed order starts its machine; so does a confirmed draft, and one that nobody wanted: its books are to be closed."""
    return any(
        event.type in (EventType.PLACED, EventType.CONFIRMED)
        or (event.type in (EventType.CANCELLED, EventType.REJECTED) and event.status == Status.CANCELLED)
        for event in events
    )


def starts_fulfillments(events: Iterable[OrderEvent]) -> list[int]:
    """Numbers of the fulfillments that these events made: by a route, or by shipping less than all."""
    numbers: list[int] = []
    for event in events:
        numbers += [f["fulfillment"] for f in event.data.get("fulfillments", ()) if event.type in _ROUTED]
        if event.type in (EventType.SHIPPED, EventType.HANDED_OVER) and event.data.get("next"):
            numbers.append(event.data["next"])
    return numbers


def wakes(events: Iterable[OrderEvent]) -> bool:
    return any(event.type not in _QUIET for event in events)
