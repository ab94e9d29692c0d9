"""Read the time. This module alone reads it; all other code takes the time as an argument or asks here."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def text(at: datetime) -> str:
    """Return the time in UTC as RFC 3339 writes it, to the millisecond. A later time is greater as text too."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def time_limit(seconds: float) -> Callable[[], bool]:
    """Return a function that says whether so many seconds have passed since this call.

    A search calls it, to stop before its function runs out of time.
    """
    until = monotonic() + seconds
    return lambda: monotonic() > until
