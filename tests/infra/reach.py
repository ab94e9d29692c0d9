"""
Read from the sources which operations, tables, indexes and settings the code of a room can reach.

The result is too large rather than too small: a mentioned function counts as called, and an unnamed table counts as any. So an
operation that is not in the result is certainly not used; one that is in it may still never happen.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from infra.package import ROOT
from tests.sources import statements

TRANSACTION = {
    "put": "PutItem",
    "put_once": "PutItem",
    "update": "UpdateItem",
    "delete": "DeleteItem",
    "check": "ConditionCheckItem",
}
# How the rooms' libraries read and write: the table is the first argument.
WAYS = {
    "transaction": TRANSACTION,
    "reads": {"get": "GetItem", "query": "Query", "raw_query": "Query", "batch": "BatchGetItem"},
    "single_writes": {"update": "UpdateItem", "delete": "DeleteItem"},
    "batch_writes": {"put_all": "BatchWriteItem"},
}
CALLS = {
    "get_item": "GetItem",
    "batch_get_item": "BatchGetItem",
    "query": "Query",
    "put_item": "PutItem",
    "update_item": "UpdateItem",
    "delete_item": "DeleteItem",
    "batch_write_item": "BatchWriteItem",
}
TABLES = {"orders_table", "stock_table", "directory_table", "customers_table", "sessions_table", "forms_table"}

Place = tuple[str, str]  # module, function (with its class)


@dataclass
class Reach:
    """The operations, indexes and settings that can be reached from one handler."""

    operations: set[tuple[str, str]] = field(default_factory=set)  # (setting of the table, operation)
    indexes: set[str] = field(default_factory=set)
    settings: set[str] = field(default_factory=set)
    calls: set[tuple[str, str]] = field(default_factory=set)  # (service, method) of every other client


@dataclass
class Module:
    functions: dict[str, ast.AST]
    imports: dict[str, str]  # local name -> full name
    methods: dict[str, list[str]]  # name -> the functions of classes that have it


@cache
def _modules() -> dict[str, Module]:
    found = {}
    for folder in ("comanda/aws", "functions"):
        for file in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            imports = {
                alias.asname or alias.name: f"{node.module}.{alias.name}"
                for node in statements(tree)
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
            }
            functions = dict(_functions(tree, ""))
            methods: dict[str, list[str]] = {}
            for function in functions:
                owner, _, last = function.rpartition(".")
                if owner:
                    methods.setdefault(last, []).append(function)
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found[name] = Module(functions, imports, methods)
    return found


def _functions(tree: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, ast.AST]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield prefix + node.name, node
        if isinstance(node, ast.Assign):  # a constant may list functions
            yield from ((prefix + target.id, node) for target in node.targets if isinstance(target, ast.Name))
        if isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{node.name}.")


def forget() -> None:
    """Keep the trees of the sources no longer."""
    _modules.cache_clear()
    _of_function.cache_clear()


@cache
def of_room(room: str) -> Reach:
    """Return everything that `functions/<room>/handler.py` can reach."""
    handler = f"functions.{room}.handler"
    waiting: list[Place] = [(handler, name) for name in _modules()[handler].functions]
    seen: set[Place] = set()
    reach = Reach()
    while waiting:
        place = waiting.pop()
        if place not in seen:
            seen.add(place)
            here, mentioned = _of_function(place)
            reach.operations |= here.operations
            reach.indexes |= here.indexes
            reach.settings |= here.settings
            reach.calls |= here.calls
            waiting += mentioned
    return reach


@cache
def _of_function(place: Place) -> tuple[Reach, tuple[Place, ...]]:
    """Return what one function does itself, and the functions that it mentions. The cache helps: rooms share most of them."""
    parts = list(ast.walk(_modules()[place[0]].functions[place[1]]))
    named_by_caller = place[0] in {f"comanda.aws.dynamodb.{way}" for way in WAYS}
    return _noted(parts, named_by_caller=named_by_caller), tuple(dict.fromkeys(_mentioned(place[0], parts)))


def _mentioned(module: str, parts: list[ast.AST]) -> Iterator[Place]:
    modules = _modules()
    imports = modules[module].imports
    near = ({full.rpartition(".")[0] for full in imports.values()} | set(imports.values()) | {module}) & modules.keys()
    own = {part.arg for part in parts if isinstance(part, ast.arg)}  # an argument is no function of the same name
    for part in parts:
        if isinstance(part, ast.Name) and part.id in own:
            continue
        if isinstance(part, ast.Name):
            home, _, name = imports.get(part.id, f"{module}.{part.id}").rpartition(".")
            if home in modules and name in modules[home].functions:
                yield home, name
        elif isinstance(part, ast.Attribute):
            home = imports.get(part.value.id, "") if isinstance(part.value, ast.Name) else ""
            if home in modules:
                if part.attr in modules[home].functions:
                    yield home, part.attr
            else:
                yield from ((m, q) for m in near for q in modules[m].methods.get(part.attr, ()))


def _noted(parts: list[ast.AST], *, named_by_caller: bool) -> Reach:
    reach = Reach()
    told = {part.attr for part in parts if isinstance(part, ast.Attribute) and _is(part.value, "settings")}
    reach.settings |= {name.upper() for name in told}
    reach.indexes |= {
        part.value for part in parts if isinstance(part, ast.Constant) and str(part.value).startswith("GSI")
    }
    for part in parts:
        if not (isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)):
            continue
        owner, method = part.func.value, part.func.attr
        way = WAYS.get(owner.id, {}) if isinstance(owner, ast.Name) else {}
        if method in way and not named_by_caller:
            reach.operations |= {(table, way[method]) for table in _tables(part.args[0], told) if not _by_index(part)}
        elif isinstance(owner, ast.Call) and _is(owner.func, "client") and isinstance(owner.args[0], ast.Constant):
            if method in CALLS and not named_by_caller:
                named = next((word.value for word in part.keywords if word.arg == "TableName"), None)
                reach.operations |= {(table, CALLS[method]) for table in _tables(named, told)}
            reach.calls.add((str(owner.args[0].value), method))
    return reach


def _tables(named: ast.AST | None, told: set[str]) -> set[str]:
    """Return the named table; without a name, the tables of the function's settings, or any."""
    if isinstance(named, ast.Attribute) and _is(named.value, "settings"):
        return {named.attr}
    return (told & TABLES) or TABLES


def _by_index(call: ast.Call) -> bool:
    """Return True for a query of an index: it needs no right to query the table."""
    return any(word.arg == "index" for word in call.keywords)


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
