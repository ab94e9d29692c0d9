"""
Choose a few orders of a demonstration that show different things, and say where to look at them.

Called by   local/outcome.py, which chooses; local/cli.py, which prints
Returns     Sights
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from comanda.domain.orders.decision import EventType
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status
from local.instance import Instance

MOST = 5
PERSON = "sales"  # sees every order, and may decide on those in review
_FETCHED = "PICKUP"
_REVIEW = "sales-review"

type Events = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Sight:
    """An order to look at, and the sentence that says what to see there."""

    order_id: str
    what: str


def split(log: Events) -> bool:
    """Return whether the order's first route ships from more than one node."""
    first: dict[str, Any] = next((event for event in log if event["type"] == EventType.ROUTED), {"fulfillments": []})
    return len({made["node"] for made in first["fulfillments"] if made["method"] == "SHIP"}) > 1


def routed_again(log: Events) -> bool:
    """Return whether a line was declined, and the router was asked again."""
    kinds = [event["type"] for event in log]
    return EventType.LINE_DECLINED in kinds and EventType.ROUTED in kinds[kinds.index(EventType.LINE_DECLINED) :]


def choose(orders: Mapping[str, Order], events: Mapping[str, Events]) -> tuple[Sight, ...]:
    """Return at most five orders, each for another reason. A reason that no order gives is left out."""
    chosen: dict[str, str] = {}
    for shows, what in _REASONS:
        found = (name for name, order in sorted(orders.items()) if shows(order, events.get(name, [])))
        order_id = next((name for name in found if name not in chosen), None)
        if order_id is not None and len(chosen) < MOST:
            chosen[order_id] = what
    return tuple(Sight(order_id=name, what=what) for name, what in chosen.items())


def print_tour(console: Console, instance: Instance, console_url: str, sights: tuple[Sight, ...]) -> None:
    """Print the address to open, the person to sign in as, and a line for each order."""
    for line in lines(instance, console_url, sights):
        console.print(f"  {line}", markup=False, soft_wrap=True)


def lines(instance: Instance, console_url: str, sights: tuple[Sight, ...]) -> Iterator[str]:
    person = instance.known_people().get(PERSON, {})
    yield f"now open   {console_url}"
    yield f"sign in    {person.get('email', PERSON)}, with the password of the entry {PERSON} in {instance.people}"
    if sights:
        yield "look at    these orders of the day:"
    for sight in sights:
        yield f"           {console_url}/orders/{sight.order_id}"
        yield f"             {sight.what}"


def _is_in_review(order: Order, _log: Events) -> bool:
    return any(hold.active and hold.queue == _REVIEW for hold in order.holds)


def _waits(order: Order, _log: Events) -> bool:
    lines_ = [line.waits_in or any(a.status == Status.BACKORDERED for a in line.allocations) for line in order.lines]
    return not order.closed and any(lines_)


def _is_fetched(order: Order, _log: Events) -> bool:
    return any(f.method == _FETCHED and f.shipped_at is not None for f in order.fulfillments)


def _has(kind: EventType) -> Callable[[Order, Events], bool]:
    return lambda _order, log: any(event["type"] == kind for event in log)


# The rarest first: an order that gives two reasons is shown for the rarer one.
_REASONS: tuple[tuple[Callable[[Order, Events], bool], str], ...] = (
    (_is_in_review, "It waits for sales: open it from the queue Sales review, and confirm or reject it."),
    (_waits, "It waits for stock or for a person: each unit says what it waits for, and since when."),
    (_has(EventType.SHORT_PICKED), "A picker found too few units: the timeline says what became of the missing ones."),
    (lambda _order, log: routed_again(log), "A node declined a line, and it was routed again: see Timeline."),
    (lambda _order, log: split(log), "It is split over nodes: see Shipments, and Why here for the costs compared."),
    (_has(EventType.REJECTED), "Sales rejected it in review: see the reason, and the money that was given back."),
    (_is_fetched, "The customer fetched it at a store: no carrier, and an invoice at the counter."),
)
