"""Every installed package is pinned by version and content, and no pin names the host that it comes from."""

import re
import subprocess
from pathlib import Path

import pytest

from infra.package import ROOT

FILES = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(
    r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+\])?==[^\s;]+( ; .+?)?( --hash=sha256:[0-9a-f]{64})+", re.IGNORECASE
)
# Words of the hosts, never followed by a dot in any text of ours.
HOSTS = (
    r"(pypi|pythonhosted|npmjs|yarnpkg|rubygems|crates|jfrog|artifactory|nexus|devpi)\.[a-z]|//registry\.|/simpl[e]/"
)


def requirements(file: Path) -> list[str]:
    """Return the lines of a file of pins, without comments. Continued lines are joined."""
    joined = re.sub(r"\s*\\\n\s*", " ", file.read_text(encoding="utf-8"))
    return [line.strip() for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607  where it lies differs by system


def test_the_layer_the_checkout_and_its_tools_have_pins() -> None:
    assert [file.name for file in FILES] == ["dev.txt", "press.txt", "runtime.txt", "solver.txt", "tools.txt"]
    assert all(requirements(file) for file in FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_requirement_has_one_version_and_its_hashes(file: Path) -> None:
    assert [line for line in requirements(file) if not PIN.fullmatch(line)] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_pin_names_its_host(file: Path) -> None:
    said = file.read_text(encoding="utf-8")

    assert re.findall(r"://|--(?:extra-)?index-url|--find-links|^-[if]\b|--trusted-host", said, re.MULTILINE) == []


def test_the_layers_pins_are_those_of_the_tested_environment() -> None:
    names = ("runtime.txt", "solver.txt", "press.txt", "dev.txt")
    *layers, tested = (set(requirements(ROOT / "requirements" / name)) for name in names)

    assert set.union(*layers) <= tested
    assert sum(map(len, layers)) == len(set.union(*layers))


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="asks git, and this copy is no checkout")
class TestOfACheckout:
    def test_a_lock_that_names_an_index_stays_out_of_the_history(self) -> None:
        assert git("check-ignore", "uv.lock").stdout.strip() == "uv.lock"
        assert git("ls-files", "uv.lock").stdout == ""

    def test_no_tracked_file_names_the_host_of_a_package_registry(self) -> None:
        found = git("grep", "-nIiE", HOSTS)

        assert found.stderr == ""
        assert found.stdout == ""
