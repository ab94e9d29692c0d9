"""
What may happen to a position. Every change is a movement with a deterministic id in an append-only ledger, so doing it
twice changes nothing, and the ledger rebuilds the counters.

A change that moves `free` by what it says is written under a condition on `free`, whatever happened since the position was
read. One whose effect depends on dates (`dated`: a later due day, a supply, a count) is worked out on the position as it was
read, and written only while `rev` is still the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.days import utc_day, utc_minute
from comanda.domain.errors import OutOfStock
from comanda.domain.stock import stock
from comanda.domain.stock.stock import SELLABLE, Position, Supply, added

LEAVING = frozenset({"ship", "short"})  # a shelf that ends up with fewer units
CARRIED = frozenset({"receive", "transfer_in", "transfer_out"})  # units that a lorry brought or took
# Why an adjustment followed a movement: what the books knew was corrected, no unit moved.
COUNTED_OUT, MORE_LEFT, COUNTED_IN = "counted-out", "more-left-than-counted", "counted-in"
CORRECTIONS = frozenset({COUNTED_OUT, MORE_LEFT, COUNTED_IN})

type Units = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one write does to a position. All numbers are signed deltas; `supplies` are as they will be, 0 units = gone.

    `demand` is by due day, `soft` by due day and expiry; the write holds only while what it lowers has that much. `need`:
    only while free >= need, or, from a later day `due` on, the least net. `clears`: days and expiries of no units that leave the item on the way.
    """

    sku: str
    node: str
    kind: str  # reserve, hold, release, expire, promote, extend, consume, ship, short, adjust, count, supply, receive, undo ...
    source: str  # what caused it: an order's or reservation's id, a file's row, an adjustment's id
    line: str
    n: str  # number of the fulfillment or chunk and the version of the order, never of a retry
    at: datetime
    lane: int = 0
    free: int = 0
    on_hand: Units = ()
    demand: Units = ()
    soft: tuple[tuple[str, str, int], ...] = ()
    supplies: tuple[Supply, ...] = ()
    expected: Units = ()  # by supply, what `supplies` adds to what is on its way: known once it is worked out
    need: int | None = None
    due: str = ""  # the day from which `need` must be there; "" = today
    until: str = ""  # the day before which it must be there; "" = for ever
    reason: str = ""
    creates: bool = False  # the position may be new
    dated: bool = False
    occurred: datetime | None = None  # when it happened at the node, where that is not when we heard of it
    counted_at: datetime | None = None  # a count becomes the position's last one
    clears: tuple[tuple[str, str], ...] = ()

    @property
    def movement_id(self) -> str:
        return f"{self.source}#{self.line}#{self.n}#{self.kind}"

    @property
    def place(self) -> tuple[str, str, int]:
        return self.sku, self.node, self.lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """So many units of a position for a line of an order, due on a UTC day. With `expires` it is soft: until that minute."""

    quantity: int
    source: str
    line: str
    n: str
    due: str
    expires: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Units that an order, or a reservation, has at a node, under a due day."""

    sku: str
    node: str
    quantity: int
    due: str
    source: str
    line: str
    n: str
    lane: int = 0
    expires: str | None = None  # soft until that minute
    occurred: datetime | None = None


def reserve(position: Position, request: Request, now: datetime) -> Change | OutOfStock:
    """Demand for `request.quantity` units, or why not. The answer is data, not an exception: a plan may go on.

    Raises ValueError for a quantity below 1.
    """
    if request.quantity < 1:
        raise ValueError(f"cannot reserve {request.quantity}")
    dated = request.due > utc_day(now)
    there = stock.available(position, now, request.due)
    if there < request.quantity:
        return OutOfStock(position.sku, position.node, request.quantity, there)
    return _dated_worked_out(
        position,
        Change(
            sku=position.sku,
            node=position.node,
            lane=position.lane,
            kind="hold" if request.expires else "reserve",
            source=request.source,
            line=request.line,
            n=request.n,
            at=now,
            free=-request.quantity,
            demand=() if request.expires else ((request.due, request.quantity),),
            soft=((request.due, request.expires, request.quantity),) if request.expires else (),
            need=request.quantity + position.safety,
            due=request.due if dated else "",
            dated=dated,
            clears=_over(position, now),
        ),
        now,
    )


def _over(position: Position, now: datetime) -> tuple[tuple[str, str], ...]:
    """The days and expiries of no units that nothing can be added to any more: the item need not carry them."""
    today, this_minute = utc_day(now), utc_minute(now)
    return tuple(
        (field, key)
        for field, key in position.spent
        if (key < today if field == "hard" else key.partition("|")[2] < this_minute)
    )


def release(held: Held, now: datetime) -> Change:
    """Give units back: the demand falls and they are free again."""
    return _end(held, now, "release", free=held.quantity)


def ship(held: Held, now: datetime) -> Change:
    """Units leave: the demand and the shelf fall together, so `free` stays."""
    return _end(held, now, "ship", on_hand=((SELLABLE, -held.quantity),))


def short(held: Held, now: datetime) -> Change:
    """Units that nobody could find: the shelf had fewer than it said, so `free` stays."""
    return _end(held, now, "short", on_hand=((SELLABLE, -held.quantity),))


def promote(held: Held, now: datetime) -> Change:
    """Soft units become hard ones: promised whatever the hour. `free` stays."""
    return replace(_end(held, now, "promote"), demand=((held.due, held.quantity),))


def extend(held: Held, expires: str, now: datetime) -> Change:
    """Soft units get until another minute. `free` stays."""
    ended = _end(held, now, "extend")
    return replace(ended, soft=_added_soft(ended.soft, ((held.due, expires, held.quantity),)))


def consume(held: Held, order: Request, now: datetime) -> Change:
    """What a reservation has becomes demand of an order, due when the order is due."""
    ended = _end(held, now, "consume")
    return replace(
        ended,
        source=order.source,
        line=order.line,
        n=order.n,
        demand=tuple(added(ended.demand, ((order.due, held.quantity),)).items()),
        dated=ended.dated or order.due > utc_day(now),
    )


def advance(position: Position, held: Held, now: datetime) -> Change | OutOfStock:
    """Units promised for a later day are due today, because what they wait for is on the shelf.

    Where their day has come already the shelf must cover all that is due by now: they are among it.
    """
    today = utc_day(now)
    if held.due <= today:
        least = stock.least(stock.net(position, now), today)
        if min(least, position.bucket(SELLABLE) - _due(position, today)) < 0:
            return OutOfStock(held.sku, held.node, held.quantity, max(0, held.quantity + least))
        return worked_out(position, replace(redate(held, today, now), kind="advance"), now)
    there = stock.least([step for step in stock.net(position, now) if step[0] < held.due], today)
    on_shelf = position.bucket(SELLABLE) - _due(position, today)
    if min(there, on_shelf) < held.quantity:
        return OutOfStock(held.sku, held.node, held.quantity, max(0, min(there, on_shelf)))
    moved = replace(redate(held, today, now), kind="advance", need=held.quantity, until=held.due)
    return worked_out(position, moved, now)


def _due(position: Position, today: str) -> int:
    return sum(units for due, units in position.hard if due <= today)


def redate(held: Held, due: str, now: datetime) -> Change:
    """Units promised for one day are promised for another: their supply moved."""
    moved = added(((held.due, -held.quantity),), ((due, held.quantity),))
    return replace(_end(held, now, "redate"), demand=tuple(moved.items()), dated=True)


def covered(position: Position, change: Change) -> bool:
    """Whether what a change needs is there, from the day on that it is due; what has expired must be taken back first."""
    if change.need is None:
        return True
    steps = stock.net(_steadfast(position), change.at)
    kept = [step for step in steps if not change.until or step[0] < change.until]
    if not kept:
        return False  # its day has come since: decide again
    return stock.least(kept, change.due or utc_day(change.at)) >= change.need


def _end(held: Held, now: datetime, kind: str, free: int = 0, on_hand: Units = ()) -> Change:
    return Change(
        sku=held.sku,
        node=held.node,
        lane=held.lane,
        kind=kind,
        source=held.source,
        line=held.line,
        n=held.n,
        at=now,
        free=free,
        on_hand=on_hand,
        demand=() if held.expires else ((held.due, -held.quantity),),
        soft=((held.due, held.expires, -held.quantity),) if held.expires else (),
        dated=held.due > utc_day(now),
        occurred=held.occurred,
    )


def expire(position: Position, now: datetime) -> Change | None:
    """Take back every soft unit whose time is over; None when there is none. Whole buckets, so that it happens once.

    Units of a reservation of many chunks are left: only its header knows whether it was committed in time.
    """
    over = [bucket for bucket in stock.expired(position, now) if not bucket[1].endswith(stock.LED)]
    if not over:
        return None
    change = Change(
        sku=position.sku,
        node=position.node,
        lane=position.lane,
        kind="expire",
        source="expired",
        line=over[-1][1],
        n=str(position.rev),
        at=now,
        soft=tuple((due, expires, -units) for due, expires, units in over),
        dated=True,
        clears=_over(position, now),
    )
    return worked_out(position, change, now)


def undo(change: Change) -> Change:
    """The opposite of a change of demand whose plan could not be finished."""
    return replace(
        change,
        kind="undo",
        # One step may have made several movements of a line at a place: each is undone by one of its own.
        line=f"{change.line}.{change.kind}",
        free=-change.free,
        demand=_negative(change.demand),
        on_hand=_negative(change.on_hand),
        soft=tuple((due, expires, -delta) for due, expires, delta in change.soft),
        need=None,
        clears=(),
    )


def _negative(deltas: Units) -> Units:
    return tuple((name, -delta) for name, delta in deltas)


def adjust(
    sku: str, node: str, bucket: str, delta: int, *, source: str, line: str, reason: str, now: datetime
) -> Change:
    """Signed correction of one bucket. Only sellable units are free."""
    return Change(
        sku=sku,
        node=node,
        kind="adjust",
        source=source,
        line=line,
        n="1",
        at=now,
        free=delta if bucket == SELLABLE else 0,
        on_hand=((bucket, delta),),
        reason=reason,
        creates=True,
    )


def supply(
    position: Position, supplies: Sequence[Supply], *, source: str, n: str, reason: str, now: datetime
) -> Change:
    """Supplies of a position as they now are: announced, changed, or gone with 0 units. Nothing is on the shelf by it."""
    change = Change(
        sku=position.sku,
        node=position.node,
        kind="supply",
        source=source,
        line=",".join(s.supply_id for s in supplies)[:64],
        n=n,
        at=now,
        supplies=tuple(supplies),
        reason=reason,
        creates=True,
        dated=True,
    )
    return worked_out(position, change, now)


def receive(
    position: Position, left: Supply, quantity: int, bucket: str, *, source: str, n: str, now: datetime
) -> Change:
    """Units of a supply reach the shelf; `left` is the supply with what is still to come."""
    change = Change(
        sku=position.sku,
        node=position.node,
        kind="receive",
        source=source,
        line=left.supply_id,
        n=n,
        at=now,
        on_hand=((bucket, quantity),),
        supplies=(left,),
        creates=True,
        dated=True,
    )
    return worked_out(position, change, now)


def reevaluate(position: Position, now: datetime) -> Change | None:
    """What time alone did to `free`: a supply is overdue, a due day has come. None when it is what it says."""
    change = Change(
        sku=position.sku,
        node=position.node,
        lane=position.lane,
        kind="reevaluate",
        source="time",
        line=utc_day(now),
        n=str(position.rev),
        at=now,
        dated=True,
        clears=_over(position, now),
    )
    worked = worked_out(position, change, now)
    return worked if worked.free or worked.clears else None


def worked_out(position: Position, change: Change, now: datetime) -> Change:
    """A dated change with what it does to `free` on this very position."""
    after = applied(position, replace(change, free=0))
    before = {s.supply_id: s.quantity for s in position.supplies}
    expected = tuple((s.supply_id, s.quantity - before.get(s.supply_id, 0)) for s in change.supplies)
    return replace(change, free=materialised(after, now) - position.free, expected=expected)


def materialised(position: Position, now: datetime) -> int:
    """`free` as the table has it: what has expired stands in its way until somebody takes it back."""
    return stock.free(_steadfast(position), now)


def _steadfast(position: Position) -> Position:
    """The position with soft demand that never expires."""
    return replace(position, soft=tuple((due, "~", units) for due, _, units in position.soft))


def _dated_worked_out(position: Position, change: Change, now: datetime) -> Change:
    return worked_out(position, change, now) if change.dated else change


def freed(positions: Iterable[Position], kept: Iterable[Held], now: datetime) -> tuple[Position, ...]:
    """The positions as somebody sees them for whom these units are kept there."""
    at = {(p.sku, p.node, p.lane): p for p in positions}
    for units in kept:
        if (seen := at.get((units.sku, units.node, units.lane))) is not None:
            given = release(units, now)
            at[given.place] = applied(seen, worked_out(seen, given, now) if given.dated else given)
    return tuple(at.values())


def counted_since(position: Position, occurred: datetime | None) -> bool:
    """Whether the position's last count knew already what happened then."""
    return occurred is not None and position.counted_at is not None and occurred <= position.counted_at


def against_count(position: Position, change: Change) -> tuple[Change, ...]:
    """What leaves or reaches a shelf, after a count that knew it already or found fewer units than leave.

    A unit that left before the count is not on the counted shelf, one that came before it is, and a shelf never holds fewer
    than none: the difference is put right by an adjustment of its own, so that every unit stays accounted for.
    """
    if change.kind not in LEAVING | CARRIED:
        return (change,)
    moved = sum(delta for bucket, delta in change.on_hand if bucket == SELLABLE)
    if counted_since(position, change.occurred):
        back, reason = -moved, COUNTED_OUT if moved < 0 else COUNTED_IN
    elif change.kind in LEAVING:
        back, reason = max(0, -moved - max(0, position.bucket(SELLABLE))), MORE_LEFT
    else:
        back, reason = 0, ""
    if not back:
        return (change,)
    found = Change(
        sku=change.sku,
        node=change.node,
        lane=change.lane,
        kind="adjust",
        source=change.source,
        line=change.line,
        n=change.n,
        at=change.at,
        free=back,
        on_hand=((SELLABLE, back),),
        reason=reason,
    )
    return change, found


def summed(changes: Iterable[Change]) -> tuple[Change, ...]:
    """One change for each (position, kind, day from which it is needed): lines of one sku at one node are one movement.

    The summed change keeps the first line's movement id. Sorted by key, so that two writers meet in the same order.
    """
    sums: dict[tuple[str, str, int, str, str, str], Change] = {}
    for change in changes:
        # What is needed from different days on is not needed together.
        key = (*change.place, change.kind, change.due, change.until)
        first = sums.get(key)
        sums[key] = change if first is None else together([first, change])
    return tuple(sums[key] for key in sorted(sums))


def together(changes: Sequence[Change]) -> Change:
    """What several changes of one position do to it at once, under the id of the first: no item twice in a transaction."""
    first, *others = changes
    for other in others:
        need = [first.need] if first.need is not None else []
        # The later one finds what the earlier one left.
        need += [other.need - first.free] if other.need is not None else []
        first = replace(
            first,
            free=first.free + other.free,
            demand=tuple(added(first.demand, other.demand).items()),
            on_hand=tuple(added(first.on_hand, other.on_hand).items()),
            soft=_added_soft(first.soft, other.soft),
            supplies=tuple({s.supply_id: s for s in (*first.supplies, *other.supplies)}.values()),
            expected=tuple(added(first.expected, other.expected).items()),
            need=max(need, default=None),
            dated=first.dated or other.dated,
            creates=first.creates or other.creates,
            counted_at=other.counted_at or first.counted_at,
            clears=tuple(dict.fromkeys((*first.clears, *other.clears))),
        )
    return first


def _added_soft(
    a: Iterable[tuple[str, str, int]], b: Iterable[tuple[str, str, int]]
) -> tuple[tuple[str, str, int], ...]:
    sums: dict[tuple[str, str], int] = {}
    for due, expires, units in (*a, *b):
        sums[due, expires] = sums.get((due, expires), 0) + units
    return tuple((*at, units) for at, units in sums.items())


def applied(position: Position, change: Change) -> Position:
    """The position after the change; what the store's expression does, in plain Python."""
    known = {s.supply_id: s for s in position.supplies} | {s.supply_id: s for s in change.supplies}
    return replace(
        position,
        on_hand=tuple(sorted(added(position.on_hand, change.on_hand).items())),
        hard=tuple(sorted((due, q) for due, q in added(position.hard, change.demand).items() if q)),
        soft=tuple(sorted(bucket for bucket in _added_soft(position.soft, change.soft) if bucket[2])),
        supplies=tuple(known[name] for name in sorted(known) if known[name].quantity),
        free=position.free + change.free,
        rev=position.rev + 1,
        counted_at=change.counted_at or position.counted_at,
        spent=tuple(key for key in position.spent if key not in change.clears),
    )
