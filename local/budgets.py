"""
Say what each tier of tests costs and what it may cost, in CPU seconds. Other processes of a shared machine hardly
change CPU seconds, but do change a clock's.

Called by   local/gate.py
Returns     the names of the tiers that are over their budget

A machine of half the speed needs twice the seconds: a loop of the same work is timed on both cores, and the budgets grow by
what it takes beyond the machine that they were measured on. They never shrink.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from local.instance import ROOT

FILE = ROOT / "tests" / "budgets.json"
CORES = 2
_TIMES = 5


def speed() -> float:
    """Return how many times the seconds of the budgets this machine needs, never less than 1."""
    with ProcessPoolExecutor(CORES) as pool:
        slower = max(pool.map(loop, range(CORES)))
    return max(1.0, slower / float(_read()["loop_seconds"]))


def loop(_: int = 0) -> float:
    """Return the CPU seconds of some work like that of the tests: text, numbers, dicts, JSON. The best of a few times
    counts."""
    document = {"lines": [{"sku": f"SKU-{n}", "units": n, "price": {"amount": n * 100}} for n in range(200)]}
    best = float("inf")
    for _ in range(_TIMES):
        began = time.process_time()
        for _ in range(600):
            read = json.loads(json.dumps(document))
            sum(line["units"] * line["price"]["amount"] for line in read["lines"])
            sorted(line["sku"].lower() for line in read["lines"])
        best = min(best, time.process_time() - began)
    return best


def over(used: Mapping[str, float], slower: float, say: Callable[[str], None]) -> list[str]:
    """Say what each tier used; return one line for each that used more than it may."""
    allowed = {tier: seconds * slower for tier, seconds in _read()["cpu_seconds"].items()}
    found = []
    for tier, seconds in used.items():
        say(f"{seconds:6.1f} of {allowed[tier]:.0f} CPU seconds  {tier}")
        if seconds > allowed[tier]:
            found.append(f"{tier} is over its budget (tests/budgets.json says how to raise it)")
    say(f"this machine needs {slower:.2f} times the seconds of the one that the budgets were measured on")
    return found


def slowest(reports: Iterable[Path]) -> list[tuple[str, float, str]]:
    """Return (test, seconds, file) of all tests in these reports, the slowest first."""
    found = []
    for report in reports:
        if report.is_file():
            cases = ET.parse(report).iter("testcase")  # noqa: S314  pytest's own report, nothing from outside
            found += [(case.get("name", ""), float(case.get("time", 0)), case.get("classname", "")) for case in cases]
    return sorted(found, key=lambda case: -case[1])


def _read() -> Any:
    return json.loads(FILE.read_text(encoding="utf-8"))
