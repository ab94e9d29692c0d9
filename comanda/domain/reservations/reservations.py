"""
Reservations: units that a request keeps at nodes, before there is an order or beside it.

    PENDING -> HELD -> COMMITTED | RELEASED | EXPIRED

The header's state is the single switch. A reservation that fits one transaction is made, changed and ended by one; a longer
one has its lines in chunks, and readers judge them by the header: what the header has decided is done to the chunks one
by one, by whoever comes by. A soft one ends by the clock, on the next full five minutes, whether anybody notes it or not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from comanda.domain.days import utc_day, utc_minute
from comanda.domain.errors import NotAllowed
from comanda.domain.stock import movements, stock
from comanda.domain.stock.changes import Change, Request, ReservedUnits

SOFT, HARD = "SOFT", "HARD"

PENDING = "PENDING"  # being made, chunk by chunk; counts for nobody, and ends with its lease
HELD = "HELD"  # soft: kept until it expires
COMMITTED = "COMMITTED"  # hard: kept whatever the hour, or taken by an order
RELEASED = "RELEASED"  # given back, by whom it was kept for or because a unit was missing
EXPIRED = "EXPIRED"  # its time was over before anybody committed it
GIVEN = "GIVEN"  # of a chunk: its units are somebody else's again

EVERY = timedelta(minutes=5)
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=4)
LEASE = timedelta(minutes=1)  # a maker that says nothing for so long is dead


class ReservationExpired(NotAllowed):
    """Its time is over, whether or not its units were taken back yet."""

    code = "reservation-expired"


class ReservationEnded(NotAllowed):
    """It was released, or an order has it."""

    code = "reservation-ended"


class ReservationPending(NotAllowed):
    """It is still being made: send the request for it again."""

    code = "reservation-pending"


class RequestReused(NotAllowed):
    """The request's id was used for another reservation."""

    code = "request-id-reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePart:
    """So many units at a node, in one lane of its position."""

    node: str
    quantity: int
    lane: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservedLine:
    """What was asked of one sku at one node or group of nodes, for one day, and what is kept of it."""

    number: int
    rows: tuple[int, ...]  # of the request, from 0: those that asked for the same are one line
    sku: str
    asked: int
    due: str
    parts: tuple[LinePart, ...] = ()

    @property
    def reserved(self) -> int:
        return sum(part.quantity for part in self.parts)

    @property
    def missing(self) -> int:
        return self.asked - self.reserved


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Lines whose units move in one transaction. `rev` counts these; `state` is HELD, COMMITTED or GIVEN."""

    number: int
    state: str
    lines: tuple[ReservedLine, ...]
    expires: datetime | None = None
    rev: int = 0

    @property
    def pieces(self) -> int:
        return sum(len(line.parts) for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """The header with its chunks. `rev` counts its writes."""

    reservation_id: str
    owner: str  # the client or person that asked for it
    content: str  # digest of what was asked
    kind: str
    state: str
    created: datetime
    expires: datetime | None = None  # of a soft one
    look: datetime | None = None  # when the sweeper must have looked at it; None = nothing is left to do
    many: bool = False  # more chunks than one: their units are led by the header
    made: bool = False  # it was once held or committed: its maker has been answered
    following: int = 0  # the first line that no chunk has yet
    chunks: tuple[Chunk, ...] = ()
    refused: int = 0  # the first chunks, of attempts that were given back: nobody asks for their lines any more
    wanted_by: str | None = None  # the order that it is kept for, and nobody else's any more
    order_id: str | None = None  # the order that took it
    channel: str | None = None  # the channel whose customers its units are for; None: it was asked for without one
    rev: int = 0

    @property
    def lines(self) -> tuple[ReservedLine, ...]:
        return tuple(line for chunk in self.chunks if chunk.number > self.refused for line in chunk.lines)

    def over(self, now: datetime) -> bool:
        """Whether its time, or that of its maker, is over."""
        ends = self.look if self.state == PENDING else self.expires
        return self.state == EXPIRED or (self.state in (PENDING, HELD) and ends is not None and ends <= now)

    def state_at(self, now: datetime) -> str:
        return EXPIRED if self.over(now) else self.state


def next_bucket(at: datetime) -> datetime:
    """The full five minutes at or after a moment: reservations end together, so that they are found and taken back together."""
    at = at.astimezone(UTC)
    start = at.replace(minute=0, second=0, microsecond=0)
    return start + -(-(at - start) // EVERY) * EVERY


def expiry(now: datetime, ttl_seconds: int) -> datetime:
    """When a soft reservation really ends. Raises ValueError outside of one minute to four hours."""
    ttl = timedelta(seconds=ttl_seconds)
    if not SHORTEST <= ttl <= LONGEST:
        raise ValueError(f"a reservation is kept for {SHORTEST} to {LONGEST}, not {ttl}")
    return next_bucket(now + ttl)


def expiry_key(expires: datetime, *, many: bool) -> str:
    """The expiry under which a position counts soft units."""
    return utc_minute(expires) + (stock.JUDGED_BY_HEADER if many else "")


def require_live(reservation: Reservation, now: datetime, order_id: str | None = None) -> None:
    """Raises ReservationExpired, ReservationEnded, ReservationPending. `order_id`: the order that asks."""
    name = reservation.reservation_id
    if reservation.over(now):
        raise ReservationExpired(f"{name} has expired")
    if reservation.state == PENDING:
        raise ReservationPending(f"{name} is still being made")
    if reservation.state == RELEASED:
        raise ReservationEnded(f"{name} was released")
    if reservation.order_id is not None:
        raise ReservationEnded(f"{name} was taken by {reservation.order_id}")
    if reservation.wanted_by not in (None, order_id):
        raise ReservationEnded(f"{name} is kept for {reservation.wanted_by}")


def reserved_units(reservation: Reservation, chunk: Chunk) -> tuple[ReservedUnits, ...]:
    """What a chunk has at the nodes; nothing once it was given back."""
    if chunk.state == GIVEN:
        return ()
    soft = chunk.state == HELD and chunk.expires is not None
    return tuple(
        ReservedUnits(
            sku=line.sku,
            node=part.node,
            lane=part.lane,
            quantity=part.quantity,
            due=line.due,
            source=reservation.reservation_id,
            line=str(line.number),
            n=f"{chunk.number:03d}.{chunk.rev}",
            expires=expiry_key(chunk.expires, many=reservation.many) if soft and chunk.expires else None,
        )
        for line in chunk.lines
        for part in line.parts
    )


def promoted(reservation: Reservation, chunk: Chunk, now: datetime) -> tuple[Chunk, tuple[Change, ...]]:
    changes = tuple(movements.promote(units, now) for units in reserved_units(reservation, chunk))
    return replace(chunk, state=COMMITTED, expires=None, rev=chunk.rev + 1), changes


def extended(
    reservation: Reservation, chunk: Chunk, expires: datetime, now: datetime
) -> tuple[Chunk, tuple[Change, ...]]:
    key = expiry_key(expires, many=reservation.many)
    changes = tuple(movements.extend(units, key, now) for units in reserved_units(reservation, chunk))
    return replace(chunk, expires=expires, rev=chunk.rev + 1), changes


def given_back(reservation: Reservation, chunk: Chunk, now: datetime) -> tuple[Chunk, tuple[Change, ...]]:
    reason = reservation.state.lower() if reservation.state in (RELEASED, EXPIRED) else ""
    changes = tuple(
        replace(movements.release(units, now), reason=reason) for units in reserved_units(reservation, chunk)
    )
    return replace(chunk, state=GIVEN, expires=None, rev=chunk.rev + 1), changes


def follow_header(reservation: Reservation, chunk: Chunk, now: datetime) -> tuple[Chunk, tuple[Change, ...]] | None:
    """What the header has decided, done to a chunk; None when it was done before, or nothing is decided."""
    if chunk.state == GIVEN or reservation.state in (PENDING, HELD):
        return None
    if reservation.order_id is not None:
        return replace(chunk, state=GIVEN, expires=None, rev=chunk.rev + 1), ()  # the order has its units
    if reservation.state == COMMITTED:
        return promoted(reservation, chunk, now) if chunk.state == HELD else None
    return given_back(reservation, chunk, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """Units that an order takes of a reservation, of a sku at a node; `request` is as the order would reserve them."""

    sku: str
    node: str
    request: Request


class OwnReservation:
    """What an order finds kept for it, as its plan takes it piece by piece. Raises as `require_live` does."""

    def __init__(self, reservation: Reservation, now: datetime, order_id: str | None = None) -> None:
        require_live(reservation, now, order_id)
        self._left = [units for chunk in reservation.chunks for units in reserved_units(reservation, chunk)]
        self._now = now

    def units(self) -> tuple[ReservedUnits, ...]:
        """What nobody took yet."""
        return tuple(units for units in self._left if units.quantity)

    def take(self, take: Take) -> Iterator[tuple[int, int, tuple[Change, ...]]]:
        """(lane, units, changes) of what is kept of a take, that for its own day first; perhaps less than it asks for."""
        wanted = take.request.quantity
        mine = [(i, u) for i, u in enumerate(self._left) if (u.sku, u.node) == (take.sku, take.node) and u.quantity]
        mine.sort(key=lambda found: (found[1].due != take.request.due, found[0]))
        for part, (i, units) in enumerate(mine):
            if not wanted:
                return
            quantity = min(wanted, units.quantity)
            wanted -= quantity
            self._left[i] = replace(units, quantity=units.quantity - quantity)
            n = f"{take.request.n}.{part}" if part else take.request.n
            request = replace(take.request, quantity=quantity, n=n)
            yield units.lane, quantity, _handed_over(replace(units, quantity=quantity), request, self._now)

    def rest(self) -> tuple[Change, ...]:
        """What the order does not need is given back: a movement of the reservation, not of the order."""
        return tuple(movements.release(units, self._now) for units in self.units())


def _handed_over(units: ReservedUnits, request: Request, now: datetime) -> tuple[Change, ...]:
    if request.due >= units.due or units.due <= utc_day(now):
        return (movements.consume(units, request, now),)
    # Kept for a later day than it is needed for: only what is there by then can be had.
    freed = movements.release(replace(units, n=f"{units.n}.{request.line}.{request.n}"), now)
    reserved = Change(
        sku=units.sku,
        node=units.node,
        lane=units.lane,
        kind="reserve",
        source=request.source,
        line=request.line,
        n=request.n,
        at=now,
        free=-units.quantity,
        demand=((request.due, units.quantity),),
        need=units.quantity,
        due=request.due if request.due > utc_day(now) else "",
        dated=True,
    )
    return freed, reserved


def units_by_node(reservation: Reservation) -> Mapping[tuple[str, str], int]:
    """Units that it keeps, by (sku, node)."""
    sums: dict[tuple[str, str], int] = {}
    for line in reservation.lines:
        for part in line.parts:
            sums[line.sku, part.node] = sums.get((line.sku, part.node), 0) + part.quantity
    return sums
