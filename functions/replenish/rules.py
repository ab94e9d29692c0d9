"""Route waiting lines for trial, one after the other: each line takes its units from the stock that the next line finds."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from comanda.domain.days import utc_day
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.route import route
from comanda.domain.routing.workload import with_turns
from comanda.domain.shipping.delivery_dates import NOTHING, BookedUnits
from comanda.domain.stock import stock
from comanda.domain.stock.apply_change import stored_free
from comanda.domain.stock.sellable import SafetyPolicies
from comanda.domain.stock.stock import Position
from comanda.domain.time_limit import TimeLimit


class TrialStock:
    """The positions of some skus, less the units that the lines before took."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.positions: dict[str, dict[str, Position]] = {}  # by sku and node
        self.world = RouterInputs(positions=(), nodes=())
        self.offers = SafetyPolicies()
        self.taken: BookedUnits = NOTHING
        self.uses: dict[tuple[str, str], list[tuple[str, int]]] = {}

    def load(self, skus: Iterable[str], world: RouterInputs, offers: SafetyPolicies, *, beside: bool = False) -> None:
        """Hold the positions of these skus, instead of or `beside` the loaded ones. Units that were taken stay taken."""
        had = self.world if beside else replace(self.world, prices={}, goods={})
        positions = self.positions if beside else {}
        positions |= {sku: {} for sku in skus}
        for p in world.positions:
            positions[p.sku][p.node] = self._used(p, self.uses.get((p.sku, p.node), ()))
        products = {**self.offers.products, **offers.products} if beside else offers.products
        self.positions, self.offers = positions, replace(offers, products=products)
        self.taken = {**world.taken, **self.taken}
        self.world = replace(world, prices={**had.prices, **world.prices}, goods={**had.goods, **world.goods})

    def not_loaded(self, skus: Iterable[str]) -> list[str]:
        return sorted(set(skus) - self.positions.keys())

    def has_free_units(self, sku: str) -> bool:
        """Return whether any unit of the sku is free for any order, now or on the day of a supply."""
        return any(
            p.free > 0 or any(units for _, units in stock.available_steps(p, self.now))
            for p in self.positions[sku].values()
        )

    def route_for_trial(self, order: Order, lines: Collection[Line], late: TimeLimit) -> dict[str, int]:
        """Return how many waiting units of each line the router would assign now, and take these units from the stock.

        The search ends with the best plan that it has found when `late` returns True.
        """
        trial = tuple(map(_waiting_only, lines))
        assigned = {line.line_id: 0 for line in lines}
        if not any(line.unplaced() for line in trial):
            return assigned
        methods: dict[str, list[str]] = {}
        for line in trial:
            methods.setdefault(line.sku, []).append(line.method)
        positions = [p for sku in methods for p in self.positions[sku].values()]
        world = replace(
            self.world, positions=self.offers.with_safety(positions, order.channel, methods), taken=self.taken
        )
        plan = route(replace(order, lines=trial), world, self.now, late=late)
        for planned in plan.fulfillments:
            self.taken = with_turns(self.taken, planned.node.node_id, planned.turns)
            for part in planned.lines:
                self._take(part.sku, planned.node.node_id, part.quantity, part.due)
                assigned[part.line_id] += part.quantity
        return assigned

    def _take(self, sku: str, node: str, quantity: int, due: str | None) -> None:
        use = (due or utc_day(self.now), quantity)
        self.uses.setdefault((sku, node), []).append(use)
        self.positions[sku][node] = self._used(self.positions[sku][node], (use,))

    def _used(self, position: Position, uses: Collection[tuple[str, int]]) -> Position:
        if not uses:
            return position
        taken = replace(position, hard=tuple(sorted(stock.add_numbers(position.hard, uses).items())))
        return replace(taken, free=stored_free(taken, self.now))


def _waiting_only(line: Line) -> Line:
    """Return the line with its waiting units alone, as if they were released to the router."""
    units = line.units(lambda a: a.status is Status.BACKORDERED)
    free = line.move("receipt", units) if units else line
    return replace(free, allocations=tuple(a for a in free.allocations if a.status is Status.UNSCHEDULED))
