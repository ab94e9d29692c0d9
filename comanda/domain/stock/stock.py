"""
Stock of one sku at one node: what is there, what is promised, what is coming, and so what a new order may take, by date.

A position keeps buckets on hand, hard demand by due day, soft demand by due day and expiry, dated supplies, and `free`, a
materialised number: DynamoDB conditions cannot add or subtract, so a reserve due now is conditioned on `free >= need`.

    net(t)       = floor(sum of supply x (100 - excluded%) / 100, effective eta <= t) - demand due <= t
    free         = min over u >= now of net(u)        what is promised for later is still kept
    withheld(t)  = min(max(net(t), 0), safety);   shortage = max(0, -net)
    available(t) = max(0, min over u >= t of net(u) - safety)
    network(t)   = max(0, sum over enabled nodes of available(t) - unassigned demand due <= t)

The shelf is a supply of which nothing is excluded. Soft demand counts until it expires, swept or not. The effective eta of
what is not on hand is max(eta, tomorrow) + receiving days; what is overdue by more than its days of grace is not counted.
Days are UTC ISO days, and compare as text. What may happen to a position is in `comanda.domain.stock.movements`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.days import days_later, utc_day, utc_minute
from comanda.domain.stock.safety import Safety

SELLABLE = "sellable"
BUCKETS = (SELLABLE, "open_box", "quarantine", "damaged")

IN_TRANSIT, PURCHASE_ORDER, TRANSFER, RETURN = "IN_TRANSIT", "PURCHASE_ORDER", "TRANSFER", "RETURN"
# Ends the expiry of soft units of a reservation of many chunks. Its header decides whether such units still count.
JUDGED_BY_HEADER = "+"
SUPPLY_TYPES = (IN_TRANSIT, PURCHASE_ORDER, TRANSFER, RETURN)

GRACE_DAYS = 3  # of a supply whose policy does not say how many

type PositionKey = tuple[str, str, int]  # sku, node, lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Units that are on their way to a position. The percentages and days are the policy's when it was announced."""

    supply_id: str
    type: str
    eta: str
    quantity: int
    excluded: int = 0  # percent of it that nobody may count on
    receiving_days: int = 0  # from the door of the node to its shelf
    grace_days: int = GRACE_DAYS  # overdue by more than these, it is not counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One sku at one node, or one lane of a hot one. `rev` counts the writes.

    `safety`, `ship` and `pickup` are those for whoever asks: a policy may have made them of the position's own.
    """

    sku: str
    node: str
    lane: int = 0
    on_hand: tuple[tuple[str, int], ...] = ()  # bucket, units
    hard: tuple[tuple[str, int], ...] = ()  # due day, units
    soft: tuple[tuple[str, str, int], ...] = ()  # due day, the minute it expires, units
    supplies: tuple[Supply, ...] = ()
    free: int = 0
    rev: int = 0
    safety: int = 0  # units that this order may not take
    ship: bool = True
    pickup: bool = True
    lanes: int = 0  # further lanes that hold a part of its stock
    counted_at: datetime | None = None  # the time of its last count
    levels: tuple[tuple[str, Safety], ...] = ()  # what is said of this sku at this node: by method, or for any
    protected: tuple[tuple[str, int], ...] = ()  # channel, units that it has to itself
    spent: tuple[tuple[str, str], ...] = ()  # (map, key) of the days and expiries that hold nothing any more

    @property
    def key(self) -> PositionKey:
        return self.sku, self.node, self.lane

    def bucket(self, name: str) -> int:
        return dict(self.on_hand).get(name, 0)

    @property
    def demand(self) -> int:
        """Units promised to orders."""
        return sum(quantity for _, quantity in self.hard)

    @property
    def available(self) -> int:
        """Units that a new order due now may take at once, by the materialised number."""
        return max(0, self.free - self.safety)

    @property
    def over_reserved(self) -> int:
        """Units promised that are not there: the size of the entry in the OVER_RESERVED queue."""
        return max(0, -self.free)


def effective_eta(supply: Supply, today: str) -> str | None:
    """The first day on which the supply may be counted on, or None while it is too late to be believed."""
    if days_later(supply.eta, supply.grace_days) < today:
        return None
    return days_later(max(supply.eta, days_later(today, 1)), supply.receiving_days)


def overdue(supply: Supply, today: str) -> bool:
    return supply.eta < today


def net(position: Position, now: datetime) -> tuple[tuple[str, int], ...]:
    """(day, net) today and on each later day on which it changes, in order."""
    today, this_minute = utc_day(now), utc_minute(now)
    parts: dict[str, int] = {today: position.bucket(SELLABLE) * 100}
    demand: dict[str, int] = {}
    for supply in position.supplies:
        eta = effective_eta(supply, today)
        if eta is not None:
            parts[eta] = parts.get(eta, 0) + supply.quantity * (100 - supply.excluded)
    for due, units in _demand(position, this_minute):
        demand[max(due, today)] = demand.get(max(due, today), 0) + units
    supplied = promised = 0
    steps = []
    for on in sorted({*parts, *demand}):
        supplied += parts.get(on, 0)
        promised += demand.get(on, 0)
        steps.append((on, supplied // 100 - promised))
    return tuple(steps)


def _demand(position: Position, this_minute: str) -> Iterator[tuple[str, int]]:
    yield from position.hard
    for due, expires, units in position.soft:
        if expires.removesuffix(JUDGED_BY_HEADER) > this_minute:
            yield due, units


def free(position: Position, now: datetime) -> int:
    """What the materialised number should be, were the expired reservations gone: the least net from today on."""
    return least(net(position, now), utc_day(now))


def least(steps: Sequence[tuple[str, int]], on: str) -> int:
    """The least net from a day on. `steps` is what `net` returns; between two steps the earlier one holds."""
    before = [units for step, units in steps if step <= on]
    return min([*before[-1:], *(units for step, units in steps if step > on)])


def available(position: Position, now: datetime, on: str | None = None) -> int:
    """Units that a new order due on a day (today, when not told) may take, expired reservations not counted."""
    return max(0, least(net(position, now), max(on or "", utc_day(now))) - position.safety)


def available_steps(position: Position, now: datetime) -> tuple[tuple[str, int], ...]:
    """(day, available) today and on each later day on which it rises; it never falls, for what is promised is kept."""
    out: list[tuple[str, int]] = []
    lowest: int | None = None
    for on, units in reversed(net(position, now)):
        lowest = units if lowest is None else min(lowest, units)
        out.append((on, max(0, lowest - position.safety)))
    rising = [*reversed(out)]
    return tuple(step for i, step in enumerate(rising) if not i or step[1] != rising[i - 1][1])


def withheld(position: Position, now: datetime, on: str | None = None) -> int:
    """Units that are there and kept back as safety stock."""
    return min(max(_net_on(position, now, on), 0), position.safety)


def shortage(position: Position, now: datetime, on: str | None = None) -> int:
    """Units promised by a day that nothing covers."""
    return max(0, -_net_on(position, now, on))


def _net_on(position: Position, now: datetime, on: str | None) -> int:
    asked = max(on or "", utc_day(now))
    return [units for step, units in net(position, now) if step <= asked][-1]


def network(positions: Iterable[Position], unassigned: Iterable[tuple[str, int]], now: datetime, on: str) -> int:
    """What the whole network may sell for a day: one node's shortage never eats another's stock.

    `positions` are those of one sku at the enabled nodes, `unassigned` the (due day, units) of orders that nobody has.
    """
    waiting = sum(units for due, units in unassigned if due <= on)
    return max(0, sum(available(position, now, on) for position in positions) - waiting)


def expired(position: Position, now: datetime) -> tuple[tuple[str, str, int], ...]:
    """The soft demand that counts no more and still stands in the way of `free`."""
    this_minute = utc_minute(now)
    return tuple(bucket for bucket in position.soft if bucket[1].removesuffix(JUDGED_BY_HEADER) <= this_minute)


def join_lanes(positions: Iterable[Position]) -> tuple[Position, ...]:
    """The lanes of each position as one: what a reader or a router sees."""
    found: dict[tuple[str, str], Position] = {}
    for position in positions:
        at = (position.sku, position.node)
        found[at] = _joined(found[at], position) if at in found else position
    return tuple(found.values())


def _joined(a: Position, b: Position) -> Position:
    first, second = (a, b) if a.lane < b.lane else (b, a)
    soft: dict[tuple[str, str], int] = {}
    for due, expires, units in (*a.soft, *b.soft):
        soft[due, expires] = soft.get((due, expires), 0) + units
    return replace(
        first,
        on_hand=tuple(sorted(add_numbers(a.on_hand, b.on_hand).items())),
        hard=tuple(sorted(add_numbers(a.hard, b.hard).items())),
        soft=tuple(sorted((*at, units) for at, units in soft.items())),
        supplies=(*first.supplies, *second.supplies),
        free=a.free + b.free,
        safety=a.safety + b.safety,
    )


def add_numbers(numbers: Iterable[tuple[str, int]], deltas: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Two maps of signed numbers as one."""
    sums = dict(numbers)
    for name, delta in deltas:
        sums[name] = sums.get(name, 0) + delta
    return sums
