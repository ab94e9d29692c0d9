"""
The house's rules about who may import whom, read from the source: functions -> comanda.aws -> comanda.domain.

The domain is pure, rooms do not know each other, and what runs in Lambda knows nothing of `infra`, `local`, `bench` or
`tests`.
"""

import ast
import re
import sys
from pathlib import Path

import pytest

from tests.sources import ROOT, source

OURS = ("comanda", "functions", "infra", "openapi", "ops", "local", "bench", "tests")
OUTSIDE = ("infra", "openapi", "ops", "local", "bench", "tests")

DOMAIN = sorted((ROOT / "comanda" / "domain").rglob("*.py"))
AWS = sorted((ROOT / "comanda" / "aws").rglob("*.py"))
ROOMS = sorted((ROOT / "functions").rglob("*.py"))


# The floors of the house, of its two large rooms and of the order's life, from the ground up: each imports from the floors below it only.
# Tests import whatever they test, and the benches some of their worlds.
FLOORS = {
    "": (
        "comanda",
        "functions infra",
        "openapi ops",
        "local",
        "bench",
    ),
    "comanda/domain": (
        "check_digit",
        "card_issuers csv_cells money",
        "errors card_numbers days nodes time_limit",
        "ids text search_words wanted_days geography labels limits optimizer people",
        "payments picking pricing scanning shipping stock taxes",
        "orders reconciliation reservations",
        "billing books cases network_optimization rules",
        "documents lifecycle routing views",
        "credit_accounts credit_view drafts evaluation gift_cards invoice_view promise scheduling",
    ),
    "comanda/domain/lifecycle": (
        "closing erase mailing told_payments",
        "node_work",
        "cancels provide",
        "backorders holds modifications",
        "payment_links",
        "payment_increases",
        "moving next_look place",
        "changes parcels",
        "resume",
    ),
    "comanda/aws": (
        "runtime geography",
        "dynamodb api_client",
        "taxes",
        "directory events files payments stock",
        "api books console orders reservations stock_updates stock_views",
        "cases people routing",
        "customers",
        "drafts",
    ),
}
MOST_ARROWS = {"comanda/domain": 52, "comanda/domain/lifecycle": 15, "comanda/aws": 56}


def name(path):
    return str(path.relative_to(ROOT))


def within(module, *packages):
    return any(module == package or module.startswith(package + ".") for package in packages)


def wrong(paths, look):
    """Return what is wrong with each file that is not as it should be. One test looks at all files: a test of each took seconds."""
    return {name(path): found for path in paths if (found := look(path))}


def test_there_is_a_house_to_look_at():
    assert len(DOMAIN) > 20
    assert len(AWS) > 5
    assert ROOMS


def test_the_domain_imports_the_standard_library_and_itself():
    def strangers(path):
        return {
            module
            for module in source(path).imports - {"comanda"}
            if module.split(".")[0] not in sys.stdlib_module_names and not within(module, "comanda.domain")
        }

    assert wrong(DOMAIN, strangers) == {}


def test_the_domain_asks_no_clock_no_dice_and_no_environment():
    def clocks_and_dice(path):
        modules = ("os", "random", "secrets", "uuid", "time", "socket", "logging")
        return source(path).clocks | {module for module in source(path).imports if within(module, *modules)}

    assert wrong(DOMAIN, clocks_and_dice) == {}


def test_what_knows_aws_knows_no_room():
    def rooms(path):
        return {module for module in source(path).imports if within(module, "functions", *OUTSIDE)}

    assert wrong(AWS, rooms) == {}


def test_a_room_knows_no_other_room_and_nothing_outside_lambda():
    def strangers(path):
        rooms = path.relative_to(ROOT / "functions").parts
        mine = f"functions.{rooms[0]}" if len(rooms) > 1 else "functions"
        return {
            module
            for module in source(path).imports - {"functions"}
            if within(module, *OUTSIDE) or (within(module, "functions") and not within(module, mine))
        }

    assert wrong(ROOMS, strangers) == {}


def test_every_file_has_its_sign():
    """The module docstring says what it is for; a package's own file may be empty."""

    def nothing_said(path):
        return not source(path).docstring and not (path.name == "__init__.py" and source(path).is_empty)

    assert wrong([*DOMAIN, *AWS, *ROOMS], nothing_said) == {}


@pytest.mark.parametrize("path", [path for path in ROOMS if path.name == "handler.py"], ids=name)
def test_a_rooms_sign_says_who_calls_it_and_what_it_answers(path):
    sign = source(path).docstring

    assert "Called by" in sign
    assert "Returns" in sign
    assert "Raises" in sign


def test_nothing_at_import_touches_aws():
    """boto3 and botocore are imported by the function that needs them, or for types only."""

    def at_import(path):
        return {module for module in source(path).imported_at_top if within(module, "boto3", "botocore")}

    assert wrong([*DOMAIN, *AWS, *ROOMS], at_import) == {}


def test_one_module_loads_the_resolver_of_powertools():
    """It enters the package without its start, so an import of the package elsewhere would find nothing, or start it."""

    def resolvers(path):
        return {module for module in source(path).imports if within(module, "aws_lambda_powertools.event_handler")}

    assert [*wrong([*DOMAIN, *AWS, *ROOMS], resolvers)] == ["comanda/aws/api/resolver.py"]


def arrows(house):
    """Every (package, package) of a house of which the first imports from the second; a module at its root is one too."""
    base = ROOT / house
    names = " ".join(FLOORS[house]).split()
    files = [file for one in names for file in (base / one).rglob("*.py")] + [base / f"{one}.py" for one in names]
    for file in filter(Path.exists, files):
        mine = file.relative_to(base).with_suffix("").parts[0]
        prefix = house.replace("/", ".")
        for module in source(file).imports:
            if not prefix or within(module, prefix):
                its = module.removeprefix(f"{prefix}.").split(".")[0]
                if its in names and its != mine:
                    yield mine, its


@pytest.mark.parametrize("house", FLOORS)
def test_a_package_imports_from_the_floors_below_it_only(house):
    floor = {name: number for number, names in enumerate(FLOORS[house]) for name in names.split()}

    assert {(one, other) for one, other in arrows(house) if floor[other] >= floor[one]} == set()


@pytest.mark.parametrize("house", [house for house in FLOORS if house])
def test_every_package_stands_on_a_floor(house):
    there = {path.stem for path in (ROOT / house).iterdir() if path.suffix == ".py" or any(path.glob("*.py"))}

    assert there - {"__init__"} == set(" ".join(FLOORS[house]).split())


@pytest.mark.parametrize("house", MOST_ARROWS)
def test_few_arrows_lead_from_package_to_package(house):
    between = {(a, b) for a, b in arrows(house) if (ROOT / house / a).is_dir() and (ROOT / house / b).is_dir()}

    assert len(between) <= MOST_ARROWS[house]


def circles(edges):
    """Return the groups of two or more modules that import each other in a circle."""
    reached = {module: {module} for module in edges}
    for module in edges:
        ahead = [module]
        while ahead:
            new = edges[ahead.pop()] - reached[module]
            reached[module] |= new
            ahead += new
    groups = {frozenset(other for other in reached[one] if one in reached[other]) for one in edges}
    return [sorted(group) for group in groups if len(group) > 1]


def test_no_modules_import_each_other_in_a_circle():
    """Imports inside functions count too."""
    paths = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in [*DOMAIN, *AWS, *ROOMS]}

    assert circles({module: source(path).imports & paths.keys() - {module} for module, path in paths.items()}) == []


def test_a_circle_of_modules_is_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [["b", "c"]]


KEYS = ROOT / "comanda" / "aws" / "dynamodb" / "keys"


@pytest.mark.parametrize("folder", ["comanda", "functions", "openapi", "ops", "local", "infra"])
def test_no_package_but_one_spells_a_key(folder):
    """A text that begins like a key is one; a docstring may name it."""
    spelled = {
        f"{name(path)}:{key}"
        for path in (ROOT / folder).rglob("*.py")
        if KEYS not in path.parents
        for key in source(path).keys
    }

    assert spelled == set()


def test_no_two_modules_of_keys_define_one_name():
    """The package shows the names of all its modules, so a second one would hide the first."""
    names = [
        target.id if isinstance(target, ast.Name) else target.name
        for path in KEYS.glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        for target in (node.targets if isinstance(node, ast.Assign) else [node])
        if isinstance(target, ast.Name | ast.FunctionDef)
    ]

    assert [name for name in names if names.count(name) > 1] == []


CALLERS = re.compile(r"^Called by +(.+?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
A_MODULE = re.compile(r"\b(?:comanda|functions|openapi|infra|local|ops|bench|tests)(?:[./]\w+)+")


def is_there(module):
    """A name may go on behind a module: with a function of it, or an ending."""
    place = ROOT.joinpath(*re.split(r"[./]", module.removesuffix(".py")))
    in_module = "/" not in module and place.parent.with_suffix(".py").exists()
    return place.is_dir() or place.with_suffix(".py").exists() or in_module


def test_a_sign_names_callers_that_exist():
    def missing(path):
        found = CALLERS.search(source(path).docstring)
        return [one for one in A_MODULE.findall(found[1]) if not is_there(one)] if found else []

    assert wrong([*DOMAIN, *AWS, *ROOMS], missing) == {}
