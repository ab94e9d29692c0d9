"""
Measure `import:`: start-up and first event of a function as it ships, from the byte-compiled layer and its own room.

AWS is stubbed at the wire. Values are medians of the CPU time of fresh interpreters; each room takes turns with the naive
stack in the same run.
"""

from statistics import median

from bench.figures import Figure
from bench.shipped import probe

RUNS = 7
_BARS = {"intake": 0.55}
_ROOMS = ("intake", "fulfill", "drafts", "route", "wait", "conduct", "relay", "console")


def figures() -> list[Figure]:
    modules = {room: f"functions.{room}.handler" for room in _ROOMS}
    probe("bench.naive", 0)  # the first run reads the files from disk
    found: dict[str, list[dict[str, float]]] = {name: [] for name in ("naive", *_ROOMS)}
    for _ in range(RUNS):
        found["naive"].append(probe("bench.naive", 0))
        for room in _ROOMS:
            found[room].append(probe(modules[room], 0))
    naive = median(run["first_ms"] for run in found["naive"])
    out = []
    for room in _ROOMS:
        first = median(run["first_ms"] for run in found[room])
        out.append(
            Figure(
                figure=f"import: {room}, start-up and first event, of the naive stack's",
                value=round(first / naive, 3),
                unit="ratio",
                bar=_BARS.get(room, 0.60),
            )
        )
        out.append(
            Figure(
                figure=f"import: {room}, start-up and first event",
                value=round(first, 1),
                unit="ms CPU",
                baseline=round(naive, 1),
            )
        )
        loaded = median(run["modules"] for run in found[room])
        baseline = median(run["modules"] for run in found["naive"])
        out.append(Figure(figure=f"import: {room}, modules", value=loaded, unit="modules", baseline=baseline))
    return out
