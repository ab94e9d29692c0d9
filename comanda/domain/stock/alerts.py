"""
Decide which alerts of a position begin and end.

An alert stands while its condition holds. One event is sent when it is raised, and one when it is cleared. OVER_RESERVED and
VARIANCE are written together with the change or count that makes them true; only their events are decided here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from comanda.domain.days import utc_day
from comanda.domain.stock import stock
from comanda.domain.stock.safety import NO_SAFETY, Safety
from comanda.domain.stock.stock import Position

LOW = "LOW"  # so few units are left that it is time to order
OUT = "OUT"  # a new order gets nothing
OVER_RESERVED = "OVER_RESERVED"  # so many more units are promised than exist
STALE_SNAPSHOT = "STALE_SNAPSHOT"  # the last count is so many days old
LATE_SUPPLY = "LATE_SUPPLY"  # so many announced units are overdue and no longer counted on
VARIANCE = "VARIANCE"  # a count found so many units fewer than the node must pick
WATCHED = (LOW, OUT, OVER_RESERVED, STALE_SNAPSHOT, LATE_SUPPLY)
KINDS = (*WATCHED, VARIANCE)

# The names of the events of an alert: when it is raised, and when it is cleared.
FACTS: Mapping[str, tuple[str, str]] = {
    LOW: ("low", "no_longer_low"),
    OUT: ("out", "back_in_stock"),
    OVER_RESERVED: ("over_reserved", "no_longer_over_reserved"),
    STALE_SNAPSHOT: ("stale_snapshot", "counted_again"),
    LATE_SUPPLY: ("late_supply", "no_longer_late"),
    VARIANCE: ("variance", "variance_settled"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The limits at which the alerts of a position are raised. 0 means never."""

    low: int = 0  # raised at so many available units or fewer: the reorder point
    stale_days: int = 0
    safety: Safety = field(default=NO_SAFETY)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChange:
    """An alert that is raised or cleared. `quantity` is in units, for STALE_SNAPSHOT in days, and 0 when it is cleared."""

    kind: str
    raised: bool
    quantity: int = 0

    @property
    def fact(self) -> str:
        """Return the name of the event."""
        raised, cleared = FACTS[self.kind]
        return raised if self.raised else cleared


def standing(position: Position, thresholds: Thresholds, now: datetime) -> dict[str, int]:
    """Return the alerts whose condition holds now, each with its quantity."""
    found = {}
    if position.ship or position.pickup:
        left = thresholds.safety.left(stock.least(stock.net(position, now), utc_day(now)))
        if left <= thresholds.low and thresholds.low:
            found[LOW] = left
        if not left:
            found[OUT] = 0
    if position.over_reserved:
        found[OVER_RESERVED] = position.over_reserved
    # A position without a count is not stale: a node that sends only deltas never counts.
    if thresholds.stale_days and position.counted_at is not None:
        age = now - position.counted_at
        if age > timedelta(days=thresholds.stale_days):
            found[STALE_SNAPSHOT] = age.days
    late = sum(s.quantity for s in position.supplies if stock.effective_eta(s, utc_day(now)) is None)
    if late:
        found[LATE_SUPPLY] = late
    return found


def changes(
    before: Mapping[str, int], position: Position, thresholds: Thresholds, now: datetime
) -> tuple[AlertChange, ...]:
    """Return the alerts to raise and to clear. `before` are the alerts that stand, with their quantities.

    Only OVER_RESERVED is raised again for another quantity, because it states exactly how many units are missing.
    """
    after = standing(position, thresholds, now)
    begun = tuple(
        AlertChange(kind=kind, raised=True, quantity=quantity)
        for kind, quantity in after.items()
        if kind not in before or (kind == OVER_RESERVED and before[kind] != quantity)
    )
    ended = tuple(AlertChange(kind=kind, raised=False) for kind in WATCHED if kind in before and kind not in after)
    return begun + ended
