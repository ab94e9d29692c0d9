"""Move a line of a reservation to another node: release its units at the old node, and reserve them at the new one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from comanda.domain.errors import NotAvailable
from comanda.domain.reservations import allot
from comanda.domain.reservations.allot import Terms, Wanted
from comanda.domain.reservations.reservations import HELD, Chunk, LinePart, Reservation, expiry_key, reserved_units
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
    soft = chunk.state == HELD and chunk.expires is not None
    terms = Terms(
        source=reservation.reservation_id,
        expires=expiry_key(chunk.expires, many=reservation.many) if soft and chunk.expires else None,
        chunk=f"{chunk.number:03d}.{chunk.rev}",
    )
    wanted = Wanted(rows=line.rows, sku=line.sku, nodes=(node,), quantity=quantity, due=line.due)
    found = allot.allot([wanted], {(line.sku, node): there}, terms, now, most=None)
    if found.lines[0].missing:
        raise NotAvailable(*allot.shortages(found.lines))
    # Units that the line has in a lane of the new node already are added up with those that come.
    units = {part.lane: part.quantity for part in line.parts if part.node == node}
    for part in found.lines[0].parts:
        units[part.lane] = units.get(part.lane, 0) + part.quantity
    at = tuple(LinePart(node=node, lane=lane, quantity=quantity) for lane, quantity in units.items())
    moved = replace(line, parts=at)
    lines = tuple(moved if one.number == number else one for one in chunk.lines)
    # `allot` numbers its lines from 0; the movements need the number of this line.
    kept = tuple(replace(change, line=str(number)) for change in found.changes)
    given = tuple(movements.release(units, now) for units in leaving)
    return replace(chunk, lines=lines, rev=chunk.rev + 1), (*given, *kept)
