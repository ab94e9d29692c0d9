"""A tier of tests has a budget of CPU seconds."""

import json
import threading
from pathlib import Path

import pytest

from local import budgets, gate


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "budgets.json"
    path.write_text(json.dumps({"loop_seconds": 0.1, "cpu_seconds": {"domain": 10, "infra": 20}}))
    monkeypatch.setattr(budgets, "FILE", path)
    return path


def test_a_tier_over_its_budget_is_refused_with_a_way_to_raise_it(file: Path):
    said: list[str] = []

    found = budgets.over({"domain": 10.1, "infra": 19.9}, {}, said.append)

    assert [line.split()[0] for line in found] == ["domain"]
    assert "tests/budgets.json" in found[0]
    assert [line.split(" (")[0] for line in said] == [
        "  10.1 of 10 CPU seconds  domain",
        "  19.9 of 20 CPU seconds  infra",
    ]


def test_a_machine_of_half_the_speed_may_use_twice_the_seconds(file: Path):
    assert budgets.over({"domain": 19.9}, {"domain": 2.0}, lambda _: None) == []


def test_a_machine_that_is_slower_beside_one_tier_gives_more_to_that_tier_alone(file: Path):
    slower = {"domain": budgets.slower_beside([0.1, 0.3]), "infra": budgets.slower_beside([0.01])}
    assert slower == {"domain": pytest.approx(2.0), "infra": 1.0}
    found = budgets.over({"domain": 19.9, "infra": 20.1}, slower, lambda _: None)
    assert [line.split()[0] for line in found] == ["infra"]


def test_the_loop_is_timed_while_a_step_runs(file: Path):
    waited = threading.Event()
    with budgets.timed_beside(every=0.001) as loops:
        while len(loops) < 2:
            waited.wait(0.01)
    assert all(seconds > 0 for seconds in loops)
    assert budgets.slower_beside([]) == 1.0  # a step that ended before its first loop


def test_every_tier_has_a_budget():
    assert set(budgets._read()["cpu_seconds"]) == {
        *gate.DOMAIN,
        *gate.IN_PROCESS,
        *gate.BROWSER,
        *gate.DEPLOYED,
    }


def test_the_slowest_test_comes_first(tmp_path: Path):
    report = tmp_path / "domain.xml"
    report.write_text(
        '<testsuites><testsuite><testcase classname="a" name="quick" time="0.1"/>'
        '<testcase classname="b" name="slow" time="2.5"/></testsuite></testsuites>'
    )

    assert budgets.slowest([report, tmp_path / "none.xml"]) == [("slow", 2.5, "b"), ("quick", 0.1, "a")]


def test_the_seconds_of_a_step_are_those_of_all_its_processes(tmp_path: Path):
    burn = "import time\nwhile time.process_time() < 0.5: pass"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}], check=True)"

    done = gate._run(gate.Step(name="burn", command=(gate.sys.executable, "-c", code)))

    assert (done.code, done.cpu >= 0.5) == (0, True)
