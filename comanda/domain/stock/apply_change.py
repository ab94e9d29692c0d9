"""
Apply a change to a position, and compute the effect of a dated change on `free`.

DynamoDB's update expression does the same to the stored item; `comanda.aws.stock.update_expression` writes it.
"""

from dataclasses import replace
from datetime import datetime

from comanda.domain.days import utc_day
from comanda.domain.stock import stock
from comanda.domain.stock.changes import Change, add_soft
from comanda.domain.stock.stock import Position, add_numbers


def apply_change(position: Position, change: Change) -> Position:
    """Return the position after the change."""
    supplies = {s.supply_id: s for s in position.supplies} | {s.supply_id: s for s in change.supplies}
    return replace(
        position,
        on_hand=tuple(sorted(add_numbers(position.on_hand, change.on_hand).items())),
        hard=tuple(sorted((due, q) for due, q in add_numbers(position.hard, change.demand).items() if q)),
        soft=tuple(sorted(bucket for bucket in add_soft(position.soft, change.soft) if bucket[2])),
        supplies=tuple(supplies[name] for name in sorted(supplies) if supplies[name].quantity),
        free=position.free + change.free,
        rev=position.rev + 1,
        counted_at=change.counted_at or position.counted_at,
        spent=tuple(key for key in position.spent if key not in change.clears),
    )


def with_effect(position: Position, change: Change, now: datetime) -> Change:
    """Return a dated change with its effect on `free` and on expected units, computed on this very position."""
    after = apply_change(position, replace(change, free=0))
    before = {s.supply_id: s.quantity for s in position.supplies}
    expected = tuple((s.supply_id, s.quantity - before.get(s.supply_id, 0)) for s in change.supplies)
    return replace(change, free=stored_free(after, now) - position.free, expected=expected)


def stored_free(position: Position, now: datetime) -> int:
    """Return `free` as the table should have it. Expired soft units lower it until a change takes them back."""
    return stock.free(_without_expiry(position), now)


def is_covered(position: Position, change: Change) -> bool:
    """Return True if the position has the units that a change needs, from the day on that it is due.

    Expired soft units count as demand here: they must be taken back first. False also if the day before which the units
    must be there has come since the decision, which must then be made again.
    """
    if change.need is None:
        return True
    steps = stock.net(_without_expiry(position), change.at)
    kept = [step for step in steps if not change.until or step[0] < change.until]
    if not kept:
        return False
    return stock.least(kept, change.due or utc_day(change.at)) >= change.need


def _without_expiry(position: Position) -> Position:
    """Return the position with soft demand that never expires."""
    return replace(position, soft=tuple((due, "~", units) for due, _, units in position.soft))
