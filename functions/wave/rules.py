"""
Propose plans for the orders of a wave: each order's best plan for given stock, by its rules, as if it left now.

Called by   functions/wave/wave_run.py
Returns     choices, plans and savings in micro-units
Raises      Unsolved, from the time limit
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from comanda.domain.network_optimization.shadow_prices import Prices
from comanda.domain.network_optimization.wave_program import Choice, SkuAtNode, Uses
from comanda.domain.orders import wave_wait
from comanda.domain.orders.line import Allocation, Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import waits_for_wave
from comanda.domain.orders.status import Status
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Plan
from comanda.domain.routing.route import order_facts, route
from comanda.domain.rules.rule_sets import COMPONENTS, NOW
from comanda.domain.stock.plain_position import plain
from comanda.domain.time_limit import TimeLimit

_PRICE = COMPONENTS.index("price")
# Micro-units of a unit that a plan does not send now, or that arrives later than promised: no saving is worth it.
_NEVER = 10**10


@dataclass(slots=True)
class Proposals:
    """The proposals of these orders. The positions of `inputs_by_channel` are the units that are free beside those of
    orders."""

    orders: Sequence[Order]
    inputs_by_channel: Mapping[str, RouterInputs]
    now: datetime
    late: TimeLimit  # the time limit of all these proposals together
    has: list[Uses] = field(default_factory=list)
    stock: dict[SkuAtNode, int] = field(default_factory=dict)  # including the units that these orders have
    _trials: list[Order] = field(default_factory=list)
    _limits: dict[str, dict[SkuAtNode, int]] = field(default_factory=dict)  # by channel
    _nodes: dict[str, list[str]] = field(default_factory=dict)  # by sku
    _plans: dict[tuple[int, Uses], Plan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.inputs_by_channel = {
            channel: _release_now(router_inputs) for channel, router_inputs in self.inputs_by_channel.items()
        }
        self.has = [_waiting_units(order) for order in self.orders]
        self._trials = [_order_of_wave(order, self.inputs_by_channel[order.channel]) for order in self.orders]
        held: Counter[SkuAtNode] = Counter()
        for uses in self.has:
            held.update(dict(uses))
        for channel, router_inputs in self.inputs_by_channel.items():
            # A node that lost stock lacks units that orders have: nothing is free when these are given back.
            free = {(p.sku, p.node): p.free - p.safety + held[p.sku, p.node] for p in router_inputs.positions if p.ship}
            self._limits[channel] = {place: units for place, units in free.items() if units > 0}
            for place, units in self._limits[channel].items():
                self.stock[place] = max(units, self.stock.get(place, held[place]))
        self.stock |= {place: units for place, units in held.items() if place not in self.stock}
        for sku, node in sorted(self.stock):
            self._nodes.setdefault(sku, []).append(node)

    def skus(self) -> list[frozenset[str]]:
        return [frozenset(sku for (sku, _), _ in uses) for uses in self.has]

    def stays(self, k: int) -> Choice:
        """Return the order's plan at its present nodes, with its cost."""
        plan = self._routed(k, dict(self.has[k]), {})
        choice = Choice(cost=self._cost(k, plan), uses=self.has[k])
        self._plans.setdefault((k, choice.uses), plan)
        return choice

    def propose(self, k: int, stock: Mapping[SkuAtNode, int], prices: Prices) -> Choice:
        """Return the order's best plan for this stock."""
        limits, own = self._limits[self.orders[k].channel], dict(self.has[k])
        there = {
            (sku, node): min(stock.get((sku, node), 0), max(limits.get((sku, node), 0), own.get((sku, node), 0)))
            for sku in {sku for (sku, _), _ in self.has[k]}
            for node in self._nodes.get(sku, ())
        }
        plan = self._routed(k, there, prices)
        uses = _used_units(plan)
        self._plans.setdefault((k, uses), plan)
        return Choice(cost=self._cost(k, plan), uses=uses)

    def plan(self, k: int, choice: Choice) -> Plan:
        return self._plans[k, choice.uses]

    def sends_all(self, k: int, choice: Choice) -> bool:
        """Return True if the plan sends all units of the order. An order that would lose a unit is not moved."""
        return sum(units for _, units in choice.uses) == sum(units for _, units in self.has[k])

    def saves(self, k: int, stays: Choice, new: Choice) -> int:
        """Return the saving in micro-units. It is 0 if the order had to move, because its node is closed or too late by
        now."""
        had_to = self._never(k, self.plan(k, stays)) > self._never(k, self.plan(k, new))
        return 0 if had_to else stays.cost - new.cost

    def least(self, k: int) -> int:
        """Return the least saving that moves the order, in micro-units."""
        return self.inputs_by_channel[self.orders[k].channel].costs_in(self.orders[k].destination.country).wave_least

    def _routed(self, k: int, units: Mapping[SkuAtNode, int], prices: Prices) -> Plan:
        router_inputs = self.inputs_by_channel[self.orders[k].channel]
        night = router_inputs.prices
        positions = tuple(plain(sku, node, n) for (sku, node), n in units.items() if n > 0)
        both = {place: night.get(place, 0) + prices.get(place, 0) for place in units}
        seen = replace(
            router_inputs, positions=positions, prices={place: micros for place, micros in both.items() if micros}
        )
        return route(self._trials[k], seen, self.now, late=self.late)

    def _cost(self, k: int, plan: Plan) -> int:
        night = self.inputs_by_channel[self.orders[k].channel].prices
        cost = 0
        for p in plan.fulfillments:
            cost += sum(p.modelled) - (p.modelled[_PRICE] if p.modelled else 0)
            cost += sum(line.quantity * night.get((line.sku, p.node.node_id), 0) for line in p.lines)
        return cost + self._never(k, plan) * _NEVER

    def _never(self, k: int, plan: Plan) -> int:
        """Return the units that a plan does not send now, or sends for a later day than was promised."""
        told = wave_wait.latest_promise(self.orders[k])
        late = (
            p.units
            for p in plan.fulfillments
            if p.due or (told is not None and p.deliver_on is not None and p.deliver_on > told)
        )
        return sum(left.quantity for left in plan.leftovers) + sum(late)


def _release_now(router_inputs: RouterInputs) -> RouterInputs:
    """Return the inputs with rules that release units now."""
    sets = tuple(
        replace(one, rules=tuple(replace(rule, release=NOW) for rule in one.rules)) for one in router_inputs.rules.sets
    )
    return replace(router_inputs, rules=replace(router_inputs.rules, sets=sets))


def _order_of_wave(order: Order, router_inputs: RouterInputs) -> Order:
    """Return the order as if the units that wait for the wave were all of it and had no node. They must arrive as
    promised."""
    told = wave_wait.latest_promise(order)
    if told is not None and order_facts(order, router_inputs).deliver_by is None:
        order = replace(order, requested=(*order.requested, ("deliver_by", told)))
    return replace(order, lines=tuple(map(_without_node, order.lines)))


def _without_node(line: Line) -> Line:
    units = line.units(waits_for_wave)
    free = (Allocation(quantity=units, status=Status.UNSCHEDULED),) if units else ()
    return replace(line, allocations=free, waits_in=None)


def _waiting_units(order: Order) -> Uses:
    found: Counter[SkuAtNode] = Counter()
    for (line_id, node, _), units in wave_wait.waiting_units(order).items():
        found[order.line(line_id).sku, node] += units
    return tuple(sorted(found.items()))


def _used_units(plan: Plan) -> Uses:
    found: Counter[SkuAtNode] = Counter()
    for p in plan.fulfillments:
        for line in p.lines if p.due is None else ():
            found[line.sku, p.node.node_id] += line.quantity
    return tuple(sorted(found.items()))
