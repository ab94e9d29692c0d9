"""The words of the house: no docstring begins as a fragment, no function has a name with many meanings, no file is too long."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSES = ("comanda", "functions", "infra", "openapi", "ops", "local", "bench", "tests")
# A sentence that begins so has no subject and no verb, or a subject that is not named.
FRAGMENT = re.compile(
    r"(What|Whether|The same|Of|How|As|When|Who|Whoever|Whose|Where|By|Those|Why|Which|Its|In|Without|For|From|With|Nobody|At|On|"
    r"Also|And|But|Or|Like|Then|Only)\b"
)
BANNED = {"of", "said", "told", "asked", "look", "looked", "taken", "known", "rows", "place"}
MOST_LINES = 350
REASON = "is long because"  # in its sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Documented:
    """A module, class or function of a file. A module has no name."""

    name: str
    is_function: bool
    docstring: str


def files(house: str) -> list[Path]:
    return sorted((ROOT / house).rglob("*.py"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def documented(path: Path) -> tuple[Documented, ...]:
    """Return the module of a file, its classes and its functions. Trees of all files would be a gigabyte for the collector."""
    return tuple(_documented(ast.parse(path.read_text(encoding="utf-8"))))


def _documented(node: ast.AST) -> Iterator[Documented]:
    """Yield the node and the definitions in it. Only statements have definitions, so no expression is looked into."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield Documented(
            name=getattr(node, "name", ""),
            is_function=isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef),
            docstring=ast.get_docstring(node) or "",
        )
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.stmt | ast.excepthandler | ast.match_case):
            yield from _documented(inner)


@pytest.mark.parametrize("house", HOUSES)
def test_no_docstring_begins_as_a_fragment(house: str) -> None:
    fragments = [
        f"{name(path)}: {one.docstring.splitlines()[0]}"
        for path in files(house)
        for one in documented(path)
        if FRAGMENT.match(one.docstring)
    ]

    assert fragments == []


@pytest.mark.parametrize("house", HOUSES)
def test_no_function_has_a_name_with_many_meanings(house: str) -> None:
    banned = [
        f"{name(path)}: {one.name}"
        for path in files(house)
        for one in documented(path)
        if one.is_function and one.name.strip("_") in BANNED
    ]

    assert banned == []


@pytest.mark.parametrize("house", [house for house in HOUSES if house != "tests"])
def test_a_file_is_short_or_says_why_it_is_long(house: str) -> None:
    long = [
        name(path)
        for path in files(house)
        if path.read_text(encoding="utf-8").count("\n") > MOST_LINES and REASON not in documented(path)[0].docstring
    ]

    assert long == []
