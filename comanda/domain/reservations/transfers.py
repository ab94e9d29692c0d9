"""A line of a reservation moves to another node: its units are given back where they are, and kept there instead."""

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
    """The chunk with the line at its new node, and what that does to positions. `there`: the lanes of the new position.

    Raises NotAvailable when it has fewer units than the line keeps.
    """
    line = next(line for line in chunk.lines if line.number == number)
    leaving = [
        units for units in reserved_units(reservation, chunk) if units.line == str(number) and units.node != node
    ]
    asked = sum(units.quantity for units in leaving)
    if not asked:
        return chunk, ()
    soft = chunk.state == HELD and chunk.expires is not None
    terms = Terms(
        source=reservation.reservation_id,
        expires=expiry_key(chunk.expires, many=reservation.many) if soft and chunk.expires else None,
        chunk=f"{chunk.number:03d}.{chunk.rev}",
    )
    wanted = Wanted(rows=line.rows, sku=line.sku, nodes=(node,), quantity=asked, due=line.due)
    found = allot.allot([wanted], {(line.sku, node): there}, terms, now, most=None)
    if found.lines[0].missing:
        raise NotAvailable(*allot.shortages(found.lines))
    # What the line has there already is one with what comes: a movement of a place has one name.
    units = {part.lane: part.quantity for part in line.parts if part.node == node}
    for part in found.lines[0].parts:
        units[part.lane] = units.get(part.lane, 0) + part.quantity
    at = tuple(LinePart(node=node, lane=lane, quantity=quantity) for lane, quantity in units.items())
    moved = replace(line, parts=at)
    lines = tuple(moved if one.number == number else one for one in chunk.lines)
    # The movements are of this line and this chunk, as all others of it.
    kept = tuple(replace(change, line=str(number)) for change in found.changes)
    given = tuple(movements.release(units, now) for units in leaving)
    return replace(chunk, lines=lines, rev=chunk.rev + 1), (*given, *kept)
