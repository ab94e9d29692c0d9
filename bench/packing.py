"""
Measure `packing:`: the CPU of a suggestion of cartons, and of a pack with its checks, without AWS.

Called by   bench/run.py (`make bench ONLY=packing`)
Returns     figures; the goods are drawn by a seed
"""

from collections.abc import Callable
from random import Random
from statistics import median
from time import process_time

from bench.figures import Figure
from bench.rates import CARTON_MM, MOST_G
from comanda.domain.shipping import packing
from comanda.domain.shipping.cartons import Carton
from comanda.domain.shipping.packing import Goods, ListedCarton, PackedCarton

RUNS, SEED = 201, 13
LINES = 20
_LARGEST = Carton(max_g=MOST_G, inside_mm=CARTON_MM)
_LIST = tuple(
    ListedCarton(
        carton_id=str(i),
        inside_mm=(60 * i, 40 * i, 40 * i),
        max_g=2_000 * i,
        tags=frozenset({"cold"} if i % 3 == 0 else ()),
    )
    for i in range(1, 11)
)
_BAR = 1.0  # ms, on an idle machine


def figures() -> list[Figure]:
    chance = Random(SEED)
    goods = [_goods(chance, i) for i in range(LINES)]
    found = packing.suggest(goods, _LARGEST, _LIST)
    tags = {one.line_id: one.tags for one in goods}
    listed = {one.carton_id: one for one in _LIST}
    packed = [
        PackedCarton(
            pointer="/p", package_id="p", carton=one.carton.carton_id, grams=one.grams, lines=tuple(dict(one.contents))
        )
        for one in found
        if one.carton
    ]
    return [
        _cpu(
            f"cartons suggested for {LINES} lines of {len(found)} kinds of cartons",
            lambda: packing.suggest(goods, _LARGEST, _LIST),
        ),
        _cpu(f"{len(packed)} packed cartons checked", lambda: packing.problems(packed, listed, tags)),
    ]


def _goods(chance: Random, i: int) -> Goods:
    dims = (chance.randint(20, 300), chance.randint(20, 200), chance.randint(20, 200))
    tags = frozenset({"cold"} if i % 5 == 0 else ())
    return Goods(line_id=str(i), units=chance.randint(1, 6), grams=chance.randint(50, 3_000), dims=dims, tags=tags)


def _cpu(says: str, act: Callable[[], object]) -> Figure:
    took = []
    for _ in range(RUNS):
        began = process_time()
        act()
        took.append((process_time() - began) * 1_000)
    return Figure(figure=f"packing: {says}", value=round(median(took), 3), unit="ms CPU", bar=_BAR)
