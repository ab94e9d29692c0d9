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
    """Return a function that says whether so many seconds have passed since this call. A search asks it, to stop before
    its function runs out of time."""
    until = monotonic() + seconds
    return lambda: monotonic() > until
