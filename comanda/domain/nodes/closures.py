"""Decide whether a node was closed, opened or limited lately, so that its work must be checked again."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from comanda.domain.nodes.calendars import Calendar, local_day, utc_moment
from comanda.domain.nodes.node import Node

Span = tuple[datetime, datetime | None]  # from, until; None: until further notice

# An order that was routed during the change may have used the old facts, so work is checked again for a while.
LATELY = timedelta(minutes=15)
_AHEAD = 60  # days that the calendar of a node closed until further notice shows as closed


def reopened(node: Node, now: datetime) -> bool:
    """Return True if a closure of the node ended in the last 15 minutes and the node is open.

    Backorders that its stock can fill are then tried again.
    """
    return not node.closed(now) and any(end is not None and now - LATELY <= end <= now for _, end in node.closures)


def changed_lately(node: Node, now: datetime) -> bool:
    """Return True if the node's closures or limits were changed in the last 15 minutes, or a closure began in them."""
    edited = node.watched_until is not None and now < node.watched_until
    return edited or any(start <= now < start + LATELY for start, _ in node.closures)


def can_do_more(node: Node, now: datetime) -> bool:
    """Return True if the node may do more than 15 minutes ago: it opened again, or its limits were changed."""
    return reopened(node, now) or (changed_lately(node, now) and not node.closed(now))


def needs_watching(node: Node, now: datetime) -> bool:
    """Return True if the work of the node must be checked."""
    return node.closed(now) or changed_lately(node, now) or reopened(node, now)


def closed_days(calendar: Calendar, closures: Iterable[Span], now: datetime) -> frozenset[str]:
    """Return the local days, from today on, that lie wholly inside a closure. At most 60 days ahead are listed."""
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
    return utc_moment(calendar, day, time())
