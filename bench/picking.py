"""
Measure `picking:`: the CPU of a pick wave and of its walk over a thousand lines of one zone, and how long walks are beside simpler ones
and the shortest.

Called by   bench/run.py (`make bench ONLY=picking`)
Returns     figures; the places are drawn by a seed
"""

from collections.abc import Mapping
from random import Random
from statistics import median
from time import process_time
from typing import Any

from bench.figures import Figure
from bench.shipped import probe
from comanda.domain.picking.location import Location, Place
from comanda.domain.picking.pick_wave import ACCEPTED, MULTI_LINE, Wanted, fits, rows_to_pick
from comanda.domain.picking.walk import exact, in_order, length, nearest_neighbour, s_shape, tour

RUNS, SEED = 7, 13
LINES, AISLES, RACKS = 1_000, 30, 40
_FEW, _WALKS = 11, 20  # places of walks that the exact way still solves in a second
_BAR = 100.0  # ms, on an idle machine
_SCANS, _SCAN_BAR = 300, 1.5  # ms


def figures() -> list[Figure]:
    chance = Random(SEED)
    many = {str(i): Location("A", _one(chance).aisle, _one(chance).rack) for i in range(LINES)}
    return [_cpu(many), _wave(many), *_many(chance, 60), *_few(chance), _scan()]


def _scan() -> Figure:
    """Count a scanned unit, from the request to the answer, with AWS stubbed at the wire."""
    found = [probe("functions.fulfill.handler:scan", _SCANS)["median_ms"] for _ in range(RUNS)]
    return Figure(
        figure="picking: a scanned unit of a 10-line order", value=round(median(found), 2), unit="ms CPU", bar=_SCAN_BAR
    )


def _one(chance: Random) -> Place:
    return Place(chance.randint(1, AISLES), chance.randint(1, RACKS))


def _cpu(many: Mapping[str, Location | None]) -> Figure:
    took = []
    for _ in range(RUNS):
        began = process_time()
        in_order(many)
        took.append((process_time() - began) * 1_000)
    return Figure(
        figure=f"picking: walk over {LINES:,} lines of a zone", value=round(median(took), 1), unit="ms CPU", bar=_BAR
    )


def _wave(many: Mapping[str, Location | None]) -> Figure:
    """Choose a wave of fulfillments of five lines, and list its rows in the order of the walk, without AWS."""
    skus = iter(many)
    works = [_work([next(skus) for _ in range(5)]) for _ in range(LINES // 5)]
    took = []
    for _ in range(RUNS):
        began = process_time()
        rows = rows_to_pick(work for work in works if fits(work, Wanted(lines=MULTI_LINE)))
        in_order({sku: many[sku] for sku in rows})
        took.append((process_time() - began) * 1_000)
    says = f"picking: wave of {len(works)} fulfillments of 5 lines chosen and listed"
    return Figure(figure=says, value=round(median(took), 1), unit="ms CPU", bar=_BAR)


def _work(skus: list[str]) -> dict[str, Any]:
    lines = [{"line_id": sku, "sku": sku, "title": sku, "quantities": {ACCEPTED: 1}} for sku in skus]
    facts = {"status": ACCEPTED, "recall": None, "service": "STANDARD", "method": "SHIP"}
    return {**facts, "fulfillment_id": skus[0], "ship_by": "2026-12-01T17:00:00.000Z", "lines": lines}


def _many(chance: Random, places: int) -> list[Figure]:
    drawn = [_one(chance) for _ in range(places)]
    found = length(tour(drawn))
    return [
        Figure(
            figure=f"picking: walk of {places} places, of {name}",
            value=round(found / length(other), 2),
            unit="ratio",
            bar=1.0,
        )
        for name, other in (
            ("the order of the lines", drawn),
            ("the S", s_shape(drawn)),
            ("the nearest next", nearest_neighbour(drawn)),
        )
    ]


def _few(chance: Random) -> list[Figure]:
    walks = [sorted({_one(chance) for _ in range(_FEW)}) for _ in range(_WALKS)]
    ratio = sum(length(tour(walk)) for walk in walks) / sum(length(exact(walk)) for walk in walks)
    says = f"picking: walks of {_FEW} places, of the shortest"
    return [Figure(figure=says, value=round(ratio, 3), unit="ratio", bar=1.05)]
