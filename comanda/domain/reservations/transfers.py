"""Move a line of a reservation to another node: release its units at the old node, and reserve them at the new one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from comanda.domain.errors import NotAvailable
from comanda.domain.reservations import allot
from comanda.domain.reservations.allot import ReservationTerms, Wanted
from comanda.domain.reservations.reservations import Chunk, LinePart, Reservation, chunk_expiry, reserved_units
from comanda.domain.stock import movements
from comanda.domain.stock.changes import Change
from comanda.domain.stock.stock import Position


def transfer(
    reservation: Reservation, chunk: Chunk, number: int, node: str, there: Sequence[Position], now: datetime
) -> tuple[Chunk, tuple[Change, ...]]:
    """Return the chunk with the line at its new node, and the changes of positions. `there` are the new position's lanes.

    Raises NotAvailable when the new position has fewer units than the line has reserved.
    """
    line = next(line for line in chunk.lines if line.number == number)
    leaving = [
        units for units in reserved_units(reservation, chunk) if units.line == str(number) and units.node != node
    ]
    quantity = sum(units.quantity for units in leaving)
    if not quantity:
        return chunk, ()
    terms = ReservationTerms(
        source=reservation.reservation_id,
        expires=chunk_expiry(reservation, chunk),
        chunk=f"{chunk.number:03d}.{chunk.rev}",
    )
    wanted = Wanted(rows=line.rows, sku=line.sku, nodes=(node,), quantity=quantity, due=line.due)
    found = allot.allot([wanted], {(line.sku, node): there}, terms, now, most=None)
    if found.lines[0].missing:
        raise NotAvailable(*allot.shortages(found.lines))
    moved = replace(line, parts=_joined_parts(node, line.parts, found.lines[0].parts))
    lines = tuple(moved if one.number == number else one for one in chunk.lines)
    # `allot` numbers its lines from 0; the movements need the number of this line.
    kept = tuple(replace(change, line=str(number)) for change in found.changes)
    given = tuple(movements.release(units, now) for units in leaving)
    return replace(chunk, lines=lines, rev=chunk.rev + 1), (*given, *kept)


def _joined_parts(node: str, *parts: Iterable[LinePart]) -> tuple[LinePart, ...]:
    """Add up the parts of a line at a node by lane. A line has one movement in each lane."""
    units: dict[int, int] = {}
    for part in chain(*parts):
        if part.node == node:
            units[part.lane] = units.get(part.lane, 0) + part.quantity
    return tuple(LinePart(node=node, lane=lane, quantity=quantity) for lane, quantity in units.items())
