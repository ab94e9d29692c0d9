"""
Compute the cost of sending a unit from each node to each region, as far as prices need it: one way for all units.

Called by   functions/price/handler.py
Returns     the market of the price program
Raises      nothing
"""

from collections.abc import Collection, Iterable, Mapping

from comanda.domain.geography.distance import distance_km, farthest_km
from comanda.domain.network_optimization.price_program import PIECES_A_SHIPMENT, Market
from comanda.domain.network_optimization.regional_demand import Demand, Region, fetched_at
from comanda.domain.nodes.node import Node
from comanda.domain.routing.costs import Costs
from comanda.domain.shipping.carriers import STANDARD, Carrier

_GRAMS = 1_000  # weight of a usual shipment
_LOST = 2  # times the dearest way to the region


def build_market(
    wanted: Demand,
    regions: Mapping[str, Region],
    stock: Mapping[str, Mapping[str, int]],
    nodes: Collection[Node],
    room: Mapping[str, int],
    carriers: Collection[Carrier],
    costs: Mapping[str, Costs],
) -> Market:
    """Return the demand of all regions, and the stock of the nodes.

    `room`: the units that nodes with a limit can still begin. `costs` are by country, those of all other countries
    under "".
    """
    countries = {node.node_id: node.country for node in nodes}
    cost: dict[str, dict[str, int]] = {}
    lost: dict[str, int] = {}
    for name in sorted({name for of_sku in wanted.values() for name in of_sku}):
        counter = fetched_at(name)
        country = regions[name].country if counter is None else countries.get(counter, "")
        rates = costs.get(country, costs[""])
        cost[name] = _unit_costs(regions[name], nodes, carriers, rates) if counter is None else {counter: 0}
        lost[name] = _LOST * max(rates.per_shipment, *cost[name].values()) + 1 if cost[name] else rates.per_shipment
    return Market(demand=wanted, stock=stock, cost=cost, capacity=room, lost=lost)


def _unit_costs(to: Region, nodes: Iterable[Node], carriers: Collection[Carrier], costs: Costs) -> dict[str, int]:
    """Return the micro-units of a unit from each node that may ship there: its share of a usual shipment, and its
    handling."""
    here = [carrier.services[STANDARD] for carrier in carriers if carrier.country == to.country and STANDARD in carrier.services]  # fmt: skip
    found: dict[str, int] = {}
    for node in nodes:
        if not node.ship or node.country != to.country:
            continue
        km = distance_km(to.middle, node.at) if to.middle is not None else farthest_km(to.country)
        quotes = (
            offer.linear(node.region, to.region, "", km, _GRAMS, _GRAMS, placed=to.middle is not None) for offer in here
        )
        shipment = min(
            (first + per_kg * _GRAMS // 1000 for first, per_kg in quotes),
            default=costs.per_shipment + int(costs.per_km * km),
        )
        of_type = costs.handling.get(node.type)
        package, unit = node.handling or ((of_type.per_package, of_type.per_unit) if of_type else (0, 0))
        found[node.node_id] = (shipment + package) // PIECES_A_SHIPMENT + unit
    return found
