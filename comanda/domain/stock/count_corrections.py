"""
Correct the books where a movement and a count disagree, so that every unit stays accounted for.

A unit that left before the count is not on the counted shelf. A unit that came before the count is. A shelf never holds
fewer than 0 units. The difference becomes an adjustment beside the movement.
"""

from datetime import datetime

from comanda.domain.stock.changes import CARRIED, LEAVING, Change
from comanda.domain.stock.stock import SELLABLE, Position

# The reason of an adjustment that follows a movement: it corrects the books, and no unit moves.
COUNTED_OUT, MORE_LEFT, COUNTED_IN = "counted-out", "more-left-than-counted", "counted-in"
CORRECTIONS = frozenset({COUNTED_OUT, MORE_LEFT, COUNTED_IN})


def counted_since(position: Position, occurred: datetime | None) -> bool:
    """Return True if the position's last count was taken at or after the moment, and so includes it."""
    return occurred is not None and position.counted_at is not None and occurred <= position.counted_at


def with_correction(position: Position, change: Change) -> tuple[Change, ...]:
    """Return the change, and the adjustment that it needs, if any, because of the position's last count.

    An adjustment follows units that left or came before the count, and units that leave though the count found fewer.
    """
    if change.kind not in LEAVING | CARRIED:
        return (change,)
    moved = sum(delta for bucket, delta in change.on_hand if bucket == SELLABLE)
    if counted_since(position, change.occurred):
        back, reason = -moved, COUNTED_OUT if moved < 0 else COUNTED_IN
    elif change.kind in LEAVING:
        back, reason = max(0, -moved - max(0, position.bucket(SELLABLE))), MORE_LEFT
    else:
        back, reason = 0, ""
    if not back:
        return (change,)
    correction = Change(
        sku=change.sku,
        node=change.node,
        lane=change.lane,
        kind="adjust",
        source=change.source,
        line=change.line,
        n=change.n,
        at=change.at,
        free=back,
        on_hand=((SELLABLE, back),),
        reason=reason,
    )
    return change, correction
