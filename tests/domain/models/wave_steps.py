"""Let waves release, move and withdraw the units that wait for them, in the model of an order's life."""

from collections import Counter
from dataclasses import replace

from comanda.domain.orders import wave_wait
from comanda.domain.orders.line import Allocation, Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import waits_for_wave
from comanda.domain.orders.status import Status
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Limits, Plan, Rules
from comanda.domain.routing.route import route
from comanda.domain.rules.rule_sets import WAVE, Rest, Rule, RuleSet
from comanda.domain.scheduling import move_waiting
from comanda.domain.stock.plain_position import plain
from tests.domain.models.books import NODES, Books, action

HOURLY = Rules(sets=(RuleSet(rule_set_id="hourly", version=1, rules=(Rule(name="hourly", release=WAVE),)),))

A_DAY = Rest(cancel_after_days=1)
PATIENT = Rules(sets=(RuleSet(rule_set_id="a-day", version=1, rules=(Rule(name="a-day", rest=A_DAY),)),))


class WaveSteps(Books):
    """The books, and the waves that plan waiting units anew."""

    @action(2)
    def wave(self) -> None:
        """Release waiting units where they are, move them where a new plan sends them, or take them from a closed node."""
        waiting = wave_wait.waiting_units(self.order)
        if not waiting:
            return
        how = self.choose.one(("release", "move", "close"))
        if how == "release":
            decision = wave_wait.release(self.order, "wave", self.now)
            assert decision is not None
            self._save(decision)
            assert not wave_wait.waiting_units(self.order)
        elif how == "move":
            self._move_waiting()
        else:
            closed = self.choose.one(tuple(node.node_id for node in NODES))
            decision = move_waiting.withdraw_units(self.order, {closed}, self.now)
            assert (decision is None) == all(node != closed for _, node, _ in waiting)
            if decision is not None:
                self._save(decision)
                assert not wave_wait.waiting_units(self.order), "the rest may leave at once"

    def _move_waiting(self) -> None:
        plan, there, planned = self._plan_of_wave(), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for (line_id, node, _), n in wave_wait.waiting_units(self.order).items():
            there[line_id, node] += n
        for p in plan.fulfillments:
            planned.update({(line.line_id, p.node.node_id): line.quantity for line in p.lines})
        if planned.total() != there.total() or planned == there:  # a wave moves whole orders, to other nodes
            return
        possible = not self._blocked("schedule", "release")
        before = {line.line_id: line.quantity for line in self.order.lines}
        if self._try(possible, lambda: move_waiting.move_units(self.order, plan, self.positions.values(), 0, self.now)):
            assert before == {line.line_id: line.quantity for line in self.order.lines}
            assert not wave_wait.waiting_units(self.order)

    def _plan_of_wave(self) -> Plan:
        """Return a plan for the waiting units alone, as if they had no node yet."""
        held = Counter[tuple[str, str]]()
        for (line_id, node, _), n in wave_wait.waiting_units(self.order).items():
            held[self.order.line(line_id).sku, node] += n
        lacking = {at: p.free - p.safety for at, p in self.positions.items()}
        free = {at: held[at] + (n if self.positions[at].ship else min(0, n)) for at, n in lacking.items()}
        positions = tuple(plain(sku, node, n) for (sku, node), n in free.items() if n > 0)
        world = RouterInputs(positions=positions, nodes=NODES, limits=Limits(attempts=99), taken=self.days)
        return route(_as_if_new(self.order), world, self.now)


def _as_if_new(order: Order) -> Order:
    return replace(order, lines=tuple(map(_without_node, order.lines)))


def _without_node(line: Line) -> Line:
    units = line.units(waits_for_wave)
    free = (Allocation(quantity=units, status=Status.UNSCHEDULED),) if units else ()
    return replace(line, allocations=free, waits_in=None, held=())
