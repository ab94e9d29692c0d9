"""
Decide what happens to a reservation: units that a request keeps at nodes, before there is an order or beside it.

    PENDING -> HELD -> COMMITTED | RELEASED | EXPIRED

The header's state is the single switch. A reservation that fits one transaction is made, changed and ended by one. A longer
reservation has its lines in chunks, and readers judge the chunks by the header. The next request or sweep that meets such a
reservation does to its chunks, one by one, what the header has decided. A soft reservation ends by the clock, at the next
full five minutes, even if no process has noted its end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from comanda.domain.days import utc_day, utc_minute
from comanda.domain.errors import NotAllowed
from comanda.domain.stock import movements, stock
from comanda.domain.stock.changes import Change, Request, ReservedUnits

SOFT, HARD = "SOFT", "HARD"

PENDING = "PENDING"  # being made, chunk by chunk; no order may use it yet, and it ends with its lease
HELD = "HELD"  # soft: kept until it expires
COMMITTED = "COMMITTED"  # hard: it does not expire; or an order has its units
RELEASED = "RELEASED"  # given back by its owner, or because units were missing
EXPIRED = "EXPIRED"  # its time was over before it was committed
GIVEN = "GIVEN"  # of a chunk: its units were given back, or an order has them

EVERY = timedelta(minutes=5)
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=4)
LEASE = timedelta(minutes=1)  # a PENDING reservation that was not written for so long has no maker any more


class ReservationExpired(NotAllowed):
    """Refuse a reservation whose time is over, even if its units were not taken back yet."""

    code = "reservation-expired"


class ReservationEnded(NotAllowed):
    """Refuse a reservation that was released, or whose units an order has."""

    code = "reservation-ended"


class ReservationPending(NotAllowed):
    """Refuse a reservation that is still being made. The same request finishes it."""

    code = "reservation-pending"


class RequestReused(NotAllowed):
    """Refuse a request whose id was used for another reservation."""

    code = "request-id-reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePart:
    """The units of a line that one lane of a node's position has reserved."""

    node: str
    quantity: int
    lane: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservedLine:
    """A line of a reservation: the requested units of a sku at a node or group of nodes, for a day, and the reserved ones."""

    number: int
    rows: tuple[int, ...]  # of the request, from 0: rows with the same sku, nodes and day are one line
    sku: str
    wanted: int
    due: str
    parts: tuple[LinePart, ...] = ()

    @property
    def reserved(self) -> int:
        """Return the units that the line has."""
        return sum(part.quantity for part in self.parts)

    @property
    def missing(self) -> int:
        """Return the requested units that the line does not have."""
        return self.wanted - self.reserved


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Lines whose units move in one transaction. `rev` counts its transactions; `state` is HELD, COMMITTED or GIVEN."""

    number: int
    state: str
    lines: tuple[ReservedLine, ...]
    expires: datetime | None = None
    rev: int = 0

    @property
    def pieces(self) -> int:
        """Return the number of lanes from which its lines have units: each needs its own writes."""
        return sum(len(line.parts) for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """The header of a reservation with its chunks. `rev` counts its writes."""

    reservation_id: str
    owner: str  # the client or person that made it
    content: str  # digest of the request
    kind: str
    state: str
    created: datetime
    expires: datetime | None = None  # of a soft reservation
    next_look: datetime | None = None  # when the sweeper checks it; None = no work is left
    many: bool = False  # it may have several chunks: the header decides whether their units count
    made: bool = False  # it was once held or committed: its maker has its answer
    next_line: int = 0  # the first line that no chunk has yet
    chunks: tuple[Chunk, ...] = ()
    refused: int = 0  # the number of first chunks whose attempts were given back: their lines do not count
    wanted_by: str | None = None  # the only order that may take it; None = any order of its owner
    order_id: str | None = None  # the order that took it
    channel: str | None = None  # the channel whose customers its units are for; None: the request named none
    rev: int = 0

    @property
    def lines(self) -> tuple[ReservedLine, ...]:
        """Return the lines of all chunks that count."""
        return tuple(line for chunk in self.chunks if chunk.number > self.refused for line in chunk.lines)

    def is_over(self, now: datetime) -> bool:
        """Return True if the time of the reservation, or while it is made the lease of its maker, has ended."""
        ends = self.next_look if self.state == PENDING else self.expires
        return self.state == EXPIRED or (self.state in (PENDING, HELD) and ends is not None and ends <= now)

    def state_at(self, now: datetime) -> str:
        """Return the state, which is EXPIRED as soon as the time is over, even if it was not written yet."""
        return EXPIRED if self.is_over(now) else self.state


def next_bucket(at: datetime) -> datetime:
    """Return the full five minutes at or after a moment. Reservations end together, so that one sweep finds them all."""
    at = at.astimezone(UTC)
    start = at.replace(minute=0, second=0, microsecond=0)
    return start + -(-(at - start) // EVERY) * EVERY


def expiry(now: datetime, ttl_seconds: int) -> datetime:
    """Return the moment at which a soft reservation ends. Raises ValueError outside of one minute to four hours."""
    ttl = timedelta(seconds=ttl_seconds)
    if not SHORTEST <= ttl <= LONGEST:
        raise ValueError(f"a reservation is kept for {SHORTEST} to {LONGEST}, not {ttl}")
    return next_bucket(now + ttl)


def expiry_key(expires: datetime, *, many: bool) -> str:
    """Return the expiry under which a position counts soft units."""
    return utc_minute(expires) + (stock.JUDGED_BY_HEADER if many else "")


def chunk_expiry(reservation: Reservation, chunk: Chunk) -> str | None:
    """Return the expiry under which positions count the units of a chunk. None: its units are hard."""
    if chunk.state != HELD or chunk.expires is None:
        return None
    return expiry_key(chunk.expires, many=reservation.many)


def require_live(reservation: Reservation, now: datetime, order_id: str | None = None) -> None:
    """Check that a reservation may be used, by the order `order_id` if it is given.

    Raises ReservationExpired, ReservationEnded, ReservationPending.
    """
    name = reservation.reservation_id
    if reservation.is_over(now):
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
    """Return the units that a chunk has reserved at nodes. A chunk that was given back has none."""
    if chunk.state == GIVEN:
        return ()
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
            expires=chunk_expiry(reservation, chunk),
        )
        for line in chunk.lines
        for part in line.parts
    )


def promote_chunk(reservation: Reservation, chunk: Chunk, now: datetime) -> tuple[Chunk, tuple[Change, ...]]:
    """Make the units of a chunk hard: they no longer expire."""
    changes = tuple(movements.promote(units, now) for units in reserved_units(reservation, chunk))
    return replace(chunk, state=COMMITTED, expires=None, rev=chunk.rev + 1), changes


def extend_chunk(
    reservation: Reservation, chunk: Chunk, expires: datetime, now: datetime
) -> tuple[Chunk, tuple[Change, ...]]:
    """Let the units of a chunk expire at another time."""
    key = expiry_key(expires, many=reservation.many)
    changes = tuple(movements.extend(units, key, now) for units in reserved_units(reservation, chunk))
    return replace(chunk, expires=expires, rev=chunk.rev + 1), changes


def release_chunk(reservation: Reservation, chunk: Chunk, now: datetime) -> tuple[Chunk, tuple[Change, ...]]:
    """Give the units of a chunk back. The state of the reservation is the reason, if it was released or expired."""
    reason = reservation.state.lower() if reservation.state in (RELEASED, EXPIRED) else ""
    changes = tuple(
        replace(movements.release(units, now), reason=reason) for units in reserved_units(reservation, chunk)
    )
    return replace(chunk, state=GIVEN, expires=None, rev=chunk.rev + 1), changes


def follow_header(reservation: Reservation, chunk: Chunk, now: datetime) -> tuple[Chunk, tuple[Change, ...]] | None:
    """Do to a chunk what the header has decided. None: it was done before, or the header has not decided yet."""
    if chunk.state == GIVEN or reservation.state in (PENDING, HELD):
        return None
    if reservation.order_id is not None:
        return replace(chunk, state=GIVEN, expires=None, rev=chunk.rev + 1), ()  # the order has its units
    if reservation.state == COMMITTED:
        return promote_chunk(reservation, chunk, now) if chunk.state == HELD else None
    return release_chunk(reservation, chunk, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """Units of a sku at a node that an order takes from a reservation. `request` would reserve them without it."""

    sku: str
    node: str
    request: Request


class OwnReservation:
    """The units that are reserved for an order, while its plan takes them one by one. Raises as `require_live` does."""

    def __init__(self, reservation: Reservation, now: datetime, order_id: str | None = None) -> None:
        require_live(reservation, now, order_id)
        self._left = [units for chunk in reservation.chunks for units in reserved_units(reservation, chunk)]
        self._now = now

    def units(self) -> tuple[ReservedUnits, ...]:
        """Return the units that the plan has not taken yet."""
        return tuple(units for units in self._left if units.quantity)

    def take(self, take: Take) -> Iterator[tuple[int, int, tuple[Change, ...]]]:
        """Take reserved units, perhaps fewer than requested. Yields (lane, units, changes of the position).

        Units that are reserved for the very day of the request come first.
        """
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
        """Give back the units that the order does not need. These are movements of the reservation, not of the order."""
        return tuple(movements.release(units, self._now) for units in self.units())


def _handed_over(units: ReservedUnits, request: Request, now: datetime) -> tuple[Change, ...]:
    if request.due >= units.due or units.due <= utc_day(now):
        return (movements.consume(units, request, now),)
    # The order needs the units on an earlier day than they are reserved for, so they must be available on that day.
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
    """Return the units that a reservation has, by (sku, node)."""
    sums: dict[tuple[str, str], int] = {}
    for line in reservation.lines:
        for part in line.parts:
            sums[line.sku, part.node] = sums.get((line.sku, part.node), 0) + part.quantity
    return sums
