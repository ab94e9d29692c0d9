"""
Take back soft units whose time is over, and finish long reservations that were left half done.

Called by   comanda.aws.reservations, functions/route and replenish, when expired units are in the way (`take_back`);
            functions/sweep (`sweep`)
Returns     nothing, or the number of reservations that a sweep read
Raises      StockConflict, Throttled (Busy); the sweep raises after it has tried all reservations

Nothing depends on the sweep: it only raises `free` earlier than a refused reservation would.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.reservations import reservations
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import lanes, position_reads, stock_changes
from comanda.domain.errors import StockConflict
from comanda.domain.reservations import reservations as rules
from comanda.domain.stock import movements
from comanda.domain.stock.stock import JUDGED_BY_HEADER, Position

_RECENT = timedelta(
    minutes=10
)  # the lease of a pending reservation, and a release left half done, end within this time
_LOOK_BACK = timedelta(minutes=10)  # an index may lag, so buckets of this time are swept again
_MOST = timedelta(hours=24)  # one sweep covers at most this time; after days without a sweep the next one continues
_MOST_AGAIN = 1000  # names in one item; if more cannot be ended, the cause is not the reservations
_AGAIN_SECONDS = 10.0
_TRIES = 5
_LED_ONLY = JUDGED_BY_HEADER + "~"

_empty: dict[str, float] = {}  # by page, when this process found it empty


def forget() -> None:
    """Forget the pages that this process found empty."""
    _empty.clear()


def take_back(places: Iterable[tuple[str, str]], now: datetime) -> None:
    """Take back the expired units at these (sku, node). The caller must read the positions again afterwards.

    All units of one expiry are taken back at once, so it happens once. The units of a long reservation are judged by its
    header, which may have been committed.
    """
    found = [position for each in lanes.read(places).values() for position in each]
    for position in found:
        with suppress(
            StockConflict
        ):  # other writers were always faster: the caller reads the position again, and a sweep follows
            _expire(position, now)
    led = {
        expires.removesuffix(JUDGED_BY_HEADER)
        for p in found
        for _, expires, _ in p.soft
        if expires.endswith(JUDGED_BY_HEADER)
    }
    if led:
        over = {_moment(expires) for expires in led}
        recent = _buckets(now - _RECENT, now)
        for bucket in sorted({*(at for at in over if at <= now), *recent}):
            for reservation_id in _reservations_in(bucket, _LED_ONLY, skip_empty=True):
                _end(reservation_id, now)


def _expire(position: Position, now: datetime) -> None:
    """Take back all expired units of a position. Raises StockConflict after five lost races."""
    for attempt in range(_TRIES):
        change = movements.expire(position, now)
        if change is None:
            return
        try:
            stock_changes.apply([change], [])
        except StockConflict:
            if attempt == _TRIES - 1:
                raise
            position = position_reads.get(position.sku, position.node, position.lane) or position
        else:
            return


def sweep(now: datetime) -> int:
    """End every reservation whose time is over since the last complete sweep, and return how many were read.

    A reservation that cannot be ended is noted by name and tried again by each sweep, so newer ones do not wait for it.
    """
    mark = reads.get(settings.stock_table, keys.swept())
    first = datetime.fromisoformat(mark["upto"]) if mark else now - _LOOK_BACK
    last = min(now, first + _MOST)
    before = mark.get("again", "").split() if mark else []
    names = dict.fromkeys([*before, *(name for bucket in _buckets(first, last) for name in _reservations_in(bucket))])
    left = dict(names)

    def end_one(name: str) -> None:
        _end(name, now)
        del left[name]

    try:
        do_all([partial(end_one, name) for name in names])
    finally:
        again = [*left][:_MOST_AGAIN]
        upto = max(first, min(now - _LOOK_BACK, last)) if len(again) == len(left) else first
        if mark is None or upto > first or again != before:
            moved = {**keys.swept(), "upto": upto.isoformat(), "again": " ".join(again)}
            transaction.commit([transaction.put(settings.stock_table, moved, StockConflict("swept"))])
    return len(names)


def _buckets(first: datetime, last: datetime) -> Iterator[datetime]:
    at = rules.next_bucket(first)
    while at <= last:
        yield at
        at += rules.EVERY


def _reservations_in(bucket: datetime, last: str = "~", *, skip_empty: bool = False) -> Iterator[str]:
    """Yield the reservations of a bucket, by name up to `last`. Names of long reservations begin with +.

    With `skip_empty`, pages that this process found empty seconds ago are not read again.
    """
    for shard in range(keys.EXPIRING_SHARDS):
        page = keys.expiring_page(bucket, shard)
        if skip_empty and monotonic() - _empty.get(page, -_AGAIN_SECONDS) < _AGAIN_SECONDS:
            continue
        condition = "gsi3pk = :pk AND gsi3sk BETWEEN :first AND :last"
        rows = list(
            reads.query(settings.stock_table, condition, index="GSI3", pk=page, first=JUDGED_BY_HEADER, last=last)
        )
        if skip_empty and not rows:
            _empty[page] = monotonic()
        yield from (row["gsi3sk"].removeprefix(JUDGED_BY_HEADER) for row in rows)


def _end(reservation_id: str, now: datetime) -> None:
    """End a reservation whose time is over: first return its units, then close the header.

    An interrupted run is found and repeated, because the header stays in the index until the end. The index may be behind, so
    the reservation itself decides whether its time is over.
    """
    found = reservations.find(reservation_id)
    if found is None or found.next_look is None or found.next_look > now:
        return
    if not found.many:
        for position in [p for each in lanes.read(rules.units_by_node(found)).values() for p in each]:
            _expire(position, now)
    reservations.end(found, now)


def _moment(minute: str) -> datetime:
    return datetime.strptime(minute, "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
