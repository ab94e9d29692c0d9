"""
Read, change and end reservations in the Stock table.

Called by   functions/reserve, intake, route and planning; comanda.aws.reservations.reserve_units makes reservations, expiry ends them
Returns     a Reservation, or the changes and Writes that an order's own save must add
Raises      NotFound, ReservationExpired, ReservationEnded, ReservationPending; StockConflict, Throttled (Busy)

A short reservation is one item, which changes together with its positions. A long one is a header with chunks: the header
changes first, then `follow` brings each chunk to the header's state. Until then the header stays in the index that the sweeper
reads, so a process that dies on the way leaves nothing stuck.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.reservations.reservation_items import chunk_write, header_write, to_reservation
from comanda.aws.runtime.retries import retry
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import stock_changes
from comanda.domain.errors import NotFound, StockConflict
from comanda.domain.reservations import reservations as rules
from comanda.domain.reservations.reservations import Chunk, Reservation
from comanda.domain.stock.changes import Change

TRIES = 3

ExtraWrites = Callable[[Reservation], Sequence[Write]]  # makes writes that belong to the reservation as it will be


def no_writes(_: Reservation) -> Sequence[Write]:
    """Return no extra writes."""
    return ()


def find(reservation_id: str) -> Reservation | None:
    """Return a reservation with its lines, strongly consistent, or None if it does not exist."""
    pk = keys.reservation(reservation_id)["pk"]
    rows = list(reads.query(settings.stock_table, "pk = :pk", consistent=True, pk=pk))
    return to_reservation(rows[0], rows[1:]) if rows else None


def load(reservation_id: str, owner: str | None = None) -> Reservation:
    """Return a reservation; with `owner`, only if it is this owner's. Raises NotFound."""
    found = find(reservation_id)
    if found is None or (owner is not None and found.owner != owner):
        raise NotFound("reservation", reservation_id[:80])
    return found


def promote(reservation_id: str, now: datetime, also: ExtraWrites = no_writes) -> Reservation:
    """Make a soft reservation hard. A hard one stays as it is."""

    def act(found: Reservation) -> Reservation:
        rules.require_live(found, now)
        if found.state == rules.COMMITTED:
            return finish_unchanged(found, now, also)
        return _change_state(replace(found, state=rules.COMMITTED, expires=None), found, rules.promote_chunk, now, also)

    return decide(reservation_id, act)


def release(reservation_id: str, now: datetime, also: ExtraWrites = no_writes) -> Reservation:
    """Give all units of a reservation back. A released one stays as it is."""

    def act(found: Reservation) -> Reservation:
        if found.state == rules.RELEASED:
            return finish_unchanged(found, now, also)
        rules.require_live(found, now)
        return _change_state(replace(found, state=rules.RELEASED), found, rules.release_chunk, now, also)

    return decide(reservation_id, act)


def extend(reservation_id: str, expires: datetime, now: datetime, also: ExtraWrites = no_writes) -> Reservation:
    """Set the expiry of a soft reservation, earlier or later. A hard one stays as it is.

    The chunks change first and the header last: if the process dies between, the reservation ends at its old time.
    """

    def act(found: Reservation) -> Reservation:
        rules.require_live(found, now)
        if found.state == rules.COMMITTED or found.expires == expires:
            return finish_unchanged(found, now, also)
        after = replace(found, expires=expires, next_look=expires)
        if not found.many:
            chunk, changes = rules.extend_chunk(found, found.chunks[0], expires, now)
            return save(replace(after, chunks=(chunk,)), changes, also)
        for chunk in found.chunks:
            if chunk.expires != expires:
                moved, changes = rules.extend_chunk(found, chunk, expires, now)
                stock_changes.apply(changes, [chunk_write(found, moved)])
        return save(after, (), also)

    return decide(reservation_id, act)


def commit_for(found: Reservation, order_id: str, now: datetime) -> tuple[tuple[Change, ...], list[Write]]:
    """Return the stock changes and the write that an order's save adds to keep the reservation for the order.

    The reservation then has no expiry. Raises as `require_live` does. The write refuses with StockConflict if the reservation
    changed meanwhile.
    """
    rules.require_live(found, now, order_id)
    after = replace(found, state=rules.COMMITTED, expires=None, wanted_by=order_id)
    if found.many:
        look = rules.next_bucket(now) if found.state == rules.HELD else found.next_look
        return (), [header_write(replace(after, next_look=look), now)]
    chunk, changes = found.chunks[0], tuple[Change, ...]()
    if chunk.state == rules.HELD:
        chunk, changes = rules.promote_chunk(after, chunk, now)
    return changes, [header_write(replace(after, chunks=(chunk,), next_look=None), now)]


def release_for(found: Reservation, order_id: str, now: datetime) -> tuple[tuple[Change, ...], list[Write]]:
    """Return the stock changes and the write that release a reservation which an order needs no more.

    Return nothing if the reservation has ended.
    """
    try:
        rules.require_live(found, now, order_id)
    except (rules.ReservationExpired, rules.ReservationEnded):
        return (), []
    after = replace(found, state=rules.RELEASED)
    if found.many:
        return (), [header_write(replace(after, next_look=rules.next_bucket(now)), now)]
    chunk, changes = rules.release_chunk(after, found.chunks[0], now)
    return changes, [header_write(replace(after, chunks=(chunk,), next_look=None), now)]


def kept_for(order_id: str, reservation_id: str, now: datetime) -> Reservation | None:
    """Return the reservation that an order named, or None if it does not exist or has ended."""
    found = find(reservation_id)
    if found is None:
        return None
    found = follow(found, now)
    try:
        rules.require_live(found, now, order_id)
    except (rules.ReservationExpired, rules.ReservationEnded):
        return None
    return found


def given_write(found: Reservation, order_id: str, now: datetime) -> Write:
    """Write the header of a reservation whose units an order takes, in the transaction that saves the order."""
    look = rules.next_bucket(now) if found.many else None
    after = replace(found, state=rules.COMMITTED, order_id=order_id, expires=None, next_look=look)
    if not found.many:
        after = replace(after, chunks=tuple(replace(c, state=rules.GIVEN, expires=None) for c in found.chunks))
    return header_write(after, now)


def follow(found: Reservation, now: datetime) -> Reservation:
    """Bring every chunk of a long reservation to its header's state. Do nothing while the header is pending or held."""
    if found.next_look is None or not found.many or found.state in (rules.PENDING, rules.HELD):
        return found
    chunks = []
    for chunk in found.chunks:
        step = rules.follow_header(found, chunk, now)
        if step is not None:
            moved, changes = step
            stock_changes.apply(changes, [chunk_write(found, moved, now)])
        chunks.append(step[0] if step else chunk)
    done = replace(found, chunks=tuple(chunks), next_look=None)
    transaction.commit([header_write(done, now)])
    return replace(done, rev=found.rev + 1)


def end(found: Reservation, now: datetime) -> Reservation:
    """Mark a reservation as expired, and give back the units that its chunks still hold.

    The caller has taken back the expired units of a short reservation's positions before.
    """
    if found.state in (rules.PENDING, rules.HELD):
        chunks = (
            found.chunks if found.many else tuple(replace(c, state=rules.GIVEN, expires=None) for c in found.chunks)
        )
        look = found.next_look if found.many else None
        found = replace(found, state=rules.EXPIRED, chunks=chunks, next_look=look)
        transaction.commit([header_write(found, now)])
        found = replace(found, rev=found.rev + 1)
    return follow(found, now)


def decide(reservation_id: str, act: Callable[[Reservation], Reservation]) -> Reservation:
    """Load a reservation and act on it; up to three times if another writer was faster. Raises StockConflict then."""
    return retry(TRIES, lambda: act(load(reservation_id)), on=StockConflict)


def finish_unchanged(found: Reservation, now: datetime, also: ExtraWrites) -> Reservation:
    """Write the record of the answer for a reservation that needs no change, and finish an earlier change of its chunks."""
    if writes := also(found):
        transaction.commit(writes)
    return follow(found, now)


Step = Callable[[Reservation, Chunk, datetime], tuple[Chunk, tuple[Change, ...]]]


def _change_state(after: Reservation, before: Reservation, step: Step, now: datetime, also: ExtraWrites) -> Reservation:
    """Save the header with its new state and its only chunk, or the header alone and then the chunks that follow it."""
    if before.many:
        after = replace(after, next_look=rules.next_bucket(now))  # sooner than its expiry
        return follow(save(after, (), also, now), now)
    chunk, changes = step(after, before.chunks[0], now)
    return save(replace(after, chunks=(chunk,), next_look=None), changes, also, now)


def save(after: Reservation, changes: Sequence[Change], also: ExtraWrites, now: datetime | None = None) -> Reservation:
    """Apply stock changes with the reservation's header and its extra writes, and return it with its new version."""
    stock_changes.apply(changes, [*also(after), header_write(after, now)])
    return replace(after, rev=after.rev + 1)
