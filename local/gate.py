"""
Run the gate, the same for a person, for CI and before a commit. `check` answers soon: lint, types, house rules, the
domain. `everything` adds every other tier of tests, side by side where both cores have something to do.

Called by   local/cli.py (`comanda check`, `comanda test`)
Returns     the exit code: 0 when every step passed and no tier used more CPU seconds than its budget

At its end it prints what each tier cost and the slowest tests. tests/budgets.json says what a tier may cost, and how to
raise that; a loop that is timed before, after and beside each tier tells how fast this machine is, with what else it does.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from rich.console import Console

from local import budgets
from local.instance import ROOT

SIDE_BY_SIDE = 2  # steps at a time
REPORTS = ROOT / "build" / "tests"  # pytest's report on each tier, for the list of the slowest tests
_SLOWEST = 20
# The folders of the tests, by tier. The deployed tiers wait for an embedded AWS of their own: beside other tiers they would only be slower.
IN_PROCESS: Mapping[str, tuple[str, ...]] = {
    "functions": ("tests/functions", "tests/aws", "tests/storms", "-n", "2"),
    "infra": ("tests/infra",),
    "statemachines": ("tests/statemachines",),
}
DOMAIN: Mapping[str, tuple[str, ...]] = {
    "domain": ("tests/domain", "tests/test_house.py", "tests/test_documents.py", "tests/test_words.py")
}
BROWSER: Mapping[str, tuple[str, ...]] = {"browser": ("tests/browser",)}  # it has processes enough for both cores
DEPLOYED: Mapping[str, tuple[str, ...]] = {"local": ("tests/local",), "system": ("tests/system",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A command of the gate; a tier of tests has its name in the budgets."""

    name: str
    command: tuple[str, ...]
    tier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The result of a step. `cpu` is the seconds of its processes, with the processes that they started and waited
    for. `slower` is how many times the seconds of the budgets the machine needed beside it."""

    step: Step
    code: int
    seconds: float
    cpu: float
    slower: float
    output: str


def prepared() -> tuple[Step, ...]:
    """Return the steps that make what no checkout has, once. Without them the first tier would be charged for it."""
    made = {"tables of places": "infra.geography", "files of others": "infra.npm_assets"}
    return tuple(Step(name=name, command=(sys.executable, "-m", module)) for name, module in made.items())


def quick() -> tuple[Step, ...]:
    """Return the steps of `check`, the longest first."""
    return (
        Step(name="types", command=(_tool("mypy"),)),
        Step(name="lint", command=(_tool("ruff"), "check", ".")),
        Step(name="format", command=(_tool("ruff"), "format", "--check", ".")),
        *_tests(DOMAIN),
    )


def check() -> int:
    return _gate(chain(_side_by_side(prepared()), _side_by_side(quick())))


def everything() -> int:
    steps = chain(
        _side_by_side(prepared()),
        _side_by_side((*quick(), *_tests({name: IN_PROCESS[name] for name in ("infra", "statemachines")}))),
        _one_by_one(_tests({"functions": IN_PROCESS["functions"]})),
        _one_by_one(_tests(BROWSER)),
        _one_by_one(_tests(DEPLOYED)),
    )
    return _gate(steps)


def some(arguments: list[str]) -> int:
    """Run only the tests that pytest's own arguments name. Returns pytest's exit code."""
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode


def _tests(tiers: Mapping[str, tuple[str, ...]]) -> tuple[Step, ...]:
    return tuple(
        Step(
            name=f"tests of {tier}",
            command=(sys.executable, "-m", "pytest", "-q", f"--junitxml={REPORTS / tier}.xml", *where),
            tier=tier,
        )
        for tier, where in tiers.items()
    )


def _gate(steps: Iterable[Done]) -> int:
    """Run every step, even after a failed one, so that one run shows all faults. Returns the exit code."""
    console = Console(highlight=False)
    REPORTS.mkdir(parents=True, exist_ok=True)
    began, speed = time.monotonic(), budgets.speed()
    done, failed = [], []
    for one in steps:
        done.append(one)
        console.rule(one.step.name)
        print(one.output if one.code else one.output.rstrip().rpartition("\n")[2], flush=True)
        console.print(f"{one.step.name}: {'failed' if one.code else 'passed'} in {one.seconds:.0f} s")
        failed += [one.step.name] if one.code else []
    console.rule("what it cost")
    reports = [REPORTS / f"{one.step.tier}.xml" for one in done if one.step.tier]
    for name, seconds, where in budgets.slowest(reports)[:_SLOWEST]:
        print(f"{seconds:6.1f} s  {where}::{name}")
    used = {one.step.tier: one.cpu for one in done if one.step.tier}
    speed = max(speed, budgets.speed())
    failed += budgets.over(used, {one.step.tier: max(speed, one.slower) for one in done if one.step.tier}, print)
    console.print(f"{time.monotonic() - began:.0f} s in all")
    console.print(f"failed: {', '.join(failed)}" if failed else "everything passed")
    return 1 if failed else 0


def _side_by_side(steps: tuple[Step, ...]) -> Iterable[Done]:
    """Run the steps side by side, and yield each result when its step ends."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for running in as_completed([pool.submit(_run, step) for step in steps]):
            yield running.result()


def _one_by_one(steps: tuple[Step, ...]) -> Iterable[Done]:
    return map(_run, steps)


def _run(step: Step) -> Done:
    began = time.monotonic()
    with (
        budgets.timed_beside() as loops,
        subprocess.Popen(
            step.command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process,
    ):
        assert process.stdout is not None
        output = process.stdout.read().decode(errors="replace")
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return Done(
        step=step,
        code=process.returncode,
        seconds=time.monotonic() - began,
        cpu=used.ru_utime + used.ru_stime,
        slower=budgets.slower_beside(loops),
        output=output,
    )


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))
