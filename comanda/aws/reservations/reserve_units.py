"""
Make a reservation: in one transaction if its lines fit, else chunk by chunk under a pending header.

Called by   functions/reserve
Returns     the reservation as it is stored
Raises      NotAvailable with a problem for each row that wants too many units; RequestReused; StockConflict, Throttled (Busy)

The id follows from the caller and the request's own id. A repeated request finds its reservation, or continues a reservation
whose maker died. A long reservation that is refused half way gives all its units back, and the same request may try again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from comanda.aws.dynamodb import transaction
from comanda.aws.reservations import expiry, reservations
from comanda.aws.reservations.reservation_items import chunk_write, header_write
from comanda.aws.reservations.reservations import ExtraWrites, no_writes
from comanda.aws.runtime.retries import retry
from comanda.aws.stock import lanes, position_reads, stock_changes
from comanda.domain.errors import NotAvailable, Problem, StockConflict
from comanda.domain.reservations import allot
from comanda.domain.reservations import reservations as rules
from comanda.domain.reservations.allot import Allotted, ReservationTerms, Wanted
from comanda.domain.reservations.reservations import Chunk, Reservation, ReservedLine
from comanda.domain.stock.sellable import SafetyPolicies
from comanda.domain.stock.stock import Position

_TRIES = 3
_FEW_NODES = 20  # a line with more nodes than this reads all positions of its sku


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationRequest:
    """The units to reserve. `wanted` has equal lines summed; `expires` is None for a hard reservation."""

    reservation_id: str
    owner: str
    content: str  # hash of the request: the same id with other content is refused
    kind: str
    wanted: tuple[Wanted, ...]
    expires: datetime | None
    now: datetime
    partial: bool = False
    channel: str | None = None
    method: str | None = None  # SHIP or PICKUP; None = either
    offers: SafetyPolicies = field(default_factory=SafetyPolicies)  # the units that must be left of each position

    def terms(self, chunk: str, *, many: bool = False) -> ReservationTerms:
        """Return the terms of a chunk. `many` marks the expiry of a reservation of several chunks."""
        expires = rules.expiry_key(self.expires, many=many) if self.expires else None
        return ReservationTerms(source=self.reservation_id, expires=expires, chunk=chunk, method=self.method)


def reserve(request: ReservationRequest, also: ExtraWrites = no_writes) -> Reservation:
    """Make the reservation, or return the one that the same request made before.

    `also` returns the writes that belong to a new reservation, such as the record of the answer. The units are chosen
    first and an earlier reservation is read only after a failure, because most requests come once.
    """
    for attempt in range(_TRIES):
        conflict: StockConflict | None = None
        missing: tuple[Problem, ...] = ()
        try:
            allotted = _allot(request, request.terms("001"))
            missing = _missing(request, allotted)
            if not missing:
                return _store(request, allotted, also)
        except StockConflict as error:
            conflict = error
            _count_lost_race(error)
        except NotAvailable as gave_up:
            missing = gave_up.problems
        # Units of an earlier run of the same request may be in the way. Another process may run the same request now, and may
        # have begun again after this run gave its chunks back.
        earlier = reservations.find(request.reservation_id)
        if earlier is not None and (conflict or earlier.made or earlier.next_look is not None):
            return _continue(request, earlier, also)
        if conflict is None:
            raise NotAvailable(*missing)
        if attempt == _TRIES - 1:
            raise conflict
    raise AssertionError("unreachable")


def _missing(request: ReservationRequest, allotted: Allotted) -> tuple[Problem, ...]:
    """Return a problem for each row whose units are missing, or nothing if the reservation can be made."""
    if _needs_chunks(request, allotted):
        return _missing_of_all(request)
    return () if request.partial and allotted.changes else allot.shortages(allotted.lines)


def _missing_of_all(request: ReservationRequest) -> tuple[Problem, ...]:
    """Return the missing units of all chunks of a long request. A partial request takes the units that each chunk finds."""
    if request.partial:
        return ()
    return allot.shortages(_allot(request, request.terms("000", many=True), whole=True).lines)


def _needs_chunks(request: ReservationRequest, allotted: Allotted) -> bool:
    return len(allotted.lines) < len(request.wanted)


def _count_lost_race(conflict: StockConflict) -> None:
    """Count a race that was lost for a position: many of them mean that it needs lanes."""
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    if conflict.place is not None:
        sku, node = conflict.place
        with single_metric(name="StockConflicts", unit=MetricUnit.Count, value=1) as metric:
            metric.add_dimension(name="position", value=f"{sku}@{node}")


def _store(request: ReservationRequest, allotted: Allotted, also: ExtraWrites) -> Reservation:
    """Store a new reservation: in one transaction, or chunk by chunk."""
    if _needs_chunks(request, allotted):
        return _make_chunks(request, _begin(request, None), also)
    state = rules.HELD if request.expires else rules.COMMITTED
    chunk = Chunk(number=1, state=state, lines=allotted.lines, expires=request.expires)
    made = replace(
        _new(request), state=state, made=True, next_look=request.expires, next_line=len(request.wanted), chunks=(chunk,)
    )
    stock_changes.apply(allotted.changes, [*also(made), header_write(made, new=True)])
    for sku, node, lane in allotted.dry:
        lanes.relieve(sku, node, lane, request.now)
    return replace(made, rev=1)


def _continue(request: ReservationRequest, found: Reservation, also: ExtraWrites) -> Reservation:
    """Return the reservation of an earlier, equal request; make the rest of it first if its maker died."""
    if (found.owner, found.content) != (request.owner, request.content):
        raise rules.RequestReused("this request_id was used for another reservation", pointer="/request_id")
    if found.made:
        return reservations.finish_unchanged(found, request.now, also)
    if found.state == rules.PENDING and not found.is_over(request.now):
        return _make_chunks(request, found, also)
    ended = reservations.end(found, request.now)
    if missing := _missing_of_all(request):
        raise NotAvailable(*missing)
    return _make_chunks(request, _begin(request, ended), also)


def _begin(request: ReservationRequest, ended: Reservation | None) -> Reservation:
    """Write a pending header: a new one, or the header of an earlier run that ended."""
    look = rules.next_bucket(request.now + rules.LEASE)
    begun = replace(
        ended or _new(request),
        state=rules.PENDING,
        next_look=look,
        expires=request.expires or look,
        next_line=0,
        many=True,
        refused=len(ended.chunks) if ended else 0,
    )
    transaction.commit([header_write(begun, new=ended is None)])
    return replace(begun, rev=begun.rev + 1)


def _make_chunks(request: ReservationRequest, pending: Reservation, also: ExtraWrites) -> Reservation:
    """Make the chunks that are missing, then mark the header as made. Raises NotAvailable after all was given back."""
    while pending.next_line < len(request.wanted):
        pending = _make_next_chunk(request, pending)
    if not any(line.parts for line in pending.lines):
        raise _give_up(request, pending, pending.lines)
    if request.kind == rules.HARD:
        made = replace(pending, state=rules.COMMITTED, made=True, expires=None)
    else:
        made = replace(pending, state=rules.HELD, made=True, next_look=pending.expires)
    transaction.commit([*also(made), header_write(made)])
    return reservations.follow(replace(made, rev=made.rev + 1), request.now)


def _make_next_chunk(request: ReservationRequest, pending: Reservation) -> Reservation:
    number = len(pending.chunks) + 1
    terms = replace(request, expires=pending.expires).terms(f"{number:03d}", many=True)

    def allot_and_save() -> Reservation:
        found = _allot(request, terms, first=pending.next_line)
        chunk = Chunk(number=number, state=rules.HELD, lines=found.lines, expires=pending.expires)
        if not request.partial and any(line.missing for line in found.lines):
            raise _give_up(request, pending, chunk.lines)
        after = replace(pending, next_line=pending.next_line + len(found.lines), chunks=(*pending.chunks, chunk))
        stock_changes.apply(found.changes, [header_write(after), chunk_write(after, chunk)])
        return replace(after, rev=after.rev + 1)

    return retry(_TRIES, allot_and_save, on=StockConflict)


def _give_up(request: ReservationRequest, pending: Reservation, lines: Sequence[ReservedLine]) -> NotAvailable:
    """Give all units back, and return the refusal with the missing units of these lines."""
    refused = replace(pending, state=rules.RELEASED)
    transaction.commit([header_write(refused, request.now)])
    reservations.follow(replace(refused, rev=refused.rev + 1), request.now)
    return NotAvailable(*allot.shortages(lines))


def _allot(request: ReservationRequest, terms: ReservationTerms, *, first: int = 0, whole: bool = False) -> Allotted:
    """Choose units for the lines of the next chunk from line `first` on, or for all lines if `whole`.

    All lanes are read only if the lanes that the request tries first have too few units. Expired units of other reservations
    are taken back, once, if they are in the way.
    """
    most = None if whole else allot.MOST_PIECES
    wanted = request.wanted[: first + most] if most else request.wanted
    choose = partial(allot.allot, wanted, terms=terms, now=request.now, first=first, most=most)
    there = _positions(request, wanted[first:], all_lanes=False)
    found = choose(there)
    if found.short and any(read[0].lanes >= len(read) for read in there.values()):
        found = choose(_positions(request, wanted[first:], all_lanes=True))
    if found.behind:
        expiry.take_back({(sku, node) for sku, node, _ in found.behind}, request.now)
        found = choose(_positions(request, wanted[first:], all_lanes=True))
    return found


def _positions(
    request: ReservationRequest, wanted: Sequence[Wanted], *, all_lanes: bool
) -> dict[tuple[str, str], tuple[Position, ...]]:
    """Return the positions of these lines, lane by lane, with the safety stock that the request must leave."""
    first_tried = None if all_lanes else request.reservation_id
    few = {(one.sku, node) for one in wanted if len(one.nodes) <= _FEW_NODES for node in one.nodes}
    crowds = {one.sku for one in wanted if len(one.nodes) > _FEW_NODES}
    read = [position for each in lanes.read(few, consistent=False, request=first_tried).values() for position in each]
    read += [p for p in position_reads.load(crowds) if (p.sku, p.node) not in few] if crowds else []
    methods = dict.fromkeys((one.sku for one in wanted), (request.method,) if request.method else ())
    found: dict[tuple[str, str], tuple[Position, ...]] = {}
    for position in sorted(request.offers.with_safety(read, request.channel, methods), key=lambda p: p.lane):
        place = (position.sku, position.node)
        found[place] = (*found.get(place, ()), position)
    return found


def _new(request: ReservationRequest) -> Reservation:
    return Reservation(
        reservation_id=request.reservation_id,
        owner=request.owner,
        content=request.content,
        kind=request.kind,
        state=rules.PENDING,
        created=request.now,
        expires=request.expires,
        channel=request.channel,
    )
