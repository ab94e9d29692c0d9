"""
Read the router's inputs in one place: positions as an order of a channel sees them, the network, carriers, rules.

Called by   functions/route, functions/promise, comanda.aws.routing.planned_changes, functions/replenish, functions/wave and
            functions/planning, which must all use the same inputs
Returns     the positions lane by lane, as reservations are written, and RouterInputs that join the lanes
Raises      Throttled
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from comanda.aws.directory import carriers, directory, routing_costs, rule_sets
from comanda.aws.orders import capacity
from comanda.aws.stock import position_reads
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.order_rates import Prices
from comanda.domain.routing.plan import FUTURE_DAYS, Limits, Rules
from comanda.domain.stock import movements
from comanda.domain.stock.changes import Change, ReservedUnits
from comanda.domain.stock.plain_position import Plain
from comanda.domain.stock.stock import Position, join_lanes

if TYPE_CHECKING:  # a room without orders need not load their code
    from comanda.domain.orders.order import Order


def for_order(
    channel: str,
    methods: Mapping[str, Collection[str]],
    kept: Collection[ReservedUnits],
    now: datetime,
    *,
    at: Collection[str] = (),
    freed: Collection[Change] = (),
) -> tuple[tuple[Position, ...], RouterInputs]:
    """Read the inputs for an order that wants these skus by these methods.

    `kept`: the units that it has reserved, which are free for it. `at`: the nodes where units of it are ready. `freed`: what
    a change of the order gives back that is not saved. Returns (positions lane by lane, inputs).
    """
    found, prices = position_reads.load_with_prices(methods, now)
    positions = directory.offers(methods).with_safety(found, channel, methods)
    seen = movements.with_units_released(positions, kept, now) if kept else positions
    seen = movements.with_changes(seen, freed, now) if freed else seen
    return positions, build(seen, prices, methods, now, at=at)


def for_basket(channel: str, skus: Collection[str], now: datetime, *, freed: Collection[Change] = ()) -> RouterInputs:
    """Read the inputs for a customer who may still choose the method: the stock as a parcel sees it, and as a counter
    sees it. `freed`: what a change of an order gives back that is not saved."""
    (found, prices), offers = position_reads.load_glances_with_prices(skus, now), directory.offers(skus)
    found = movements.with_changes(found, freed, now) if freed else found
    # Only a position with a safety stock of its own is different for parcels and counters; a plain position has none.
    most = offers.with_safety((p for p in found if isinstance(p, Plain)), channel, dict.fromkeys(skus, (SHIP,)))
    few = [p for p in found if not isinstance(p, Plain)]
    sent, fetched = (offers.with_safety(few, channel, dict.fromkeys(skus, (method,))) for method in (SHIP, PICKUP))
    alike = sent == fetched
    seen = build((*most, *sent), prices, skus, now)
    return replace(seen, at_counters=None if alike else join_lanes((*most, *fetched)))


def build(
    positions: Collection[Position],
    prices: Prices,
    skus: Collection[str],
    now: datetime,
    *,
    at: Collection[str] = (),
) -> RouterInputs:
    """Read the rest of the inputs around these positions."""
    book = rule_sets.book()
    nodes, concerned = directory.nodes(), {p.node for p in positions} | set(at)
    costs = routing_costs.costs(node.country for node in nodes)
    return RouterInputs(
        positions=join_lanes(positions),
        nodes=nodes,
        taken=capacity.planned_units((node for node in nodes if node.node_id in concerned), now),
        carriers=carriers.carriers(),
        rules=Rules(sets=book.sets, future_days=FUTURE_DAYS),
        costs=costs[""],
        national=costs,
        limits=Limits(),
        prices=prices,
        goods=directory.goods(skus),
        sellers=directory.sellers() if any(one.applies_to.sellers for one in (*book.sets, *book.shadows)) else {},
    )


def wanted_methods(order: "Order") -> dict[str, set[str]]:
    """Return the methods by which an order wants each sku of which units have no node."""
    found: dict[str, set[str]] = {}
    for line in order.lines:
        if line.unplaced():
            found.setdefault(line.sku, set()).add(line.method)
    return found
