"""
Compute the times at which a node or carrier works, from opening hours by weekday and closed days in its time zone.

Local hours become UTC moments day by day, so a night in which clocks change has an hour more or less of work. An hour that
happens twice is open both times. A node that opens in an hour that never happens opens at the moment that a clock which was
not changed would show.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Slot = tuple[datetime, datetime]  # opens, closes: UTC

LOOK_AHEAD = 400  # days: a node or carrier that does not work for longer has no next working day
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """List working hours as (weekday 0 = Monday, opens, closes) in local time. `closed` are local ISO dates without work."""

    timezone: str
    hours: tuple[tuple[int, time, time], ...]
    closed: frozenset[str] = frozenset()


def local_day(calendar: Calendar, at: datetime) -> date:
    """Return the date that a clock in the calendar's time zone shows at a moment."""
    return at.astimezone(ZoneInfo(calendar.timezone)).date()


def utc_moment(calendar: Calendar, day: date, at: time) -> datetime:
    """Return a local time of a local day in UTC. For an hour that happens twice it is the first one."""
    return datetime.combine(day, at, ZoneInfo(calendar.timezone)).astimezone(UTC)


def works_on(calendar: Calendar, day: date) -> bool:
    """Return True if there are working hours on a local day."""
    weekday = day.weekday()
    return any(on == weekday for on, _, _ in calendar.hours) and day.isoformat() not in calendar.closed


def slots(calendar: Calendar, day: date) -> tuple[Slot, ...]:
    """Return the open times of a local day, in order. Times that touch or overlap become one."""
    if not works_on(calendar, day):
        return ()
    zone, weekday = ZoneInfo(calendar.timezone), day.weekday()
    found: list[Slot] = []
    for opens, closes in sorted((opens, closes) for on, opens, closes in calendar.hours if on == weekday):
        start = datetime.combine(day, opens, zone).astimezone(UTC)
        end = datetime.combine(day, closes.replace(fold=1), zone).astimezone(UTC)
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return tuple(found)


def opens_within(calendar: Calendar, at: datetime, days: int) -> bool:
    """Return True if the node works at some time in the next `days` days. A node that is closed overnight does."""
    today = local_day(calendar, at)
    return any(end > at for ahead in range(days + 1) for _, end in slots(calendar, today + ahead * _DAY))


def open_times(calendar: Calendar, at: datetime) -> Iterator[Slot]:
    """Yield the open times that end at `at` or later, in order, for the next 400 days."""
    today = local_day(calendar, at)
    for ahead in range(LOOK_AHEAD):
        yield from (slot for slot in slots(calendar, today + ahead * _DAY) if slot[1] >= at)


def working_day(calendar: Calendar, day: date, ahead: int = 0) -> date | None:
    """Return the first working day from `day` on, or the day that lies `ahead` working days after it.

    None: there is no such day in the next 400 days.
    """
    for _ in range(LOOK_AHEAD):
        if works_on(calendar, day):
            if not ahead:
                return day
            ahead -= 1
        day += _DAY
    return None


def finish_time(calendar: Calendar, start: datetime, minutes: int) -> datetime | None:
    """Return the moment at which so many minutes of open time have passed since `start`. None: not within 400 days."""
    left = timedelta(minutes=minutes)
    for opens, closes in open_times(calendar, start):
        begin = max(opens, start)
        if closes - begin >= left:
            return begin + left
        left -= closes - begin
    return None


def latest_start(calendar: Calendar, by: datetime, minutes: int) -> datetime | None:
    """Return the last moment from which so many minutes of open time pass until `by`: the inverse of `finish_time`.

    None: no such moment in the last 400 days.
    """
    left = timedelta(minutes=minutes)
    if not left:
        return by
    day = local_day(calendar, by)
    for back in range(LOOK_AHEAD):
        for opens, closes in reversed(slots(calendar, day - back * _DAY)):
            end = min(closes, by)
            if end - opens >= left:
                return end - left
            left -= max(end - opens, timedelta())
    return None
