"""
Serve the doors of the API: routes, path and query, bodies and preconditions of requests, answers and pages.

Called by   every room with a door: `door()` makes its Powertools resolver, `serve(app, event, context)` is its handler
Returns     responses; each error that a door raises becomes a problem (comanda.aws.api.problems)
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload
from urllib.parse import unquote, urlencode

from comanda.aws.api import problems
from comanda.aws.api.json_body import HALF_A_PAIR, read_json
from comanda.aws.api.json_pointer import pointer
from comanda.aws.api.problems import BadQuery, BadRequest
from comanda.aws.api.resolver import APIGatewayRestResolver, NotFoundError, Response
from comanda.aws.api.routes import ROUTES_BY_METHOD
from comanda.aws.directory import directory
from comanda.aws.dynamodb.items import compact, pack
from comanda.aws.runtime import deadline
from comanda.domain import errors, text
from comanda.domain.errors import ComandaError, Invalid, NotFound, Problem

if TYPE_CHECKING:  # a room without orders need not load their code
    from comanda.domain.orders.order import Order

MOST_PACKED = 300_000  # bytes of a stored document: with its calendar it fits into one item of a pack


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer of a door. `body` is plain JSON."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        """Return the body as it is sent, and as it is kept for repetitions."""
        return compact(self.body)


def sent_bytes(value: Any) -> int:
    """Return how many bytes a value takes in an answer of Lambda at most: JSON within JSON, in ASCII."""
    return len(json.dumps(json.dumps(value)))


def door() -> APIGatewayRestResolver:
    """Return a resolver that answers every error with a problem, and that takes no query parameters but the route's."""
    app = APIGatewayRestResolver()
    app.use([_checked])
    app.exception_handler(ComandaError)(lambda error: problems.refusal(app, error))
    app.exception_handler(NotFoundError)(lambda _: problems.refusal(app, NotFound("route", app.current_event.path)))
    app.exception_handler(Exception)(lambda error: problems.unexpected(app, error))
    return app


def _checked(app: APIGatewayRestResolver, answer: Callable[[Any], Response[str]]) -> Response[str]:
    check_path(app.current_event.raw_event)
    check_query(app.current_event.raw_event)
    return answer(app)


def serve(app: APIGatewayRestResolver, event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request of the gateway."""
    deadline.begin(context)
    directory.forget_missing()
    return app.resolve(_with_ids(event), context)


def respond(answer: Answer) -> Response[str]:
    return Response(
        status_code=answer.status,
        content_type="application/json",
        body=answer.text,
        headers=dict(answer.headers),
    )


def csv_file(name: str, body: str, headers: Mapping[str, str] | None = None) -> Response[str]:
    """Answer a file for spreadsheets, which a browser saves under its name."""
    return Response(
        status_code=200,
        content_type="text/csv; charset=utf-8",
        body=body,
        headers={"Content-Disposition": f'attachment; filename="{name}"', **(headers or {})},
    )


def required(event: dict[str, Any], name: str) -> str:
    """Return a parameter of the query. Raises Invalid without it."""
    found: str = query(event).get(name, "")
    if not found:
        raise Invalid(Problem(pointer=f"/{name}", code="missing", message=f"is required: ?{name}="))
    return found


def page(event: dict[str, Any], items: list[dict[str, Any]], following: str | None) -> Response[str]:
    """Return a page of a list. The cursor of the next page is in the body, and in a Link header with the same filters."""
    return respond(Answer(status=200, body={"items": items, "next": following}, headers=next_link(event, following)))


def next_link(event: dict[str, Any], following: str | None) -> dict[str, str]:
    """Return the Link header that leads to the next page with the same filters; none without a cursor."""
    if not following:
        return {}
    same_filters = urlencode({**query(event), "cursor": following}, safe="=")
    return {"Link": f'<{event["path"]}?{same_filters}>; rel="next"'}


def order_headers(order: "Order") -> dict[str, str]:
    return {"ETag": f'"v{order.version}"'}


def header(event: dict[str, Any], name: str) -> str | None:
    """Return a request header. `name` is in lower case; the request may spell it in any case."""
    for key, value in (event.get("headers") or {}).items():
        if key.lower() == name:
            return str(value)
    return None


def query(event: dict[str, Any]) -> dict[str, str]:
    """Return the filters of a list, by name. Raises Invalid for a value that is not Unicode text."""
    found = event.get("queryStringParameters") or {}
    values = {name: _trimmed(value or "", pointer([name])) for name, value in found.items()}
    for name, value in values.items():
        if name != "cursor" and len(value) > text.NAME.most:
            message = f"takes at most {text.NAME.most} characters"
            raise Invalid(Problem(pointer=pointer([name]), code="string-too-long", message=message))
        if name == "node_id" and value and not text.ID.fits(value):
            raise NotFound("node", value[:80])
    return values


def path_parameter(event: dict[str, Any], name: str) -> str:
    """Return a part of the path as the caller sent it: the gateway passes it on percent-encoded. Raises Invalid for a value
    that is not Unicode text."""
    return _trimmed(unquote(event["pathParameters"][name]), pointer([name]))


def _with_ids(event: dict[str, Any]) -> dict[str, Any]:
    """Return the request with each id of its path as this system writes it, however it was encoded."""
    named = {name: _id(value) for name, value in (event.get("pathParameters") or {}).items()}
    return {**event, "path": "/".join(map(_id, event["path"].split("/"))), "pathParameters": named or None}


def _id(part: str) -> str:
    """Return an id without blanks around it, however its path was encoded. A part that can be no id is returned as it
    was sent: no key is made of it."""
    if _ID_CHARACTERS.fullmatch(part):
        return part  # nothing of it is encoded: so for most
    plain = text.trimmed(unquote(part))
    return plain if _ID_CHARACTERS.fullmatch(plain) else part


_ID_CHARACTERS = re.compile(r"[A-Za-z0-9._~-]+")


def _trimmed(value: str, at: str) -> str:
    if not text.is_text(value):
        raise Invalid(Problem(pointer=at, code="not-text", message=HALF_A_PAIR))
    return text.trimmed(value)


def check_path(event: dict[str, Any]) -> None:
    """Raise NotFound for a part of the path that is longer than any id."""
    puts = event["httpMethod"] == "PUT" and event["resource"].endswith("/{id}")  # such a door checks the id itself
    for name, value in (event.get("pathParameters") or {}).items():
        if not puts and len(unquote(value)) > text.NAME.most:
            raise NotFound(name, unquote(value)[:80])


def check_query(event: dict[str, Any]) -> None:
    """Raise BadQuery for each query parameter that the route does not take, that has no value, or that occurs twice."""
    route = ROUTES_BY_METHOD.get((event["httpMethod"], event["resource"]))
    if route is None or not (given := query(event)):
        return
    often = event.get("multiValueQueryStringParameters") or {}
    takes = f"the route takes {', '.join(route.parameters)}" if route.parameters else "the route takes none"
    wrong = []
    for name, value in given.items():
        if name not in route.parameters:
            wrong.append(Problem(pointer=pointer([name]), code="unknown-parameter", message=f"is not known: {takes}"))
        elif len(often.get(name, ())) > 1:
            wrong.append(Problem(pointer=pointer([name]), code="duplicate", message="stands twice"))
        elif not value.strip():
            message = "is empty: give it a value, or leave it out"
            wrong.append(Problem(pointer=pointer([name]), code="empty-parameter", message=message))
    if wrong:
        raise BadQuery(*wrong)


def check_size(document: dict[str, Any]) -> None:
    """Raise Invalid for a document that is too large to store. The problem names the largest field."""
    packed = len(pack(document))
    if packed > MOST_PACKED:
        heaviest = max(document, key=lambda name: len(pack(document[name])))
        message = f"the document has {packed} bytes when it is compressed, {MOST_PACKED} are kept"
        raise Invalid(Problem(pointer=f"/{heaviest}", code="document-too-large", message=message))


def read[Model](event: dict[str, Any], model: type[Model]) -> Model:
    """Return the body as a pydantic model of the contract. Raises Invalid with a JSON pointer for each wrong field."""
    from pydantic import ValidationError

    try:
        checked: Model = model.model_validate(read_json(event))  # type: ignore[attr-defined]  # a pydantic model
    except ValidationError as error:
        from comanda.aws.api.contracts import problem

        raise Invalid(*map(problem, error.errors(include_url=False, include_input=False))) from error
    return checked


@contextmanager
def lines_as_sent(lines: Iterable[str] | None) -> Iterator[None]:
    """Let a refusal of a line name its quantity in the request. The domain knows a line by its id, the caller by its place
    in the list. `lines` are the ids in that order, None for a request without lines."""
    try:
        yield
    except errors.NotAllowed as refused:
        if refused.line:
            places = {name: f"/lines/{i}/quantity" for i, name in enumerate(lines or ())}
            refused.pointer = places.get(refused.line, refused.pointer)
        raise


@overload
def if_match(event: dict[str, Any], *, least: int = 1) -> int: ...


@overload
def if_match(event: dict[str, Any], *, required: bool, least: int = 1) -> int | None: ...


def if_match(event: dict[str, Any], *, required: bool = True, least: int = 1) -> int | None:
    """Return the version that If-Match names, None without the header. Raises PreconditionMissing, BadRequest.

    `least` is the first version that there can be.
    """
    given = header(event, "if-match")
    if given is None:
        if required:
            raise errors.PreconditionMissing("If-Match is missing: send the ETag of the version that you decided on")
        return None
    version = given.strip().removeprefix("W/").strip('"').removeprefix("v")
    is_number = version.isascii() and version.isdigit() and len(version) < 10
    number = int(version) if is_number else -1
    if str(number) != version or number < least:
        raise BadRequest("If-Match is not an ETag of ours")
    return number


def require_version(expected: int | None, current: int, *, since: int | None = None) -> None:
    """Raise PreconditionFailed when the caller expects another version. None expects any version.

    With `since`, the version of the last change, every version from it on is as good: no step in between is a change.
    """
    if expected is not None and not (current if since is None else since) <= expected <= current:
        raise errors.PreconditionFailed(current)
