"""The time, in one place: everything else is told what time it is."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def text(at: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond: what is later is greater as text too."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
