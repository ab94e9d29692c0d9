"""
Define the commands of `comanda`. Each is one thin call of another module.

Called by   people, the Makefile
Returns     exit code 0, or 1 with one clear message
"""

import importlib
import json
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from local import compiled, emulator, money_commands, number_commands
from local.exits import console, failing_clearly, undone_by_an_interrupt
from local.instance import Instance
from local.stage_option import Stage, require_known, running, there

compiled.keep()

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Run Comanda on this machine in an embedded AWS, fill it, watch it, test it and measure it.",
)
stock = typer.Typer(no_args_is_help=True, help="Check the stock of a stage.")
app.add_typer(stock, name="stock")
app.add_typer(money_commands.app, name="money")
app.add_typer(number_commands.app, name="numbers")
routing = typer.Typer(no_args_is_help=True, help="Explain and compare how orders were routed.")
app.add_typer(routing, name="routing")


@app.command()
def up() -> None:
    """Start the embedded AWS and deploy Comanda into it. Steps that are done already are left out."""
    with failing_clearly(), undone_by_an_interrupt(Instance.current()) as instance:
        deployed = _deploy(instance)
        _print_addresses(instance, deployed)


@app.command()
def down() -> None:
    """Stop the embedded AWS. Its state is kept for the next `up`."""
    console.print("stopped" if emulator.stop(Instance.current(), console.print) else "the embedded AWS was not running")


@app.command()
def reset() -> None:
    """Stop the embedded AWS and delete its state."""
    emulator.reset(Instance.current())
    console.print("stopped and emptied")


@app.command()
def seed() -> None:
    """Fill Comanda with a retailer: nodes, products, stock, channels, partners, clients, people."""
    with failing_clearly():
        importlib.import_module("local.seed").main(running())


@app.command()
def load_carriers(
    folder: Annotated[str, typer.Argument(help="Has carriers, services, bands, lanes and collections as .csv.")],
    only_check: Annotated[
        bool, typer.Option("--check", help="Print the mistakes in the files, and put nothing.")
    ] = False,
) -> None:
    """Check a folder of carriers' files, and put the carriers through the API when all files are right."""
    files = _ops("carrier_files")
    with failing_clearly():
        found = sorted(files.read(Path(folder)))
        if not only_check:
            instance = running()
            with importlib.import_module("local.seed").admin(instance, _local("deploy").find_deployed(instance)) as api:
                found = files.load(api, Path(folder))
        console.print(f"{'right' if only_check else 'loaded'}: {', '.join(found)}", soft_wrap=True)


@app.command()
def demo(
    orders: Annotated[int, typer.Option(help="How many real baskets to place.")] = 100,
) -> None:
    """Start, deploy and seed; place real baskets; act as nodes, partners and customers; show the results."""
    with failing_clearly(), undone_by_an_interrupt(Instance.current()) as instance:
        parts = _local("parts").Parts()
        deployed = _deploy(instance, parts)
        with parts.part("retailer"):
            importlib.import_module("local.seed").main(instance)
        code, sights = importlib.import_module("local.demo").main(instance, orders=orders, parts=parts)
        console.print(f"  the parts: {parts}\n", soft_wrap=True)
        _print_addresses(instance, deployed)
        console.print()
        _local("tour").print_tour(console, instance, deployed["console-url"], sights)
    raise typer.Exit(code)


@app.command()
def sweep(
    everything: Annotated[bool, typer.Option("--all", help="Restart the machines of all open orders too.")] = False,
) -> None:
    """Run the sweeper now."""
    with failing_clearly():
        console.print(_local("deploy").sweep(running(), everything=everything, say=console.print))


@app.command()
def status() -> None:
    """Print the addresses of the running Comanda, and where its credentials are."""
    with failing_clearly():
        instance = running()
        _print_addresses(instance, _local("deploy").find_deployed(instance))


@app.command()
def mails() -> None:
    """Write the mails that were sent into a folder, with a page that lists them."""
    page, count = _local("mails").write(Instance.current())
    console.print(f"{count} mails: {page}", soft_wrap=True)


@app.command()
def logs(
    room: Annotated[
        str | None, typer.Argument(help="A folder of functions/. Without it, the embedded AWS's own log is printed.")
    ] = None,
    lines: Annotated[int, typer.Option("--lines", "-n")] = 50,
) -> None:
    """Print the last lines of a room's log."""
    with failing_clearly():
        for line in _local("logs").last(running() if room else Instance.current(), room, lines):
            console.print(line, markup=False, soft_wrap=True)


@stock.command()
def audit(
    stage: Stage = "local",
) -> None:
    """Compute every position anew from its ledger. Differences are printed, and the exit code is then 1."""
    with failing_clearly():
        positions, found = _ops("audit").of_table(*_local("tables").stock(there(stage)))
        for difference in found:
            console.print(str(difference), markup=False, soft_wrap=True)
        console.print(f"{positions} positions, {len(found)} numbers differ from their ledger")
    raise typer.Exit(1 if found else 0)


def _tables(stage: str) -> Any:
    return _local("tables").routing(there(stage))


@routing.command()
def prices(stage: Stage = "local") -> None:
    """Find the prices of units for later orders now, instead of at night."""
    with failing_clearly():
        console.print(_local("deploy").prices(there(stage)))


@routing.command()
def wave(stage: Stage = "local") -> None:
    """Plan and release the orders that wait for a wave now, instead of on the hour."""
    with failing_clearly():
        console.print(_local("deploy").wave(there(stage)))


@routing.command()
def explain(order_id: str, stage: Stage = "local") -> None:
    """Explain in words why an order was routed as it was."""
    with failing_clearly():
        for line in _ops("routing").explain_order(_tables(stage).order(order_id)):
            console.print(line, markup=False, soft_wrap=True)


@routing.command()
def replay(order_id: str, stage: Stage = "local") -> None:
    """Make each choice of an order's decisions again from its stored data. The exit code is 1 when one differs."""
    with failing_clearly():
        lines, same = _ops("routing").replay_order(_tables(stage).order(order_id))
        for line in lines:
            console.print(line, markup=False, soft_wrap=True)
    raise typer.Exit(0 if same else 1)


@routing.command()
def compare(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first UTC day of the orders.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last UTC day of the orders.")],
    channel: Annotated[str | None, typer.Option(help="Only orders of this channel.")] = None,
    rule_set: Annotated[str | None, typer.Option("--rule-set", help="Only this shadow rule set.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    stage: Stage = "local",
) -> None:
    """Compare shadow rule sets with the live ones, and modelled with paid costs, with confidence intervals."""
    with failing_clearly():
        report = _ops("routing_report")
        found = report.compare_days(_tables(stage), first.date(), last.date(), channel, rule_set)
        if as_json:
            typer.echo(json.dumps(found, indent=1))
        else:
            for line in report.lines(found):
                console.print(line, markup=False, soft_wrap=True)


@app.command()
def machines() -> None:
    """Print how many executions run, with today's and with earlier definitions of their machine."""
    with failing_clearly():
        for line in _local("machines").inflight(running()):
            console.print(line, markup=False, soft_wrap=True)


@app.command()
def diff(one: Annotated[str, typer.Argument()] = "local", other: Annotated[str, typer.Argument()] = "prod") -> None:
    """Print the differences between the templates of two stages."""
    with failing_clearly():
        compared = importlib.import_module("infra.difference")
        stages = importlib.import_module("infra.stages").STAGES
        require_known(one)
        require_known(other)
        for line in compared.lines(compared.difference(stages[one], stages[other]), one, other):
            console.print(line, markup=False, soft_wrap=True)


@app.command()
def openapi() -> None:
    """Write docs/openapi.json anew from the code."""
    console.print(f"written: {_openapi('description').write()}", soft_wrap=True)


@app.command()
def ownership() -> None:
    """Write docs/ownership.md anew from the table of owners."""
    console.print(f"written: {_openapi('ownership_page').write()}", soft_wrap=True)


@app.command()
def statuses() -> None:
    """Write docs/statuses.md anew from the table of transactions and the routes."""
    console.print(f"written: {_openapi('statuses_page').write()}", soft_wrap=True)


@app.command()
def check() -> None:
    """Run lint, types, import rules and the tests of the domain, in about a minute."""
    raise typer.Exit(_local("gate").check())


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Run the checks and every tier of tests, as CI runs them. With arguments for pytest, run only those tests."""
    gate = _local("gate")
    raise typer.Exit(gate.some(context.args) if context.args else gate.everything())


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench(context: typer.Context) -> None:
    """Measure the published figures. `--only import` measures one subject."""
    raise typer.Exit(importlib.import_module("bench.run").main(context.args))


def _deploy(instance: Instance, parts: Any = None) -> Any:
    began = time.monotonic()
    return _local("deploy").up(
        instance,
        lambda text: console.print(f"[dim]{time.monotonic() - began:5.1f} s[/dim]  {text}", soft_wrap=True),
        parts,
    )


def _print_addresses(instance: Instance, deployed: Any) -> None:
    for name, value in _local("addresses").lines(instance, deployed):
        console.print(f"  {name:8}{value}", markup=False, soft_wrap=True)


def _local(name: str) -> Any:
    """Import a module of local/ when a command needs it: the CDK and botocore take seconds, and `--help` needs neither."""
    return importlib.import_module(f"local.{name}")


def _ops(name: str) -> Any:
    """Import a module of ops/ when a command needs it."""
    return importlib.import_module(f"ops.{name}")


def _openapi(name: str) -> Any:
    """Import a module of openapi/ when a command needs it."""
    return importlib.import_module(f"openapi.{name}")
