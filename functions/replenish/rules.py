"""Whom stock reaches: each in turn is routed for trial, and takes what the ones behind it then do not find."""

from dataclasses import replace
from datetime import datetime

from comanda.domain import movements, stock
from comanda.domain.backlog import added
from comanda.domain.offer import Offers
from comanda.domain.order import Line, Order
from comanda.domain.routing import route
from comanda.domain.status import Status
from comanda.domain.world import World


class Calls:
    """The positions, of one sku or of those of a kit, as those who had their turn leave them."""

    def __init__(self, world: World, offers: Offers, now: datetime) -> None:
        self.positions = {(p.sku, p.node): p for p in world.positions}
        self.world, self.offers, self.now, self.taken = world, offers, now, world.taken

    def anything_left(self) -> bool:
        """Whether any unit is there for anybody, now or on the day of a supply."""
        return any(
            p.free > 0 or any(units for _, units in stock.available_steps(p, self.now)) for p in self.positions.values()
        )

    def place(self, order: Order, *line_ids: str) -> dict[str, int]:
        """How many of these lines' waiting units the router would place, by line; they are taken."""
        lines = tuple(_waiting_only(order.line(line_id)) for line_id in line_ids)
        placed = dict.fromkeys(line_ids, 0)
        if not any(line.unplaced() for line in lines):
            return placed
        methods: dict[str, list[str]] = {}
        for line in lines:
            methods.setdefault(line.sku, []).append(line.method)
        seen = self.offers.of(self.positions.values(), order.channel, methods)
        trial = replace(order, lines=lines)
        plan = route(trial, replace(self.world, positions=seen, taken=self.taken), self.now)
        for planned in plan.fulfillments:
            self.taken = added(self.taken, planned.node.node_id, planned.turns)
            for part in planned.lines:
                self._take(part.sku, planned.node.node_id, part.quantity, part.due)
                placed[part.line_id] += part.quantity
        return placed

    def _take(self, sku: str, node: str, quantity: int, due: str | None) -> None:
        position = self.positions[sku, node]
        hard = stock.added(position.hard, ((due or stock.day(self.now), quantity),))
        taken = replace(position, hard=tuple(sorted(hard.items())))
        self.positions[sku, node] = replace(taken, free=movements.materialised(taken, self.now))


def _waiting_only(line: Line) -> Line:
    """The line as if only its waiting units were there, and free."""
    units = line.units(lambda a: a.status is Status.BACKORDERED)
    free = line.move("receipt", units) if units else line
    return replace(free, allocations=tuple(a for a in free.allocations if a.status is Status.UNSCHEDULED))
