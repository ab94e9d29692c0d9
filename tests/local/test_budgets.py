"""A tier of tests has a budget of CPU seconds."""

import json
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

    found = budgets.over({"domain": 10.1, "infra": 19.9}, 1.0, said.append)

    assert [line.split()[0] for line in found] == ["domain"]
    assert "tests/budgets.json" in found[0]
    assert said[:2] == ["  10.1 of 10 CPU seconds  domain", "  19.9 of 20 CPU seconds  infra"]


def test_a_machine_of_half_the_speed_may_use_twice_the_seconds(file: Path):
    assert budgets.over({"domain": 19.9}, 2.0, lambda _: None) == []


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
