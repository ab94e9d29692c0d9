"""
Compute the worth of a unit of a sku at a node to later orders: the network's linear program, whose duals are the prices.

    least   sum of cost[region, node] x flow[sku, region, node] + lost[region] x unserved[sku, region]
    with    sum over nodes of flow + unserved = demand[sku, region]
            sum over regions of flow[sku, node] <= stock[sku, node]            its dual is the shadow price
            sum over skus and regions of flow[node]  <= capacity[node]         its dual, for what is full, is added to it

Called by   functions/price, whose solver solves the program; bench/batch_world.py
Returns     a Program of plain numbers; prices in micro-units, never below 0
Raises      nothing

Nearly every sku is plentiful where it is wanted. A sku of which every region can have all that it wants from its cheapest node
has no price, and is in no program. The rest falls apart sku by sku, unless a full node ties some of them together.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from comanda.domain.network_optimization.shadow_prices import Prices

NO_LIMIT = float("inf")
# A unit's share of a shipment is a third: it adds less to a shipment that leaves anyway, and more if it ships alone.
PIECES_A_SHIPMENT = 3
_SLACK = 1e-6  # units, because flows are fractions
# Units are whole: a shelf with exactly its expected demand could have any price up to that of an empty shelf. With half a unit
# more it has the price of the next unit that arrives, and not of the last one that left.
_HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """The demand and the stock of the network.

    `demand`: sku -> region -> units. `stock`: sku -> node -> units that may ship. `cost`: region -> node -> micro-units
    a unit, of nodes that may ship there. `capacity`: node -> units of all skus, of nodes with a limit. `lost`: region
    -> micro-units of a unit that no node sends. Regions that share no node may have currencies of their own.
    """

    demand: Mapping[str, Mapping[str, float]]
    stock: Mapping[str, Mapping[str, int]]
    cost: Mapping[str, Mapping[str, int]]
    capacity: Mapping[str, float]
    lost: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A linear program: columns from 0 upwards with these costs, and rows (least, most, ((column, factor), ...)).

    `stock` and `full` give the row of each sku at a node, and of each full node.
    """

    costs: tuple[float, ...]
    rows: tuple[tuple[float, float, tuple[tuple[int, float], ...]], ...]
    stock: Mapping[tuple[str, str], int]
    full: Mapping[str, int]


def demand_at_cheapest(market: Market, sku: str) -> dict[str, float]:
    """Return node -> units, if every region takes the sku from its cheapest node, whatever stock that node has."""
    taken: dict[str, float] = {}
    nodes = market.stock.get(sku, {})
    for region, units in market.demand[sku].items():
        at = market.cost[region]
        node = min((node for node in nodes if node in at), key=lambda one: (at[one], one), default=None)
        if node is not None:
            taken[node] = taken.get(node, 0.0) + units
    return taken


def contested(market: Market) -> tuple[tuple[str, ...], dict[str, float]]:
    """Return the contested skus, and the room of full nodes beside all other skus.

    A sku is contested if a node has too few units of it, or a full node keeps it.
    """
    wanted = {sku: demand_at_cheapest(market, sku) for sku in market.demand}
    load: dict[str, float] = {}
    for taken in wanted.values():
        for node, units in taken.items():
            load[node] = load.get(node, 0.0) + units
    full = {node for node, room in market.capacity.items() if load.get(node, 0.0) > room + _SLACK}
    found = tuple(
        sku
        for sku, taken in sorted(wanted.items())
        if market.stock.get(sku)
        and (
            any(units > market.stock[sku][node] + _HALF for node, units in taken.items())
            or not full.isdisjoint(market.stock[sku])
        )
    )
    others = set(wanted).difference(found)
    room = {node: market.capacity[node] - sum(wanted[sku].get(node, 0.0) for sku in others) for node in full}
    return found, {node: max(0.0, units) for node, units in room.items()}


def programs(market: Market) -> Iterator[Program]:
    """Yield one program for each contested sku, so that each is small; and one for all skus that full nodes tie
    together."""
    skus, room = contested(market)
    tied = [sku for sku in skus if not room.keys().isdisjoint(market.stock[sku])]
    if tied:
        yield build_program(market, tied, room)
    for sku in sorted(set(skus).difference(tied)):
        yield program_of_sku(market, sku)


def program_of_sku(market: Market, sku: str) -> Program:
    """Return the program of a sku as if no node were full."""
    return build_program(market, (sku,), {})


def build_program(market: Market, skus: Sequence[str], room: Mapping[str, float]) -> Program:
    """Return the program of these skus. `room` is that of the full nodes, in units."""
    costs: list[float] = []
    rows: list[tuple[float, float, tuple[tuple[int, float], ...]]] = []
    stock: dict[tuple[str, str], int] = {}
    at_full: dict[str, list[tuple[int, float]]] = {node: [] for node in room}
    for sku in skus:
        at_node: dict[str, list[tuple[int, float]]] = {}
        for region, units in sorted(market.demand[sku].items()):
            served = [(len(costs), 1.0)]
            costs.append(market.lost[region])
            for node in _reachable_nodes(market, sku, region, room):
                column = (len(costs), 1.0)
                costs.append(market.cost[region][node])
                served.append(column)
                at_node.setdefault(node, []).append(column)
                if node in at_full:
                    at_full[node].append(column)
            rows.append((units, units, tuple(served)))
        for node, columns in at_node.items():
            stock[sku, node] = len(rows)
            rows.append((-NO_LIMIT, market.stock[sku][node] + _HALF, tuple(columns)))
    full = {}
    for node, columns in at_full.items():
        full[node] = len(rows)
        rows.append((-NO_LIMIT, room[node], tuple(columns)))
    return Program(costs=tuple(costs), rows=tuple(rows), stock=stock, full=full)


def _reachable_nodes(market: Market, sku: str, region: str, room: Mapping[str, float]) -> list[str]:
    """Return the nodes that the region may need, the cheapest first, until they hold all that every region wants."""
    at, there = market.cost[region], market.stock[sku]
    enough = sum(market.demand[sku].values())
    found: list[str] = []
    for node in sorted((node for node in there if node in at and there[node] > 0), key=lambda one: (at[one], one)):
        found.append(node)
        enough -= 0 if node in room else there[node]
        if enough <= 0:
            break
    return found


def prices_from_duals(program: Program, duals: Sequence[float]) -> Prices:
    """Return the prices from the duals of a program's rows. The duals of upper limits are negative or 0."""
    full = {node: max(0.0, -duals[row]) for node, row in program.full.items()}
    found = {
        (sku, node): round(max(0.0, -duals[row]) + full.get(node, 0.0)) for (sku, node), row in program.stock.items()
    }
    return {place: micros for place, micros in found.items() if micros}


def by_sku(prices: Prices) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (sku, node), micros in prices.items():
        found.setdefault(sku, {})[node] = micros
    return found
