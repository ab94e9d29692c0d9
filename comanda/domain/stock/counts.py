"""
Correct a position by a count: the units that a node found on its shelves at a moment.

A count covers all units of the node that have not left, also picked and packed ones. It states the units of each bucket that
it names. A bucket, or a sku, that the count does not name stays as it is.

    new on hand = counted + moved since      so units sold since are not given back
    moved since = all that moved at the node after the moment of the count, whenever we learned of it

An adjustment that only corrected the books moved no unit, and is not counted as moved. An example is a shipment that was
reported after a count that had not found its units any more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from comanda.domain.days import utc_day
from comanda.domain.stock.apply_change import with_effect
from comanda.domain.stock.changes import Change, Units
from comanda.domain.stock.count_corrections import CORRECTIONS
from comanda.domain.stock.lanes import spread
from comanda.domain.stock.stock import SELLABLE, Position, add_numbers

OLDEST = timedelta(days=31)
CLOCKS_DIFFER = timedelta(minutes=5)  # between the node's clock and ours

TOO_OLD, COUNTED_SINCE, IN_THE_FUTURE, NEGATIVE = "too-old", "counted-since", "in-the-future", "out-of-stock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The result of one count of a sku at a node. `units` are pieces by bucket."""

    sku: str
    node: str
    units: Units
    counted_at: datetime
    source: str
    line: str = "count"


def too_late(lanes: Sequence[Position], happened: datetime, now: datetime) -> tuple[str, str] | None:
    """Return (code, reason) if a count or movement at the moment `happened` can no longer be accepted, else None."""
    if happened > now + CLOCKS_DIFFER:
        return IN_THE_FUTURE, "is later than now"
    if happened < now - OLDEST:
        return TOO_OLD, f"is older than {OLDEST.days} days"
    last = max((lane.counted_at for lane in lanes if lane.counted_at is not None), default=None)
    if last is not None and happened <= last:
        return COUNTED_SINCE, "is not later than the position's last count"
    return None


def moved(lines: Iterable[tuple[str, Mapping[str, int]]]) -> dict[str, int]:
    """Return the units that lines of the ledger, (reason, units on hand), moved by bucket.

    Corrections of the books are left out.
    """
    sums: dict[str, int] = {}
    for reason, on_hand in lines:
        if reason not in CORRECTIONS:
            sums = add_numbers(sums.items(), on_hand.items())
    return sums


def count(lanes: Sequence[Position], found: Count, since: Mapping[str, int], now: datetime) -> tuple[Change, ...]:
    """Return one change for each lane, after which the position holds the counted units and those moved since.

    `lanes.spread` divides them among the lanes. A shelf never holds fewer than 0 units.
    """
    deltas: list[dict[str, int]] = [{} for _ in lanes]
    for bucket, units in found.units:
        missing = max(0, units + since.get(bucket, 0)) - sum(lane.bucket(bucket) for lane in lanes)
        for delta, part in zip(deltas, spread(lanes, bucket, missing), strict=True):
            delta[bucket] = part
    counted = ", ".join(f"{bucket} {units}" for bucket, units in found.units)
    return tuple(
        with_effect(
            lane,
            Change(
                sku=lane.sku,
                node=lane.node,
                lane=lane.lane,
                kind="count",
                source=found.source,
                line=found.line,
                n="1",
                at=now,
                on_hand=tuple((bucket, units) for bucket, units in delta.items() if units or not lane.lane),
                reason=f"counted {counted}",
                creates=True,
                dated=True,
                occurred=found.counted_at,
                counted_at=found.counted_at,
            ),
            now,
        )
        for lane, delta in zip(lanes, deltas, strict=True)
    )


def variance(lanes: Iterable[Position], now: datetime) -> int:
    """Return the units that the node must pick by today and that the counted shelf does not hold."""
    today = utc_day(now)
    there = due_units = 0
    for lane in lanes:
        there += max(0, lane.bucket(SELLABLE))
        due_units += sum(units for due, units in lane.hard if due <= today)
    return max(0, due_units - there)
