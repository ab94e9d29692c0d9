"""
Counts: what a node found on its shelves at a moment, and what that makes of a position now.

A count covers the units in the node's possession that have not left: picked and packed ones too. It says how many each
bucket that it names held; a bucket that it does not name stays as it is, and so does a sku that it does not name.

    new on hand = counted + what moved since          so units sold since are not given back
    since       = everything that happened at the node after the moment of the count, whenever we heard of it

What only corrected the books (a shipment told after the count that had seen it leave) moved no unit, and is no part of it.
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
    """What one count found of a sku at a node. `units`: by bucket, in pieces."""

    sku: str
    node: str
    units: Units
    counted_at: datetime
    source: str
    line: str = "count"


def too_late(lanes: Sequence[Position], happened: datetime, now: datetime) -> tuple[str, str] | None:
    """(code, why) of what was counted, or moved, at a moment that nothing can be said of any more."""
    if happened > now + CLOCKS_DIFFER:
        return IN_THE_FUTURE, "is later than now"
    if happened < now - OLDEST:
        return TOO_OLD, f"is older than {OLDEST.days} days"
    last = max((lane.counted_at for lane in lanes if lane.counted_at is not None), default=None)
    if last is not None and happened <= last:
        return COUNTED_SINCE, "is not later than the position's last count"
    return None


def moved(lines: Iterable[tuple[str, Mapping[str, int]]]) -> dict[str, int]:
    """By bucket, what the ledger's lines, (reason, on hand), moved. Corrections of the books are left out."""
    sums: dict[str, int] = {}
    for reason, on_hand in lines:
        if reason not in CORRECTIONS:
            sums = add_numbers(sums.items(), on_hand.items())
    return sums


def count(lanes: Sequence[Position], found: Count, since: Mapping[str, int], now: datetime) -> tuple[Change, ...]:
    """The changes that make the position hold what was found and what moved since, one for each of its lanes.

    They share it as `lanes.spread` says. A shelf never holds fewer than none.
    """
    deltas: list[dict[str, int]] = [{} for _ in lanes]
    for bucket, units in found.units:
        missing = max(0, units + since.get(bucket, 0)) - sum(lane.bucket(bucket) for lane in lanes)
        for delta, part in zip(deltas, spread(lanes, bucket, missing), strict=True):
            delta[bucket] = part
    said = ", ".join(f"{bucket} {units}" for bucket, units in found.units)
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
                reason=f"counted {said}",
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
    """Units that nodes were told to pick by today and that the shelf, as counted, does not hold."""
    today = utc_day(now)
    there = asked = 0
    for lane in lanes:
        there += max(0, lane.bucket(SELLABLE))
        asked += sum(units for due, units in lane.hard if due <= today)
    return max(0, asked - there)
