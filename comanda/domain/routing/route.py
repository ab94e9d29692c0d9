"""
Route an order: choose the node for every unit that has none, and compute when it leaves and arrives and what that costs.

Called by   functions/route, promises, shadows and dry runs
Returns     the plan, with the record of the decision
Raises      TooDear, from the optimizer

`assign` makes the choice, by rule sets and by the cheapest plan with a proof. Routing is pure and deterministic (ties by node
id). It never takes more than a node holds and never uses an excluded node; every unit is assigned or left over. The record
holds the inputs of the decision (`comanda.domain.routing.record`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from comanda.domain.days import days_later, utc_day
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.wave_times import latest_in_wave, next_wave
from comanda.domain.routing import workload
from comanda.domain.routing.assign import assign
from comanda.domain.routing.assignment import Gone, join_fulfillments
from comanda.domain.routing.by_destination import route_each
from comanda.domain.routing.costs import Costs
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.order_rates import OrderRates
from comanda.domain.routing.plan import NO_GOODS, Leftover, Plan, PlannedFulfillment, PlannedLine, Want
from comanda.domain.routing.reachable import ReachableNetwork
from comanda.domain.routing.record import record
from comanda.domain.rules.rule_sets import Goods, OrderFacts
from comanda.domain.shipping import delivery_dates
from comanda.domain.shipping.carriers import Carrier
from comanda.domain.stock.changes import ReservedUnits
from comanda.domain.time_limit import TimeLimit, never

if TYPE_CHECKING:  # a room without orders need not load their code
    from comanda.domain.orders.line import Line
    from comanda.domain.orders.order import Order

IN_ONE = "standard-whole"  # the id of the promise's option of all in one shipment


def route(
    order: "Order",
    inputs: RouterInputs,
    now: datetime,
    kept: Sequence[ReservedUnits] = (),
    late: TimeLimit = never,
) -> Plan:
    """Assign exactly the units that have no node (CREATED, UNSCHEDULED), and leave the rest over with a reason.

    The positions in `inputs` are those of the order's skus at any nodes. `kept`: the units that the order has reserved.
    `late` is the time limit of the search, which the decision records if it stopped one. An order with many destinations is
    routed destination by destination.
    """
    if not order.destinations:
        return _route_to_one(order, inputs, now, kept, late)

    def to_one(part: "Order", left: RouterInputs, reserved: Sequence[ReservedUnits], gone: Gone) -> Plan:
        return _route_to_one(part, left, now, reserved, late, gone)

    return route_each(order, inputs, kept, utc_day(now), to_one)


def _route_to_one(
    order: "Order",
    inputs: RouterInputs,
    now: datetime,
    kept: Sequence[ReservedUnits],
    late: TimeLimit,
    gone: Gone = (),
) -> Plan:
    """Route an order with one destination. `gone`: (node, sku, units) that the whole order sends elsewhere."""
    tired = [line for line in order.lines if line.unplaced() and line.attempts >= inputs.limits.attempts]
    leftovers = [_too_many_declines(line) for line in tired]
    wants = tuple(want(line, inputs.goods) for line in order.lines if line.unplaced() and line not in tired)
    network = ReachableNetwork(inputs.positions, inputs.nodes, order.destination, inputs.rules, now, inputs.taken)
    costs = inputs.costs_in(order.destination.country)
    rates = OrderRates(network, inputs.carriers, costs, inputs.prices, order_facts(order, inputs))
    # All in one shipment was promised for the day on which one node has all of it.
    days = inputs.whole_order_days if rates.facts.whole else None
    assigned = assign(wants, network, inputs.limits, rates, days, kept, late, gone)
    planned = with_dates(
        assigned.fulfillments, wants, network, costs, inputs.carriers, rates.facts.deliver_by, not_before(order)
    )
    leftovers += assigned.leftovers
    return Plan(
        fulfillments=planned,
        leftovers=tuple(leftovers),
        decision=record(order, inputs, rates, replace(assigned, fulfillments=planned, leftovers=tuple(leftovers))),
        ready=_ready(order, inputs, network, costs),
    )


def _ready(
    order: "Order", inputs: RouterInputs, network: ReachableNetwork, costs: Costs
) -> tuple[PlannedFulfillment, ...]:
    """Return the units that are to be released, with the dates that they have now."""
    at = {node_id: network.nodes[node_id] for node_id in order.ready_at() if node_id in network.nodes}
    planned, wants = [], []
    for line in order.lines if at else ():
        for a in line.allocations if line.ready() else ():
            if a.to_release and a.node in at:
                part = PlannedLine(line_id=line.line_id, sku=line.sku, quantity=a.quantity)
                node = at[a.node]
                planned.append(PlannedFulfillment(node=node, method=line.method, service=line.service, lines=(part,)))
                wants.append(want(line, inputs.goods))
    return with_dates(join_fulfillments(planned), wants, network, costs, inputs.carriers)


def arrivals(
    order: "Order", parts: Iterable[tuple[str, str, int, str | None]], inputs: RouterInputs, now: datetime
) -> dict[tuple[str, str, str, int, str | None], str | None]:
    """Return the day at the customer's door for units that their node keeps: (line id, node, units, due), `due` None
    for units on the shelf. The keys are node, method, service, destination and due; the day is None where no carrier has
    one."""
    wanted = tuple(parts)
    found: dict[tuple[str, str, str, int, str | None], str | None] = {}
    for number in sorted({line.destination for line in order.lines}):
        part = order.part_to(number) if order.destinations else order
        for (node, method, service, due), day in _arrivals(part, wanted, inputs, now).items():
            found[node, method, service, number, due] = day
    return found


def _arrivals(
    order: "Order", parts: Sequence[tuple[str, str, int, str | None]], inputs: RouterInputs, now: datetime
) -> dict[tuple[str, str, str, str | None], str | None]:
    """Return the days as `arrivals` does, without the destination, for an order that has one."""
    # A closed node is as far as an open one: its calendar says when it works again.
    nodes = {node.node_id: replace(node, closures=()) for node in inputs.nodes if node.node_id in {p[1] for p in parts}}
    network = ReachableNetwork((), tuple(nodes.values()), order.destination, inputs.rules, now, inputs.taken)
    lines = {line.line_id: line for line in order.lines}
    planned = [
        PlannedFulfillment(
            node=nodes[node],
            method=lines[line_id].method,
            service=lines[line_id].service,
            lines=(PlannedLine(line_id=line_id, sku=lines[line_id].sku, quantity=units, due=due),),
        )
        for line_id, node, units, due in parts
        if node in nodes and line_id in lines
    ]
    wants = [want(lines[line_id], inputs.goods) for line_id in {p.lines[0].line_id for p in planned}]
    costs = inputs.costs_in(order.destination.country)
    found = with_dates(join_fulfillments(planned), wants, network, costs, inputs.carriers)
    return {(p.node.node_id, p.method, p.service, p.due): p.deliver_on for p in found}


def not_before(order: "Order") -> str | None:
    """Return the local day before which the customer does not want the order, or None."""
    return dict(order.requested).get("not_before")


def order_facts(order: "Order", inputs: RouterInputs) -> OrderFacts:
    """Return the order as rules see it. Its date is the promised one, else the one that was requested."""
    promised = order.promised.deliver_on if order.promised else None
    return OrderFacts(
        seller=inputs.sellers.get(order.channel, order.channel),
        channel=order.channel,
        sourcing_class=order.sourcing_class,
        country=order.destination.country,
        region=order.destination.region,
        currency=order.currency,
        value=order.totals.goods,
        priority=order.priority,
        tags=order.tags,
        deliver_by=promised or dict(order.requested).get("deliver_by"),
        whole=order.promised is not None and order.promised.option_id == IN_ONE,
    )


def want(line: "Line", goods: Mapping[str, Goods]) -> Want:
    """Return the units of a line that have no node, as the router wants them."""
    component = line.component
    return Want(
        line_id=line.line_id,
        sku=line.sku,
        quantity=line.unplaced(),
        method=line.method,
        service=line.service,
        node_id=line.node_id,
        excluded=line.excluded,
        weight_g=line.weight_g,
        group=line.group,
        in_set=component.ratio if component else 0,
        goods=_goods(line, goods.get(line.sku, NO_GOODS)),
        value=component.goods.low // component.ratio if component else line.unit_price,
        chosen=line.chosen if line.method != PICKUP else "",
    )


def _goods(line: "Line", goods: Goods) -> Goods:
    """Return the product, with the size from the order's line if the directory has none."""
    return replace(goods, dims_mm=line.dims_mm) if goods.dims_mm is None and line.dims_mm else goods


def with_dates(
    planned: Iterable[PlannedFulfillment],
    wants: Iterable[Want],
    network: ReachableNetwork,
    costs: Costs,
    carriers: Sequence[Carrier],
    deliver_by: str | None = None,
    not_before: str | None = None,
) -> tuple[PlannedFulfillment, ...]:
    """Return the fulfillments with their turns, and where a carrier is known with their dates, costs and carbon.

    They are dated one after the other, because a node's capacity is for all of them. A fulfillment that would arrive
    before the local day `not_before` is due on the day on which its release makes it arrive in time.
    """
    by_line = {want.line_id: want for want in wants}
    taken = network.taken
    found: list[PlannedFulfillment] = []
    for p in planned:
        date = partial(
            _with_dates,
            wants=by_line,
            network=network,
            costs=costs,
            carriers=carriers,
            taken=taken,
            deliver_by=deliver_by,
        )
        found.append(date(p))
        if not_before is not None:
            found[-1] = _held_back(found[-1], date, utc_day(network.now), not_before)
        if found[-1].due is None and (turns := workload.turns(p.node, network.now, p.units, taken)):
            if not p.wave:  # units in a wave take their turns when they are released
                found[-1] = replace(found[-1], turns=turns)
            taken = workload.with_turns(taken, p.node.node_id, turns)
    return tuple(found)


def _held_back(
    p: PlannedFulfillment, date: Callable[..., PlannedFulfillment], today: str, not_before: str
) -> PlannedFulfillment:
    """Return the fulfillment released on the first day from which it does not arrive too early.

    If no carrier has a date for it, it is released on the wanted day itself.
    """

    def released(on: str, due: str) -> PlannedFulfillment:
        lines = tuple(replace(line, due=due, wave=False, release_on=on) for line in p.lines)
        return date(replace(p, lines=lines), start=datetime.fromisoformat(f"{due}T00:00:00Z"))

    if not_before <= today or (p.due is None and p.deliver_on is not None and p.deliver_on >= not_before):
        return p
    on = not_before
    while on > today:
        before = days_later(on, -1)
        arrives = released(before, before).deliver_on  # units that wait for a supply are tried as if they were on hand
        if arrives is None or arrives < not_before:
            return released(on, max(p.due or on, on))
        on = before
    return p


def _with_dates(
    p: PlannedFulfillment,
    wants: Mapping[str, Want],
    network: ReachableNetwork,
    costs: Costs,
    carriers: Sequence[Carrier],
    taken: delivery_dates.BookedUnits,
    deliver_by: str | None,
    start: datetime | None = None,
) -> PlannedFulfillment:
    """Return the fulfillment with its leg, or unchanged if no carrier is known. `start` is when it is released; None is
    now, or the next wave."""
    if not carriers:
        return p
    load = delivery_dates.Load(
        weights=tuple((line.quantity, wants[line.line_id].weight_g) for line in p.lines),
        dims=tuple(wants[line.line_id].goods.dims_mm for line in p.lines),
        due=p.due,
    )
    now = start or (next_wave(network.now) if p.wave else network.now)
    if p.method == PICKUP:
        leg = delivery_dates.pick_up(p.node, load, costs.per_pickup, start or network.now, taken)
    else:
        zone, zone_by = network.zone
        to = delivery_dates.ShipTo(
            country=network.to.country,
            region=network.to.region,
            postal_prefix=network.to.postal_prefix,
            zone=zone,
            zone_by=zone_by,
            km=network.km.get(p.node.node_id, 0.0),
            placed=network.placed,
        )
        leg = delivery_dates.ship(p.node, carriers, p.service, load, to, now, taken, by=deliver_by)
    if leg is None:
        return replace(p, ship_on=None, deliver_on=None, zone="", leg=None)
    if p.wave and leg.order_by is not None:
        leg = replace(leg, order_by=latest_in_wave(leg.order_by))
    return replace(p, ship_on=leg.ship_on, deliver_on=leg.deliver_on, zone=leg.zone, leg=leg)


def _too_many_declines(line: "Line") -> Leftover:
    return Leftover(
        line_id=line.line_id, sku=line.sku, quantity=line.unplaced(), queue=Queue.ROUTING, reason="too-many-declines"
    )
