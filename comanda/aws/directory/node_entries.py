"""
Turn the packed documents of nodes and calendars into values of the domain.

Called by   comanda.aws.directory.directory (`nodes`), carriers and outages; the benches
Returns     Node, Calendar
"""

from datetime import datetime, time
from functools import cache
from typing import Any

from comanda.domain.nodes.calendars import Calendar
from comanda.domain.nodes.node import Node


def node(row: dict[str, Any]) -> Node:
    """Return the node of a packed row: a node's document with its id, its calendar's document and its outage inside."""
    return Node(
        node_id=row["id"],
        type=row["type"],
        country=row["country"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        calendar=calendar(row["calendar"]),
        ship=row["ship"],
        pickup=row["pickup"],
        accept_minutes=row["accept_minutes"],
        ship_minutes=row["ship_minutes"],
        partner=row.get("partner_id"),
        region=row.get("region", ""),
        postal_code=row.get("postal_code", ""),
        processing_minutes=row.get("processing_minutes", 60),
        cut_off=time.fromisoformat(row["cut_off"]) if "cut_off" in row else None,
        units_per_day=row.get("units_per_day"),
        capacity_lanes=row.get("capacity_lanes", 1),
        groups=tuple(row.get("groups", ())),
        tags=tuple(row.get("tags", ())),
        priority=row.get("priority", 5),
        acceptance_percent=row.get("acceptance_percent", 100),
        handling=(row["handling"]["per_package_micros"], row["handling"]["per_unit_micros"])
        if "handling" in row
        else None,
        **_outage(row.get("outage", {})),
    )


def _outage(row: dict[str, Any]) -> dict[str, Any]:
    if not row:
        return {}
    return {
        "closures": tuple(
            (datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None)
            for start, end in row["closures"]
        ),
        "limits": tuple(sorted(row["limits"].items())),
        "reduced_days": tuple(row.get("cut", ())),
        "reduced_every_day": row.get("slower", False),
        "watched_until": datetime.fromisoformat(row["watched_until"]),
    }


def calendar(doc: dict[str, Any]) -> Calendar:
    """Return the calendar of a document. Equal documents give the same value."""
    return _calendar(
        doc["timezone"],
        tuple((h["weekday"], h["opens"], h["closes"]) for h in doc["hours"]),
        frozenset(doc.get("closed", ())),
    )


@cache  # a network of thousands of nodes has a few calendars
def _calendar(timezone: str, hours: tuple[tuple[int, str, str], ...], closed: frozenset[str]) -> Calendar:
    parsed = tuple((day, time.fromisoformat(opens), time.fromisoformat(closes)) for day, opens, closes in hours)
    return Calendar(timezone=timezone, hours=parsed, closed=closed)
