"""
Read Markdown pages, and the paths, modules, tests and commands that exist in the tree.

Called by   tests/test_documents.py
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import typer

from local.cli import app
from local.instance import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "functions" / "README.md"])
DOCS = ROOT / "docs"
GLOSSARY, HOW_TO = DOCS / "glossary.md", DOCS / "how-to.md"
COLUMNS = 200

FOLDERS = (
    "comanda",
    "functions",
    "infra",
    "openapi",
    "ops",
    "local",
    "bench",
    "tests",
    "statemachines",
    "docs",
    "requirements",
)
MADE = ("comanda/tables", "build", "cdk.out")  # by a build, and not in the repository
PATH = re.compile(rf"(?<![\w/.@-])(?:\.ci/run|(?:{'|'.join(FOLDERS)})/[\w./*<>-]*)")
FILE = re.compile(r"^[\w*-]+(?:\.asl)?\.(?:py|json|toml|md|csv|po|txt|mjml)$")
# Files that a page tells of and that this repository does not hold: what a caller writes, or a command makes.
OTHERS = {"order.json", "client.py", "clients.json", "people.json", "bench.json"}
NOT_PATHS = {"comanda/us1"}  # the source of an event
MODULE = re.compile(
    r"(?<![\w/])(?:comanda\.(?:domain|aws)|functions|infra|openapi|ops|local|bench|tests)(?:\.[A-Za-z_]\w*)+"
)
TEST = re.compile(r"\btest_\w+\b(?!\*)")
END = re.compile(r"[.?!][\"')\]*_`]*\s+(?=[\"'(*\[]*[`A-Z$]|[0-9]|\[)")
NOT_AN_END = re.compile(r"(?:\b(?:e\.g|i\.e|vs|resp)\.|^\s*\d+\.|\*\*[^*]+[.:]\*\*)$")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def lines(page: Path) -> Iterator[tuple[int, str]]:
    """Yield (number, line) of a page's prose: neither code, nor a table, nor a heading, nor a remark."""
    fenced = False
    for number, line in enumerate(text(page).splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and line.strip() and not line.startswith(("|", "#", "<!--", "![")):
            yield number, line


def spans(line: str) -> list[str]:
    return re.findall(r"`([^`]+)`", line)


def code(page: Path) -> list[str]:
    """Return what a page says in code: its spans, and the lines of its blocks."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text(page), re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^ *```.*?^ *```", "", text(page), flags=re.MULTILINE | re.DOTALL)
    return [*spans(rest), *(line for block in blocks for line in block.splitlines())]


@cache
def files() -> frozenset[str]:
    """Return the paths of all files and folders of the house."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
    return frozenset(name(path) for path in found) | {path.name for path in ROOT.iterdir()} | {*FOLDERS, ".ci/run"}


def exists(path: str) -> bool:
    path = re.sub(r"<[\w-]+>", "*", path.rstrip("/."))
    return path.startswith(MADE) or (any(ROOT.glob(path)) if "*" in path else path in files())


@cache
def names(path: Path) -> frozenset[str]:
    """Return the names that a module defines at its top, and `Class.name` of what its classes define."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        found |= set(_defined(node))
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{one}" for child in ast.walk(node) for one in _defined(child)}
    return frozenset(found)


def _defined(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.ClassDef() | ast.FunctionDef():
            yield node.name
        case ast.Assign(targets=[ast.Name(id=one)]) | ast.AnnAssign(target=ast.Name(id=one)):
            yield one
        case ast.TypeAlias(name=ast.Name(id=one)):
            yield one


@cache
def known_tests() -> frozenset[str]:
    modules = list((ROOT / "tests").rglob("test_*.py"))
    named = {m for path in modules for m in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))}
    return frozenset({path.stem for path in modules} | named)


@cache
def commands() -> dict[str, set[str]]:
    """Return the options of each command of `comanda`; a command of a group is called "group command"."""
    found: dict[str, set[str]] = {}

    def enter(group: object, before: str) -> None:
        for word, command in getattr(group, "commands", {}).items():
            path = f"{before} {word}".strip()
            options = {option for parameter in command.params for option in parameter.opts}
            found[path] = options if not hasattr(command, "commands") else set()
            enter(command, path)

    enter(typer.main.get_command(app), "")
    return found
