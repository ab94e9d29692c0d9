"""
Read bodies and preconditions of HTTP requests, and write answers, with domain errors as problem+json.

A door is a Powertools REST resolver made by `door()`; its room's handler is `serve(app, event, context)`. Everything a
door raises becomes RFC 9457 here: an error that nobody expected is logged, and answered with 500 and nothing of its text.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn
from urllib.parse import unquote, urlencode

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from comanda.aws.api.json_pointer import pointer
from comanda.aws.api.routes import ROUTES_BY_METHOD
from comanda.aws.directory import directory
from comanda.aws.dynamodb.items import compact, pack
from comanda.aws.runtime import deadline
from comanda.aws.runtime.room import report
from comanda.domain import errors, text
from comanda.domain.errors import ComandaError, Invalid, NotFound, Problem
from comanda.domain.orders.order import Order

PROBLEM = "application/problem+json"
MOST_BYTES = 1_000_000
MOST_PACKED = 300_000  # of a document that is kept: with its calendar it fits into one item of a pack

logger = Logger()


class Internal(ComandaError):
    """A fault of this system, or of a service that it calls."""

    code = "internal"


class BadRequest(errors.Rejected):
    """The request is not even JSON."""

    code = "malformed-request"


class BadQuery(Invalid):
    """Query parameters that the route does not take, that occur twice, or that have no value."""

    code = "bad-query"


class TooLarge(errors.Rejected):
    """The body is over 1 MB."""

    code = "body-too-large"


_STATUS: tuple[tuple[type[ComandaError], int], ...] = (
    (BadQuery, 400),
    (errors.Invalid, 422),
    (errors.NotFound, 404),
    (errors.Forbidden, 403),
    (errors.PreconditionMissing, 428),
    (errors.PreconditionFailed, 412),
    (errors.KeyMissing, 400),
    (errors.KeyReused, 422),
    (errors.OrderTooLarge, 422),
    (errors.TooDear, 422),
    (errors.NotAllowed, 409),
    (errors.AlreadyExists, 409),
    (errors.OutOfStock, 409),
    (errors.Busy, 503),
    (Internal, 500),
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a door says. `body` is plain JSON."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        """The body as it is sent, and as it is kept for repetitions."""
        return compact(self.body)


def door() -> APIGatewayRestResolver:
    """Return a resolver that answers every error with a problem, and that takes no query parameters but the route's."""
    app = APIGatewayRestResolver()
    app.use([_checked])
    app.exception_handler(ComandaError)(lambda error: _problem(app, error))
    app.exception_handler(NotFoundError)(lambda _: _problem(app, NotFound("route", app.current_event.path)))
    app.exception_handler(Exception)(lambda error: _unexpected(app, error))
    return app


def _checked(app: APIGatewayRestResolver, answer: Callable[[Any], Response[str]]) -> Response[str]:
    check_path(app.current_event.raw_event)
    check_query(app.current_event.raw_event)
    return answer(app)


def serve(app: APIGatewayRestResolver, event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request of the gateway."""
    deadline.begin(context)
    directory.look_again()
    return app.resolve(_with_ids(event), context)


def respond(answer: Answer) -> Response[str]:
    return Response(
        status_code=answer.status,
        content_type="application/json",
        body=answer.text,
        headers=dict(answer.headers),
    )


def page(event: dict[str, Any], items: list[dict[str, Any]], following: str | None) -> Response[str]:
    """A page of a list: the cursor of the next one in the body, and in a Link with the same filters."""
    headers = {}
    if following:
        asked = urlencode({**query(event), "cursor": following}, safe="=")
        headers = {"Link": f'<{event["path"]}?{asked}>; rel="next"'}
    return respond(Answer(status=200, body={"items": items, "next": following}, headers=headers))


def order_headers(order: Order) -> dict[str, str]:
    return {"ETag": f'"v{order.version}"'}


def header(event: dict[str, Any], name: str) -> str | None:
    """A request header, whatever its case."""
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
    """Return a part of the path, which the gateway passes on percent-encoded, as it was sent. Raises Invalid for a
    value that is not Unicode text."""
    return _trimmed(unquote(event["pathParameters"][name]), pointer([name]))


def _with_ids(event: dict[str, Any]) -> dict[str, Any]:
    """Return the request with each id of its path as this system writes it, however it was encoded."""
    named = {name: _id(value) for name, value in (event.get("pathParameters") or {}).items()}
    return {**event, "path": "/".join(map(_id, event["path"].split("/"))), "pathParameters": named or None}


def _id(part: str) -> str:
    """Return an id without blanks around it, however its path was encoded. A part that can be no id is returned as it
    was sent: no key is made of it."""
    plain = text.trimmed(unquote(part))
    return plain if _OF_IDS.fullmatch(plain) else part


_OF_IDS = re.compile(r"[A-Za-z0-9._~-]+")


def _trimmed(value: str, at: str) -> str:
    if not text.is_text(value):
        raise Invalid(Problem(pointer=at, code="not-text", message=_HALF))
    return text.trimmed(value)


_HALF = "holds half of a surrogate pair, which is no text"


def check_path(event: dict[str, Any]) -> None:
    """Raise NotFound for a part of the path that is too long for any key, and so names nothing."""
    puts = event["httpMethod"] == "PUT" and event["resource"].endswith("/{id}")  # such a door says what an id takes
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
    problems = []
    for name, value in given.items():
        if name not in route.parameters:
            problems.append(
                Problem(pointer=pointer([name]), code="unknown-parameter", message=f"is not known: {takes}")
            )
        elif len(often.get(name, ())) > 1:
            problems.append(Problem(pointer=pointer([name]), code="duplicate", message="stands twice"))
        elif not value.strip():
            message = "is empty: give it a value, or leave it out"
            problems.append(Problem(pointer=pointer([name]), code="empty-parameter", message=message))
    if problems:
        raise BadQuery(*problems)


def read_json(event: dict[str, Any]) -> Any:
    """The body as JSON. Raises TooLarge, BadRequest."""
    raw = raw_body(event)
    if len(raw) > MOST_BYTES:
        raise TooLarge(f"{len(raw)} bytes, {MOST_BYTES} are taken")
    try:
        found = json.loads(raw.decode() or "{}", parse_constant=_no_constant, object_pairs_hook=_no_duplicates)
    except UnicodeDecodeError as error:
        raise BadRequest(f"the body is not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON: {error}") from error
    except RecursionError as error:
        raise BadRequest("the body is nested too deeply") from error
    except ValueError as error:  # a number of thousands of digits
        raise BadRequest("the body has a number that is too long") from error
    if _HALF_ESCAPED.search(raw):
        _refuse_halves(found)
    return found


# A surrogate that is written as an escape; both halves of a pair are, too, and are text together.
_HALF_ESCAPED = re.compile(rb"\\u[dD][89a-fA-F]")


def _refuse_halves(found: Any) -> None:
    """Raise Invalid for every text in a JSON document that holds half of a surrogate pair."""
    wrong: list[Problem] = []
    waiting: list[tuple[list[str], Any]] = [([], found)]
    while waiting:
        at, value = waiting.pop()
        if isinstance(value, dict):
            wrong += [_half([*at, name]) for name in value if not text.is_text(name)]
            waiting += [([*at, name], inner) for name, inner in value.items()]
        elif isinstance(value, list):
            waiting += [([*at, str(i)], inner) for i, inner in enumerate(value)]
        elif isinstance(value, str) and not text.is_text(value):
            wrong.append(_half(at))
    if wrong:
        raise Invalid(*sorted(wrong, key=lambda problem: problem.pointer))


def _half(at: list[str]) -> Problem:
    return Problem(pointer=pointer(at), code="not-text", message=_HALF)


def raw_body(event: dict[str, Any]) -> bytes:
    """Return the body's bytes. Raises BadRequest when its base64 is wrong."""
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        import base64

        try:
            return base64.b64decode(body)
        except ValueError as error:
            raise BadRequest("the body is not what it was sent as") from error
    return str(body).encode("utf-8", "surrogatepass")  # what is no text is no UTF-8 where it is read


def _no_constant(name: str) -> NoReturn:
    raise BadRequest(f"{name} is not JSON")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise BadRequest(f"field {next(n for n in names if names.count(n) > 1)} stands twice")
    return found


def check_size(document: dict[str, Any]) -> None:
    """Raises Invalid for a document that is too large to keep, at the field that has most of it."""
    packed = len(pack(document))
    if packed > MOST_PACKED:
        heaviest = max(document, key=lambda name: len(pack(document[name])))
        message = f"the document has {packed} bytes when it is compressed, {MOST_PACKED} are kept"
        raise Invalid(Problem(pointer=f"/{heaviest}", code="document-too-large", message=message))


def read[Model](event: dict[str, Any], model: type[Model]) -> Model:
    """The body as a pydantic model of the contract. Raises Invalid with a JSON pointer for each wrong field."""
    from pydantic import ValidationError

    try:
        checked: Model = model.model_validate(read_json(event))  # type: ignore[attr-defined]  # a pydantic model
    except ValidationError as error:
        from comanda.aws.api.contracts import problem

        raise Invalid(*map(problem, error.errors(include_url=False, include_input=False))) from error
    return checked


@contextmanager
def lines_as_sent(lines: Iterable[str] | None) -> Iterator[None]:
    """The domain names a line by its id; who sent lines knows them by their places, and so a refusal of one names its
    quantity there."""
    try:
        yield
    except errors.NotAllowed as refused:
        if refused.line:
            places = {name: f"/lines/{i}/quantity" for i, name in enumerate(lines or ())}
            refused.pointer = places.get(refused.line, refused.pointer)
        raise


def if_match(event: dict[str, Any], *, required: bool = True) -> int | None:
    """The version that If-Match names. Raises PreconditionMissing, BadRequest."""
    given = header(event, "if-match")
    if given is None:
        if required:
            raise errors.PreconditionMissing("this changes an order: send If-Match with its ETag")
        return None
    version = given.strip().removeprefix("W/").strip('"').removeprefix("v")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise BadRequest("If-Match is not an ETag of ours")
    return int(version)


def require_version(expected: int | None, current: int) -> None:
    if expected is not None and expected != current:
        raise errors.PreconditionFailed(current)


def status_of(kind: type[ComandaError]) -> int:
    """The HTTP status that a domain error is answered with."""
    if issubclass(kind, TooLarge):
        return 413
    return next((status for known, status in _STATUS if issubclass(kind, known)), 400)


def _unexpected(app: APIGatewayRestResolver, error: Exception) -> Response[str]:
    """Report an unexpected error, and answer it with 500 and a problem. API Gateway alone would answer 502 and no
    problem."""
    report(error, app.current_event.raw_event, app.lambda_context)
    return _problem(app, Internal("asking again with the same key is safe"))


def _problem(app: APIGatewayRestResolver, error: ComandaError) -> Response[str]:
    status = status_of(type(error))
    event = app.current_event.raw_event
    body: dict[str, Any] = {
        "type": f"urn:comanda:problem:{error.code}",
        "title": error.code.replace("-", " "),
        "status": status,
        "detail": str(error),
        "errors": _errors(error),
        "trace_id": event["requestContext"].get("requestId", ""),
    }
    match error:
        case errors.AlreadyExists():
            body["order_id"] = error.order_id
        case errors.Held():
            body["hold_id"], body["hold_type"] = error.hold_id, error.hold_type
        case errors.WrongRegion():
            body["cell"] = error.cell
    logger.info("refused", extra={"problem": error.code, "status": status, "route": event.get("resource")})
    return Response(
        status_code=status,
        content_type=PROBLEM,
        body=json.dumps(body, ensure_ascii=False).encode("utf-8", "backslashreplace").decode(),
        headers={"Retry-After": "1"} if status in (429, 503) or isinstance(error, errors.InProgress) else {},
    )


def _errors(error: ComandaError) -> list[dict[str, str]]:
    if isinstance(error, Invalid | errors.NotAvailable | errors.Forbidden):
        return [{"pointer": p.pointer, "code": p.code, "message": p.message} for p in error.problems]
    if isinstance(error, errors.NotAllowed) and error.pointer:
        return [{"pointer": error.pointer, "code": error.code, "message": str(error)}]
    return []
