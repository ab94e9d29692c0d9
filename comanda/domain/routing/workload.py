"""
Find the working days on which a node with a limit can do more units.

Called by   the router, schedules, promises, and comanda.aws.orders.capacity
Returns     days, room in units, turns: (local day, units)
Raises      nothing

All work that is planned for now is placed within the same few days; work that does not fit is not given to the node. Work
that waits for a supply is dated without this limit (`delivery_dates`), and gets its turns when the supply has arrived.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from comanda.domain.nodes.calendars import LOOK_AHEAD, Calendar, slots
from comanda.domain.nodes.node import Node
from comanda.domain.orders.capacity import Turns
from comanda.domain.shipping import delivery_dates
from comanda.domain.shipping.delivery_dates import BookedUnits

HORIZON = 5  # working days: a week

_DAY = timedelta(days=1)


def days(node: Node, now: datetime) -> tuple[str, ...]:
    """Return the local days of the horizon: the first day on which new work is begun, and the next working days."""
    return _days(node.calendar, node.cut_off, now)


@lru_cache(maxsize=256)  # one request needs hundreds of nodes, which share a few calendars
def _days(calendar: Calendar, cut_off: time | None, now: datetime) -> tuple[str, ...]:
    intake = delivery_dates.next_intake(calendar, cut_off, now)
    found: list[str] = []
    day, last = (intake[0], intake[0] + LOOK_AHEAD * _DAY) if intake else (date.max, date.min)
    while day < last and len(found) < HORIZON:
        if slots(calendar, day):
            found.append(day.isoformat())
        day += _DAY
    return tuple(found)


def room(node: Node, now: datetime, taken: BookedUnits) -> int | None:
    """Return the units that the node could still begin within the horizon. None is no limit."""
    if node.units_per_day is None:
        return None
    return sum(_units_left(node, day, taken) for day in days(node, now))


def turns(node: Node, now: datetime, units: int, taken: BookedUnits, *, promised: bool = False) -> Turns | None:
    """Return the days on which so many units are begun. Returns an empty tuple if the node has no limit, and None if it
    has no room.

    Units that were `promised` always find room: units that no day has room for are begun on the last day, over its
    limit.
    """
    if node.units_per_day is None:
        return ()
    found: list[tuple[str, int]] = []
    ahead = days(node, now)
    for day in ahead:
        part = min(units, _units_left(node, day, taken))
        if part:
            found.append((day, part))
            units -= part
    if units and promised and ahead:
        over = dict(found)
        over[ahead[-1]] = over.get(ahead[-1], 0) + units
        return tuple(over.items())
    return None if units else tuple(found)


def with_turns(taken: BookedUnits, node: str, turns: Turns) -> BookedUnits:
    """Return the units that nodes have to do, with these turns of one node added."""
    more: dict[tuple[str, str], int] = {(node, day): taken.get((node, day), 0) + units for day, units in turns}
    return {**taken, **more} if more else taken


def _units_left(node: Node, day: str, taken: Mapping[tuple[str, str], int]) -> int:
    return max(0, (node.units_on(day) or 0) - taken.get((node.node_id, day), 0))
