"""
Make a retailer's days of 10,000 orders from a seed, for the figures of prices and batches.

200 nodes: the published fulfilment centres and, in the published metros by population, stores; without the files, places at
random. Each of 2,000 skus is in a centre with probability 0.6 and in a store with 0.15, and sells as 1 / rank^0.8. Orders
come from metros by population, of 1-6 lines, most of one or two pieces. A node's stock of a sku for the day is the expected
demand of the nearest metros and half a standard deviation, as in the instance of router_network.py.

A shipment costs 8.00 and 1.00 per 1,000 km (the router's own where no carrier is known), 1.00 more from a store; a piece
0.30 of handling in a centre, 0.60 in a store. Lost pieces come from a node of their own that has everything, at twice the
dearest shipment and twice the dearest piece.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt
from pathlib import Path
from random import Random

from comanda.domain.geography.distance import distance_km

ORDERS, NODES, SKUS = 10_000, 200, 2_000
_FILES = Path(__file__).resolve().parents[2] / "shared" / "data" / "network"
_LINES = ((1, 0.50), (2, 0.25), (3, 0.12), (4, 0.07), (5, 0.04), (6, 0.02))
_PIECES = ((1, 0.85), (2, 0.11), (3, 0.04))
_MICROS = 1_000_000

type Place = tuple[str, str]  # sku, node
type Basket = Mapping[str, int]  # sku -> pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One order: its pieces and its metro."""

    metro: str
    basket: Basket


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The network. `shipment` is metro -> node -> micros, `piece` is node -> micros. The last of `nodes` is for lost pieces."""

    nodes: tuple[str, ...]
    shares: Mapping[str, float]  # of each metro
    popularity: Mapping[str, float]  # pieces of each sku, of all pieces
    shipment: Mapping[str, Mapping[str, int]]
    piece: Mapping[str, int]
    stock: Mapping[Place, int]
    source: str

    @property
    def lost(self) -> str:
        return self.nodes[-1]


def a_world(seed: int) -> World:
    dice = Random(f"batch {seed}")
    metros, centres, source = _places(dice)
    shares = {name: people / sum(p for _, p in metros.values()) for name, (_, people) in metros.items()}
    at = {f"fc-{n:02d}": place for n, place in enumerate(centres)}
    for n in range(NODES - len(centres)):
        (latitude, longitude), _ = metros[dice.choices(list(shares), list(shares.values()))[0]]
        at[f"store-{n:03d}"] = latitude + dice.gauss(0, 0.2), longitude + dice.gauss(0, 0.2)
    nodes = (*sorted(at), "~lost")
    store = {node: node.startswith("store") for node in at}
    shipment = {
        name: {node: int(_MICROS * (8 + store[node] + distance_km(place, at[node]) / 1000)) for node in at}
        for name, (place, _) in metros.items()
    }
    piece = {node: int(_MICROS * (0.6 if store[node] else 0.3)) for node in at}
    dearest = max(max(of_metro.values()) for of_metro in shipment.values())
    for of_metro in shipment.values():
        of_metro[nodes[-1]] = 2 * dearest
    piece[nodes[-1]] = 2 * max(piece.values())
    weights = {f"sku-{n:04d}": (n + 1) ** -0.8 for n in range(SKUS)}
    popularity = {sku: weight / sum(weights.values()) for sku, weight in weights.items()}
    made = World(
        nodes=nodes, shares=shares, popularity=popularity, shipment=shipment, piece=piece, stock={}, source=source
    )
    carried = {sku: [n for n in nodes[:-1] if dice.random() < (0.15 if store[n] else 0.6)] for sku in popularity}
    return World(
        nodes=nodes,
        shares=shares,
        popularity=popularity,
        shipment=shipment,
        piece=piece,
        stock=_stock(made, carried, dice),
        source=source,
    )


def _places(dice: Random) -> tuple[dict[str, tuple[tuple[float, float], float]], list[tuple[float, float]], str]:
    if _FILES.is_dir():
        with (_FILES / "cities.csv").open() as cities, (_FILES / "fulfillment_centers.csv").open() as centres:
            return (
                {f"{row[0]}, {row[1]}": ((float(row[2]), float(row[3])), float(row[4])) for row in csv.reader(cities)},
                [(float(row[2]), float(row[3])) for row in csv.reader(centres)],
                "the published coordinates",
            )
    metros = {f"metro-{n:02d}": ((dice.uniform(26, 48), dice.uniform(-122, -70)), 2e7 / (n + 1)) for n in range(99)}
    return metros, [(dice.uniform(26, 48), dice.uniform(-122, -70)) for _ in range(10)], "places at random"


def _pieces_a_day() -> float:
    lines = sum(n * p for n, p in _LINES)
    return ORDERS * lines * sum(n * p for n, p in _PIECES)


def _stock(world: World, carried: Mapping[str, list[str]], dice: Random) -> dict[Place, int]:
    found: dict[Place, int] = {}
    for sku, nodes in carried.items():
        near: dict[str, float] = {}
        for metro, share in world.shares.items():
            node = min(nodes, key=lambda n: (world.shipment[metro][n], n))
            near[node] = near.get(node, 0.0) + share
        mean = _pieces_a_day() * world.popularity[sku]
        for node, share in sorted(near.items()):
            expected = mean * share + sqrt(mean * share * (1 - share)) / 2
            whole = int(expected) + (dice.random() < expected - int(expected))
            if whole:
                found[sku, node] = whole
    return found


def a_day(world: World, seed: int) -> list[Asked]:
    dice = Random(f"orders {seed}")
    skus, sells = list(world.popularity), [*accumulate(world.popularity.values())]
    metros, people = list(world.shares), [*accumulate(world.shares.values())]
    sizes, of_sizes = [n for n, _ in _LINES], [chance for _, chance in _LINES]
    counts, of_counts = [n for n, _ in _PIECES], [chance for _, chance in _PIECES]
    found = []
    for _ in range(ORDERS):
        basket: dict[str, int] = {}
        for sku in dice.choices(skus, cum_weights=sells, k=dice.choices(sizes, of_sizes)[0]):
            basket[sku] = basket.get(sku, 0) + dice.choices(counts, of_counts)[0]
        found.append(Asked(metro=dice.choices(metros, cum_weights=people)[0], basket=basket))
    return found


def wanted(orders: Iterable[Asked]) -> dict[str, dict[str, float]]:
    """Return sku -> metro -> pieces."""
    found: dict[str, dict[str, float]] = {}
    for order in orders:
        for sku, units in order.basket.items():
            of_sku = found.setdefault(sku, {})
            of_sku[order.metro] = of_sku.get(order.metro, 0.0) + units
    return found
