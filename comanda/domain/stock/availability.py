"""
Summarise by day the units of a sku that a channel may sell by a method, for product pages and carts.

A product page reads one summary, not 500 positions. A summary is about a second old, and shows its time. Promises and
reservations read the positions.

    network(t) = max(0, sum over enabled nodes of available(t) - unassigned demand due <= t)

All channels without rules of their own share one summary, under the channel `*`. Such a channel has no level of safety stock
and no protected units of its own, and sells in every country that has the sku.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from comanda.domain.days import utc_day
from comanda.domain.stock import stock
from comanda.domain.stock.safety import Levels, resolve
from comanda.domain.stock.stock import Position

EVERY_CHANNEL = "*"
SHIP, PICKUP = "SHIP", "PICKUP"
METHODS = (SHIP, PICKUP)
NOWHERE_ELSE: Mapping[str, frozenset[str]] = {}
MOST_STEPS = 200  # of one summary: 17 characters each keep it below 4 KB

type Steps = tuple[tuple[str, int], ...]  # (day, units) today and on each later day on which it changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A position with its levels of safety stock, and with the units that are protected for one channel each."""

    position: Position
    levels: Levels = field(default_factory=Levels)
    protected: tuple[tuple[str, int], ...] = ()
    country: str = ""
    ship: bool = True  # the position and its node ship
    pickup: bool = True

    def open_for(self, method: str) -> bool:
        """Return True if the position and its node serve the method."""
        return self.ship if method == SHIP else self.pickup


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The units that `channel` may sell by `method`: in the network, or for pickup at one `node`."""

    channel: str
    method: str
    node: str | None = None
    steps: Steps


def own_channels(shelves: Iterable[Shelf]) -> tuple[str, ...]:
    """Return the channels that have safety stock or protected units of their own for a sku."""
    named: set[str] = set()
    for shelf in shelves:
        named |= {*shelf.levels.channels, *shelf.levels.sku_channels, *(name for name, _ in shelf.protected)}
    return tuple(sorted(named))


def summaries(
    shelves: Sequence[Shelf],
    unassigned: Sequence[tuple[str, int, str]],
    now: datetime,
    *,
    at_nodes: Iterable[str] | None = None,
    countries: Mapping[str, frozenset[str]] = NOWHERE_ELSE,
) -> tuple[Summary, ...]:
    """Return every summary of one sku: for each channel and method over the network, and for pickup at each node.

    `shelves` are all positions of the sku, `unassigned` the (due day, units, channel) of orders without a node. `at_nodes`
    limits the summaries of single nodes to nodes that changed; None means all. `countries` are those in which each channel
    sells; a channel that is missing there sells in all.
    """
    today = utc_day(now)
    nets = {shelf.position.node: _least_by_day(shelf.position, now) for shelf in shelves}
    chosen = None if at_nodes is None else frozenset(at_nodes)
    own = own_channels(shelves)
    limited = [
        channel for channel in sorted(countries) if channel not in own and _is_limited(shelves, countries[channel])
    ]
    found: list[Summary] = []
    for channel in (EVERY_CHANNEL, *own, *limited):
        theirs = countries.get(channel)
        waiting = [(due, units) for due, units, its in unassigned if _share_stock(theirs, countries.get(its))]
        for method in METHODS:
            offered = {
                shelf.position.node: _offered(shelf, nets[shelf.position.node], channel, method, theirs)
                for shelf in shelves
            }
            found.append(Summary(channel=channel, method=method, steps=network(offered.values(), waiting, today)))
            if method == PICKUP and channel not in limited:  # a counter offers a limited channel the units of `*`
                found += [
                    Summary(channel=channel, method=method, node=node, steps=capped(steps) or ((today, 0),))
                    for node, steps in offered.items()
                    if chosen is None or node in chosen
                ]
    return tuple(found)


def _is_limited(shelves: Iterable[Shelf], countries: frozenset[str]) -> bool:
    """Return True if a channel that sells in these countries cannot sell from one of the shelves."""
    return any(shelf.country not in countries for shelf in shelves)


def _share_stock(some: frozenset[str] | None, others: frozenset[str] | None) -> bool:
    """Return True if two channels sell in a common country, so that orders of one take stock of the other.

    None: the channel sells in all countries.
    """
    return some is None or others is None or not some.isdisjoint(others)


def _least_by_day(position: Position, now: datetime) -> Steps:
    """Return (day, least net from that day on), not below 0: the units that could be sold without safety stock."""
    return stock.available_steps(replace(position, safety=0), now)


def _offered(shelf: Shelf, nets: Steps, channel: str, method: str, countries: frozenset[str] | None) -> Steps:
    """Return the units of a shelf that a channel may sell by a method. `countries` None: it sells in all."""
    if not shelf.open_for(method) or (countries is not None and shelf.country not in countries):
        return ()
    named = None if channel == EVERY_CHANNEL else channel
    safety = resolve(shelf.levels, methods=(method,), channel=named, protected=shelf.protected)
    return tuple((day, safety.left(units)) for day, units in nets)


def network(offered: Iterable[Steps], unassigned: Iterable[tuple[str, int]], today: str) -> Steps:
    """Add up the steps of all nodes, and subtract the (due day, units) of orders without a node."""
    changes: dict[str, int] = {today: 0}
    for steps in offered:
        before = 0
        for day, units in steps:
            changes[day] = changes.get(day, 0) + units - before
            before = units
    for due, units in unassigned:
        day = max(due, today)
        changes[day] = changes.get(day, 0) - units
    total, steps_of_all = 0, []
    for day in sorted(changes):
        total += changes[day]
        steps_of_all.append((day, max(0, total)))
    return capped(tuple(steps_of_all))


def capped(steps: Steps) -> Steps:
    """Drop steps that change nothing, and keep at most 200.

    The last step kept then has the least units of all steps that follow it.
    """
    changed = tuple(step for i, step in enumerate(steps) if not i or step[1] != steps[i - 1][1])
    if len(changed) <= MOST_STEPS:
        return changed
    kept, rest = changed[: MOST_STEPS - 1], changed[MOST_STEPS - 1 :]
    return (*kept, (rest[0][0], min(units for _, units in rest)))


def units_on(steps: Sequence[tuple[str, int]], day: str, today: str) -> int:
    """Return the units of a summary for an order that is due on a day.

    Supplies that were still expected when the summary was written count for days after today only. The next summary shows
    whether they came.
    """
    first, *later = steps
    if day <= today:
        return min([first[1], *(units for step, units in later if step <= today)])
    return next((units for step, units in reversed(later) if step <= day), first[1])


def format_steps(steps: Steps) -> str:
    """Write steps as an item stores them: `20261122:5 20261201:15`."""
    return " ".join(f"{day.replace('-', '')}:{units}" for day, units in steps)


def parse_steps(kept: str) -> Steps:
    """Read the steps that an item stores."""
    pairs = (step.split(":") for step in kept.split(" "))
    return tuple((f"{day[:4]}-{day[4:6]}-{day[6:]}", int(units)) for day, units in pairs)
