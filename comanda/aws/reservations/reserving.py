"""
Make reservations: all or nothing in one transaction where they fit it, chunk by chunk under a pending header where not.

Called by   functions/reserve
Raises      NotAvailable, with a problem for each row that asked for too much; RequestReused; StockConflict, Throttled (Busy)

The id follows from who asks and from the request's own id, so whoever asks again finds what was made, or makes on where
the one before died. A longer one that is refused half way is given back whole, and may be asked for again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from comanda.aws.dynamodb import transaction
from comanda.aws.reservations import expiry, reservations
from comanda.aws.reservations.reservation_rows import chunk_write, header_write
from comanda.aws.reservations.reservations import More, nothing
from comanda.aws.stock import lanes, position_reads, stock_changes
from comanda.domain.errors import NotAvailable, NotFound, StockConflict
from comanda.domain.reservations import allot
from comanda.domain.reservations import reservations as rules
from comanda.domain.reservations.allot import Allotted, Terms, Wanted
from comanda.domain.reservations.reservations import Chunk, Reservation, ReservedLine
from comanda.domain.stock.sellable import SafetyPolicies
from comanda.domain.stock.stock import Position

_TRIES = 3
_FEW_NODES = 20  # of a group: above, all positions of the sku are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants reserved. `wanted` is summed; `expires` is that of a soft one."""

    reservation_id: str
    owner: str
    content: str
    kind: str
    wanted: tuple[Wanted, ...]
    expires: datetime | None
    now: datetime
    partial: bool = False
    channel: str | None = None
    method: str | None = None  # SHIP or PICKUP; None = either
    offers: SafetyPolicies = field(default_factory=SafetyPolicies)  # what must be left of each position


def reserve(asked: Asked, also: More = nothing) -> Reservation:
    """The reservation as it is now: made, or found as it was made by the same request before.

    `also` makes the writes that belong to its being made, such as the record of the answer.
    """
    for attempt in range(_TRIES):
        try:
            return _made(asked, also)
        except (NotAvailable, StockConflict) as refusal:
            # It may be its own units, of the same request before, that are in its way.
            found = reservations.find(asked.reservation_id)
            refused = isinstance(refusal, NotAvailable)
            if isinstance(refusal, StockConflict) and refusal.place is not None:
                _lost(*refusal.place)
            if found is not None and (found.made or found.look is not None or not refused):
                return _again(asked, found, also)
            if refused or attempt == _TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _lost(sku: str, node: str) -> None:
    """Count the races that were lost for a position: many of them ask for lanes."""
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    with single_metric(name="StockConflicts", unit=MetricUnit.Count, value=1) as metric:
        metric.add_dimension(name="position", value=f"{sku}@{node}")


def _made(asked: Asked, also: More) -> Reservation:
    found = _allotted(
        asked, Terms(source=asked.reservation_id, expires=_key(asked, many=False), chunk="001", method=asked.method)
    )
    if len(found.lines) < len(asked.wanted):
        return _chunk_by_chunk(asked, _begun(asked, None), also)
    _require(asked, found)
    state = rules.HELD if asked.expires else rules.COMMITTED
    chunk = Chunk(number=1, state=state, lines=found.lines, expires=asked.expires)
    made = replace(
        _new(asked), state=state, made=True, look=asked.expires, following=len(asked.wanted), chunks=(chunk,)
    )
    stock_changes.apply(found.changes, [*also(made), header_write(made, new=True)])
    for sku, node, lane in found.dry:
        lanes.relieve(sku, node, lane, asked.now)
    return replace(made, rev=1)


def _again(asked: Asked, found: Reservation, also: More) -> Reservation:
    """The same request came before: its reservation, or what is left to be made of it."""
    if (found.owner, found.content) != (asked.owner, asked.content):
        raise rules.RequestReused("this request_id was used for another reservation", pointer="/request_id")
    if found.made:
        return reservations.unchanged(found, asked.now, also)
    if found.state == rules.PENDING and not found.over(asked.now):
        return _chunk_by_chunk(asked, found, also)
    ended = reservations.end(found, asked.now)
    return _chunk_by_chunk(asked, _begun(asked, ended), also)


def _begun(asked: Asked, ended: Reservation | None) -> Reservation:
    """A pending header, once every line was seen to be there; one that was not made before begins anew."""
    if not asked.partial:
        terms = Terms(source=asked.reservation_id, expires=_key(asked, many=True), chunk="000", method=asked.method)
        _require(asked, _allotted(asked, terms, whole=True))
    look = rules.next_bucket(asked.now + rules.LEASE)
    begun = replace(
        ended or _new(asked),
        state=rules.PENDING,
        look=look,
        expires=asked.expires or look,
        following=0,
        many=True,
        refused=len(ended.chunks) if ended else 0,
    )
    transaction.commit([header_write(begun, new=ended is None)])
    return replace(begun, rev=begun.rev + 1)


def _chunk_by_chunk(asked: Asked, pending: Reservation, also: More) -> Reservation:
    """The chunks that are missing, then the switch. Raises NotAvailable when all was given back again."""
    while pending.following < len(asked.wanted):
        pending = _next_chunk(asked, pending)
    if not any(line.parts for line in pending.lines):
        raise _given_up(asked, pending, pending.lines)
    if asked.kind == rules.HARD:
        made = replace(pending, state=rules.COMMITTED, made=True, expires=None)
    else:
        made = replace(pending, state=rules.HELD, made=True, look=pending.expires)
    transaction.commit([*also(made), header_write(made)])
    return reservations.follow(replace(made, rev=made.rev + 1), asked.now)


def _next_chunk(asked: Asked, pending: Reservation) -> Reservation:
    number = len(pending.chunks) + 1
    for attempt in range(_TRIES):
        key = rules.expiry_key(pending.expires, many=True) if pending.expires else None
        terms = Terms(source=asked.reservation_id, expires=key, chunk=f"{number:03d}", method=asked.method)
        found = _allotted(asked, terms, first=pending.following)
        chunk = Chunk(number=number, state=rules.HELD, lines=found.lines, expires=pending.expires)
        if not asked.partial and any(line.missing for line in found.lines):
            raise _given_up(asked, pending, chunk.lines)
        after = replace(pending, following=pending.following + len(found.lines), chunks=(*pending.chunks, chunk))
        try:
            stock_changes.apply(found.changes, [header_write(after), chunk_write(after, chunk)])
        except StockConflict:
            if attempt == _TRIES - 1:
                raise
        else:
            return replace(after, rev=after.rev + 1)
    raise AssertionError("unreachable")


def _given_up(asked: Asked, pending: Reservation, lines: Sequence[ReservedLine]) -> NotAvailable:
    """Give everything back, and say what was missing."""
    refused = replace(pending, state=rules.RELEASED)
    transaction.commit([header_write(refused, asked.now)])
    reservations.follow(replace(refused, rev=refused.rev + 1), asked.now)
    return NotAvailable(*allot.shortages(lines))


def transfer(reservation_id: str, number: int, node: str, now: datetime) -> Reservation:
    """A line's units are given back where they are and kept at another node, in one transaction.

    Raises NotFound for the line, NotAvailable when the other node has too few, and as `rules.require_live` does.
    """
    from comanda.domain.reservations import transfers  # only who moves reservations needs it

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
        return reservations.saved(after, changes, lambda _: extra)

    return reservations.decided(reservation_id, act)


def _require(asked: Asked, found: Allotted) -> None:
    """All of it, or any of it where a part will do. Raises NotAvailable."""
    lacking = allot.shortages(found.lines)
    if lacking and (not asked.partial or not found.changes):
        raise NotAvailable(*lacking)


def _allotted(asked: Asked, terms: Terms, *, first: int = 0, whole: bool = False) -> Allotted:
    """What there is for the lines of the next chunk, or for all. Where units that count no more stand in the way they are
    taken back, once."""
    most = None if whole else allot.MOST_PIECES
    wanted = asked.wanted[: first + most] if most else asked.wanted

    def seen(*, all_lanes: bool) -> tuple[Allotted, bool]:
        there = _there(asked, wanted[first:], all_lanes=all_lanes)
        unseen = not all_lanes and any(lanes[0].lanes >= len(lanes) for lanes in there.values())
        return allot.allot(wanted, there, terms, asked.now, first=first, most=most), unseen

    found, unseen = seen(all_lanes=False)
    if found.short and unseen:
        found, _ = seen(all_lanes=True)
    if found.behind:
        expiry.take_back({(sku, node) for sku, node, _ in found.behind}, asked.now)
        found, _ = seen(all_lanes=True)
    return found


def _there(asked: Asked, wanted: Sequence[Wanted], *, all_lanes: bool) -> dict[tuple[str, str], tuple[Position, ...]]:
    """The positions of these lines, lane by lane, with what this request must leave as their safety stock."""
    request = None if all_lanes else asked.reservation_id
    few = {(one.sku, node) for one in wanted if len(one.nodes) <= _FEW_NODES for node in one.nodes}
    crowds = {one.sku for one in wanted if len(one.nodes) > _FEW_NODES}
    read = [position for each in lanes.read(few, consistent=False, request=request).values() for position in each]
    read += [p for p in position_reads.load(crowds) if (p.sku, p.node) not in few] if crowds else []
    methods = dict.fromkeys((one.sku for one in wanted), (asked.method,) if asked.method else ())
    found: dict[tuple[str, str], tuple[Position, ...]] = {}
    for position in sorted(asked.offers.with_safety(read, asked.channel, methods), key=lambda p: p.lane):
        place = (position.sku, position.node)
        found[place] = (*found.get(place, ()), position)
    return found


def _new(asked: Asked) -> Reservation:
    return Reservation(
        reservation_id=asked.reservation_id,
        owner=asked.owner,
        content=asked.content,
        kind=asked.kind,
        state=rules.PENDING,
        created=asked.now,
        expires=asked.expires,
        channel=asked.channel,
    )


def _key(asked: Asked, *, many: bool) -> str | None:
    return rules.expiry_key(asked.expires, many=many) if asked.expires else None
