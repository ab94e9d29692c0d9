"""
The published figures: `make bench`, or `make bench ONLY=import`.

Called by   `comanda bench`
Returns     0; 1 when a bar was missed
Prints      a table with the date, the seeds and the machine's cores; writes build/bench.json
"""

import argparse
import json
import os
import platform
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.figures import Figure

SUBJECTS = {
    "import": "bench.imports",
    "handler": "bench.handlers",
    "cost": "bench.costs",
    "stock": "bench.stock",
    "reservation": "bench.reservation",
    "promise": "bench.promise",
    "router": "bench.router",
    "batch": "bench.batch",
    "model": "bench.model",
    "contention": "bench.contention",
}
ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="comanda bench")
    parser.add_argument("--only", choices=sorted(SUBJECTS), help="one subject")
    chosen = parser.parse_args(arguments).only
    console = Console()
    figures: list[Figure] = []
    for subject, module in SUBJECTS.items():
        if chosen in (None, subject):
            console.print(f"[dim]{subject} ...[/dim]")
            figures += import_module(module).figures()
    console.print(_table(figures))
    out = ROOT / "build" / "bench.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps([figure.document() for figure in figures], indent=1) + "\n")
    console.print(f"written to {out.relative_to(ROOT)}")
    return int(any(figure.met is False for figure in figures))


def _table(figures: list[Figure]) -> Table:
    title = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {platform.machine()}, Python "
    table = Table(title=title + platform.python_version())
    for name in ("figure", "value", "unit", "bar", "met", "seed", "naive way"):
        table.add_column(name, justify="left" if name in ("figure", "unit") else "right")
    for figure in figures:
        sign = "<=" if figure.better == "less" else ">="
        table.add_row(
            figure.figure,
            f"{figure.value:,}",
            figure.unit,
            "" if figure.bar is None else f"{sign} {figure.bar:,}",
            {True: "yes", False: "NO", None: ""}[figure.met],
            "" if figure.seed is None else str(figure.seed),
            "" if figure.baseline is None else f"{figure.baseline:,}",
        )
    return table
