"""Clients of AWS, made on first use and kept for the life of the process."""

from functools import cache
from typing import Any

# Only failures that a second try may cure are retried, and quickly: a caller waits.
_ATTEMPTS, _CONNECT_SECONDS, _READ_SECONDS = 3, 1, 3
# A mail has no idempotency key: after a lost answer only its claim may decide to send it again.
_ONCE = frozenset({"sesv2"})


@cache
def client(service: str) -> Any:
    """The client of a service, e.g. "dynamodb"."""
    from botocore.config import Config
    from botocore.session import get_session

    return get_session().create_client(
        service,
        config=Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            parameter_validation=False,
            retries={"total_max_attempts": 1 if service in _ONCE else _ATTEMPTS, "mode": "standard"},
        ),
    )
