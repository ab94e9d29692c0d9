"""Take the steps of the router and of the stock that it uses, in the model of an order's life."""

from collections import Counter

from comanda.domain.lifecycle import provide, resume
from comanda.domain.orders.methods import SHIP
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Limits, Plan, Rules
from comanda.domain.routing.route import route
from comanda.domain.scheduling import schedule
from comanda.domain.stock.movements import adjust
from comanda.domain.stock.stock import SELLABLE
from tests.domain.models.books import NODES, Books, action
from tests.domain.models.wave_steps import HOURLY, PATIENT


class RouterSteps(Books):
    """The books, the router, and arrivals and losses of stock."""

    @action(5)
    def route(self) -> None:
        wanted = {line.line_id: line.unplaced() for line in self.order.lines if line.unplaced()}
        excluded = {line.line_id: line.excluded for line in self.order.lines}
        plan = self._plan()
        assert plan == self._plan(), "the same input gives the same plan"
        self._check_plan(plan, wanted)
        provided = {line.line_id: line.to_schedule() for line in self.order.lines if line.to_schedule()}
        ready = {line.line_id: line.ready() for line in self.order.lines if line.ready()}
        if not wanted and not ready:
            if provided:
                self._try(
                    not self._blocked("schedule", "release"), lambda: provide.schedule_provided(self.order, self.now)
                )
            return
        for line_id in wanted | provided:
            for a in self.order.line(line_id).allocations:
                self.pairs[a.status, "schedule"] += 1
        for line_id in ready:
            for a in self.order.line(line_id).allocations:
                self.pairs[a.status, "release"] += 1
        if self._try(
            not self._blocked("schedule", "release"),
            lambda: schedule.schedule(self.order, plan, self.positions.values(), self.now, NODES, taken=self.days),
        ):
            assert not self.order.routable, "every unit got a node or a queue, or waits to be provided"
            assert excluded == {line.line_id: line.excluded for line in self.order.lines}

    def _plan(self) -> Plan:
        limits = Limits(attempts=3, splits=4)
        world = RouterInputs(
            positions=tuple(self.positions.values()),
            nodes=NODES,
            limits=limits,
            taken=self.days,
            rules=HOURLY if self.in_waves else PATIENT if self.impatient else Rules(),
        )
        return route(self.order, world, self.now)

    def _check_plan(self, plan: Plan, wanted: dict[str, int]) -> None:
        taken: Counter[tuple[str, str]] = Counter()
        given: Counter[str] = Counter()
        for f in plan.fulfillments:
            for p in f.lines:
                line = self.order.line(p.line_id)
                position = self.positions[p.sku, f.node.node_id]
                assert p.quantity > 0
                assert p.sku == line.sku
                assert f.method == line.method
                assert f.node.node_id not in line.excluded
                assert f.method == SHIP or f.node.node_id == line.node_id
                assert position.ship if f.method == SHIP else position.pickup
                taken[p.sku, f.node.node_id] += p.quantity
                given[p.line_id] += p.quantity
        for left in plan.leftovers:
            given[left.line_id] += left.quantity
        assert given == wanted
        for at, quantity in taken.items():
            assert quantity <= max(0, self.positions[at].free - self.positions[at].safety)

    @action(2)
    def receive(self) -> None:
        """Let goods arrive. Units that waited for them are routable again."""
        at = self.choose.one(tuple(self.positions))
        self._adjust(at, self.choose.number(1, 8))
        for line in self.order.lines:
            for a in line.allocations:
                self.pairs[a.status, "receipt"] += 1
        if (decision := resume.retry_backorders(self.order, "receipt", self.now)) is not None:
            self._save(decision)

    @action()
    def lose_stock(self) -> None:
        """Let a count find fewer units, perhaps fewer than were promised."""
        at = self.choose.one(tuple(self.positions))
        there = self.positions[at].bucket(SELLABLE)
        if there > 0 and self.choose.number(0, 3) == 0:
            self._adjust(at, -self.choose.number(1, there))
            if self.positions[at].free < 0:
                self.lost_stock.add(at)

    def _adjust(self, at: tuple[str, str], delta: int) -> None:
        self.adjustments += 1
        self._move_stock(
            adjust(*at, SELLABLE, delta, source=f"A-{self.adjustments}", line="1", reason="count", now=self.now)
        )
