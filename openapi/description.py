"""
Make the API's description in OpenAPI 3.1 from the code: routes, contracts of the rooms, shapes of the answers.

Called by   local/cli.py (`comanda openapi`), which writes docs/openapi.json; tests/infra/test_openapi.py
Returns     the document; the same code gives the same text
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from comanda.aws.api.routes import ROUTES, SCOPES, Route
from functions.fulfill.rules import STEPS
from openapi.answers import problems
from openapi.answers.master_data import ENTRIES
from openapi.examples import EXAMPLES
from openapi.operations import HEADERS, OPERATIONS, QUERY, Operation
from openapi.schemas import SCHEMAS, published

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "openapi.json"

# Names for models of two rooms that have one name. For other models, "In" distinguishes a request from its answer.
_SAME_NAME = {("intake", "LineIn"): "OrderLineIn", ("intake", "Product"): "ProductInfoIn"}

_SCOPE_SAYS = {
    "audit/read": "read who read, searched, exported or erased whom",
    "books/read": "read the books of channels: debits and credits by account",
    "cases/read": "read cases of customers",
    "cases/write": "open cases and work on them; a mailbox passes on mails",
    "clients/admin": "create and delete clients of applications",
    "credit-accounts/redeem": "read the credit accounts of customers, and let them order on account",
    "credit-accounts/write": "set what customers may owe, and book what they pay",
    "customers/erase": "erase all that is stored of a person",
    "customers/read": "read the people and addresses of orders",
    "customers/write": "merge customers, and undo that",
    "directory/read": "read nodes, products, partners, channels, calendars, types of holds and rule sets",
    "directory/write": "write nodes, products, partners, channels, calendars, types of holds and rule sets",
    "drafts/read": "read drafts: carts and orders that are being prepared",
    "drafts/write": "build, claim and give up drafts",
    "fulfillments/read": "read a node's work",
    "fulfillments/work": "do a node's work",
    "gift-cards/issue": "issue gift cards and store credit, and read their ledgers",
    "gift-cards/redeem": "read what is left of gift cards and store credit, and pay with them",
    "invoices/read": "read invoices",
    "invoices/write": "tell what a tax authority said of invoices",
    "payments/write": "credit invoices, which refunds what was paid",
    "promises/read": "request promises: dates and costs of delivery",
    "people/admin": "invite people, give them rights, sign them out; enrol devices, make badges",
    "nodes/write": "close nodes, and set their capacity on a day",
    "orders/confirm": "confirm or reject orders that sales reviews",
    "orders/hold": "hold orders and resolve holds",
    "orders/read": "read orders and queues",
    "orders/write": "place and cancel orders, answer queues",
    "stock/reserve": "reserve units of stock before an order",
    "stock/read": "read stock",
    "stock/write": "correct stock",
    "tracking/write": "tell what carriers saw of parcels",
}


def text() -> str:
    """Return the text of docs/openapi.json."""
    return json.dumps(document(), indent=1, sort_keys=True) + "\n"


def write(place: Path = FILE) -> Path:
    """Write the description into a file. Returns its path."""
    place.write_text(text(), encoding="utf-8")
    return place


def document() -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Comanda",
            "version": tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"],
            "description": "The public API of an order management system. docs/api.md says how it is used.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [
            {
                "url": "{base_url}",
                "description": "The address that `make up` prints as API, or the parameter api-url of a stage.",
                "variables": {"base_url": {"default": "https://api.example.com/live"}},
            }
        ],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "responses": {_refusal(status): _problem(status, codes) for status, codes in problems.by_status().items()},
            "headers": {name: _text_of(says) for name, says in HEADERS.items()},
            "securitySchemes": {
                "oauth2": {
                    "type": "oauth2",
                    "description": "Client credentials, HTTP basic; one hour. A scope says what the application may do, "
                    "Directory says what is its own.",
                    "flows": {
                        "clientCredentials": {
                            "tokenUrl": "https://auth.example.com/oauth2/token",
                            "scopes": {scope: _SCOPE_SAYS[scope] for scope in SCOPES},
                        }
                    },
                }
            },
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    known = OPERATIONS[route.method, route.path]
    out: dict[str, Any] = {
        "operationId": known.name,
        "summary": known.says,
        "tags": [route.path.split("/")[2]],
        "parameters": _parameters(route, known),
        "responses": {
            **{str(status): _answer(route, known, status, shape) for status, shape in known.answers},
            **{
                str(status): {"$ref": f"#/components/responses/{_refusal(status)}"} for status in _refused(route, known)
            },
        },
        "security": [{"oauth2": [scope]} for scope in route.scopes],
        "x-callers": list(route.who),
    }
    if known.note:
        out["description"] = known.note
    if known.body:
        content = {"schema": _ref(known.body, body=True), "example": EXAMPLES[known.name]}
        out["requestBody"] = {"required": True, "content": {"application/json": content}}
    return out


def _parameters(route: Route, known: Operation) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    in_query = [
        {"name": name, "in": "query", "required": name in known.must, **QUERY[name]} for name in route.parameters
    ]
    in_header = []
    if route.method in ("POST", "PATCH") and not known.asks:
        in_header.append(
            _header("Idempotency-Key", required=True, schema={"type": "string", "minLength": 1, "maxLength": 255})
        )
    if known.if_match:
        required = known.if_match == "required"
        in_header.append(
            _header("If-Match", required=required, schema={"type": "string", "pattern": r'^(W/)?"?v?\d{1,9}"?$'})
        )
    return [*in_path, *in_query, *in_header]


_SENT = {
    "Idempotency-Key": "Your own name of this wish. The same key and request get the same answer for 48 hours.",
    "If-Match": "The ETag that you decided on.",
}


def _header(name: str, *, required: bool, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "description": _SENT[name], "schema": schema}


def _answer(route: Route, known: Operation, status: int, shape: type[BaseModel] | str | None) -> dict[str, Any]:
    out: dict[str, Any] = {"description": _STATUS_SAYS[status]}
    if isinstance(shape, str):
        out["content"] = {shape: {"schema": {"type": "string"}}}
    elif shape is not None:
        out["content"] = {"application/json": {"schema": _ref(shape)}}
    if names := known.headers(status, pages=route.pages):
        out["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    if isinstance(shape, type) and (links := _links(known.name, _name_of(shape))):
        out["links"] = links
    return out


_IN_BODY, _IN_PATH = "$response.body#/", "$request.path."
_ORDER_ID = {"order_id": f"{_IN_BODY}order_id"}
_FULFILLMENT_ID = {"fulfillment_id": f"{_IN_BODY}fulfillment_id"}
_INVOICE_ID = {"invoice_id": f"{_IN_BODY}invoice_id"}
_RESERVATION_ID = {"reservation_id": f"{_IN_BODY}reservation_id"}
_DRAFT_ID = {"draft_id": f"{_IN_BODY}draft_id"}
_CLIENT_ID = {"id": f"{_IN_BODY}client_id"}
_ID = {"id": f"{_IN_BODY}id"}
_PERSON_ID = {"person_id": f"{_IN_BODY}person_id"}
_SUPPLY_ID = {"id": f"{_IN_BODY}supply_id"}
# Schema of an answer -> the operations that its ids lead to, with their parameters.
_LEADS_TO: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "Order": dict.fromkeys(("get_order", "get_events", "get_decisions", "get_contact", "cancel", "hold"), _ORDER_ID),
    "Invoice": {"get_order": _ORDER_ID, "get_fulfillment": _FULFILLMENT_ID},
    "CreditNote": {
        "get_order": _ORDER_ID,
        "get_invoice": {"invoice_id": f"{_IN_BODY}invoice_id"},
        "get_credit_note": {"credit_note_id": f"{_IN_BODY}credit_note_id"},
    },
    "Fulfillment": {
        **dict.fromkeys(("get_fulfillment", *(step.replace("-", "_") for step in STEPS)), _FULFILLMENT_ID),
        "get_document": {**_FULFILLMENT_ID, "name": "packing-slip"},
        "get_order": _ORDER_ID,
        "get_invoice": _INVOICE_ID,
        "get_invoice_pdf": _INVOICE_ID,
        "get_invoice_xml": _INVOICE_ID,
    },
    "Reservation": dict.fromkeys(
        ("get_reservation", "extend_reservation", "promote_reservation", "release_reservation"), _RESERVATION_ID
    ),
    "Draft": dict.fromkeys(
        (
            "get_draft",
            "change_draft",
            *(f"{step}_draft" for step in ("claim", "release", "abandon", "quote", "confirm")),
        ),
        _DRAFT_ID,
    ),
    "Told": {"get_supply": _SUPPLY_ID},
    "NewClient": dict.fromkeys(("get_client", "delete_client"), _CLIENT_ID),
    "Client": {"delete_client": _CLIENT_ID},
    "Person": dict.fromkeys(("get_person", "sign_person_out", "remove_person"), _PERSON_ID),
    "EnrolledDevice": {"revoke_device": {"device_id": f"{_IN_BODY}device_id"}},
    "Closure": {"end_closure": {"id": f"{_IN_PATH}id", "closure_id": f"{_IN_BODY}closure_id"}},
    "RuleSet": dict.fromkeys(("get_rule_set", "activate_rule_set", "try_rule_set"), _ID),
    "RuleSetTimes": dict.fromkeys(("get_rule_set", "activate_rule_set", "try_rule_set"), _ID),
}


def _links(operation: str, shape: str) -> dict[str, Any]:
    """Return the operations that the answer's ids lead to, as OpenAPI links by their names."""
    leads = dict(_LEADS_TO.get(shape, {}))
    if operation.startswith("put_") and shape in _ENTRIES:
        leads = {operation.replace("put_", "get_", 1): {"id": f"{_IN_PATH}id"}}
    return {
        name: {"operationId": name, "parameters": dict(parameters)}
        for name, parameters in leads.items()
        if name != operation
    }


_ENTRIES = frozenset(shape.__name__ for shape in ENTRIES.values())
_STATUS_SAYS = {200: "done", 201: "created", 202: "begun", 204: "gone", 303: "see the document"}


def _refused(route: Route, known: Operation) -> list[int]:
    """Return the statuses of the problems that this route may answer."""
    if not route.scopes and not known.body:
        return [400, *([422] if route.parameters else []), 429, 500, 504]
    found = {400, 403, 429, 500, 503, 504, *([401] if route.scopes else [])}
    if "{" in route.path or route.query:
        found.add(404)
    if known.forbidden_now or (route.method in ("POST", "PATCH", "DELETE") and not known.asks):
        found.add(409)
    if known.body:
        found |= {413, 422}
    if route.parameters:
        found.add(422)
    if known.if_match:
        found |= {412, 428} if known.if_match == "required" else {412}
    return sorted(found)


def _refusal(status: int) -> str:
    return f"problem_{status}"


def _problem(status: int, codes: Iterable[str]) -> dict[str, Any]:
    out: dict[str, Any] = {
        "description": f"One of {', '.join(problems.URN + code for code in codes)}",
        "content": {"application/problem+json": {"schema": {"$ref": f"{SCHEMAS}Problem"}}},
    }
    if status in (409, 429, 503, 504):
        out["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return out


def _text_of(says: str) -> dict[str, Any]:
    return {"description": says, "schema": {"type": "string"}}


def _ref(model: type[BaseModel], *, body: bool = False) -> dict[str, Any]:
    name = _name_of(model)
    asked = f"{name}In"
    return {"$ref": SCHEMAS + (asked if body and asked in _schemas() else name)}


def _name_of(model: type[BaseModel]) -> str:
    raw = _generated()[0][model, "validation"]["$ref"]
    return _name(raw.removeprefix(SCHEMAS))


@cache
def _generated() -> tuple[Any, dict[str, Any]]:
    """Return the reference of every model of a request or an answer, and all definitions under pydantic's own names."""
    models = {known.body for known in OPERATIONS.values() if known.body} | {problems.Problem}
    models |= {shape for known in OPERATIONS.values() for _, shape in known.answers if isinstance(shape, type)}
    ordered = sorted(models, key=lambda model: (model.__module__, model.__name__))
    refs, made = models_json_schema([(model, "validation") for model in ordered], ref_template=SCHEMAS + "{model}")
    return refs, made["$defs"]


@cache
def _schemas() -> dict[str, Any]:
    definitions = _generated()[1]
    named = {_name(raw): _plain(schema) for raw, schema in definitions.items()}
    if len(named) != len(definitions):
        raise RuntimeError("two models of the contract have one name: give one of them its own in _SAME_NAME")
    requests = {_name_of(known.body) for known in OPERATIONS.values() if known.body}
    answers = {
        _name_of(shape) for known in OPERATIONS.values() for _, shape in known.answers if isinstance(shape, type)
    }
    found = published(named, requests=requests, answers={*answers, "Problem"})
    codes = sorted({code for codes in problems.by_status().values() for code in codes})
    found["Problem"]["properties"]["type"] |= {"examples": [problems.URN + code for code in codes]}
    return found


def _name(raw: str) -> str:
    """Return our name of a definition from pydantic's, which is its class, with its module where two have one name."""
    *module, name = raw.split("__")
    if page := re.fullmatch(r"Page_(\w+)_", name):
        return f"{page[1]}Page"
    if not module or module[0] == "openapi":
        return name
    return _SAME_NAME.get((module[1], name), name if name.endswith("In") else f"{name}In")


def _plain(found: Any) -> Any:
    """Return a schema without pydantic's titles, which repeat the names, and with references by our names."""
    if isinstance(found, list):
        return [_plain(value) for value in found]
    if not isinstance(found, dict):
        return found
    out = {}
    for key, value in found.items():
        if key == "title" and isinstance(value, str):
            continue
        out[key] = SCHEMAS + _name(value.removeprefix(SCHEMAS)) if key == "$ref" else _plain(value)
    return out
