"""
Count a node's capacity: the units that it begins on a day. Work takes capacity; units that come back give it back.

A fulfillment remembers the capacity that it took (`work_days`). Shipping gives nothing back, because the work was done. A day
that is over gives nothing back, because no other work could use it. So a day's counter is the sum of what fulfillments
remember.

Called by   comanda.domain.lifecycle, comanda.domain.scheduling, comanda.domain.routing; comanda.aws.orders.capacity counts
Returns     slots, and orders whose fulfillments remember them
Raises      StockConflict when a day has no room
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zlib import crc32

from comanda.domain.errors import StockConflict

if TYPE_CHECKING:  # a room without orders need not load their code
    from comanda.domain.orders.order import Order

UNITS = "UNITS"

Turns = tuple[tuple[str, int], ...]  # (the node's local ISO day, units that the node begins on it), in order of days

_BEHIND_UTC = timedelta(hours=12)  # no clock on earth shows an earlier hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Units of capacity of a node's day that are taken (above 0) or given back (below 0).

    `limit` is the day's capacity; None means that it is not checked. `lanes` counters share the limit, so that many writers do
    not write the same item.
    """

    node: str
    day: str
    units: int
    limit: int | None = None
    lanes: int = 1
    kind: str = UNITS


def summed(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """Add slots of the same node, day and kind, in the order of these; slots of 0 units are dropped.

    The sum has no limit if one of its slots has none.
    """
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
    """Add the units of equal days."""
    days = dict(turns)
    for day, units in more:
        days[day] = days.get(day, 0) + units
    return tuple(sorted(days.items()))


def remove_units(turns: Turns, units: int, since: str = "") -> tuple[Turns, Turns]:
    """Remove units, from the latest days first. Return the turns that are left, and the turns that were removed.

    Units of days before `since` stay.
    """
    left, gone = dict(turns), []
    for day, of_day in reversed(turns):
        part = min(units, of_day) if day >= since else 0
        if part:
            gone.append((day, part))
            left[day] -= part
            units -= part
    return tuple((day, of_day) for day, of_day in left.items() if of_day), tuple(reversed(gone))


def give_back(order: "Order", number: int, units: int, now: datetime) -> "tuple[Order, tuple[Slot, ...]]":
    """Give back the capacity of units that a fulfillment loses before they ship. Return the order and the slots."""
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
    """Share a slot over the lanes of its day: return (lane, units, the lane's limit) of each lane that is written.

    `counted` are the units in each lane. Units that are given back, or taken without a limit, are counted in the first lane,
    which may fall below 0: only the sum of the lanes matters. Orders begin at different lanes, so that they seldom write the
    same one. Raises StockConflict when the lanes have no room.
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
