"""
Measure `documents:`: the CPU of a packing slip by typst, beside a slip of the same lines by reportlab.

Called by   bench/run.py (`make bench ONLY=documents`)
Returns     figures: medians over fresh interpreters, each way in turn

The naive slip has no fonts beyond Latin, no QR code and no shaped Arabic: it does less.
"""

import json
import subprocess
import sys
from statistics import median

from bench.figures import Figure

RUNS = 7
LINES, MANY = 10, 1_000
_BARS = {"first": 0.75}  # Lambda makes most slips with a process that has made none before


def figures() -> list[Figure]:
    found: dict[str, list[dict[str, float]]] = {"press": [], "naive": []}
    for _ in range(RUNS):
        for way, runs in found.items():
            runs.append(_probe(way))
    out = []
    for part, says in (
        ("first", f"import and first slip of {LINES} lines"),
        ("next", f"next slip of {LINES} lines"),
        ("many", f"slip of {MANY:,} lines"),
    ):
        own, naive = (median(run[part] for run in found[way]) for way in ("press", "naive"))
        bar = _BARS.get(part)
        ratio = Figure(figure=f"documents: {says}, of reportlab's", value=round(own / naive, 2), unit="ratio", bar=bar)
        out.append(ratio)
        out.append(Figure(figure=f"documents: {says}", value=round(own, 1), unit="ms CPU", baseline=round(naive, 1)))
    return out


def _probe(way: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.slip", way, str(LINES), str(MANY)], capture_output=True, text=True, check=True
    )
    answer: dict[str, float] = json.loads(done.stdout)
    return answer
