"""
Write moments as the UTC days and minutes that stock, plans and stored keys are counted by.

Days are ISO dates, so that they compare as text.
"""

from datetime import UTC, date, datetime, timedelta


def utc_day(at: datetime) -> str:
    """Return the UTC day of a moment as an ISO date."""
    return at.astimezone(UTC).date().isoformat()


def utc_minute(at: datetime) -> str:
    """Return the UTC minute of a moment, as in `20261122T0930Z`. Minutes compare as text."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%MZ}"


def utc_millisecond(at: datetime) -> str:
    """Return a moment as RFC 3339 in UTC, to the millisecond: as the API and events show times."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def days_later(day: str, days: int) -> str:
    """Return the ISO date that lies so many days after a day."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
