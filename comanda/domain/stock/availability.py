"""
Summaries for pages and carts: what a channel may sell of a sku by a method, by day, so that nobody reads 500 positions for
a product page. Promise and reserve read the positions; a summary is a second old, and says so.

    network(t) = max(0, sum over enabled nodes of available(t) - unassigned demand due <= t)

A channel of which no level of safety stock says anything, which has no units to itself, and which sells in every country that
has the sku, sees what every such channel sees: there is one summary for all of them, under the channel `*`.
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
    """A position with what is said of it: its levels of safety stock, and the units that channels have to themselves."""

    position: Position
    levels: Levels = field(default_factory=Levels)
    protected: tuple[tuple[str, int], ...] = ()
    country: str = ""
    ship: bool = True  # the position and its node are open for it
    pickup: bool = True

    def open_for(self, method: str) -> bool:
        return self.ship if method == SHIP else self.pickup


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What `channel` may sell by `method`: in the network, or to pick up at one `node`."""

    channel: str
    method: str
    node: str | None = None
    steps: Steps


def own_channels(shelves: Iterable[Shelf]) -> tuple[str, ...]:
    """The channels that see a sku in their own way."""
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
    """Every summary of one sku: each channel and method over the network, and what may be picked up at each node.

    `shelves` are all of its positions, `unassigned` the (due day, units, channel) of orders that no node has. `at_nodes`: only
    these nodes' own summaries, as the others have not changed. `countries` in which each channel sells; one that is not there
    sells in all.
    """
    nets = {shelf.position.node: _least_by_day(shelf.position, now) for shelf in shelves}
    chosen = None if at_nodes is None else frozenset(at_nodes)
    own, found = own_channels(shelves), list[Summary]()
    abroad = sorted(
        channel
        for channel, theirs in countries.items()
        if channel not in own and any(shelf.country not in theirs for shelf in shelves)
    )
    for channel in (EVERY_CHANNEL, *own, *abroad):
        theirs = countries.get(channel)
        waiting = [(due, units) for due, units, of in unassigned if _share(theirs, countries.get(of))]
        for method in METHODS:
            offered = {}
            for shelf in shelves:
                node = shelf.position.node
                sells = shelf.open_for(method) and (theirs is None or shelf.country in theirs)
                offered[node] = _offered(shelf, nets[node], channel, method) if sells else ()
            total = network(offered.values(), waiting, utc_day(now))
            found.append(Summary(channel=channel, method=method, steps=total))
            if method == PICKUP and channel not in abroad:  # a counter has for a channel what it has for all
                found += [
                    Summary(channel=channel, method=method, node=node, steps=capped(steps) or ((utc_day(now), 0),))
                    for node, steps in offered.items()
                    if chosen is None or node in chosen
                ]
    return tuple(found)


def _share(some: frozenset[str] | None, others: frozenset[str] | None) -> bool:
    """Whether what waits in one channel may be sent what the other sells."""
    return some is None or others is None or not some.isdisjoint(others)


def _least_by_day(position: Position, now: datetime) -> Steps:
    """(day, least net from that day on), not below 0: what could be sold, were no safety stock kept."""
    return stock.available_steps(replace(position, safety=0), now)


def _offered(shelf: Shelf, nets: Steps, channel: str, method: str) -> Steps:
    asked = None if channel == EVERY_CHANNEL else channel
    safety = resolve(shelf.levels, methods=(method,), channel=asked, protected=shelf.protected)
    return tuple((day, safety.left(units)) for day, units in nets)


def network(offered: Iterable[Steps], unassigned: Iterable[tuple[str, int]], today: str) -> Steps:
    """The nodes' steps as one, less what waits for any of them."""
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
    """Without steps that change nothing, and with at most 200: the last one then stands for the least of all that follow."""
    changed = tuple(step for i, step in enumerate(steps) if not i or step[1] != steps[i - 1][1])
    if len(changed) <= MOST_STEPS:
        return changed
    kept, rest = changed[: MOST_STEPS - 1], changed[MOST_STEPS - 1 :]
    return (*kept, (rest[0][0], min(units for _, units in rest)))


def units_on(steps: Sequence[tuple[str, int]], day: str, today: str) -> int:
    """Units for an order due on a day, asked today.

    What was still to come when the summary was written is counted for later days only: whether it came, the next summary says.
    """
    first, *later = steps
    if day <= today:
        return min([first[1], *(units for step, units in later if step <= today)])
    return next((units for step, units in reversed(later) if step <= day), first[1])


def format_steps(steps: Steps) -> str:
    """As an item keeps it: `20261122:5 20261201:15`."""
    return " ".join(f"{day.replace('-', '')}:{units}" for day, units in steps)


def parse_steps(kept: str) -> Steps:
    pairs = (step.split(":") for step in kept.split(" "))
    return tuple((f"{day[:4]}-{day[4:6]}-{day[6:]}", int(units)) for day, units in pairs)
