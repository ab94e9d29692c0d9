"""
Say what each tier of tests costs and what it may cost, in CPU seconds. Other processes of a shared machine hardly
change CPU seconds, but do change a clock's.

Called by   local/gate.py
Returns     the names of the tiers that are over their budget

A machine of half the speed needs twice the seconds. A loop of the same work is timed on both cores before and after, and on
one core again and again beside each tier, because other processes come and go. The budgets grow by what the loop takes beyond
the machine that they were measured on. They never shrink.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from local.instance import ROOT

FILE = ROOT / "tests" / "budgets.json"
CORES = 2
_TIMES = 5
_EVERY_SECONDS = 20.0


def speed() -> float:
    """Return how many times the seconds of the budgets this machine needs, never less than 1."""
    with ProcessPoolExecutor(CORES) as pool:
        slower = max(pool.map(loop, range(CORES)))
    return max(1.0, slower / float(_read()["loop_seconds"]))


def loop(_: int = 0) -> float:
    """Return the CPU seconds of some work like that of the tests: text, numbers, dicts, JSON. The best of a few times
    counts."""
    return min(_once() for _ in range(_TIMES))


def _once() -> float:
    document = {"lines": [{"sku": f"SKU-{n}", "units": n, "price": {"amount": n * 100}} for n in range(200)]}
    began = time.thread_time()
    for _ in range(600):
        read = json.loads(json.dumps(document))
        sum(line["units"] * line["price"]["amount"] for line in read["lines"])
        sorted(line["sku"].lower() for line in read["lines"])
    return time.thread_time() - began


@contextmanager
def timed_beside(every: float = _EVERY_SECONDS) -> Iterator[list[float]]:
    """Time the loop again and again while something else runs. Yields the list that gets its CPU seconds."""
    found: list[float] = []
    done = threading.Event()

    def go_on() -> None:
        while not done.wait(every):
            found.append(_once())

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        done.set()
        thread.join()


def slower_beside(loops: Iterable[float]) -> float:
    """Return how many times the seconds of the budgets the loops beside a tier needed on average, never less than 1."""
    seconds = list(loops)
    return max(1.0, sum(seconds) / len(seconds) / float(_read()["loop_seconds"])) if seconds else 1.0


def over(used: Mapping[str, float], slower: Mapping[str, float], say: Callable[[str], None]) -> list[str]:
    """Say what each tier used; return one line for each that used more than it may. `slower` is by tier."""
    allowed = {tier: seconds * slower.get(tier, 1.0) for tier, seconds in _read()["cpu_seconds"].items()}
    found = []
    for tier, seconds in used.items():
        times = slower.get(tier, 1.0)
        say(
            f"{seconds:6.1f} of {allowed[tier]:.0f} CPU seconds  {tier} (the machine needed {times:.2f} times the seconds)"
        )
        if seconds > allowed[tier]:
            found.append(f"{tier} is over its budget (tests/budgets.json says how to raise it)")
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
