"""
Capacity: how many units a node begins on a day is taken with the work, remembered by the fulfillment, and given back with
the units that come back before they left.

Shipping gives nothing back: the work was done. A day that is over gives nothing back either, for nobody could use it. So
what a day's counter says is always the sum of what fulfillments remember of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zlib import crc32

from comanda.domain.errors import StockConflict
from comanda.domain.orders.order import Order

UNITS = "UNITS"

Turns = tuple[tuple[str, int], ...]  # (the node's local ISO day, units that have their turn on it), in order of days

_BEHIND_UTC = timedelta(hours=12)  # no clock on earth shows an earlier hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Units of a node's day that are taken (above 0) or given back. `limit`: what the day holds, None where it is not asked;
    `lanes`: counters that share the limit, so that many writers do not meet."""

    node: str
    day: str
    units: int
    limit: int | None = None
    lanes: int = 1
    kind: str = UNITS


def summed(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """One for each node, day and kind, by these; none that moves nothing. Without a limit when any of its parts has none."""
    found: dict[tuple[str, str, str], Slot] = {}
    for slot in slots:
        at = (slot.node, slot.day, slot.kind)
        had = found.get(at)
        if had is None:
            found[at] = slot
        else:
            limit = None if had.limit is None or slot.limit is None else min(had.limit, slot.limit)
            found[at] = replace(had, units=had.units + slot.units, limit=limit, lanes=max(had.lanes, slot.lanes))
    return tuple(found[at] for at in sorted(found) if found[at].units)


def joined(turns: Turns, more: Turns) -> Turns:
    days = dict(turns)
    for day, units in more:
        days[day] = days.get(day, 0) + units
    return tuple(sorted(days.items()))


def remove_units(turns: Turns, units: int, since: str = "") -> tuple[Turns, Turns]:
    """What is left when so many units go, the last to be begun first; and what went. Of days before `since` none go."""
    left, gone = dict(turns), []
    for day, of_day in reversed(turns):
        part = min(units, of_day) if day >= since else 0
        if part:
            gone.append((day, part))
            left[day] -= part
            units -= part
    return tuple((day, of_day) for day, of_day in left.items() if of_day), tuple(reversed(gone))


def give_back(order: Order, number: int, units: int, now: datetime) -> tuple[Order, tuple[Slot, ...]]:
    """The order when so many units of a fulfillment go back to their node undone, and the room that this makes."""
    fulfillment = order.fulfillment(number)
    since = (now - _BEHIND_UTC).date().isoformat()
    kept, gone = remove_units(fulfillment.work_days, units, since)
    if not gone:
        return order, ()
    left = replace(fulfillment, work_days=kept)
    return (
        replace(order, fulfillments=tuple(left if f.number == number else f for f in order.fulfillments)),
        tuple(Slot(node=fulfillment.node, day=day, units=-part) for day, part in gone),
    )


def shares_of_lanes(
    slot: Slot, order_id: str, counted: Sequence[int] = (0,)
) -> tuple[tuple[int, int, int | None], ...]:
    """(lane, units, what the lane holds) that make up a slot. `counted`: what each lane has; units given back, or taken
    without a limit, are in the first, which may have less than none: the sum is what counts.

    Orders begin at different lanes, so that they do not meet. Raises StockConflict when the lanes have no room for it.
    """
    if slot.limit is None or slot.units <= 0:
        return ((0, slot.units, None),)
    each, more = divmod(slot.limit, slot.lanes)
    left, found = slot.units, list[tuple[int, int, int | None]]()
    first = crc32(order_id.encode())
    for lane in ((first + i) % slot.lanes for i in range(slot.lanes)):
        holds = each + (lane < more)
        part = min(left, holds - counted[lane])
        if part > 0:
            found.append((lane, part, holds))
            left -= part
        if not left:
            return tuple(found)
    raise StockConflict(f"{slot.node} has no room on {slot.day}")
