"""Make the events that API Gateway passes on to rooms, and pass them on."""

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from comanda.aws.api.routes import ROUTES, Route
from tests.functions import grants

_PATTERNS = [(route, re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path) + "$")) for route in ROUTES]


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Return the route of a request with the named parts of its path, None for a request that no route takes."""
    found = ((route, pattern.match(path)) for route, pattern in _PATTERNS if route.method == method)
    for route, match in found:
        if match:
            step = {"step": path.rpartition("/")[2]} if route.step_of else {}
            return route, {**match.groupdict(), **step}
    return None


def event(
    method: str,
    path: str,
    *,
    resource: str,
    values: Mapping[str, str],
    headers: Mapping[str, str],
    query: Mapping[str, Sequence[str | None]],
    body: str | None,
    context: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the event of a request. `values` are the named parts of the path, `context` is what the gateway knows of it."""
    return {
        "httpMethod": method,
        "resource": resource,
        "path": path,
        "pathParameters": dict(values) or None,
        "headers": headers,
        "queryStringParameters": {name: found[-1] for name, found in query.items()} or None,
        "multiValueQueryStringParameters": dict(query) or None,
        "body": body,
        "isBase64Encoded": False,
        "requestContext": context,
    }


def answer(room: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer of a room to an event."""
    with grants.of_room(room):
        found: dict[str, Any] = import_module(f"functions.{room}.handler").handler(asked, None)
    return found


def flat(headers: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the first value of each header of an answer."""
    return {name: values[0] for name, values in headers.items()}
