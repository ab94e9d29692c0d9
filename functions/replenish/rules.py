"""Whom a sku's stock reaches: each in turn is routed for trial, and takes what the ones behind it then do not find."""

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
    """The sku's positions, as those who had their turn leave them."""

    def __init__(self, world: World, offers: Offers, now: datetime) -> None:
        self.positions = {p.node: p for p in world.positions}
        self.world, self.offers, self.now, self.taken = world, offers, now, world.taken

    def anything_left(self) -> bool:
        """Whether any unit is there for anybody, now or on the day of a supply."""
        return any(
            p.free > 0 or any(units for _, units in stock.available_steps(p, self.now)) for p in self.positions.values()
        )

    def place(self, order: Order, line_id: str) -> int:
        """How many of the line's waiting units the router would place; they are taken."""
        line = _waiting_only(order.line(line_id))
        if not line.unplaced():
            return 0
        seen = self.offers.of(self.positions.values(), order.channel, {line.sku: [line.method]})
        trial = replace(order, lines=(line,))
        plan = route(trial, replace(self.world, positions=seen, taken=self.taken), self.now)
        placed = 0
        for planned in plan.fulfillments:
            self.taken = added(self.taken, planned.node.node_id, planned.turns)
            for part in planned.lines:
                self._take(planned.node.node_id, part.quantity, part.due)
                placed += part.quantity
        return placed

    def _take(self, node: str, quantity: int, due: str | None) -> None:
        position = self.positions[node]
        hard = stock.added(position.hard, ((due or stock.day(self.now), quantity),))
        taken = replace(position, hard=tuple(sorted(hard.items())))
        self.positions[node] = replace(taken, free=movements.materialised(taken, self.now))


def _waiting_only(line: Line) -> Line:
    """The line as if only its waiting units were there, and free."""
    units = line.units(lambda a: a.status is Status.BACKORDERED)
    free = line.move("receipt", units) if units else line
    return replace(free, allocations=tuple(a for a in free.allocations if a.status is Status.UNSCHEDULED))
