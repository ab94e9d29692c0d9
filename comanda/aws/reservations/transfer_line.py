"""
Move a line of a reservation to another node: its units are given back at one node and kept at the other, in one transaction.

Called by   the model and contention tests; no room offers it yet
Raises      NotFound for the line; NotAvailable when the other node has too few units; ReservationExpired, ReservationEnded,
            ReservationPending; StockConflict, Throttled (Busy)
"""

from dataclasses import replace
from datetime import datetime

from comanda.aws.reservations import expiry, reservations
from comanda.aws.reservations.reservation_items import chunk_write
from comanda.aws.stock import lanes
from comanda.domain.errors import NotFound
from comanda.domain.reservations import allot, transfers
from comanda.domain.reservations import reservations as rules
from comanda.domain.reservations.reservations import Reservation


def transfer(reservation_id: str, number: int, node: str, now: datetime) -> Reservation:
    """Move the units of line `number` to another node, and return the reservation."""

    def act(found: Reservation) -> Reservation:
        rules.require_live(found, now)
        found = reservations.follow(found, now)
        chunks = [(i, chunk) for i, chunk in enumerate(found.chunks) if chunk.number > found.refused]
        at = next((i for i, chunk in chunks if any(line.number == number for line in chunk.lines)), None)
        if at is None:
            raise NotFound("line", str(number))
        place = (next(line.sku for line in found.chunks[at].lines if line.number == number), node)
        there = lanes.read([place]).get(place, ())
        if any(allot.may_block(position, now) for position in there):
            expiry.take_back([place], now)
            there = lanes.read([place])[place]
        moved, changes = transfers.transfer(found, found.chunks[at], number, node, there, now)
        if not changes:
            return found
        after = replace(found, chunks=(*found.chunks[:at], moved, *found.chunks[at + 1 :]))
        extra = [chunk_write(found, moved)] if found.many else []
        return reservations.save(after, changes, lambda _: extra)

    return reservations.decide(reservation_id, act)
