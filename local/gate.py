"""
The one gate, the same for a person, for CI and before a commit: lint, format, types, every tier of tests.

Called by   local/cli.py (`comanda check`, `comanda test`)
Returns     the exit code: 0 when every step passed
"""

import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console

from local.instance import ROOT

# In-process tiers share the cores; the deployed tiers own one embedded AWS each and would only wait for each other.
DEPLOYED = ("tests/local", "tests/system")


def steps() -> list[tuple[str, list[str]]]:
    pytest = [sys.executable, "-m", "pytest", "-q"]
    apart = [f"--ignore={tier}" for tier in DEPLOYED]
    deployed = [tier for tier in DEPLOYED if any((ROOT / tier).rglob("test_*.py"))]
    return [
        ("lint", [_tool("ruff"), "check", "."]),
        ("format", [_tool("ruff"), "format", "--check", "."]),
        ("types", [_tool("mypy")]),
        ("tests in process", [*pytest, "-n", "2", "tests", *apart]),
        *([("tests of the deployed system", [*pytest, *deployed])] if deployed else []),
    ]


def check() -> int:
    """Every step runs, so that one look shows all that is wrong."""
    console = Console()
    failed = []
    for name, command in steps():
        began = time.monotonic()
        console.rule(name)
        code = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode
        if code:
            failed.append(name)
        console.print(f"{name}: {'failed' if code else 'passed'} in {time.monotonic() - began:.0f} s")
    console.print(f"failed: {', '.join(failed)}" if failed else "everything passed")
    return 1 if failed else 0


def some(arguments: list[str]) -> int:
    """Only these tests, with pytest's own arguments."""
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))
