"""Take the units that are reserved for an order, in the same parts and the same order as the room route does."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.reservations.reservations import OwnReservation, Reservation, Take
from comanda.domain.stock.changes import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumed:
    """The changes of positions, and the takes that the reservation could not fill."""

    changes: tuple[Change, ...]
    missing: tuple[Take, ...]


def consume(found: Reservation, takes: Iterable[Take], now: datetime, order_id: str | None = None) -> Consumed:
    keeping = OwnReservation(found, now, order_id)
    changes: list[Change] = []
    missing: list[Take] = []
    for take in takes:
        wanted = take.request.quantity
        for _, quantity, made in keeping.take(take):
            wanted -= quantity
            changes += made
        if wanted:
            missing.append(replace(take, request=replace(take.request, quantity=wanted)))
    return Consumed(changes=(*changes, *keeping.rest()), missing=tuple(missing))
