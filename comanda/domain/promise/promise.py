"""
List every way in which a basket can reach its customer, with dates, cost and carbon, and recommend one.

Called by   functions/promise, bench/promise.py
Returns     the options, the recommended one and the reason
Raises      TooDear, from the optimizer

An option is made by the same functions as a route (`assign`, then `with_dates`). So with unchanged inputs the recommended
option is the plan of the route for an order that is placed with its method and service. Two options need more than a method and
a service: all in one shipment, which the order gets by naming the option; and a pre-order, where the rules do not wait for
supplies, which is kept by reserving it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice

from comanda.domain.nodes.node import Node
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.queues import Queue
from comanda.domain.promise.recommend import Reason, WeighedOption, recommend
from comanda.domain.routing.assign import assign
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.order_rates import OrderRates
from comanda.domain.routing.plan import NO_GOODS, Leftover, PlannedFulfillment, Want
from comanda.domain.routing.reachable import ReachableNetwork
from comanda.domain.routing.route import IN_ONE, with_dates
from comanda.domain.rules.rule_sets import OrderFacts
from comanda.domain.shipping import delivery_dates
from comanda.domain.shipping.carriers import EXPRESS, STANDARD
from comanda.domain.time_limit import TimeLimit, never

# The kind of an option: the first that is true.
BACKORDERED = "BACKORDER"  # some units have no date
PREORDER = "PREORDER"  # some units wait for a dated supply
WHOLE = "WHOLE"  # everything in one shipment, where the router would split


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """The wanted units and their destination.

    `methods` are in the order of the customer's preference; `stores` are shown however far they are.
    """

    wants: tuple[Want, ...]
    to: Destination
    methods: tuple[str, ...] = (SHIP, PICKUP)
    stores: tuple[str, ...] = ()
    deliver_by: str | None = None  # local date
    not_before: str | None = None  # local date
    facts: OrderFacts = field(default_factory=OrderFacts)  # the facts that rules may test of the order that it will be


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAnswer:
    """The answer for one line: units on hand, units by the day of their supply, and units without a date.

    `there`: the units that a counter has of a line that it cannot hand over whole.
    """

    line_id: str
    sku: str
    quantity: int
    now: int
    later: tuple[tuple[str, int], ...] = ()
    there: int = 0

    @property
    def undated(self) -> int:
        return self.quantity - self.now - sum(units for _, units in self.later)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way. `deliver_on` is the day, in `zone`, on which the last unit arrives; None if any unit has no date."""

    option_id: str
    kind: str
    method: str
    service: str
    node_id: str | None
    fulfillments: tuple[PlannedFulfillment, ...]
    leftovers: tuple[Leftover, ...]
    lines: tuple[LineAnswer, ...]
    as_routed: bool  # an order in these words is routed like this
    km: float | None = None  # to the store

    @property
    def complete(self) -> bool:
        return not any(line.undated for line in self.lines)

    @property
    def units(self) -> int:
        return sum(line.quantity - line.undated for line in self.lines)

    @property
    def cost_micros(self) -> int:
        return sum(f.leg.cost_micros for f in self.fulfillments if f.leg)

    @property
    def carbon_g(self) -> int:
        return sum(f.leg.carbon_g for f in self.fulfillments if f.leg)

    @property
    def currency(self) -> str | None:
        """Return the currency of the cost, which is the carriers'. Returns None if no carrier has a price."""
        return next((f.leg.currency for f in self.fulfillments if f.leg and f.leg.currency), None)

    @property
    def zone(self) -> str | None:
        """Return the time zone of `deliver_on`."""
        return next((f.zone for f in self.fulfillments if f.zone), None)

    @property
    def packages(self) -> int:
        return sum(f.leg.packages if f.leg else 1 for f in self.fulfillments)

    @property
    def deliver_on(self) -> str | None:
        return delivery_dates.last_day([f.deliver_on for f in self.fulfillments]) if self.complete else None

    @property
    def order_by(self) -> datetime | None:
        """Return the time until which all dates hold: the first of its parts to change. Parts that wait for a supply
        have none."""
        return min((f.leg.order_by for f in self.fulfillments if f.leg and f.leg.order_by), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    options: tuple[Option, ...]
    recommended: str | None
    reason: Reason


def options(basket: Basket, inputs: RouterInputs, now: datetime, late: TimeLimit = never) -> Promise:
    """Return every option, in the order of the basket's methods, and the recommended one.

    Ties are broken by the order of options. `late` is the time limit for all options together.
    """
    facts = replace(
        basket.facts,
        seller=inputs.sellers.get(basket.facts.channel, basket.facts.channel),
        country=basket.to.country,
        region=basket.to.region,
        deliver_by=basket.deliver_by,
    )
    network = ReachableNetwork(inputs.positions, inputs.nodes, basket.to, inputs.rules, now, inputs.taken)
    inputs = replace(inputs, costs=inputs.costs_in(basket.to.country))
    wants = tuple(replace(want, goods=inputs.goods.get(want.sku, NO_GOODS)) for want in basket.wants)
    basket = replace(basket, wants=wants)
    rates = OrderRates(network, inputs.carriers, inputs.costs, inputs.prices, facts)
    counters = rates
    if inputs.at_counters is not None:
        network = ReachableNetwork(inputs.at_counters, inputs.nodes, basket.to, inputs.rules, now, inputs.taken)
        counters = OrderRates(network, inputs.carriers, inputs.costs, inputs.prices, facts)
    found: list[Option] = []
    for method in basket.methods:
        found += (
            _shipping_options(basket, inputs, rates, late)
            if method == SHIP
            else _pickup_options(basket, inputs, counters)
        )
    chosen, reason = recommend([_to_weigh(o) for o in found if o.as_routed], basket.deliver_by, inputs.costs, now)
    return Promise(options=tuple(found), recommended=chosen, reason=reason)


def _shipping_options(basket: Basket, inputs: RouterInputs, rates: OrderRates, late: TimeLimit) -> list[Option]:
    standard = _shipping_option("standard", STANDARD, basket, inputs, rates, late)
    express = _shipping_option("express", EXPRESS, basket, inputs, rates, late)
    found = [standard]
    if express.fulfillments and all(f.leg for f in express.fulfillments):
        found.append(express)
    if len(standard.fulfillments) > 1:
        found += _whole_option(basket, inputs, rates, late)
    if not standard.complete and not inputs.rules.future_days:
        ahead = _shipping_option("preorder", STANDARD, basket, inputs, rates, late, inputs.preorder_days)
        found += [replace(ahead, as_routed=False)] if ahead.units > standard.units else []
    return found


def _shipping_option(
    option_id: str,
    service: str,
    basket: Basket,
    inputs: RouterInputs,
    rates: OrderRates,
    late: TimeLimit,
    future_days: int | None = None,
) -> Option:
    wants = tuple(replace(want, method=SHIP, service=service) for want in basket.wants)
    assigned = assign(wants, rates.network, inputs.limits, rates, future_days, late=late)
    planned = with_dates(
        assigned.fulfillments,
        wants,
        rates.network,
        inputs.costs,
        inputs.carriers,
        rates.facts.deliver_by,
        basket.not_before,
    )
    return Option(
        option_id=option_id,
        kind=_kind(planned, assigned.leftovers, service),
        method=SHIP,
        service=service,
        node_id=None,
        fulfillments=planned,
        leftovers=assigned.leftovers,
        lines=_line_answers(wants, planned),
        as_routed=True,
    )


def _kind(planned: Iterable[PlannedFulfillment], left: Iterable[Leftover], otherwise: str) -> str:
    if any(x.queue == Queue.BACKORDER for x in left):
        return BACKORDERED
    return PREORDER if any(f.awaits_supply for f in planned) else otherwise


def _whole_option(basket: Basket, inputs: RouterInputs, rates: OrderRates, late: TimeLimit) -> list[Option]:
    """Return all of it from one node, later if necessary, where the router would split."""
    together = rates.whole()
    whole = _shipping_option(IN_ONE, STANDARD, basket, inputs, together, late, inputs.whole_order_days)
    return [replace(whole, kind=WHOLE, as_routed=False)] if whole.complete and len(whole.fulfillments) == 1 else []


def _pickup_options(basket: Basket, inputs: RouterInputs, rates: OrderRates) -> list[Option]:
    """Return one option for each counter that was named, and for the nearest ones that have some of the basket."""
    network = rates.network
    skus = {want.sku for want in basket.wants}
    named = [network.nodes[node_id] for node_id in basket.stores if node_id in network.nodes]
    near = sorted(
        (km, node.node_id)
        for node in network.nodes.values()
        if network.at and node.pickup and node.country == basket.to.country
        if (km := network.distance(node)) <= inputs.radius_km and node.node_id not in basket.stores
    )
    stocked = (node_id for _, node_id in near if any(network.counter(node_id).get(sku) for sku in skus))
    nearest = [network.nodes[node_id] for node_id in islice(stocked, inputs.most_stores)]
    return [_pickup_option(node, basket, inputs, rates) for node in (*named, *nearest)]


def _pickup_option(store: Node, basket: Basket, inputs: RouterInputs, rates: OrderRates) -> Option:
    network = rates.network
    wants = tuple(replace(want, method=PICKUP, service=STANDARD, node_id=store.node_id) for want in basket.wants)
    assigned = assign(wants, network, inputs.limits, rates)
    planned = with_dates(
        assigned.fulfillments, wants, network, inputs.costs, inputs.carriers, not_before=basket.not_before
    )
    return Option(
        option_id=f"pickup-{store.node_id}",
        kind=PICKUP,
        method=PICKUP,
        service=STANDARD,
        node_id=store.node_id,
        fulfillments=planned,
        leftovers=assigned.leftovers,
        lines=tuple(
            replace(line, there=min(line.quantity, network.counter(store.node_id).get(line.sku, 0)))
            for line in _line_answers(wants, planned)
        ),
        as_routed=True,
        km=round(network.distance(store), 1) if network.at else None,
    )


def _line_answers(wants: Iterable[Want], planned: Iterable[PlannedFulfillment]) -> tuple[LineAnswer, ...]:
    now: dict[str, int] = {}
    later: dict[str, dict[str, int]] = {}
    for line in chain.from_iterable(f.lines for f in planned):
        if line.due is None:
            now[line.line_id] = now.get(line.line_id, 0) + line.quantity
        else:
            days = later.setdefault(line.line_id, {})
            days[line.due] = days.get(line.due, 0) + line.quantity
    return tuple(
        LineAnswer(
            line_id=want.line_id,
            sku=want.sku,
            quantity=want.quantity,
            now=now.get(want.line_id, 0),
            later=tuple(sorted(later.get(want.line_id, {}).items())),
        )
        for want in wants
    )


def _to_weigh(option: Option) -> WeighedOption:
    return WeighedOption(
        option_id=option.option_id,
        method=option.method,
        units=option.units,
        complete=option.complete,
        deliver_on=option.deliver_on,
        cost_micros=option.cost_micros,
        carbon_g=option.carbon_g,
    )
