"""
Assign: which node gets which units. Route and promise both call this, so a promise is what a route would do.

A `Scene` is looked at once (who is fit, how far, what is there), then any number of assignments are made in it. The policy:
the node that covers the most units of what is left, of those the nearest, of those the first by id. Then what waits for a
dated supply, day by day, the same way. What is behind `assign` may be replaced; it promises: deterministic, never more than
a node holds or has room for, never an excluded node, every unit assigned or left over.
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush

from comanda.domain import stock
from comanda.domain.movements import Held
from comanda.domain.network import Node
from comanda.domain.order import PICKUP, SHIP
from comanda.domain.plan import Leftover, Limits, PlannedFulfillment, PlannedLine, Want
from comanda.domain.queues import BACKORDER, CUSTOMER_CARE, ROUTING
from comanda.domain.scene import NO_CAPACITY, Scene, Shelves


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

    def hand_over(self, wants: Sequence[Want], left: dict[str, int], kept: Sequence[Held]) -> None:
        """What the order's own reservation keeps goes where it is kept, on the day that it is kept for: as was promised."""
        today = stock.day(self.scene.now)
        for units in kept:
            if units.node not in self.scene.km:
                continue  # it may not ship there, or is closed: the router finds another place
            over = units.quantity
            for want in wants:
                part = min(over, left.get(want.line_id, 0)) if want.sku == units.sku else 0
                if part and units.node not in want.excluded:
                    due = units.due if units.due > today else None
                    self.give(self.scene.nodes[units.node], SHIP, want.service, [(want, part)], due)
                    over -= part
                    left[want.line_id] -= part
                    if not left[want.line_id]:
                        del left[want.line_id]

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
    wants: Sequence[Want], scene: Scene, limits: Limits, future_days: int = 0, kept: Sequence[Held] = ()
) -> tuple[tuple[PlannedFulfillment, ...], tuple[Leftover, ...]]:
    """Every wanted unit at a node, or left over with a reason. Fulfillments have no dates yet.

    `future_days`: units may wait for supplies of so many days to come. `kept`: what the order has reserved already, and the
    positions show as free for it.
    """
    taking = _Taking(scene, limits)
    for want in wants:
        if want.method == PICKUP:
            taking.pick_up(want)
    services: dict[str, list[Want]] = {}
    for want in wants:
        if want.method != PICKUP:
            services.setdefault(want.service, []).append(want)
    _ship(taking, [services[service] for service in sorted(services)], future_days, kept)
    return joined(taking.planned), tuple(taking.leftovers)


def _ship(taking: _Taking, groups: Sequence[Sequence[Want]], future_days: int, kept: Sequence[Held]) -> None:
    """One group of wants for each service: what is on hand first, then what is expected."""
    scene = taking.scene
    left = {want.line_id: want.quantity for wants in groups for want in wants}
    taking.hand_over([want for wants in groups for want in wants], left, kept)
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
