"""Days and minutes are UTC, and compare as text."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from comanda.domain.days import days_later, utc_day, utc_millisecond, utc_minute

EVENING_IN_CHICAGO = datetime(2026, 11, 19, 20, 30, 59, tzinfo=ZoneInfo("America/Chicago"))


def test_an_evening_in_chicago_is_the_next_day_in_utc():
    assert utc_day(EVENING_IN_CHICAGO) == "2026-11-20"
    assert utc_minute(EVENING_IN_CHICAGO) == "20261120T0230Z"


def test_a_moment_of_an_event_has_milliseconds_however_exact_it_is():
    assert utc_millisecond(EVENING_IN_CHICAGO) == "2026-11-20T02:30:59.000Z"
    assert utc_millisecond(EVENING_IN_CHICAGO.replace(microsecond=123_987)) == "2026-11-20T02:30:59.123Z"


def test_minutes_compare_as_text():
    assert utc_minute(datetime(2026, 9, 30, 23, 59, tzinfo=UTC)) < utc_minute(datetime(2026, 10, 1, tzinfo=UTC))


def test_days_are_counted_across_the_end_of_a_year():
    assert days_later("2026-12-30", 3) == "2027-01-02"
    assert days_later("2027-01-02", -3) == "2026-12-30"
