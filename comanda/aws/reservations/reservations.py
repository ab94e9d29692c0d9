"""
Reservations in the Stock table: read, changed and ended. `comanda.aws.reservations.reserving` makes them, `comanda.aws.reservations.expiry` takes
back what their time has ended.

One that fits a transaction is one item, changed together with its positions. A longer one is a header and chunks: the
header is flipped first, then `follow` brings each chunk to where the header is. Until that is done the header stays where
the sweeper looks, so whoever dies on the way leaves nothing stuck.

Raises      NotFound, ReservationExpired, ReservationEnded, ReservationPending; StockConflict, Throttled (Busy)
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.reservations.reservation_rows import chunk_write, header_write, of_rows
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import stock_changes
from comanda.domain.errors import NotFound, StockConflict
from comanda.domain.reservations import reservations as rules
from comanda.domain.reservations.reservations import Chunk, Reservation
from comanda.domain.stock.changes import Change

TRIES = 3

More = Callable[[Reservation], Sequence[Write]]  # writes that belong to the reservation as it will be


def nothing(_: Reservation) -> Sequence[Write]:
    return ()


def find(reservation_id: str) -> Reservation | None:
    """The reservation with its lines, strongly consistent."""
    pk = keys.reservation(reservation_id)["pk"]
    rows = list(reads.query(settings.stock_table, "pk = :pk", consistent=True, pk=pk))
    return of_rows(rows[0], rows[1:]) if rows else None


def load(reservation_id: str, owner: str | None = None) -> Reservation:
    """The same; of this owner, where one is named. Raises NotFound."""
    found = find(reservation_id)
    if found is None or (owner is not None and found.owner != owner):
        raise NotFound("reservation", reservation_id[:80])
    return found


def promote(reservation_id: str, now: datetime, also: More = nothing) -> Reservation:
    """Soft becomes hard. One that is hard already is as it was asked to be."""

    def act(found: Reservation) -> Reservation:
        rules.require_live(found, now)
        if found.state == rules.COMMITTED:
            return unchanged(found, now, also)
        return _turned(replace(found, state=rules.COMMITTED, expires=None), found, rules.promoted, now, also)

    return decided(reservation_id, act)


def release(reservation_id: str, now: datetime, also: More = nothing) -> Reservation:
    """Everything is given back. One that was released before is as it was asked to be."""

    def act(found: Reservation) -> Reservation:
        if found.state == rules.RELEASED:
            return unchanged(found, now, also)
        rules.require_live(found, now)
        return _turned(replace(found, state=rules.RELEASED), found, rules.given_back, now, also)

    return decided(reservation_id, act)


def extend(reservation_id: str, expires: datetime, now: datetime, also: More = nothing) -> Reservation:
    """A soft one is kept until another moment, earlier or later; a hard one needs none. The chunks come first, the header
    last: dying between, it ends when it would have."""

    def act(found: Reservation) -> Reservation:
        rules.require_live(found, now)
        if found.state == rules.COMMITTED or found.expires == expires:
            return unchanged(found, now, also)
        after = replace(found, expires=expires, look=expires)
        if not found.many:
            chunk, changes = rules.extended(found, found.chunks[0], expires, now)
            return saved(replace(after, chunks=(chunk,)), changes, also)
        for chunk in found.chunks:
            if chunk.expires != expires:
                moved, changes = rules.extended(found, chunk, expires, now)
                stock_changes.apply(changes, [chunk_write(found, moved)])
        return saved(after, (), also)

    return decided(reservation_id, act)


def commit_for(found: Reservation, order_id: str, now: datetime) -> tuple[tuple[Change, ...], list[Write]]:
    """What an order's own save must write so that the reservation is kept for it, whatever the hour: stock changes and the
    header's write. Raises as `require_live` does; the write is refused with StockConflict when it changed meanwhile."""
    rules.require_live(found, now, order_id)
    after = replace(found, state=rules.COMMITTED, expires=None, wanted_by=order_id)
    if found.many:
        look = rules.next_bucket(now) if found.state == rules.HELD else found.look
        return (), [header_write(replace(after, look=look), now)]
    chunk, changes = found.chunks[0], tuple[Change, ...]()
    if chunk.state == rules.HELD:
        chunk, changes = rules.promoted(after, chunk, now)
    return changes, [header_write(replace(after, chunks=(chunk,), look=None), now)]


def release_for(found: Reservation, order_id: str, now: datetime) -> tuple[tuple[Change, ...], list[Write]]:
    """The same for an order that needs nothing of it any more. Nothing, where it has ended already."""
    try:
        rules.require_live(found, now, order_id)
    except (rules.ReservationExpired, rules.ReservationEnded):
        return (), []
    after = replace(found, state=rules.RELEASED)
    if found.many:
        return (), [header_write(replace(after, look=rules.next_bucket(now)), now)]
    chunk, changes = rules.given_back(after, found.chunks[0], now)
    return changes, [header_write(replace(after, chunks=(chunk,), look=None), now)]


def kept_for(order_id: str, reservation_id: str, now: datetime) -> Reservation | None:
    """The reservation that an order brought, while it is there to be taken."""
    found = find(reservation_id)
    if found is None:
        return None
    found = follow(found, now)
    try:
        rules.require_live(found, now, order_id)
    except (rules.ReservationExpired, rules.ReservationEnded):
        return None
    return found


def taken(found: Reservation, order_id: str, now: datetime) -> Write:
    """The header of a reservation whose units an order has: to be written with the order, or not at all."""
    look = rules.next_bucket(now) if found.many else None
    after = replace(found, state=rules.COMMITTED, order_id=order_id, expires=None, look=look)
    if not found.many:
        after = replace(after, chunks=tuple(replace(c, state=rules.GIVEN, expires=None) for c in found.chunks))
    return header_write(after, now)


def follow(found: Reservation, now: datetime) -> Reservation:
    """Bring every chunk of a longer reservation to where its header is; nothing while nothing is decided."""
    if found.look is None or not found.many or found.state in (rules.PENDING, rules.HELD):
        return found
    chunks = []
    for chunk in found.chunks:
        step = rules.follow_header(found, chunk, now)
        if step is not None:
            moved, changes = step
            stock_changes.apply(changes, [chunk_write(found, moved, now)])
        chunks.append(step[0] if step else chunk)
    done = replace(found, chunks=tuple(chunks), look=None)
    transaction.commit([header_write(done, now)])
    return replace(done, rev=found.rev + 1)


def end(found: Reservation, now: datetime) -> Reservation:
    """Note that its time is over, and give back what it still has. Whose positions' plain expiries were not taken back yet
    must see to that first."""
    if found.state in (rules.PENDING, rules.HELD):
        chunks = (
            found.chunks if found.many else tuple(replace(c, state=rules.GIVEN, expires=None) for c in found.chunks)
        )
        look = found.look if found.many else None
        found = replace(found, state=rules.EXPIRED, chunks=chunks, look=look)
        transaction.commit([header_write(found, now)])
        found = replace(found, rev=found.rev + 1)
    return follow(found, now)


def decided(reservation_id: str, act: Callable[[Reservation], Reservation]) -> Reservation:
    """Decide again when somebody was faster."""
    for attempt in range(TRIES):
        try:
            return act(load(reservation_id))
        except StockConflict:
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def unchanged(found: Reservation, now: datetime, also: More) -> Reservation:
    """Answer what is so already, and finish what it may have left to do."""
    if writes := also(found):
        transaction.commit(writes)
    return follow(found, now)


Step = Callable[[Reservation, Chunk, datetime], tuple[Chunk, tuple[Change, ...]]]


def _turned(after: Reservation, before: Reservation, step: Step, now: datetime, also: More) -> Reservation:
    """The header as it will be, with its only chunk; or with the chunks that follow it."""
    if before.many:
        after = replace(after, look=rules.next_bucket(now))  # sooner than it would have expired
        return follow(saved(after, (), also, now), now)
    chunk, changes = step(after, before.chunks[0], now)
    return saved(replace(after, chunks=(chunk,), look=None), changes, also, now)


def saved(after: Reservation, changes: Sequence[Change], also: More, now: datetime | None = None) -> Reservation:
    stock_changes.apply(changes, [*also(after), header_write(after, now)])
    return replace(after, rev=after.rev + 1)
