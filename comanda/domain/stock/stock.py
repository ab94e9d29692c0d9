"""
Compute the units that a new order may take of a sku at a node, by date, from stock, demand and expected supplies.

A position keeps units on hand by bucket, hard demand by due day, soft demand by due day and expiry, dated supplies, and
`free`, a materialised number. DynamoDB conditions cannot add or subtract, so a reserve due now is conditioned on
`free >= need`.

    net(t)       = floor(sum of supply x (100 - excluded%) / 100, effective eta <= t) - demand due <= t
    free         = min over u >= now of net(u)        units promised for a later day are kept for it
    withheld(t)  = min(max(net(t), 0), safety);   shortage = max(0, -net)
    available(t) = max(0, min over u >= t of net(u) - safety)
    network(t)   = max(0, sum over enabled nodes of available(t) - unassigned demand due <= t)

The units on hand are a supply of which 0 % is excluded. Soft demand counts until it expires, swept or not. The effective eta
of a supply is max(eta, tomorrow) + receiving days. A supply that is overdue by more than its days of grace is not counted.
Days are UTC ISO days, and compare as text. `comanda.domain.stock.movements` has the changes of a position.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.days import days_later, utc_day, utc_minute
from comanda.domain.stock.safety import Safety

SELLABLE, QUARANTINE = "sellable", "quarantine"
BUCKETS = (SELLABLE, "open_box", QUARANTINE, "damaged")

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
    excluded: int = 0  # percent of the units that no order may count on
    receiving_days: int = 0  # from the door of the node to its shelf
    grace_days: int = GRACE_DAYS  # a supply that is overdue by more than these days is not counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The stock of one sku at one node, or one lane of a hot position. `rev` counts the writes.

    `safety`, `ship` and `pickup` are as they hold for one order: a policy may have changed the position's own values.
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
    levels: tuple[tuple[str, Safety], ...] = ()  # safety stock of this sku at this node: by method, or for any
    protected: tuple[tuple[str, int], ...] = ()  # channel, units that only it may take
    spent: tuple[tuple[str, str], ...] = ()  # (map, key) of days and expiries that now hold 0 units

    @property
    def key(self) -> PositionKey:
        return self.sku, self.node, self.lane

    def bucket(self, name: str) -> int:
        """Return the units on hand in a bucket."""
        return dict(self.on_hand).get(name, 0)

    @property
    def demand(self) -> int:
        """Return the units promised to orders."""
        return sum(quantity for _, quantity in self.hard)

    @property
    def available(self) -> int:
        """Return the units that a new order due now may take, by the materialised number."""
        return max(0, self.free - self.safety)

    @property
    def over_reserved(self) -> int:
        """Return the promised units that do not exist: the size of the entry in the OVER_RESERVED queue."""
        return max(0, -self.free)


def effective_eta(supply: Supply, today: str) -> str | None:
    """Return the first day on which the supply counts. None: the supply is so overdue that it is not counted."""
    if days_later(supply.eta, supply.grace_days) < today:
        return None
    return days_later(max(supply.eta, days_later(today, 1)), supply.receiving_days)


def overdue(supply: Supply, today: str) -> bool:
    return supply.eta < today


def net(position: Position, now: datetime) -> tuple[tuple[str, int], ...]:
    """Return (day, net units) for today and for each later day on which net changes, in order."""
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
    """Return the least net from today on: the materialised number, if expired soft units were taken back."""
    return least(net(position, now), utc_day(now))


def least(steps: Sequence[tuple[str, int]], on: str) -> int:
    """Return the least net from a day on. `steps` come from `net`; between two steps the earlier one holds."""
    before = [units for step, units in steps if step <= on]
    return min([*before[-1:], *(units for step, units in steps if step > on)])


def available(position: Position, now: datetime, on: str | None = None) -> int:
    """Return the units that a new order due on a day may take. Expired soft units do not count as demand.

    `on` None means today.
    """
    return max(0, least(net(position, now), max(on or "", utc_day(now))) - position.safety)


def available_steps(position: Position, now: datetime) -> tuple[tuple[str, int], ...]:
    """Return (day, available units) for today and for each later day on which the number rises.

    It never falls, because units promised for a later day are kept for it from today on.
    """
    out: list[tuple[str, int]] = []
    lowest: int | None = None
    for on, units in reversed(net(position, now)):
        lowest = units if lowest is None else min(lowest, units)
        out.append((on, max(0, lowest - position.safety)))
    rising = [*reversed(out)]
    return tuple(step for i, step in enumerate(rising) if not i or step[1] != rising[i - 1][1])


def withheld(position: Position, now: datetime, on: str | None = None) -> int:
    """Return the units that are there and are kept back as safety stock. `on` None means today."""
    return min(max(_net_on(position, now, on), 0), position.safety)


def shortage(position: Position, now: datetime, on: str | None = None) -> int:
    """Return the units promised by a day that neither stock nor supplies cover. `on` None means today."""
    return max(0, -_net_on(position, now, on))


def _net_on(position: Position, now: datetime, on: str | None) -> int:
    last = max(on or "", utc_day(now))
    return [units for step, units in net(position, now) if step <= last][-1]


def network(positions: Iterable[Position], unassigned: Iterable[tuple[str, int]], now: datetime, on: str) -> int:
    """Return the units that the whole network may sell for a day. The shortage of a node never lowers another's stock.

    `positions` are those of one sku at the enabled nodes, `unassigned` the (due day, units) of orders without a node.
    """
    waiting = sum(units for due, units in unassigned if due <= on)
    return max(0, sum(available(position, now, on) for position in positions) - waiting)


def expired(position: Position, now: datetime) -> tuple[tuple[str, str, int], ...]:
    """Return the soft demand that has expired and still lowers the stored `free`."""
    this_minute = utc_minute(now)
    return tuple(bucket for bucket in position.soft if bucket[1].removesuffix(JUDGED_BY_HEADER) <= this_minute)


def join_lanes(positions: Iterable[Position]) -> tuple[Position, ...]:
    """Join the lanes of each position into one position. Readers and the router use these."""
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
    """Add up two maps of signed numbers by name."""
    sums = dict(numbers)
    for name, delta in deltas:
        sums[name] = sums.get(name, 0) + delta
    return sums
