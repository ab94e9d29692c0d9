"""Clients of AWS, made on first use and kept for the life of the process."""

import json
from functools import cache
from typing import Any

from comanda.domain.errors import Throttled

# Only failures that a second try may cure are retried, and quickly: a caller waits.
_ATTEMPTS, _CONNECT_SECONDS, _READ_SECONDS = 3, 1, 3
# A mail has no idempotency key: after a lost answer only its claim may decide to send it again.
_ONCE = frozenset({"sesv2"})
_NOT_WELL = 500  # HTTP status of AWS's own errors
_REFUSED = 300  # HTTP statuses from here on are errors
_READS = ("GetItem", "BatchGetItem", "Query")
# AWS's many ways to say: slower, or another transaction is at this item.
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
    """One for all clients: each session reads the descriptions of all endpoints for itself."""
    from botocore.session import get_session

    return get_session()


@cache
def client(service: str) -> Any:
    """The client of a service, e.g. "dynamodb"."""
    from botocore.config import Config

    made = _session().create_client(
        service,
        config=Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            parameter_validation=False,
            user_agent="comanda",  # botocore's own is put together letter by letter for each call: a quarter of its time
            retries={"total_max_attempts": 1 if service in _ONCE else _ATTEMPTS, "mode": "standard"},
        ),
    )
    for operation in _READS if service == "dynamodb" else ():
        made.meta.events.register(f"before-parse.dynamodb.{operation}", _as_it_came)
    made.meta.events.register("after-call", _throttled)
    made.meta.events.register("after-call-error", _unreachable)
    return made


def _as_it_came(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """A read's JSON is the answer: botocore would walk every attribute of every row by its description, which takes ten
    times as long. Bytes stay base64 text, which `comanda.aws.dynamodb.items` decodes."""
    if response_dict["status_code"] < _REFUSED:
        customized_response_dict.update(json.loads(response_dict["body"]))
        response_dict["body"] = b"{}"


def _throttled(parsed: dict[str, Any], http_response: Any, **_: object) -> None:
    """Raises Throttled where AWS, after all tries, wants less or is not well: the one place where that is translated."""
    code = parsed.get("Error", {}).get("Code")
    if code in SLOWER_CODES or http_response.status_code >= _NOT_WELL:
        raise Throttled(str(code))


def _unreachable(exception: Exception, **_: object) -> None:
    """Raises Throttled where, after all tries, no answer came. What was asked may have been done all the same."""
    from botocore.exceptions import ConnectionError as NoConnection
    from botocore.exceptions import HTTPClientError

    if isinstance(exception, NoConnection | HTTPClientError):
        raise Throttled(type(exception).__name__) from exception
