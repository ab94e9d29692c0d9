"""
Make orders for the router's figures from a seed.

A node is a warehouse (one in five) or a store, in one of n/6 metros spread over a country of about 2,500 x 5,000 km; the
order goes to another place near one of them. Opening a node costs 5.00-6.50, 1.50 more in a store, and 1.20 per 1,000 km:
a parcel. A piece costs handling (0.20-0.50 in a warehouse, 0.50-1.00 in a store), 0.30 per kg and 1,000 km (0.1-3 kg), and
0-0.30 of stock-out risk that is each node's own. A line is of 1-5 pieces, in stock at a node with a probability of its
own from 0.3-0.9, then 1-12 pieces. All in micro-units of a currency.

Conditions make an order harder, or other: `capacity` (7 nodes in 10 may ship only 2-15 pieces), `splits` (at most 1-4 nodes), `scarce`
(in stock with a probability of 0.1-0.3), `together` (some lines whole, or as kits), `cheap` (opening costs a tenth: plans of
many nodes), `flat` (costs without geography, few different ones: many plans cost the same).
"""

from dataclasses import dataclass, replace
from math import gcd
from random import Random

from comanda.domain.geography.distance import distance_km
from comanda.domain.optimizer.solve import Instance, Together

_MICROS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The kind of orders to make."""

    lines: int
    nodes: int
    capacity: bool = False
    splits: bool = False
    scarce: bool = False
    together: bool = False
    cheap: bool = False
    flat: bool = False


def an_instance(kind: Kind, seed: int) -> Instance:
    """Return the order of this kind and seed, the same on every machine."""
    dice = Random(f"{seed}:{kind.lines}:{kind.nodes}")
    metros = [(dice.uniform(26, 48), dice.uniform(-122, -70)) for _ in range(max(5, kind.nodes // 6))]
    goes_to = _coordinates(dice, metros)
    chance = [dice.uniform(0.1, 0.3) if kind.scarce else dice.uniform(0.3, 0.9) for _ in range(kind.lines)]
    quantity = [dice.randint(1, 5) for _ in range(kind.lines)]
    kilos = [dice.uniform(0.1, 3) for _ in range(kind.lines)]
    fixed, far, handling = [], [], []
    for _ in range(kind.nodes):
        km, store = distance_km(_coordinates(dice, metros), goes_to), dice.random() < 0.8
        fixed.append(int(_MICROS * (dice.uniform(5, 6.5) + 1.5 * store + 0.0012 * km)))
        far.append(km)
        handling.append(dice.uniform(0.5, 1.0) if store else dice.uniform(0.2, 0.5))
    cost = [
        tuple(int(_MICROS * (hand + weight * km * 0.0003 + dice.uniform(0, 0.3))) for hand, km in zip(handling, far, strict=True))
        for weight in kilos
    ]  # fmt: skip
    stock = [tuple(dice.randint(1, 12) if dice.random() < p else 0 for _ in far) for p in chance]
    made = Instance(quantity=tuple(quantity), fixed=tuple(fixed), cost=tuple(cost), stock=tuple(stock))
    return _other(made, kind, dice)


def _coordinates(dice: Random, metros: list[tuple[float, float]]) -> tuple[float, float]:
    latitude, longitude = dice.choice(metros)
    return latitude + dice.gauss(0, 0.5), longitude + dice.gauss(0, 0.5)


def _other(made: Instance, kind: Kind, dice: Random) -> Instance:
    if kind.flat:
        fixed = tuple(_MICROS * dice.randint(3, 6) for _ in made.fixed)
        made = replace(
            made, fixed=fixed, cost=tuple(tuple(_MICROS * dice.randint(0, 3) for _ in row) for row in made.cost)
        )
    if kind.cheap:
        made = replace(made, fixed=tuple(one // 10 for one in made.fixed))
    if kind.capacity:
        room = tuple(dice.randint(2, 15) if dice.random() < 0.7 else None for _ in made.fixed)
        made = replace(made, capacity=room)
    if kind.splits:
        made = replace(made, max_nodes=dice.randint(1, 4))
    if kind.together and len(made.quantity) > 2:
        a, b, c = dice.sample(range(len(made.quantity)), 3)
        kits = gcd(made.quantity[a], made.quantity[b])
        made = replace(made, together=(Together(lines=(a, b), sets=kits), Together(lines=(c,))))
    return made


def mixed(seed: int, most_nodes: int = 1_000) -> Kind:
    """Yield the orders for the test of exactness: 1-10 lines, 5-1,000 nodes, each condition on or off."""
    dice = Random(seed)
    nodes = dice.choice([n for n in (5, 8, 12, 20, 35, 50, 80, 120, 200, 200, 1_000) if n <= most_nodes])
    lines = dice.randint(1, 10 if nodes < 1_000 else 5)
    switched = [dice.random() < share for share in (0.4, 0.3, 0.25, 0.2, 0.15, 0.1)]
    capacity, splits, scarce, together, cheap, flat = switched
    return Kind(lines=lines, nodes=nodes, capacity=capacity, splits=splits, scarce=scarce, together=together,
                cheap=cheap, flat=flat)  # fmt: skip
