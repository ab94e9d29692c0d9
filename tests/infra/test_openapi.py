"""docs/openapi.json is what the code generates, its operations are the route table, and docs/api.md knows every one."""

import json
import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

import pytest

from comanda.aws.api.routes import ROUTES, SCOPES
from comanda.domain.errors import Busy, ComandaError, Rejected
from comanda.domain.labels.labels import KINDS
from comanda.domain.orders.decision import EventType
from comanda.domain.orders.queues import ALL as QUEUES
from comanda.domain.orders.status import Status
from functions.directory.handler import MODELS
from infra.gateway_settings import REFUSALS
from openapi import description, vocabulary
from openapi.answers import problems
from openapi.examples import EXAMPLES
from openapi.operations import OPERATIONS
from openapi.schemas import references

PAGE = (description.FILE.parent / "api.md").read_text(encoding="utf-8")
# Refusals that no caller of the API meets: of mails, of the gateway, and of sessions of the console.
INSIDE = {"rejected", "busy", "mail-claimed", "mail-pending", "too-many-requests", "session-exists"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return description.document()


def test_the_committed_file_is_what_the_code_generates() -> None:
    assert description.FILE.read_text(encoding="utf-8") == description.text(), "run: comanda openapi"


def test_the_operations_are_the_route_table_with_scopes_and_callers(document: dict[str, Any]) -> None:
    described = {
        (method.upper(), path): (
            tuple(scope for way in operation["security"] for scope in way["oauth2"]),
            tuple(operation["x-callers"]),
        )
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }

    assert described == {(route.method, route.path): (route.scopes, route.who) for route in ROUTES}


def test_a_route_with_query_parameters_may_refuse_their_values(document: dict[str, Any]) -> None:
    for route in ROUTES:
        if route.parameters and route.room not in ("console", "order_form"):
            assert "422" in document["paths"][route.path][route.method.lower()]["responses"], route.path


def test_every_reference_leads_somewhere_and_every_operation_has_its_own_name(document: dict[str, Any]) -> None:
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document))):
        place: Any = document
        for part in reference.split("/"):
            place = place[part]
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(set(names)) == len(names)


def test_every_refusal_of_a_door_is_a_known_problem() -> None:
    rooms = sorted({route.room for route in ROUTES})
    for room in rooms:
        import_module(f"functions.{room}.handler")
    kinds = {
        kind for kind in _below(Rejected) | _below(Busy) if kind.__module__.startswith(("comanda.", *_inside(rooms)))
    }
    of_doors = {code for codes in problems.by_status().values() for code in codes}

    assert {kind.code for kind in kinds} - INSIDE <= of_doors
    assert {code for _, code, _, _ in REFUSALS.values()} <= of_doors


def _inside(rooms: Iterable[str]) -> Iterator[str]:
    """Yield how the names of the rooms' modules begin. Another test may have loaded rooms that answer with pages."""
    return (f"functions.{room}." for room in rooms)


def _below(kind: type[ComandaError]) -> set[type[ComandaError]]:
    """Yield the errors below this one, without those that a module keeps to itself."""
    found = {other for other in kind.__subclasses__() if not other.__name__.startswith("_")}
    return found.union(*(_below(other) for other in found))


def test_the_page_for_writers_of_clients_knows_every_route_scope_queue_status_and_problem(
    document: dict[str, Any],
) -> None:
    kinds = tuple(MODELS)
    for route in ROUTES:
        path = re.sub(rf"^/v1/({'|'.join(kinds)})(/{{id}})?$", r"/v1/<kind>\2", route.path)
        # The steps of a node's work stand in a table of their own.
        path = re.sub(r"^/v1/fulfillments/{fulfillment_id}/(?=[\w-]+$)", "", path)
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
    assert not {kind for kind in EventType if f"`{kind}`" not in PAGE}


def _schemas(document: dict[str, Any]) -> dict[str, Any]:
    return dict(document["components"]["schemas"])


def _parts(found: Any) -> Iterator[dict[str, Any]]:
    """Yield every object inside a part of the document, with the part itself."""
    if isinstance(found, dict):
        yield found
        for value in found.values():
            yield from _parts(value)
    elif isinstance(found, list):
        for value in found:
            yield from _parts(value)


def _reached(document: dict[str, Any], of: str) -> set[str]:
    """Return the names of the schemas that requests ("requestBody") or answers ("responses") use, directly or through others."""
    found: set[str] = set()
    names = [
        name for methods in document["paths"].values() for o in methods.values() for name in references(o.get(of, {}))
    ]
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            names.extend(references(_schemas(document)[name]))
    return found


def test_every_property_has_a_description(document: dict[str, Any]) -> None:
    fields = {
        f"{name}.{field}": content["description"]
        for name, schema in _schemas(document).items()
        for field, content in schema.get("properties", {}).items()
    }

    assert len(fields) > 1000
    assert [name for name, says in fields.items() if not re.fullmatch(r"[A-Z0-9].{6,}\.", says)] == []


def test_every_description_belongs_to_a_property(document: dict[str, Any]) -> None:
    fields = {(name, field) for name, schema in _schemas(document).items() for field in schema.get("properties", {})}

    assert set(vocabulary.WORDS) - {field for _, field in fields} == set()
    assert {
        (name, field) for name, field in vocabulary.OF if not {(name, field), (f"{name}In", field)} & fields
    } == set()
    assert {name for name, _ in vocabulary.ENUMERATIONS.values()} - set(_schemas(document)) == set()
    assert set(vocabulary.MAPS.values()) - set(_schemas(document)) == set()


def test_requests_are_as_closed_as_their_doors_and_answers_may_grow(document: dict[str, Any]) -> None:
    objects = {name for name, schema in _schemas(document).items() if "properties" in schema}
    closed = {name for name in objects if _schemas(document)[name].get("additionalProperties") is False}

    # A provider sends more fields than are read.
    assert (_reached(document, "requestBody") & objects) - closed == {"StripeEvent"}
    assert _reached(document, "responses") & closed == set()


def test_every_enumeration_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    for name, schema in _schemas(document).items():
        inner = [part for part in _parts(schema) if "enum" in part and part is not schema]
        assert inner == [], name


def test_every_value_of_an_enumeration_has_a_label(document: dict[str, Any]) -> None:
    enumerations = {name: schema["enum"] for name, schema in _schemas(document).items() if "enum" in schema}
    missing = {name: set(values) - set(KINDS.get(name, ())) for name, values in enumerations.items()}

    assert {name: values for name, values in missing.items() if values} == {}, "docs/how-to.md: A label"


def test_every_problem_of_the_page_has_a_label_and_no_other_has_one() -> None:
    table = PAGE.split("## Problem types")[1].split("\n## ")[0]
    cells = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]

    assert {code.strip(" `") for cell in cells for code in cell.split(",")} == set(KINDS["ProblemType"])


def test_no_two_schemas_are_one_thing_under_two_names(document: dict[str, Any]) -> None:
    by_content: dict[str, list[str]] = {}
    for side in ("requestBody", "responses"):
        for name in _reached(document, side):
            schema = _schemas(document)[name]
            if "properties" in schema and len(schema["properties"]) > 1:
                bare = re.sub(r'"description": "(?:[^"\\]|\\.)*",? ?', "", json.dumps(schema, sort_keys=True))
                by_content.setdefault(f"{side} {bare}", []).append(name)

    assert [names for names in by_content.values() if len(names) > 1] == []


def test_every_request_has_an_example_that_its_door_takes(document: dict[str, Any]) -> None:
    shown = {
        o["operationId"]: o for methods in document["paths"].values() for o in methods.values() if "requestBody" in o
    }

    assert set(shown) == set(EXAMPLES)
    for operation in OPERATIONS.values():
        if operation.body:
            content = shown[operation.name]["requestBody"]["content"]["application/json"]
            operation.body.model_validate_json(json.dumps(content["example"]))


def test_the_example_of_an_order_is_that_of_the_page(document: dict[str, Any]) -> None:
    (order,) = re.findall(r"```json\n(\{\n  \"external_id\".*?)```", PAGE, re.DOTALL)

    assert json.loads(order) == EXAMPLES["place_order"]


def test_every_link_leads_to_an_operation_with_parameters_of_its_own(document: dict[str, Any]) -> None:
    parameters = {
        o["operationId"]: {p["name"] for p in o["parameters"]}
        for methods in document["paths"].values()
        for o in methods.values()
    }
    links = [
        (name, link)
        for methods in document["paths"].values()
        for o in methods.values()
        for answer in o["responses"].values()
        for name, link in answer.get("links", {}).items()
    ]

    assert len(links) > 100
    for name, link in links:
        assert name == link["operationId"]
        assert set(link["parameters"]) <= parameters[name]


def test_a_problem_of_a_type_of_a_later_version_fits(document: dict[str, Any]) -> None:
    kind = _schemas(document)["Problem"]["properties"]["type"]

    assert "enum" not in kind
    assert kind["type"] == "string"
    assert len(kind["examples"]) > 20
