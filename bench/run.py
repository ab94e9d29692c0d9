"""
Measure the published figures: `make bench`, or `make bench ONLY=import`.

Called by   `comanda bench`
Returns     0, also when a bar was missed, which the last lines name; with `--strict` it is 1 then
Prints      a table with the date, the seeds and the machine's cores; writes build/bench.json, where the figures of subjects that
            did not run stay with their own dates
"""

import argparse
import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.figures import Figure

SUBJECTS = {
    "import": "bench.imports",
    "handler": "bench.handlers",
    "pages": "bench.pages",
    "console": "bench.console",
    "stage": "bench.console_stage",
    "cost": "bench.costs",
    "stock": "bench.stock",
    "reservation": "bench.reservation",
    "promise": "bench.promise",
    "router": "bench.router",
    "batch": "bench.batch",
    "model": "bench.model",
    "life": "bench.life",
    "contention": "bench.contention",
    "crash": "bench.crash",
    "cards": "bench.card_numbers",
    "reconciliation": "bench.reconciliation",
    "books": "bench.books",
    "documents": "bench.documents",
    "numbers": "bench.numbering",
    "packing": "bench.packing",
    "picking": "bench.picking",
}
ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "build" / "bench.json"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="comanda bench")
    parser.add_argument("--only", choices=sorted(SUBJECTS), help="one subject; the figures of the others are kept")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a bar was missed")
    chosen = parser.parse_args(arguments)
    console = Console()
    figures: list[Figure] = []
    for subject, module in SUBJECTS.items():
        if chosen.only in (None, subject):
            console.print(f"[dim]{subject} ...[/dim]")
            measured = import_module(module).figures()
            figures += measured
            keep(
                OUT, subject, measured, datetime.now(UTC)
            )  # one after the other: a run that is stopped keeps its figures so far
    console.print(_table(figures))
    console.print(f"written to {OUT.relative_to(ROOT)}, beside the figures of other subjects with their dates")
    missed = [figure for figure in figures if figure.met is False]
    console.print(summary(missed, len(figures)), soft_wrap=True)
    return int(chosen.strict and bool(missed))


def keep(out: Path, subject: str, figures: Sequence[Figure], at: datetime) -> None:
    """Write the figures of a subject with their date; those of other subjects stay as they were measured."""
    before = json.loads(out.read_text()) if out.exists() else []
    names = {figure.figure for figure in figures}
    kept = [one for one in before if one.get("subject") != subject and one["figure"] not in names]
    measured = [
        figure.document() | {"subject": subject, "measured_at": f"{at:%Y-%m-%dT%H:%M:%SZ}"} for figure in figures
    ]
    order = [*SUBJECTS, None]
    together = sorted([*kept, *measured], key=lambda one: order.index(one.get("subject")))
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(together, indent=1) + "\n")


def summary(missed: Sequence[Figure], of: int) -> str:
    """Return the text at the end of a run, with every bar that was missed."""
    if not missed:
        return f"{of} figures, no bar was missed"
    lines = [f"{len(missed)} of {of} figures miss their bar (exit code 0; --strict makes it 1):"]
    for figure in missed:
        sign = "<=" if figure.better == "less" else ">="
        lines.append(f"  {figure.figure}: {figure.value:,} {figure.unit}, the bar is {sign} {figure.bar:,}")
    return "\n".join(lines)


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
