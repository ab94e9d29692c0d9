"""
Measure `documents:`: the CPU of a packing slip and of an invoice by typst, beside papers of the same lines by reportlab, that of an
invoice as XML, and what the room that makes them weighs and takes to start.

Called by   bench/run.py (`make bench ONLY=documents`)
Returns     figures: medians over fresh interpreters, each way in turn

The naive papers have no fonts beyond Latin, no QR code, no shaped Arabic and no amounts by locale: they do less.
"""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from bench import shipped
from bench.figures import Figure
from infra import package

RUNS = 7
LINES, MANY = 10, 1_000
PAPERS = {"slip": "bench.slip", "invoice": "bench.invoice_paper"}
XML, _XML_BAR = "bench.invoice_xml", 20.0
_BARS = {
    "slip": 0.75,
    "invoice": 1.0,
}  # of the first: Lambda makes most papers with a process that has made none before
_CPU_BARS = {("invoice", "first"): 60.0, ("invoice", "next"): 25.0}  # ms, on an idle machine
_LAMBDA = 250.0  # MB, the most that a function may have with its layers
_ROOM = "documents"


def figures() -> list[Figure]:
    papers = [figure for name, module in PAPERS.items() for figure in _of_paper(name, module)]
    return [*papers, *_of_xml(), *_of_room()]


def _of_room() -> list[Figure]:
    """Return what the room has to load: its own files, the shared layer and that of the typesetter, as Lambda unpacks them."""
    folders = {"its own files": package.room(_ROOM)}
    folders |= zip(("the shared layer", "the layer of the typesetter"), map(Path, shipped.layers(_ROOM)), strict=True)
    parts = {part: _megabytes(folder) for part, folder in folders.items()}
    started = median(shipped.probe(f"functions.{_ROOM}.handler", 0)["first_ms"] for _ in range(RUNS))
    return [
        *(Figure(figure=f"documents: size of {part}", value=round(held, 1), unit="MB") for part, held in parts.items()),
        Figure(
            figure="documents: size of the room with its layers",
            value=round(sum(parts.values()), 1),
            unit="MB",
            bar=_LAMBDA,
        ),
        Figure(
            figure="documents: start-up and first event of the room",
            value=round(started, 1),
            unit="ms CPU",
        ),
    ]


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


def _of_xml() -> list[Figure]:
    runs = [probe(XML, str(LINES), str(MANY)) for _ in range(RUNS)]
    out = []
    for part, says, bar in (
        ("first", f"import and first XML of an invoice of {LINES} lines", _XML_BAR),
        ("next", f"next XML of an invoice of {LINES} lines", _XML_BAR),
        ("many", f"XML of an invoice of {MANY:,} lines", None),
    ):
        took = median(run[part] for run in runs)
        out.append(Figure(figure=f"documents: {says}", value=round(took, 1), unit="ms CPU", bar=bar))
    return out


def _of_paper(name: str, module: str) -> list[Figure]:
    found: dict[str, list[dict[str, float]]] = {"press": [], "naive": []}
    for _ in range(RUNS):
        for way, runs in found.items():
            runs.append(probe(module, way, str(LINES), str(MANY)))
    out = []
    for part, says in (
        ("first", f"import and first {name} of {LINES} lines"),
        ("next", f"next {name} of {LINES} lines"),
        ("many", f"{name} of {MANY:,} lines"),
    ):
        own, naive = (median(run[part] for run in found[way]) for way in ("press", "naive"))
        bar = _BARS[name] if part == "first" else None
        ratio = Figure(figure=f"documents: {says}, of reportlab's", value=round(own / naive, 2), unit="ratio", bar=bar)
        out.append(ratio)
        out.append(
            Figure(
                figure=f"documents: {says}",
                value=round(own, 1),
                unit="ms CPU",
                bar=_CPU_BARS.get((name, part)),
                baseline=round(naive, 1),
            )
        )
    return out


def probe(module: str, *words: str) -> dict[str, float]:
    """Return what the first, the next and a long paper take in a fresh interpreter, in milliseconds of CPU."""
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer
