"""Closures: when somebody has closed a node, whatever its calendar says, and how long to look at its work for it."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from comanda.domain.nodes.calendars import Calendar, local_day, moment
from comanda.domain.nodes.node import Node

Span = tuple[datetime, datetime | None]  # from, until; None: until further notice

# Whoever routed while the change was made may have done it by what was true before; so one looks again for a while.
LATELY = timedelta(minutes=15)
_AHEAD = 60  # days that the calendar of a node closed until further notice shows as closed


def reopened(node: Node, now: datetime) -> bool:
    """Whether it is open again since a moment ago: who waits for its stock may have it."""
    return not node.closed(now) and any(end is not None and now - LATELY <= end <= now for _, end in node.closures)


def changed_lately(node: Node, now: datetime) -> bool:
    """Whether somebody has just said something of it, or a closure that was said before has just begun."""
    said = node.watched_until is not None and now < node.watched_until
    return said or any(start <= now < start + LATELY for start, _ in node.closures)


def can_do_more(node: Node, now: datetime) -> bool:
    """Return whether the node may do more than a moment ago: it opened again, or its days were changed lately."""
    return reopened(node, now) or (changed_lately(node, now) and not node.closed(now))


def to_watch(node: Node, now: datetime) -> bool:
    """Whether to look at its work."""
    return node.closed(now) or changed_lately(node, now) or reopened(node, now)


def closed_days(calendar: Calendar, closures: Iterable[Span], now: datetime) -> frozenset[str]:
    """The local days that lie wholly inside one of these."""
    found: set[str] = set()
    for start, end in closures:
        day = max(local_day(calendar, start), local_day(calendar, now))
        last = local_day(calendar, now) + timedelta(days=_AHEAD)
        while day <= last and (end is None or _begins(calendar, day + timedelta(days=1)) <= end):
            if start <= _begins(calendar, day):
                found.add(day.isoformat())
            day += timedelta(days=1)
    return frozenset(found)


def _begins(calendar: Calendar, day: date) -> datetime:
    return moment(calendar, day, time())
