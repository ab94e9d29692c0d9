"""
Describe one change of a position, and combine several changes of it into one.

A change is a movement with a deterministic id in an append-only ledger. Doing it twice therefore changes nothing, and the
ledger rebuilds the counters. `comanda.domain.stock.movements` makes the changes, and `apply_change` computes their effect.

A change that is not `dated` moves `free` by a number that it states itself. It is written under a condition on `free`,
whatever happened to the position since it was read. The effect of a `dated` change depends on dates: a later due day, a
supply, a count. It is computed on the position as it was read, and written only while `rev` is still the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.stock.stock import PositionKey, Supply, add_numbers

LEAVING = frozenset({"ship", "short", "quarantine"})  # kinds of change after which a shelf holds fewer units
CARRIED = frozenset({"receive", "transfer_in", "transfer_out"})  # kinds of change of units that a lorry brought or took

type Units = tuple[tuple[str, int], ...]  # (name, units): by bucket, by due day or by supply
type SoftUnits = tuple[tuple[str, str, int], ...]  # (due day, expiry, units)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Describe what one write does to a position. All numbers are signed deltas.

    `supplies` are the supplies as they are after the change; one of 0 units is removed. The write holds only while each
    number of `demand` and `soft` that it lowers is large enough, and, with `need`, only while `free` is at least `need`. With
    a later day `due` it holds only while the least net from that day on is at least `need`.
    """

    sku: str
    node: str
    kind: str  # reserve, hold, release, expire, promote, extend, consume, ship, short, adjust, count, supply, receive, undo ...
    source: str  # the cause: the id of an order, a reservation, a file's row or an adjustment
    line: str
    n: str  # number of the fulfillment or chunk and the version of the order, never of a retry
    at: datetime
    lane: int = 0
    free: int = 0
    on_hand: Units = ()  # by bucket
    demand: Units = ()  # by due day
    soft: SoftUnits = ()
    supplies: tuple[Supply, ...] = ()
    expected: Units = ()  # by supply, the units that `supplies` adds to it; filled in by `with_effect`
    need: int | None = None
    due: str = ""  # the day from which `need` must be there; "" = today
    until: str = ""  # the day before which `need` must be there; "" = without end
    reason: str = ""
    creates: bool = False  # the position may be new
    dated: bool = False
    occurred: datetime | None = None  # the time at the node, where it is not the time at which we learned of it
    counted_at: datetime | None = None  # the time of a count, which becomes the position's last one
    clears: tuple[tuple[str, str], ...] = ()  # (map, key) of days and expiries of 0 units that leave the item with it

    @property
    def movement_id(self) -> str:
        return f"{self.source}#{self.line}#{self.n}#{self.kind}"

    @property
    def position_key(self) -> PositionKey:
        return self.sku, self.node, self.lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Ask for units of a position for a line of an order, due on a UTC day. With `expires` they are soft until that minute."""

    quantity: int
    source: str
    line: str
    n: str
    due: str
    expires: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservedUnits:
    """Describe units that an order or a reservation has at a node, under a due day."""

    sku: str
    node: str
    quantity: int
    due: str
    source: str
    line: str
    n: str
    lane: int = 0
    expires: str | None = None  # the minute until which they are soft; None = hard
    occurred: datetime | None = None


def undo(change: Change) -> Change:
    """Return the opposite of a change of demand whose plan could not be finished."""
    return replace(
        change,
        kind="undo",
        # One step may have made several movements of a line in one lane: each is undone by a movement of its own.
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


def sum_changes(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Combine the changes of each position that have one kind and the same days `due` and `until`.

    Lines of one sku at one node become one movement, with the movement id of the first line. The changes are sorted by key,
    so that two writers lock positions in the same order.
    """
    sums: dict[tuple[str, str, int, str, str, str], Change] = {}
    for change in changes:
        # Needs from different days on cannot be added up.
        key = (*change.position_key, change.kind, change.due, change.until)
        first = sums.get(key)
        sums[key] = change if first is None else merge_changes([first, change])
    return tuple(sums[key] for key in sorted(sums))


def merge_changes(changes: Sequence[Change]) -> Change:
    """Merge changes of one position, made in this order, into one under the id of the first.

    A transaction of DynamoDB may write each item once only.
    """
    first, *others = changes
    for other in others:
        need = [first.need] if first.need is not None else []
        # The later change finds the units that the earlier one left.
        need += [other.need - first.free] if other.need is not None else []
        first = replace(
            first,
            free=first.free + other.free,
            demand=tuple(add_numbers(first.demand, other.demand).items()),
            on_hand=tuple(add_numbers(first.on_hand, other.on_hand).items()),
            soft=add_soft(first.soft, other.soft),
            supplies=tuple({s.supply_id: s for s in (*first.supplies, *other.supplies)}.values()),
            expected=tuple(add_numbers(first.expected, other.expected).items()),
            need=max(need, default=None),
            dated=first.dated or other.dated,
            creates=first.creates or other.creates,
            counted_at=other.counted_at or first.counted_at,
            clears=tuple(dict.fromkeys((*first.clears, *other.clears))),
        )
    return first


def add_soft(a: Iterable[tuple[str, str, int]], b: Iterable[tuple[str, str, int]]) -> SoftUnits:
    """Add up soft units by due day and expiry."""
    sums: dict[tuple[str, str], int] = {}
    for due, expires, units in (*a, *b):
        sums[due, expires] = sums.get((due, expires), 0) + units
    return tuple((*at, units) for at, units in sums.items())
