"""
When a node or carrier works: opening hours by weekday and closed days, in its own time zone.

Local hours become UTC moments day by day, so a night when clocks change has an hour more or less of work. An hour that
happens twice is open both times; opening in an hour that never happens is at the moment that its old clock would show.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Slot = tuple[datetime, datetime]  # opens, closes: UTC

LOOK_AHEAD = 400  # days: whoever does not work for longer than that has no next day
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """`hours`: (weekday 0 = Monday, opens, closes) in local time; `closed`: local ISO dates without work."""

    timezone: str
    hours: tuple[tuple[int, time, time], ...]
    closed: frozenset[str] = frozenset()


def local_day(calendar: Calendar, at: datetime) -> date:
    return at.astimezone(ZoneInfo(calendar.timezone)).date()


def moment(calendar: Calendar, day: date, at: time) -> datetime:
    """A local time of a local day, in UTC; of an hour that happens twice, the first."""
    return datetime.combine(day, at, ZoneInfo(calendar.timezone)).astimezone(UTC)


def works_on(calendar: Calendar, day: date) -> bool:
    """Whether there is any work on a local day."""
    weekday = day.weekday()
    return any(on == weekday for on, _, _ in calendar.hours) and day.isoformat() not in calendar.closed


def slots(calendar: Calendar, day: date) -> tuple[Slot, ...]:
    """The open times of a local day, in order, those that touch or overlap as one."""
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


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the node works at this moment."""
    return any(start <= at < end for start, end in slots(calendar, local_day(calendar, at)))


def opens_within(calendar: Calendar, at: datetime, days: int) -> bool:
    """Whether the node works at some moment of the next `days` days: a node closed overnight still takes orders."""
    today = local_day(calendar, at)
    return any(end > at for ahead in range(days + 1) for _, end in slots(calendar, today + ahead * _DAY))


def open_times(calendar: Calendar, at: datetime) -> Iterator[Slot]:
    """The open times that end at `at` or later, in order, as far as one looks ahead."""
    today = local_day(calendar, at)
    for ahead in range(LOOK_AHEAD):
        yield from (slot for slot in slots(calendar, today + ahead * _DAY) if slot[1] >= at)


def working_day(calendar: Calendar, day: date, ahead: int = 0) -> date | None:
    """The day itself or the first after it with work, and so many working days more; None where there is none."""
    for _ in range(LOOK_AHEAD):
        if works_on(calendar, day):
            if not ahead:
                return day
            ahead -= 1
        day += _DAY
    return None


def finished(calendar: Calendar, start: datetime, minutes: int) -> datetime | None:
    """When so many minutes of open time have passed since `start`."""
    left = timedelta(minutes=minutes)
    for opens, closes in open_times(calendar, start):
        begin = max(opens, start)
        if closes - begin >= left:
            return begin + left
        left -= closes - begin
    return None


def latest_start(calendar: Calendar, by: datetime, minutes: int) -> datetime | None:
    """The last moment from which so many minutes of open time pass until `by`: what `finished` undoes."""
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
