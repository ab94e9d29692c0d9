"""
Describe the network for one destination at one moment: the nodes that may ship there, their distance, stock and room.

Called by   the router and promises, which make one for each destination
Returns     distances in km, units by node and sku, reasons why nodes may not ship
Raises      nothing
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from comanda.domain.days import days_later, utc_day
from comanda.domain.geography import time_zones
from comanda.domain.geography.distance import distance_km, distances_km, farthest_km
from comanda.domain.nodes.calendars import opens_within
from comanda.domain.nodes.node import Node
from comanda.domain.orders.destination import Destination
from comanda.domain.routing import workload
from comanda.domain.routing.plan import Rules
from comanda.domain.shipping import delivery_dates
from comanda.domain.stock import stock
from comanda.domain.stock.plain_position import Plain
from comanda.domain.stock.stock import Position

Shelves = Mapping[str, Mapping[str, int]]  # node -> sku -> units

NO_CAPACITY = "no-capacity"


class ReachableNetwork:
    """The network as one destination sees it. It never changes.

    `km`: the distance of each node that may ship there. `unfit`: why each other node may not. `shelves`: the units by
    node and sku that may ship now.
    """

    def __init__(
        self,
        positions: Sequence[Position],
        nodes: Sequence[Node],
        to: Destination,
        rules: Rules,
        now: datetime,
        taken: delivery_dates.BookedUnits = delivery_dates.NOTHING,
    ) -> None:
        self.to, self.rules, self.now = to, rules, now
        self.nodes = {node.node_id: node for node in nodes}
        self.at = None if to.latitude is None or to.longitude is None else (to.latitude, to.longitude)
        self._open: dict[int, bool] = {}
        self.unfit = {node.node_id: why for node in nodes if (why := self._unfit(node))}
        fit = [node for node in nodes if node.node_id not in self.unfit]
        self._unplaced_km = farthest_km(to.country)
        far = distances_km(self.at, [node.at for node in fit]) if self.at else [self._unplaced_km] * len(fit)
        self.km = {node.node_id: km for node, km in zip(fit, far, strict=True)}
        self._zone: tuple[str, str] | None = None
        self._positions = positions
        self.taken = taken
        self._rooms: dict[str, int | None] = {}
        self._at_node: dict[str, list[Position]] | None = None
        self._counters: dict[str, dict[str, int]] = {}
        self.shelves: dict[str, dict[str, int]] = {node_id: {} for node_id in self.km}
        for p in positions:  # thousands of positions, most of them plain
            if (shelf := self.shelves.get(p.node)) is None:
                continue
            units = p.free if type(p) is Plain else units_now(p, now) if p.ship else 0
            if units > 0:
                shelf[p.sku] = units
        self.shelves = {node_id: shelf for node_id, shelf in self.shelves.items() if shelf}

    @property
    def placed(self) -> bool:
        """Return True if the location of the destination is known. A destination without a location counts as the
        farthest of its country."""
        return self.at is not None

    @property
    def zone(self) -> tuple[str, str]:
        """Return the time zone of the destination, and the source that names it."""
        if self._zone is None:
            self._zone = time_zones.destination_zone(self.to.country, self.to.region, self.at, self.nodes.values())
        return self._zone

    def distance(self, node: Node) -> float:
        """Return the distance in km. An address without coordinates is equally far from every node, as far as its
        country is wide."""
        known = self.km.get(node.node_id)
        if known is not None:
            return known
        return distance_km(self.at, node.at) if self.at else self._unplaced_km

    def works(self, node: Node) -> bool:
        """Return True if no closure is in force at the node and it opens soon enough. Many nodes share one calendar."""
        if node.closures and node.closed(self.now):
            return False
        found = self._open.get(id(node.calendar))
        if found is None:
            found = self._open[id(node.calendar)] = opens_within(node.calendar, self.now, self.rules.open_days)
        return found

    def _unfit(self, node: Node) -> str | None:
        """Return why the node may not ship there. Returns None if it may."""
        if not node.ship:
            return "does-not-ship"
        if node.country != self.to.country:
            return "other-country"
        if not self.works(node):
            return "closed"
        return None

    def room(self, node_id: str) -> int | None:
        """Return the units that the node could still begin within the horizon of `workload`. None is no limit."""
        if node_id not in self._rooms:
            self._rooms[node_id] = workload.room(self.nodes[node_id], self.now, self.taken)
        return self._rooms[node_id]

    def full(self) -> set[str]:
        """Return the nodes that have stock and no room."""
        return {node_id for node_id in self.shelves if self.room(node_id) == 0}

    def counter(self, node_id: str) -> Mapping[str, int]:
        """Return the units by sku that a store may hand over now."""
        if self._at_node is None:
            self._at_node = defaultdict(list)
            for p in self._positions:
                self._at_node[p.node].append(p)
        found = self._counters.get(node_id)
        if found is None:
            there = self._at_node.get(node_id, ())
            found = self._counters[node_id] = {p.sku: units_now(p, self.now) for p in there if p.pickup}
        return found

    def expected(self, skus: Iterable[str], days: int) -> tuple[tuple[str, Shelves], ...]:
        """Return (day, shelves on that day) for each of the next `days` on which a supply of these skus is expected."""
        wanted, last = set(skus), days_later(utc_day(self.now), days)
        steps = {
            (p.node, p.sku): stock.available_steps(p, self.now)
            for p in self._positions
            if p.supplies and p.sku in wanted and p.ship and p.node in self.km
        }
        today = utc_day(self.now)
        found = sorted({on for rising in steps.values() for on, _ in rising if today < on <= last})
        return tuple((on, self._then(steps, on)) for on in found)

    def _then(self, steps: Mapping[tuple[str, str], Sequence[tuple[str, int]]], on: str) -> Shelves:
        then = {node: dict(skus) for node, skus in self.shelves.items()}
        for (node, sku), rising in steps.items():
            then.setdefault(node, {})[sku] = [units for day, units in rising if day <= on][-1]
        return then


def units_now(position: Position, now: datetime) -> int:
    """Return the units that are available now. The stored number is right for a position without supplies or soft
    demand."""
    return stock.available(position, now) if position.supplies or position.soft else position.available
