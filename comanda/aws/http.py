"""
HTTP, once: who calls and what they may, bodies, idempotency, preconditions, and domain errors as problem+json.

A door is a Powertools REST resolver made by `door()`; its room's handler is `serve(app, event, context)`. Everything a
door raises becomes RFC 9457 here. What is not ours to translate goes up: the gateway answers it without a trace.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any, NoReturn
from urllib.parse import urlencode

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from comanda.aws import directory, keys, transaction
from comanda.aws.clients import client
from comanda.aws.items import attributes, compact, item, pack, pack_text, unpack
from comanda.aws.routes import ADMIN, CHANNEL, NODE, PARTNER, ROUTES, STAFF, WORKER
from comanda.aws.transaction import Write
from comanda.domain import errors
from comanda.domain.errors import ComandaError, Invalid, NotFound, Problem
from comanda.domain.order import Fulfillment, Order

PROBLEM = "application/problem+json"
MOST_BYTES = 1_000_000
_KEPT_SECONDS = 48 * 3600  # how long an idempotency key is remembered
_MOST_ANSWER = 200_000  # bytes of an answer that is kept whole

logger = Logger()

_STATUS: tuple[tuple[type[ComandaError], int], ...] = (
    (errors.Invalid, 422),
    (errors.NotFound, 404),
    (errors.Forbidden, 403),
    (errors.PreconditionMissing, 428),
    (errors.PreconditionFailed, 412),
    (errors.KeyMissing, 400),
    (errors.KeyReused, 422),
    (errors.OrderTooLarge, 422),
    (errors.NotAllowed, 409),
    (errors.AlreadyExists, 409),
    (errors.OutOfStock, 409),
    (errors.Busy, 503),
)

_WHO = {(route.method, route.path): route.who for route in ROUTES}


class BadRequest(errors.Rejected):
    """The request is not even JSON."""

    code = "malformed-request"


class TooLarge(errors.Rejected):
    """The body is over 1 MB."""

    code = "body-too-large"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls: a client or a person, its kinds (see `comanda.aws.routes`), and what is theirs."""

    id: str
    kinds: frozenset[str]
    channels: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()
    partner: str | None = None

    @property
    def office(self) -> bool:
        return not self.kinds.isdisjoint((ADMIN, STAFF))

    def sees_channel(self, channel: str) -> bool:
        return self.office or (CHANNEL in self.kinds and channel in self.channels)

    def sees_node(self, node: str, partner: str | None = None) -> bool:
        works = not self.kinds.isdisjoint((NODE, WORKER)) and node in self.nodes
        return ADMIN in self.kinds or STAFF in self.kinds or works or self.is_partner(node, partner)

    def is_partner(self, node: str, partner: str | None) -> bool:
        return PARTNER in self.kinds and (node in self.nodes or (partner is not None and partner == self.partner))

    def sees_fulfillment(self, fulfillment: Fulfillment) -> bool:
        return self.sees_node(fulfillment.node, fulfillment.partner)

    def require_order(self, order: Order) -> Order:
        """The order, when it is theirs. Raises NotFound as if it were not there."""
        if not self.sees_channel(order.channel):
            raise NotFound("order", order.order_id)
        return order

    def require_fulfillment(self, order: Order, number: int) -> Fulfillment:
        """The fulfillment, when it is theirs. Raises NotFound as if it were not there."""
        fulfillment = order.fulfillment(number)
        if not self.sees_fulfillment(fulfillment):
            raise NotFound("fulfillment", f"{order.order_id}-{number:03d}")
        return fulfillment


def caller(event: dict[str, Any]) -> Caller:
    """Who calls, from the token's claims and Directory; default deny.

    Raises Forbidden when Directory does not know them or the route is not for their kind.
    """
    claims = (event["requestContext"].get("authorizer") or {}).get("claims") or {}
    person = "username" in claims or "cognito:username" in claims
    name = claims.get("sub" if person else "client_id", "")
    row = directory.caller_row("user" if person else "client", name) if name else None
    if row is None:
        raise errors.Forbidden("this client has no rights here")
    kinds = frozenset(row.get("roles") or [row.get("kind", "")])
    if kinds.isdisjoint(_WHO.get((event["httpMethod"], event["resource"]), ())):
        raise errors.Forbidden(f"{event['httpMethod']} {event['resource']} is not for {', '.join(sorted(kinds))}")
    return Caller(
        id=name,
        kinds=kinds,
        channels=frozenset(row.get("channels", ())),
        nodes=frozenset(row.get("nodes", ())),
        partner=row.get("partner"),
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
    """A resolver that answers problems for everything that goes wrong."""
    app = APIGatewayRestResolver()
    app.exception_handler(ComandaError)(lambda error: _problem(app, error))
    app.exception_handler(NotFoundError)(lambda _: _problem(app, NotFound("route", app.current_event.path)))
    return app


def serve(app: APIGatewayRestResolver, event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request of the gateway."""
    return app.resolve(event, context)


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
    return event.get("queryStringParameters") or {}


def read_json(event: dict[str, Any]) -> Any:
    """The body as JSON. Raises TooLarge, BadRequest."""
    raw = raw_body(event)
    if len(raw) > MOST_BYTES:
        raise TooLarge(f"{len(raw)} bytes, {MOST_BYTES} are taken")
    try:
        return json.loads(raw.decode() or "{}", parse_constant=_no_constant, object_pairs_hook=_no_duplicates)
    except UnicodeDecodeError as error:
        raise BadRequest(f"the body is not UTF-8 at byte {error.start}") from error
    except (ValueError, RecursionError) as error:  # not JSON, or a number of thousands of digits
        raise BadRequest(f"the body is not JSON: {error}") from error


def raw_body(event: dict[str, Any]) -> bytes:
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        import base64

        return base64.b64decode(body)
    return str(body).encode()


def _no_constant(name: str) -> NoReturn:
    raise BadRequest(f"{name} is not JSON")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise BadRequest(f"field {next(n for n in names if names.count(n) > 1)} stands twice")
    return found


def read[Model](event: dict[str, Any], model: type[Model]) -> Model:
    """The body as a pydantic model of the contract. Raises Invalid with a JSON pointer for each wrong field."""
    from pydantic import ValidationError

    try:
        checked: Model = model.model_validate(read_json(event))  # type: ignore[attr-defined]  # a pydantic model
    except ValidationError as error:
        raise Invalid(
            *(
                Problem(
                    pointer=pointer(found["loc"]),
                    code=found["type"].replace("_", "-"),
                    message=found["msg"],
                )
                for found in error.errors(include_url=False, include_input=False, include_context=False)
            )
        ) from error
    return checked


def pointer(path: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901), "/" for the whole."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path) or "/"


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


class _Replay(errors.Rejected):
    """The key was used before: its record has the answer."""


@dataclass(slots=True, kw_only=True)
class Once:
    """One use of an idempotency key: scoped to caller and route, in the table of the effect."""

    table: str
    key: keys.Key
    fingerprint: str
    now: int
    answered: Answer | None = None

    def record(self, answer: Answer) -> Write:
        """The record of the answer, to be written with the effect: the loser of a race is refused here."""
        self.answered = answer
        body = pack_text(answer.text)
        if len(body) > _MOST_ANSWER:
            body = pack({name: value for name, value in answer.body.items() if name != "lines"})
        values = {
            **self.key,
            "fingerprint": self.fingerprint,
            "status": answer.status,
            "headers": answer.headers,
            "body": body,
            "ttl": self.now + _KEPT_SECONDS,
        }
        return transaction.put_once(self.table, values, _Replay())

    def replay(self) -> Answer | None:
        """What was answered before, or None. Raises KeyReused when it was to another body."""
        row = client("dynamodb").get_item(TableName=self.table, Key=item(dict(self.key)), ConsistentRead=True)
        if "Item" not in row:
            return None
        kept = attributes(row["Item"])
        if kept["fingerprint"] != self.fingerprint:
            raise errors.KeyReused("this Idempotency-Key was used for another request")
        headers = {**kept["headers"], "Idempotent-Replayed": "true"}
        return Answer(status=kept["status"], body=unpack(kept["body"]), headers=headers)


def once(
    event: dict[str, Any],
    who: Caller,
    table: str,
    now: int,
    effect: Callable[[Once], Answer | None],
    *,
    theirs: Callable[[], object] = lambda: None,
) -> Response[str]:
    """Run `effect` at most once for the request's Idempotency-Key, and answer the same to its repetitions.

    The effect writes the `record` of its answer in its own transaction; that is the answer, unless it returns one of its
    own. Any refusal first looks whether the very request was answered before: a repeated accept is answered like the first,
    not with "already accepted". Then it asks `theirs`, which raises NotFound for what is not the caller's: a stranger is
    not even told that the request was malformed. Raises KeyMissing, KeyReused.
    """
    key = header(event, "idempotency-key")
    if not key or len(key) > 255:
        theirs()
        raise errors.KeyMissing("send an Idempotency-Key header of 1 to 255 characters")
    asked = sha256(event["path"].encode() + b"\n" + raw_body(event)).hexdigest()
    route = f"{event['httpMethod']} {event['resource']}"
    use = Once(table=table, key=keys.idempotency(who.id, route, key), fingerprint=asked, now=now)
    try:
        answer = effect(use) or use.answered
    except errors.Rejected:
        before = use.replay()
        if before is None:
            theirs()
            raise
        return respond(before)
    if answer is None:
        raise RuntimeError(f"{route} changed something without a record of its answer")
    return respond(answer)


def status_of(kind: type[ComandaError]) -> int:
    """The HTTP status that a domain error is answered with."""
    if issubclass(kind, TooLarge):
        return 413
    return next((status for known, status in _STATUS if issubclass(kind, known)), 400)


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
        body=json.dumps(body, ensure_ascii=False),
        headers={"Retry-After": "1"} if status in (429, 503) or isinstance(error, errors.InProgress) else {},
    )


def _errors(error: ComandaError) -> list[dict[str, str]]:
    if isinstance(error, Invalid):
        return [{"pointer": p.pointer, "code": p.code, "message": p.message} for p in error.problems]
    if isinstance(error, errors.NotAllowed) and error.pointer:
        return [{"pointer": error.pointer, "code": error.code, "message": str(error)}]
    return []
