"""Test how times are written."""

from datetime import UTC, datetime, timedelta, timezone

from comanda.aws.runtime import clock


def test_a_later_time_is_greater_as_text_too() -> None:
    noon = datetime(2026, 11, 19, 12, tzinfo=UTC)
    times = [noon + timedelta(milliseconds=n) for n in (0, 1, 10, 999, 1_000, 3_600_000)]

    assert clock.text(noon) == "2026-11-19T12:00:00.000Z"
    assert clock.text(noon.astimezone(timezone(timedelta(hours=-3)))) == clock.text(noon)
    assert sorted(map(clock.text, times)) == [clock.text(at) for at in times]


def test_a_time_limit_says_whether_it_has_passed() -> None:
    assert clock.time_limit(-1)()
    assert not clock.time_limit(60)()
