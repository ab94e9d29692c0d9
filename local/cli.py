"""
`comanda`: everything a person does with this checkout, each command one thin call.

Called by   people, the Makefile
Returns     exit code 0, or 1 with one clear message
"""

import contextlib
import importlib
import json
import signal
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from local import compiled, emulator
from local.instance import Instance

compiled.keep()

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
stock = typer.Typer(no_args_is_help=True, help="Look after stock.")
app.add_typer(stock, name="stock")
routing = typer.Typer(no_args_is_help=True, help="Look at how orders are routed.")
app.add_typer(routing, name="routing")
console = Console(highlight=False)

Stage = Annotated[str, typer.Option(help="The embedded AWS, or a stage in AWS, with your own credentials.")]


@app.command()
def up() -> None:
    """Start the embedded AWS and deploy Comanda into it; does only what is missing."""
    with failing_clearly(), undone_by_an_interrupt(Instance.current()) as instance:
        deployed = _deploy(instance)
        _say_where(instance, deployed)


@app.command()
def down() -> None:
    """Stop it; everything is kept for the next `up`."""
    console.print("stopped" if emulator.stop(Instance.current(), console.print) else "it was not running")


@app.command()
def reset() -> None:
    """Stop it and forget everything it kept."""
    emulator.reset(Instance.current())
    console.print("stopped and emptied")


@app.command()
def seed() -> None:
    """Fill it with a retailer: nodes, products, stock, channels, partners, clients, one person of its staff."""
    with failing_clearly():
        importlib.import_module("local.seed").main(_running())


@app.command()
def load_carriers(
    folder: Annotated[str, typer.Argument(help="With carriers, services, bands, lanes and collections as .csv.")],
    only_check: Annotated[bool, typer.Option("--check", help="Say what is wrong with them, and put nothing.")] = False,
) -> None:
    """Check the files of carriers, all of them, and put what they say through the API."""
    files = _ops("carrier_files")
    with failing_clearly():
        found = sorted(files.read(Path(folder)))
        if not only_check:
            instance = _running()
            with importlib.import_module("local.seed").admin(instance, _local("deploy").found(instance)) as api:
                found = files.load(api, Path(folder))
        console.print(f"{'right' if only_check else 'loaded'}: {', '.join(found)}", soft_wrap=True)


@app.command()
def demo(
    orders: Annotated[int, typer.Option(help="How many real baskets to place.")] = 100,
) -> None:
    """Start, deploy, seed, place real baskets, play the nodes and a partner, and show what became of them."""
    with failing_clearly(), undone_by_an_interrupt(Instance.current()) as instance:
        parts = _local("parts").Parts()
        deployed = _deploy(instance, parts)
        with parts.part("retailer"):
            importlib.import_module("local.seed").main(instance)
        code = importlib.import_module("local.demo").main(instance, orders=orders, parts=parts)
        console.print(f"  the parts: {parts}\n", soft_wrap=True)
        _say_where(instance, deployed)
    raise typer.Exit(code)


@app.command()
def sweep(
    everything: Annotated[bool, typer.Option("--all", help="Restart the machines of all open orders too.")] = False,
) -> None:
    """Run the sweeper now."""
    with failing_clearly():
        console.print(_local("deploy").sweep(_running(), everything=everything, say=console.print))


@app.command()
def status() -> None:
    """Where it listens, and with what to call it."""
    with failing_clearly():
        instance = _running()
        _say_where(instance, _local("deploy").found(instance))


@app.command()
def mails() -> None:
    """Write the mails that were sent into a folder, with a page that lists them."""
    page, count = _local("mails").write(Instance.current())
    console.print(f"{count} mails: {page}", soft_wrap=True)


@app.command()
def logs(
    room: Annotated[
        str | None, typer.Argument(help="A room, as in functions/; without one, the emulator's own.")
    ] = None,
    lines: Annotated[int, typer.Option("--lines", "-n")] = 50,
) -> None:
    """The last lines of a room's log."""
    with failing_clearly():
        for line in _local("logs").last(_running() if room else Instance.current(), room, lines):
            console.print(line, markup=False, soft_wrap=True)


@stock.command()
def audit(
    stage: Stage = "local",
) -> None:
    """Rebuild every position from its ledger; what differs is printed, and the exit code is 1."""
    with failing_clearly():
        positions, found = _ops("audit").of_table(*_local("tables").stock(_there(stage)))
        for difference in found:
            console.print(str(difference), markup=False, soft_wrap=True)
        console.print(f"{positions} positions, {len(found)} numbers differ from their ledger")
    raise typer.Exit(1 if found else 0)


def _there(stage: str) -> str:
    """The stage, when there is one."""
    stages = importlib.import_module("infra.stages").STAGES
    if stage not in stages:
        raise typer.BadParameter(f"{stage} is no stage: {', '.join(stages)}")
    if stage == "local":
        _running()
    return stage


def _tables(stage: str) -> Any:
    return _local("tables").routing(_there(stage))


@routing.command()
def prices(stage: Stage = "local") -> None:
    """Find what a unit at a node costs those who come after, now and not at night."""
    with failing_clearly():
        console.print(_local("deploy").prices(_there(stage)))


@routing.command()
def wave(stage: Stage = "local") -> None:
    """Look at the orders that wait for a wave together, and let them go, now and not on the hour."""
    with failing_clearly():
        console.print(_local("deploy").wave(_there(stage)))


@routing.command()
def explain(order_id: str, stage: Stage = "local") -> None:
    """Why an order was routed so, in words."""
    with failing_clearly():
        for line in _ops("routing").told(_tables(stage).order(order_id)):
            console.print(line, markup=False, soft_wrap=True)


@routing.command()
def replay(order_id: str, stage: Stage = "local") -> None:
    """Make each choice of an order's decisions again, from what is stored alone; the exit code is 1 when one differs."""
    with failing_clearly():
        lines, same = _ops("routing").made_again(_tables(stage).order(order_id))
        for line in lines:
            console.print(line, markup=False, soft_wrap=True)
    raise typer.Exit(0 if same else 1)


@routing.command()
def compare(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first UTC day of the orders.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last one.")],
    channel: Annotated[str | None, typer.Option(help="Only of this channel.")] = None,
    rule_set: Annotated[str | None, typer.Option("--rule-set", help="Only this one of those that looked on.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    stage: Stage = "local",
) -> None:
    """Rule sets that looked on against the live ones, and the model against what was paid, with confidence intervals."""
    with failing_clearly():
        report = _ops("routing_report")
        found = report.of(_tables(stage), first.date(), last.date(), channel, rule_set)
        if as_json:
            typer.echo(json.dumps(found, indent=1))
        else:
            for line in report.lines(found):
                console.print(line, markup=False, soft_wrap=True)


@app.command()
def machines() -> None:
    """How many executions run, and with which version of their machine."""
    with failing_clearly():
        for line in _local("machines").inflight(_running()):
            console.print(line, markup=False, soft_wrap=True)


@app.command()
def diff(one: Annotated[str, typer.Argument()] = "local", other: Annotated[str, typer.Argument()] = "prod") -> None:
    """What differs between two stages: their data, and what it makes of the templates."""
    with failing_clearly():
        compared = importlib.import_module("infra.difference")
        stages = importlib.import_module("infra.stages").STAGES
        for name in (one, other):
            if name not in stages:
                raise typer.BadParameter(f"{name} is no stage: {', '.join(stages)}")
        for line in compared.lines(compared.difference(stages[one], stages[other]), one, other):
            console.print(line, markup=False, soft_wrap=True)


@app.command()
def openapi() -> None:
    """Write docs/openapi.json anew from the code."""
    console.print(f"written: {_openapi('description').write()}", soft_wrap=True)


@app.command()
def ownership() -> None:
    """Write docs/ownership.md anew from the table of who must own each thing."""
    console.print(f"written: {_openapi('ownership').write()}", soft_wrap=True)


@app.command()
def check() -> None:
    """Run lint, types, import rules and the tests of the domain: an answer in a minute or so."""
    raise typer.Exit(_local("gate").check())


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Run the checks and every other tier of tests, as CI runs them; or, with arguments for pytest, only those
    tests."""
    gate = _local("gate")
    raise typer.Exit(gate.some(context.args) if context.args else gate.everything())


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench(context: typer.Context) -> None:
    """Measure the published figures; `--only import` for one subject."""
    raise typer.Exit(importlib.import_module("bench.run").main(context.args))


@contextlib.contextmanager
def undone_by_an_interrupt(instance: Instance) -> Iterator[Instance]:
    """Ctrl-C stops what this command started, and nothing that ran before it."""
    ran_before = emulator.is_running(instance)
    for number in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal hangs up, and nohup ignores that
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        yield instance
    except KeyboardInterrupt:
        if not ran_before:
            with contextlib.suppress(OSError):  # the terminal may be gone
                console.print("\ninterrupted: stopping what was started")
            emulator.stop(instance)
        raise typer.Exit(130) from None


@contextlib.contextmanager
def failing_clearly() -> Iterator[None]:
    """What can go wrong is said in its own words; a stack trace is for what we did not expect."""
    import httpx
    from botocore.exceptions import BotoCoreError, ClientError

    from local.assembly import Failed
    from local.deploy import NotDeployed, RoomFailed, SynthesisFailed
    from ops.carrier_files import BadFiles
    from ops.client import Problem
    from ops.routing import Unknown

    try:
        yield
    except (BotoCoreError, httpx.TransportError) as silent:
        console.print(f"no answer: {silent or type(silent).__name__}", markup=False, style="red", soft_wrap=True)
        raise typer.Exit(1) from None
    except (
        *(BadFiles, ClientError, Failed, NotDeployed, Problem, RoomFailed, SynthesisFailed, Unknown),
        emulator.NotStarted,
    ) as failed:
        console.print(str(failed), markup=False, style="red", soft_wrap=True)
        raise typer.Exit(1) from None


def _deploy(instance: Instance, parts: Any = None) -> Any:
    began = time.monotonic()
    return _local("deploy").up(
        instance,
        lambda text: console.print(f"[dim]{time.monotonic() - began:5.1f} s[/dim]  {text}", soft_wrap=True),
        parts,
    )


def _say_where(instance: Instance, deployed: Any) -> None:
    for name, value in (
        ("API", deployed.base_url),
        ("tokens", f"{deployed.token_url} (grant_type=client_credentials, HTTP basic)"),
        ("client", f"the entry admin of {instance.clients}"),
        ("files", f"s3://{deployed['files-bucket']}/inbox/ at {instance.endpoint}"),
        ("mails", f"comanda mails writes them to {instance.mails}"),
        ("stop", "make down (keeps everything), make reset (forgets everything)"),
    ):
        console.print(f"  {name:8}{value}", soft_wrap=True)


def _running() -> Instance:
    instance = Instance.current()
    if not emulator.is_running(instance):
        raise emulator.NotStarted("it is not running: `make up` first")
    return instance


def _local(name: str) -> Any:
    """Imported when asked for: the CDK and botocore take seconds that `comanda --help` need not."""
    return importlib.import_module(f"local.{name}")


def _ops(name: str) -> Any:
    """Import a tool of operators when it is asked for."""
    return importlib.import_module(f"ops.{name}")


def _openapi(name: str) -> Any:
    """Import a part of the API's description when it is asked for."""
    return importlib.import_module(f"openapi.{name}")
