"""Make the clients of AWS on first use, and keep them for the life of the process."""

import json
from functools import cache
from typing import Any

from comanda.domain.errors import Throttled

# Only failures that a second try may cure are retried, and quickly, because a caller waits.
_ATTEMPTS, _CONNECT_SECONDS, _READ_SECONDS = 3, 1, 3
_LONGER = {"lambda": 8}  # seconds: a room that asks an outside service waits for four of them
# A mail has no idempotency key. After a lost answer only the claim of the mail decides whether to send it again.
_ONCE = frozenset({"sesv2"})
_NOT_WELL = 500  # HTTP status of AWS's own errors
_REFUSED = 300  # HTTP statuses from here on are errors
_READS = ("GetItem", "BatchGetItem", "Query")
# The codes with which AWS asks for fewer requests, or says that another transaction uses this item.
SLOWER_CODES = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


@cache
def _session() -> Any:
    """Return the one session of all clients. Each session would read the descriptions of all endpoints again."""
    from botocore.session import get_session

    from comanda.aws.runtime import dynamodb_calls  # no room imports it before its first client

    made: Any = get_session()
    made.register("creating-client-class.dynamodb", dynamodb_calls.shorten)
    return made


@cache
def client(service: str) -> Any:
    """Return the client of a service, such as "dynamodb"."""
    from botocore.config import Config

    made = _session().create_client(
        service,
        config=Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_LONGER.get(service, _READ_SECONDS),
            parameter_validation=False,
            user_agent="comanda",  # botocore's own is put together letter by letter for each call: a quarter of its time
            signature_version="s3v4" if service == "s3" else None,  # of links: S3 takes no other for encrypted objects
            retries={"total_max_attempts": 1 if service in _ONCE else _ATTEMPTS, "mode": "standard"},
        ),
    )
    if service == "dynamodb":
        for operation in _READS:
            made.meta.events.register(f"before-parse.dynamodb.{operation}", _as_it_came)
    made.meta.events.register("after-call", _throttled)
    made.meta.events.register("after-call-error", _unreachable)
    return made


def _as_it_came(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Return the JSON of a read as botocore's answer, without parsing each attribute by its description.

    That parsing would take ten times as long. Bytes stay base64 text, which `comanda.aws.dynamodb.items` decodes.
    """
    if response_dict["status_code"] < _REFUSED:
        customized_response_dict.update(json.loads(response_dict["body"]))
        response_dict["body"] = b"{}"


def _throttled(parsed: dict[str, Any], http_response: Any, **_: object) -> None:
    """Raise Throttled if AWS, after all tries, asks for fewer requests or has an error of its own.

    Such answers are translated here alone.
    """
    code = parsed.get("Error", {}).get("Code")
    if code in SLOWER_CODES or http_response.status_code >= _NOT_WELL:
        raise Throttled(str(code))


def _unreachable(exception: Exception, **_: object) -> None:
    """Raise Throttled if no answer came after all tries. AWS may have done the request all the same."""
    from botocore.exceptions import ConnectionError as NoConnection
    from botocore.exceptions import HTTPClientError

    if isinstance(exception, NoConnection | HTTPClientError):
        raise Throttled(type(exception).__name__) from exception
