"""docs/openapi.json is what the code generates, its operations are the route table, and docs/api.md knows every one."""

import ast
import json
import re
from importlib import import_module
from typing import Any

import pytest

from comanda.aws.routes import ROUTES, SCOPES
from comanda.domain.errors import Busy, ComandaError, Rejected
from comanda.domain.queues import ALL as QUEUES
from comanda.domain.status import Status
from comanda.domain.work import EVENTS
from functions.directory.handler import MODELS
from infra.constructs.gateway import REFUSALS
from local import openapi
from local.answers import problems

PAGE = (openapi.FILE.parent / "api.md").read_text(encoding="utf-8")
# Refusals that no caller of the API meets: of the inbox's rows, of mails, of the router's view.
INSIDE = {"rejected", "busy", "row-taken", "mail-claimed", "stale-pack", "too-many-requests"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document()


def test_the_committed_file_is_what_the_code_generates() -> None:
    assert openapi.FILE.read_text(encoding="utf-8") == openapi.text(), "run: comanda openapi"


def test_its_operations_are_the_route_table_with_scopes_and_callers(document: dict[str, Any]) -> None:
    described = {
        (method.upper(), path): (
            tuple(scope for way in operation["security"] for scope in way["oauth2"]),
            tuple(operation["x-callers"]),
        )
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }

    assert described == {(route.method, route.path): (route.scopes, route.who) for route in ROUTES}


def test_every_reference_leads_somewhere_and_every_operation_has_its_own_name(document: dict[str, Any]) -> None:
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document))):
        place: Any = document
        for part in reference.split("/"):
            place = place[part]
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(set(names)) == len(names)


def test_every_refusal_of_a_door_is_a_known_problem() -> None:
    for room in sorted({route.room for route in ROUTES}):
        import_module(f"functions.{room}.handler")
    of_doors = {code for codes in problems.by_status().values() for code in codes}

    assert {kind.code for kind in _below(Rejected) | _below(Busy)} - INSIDE <= of_doors
    assert {code for _, code, _, _ in REFUSALS.values()} <= of_doors


def _below(kind: type[ComandaError]) -> set[type[ComandaError]]:
    """The errors below, those apart that a module keeps to itself."""
    found = {other for other in kind.__subclasses__() if not other.__name__.startswith("_")}
    return found.union(*(_below(other) for other in found))


def test_the_page_for_writers_of_clients_knows_every_route_scope_queue_status_and_problem(
    document: dict[str, Any],
) -> None:
    kinds = tuple(MODELS)
    for route in ROUTES:
        path = re.sub(rf"^/v1/({'|'.join(kinds)})/{{id}}$", "/v1/<kind>/{id}", route.path)
        # The steps of a node's work stand in a table of their own.
        path = re.sub(r"^/v1/fulfillments/{fulfillment_id}/(?=\w)", "", path)
        assert f"`{path}`" in PAGE or f"`{route.method} {path}`" in PAGE, route.path
    for word in (
        *kinds,
        *SCOPES,
        *QUEUES,
        *Status,
        *(code for codes in problems.by_status().values() for code in codes),
    ):
        assert f"`{word}`" in PAGE, word


def test_the_page_knows_every_type_of_event() -> None:
    """Events are made where a decision is: `Event(type=...)`, whatever the expression chooses between."""
    types = {"line_declined", "short_picked", *EVENTS.values()}
    for source in [*(openapi.ROOT / "comanda").rglob("*.py"), *(openapi.ROOT / "functions").rglob("*.py")]:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Event":
                (chosen,) = (keyword.value for keyword in node.keywords if keyword.arg == "type")
                ways = [chosen.body, chosen.orelse] if isinstance(chosen, ast.IfExp) else [chosen]
                types |= {str(way.value) for way in ways if isinstance(way, ast.Constant)}

    assert len(types) > 20
    assert not {kind for kind in types if f"`{kind}`" not in PAGE}
