"""
Measure `import:`: start-up and first event of every function as it ships, from the byte-compiled layer and its own room.

AWS is stubbed at the wire. Values are medians of the CPU time of fresh interpreters. The naive stack is measured again before
each few rooms, because the speed of a shared machine changes within a run.
"""

from itertools import batched
from statistics import median

from bench.figures import Figure
from bench.shipped import probe
from infra.rooms import ROOMS

RUNS = 7
BARS = {"intake": 0.55}
BAR = 0.60
_SIZES = {"promise": ":42"}  # nodes, as many as `route` has
_TOGETHER = 4


def figures() -> list[Figure]:
    probe("bench.naive", 0)  # the first run reads the files from disk
    found: dict[str, list[dict[str, float]]] = {room: [] for room in ROOMS}
    naive: dict[str, list[dict[str, float]]] = {room: [] for room in ROOMS}
    for _ in range(RUNS):
        for rooms in batched(ROOMS, _TOGETHER, strict=False):
            beside = probe("bench.naive", 0)
            for room in rooms:
                found[room].append(probe(f"functions.{room}.handler{_SIZES.get(room, '')}", 0))
                naive[room].append(beside)
    return [figure for room in ROOMS for figure in _of_room(room, found[room], naive[room])]


def _of_room(room: str, own: list[dict[str, float]], naive: list[dict[str, float]]) -> tuple[Figure, ...]:
    ratios = (run["first_ms"] / beside["first_ms"] for run, beside in zip(own, naive, strict=True))
    first, baseline = (median(run["first_ms"] for run in runs) for runs in (own, naive))
    loaded, modules = (median(run["modules"] for run in runs) for runs in (own, naive))
    return (
        Figure(
            figure=f"import: {room}, start-up and first event, of the naive stack's",
            value=round(median(ratios), 3),
            unit="ratio",
            bar=BARS.get(room, BAR),
        ),
        Figure(
            figure=f"import: {room}, start-up and first event",
            value=round(first, 1),
            unit="ms CPU",
            baseline=round(baseline, 1),
        ),
        Figure(figure=f"import: {room}, modules", value=loaded, unit="modules", baseline=modules),
    )
