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


def days_later(day: str, days: int) -> str:
    """Return the ISO date that lies so many days after a day."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
