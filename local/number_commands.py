"""
Define the commands `comanda numbers`: they show the numbers of invoices and credit notes, and set a series forward.

Called by   local/cli.py
Returns     exit code 0, or 1 with one clear message
"""

import importlib
from typing import Annotated, Any

import typer

from local.exits import console, failing_clearly
from local.stage_option import Stage, there

app = typer.Typer(no_args_is_help=True, help="Show and set the numbers of invoices and credit notes.")


@app.command("list")
def show(stage: Stage = "local") -> None:
    """Show the last number of each series. The exit code is 1 when one is behind the numbers that documents have."""
    with failing_clearly():
        found = _series().of_stage(*_tables(stage))
        for one in found:
            console.print(str(one), markup=False, soft_wrap=True)
    raise typer.Exit(1 if any(one.behind for one in found) else 0)


@app.command("set")
def set_last(
    kind: Annotated[str, typer.Argument(help="`invoice` or `credit_note`.")],
    series: Annotated[str, typer.Argument(help="The series, such as the id of a node.")],
    last: Annotated[
        int, typer.Argument(help="The last number that went out. The next document gets the one after it.")
    ],
    stage: Stage = "local",
    new: Annotated[bool, typer.Option("--new", help="Begin a series that has no number yet.")] = False,
) -> None:
    """Let a series go on after a number, when a table was restored: no number is given twice. It never goes back."""
    kinds = [str(one) for one in _series().DocumentKind]
    if kind not in kinds:
        raise typer.BadParameter(f"{kind} is none of {', '.join(kinds)}")
    with failing_clearly():
        before = _series().set_last(*_tables(stage), _series().DocumentKind(kind), series, last, new=new)
        console.print(f"{kind} {series} goes on after {last}; it was at {before}", markup=False, soft_wrap=True)


def _series() -> Any:
    return importlib.import_module("ops.number_series")


def _tables(stage: str) -> Any:
    return importlib.import_module("local.tables").numbers(there(stage))
