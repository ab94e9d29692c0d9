"""
Stock of one sku at one node, and what may happen to it.

A position keeps buckets on hand, hard demand by due day and `free`, a materialised number: DynamoDB conditions cannot
add or subtract, so a reserve due now is conditioned on `free >= need` and moves `free` in the same write.

    net(t) = on hand sellable - hard demand due <= t;   free = min over t >= now of net(t)

Every change is a movement with a deterministic id in an append-only ledger, so doing it twice changes nothing, and the
ledger rebuilds the counters.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.errors import OutOfStock

SELLABLE = "sellable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One sku at one node. `on_hand` units by bucket, `hard` demand by UTC due day, `rev` counts the writes."""

    sku: str
    node: str
    on_hand: tuple[tuple[str, int], ...] = ()
    hard: tuple[tuple[str, int], ...] = ()
    free: int = 0
    rev: int = 0
    safety: int = 0  # units that no order may take
    ship: bool = True
    pickup: bool = True

    def bucket(self, name: str) -> int:
        return dict(self.on_hand).get(name, 0)

    @property
    def demand(self) -> int:
        return sum(quantity for _, quantity in self.hard)

    @property
    def available(self) -> int:
        """Units that a new order may take now."""
        return max(0, self.free - self.safety)

    @property
    def over_reserved(self) -> int:
        """Units promised that are not there: the size of the entry in the OVER_RESERVED queue."""
        return max(0, -self.free)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one write does to a position. All numbers are signed deltas.

    `demand` is by due day; the write holds only while a day that it lowers has that much. `need`: only while free >= need.
    """

    sku: str
    node: str
    kind: str  # reserve, release, ship, short, adjust, undo
    source: str  # what caused it: an order id, a file's row, an adjustment's id
    line: str
    n: str  # number of the fulfillment or chunk and the version of the order, never of a retry
    at: datetime
    free: int = 0
    on_hand: tuple[tuple[str, int], ...] = ()
    demand: tuple[tuple[str, int], ...] = ()
    need: int | None = None
    reason: str = ""
    creates: bool = False  # the position may be new

    @property
    def movement_id(self) -> str:
        return f"{self.source}#{self.line}#{self.n}#{self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """So many units of a position for a line of an order, due on a UTC day."""

    quantity: int
    source: str
    line: str
    n: str
    due: str


def reserve(position: Position, request: Request, now: datetime) -> Change | OutOfStock:
    """Hard demand for `request.quantity` units, or why not. The answer is data, not an exception: a plan may go on.

    Raises ValueError for a quantity below 1.
    """
    if request.quantity < 1:
        raise ValueError(f"cannot reserve {request.quantity}")
    if position.available < request.quantity:
        return OutOfStock(position.sku, position.node, request.quantity, position.available)
    return Change(
        sku=position.sku,
        node=position.node,
        kind="reserve",
        source=request.source,
        line=request.line,
        n=request.n,
        at=now,
        free=-request.quantity,
        demand=((request.due, request.quantity),),
        need=request.quantity + position.safety,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Units that an order has reserved at a node, under a due day."""

    sku: str
    node: str
    quantity: int
    due: str
    source: str
    line: str
    n: str


def release(held: Held, now: datetime) -> Change:
    """Give units back: the demand falls and they are free again."""
    return _end(held, now, "release", free=held.quantity)


def ship(held: Held, now: datetime) -> Change:
    """Units leave: the demand and the shelf fall together, so `free` stays."""
    return _end(held, now, "ship", on_hand=((SELLABLE, -held.quantity),))


def short(held: Held, now: datetime) -> Change:
    """Units that nobody could find: the shelf had fewer than it said, so `free` stays."""
    return _end(held, now, "short", on_hand=((SELLABLE, -held.quantity),))


def _end(held: Held, now: datetime, kind: str, free: int = 0, on_hand: tuple[tuple[str, int], ...] = ()) -> Change:
    return Change(
        sku=held.sku,
        node=held.node,
        kind=kind,
        source=held.source,
        line=held.line,
        n=held.n,
        at=now,
        free=free,
        on_hand=on_hand,
        demand=((held.due, -held.quantity),),
    )


def undo(change: Change) -> Change:
    """The opposite of a reserve whose plan could not be finished."""
    return replace(
        change,
        kind="undo",
        free=-change.free,
        demand=_negative(change.demand),
        on_hand=_negative(change.on_hand),
        need=None,
    )


def _negative(deltas: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
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


def summed(changes: Iterable[Change]) -> tuple[Change, ...]:
    """One change for each (sku, node, kind): two lines of one sku at one node may not meet in a transaction.

    The summed change keeps the first line's movement id. Sorted by key, so that two writers meet in the same order.
    """
    sums: dict[tuple[str, str, str], Change] = {}
    for change in changes:
        key = (change.sku, change.node, change.kind)
        first = sums.get(key)
        sums[key] = change if first is None else _plus(first, change)
    return tuple(sums[key] for key in sorted(sums))


def _plus(a: Change, b: Change) -> Change:
    return replace(
        a,
        free=a.free + b.free,
        demand=tuple(_added(a.demand, b.demand).items()),
        on_hand=tuple(_added(a.on_hand, b.on_hand).items()),
        # Both needs hold the safety stock once: what is left is the sum of the quantities plus one safety.
        need=None if a.need is None or b.need is None else a.need + b.need - min(a.need + a.free, b.need + b.free),
    )


def _added(numbers: Iterable[tuple[str, int]], deltas: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums = dict(numbers)
    for name, delta in deltas:
        sums[name] = sums.get(name, 0) + delta
    return sums


def applied(position: Position, change: Change) -> Position:
    """The position after the change; what the store's expression does, in plain Python."""
    return replace(
        position,
        on_hand=tuple(sorted(_added(position.on_hand, change.on_hand).items())),
        hard=tuple(sorted((due, q) for due, q in _added(position.hard, change.demand).items() if q)),
        free=position.free + change.free,
        rev=position.rev + 1,
    )
