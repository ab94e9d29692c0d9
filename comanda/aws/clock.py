"""The time, in one place: everything else is told what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic


def now() -> datetime:
    return datetime.now(UTC)


def text(at: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond: what is later is greater as text too."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def after(seconds: float) -> Callable[[], bool]:
    """Whether so many seconds have passed since this call: what stops a search before its function's time is over."""
    until = monotonic() + seconds
    return lambda: monotonic() > until
