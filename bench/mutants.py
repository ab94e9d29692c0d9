"""
Change the product in small ways, one at a time, and see whether the tests of the changed module fail. The suite may
become faster, but must still find such changes.

    python -m bench.mutants --seed 5 --number 30

Called by   people, before and after a change of the suite: the same mutants must be caught
Returns     0; prints each mutant with what became of it, and how many were caught

Sources are changed in a copy of the checkout. The same seed on the same sources makes the same mutants.
"""

import argparse
import ast
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PLACES = ("comanda/domain", "comanda/aws", "functions")
TESTS = ("tests/domain", "tests/aws", "tests/functions", "tests/storms", "tests/statemachines")
MOST_FILES = 4  # test files that run for one mutant
SECONDS = 600
OTHERS: dict[type[ast.AST], Any] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One node of one file, by its place in a walk over the tree, and the tests that should fail when it changes."""

    file: str
    node: int
    line: int
    tests: tuple[str, ...]


def mutants(seed: int, number: int) -> list[Mutant]:
    """Pick so many nodes by chance, each file as likely as any other; only of files that some test file names."""
    chance = random.Random(seed)
    files = [file for place in PLACES for file in sorted((ROOT / place).rglob("*.py")) if _tests_of(file)]
    found: list[Mutant] = []
    while len(found) < number:
        file = chance.choice(files)
        nodes = list(_changeable(ast.parse(file.read_text(encoding="utf-8"))))
        if nodes:
            node, line = chance.choice(nodes)
            found.append(Mutant(file=str(file.relative_to(ROOT)), node=node, line=line, tests=_tests_of(file)))
    return found


def _changeable(tree: ast.Module) -> Iterator[tuple[int, int]]:
    for number, node in enumerate(ast.walk(tree)):
        operator = _operator(node)
        if (operator is not None and type(operator) in OTHERS) or _is_number(node):
            yield number, node.lineno  # type: ignore[attr-defined]


def _operator(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return node.ops[0]
    return node.op if isinstance(node, ast.BinOp | ast.BoolOp) else None


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


def changed(source: str, number: int) -> str:
    tree = ast.parse(source)
    node = next(node for place, node in enumerate(ast.walk(tree)) if place == number)
    if isinstance(node, ast.Compare):
        node.ops = [OTHERS[type(node.ops[0])]()]
    elif isinstance(node, ast.BinOp | ast.BoolOp):
        node.op = OTHERS[type(node.op)]()
    elif isinstance(node, ast.Constant):
        node.value += 1  # type: ignore[operator]
    return ast.unparse(tree)


def _tests_of(file: Path) -> tuple[str, ...]:
    """Return the test files that should see a change of the module or the room: those of its own folder come first."""
    name = file.parent.name if file.stem in {"handler", "rules", "contract"} else file.stem
    words = (f"import {name}\n", f" {name},", f", {name}\n", f".{name} import", f".{name}.", f'"{name}"')
    own = _folder_of_tests(file)
    found = []
    for test in sorted(path for place in TESTS for path in (ROOT / place).rglob("test_*.py")):
        text = test.read_text(encoding="utf-8")
        named = name in test.stem or any(word in text for word in words)
        is_own = own is not None and test.is_relative_to(own)
        if named or is_own:
            found.append(
                (
                    not is_own,
                    not named,
                    name not in test.stem,
                    -len(text),
                    str(test.relative_to(ROOT)),
                )
            )
    return tuple(path for *_, path in sorted(found)[:MOST_FILES])


def _folder_of_tests(file: Path) -> Path | None:
    """Return the folder under tests/ that mirrors the module's, or the room's where the module lies deeper in it."""
    folder = ROOT / "tests" / str(file.parent.relative_to(ROOT)).removeprefix("comanda/")
    candidates = (folder, *folder.parents)
    return next((one for one in candidates if one.is_dir() and one.parent.parent == ROOT / "tests"), None)


def caught(copy: Path, mutant: Mutant) -> bool:
    """Return whether some test fails, or does not end, with this change in the copy."""
    file = copy / mutant.file
    source = file.read_text(encoding="utf-8")
    file.write_text(changed(source, mutant.node), encoding="utf-8")
    try:
        return not passes(copy, mutant.tests)
    except subprocess.TimeoutExpired:
        return True
    finally:
        file.write_text(source, encoding="utf-8")


def passes(copy: Path, tests: tuple[str, ...]) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    return subprocess.run(command, cwd=copy, capture_output=True, timeout=SECONDS, check=False).returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.mutants")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--number", type=int, default=30)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        left_out = shutil.ignore_patterns(".git", ".venv", ".local", ".tools", "build", ".*_cache")
        shutil.copytree(ROOT, copy, ignore=left_out)
        found = 0
        passed: set[tuple[str, ...]] = set()
        for mutant in mutants(chosen.seed, chosen.number):
            if mutant.tests not in passed and not passes(copy, mutant.tests):
                raise SystemExit(f"without a change these tests fail already: {' '.join(mutant.tests)}")
            passed.add(mutant.tests)
            was_caught = caught(copy, mutant)
            found += was_caught
            print(
                f"{'caught  ' if was_caught else 'SURVIVED'} {mutant.file}:{mutant.line} node {mutant.node}", flush=True
            )
    print(f"{found} of {chosen.number} caught")


if __name__ == "__main__":
    main()
