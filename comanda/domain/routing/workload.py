"""
Backlog: on which of its next working days a node with a limit has its turn for more units.

Whoever plans work for now looks at the same few days: what does not fit into them is not given to the node. What a supply
must bring first is dated without it (`dating`), and takes its turn when it is there.
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
    """The local days of the horizon: the first on which work that comes now is begun, and the next with work."""
    return _days(node.calendar, node.cut_off, now)


@lru_cache(maxsize=256)  # one request asks for hundreds of nodes, which have a few calendars
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
    """Units that the node could still begin within the horizon; None: as many as come."""
    if node.units_per_day is None:
        return None
    return sum(_units_left(node, day, taken) for day in days(node, now))


def turns(node: Node, now: datetime, units: int, taken: BookedUnits, *, promised: bool = False) -> Turns | None:
    """The days on which so many units have their turn, none where the node has no limit; None: there is no room for them.

    Units that were `promised` find room: what no day has is begun on the last one, over its limit.
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
    """What nodes have to do when one of them takes this, too."""
    more: dict[tuple[str, str], int] = {(node, day): taken.get((node, day), 0) + units for day, units in turns}
    return {**taken, **more} if more else taken


def _units_left(node: Node, day: str, taken: Mapping[tuple[str, str], int]) -> int:
    return max(0, (node.units_on(day) or 0) - taken.get((node.node_id, day), 0))
