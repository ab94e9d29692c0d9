"""Clients of AWS, made on first use and kept for the life of the process."""

from functools import cache
from typing import Any

from comanda.domain.errors import Throttled

# Only failures that a second try may cure are retried, and quickly: a caller waits.
_ATTEMPTS, _CONNECT_SECONDS, _READ_SECONDS = 3, 1, 3
# A mail has no idempotency key: after a lost answer only its claim may decide to send it again.
_ONCE = frozenset({"sesv2"})
_NOT_WELL = 500  # HTTP status of AWS's own errors
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
            retries={"total_max_attempts": 1 if service in _ONCE else _ATTEMPTS, "mode": "standard"},
        ),
    )
    made.meta.events.register("after-call", _throttled)
    made.meta.events.register("after-call-error", _unreachable)
    return made


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
