"""
Apply stock changes: positions, their ledger, and the items that belong to them, in one transaction.

Called by   comanda.aws.orders, reservations and stock_updates
Returns     nothing: the changes are stored
Raises      StockConflict when a position no longer allows a change; AlreadyMoved when a change was applied before; OutOfStock
            when an adjustment takes more than there is; the refusals of the extra items

A change is conditioned, never read and then written: a reserve holds while `free >= need`, whatever happened since the
position was read. Some changes depend on more than that, so their positions are read first and conditioned on `rev`: dated
changes, corrections and counts; a position that is or may become over-reserved, because the entry of exactly that size must
follow; and a change that leaves a shelf whose count contradicts it.
"""

from collections.abc import Mapping, Sequence

from comanda.aws.dynamodb import transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.stock import position_reads, position_writes
from comanda.aws.stock.ledger import AlreadyMoved
from comanda.domain.errors import StockConflict
from comanda.domain.stock.changes import Change
from comanda.domain.stock.count_corrections import with_correction
from comanda.domain.stock.stock import Position, PositionKey

_READ_FIRST = frozenset({"adjust", "undo", "count"})
_MAY_BE_BELOW = frozenset({"release", "ship", "short", "quarantine", "consume", "promote", "extend"})


def apply(changes: Sequence[Change], extra_items: Sequence[Write]) -> None:
    """Apply stock changes and write the items that belong to them, in one transaction."""
    places = {c.position_key for c in changes if c.kind in _READ_FIRST or c.dated}
    there = position_reads.get_many(places)
    if _fill_lanes(changes, there):
        there = position_reads.get_many(places)
    seen: dict[PositionKey, Position | None] = {place: there.get(place) for place in places}
    try:
        transaction.commit([*extra_items, *position_writes.writes(changes, seen=seen)])
    except AlreadyMoved:
        raise
    except StockConflict:
        contrary = _contrary(changes, seen)
        if not contrary:
            raise
        if _fill_lanes(changes, contrary):
            contrary = _contrary(changes, seen)
        transaction.commit([*extra_items, *position_writes.writes(changes, seen={**seen, **contrary})])


def _fill_lanes(changes: Sequence[Change], there: Mapping[PositionKey, Position]) -> bool:
    """Move units between the lanes of hot positions, so that each lane can give the units that the changes take from its
    shelf. Return True if units moved."""
    hot = {place: lane for place, lane in there.items() if lane.lanes or lane.lane}
    if not hot:
        return False
    from comanda.aws.stock import lanes  # few positions are hot, and most rooms that save an order meet none

    return lanes.fill_lanes(changes, hot)


def _contrary(changes: Sequence[Change], seen: Mapping[PositionKey, Position | None]) -> dict[PositionKey, Position]:
    """Return the positions that must be read after all: over-reserved positions, and shelves whose count contradicts the
    change."""
    there = position_reads.get_many(
        c.position_key for c in changes if c.kind in _MAY_BE_BELOW and c.position_key not in seen
    )
    return {
        c.position_key: read
        for c in changes
        if (read := there.get(c.position_key)) is not None and (read.free < 0 or len(with_correction(read, c)) > 1)
    }
