"""
Take back what nobody may count on any more: soft units whose time is over, and what a longer reservation left on its way.

Called by   whoever is refused units while some have expired (`take_back`, then once more); functions/sweep
Raises      StockConflict, Throttled (Busy), of the sweeper after everything else was done

Nothing depends on the sweeper: it makes `free` say sooner what a refused reserve would find out.
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

_RECENT = timedelta(minutes=10)  # a maker's lease, and what a release left half done, end in these
_LOOK_BACK = timedelta(minutes=10)  # an index may lag: what was swept is looked at again for so long
_MOST = timedelta(hours=24)  # of one sweep, after days without any: the next one goes on
_MOST_AGAIN = 1000  # names of one item; when more cannot be ended it is no fault of theirs
_AGAIN_SECONDS = 10.0
_TRIES = 5
_LED_ONLY = JUDGED_BY_HEADER + "~"

_looked: dict[str, float] = {}  # pages that this process has just looked at


def forget() -> None:
    """Drop what this process remembers."""
    _looked.clear()


def take_back(places: Iterable[tuple[str, str]], now: datetime) -> None:
    """Free what has expired at these (sku, node). Afterwards they must be read again.

    Whole expiries at once, so it happens once; of a longer reservation by its header, which may say that it was committed.
    """
    found = [position for each in lanes.read(places).values() for position in each]
    for position in found:
        with suppress(StockConflict):  # others never let it: who asked reads it again, and the sweeper comes by
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
            for reservation_id in _named(bucket, _LED_ONLY, just_looked=True):
                _end(reservation_id, now)


def _expire(position: Position, now: datetime) -> None:
    """Take back what has expired there, by whomever. Raises StockConflict while it still stands in the way."""
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
    """End every reservation whose time is over, from where the last whole sweep began. Returns how many were looked at.

    Those that cannot be ended are noted by name and tried again by each sweep: newer ones do not wait for them.
    """
    mark = reads.get(settings.stock_table, keys.swept())
    first = datetime.fromisoformat(mark["upto"]) if mark else now - _LOOK_BACK
    last = min(now, first + _MOST)
    before = mark.get("again", "").split() if mark else []
    names = dict.fromkeys([*before, *(name for bucket in _buckets(first, last) for name in _named(bucket))])
    left = dict(names)

    def look(name: str) -> None:
        _end(name, now)
        del left[name]

    try:
        do_all([partial(look, name) for name in names])
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


def _named(bucket: datetime, last: str = "~", *, just_looked: bool = False) -> Iterator[str]:
    """The reservations to be looked at in a bucket, by their names up to `last`: those of many chunks begin with +. With
    `just_looked` pages that this process found empty seconds ago are left out."""
    for shard in range(keys.EXPIRING_SHARDS):
        page = keys.expiring_page(bucket, shard)
        if just_looked and monotonic() - _looked.get(page, -_AGAIN_SECONDS) < _AGAIN_SECONDS:
            continue
        condition = "gsi3pk = :pk AND gsi3sk BETWEEN :first AND :last"
        rows = list(
            reads.query(settings.stock_table, condition, index="GSI3", pk=page, first=JUDGED_BY_HEADER, last=last)
        )
        if just_looked and not rows:
            _looked[page] = monotonic()
        yield from (row["gsi3sk"].removeprefix(JUDGED_BY_HEADER) for row in rows)


def _end(reservation_id: str, now: datetime) -> None:
    """Its units first, so that it is found again when this is interrupted or others never let it; then the header. The index may be behind: the
    reservation itself says whether its time is over."""
    found = reservations.find(reservation_id)
    if found is None or found.look is None or found.look > now:
        return
    if not found.many:
        for position in [p for each in lanes.read(rules.units_by_node(found)).values() for p in each]:
            _expire(position, now)
    reservations.end(found, now)


def _moment(minute: str) -> datetime:
    return datetime.strptime(minute, "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
