"""
Measure `console:`: what a page of the console costs beyond the API calls that it makes, and how many calls these are.

Each page is opened over the real doors, in one process with an AWS of its own, and its calls are kept. Then the room opens
it again in a fresh interpreter, with AWS stubbed at the wire and the kept answers served by another process: its CPU there is
the page's own. bench/console_stage.py compares the time of pages with that of their calls.
"""

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.figures import Figure
from bench.inprocess import quiet
from tests.functions.console.conftest import a_gateway
from tests.functions.console.gateway import Browser, Gateway
from tests.functions.world import World
from tests.moto_aws import an_aws

ORDERS = 50  # that wait for sales, so that the queue fills a page
_SCANS = 60
_MILLION = json.loads(Path(__file__).with_name("prices.json").read_text())["dollars_per_million"]
_ROOT = Path(__file__).resolve().parents[1]


def figures() -> list[Figure]:
    with quiet(), pytest.MonkeyPatch.context() as patch, an_aws(patch) as aws, World(aws, patch) as world:
        paths = _pages(world)
        with a_gateway(patch) as gateway:
            browser = Browser(gateway, f"{gateway.address}/live/console")
            assert browser.sign_in("sales").status == 200
            opened = {name: _opened(browser, gateway, path) for name, path in paths.items()}
            scans = _scans(browser, world)
    own = _own_cpu({name: one["recorded"] for name, one in opened.items()})
    made: list[Figure] = []
    for name, one in opened.items():
        made += [
            Figure(figure=f"console: {name}, CPU beyond its API calls, warm", value=own[name], unit="ms", bar=15),
            Figure(figure=f"console: {name}, API calls", value=one["calls"], unit="calls"),
        ]
    made.append(Figure(figure="console: a scan to its answer, p95", value=scans, unit="ms"))
    # A page is one request of the gateway and one Lambda call, and so is each of its API calls; the firewall sees each.
    requests = statistics.mean(1 + one["calls"] for one in opened.values())
    each = sum(_MILLION[what] for what in ("API Gateway calls", "Lambda calls", "firewall requests")) / 1_000_000
    named = "console: $ per 1,000 pages, requests of the gateway, the firewall and Lambda, without time"
    made.append(Figure(figure=named, value=round(1_000 * requests * each, 4), unit="$"))
    return made


def _scans(browser: Browser, world: World) -> float:
    """Return the milliseconds from a scan's form to its answer, 95 in 100 of them, at the page that tries a scanner."""
    page = browser.get("scanner")
    forms = re.findall(r"<form\b.*?</form>", page.text, re.DOTALL)
    hidden = page.fields(next(i for i, form in enumerate(forms) if "data-scan" in form))
    took = []
    for n in range(_SCANS):
        world.pass_time(5)
        form = {**hidden, "key": f"{n:018d}{hidden['key'][18:]}", "code": "4006381333931", "do": "scan"}
        began = time.perf_counter()
        assert browser.post("scanner", form).status == 200
        took.append((time.perf_counter() - began) * 1_000)
    return round(statistics.quantiles(took, n=20)[-1], 1)


def _pages(world: World) -> dict[str, str]:
    """Make orders in several states, and return the pages by name with their paths."""
    world.hold_type()
    world.stocked("TEA-001", dc_1=100_000)
    world.stocked("POT-001", dc_1=5, dc_2=5)
    shipped = world.placed(("TEA-001", 2), ("POT-001", 1))
    world.settle()
    world.steps(shipped, "accept", "pick", "pack", "ship")
    held = [world.placed(("TEA-001", 100)) for _ in range(ORDERS)]
    world.settle()
    return {
        "home": "",
        "queue of 50": "queues/sales-review",
        "review": f"orders/{held[0]}/review",
        "order": f"orders/{shipped}",
        "list of 50 orders": f"orders?channel=web&day={world.now:%Y-%m-%d}",
    }


def _opened(browser: Browser, gateway: Gateway, path: str) -> dict[str, Any]:
    """Open a page twice, and return the calls of the second time with their answers."""
    assert browser.get(path).status == 200
    answers = _recorded(gateway, lambda: browser.get(path))
    return {
        "recorded": {"path": path, "answers": [[*call, *answer] for call, answer in answers.items()]},
        "calls": len(answers),
    }


type Answers = dict[tuple[str, str], tuple[int, dict[str, str], str]]


def _recorded(gateway: Gateway, act: Callable[[], Any]) -> Answers:
    """Return the calls that an action makes with their answers."""
    found: Answers = {}
    call = gateway.call

    def kept(method: str, target: str, headers: dict[str, str], body: str | None) -> tuple[int, dict[str, str], str]:
        found[method, target] = answer = call(method, target, headers, body)
        return answer

    gateway.call = kept  # type: ignore[method-assign]  # on this one gateway, on purpose
    act()
    gateway.call = call  # type: ignore[method-assign]  # as above
    return found


def _own_cpu(recorded: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Return the milliseconds of CPU of each page in an interpreter that has imported nothing else."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(recorded, file)
        file.flush()
        done = subprocess.run(
            [sys.executable, "-m", "bench.console_cpu", file.name],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stdout[-1000:] + done.stderr[-2000:])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
