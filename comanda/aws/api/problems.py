"""
Write every refusal and every error of a door as a problem (RFC 9457).

Called by   comanda.aws.api.http, which registers the functions with each door; openapi/answers, which lists the problems
Returns     responses with the content type application/problem+json

The text of an error that was not expected is not sent: it may quote a customer's data.
"""

import json
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api.resolver import APIGatewayRestResolver, Response
from comanda.aws.runtime.room import report, route_of
from comanda.domain import errors
from comanda.domain.errors import ComandaError, Invalid

PROBLEM = "application/problem+json"

logger = Logger()


class Internal(ComandaError):
    """A fault of this system, or of a service that it calls."""

    code = "internal"


class BadRequest(errors.Rejected):
    """The body of the request is not JSON, or a header of it cannot be read."""

    code = "malformed-request"


class BadQuery(Invalid):
    """Query parameters that the route does not take, that occur twice, or that have no value."""

    code = "bad-query"


class TooLarge(errors.Rejected):
    """The body is over 1 MB."""

    code = "body-too-large"


# The first row whose class fits an error gives its status.
_STATUS: tuple[tuple[type[ComandaError], int], ...] = (
    (TooLarge, 413),
    (BadQuery, 400),
    (errors.Invalid, 422),
    (errors.NotFound, 404),
    (errors.Forbidden, 403),
    (errors.SignedOut, 401),
    (errors.TooManyRequests, 429),
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


def status_of(kind: type[ComandaError]) -> int:
    """Return the HTTP status that a class of domain errors is answered with."""
    return next((status for known, status in _STATUS if issubclass(kind, known)), 400)


def refusal(app: APIGatewayRestResolver, error: ComandaError) -> Response[str]:
    """Return the problem for an error of this project, and log its code."""
    status = status_of(type(error))
    event = app.current_event.raw_event
    logger.info("refused", extra={"problem": error.code, "status": status, "route": route_of(event)})
    return Response(
        status_code=status,
        content_type=PROBLEM,
        body=json.dumps(body(error, event), ensure_ascii=False).encode("utf-8", "backslashreplace").decode(),
        headers=_headers(error, status),
    )


def body(error: ComandaError, event: dict[str, Any]) -> dict[str, Any]:
    """Return the problem for an error of this project, as JSON."""
    found: dict[str, Any] = {
        "type": f"urn:comanda:problem:{error.code}",
        "title": error.code.replace("-", " "),
        "status": status_of(type(error)),
        "detail": str(error),
        "errors": _errors(error),
        "trace_id": event["requestContext"].get("requestId", ""),
    }
    match error:
        case errors.AlreadyExists():
            found["order_id"] = error.order_id
        case errors.Held():
            found["hold_id"], found["hold_type"] = error.hold_id, error.hold_type
        case errors.NeedsPayment():
            found["to_pay"] = {"amount": error.amount, "currency": error.currency}
        case errors.ChangePending():
            from comanda.domain import views  # few refusals need it, and some doors do not have it

            found["until"] = views.time(error.until)
        case errors.PreviewStale():
            found["preview"] = error.preview
        case errors.WrongRegion():
            found["cell"] = error.cell
        case errors.Claimed():
            from comanda.domain import views  # few refusals need it, and some doors do not have it

            found["until"], found["by"] = views.time(error.until), error.by
    return found


def _headers(error: ComandaError, status: int) -> dict[str, str]:
    if status in (429, 503) or isinstance(error, errors.InProgress):
        return {"Retry-After": "1"}
    return {"WWW-Authenticate": "Bearer"} if status == 401 else {}


def unexpected(app: APIGatewayRestResolver, error: Exception) -> Response[str]:
    """Report an unexpected error, and answer it with 500 and a problem. API Gateway alone would answer 502 and no
    problem."""
    report(error, app.current_event.raw_event, app.lambda_context)
    return refusal(app, Internal("asking again with the same key is safe"))


def _errors(error: ComandaError) -> list[dict[str, str]]:
    """Return the wrong fields that the error names, each with a JSON pointer."""
    if named := getattr(error, "problems", ()):
        return [{"pointer": p.pointer, "code": p.code, "message": p.message} for p in named]
    if isinstance(error, errors.NotAllowed) and error.pointer:
        return [{"pointer": error.pointer, "code": error.code, "message": str(error)}]
    return []
