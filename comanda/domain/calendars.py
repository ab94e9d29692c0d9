"""When a node works: opening hours by weekday and closed days, in the node's own time zone."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """`hours`: (weekday 0 = Monday, opens, closes) in local time; `closed`: local ISO dates without work."""

    timezone: str
    hours: tuple[tuple[int, time, time], ...]
    closed: frozenset[str] = frozenset()


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the node works at this moment."""
    local = at.astimezone(ZoneInfo(calendar.timezone))
    return local.date().isoformat() not in calendar.closed and any(
        day == local.weekday() and opens <= local.time() < closes for day, opens, closes in calendar.hours
    )


def opens_within(calendar: Calendar, at: datetime, days: int) -> bool:
    """Whether the node works at some moment of the next `days` days: a node closed overnight still takes orders."""
    zone = ZoneInfo(calendar.timezone)
    local = at.astimezone(zone)
    for ahead in range(days + 1):
        day = (local + timedelta(days=ahead)).date()
        if day.isoformat() in calendar.closed:
            continue
        for weekday, _, closes in calendar.hours:
            if weekday == day.weekday() and datetime.combine(day, closes, zone) > local:
                return True
    return False
