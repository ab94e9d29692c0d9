"""Build the things that dates follow from: shops that close, nodes with cut-offs, carriers that collect."""

from datetime import time
from typing import Any

from comanda.domain.nodes.calendars import Calendar
from comanda.domain.nodes.node import Node
from comanda.domain.shipping.carriers import EXPRESS, STANDARD, Carrier, Collection, Service
from tests.builders import a_node

WEEKDAYS = tuple((day, time(9), time(17)) for day in range(5))
EVERY_DAY = tuple((day, time(9), time(17)) for day in range(7))


def a_calendar(timezone: str = "America/Chicago", hours: Any = WEEKDAYS, *closed: str) -> Calendar:
    return Calendar(timezone=timezone, hours=hours, closed=frozenset(closed))


def a_shop(node_id: str = "dc-1", **changes: Any) -> Node:
    """Build a shop in Illinois that works nine to five on weekdays, packs in an hour, and has its cut-off at two."""
    fields = {"calendar": a_calendar(), "cut_off": time(14), "processing_minutes": 60, "region": "IL"}
    return a_node(node_id, **(fields | changes))


def a_service(service: str = STANDARD, **changes: Any) -> Service:
    """Build a service that takes three days and costs 5.00 a package."""
    fields = {"mode": "ROAD", "g_per_tonne_km": 100, "base": 5_000_000, "bands": ((None, 3),)}
    return Service(service=service, **(fields | changes))


def a_carrier(
    *services: Service,
    carrier_id: str = "road-1",
    country: str = "US",
    calendar: Calendar | None = None,
    **collections: tuple[Collection, ...],
) -> Carrier:
    """Build a carrier that works on weekdays. The keyword dc_1 lists its collections at node dc-1."""
    offers = services or (a_service(),)
    return Carrier(
        carrier_id=carrier_id,
        country=country,
        calendar=calendar or a_calendar(),
        services={offer.service: offer for offer in offers},
        collections={node.replace("_", "-"): rows for node, rows in collections.items()},
    )


def standard_and_express(**changes: Any) -> tuple[Service, Service]:
    """Build a standard service of three days for 5.00, and an express service of one day for 15.00."""
    return (
        a_service(STANDARD, **changes),
        a_service(EXPRESS, mode="AIR", g_per_tonne_km=600, base=15_000_000, bands=((None, 1),), **changes),
    )


def daily(at: time, cut_off_minutes: int = 30, service: str | None = None) -> tuple[Collection, ...]:
    return tuple(Collection(weekday=day, at=at, cut_off_minutes=cut_off_minutes, service=service) for day in range(5))
