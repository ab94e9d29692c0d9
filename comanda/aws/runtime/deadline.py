"""
End a request before Lambda stops its function, in a state from which the same request can go on.

Called by   comanda.aws.api.http, which begins each request; the modules that apply many rows, between two rows
Raises      Unfinished
"""

import time
from contextvars import ContextVar
from typing import Any

from comanda.domain.errors import Unfinished

# One transaction with all its tries, and the answer.
RESERVE_SECONDS = 6.0

_until: ContextVar[float] = ContextVar("until", default=float("inf"))


def begin(context: Any) -> None:
    """Note when the request has to end.

    `context` is Lambda's, and knows how long the function may still run. None sets no end.
    """
    seconds = float("inf") if context is None else context.get_remaining_time_in_millis() / 1000
    _until.set(time.monotonic() + seconds - RESERVE_SECONDS)


def check() -> None:
    """Raise Unfinished if there is no time for another row."""
    if time.monotonic() > _until.get():
        raise Unfinished(
            "a part of the request is applied: send the same request with the same key again to apply the rest"
        )
