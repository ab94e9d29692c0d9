"""
Assign: which node gets which units. Route and promise both call this, so a promise is what a route would do.

A `Scene` is looked at once (who is fit, how far, what is there), then any number of assignments are made in it. The policy:
the node that covers the most units of what is left, of those the nearest, of those the first by id. Then what waits for a
dated supply, day by day, the same way. What is behind `assign` may be replaced; it promises: deterministic, never more than
a node holds, never an excluded node, every unit assigned or left over.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from heapq import heapify, heappop, heappush

from comanda.domain import backlog, dating, stock, zones
from comanda.domain.calendars import Calendar, opens_within
from comanda.domain.geo import distance_km
from comanda.domain.network import Node
from comanda.domain.order import PICKUP, SHIP, Destination
from comanda.domain.plan import Leftover, Limits, PlannedFulfillment, PlannedLine, Rules, Want
from comanda.domain.queues import BACKORDER, CUSTOMER_CARE, ROUTING
from comanda.domain.stock import Position

Shelves = Mapping[str, Mapping[str, int]]  # node -> sku -> units

NO_CAPACITY = "no-capacity"


class Scene:
    """The network as one destination sees it at one moment. Nothing in it changes.

    `near`: the nodes that may ship there, nearest first, ties by id. `unfit`: why each other may not. `km` by node.
    """

    def __init__(
        self,
        positions: Sequence[Position],
        nodes: Sequence[Node],
        to: Destination,
        rules: Rules,
        now: datetime,
        taken: dating.Taken = dating.NOTHING,
    ) -> None:
        self.to, self.rules, self.now = to, rules, now
        self.nodes = {node.node_id: node for node in nodes}
        self.at = None if to.latitude is None or to.longitude is None else (to.latitude, to.longitude)
        self._open: dict[int, bool] = {}
        self.unfit = {node.node_id: why for node in nodes if (why := self._unfit(node))}
        fit = [node for node in nodes if node.node_id not in self.unfit]
        self.km: dict[str, float] = {}
        self.km = {node.node_id: self.distance(node) for node in fit}
        self.near = tuple(sorted(self.km, key=lambda node_id: (self.km[node_id], node_id)))
        self._zone: tuple[str, str] | None = None
        self._positions = positions
        self._taken = taken
        self._rooms: dict[str, int | None] = {}
        self._at_node: dict[str, list[Position]] | None = None
        self.shelves: dict[str, dict[str, int]] = {}
        for p in positions:
            if p.ship and p.node in self.km and (units := units_now(p, now)):
                self.shelves.setdefault(p.node, {})[p.sku] = units

    @property
    def zone(self) -> tuple[str, str]:
        """The destination's, and what says so."""
        if self._zone is None:
            self._zone = zones.zone_of(self.to.country, self.to.region, self.at, self.nodes.values())
        return self._zone

    def distance(self, node: Node) -> float:
        """km; an address without coordinates is equally far from everywhere."""
        known = self.km.get(node.node_id)
        if known is not None:
            return known
        return distance_km(self.at, node.at) if self.at else 0.0

    def works(self, calendar: Calendar) -> bool:
        """Whether it opens soon enough. Many nodes share one calendar."""
        found = self._open.get(id(calendar))
        if found is None:
            found = self._open[id(calendar)] = opens_within(calendar, self.now, self.rules.open_days)
        return found

    def _unfit(self, node: Node) -> str | None:
        """Why the node may not ship there, or None."""
        if not node.ship:
            return "does-not-ship"
        if node.type not in self.rules.types:
            return "type-not-allowed"
        if node.country != self.to.country:
            return "other-country"
        if not self.works(node.calendar):
            return "closed"
        return None

    def room(self, node_id: str) -> int | None:
        """Units that the node could still begin in the days that one looks ahead; None: as many as come."""
        if node_id not in self._rooms:
            self._rooms[node_id] = backlog.room(self.nodes[node_id], self.now, self._taken)
        return self._rooms[node_id]

    def full(self) -> set[str]:
        """The nodes that have goods and no room."""
        return {node_id for node_id in self.shelves if self.room(node_id) == 0}

    def counter(self, node_id: str) -> Mapping[str, int]:
        """What a store may hand over now, by sku."""
        if self._at_node is None:
            self._at_node = {}
            for p in self._positions:
                self._at_node.setdefault(p.node, []).append(p)
        return {p.sku: units_now(p, self.now) for p in self._at_node.get(node_id, ()) if p.pickup}

    def expected(self, skus: Iterable[str], days: int) -> tuple[tuple[str, Shelves], ...]:
        """(day, shelves then) for each day of the next `days` on which a supply of these skus can be counted on."""
        wanted, last = set(skus), stock.later(stock.day(self.now), days)
        steps = {
            (p.node, p.sku): stock.available_steps(p, self.now)
            for p in self._positions
            if p.supplies and p.sku in wanted and p.ship and p.node in self.km
        }
        today = stock.day(self.now)
        found = sorted({on for rising in steps.values() for on, _ in rising if today < on <= last})
        return tuple((on, self._then(steps, on)) for on in found)

    def _then(self, steps: Mapping[tuple[str, str], Sequence[tuple[str, int]]], on: str) -> Shelves:
        then = {node: dict(skus) for node, skus in self.shelves.items()}
        for (node, sku), rising in steps.items():
            then.setdefault(node, {})[sku] = [units for day, units in rising if day <= on][-1]
        return then


def units_now(position: Position, now: datetime) -> int:
    """Without supplies or soft demand the materialised number is the answer."""
    return stock.available(position, now) if position.supplies or position.soft else position.available


class _Taking:
    """One assignment as it is made: what is taken of the shelves, who has what."""

    def __init__(self, scene: Scene, limits: Limits) -> None:
        self.scene, self.limits = scene, limits
        self.taken: dict[tuple[str, str], int] = {}
        self.begun: dict[str, int] = {}  # node -> units
        self.planned: list[PlannedFulfillment] = []
        self.leftovers: list[Leftover] = []

    def has(self, shelf: Mapping[str, int], node: str, sku: str) -> int:
        return max(0, shelf.get(sku, 0) - self.taken.get((node, sku), 0))

    def room(self, node: str, shelf: Mapping[str, int], due: str | None) -> int | None:
        """Units that the node may still be given: it has room for them, or they are yet to arrive."""
        room = self.scene.room(node)
        if room is None:
            return None
        if due:
            now = self.scene.shelves.get(node, {})
            room += sum(max(0, units - now.get(sku, 0)) for sku, units in shelf.items())
        return max(0, room - self.begun.get(node, 0))

    def pick_up(self, want: Want) -> None:
        """A pickup line is filled at the customer's store whole, or customer care is asked: never shipped instead."""
        node = self.scene.nodes.get(want.node_id or "")
        if node is None or not node.pickup or not self.scene.works(node.calendar):
            self.leave(want, want.quantity, CUSTOMER_CARE, "pickup-node-closed")
        elif node.node_id in want.excluded:
            self.leave(want, want.quantity, CUSTOMER_CARE, "pickup-declined")
        elif self.has(self.scene.counter(node.node_id), node.node_id, want.sku) < want.quantity:
            self.leave(want, want.quantity, CUSTOMER_CARE, "pickup-out-of-stock")
        elif (room := self.room(node.node_id, {}, None)) is not None and room < want.quantity:
            self.leave(want, want.quantity, CUSTOMER_CARE, "pickup-no-capacity")
        else:
            self.give(node, PICKUP, want.service, [(want, want.quantity)], None)

    def ship(self, wants: Sequence[Want], left: dict[str, int], shelves: Shelves, due: str | None) -> bool:
        """Give `left` (line id -> units) of these wants to nodes, as far as they have it; False: the split limit ended it.

        What a node covers only falls while a plan is made, so its last count is a bound: few are counted again.
        """
        open_wants = [want for want in wants if want.line_id in left]
        order: list[tuple[int, int]] = []
        everything = sum(left[want.line_id] for want in open_wants)
        for rank, node_id in enumerate(self.scene.near):
            covers = self._covers(node_id, open_wants, left, shelves, due)
            if covers:
                order.append((-covers, rank))
            if covers == everything:
                break
        heapify(order)
        while order and open_wants:
            bound, rank = heappop(order)
            node_id = self.scene.near[rank]
            covers = self._covers(node_id, open_wants, left, shelves, due)
            if covers < -bound:
                if covers:
                    heappush(order, (-covers, rank))
                continue
            if len(self.planned) >= self.limits.splits:
                return False
            self._take(node_id, open_wants, left, shelves, due)
            open_wants = [want for want in open_wants if want.line_id in left]
        return True

    def _covers(
        self, node: str, wants: Sequence[Want], left: Mapping[str, int], shelves: Shelves, due: str | None
    ) -> int:
        """Units that the node could ship. Lines of one sku share its stock, all lines its room."""
        shelf = shelves.get(node)
        if not shelf:
            return 0
        by_sku: dict[str, int] = {}
        for want in wants:
            if want.sku in shelf and node not in want.excluded:
                by_sku[want.sku] = by_sku.get(want.sku, 0) + left[want.line_id]
        covers = sum(min(units, self.has(shelf, node, sku)) for sku, units in by_sku.items())
        room = self.room(node, shelf, due) if covers else None
        return covers if room is None else min(covers, room)

    def _take(self, node: str, wants: Sequence[Want], left: dict[str, int], shelves: Shelves, due: str | None) -> None:
        got: list[tuple[Want, int]] = []
        room = self.room(node, shelves[node], due)
        for want in wants:
            units = 0 if node in want.excluded else min(left[want.line_id], self.has(shelves[node], node, want.sku))
            if room is not None:
                units = min(units, room)
                room -= units
            if units:
                self.taken[node, want.sku] = self.taken.get((node, want.sku), 0) + units
                got.append((want, units))
                left[want.line_id] -= units
                if not left[want.line_id]:
                    del left[want.line_id]
        self.give(self.scene.nodes[node], SHIP, wants[0].service, got, due, counted=True)

    def give(
        self,
        node: Node,
        method: str,
        service: str,
        got: Sequence[tuple[Want, int]],
        due: str | None,
        *,
        counted: bool = False,
    ) -> None:
        for want, units in () if counted else got:
            self.taken[node.node_id, want.sku] = self.taken.get((node.node_id, want.sku), 0) + units
        self.begun[node.node_id] = self.begun.get(node.node_id, 0) + sum(units for _, units in got)
        lines = tuple(PlannedLine(line_id=want.line_id, sku=want.sku, quantity=units, due=due) for want, units in got)
        self.planned.append(PlannedFulfillment(node=node, method=method, service=service, lines=lines))

    def stands(self, want: Want) -> bool:
        """Whether goods that nobody has are on a shelf that may ship them: then it is room that they want."""
        shelves = self.scene.shelves
        return any(node not in want.excluded and self.has(shelves[node], node, want.sku) for node in shelves)

    def leave(self, want: Want, units: int, queue: str, reason: str) -> None:
        self.leftovers.append(Leftover(line_id=want.line_id, sku=want.sku, quantity=units, queue=queue, reason=reason))


def assign(
    wants: Sequence[Want], scene: Scene, limits: Limits, future_days: int = 0
) -> tuple[tuple[PlannedFulfillment, ...], tuple[Leftover, ...]]:
    """Every wanted unit at a node, or left over with a reason. Fulfillments have no dates yet.

    `future_days`: units may wait for supplies of so many days to come.
    """
    taking = _Taking(scene, limits)
    for want in wants:
        if want.method == PICKUP:
            taking.pick_up(want)
    services: dict[str, list[Want]] = {}
    for want in wants:
        if want.method != PICKUP:
            services.setdefault(want.service, []).append(want)
    _ship(taking, [services[service] for service in sorted(services)], future_days)
    return joined(taking.planned), tuple(taking.leftovers)


def _ship(taking: _Taking, groups: Sequence[Sequence[Want]], future_days: int) -> None:
    """One group of wants for each service: what is on hand first, then what is expected."""
    scene = taking.scene
    left = {want.line_id: want.quantity for wants in groups for want in wants}
    whole = [taking.ship(wants, left, scene.shelves, None) for wants in groups]
    full = {want.line_id for wants in groups for want in wants if want.line_id in left and taking.stands(want)}
    if left and future_days and all(whole):
        skus = {want.sku for wants in groups for want in wants if want.line_id in left}
        for day, shelves in scene.expected(skus, future_days):
            whole = [
                taking.ship(wants, left, shelves, day) and so_far for wants, so_far in zip(groups, whole, strict=True)
            ]
    for wants, complete in zip(groups, whole, strict=True):
        queue, reason = (BACKORDER, "no-stock") if complete else (ROUTING, "too-many-splits")
        for want in wants:
            if want.line_id in left:
                why = NO_CAPACITY if complete and want.line_id in full else reason
                taking.leave(want, left[want.line_id], queue, why)


def assign_whole(wants: Sequence[Want], scene: Scene, future_days: int) -> PlannedFulfillment | None:
    """All of it in one shipment from one node, on the first day on which some node has all; the nearest such."""
    skus = {want.sku for want in wants}
    needed: dict[str, int] = {}
    for want in wants:
        needed[want.sku] = needed.get(want.sku, 0) + want.quantity
    for day, shelves in ((None, scene.shelves), *scene.expected(skus, future_days)):
        for node_id in scene.near:
            shelf = shelves.get(node_id, {})
            room = scene.room(node_id) if shelf and day is None else None
            if room is not None and room < sum(needed.values()):
                continue
            if all(shelf.get(sku, 0) >= units for sku, units in needed.items()):
                lines = tuple(PlannedLine(line_id=w.line_id, sku=w.sku, quantity=w.quantity, due=day) for w in wants)
                return PlannedFulfillment(node=scene.nodes[node_id], method=SHIP, service=wants[0].service, lines=lines)
    return None


def joined(planned: Iterable[PlannedFulfillment]) -> tuple[PlannedFulfillment, ...]:
    """Pickup lines of one store are one fulfillment; so are shipments of one node and service that are due together."""
    together: dict[tuple[str, str, str, str | None], PlannedFulfillment] = {}
    for p in planned:
        key = (p.node.node_id, p.method, p.service, p.due)
        lines = together[key].lines if key in together else ()
        together[key] = PlannedFulfillment(node=p.node, method=p.method, service=p.service, lines=(*lines, *p.lines))
    return tuple(together.values())
