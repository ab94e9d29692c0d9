"""
Read what the rules of the house are about from each source file: its imports, docstrings, and the names and texts in it.

Called by   tests/test_house.py, tests/test_words.py, tests/infra
Returns     the Source of a file, which is parsed once for all rules. No tree is kept: those of all files are a gigabyte for the collector
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
CLOCKS = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "uuid.uuid4", "os.environ")
A_KEY = re.compile(r"[A-Z]{1,8}#")
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


@dataclass(frozen=True, slots=True, kw_only=True)
class Documented:
    """A module, class or function of a file. A module has no name."""

    name: str
    is_function: bool
    docstring: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The parts of a file that rules are about. The module itself is the first of `documented`."""

    imports: frozenset[str]  # everywhere in the file: `from a.b import c` counts as a.b and a.b.c
    imported_at_top: frozenset[str]  # the modules that are imported when this one is
    documented: tuple[Documented, ...]
    is_empty: bool
    clocks: frozenset[str]
    keys: tuple[str, ...]  # the texts that begin like a key, each with its line

    @property
    def docstring(self) -> str:
        return self.documented[0].docstring


@cache
def source(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    every = tuple(statements(tree))
    has_clock, has_key = any(clock in text for clock in CLOCKS), A_KEY.search(text)
    return Source(
        imports=frozenset(_imports(every, path.relative_to(ROOT).parts[:-1])),
        imported_at_top=frozenset(_modules(tree.body)),
        documented=tuple(map(_documented, (tree, *filter(_is_definition, every)))),
        is_empty=not tree.body,
        clocks=frozenset(_attributes(tree)) & frozenset(CLOCKS) if has_clock else frozenset(),
        keys=tuple(_keys(tree)) if has_key else (),
    )


def statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield every statement: nothing else can be an import or a definition, so no expression is looked into."""
    ahead: list[ast.AST] = [tree]
    while ahead:
        node = ahead.pop()
        for block in _BLOCKS:
            if inner := getattr(node, block, None):
                ahead += inner
                yield from inner


def _imports(every: tuple[ast.AST, ...], package: tuple[str, ...]) -> Iterator[str]:
    for node in every:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *([node.module] if node.module else ())))
            yield base
            yield from (f"{base}.{alias.name}".strip(".") for alias in node.names)


def _modules(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def _is_definition(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)


def _documented(node: ast.AST) -> Documented:
    return Documented(
        name=getattr(node, "name", ""),
        is_function=isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef),
        docstring=ast.get_docstring(node) or "",  # type: ignore[arg-type]
    )


def _attributes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


def _keys(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and A_KEY.match(node.value):
            yield f"{node.lineno} {node.value}"
