"""
Define the commands `comanda money`: they check the books of a stage, and mend sums that follow from its ledgers.

Called by   local/cli.py
Returns     exit code 0, or 1 with one clear message or with what differs
"""

import importlib
from typing import Any

import typer

from local.exits import console, failing_clearly
from local.stage_option import Stage, there

app = typer.Typer(no_args_is_help=True, help="Check the books of a stage.")


@app.command("audit")
def audit(stage: Stage = "local") -> None:
    """Compute the accounts of every order anew from its invoices and tenders, and look for money that closed orders keep.

    What differs or is kept is printed, and the exit code is then 1.
    """
    with failing_clearly():
        orders, found = importlib.import_module("ops.money_audit").of_table(*_orders(stage))
        for difference in found:
            console.print(str(difference), markup=False, soft_wrap=True)
        console.print(f"{orders} orders, {len(found)} differences")
    raise typer.Exit(1 if found else 0)


@app.command("mend-days")
def mend_days(stage: Stage = "local") -> None:
    """Write anew what credit accounts owe by day, where it is not what their invoices add up to, as after an upgrade."""
    with failing_clearly():
        written = importlib.import_module("ops.debt_days").mend(*_orders(stage))
        console.print(f"{written} sums of days were written")


def _orders(stage: str) -> Any:
    return importlib.import_module("local.tables").orders(there(stage))
