"""A node works by its own clock, also through the nights in which clocks change."""

from datetime import UTC, datetime, time

import pytest

from comanda.domain.nodes.calendars import Calendar, local_day, opens_within, slots

WEEKDAYS = tuple((day, time(9), time(17)) for day in range(5))
CHICAGO = Calendar(timezone="America/Chicago", hours=WEEKDAYS, closed=frozenset({"2026-11-26"}))
SAO_PAULO = Calendar(timezone="America/Sao_Paulo", hours=WEEKDAYS)
NIGHT = Calendar(timezone="America/New_York", hours=((6, time(1), time(3)),))


def is_open(calendar, at):
    return any(start <= at < end for start, end in slots(calendar, local_day(calendar, at)))


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("calendar", "at", "works"),
    [
        (CHICAGO, "2026-11-19T15:00", True),  # Thursday, 9:00 in winter
        (CHICAGO, "2026-11-19T14:59", False),
        (CHICAGO, "2026-11-19T22:59", True),
        (CHICAGO, "2026-11-19T23:00", False),  # closes at 17:00 sharp
        (CHICAGO, "2026-07-16T14:00", True),  # 9:00 in summer is an hour earlier in UTC
        (CHICAGO, "2026-07-16T13:59", False),
        (CHICAGO, "2026-11-21T16:00", False),  # Saturday
        (CHICAGO, "2026-11-26T16:00", False),  # Thanksgiving
        (CHICAGO, "2026-11-24T01:00", False),  # Tuesday in UTC, still Monday evening in Chicago
        (SAO_PAULO, "2026-01-15T12:00", True),  # no daylight saving: UTC-3 all year
        (SAO_PAULO, "2026-07-15T12:00", True),
        (SAO_PAULO, "2026-07-15T11:59", False),
    ],
)
def test_a_node_works_by_its_own_clock(calendar, at, works):
    assert is_open(calendar, utc(at)) == works


@pytest.mark.parametrize(
    ("at", "works"),
    [
        ("2026-11-01T04:59", False),  # 0:59 EDT
        ("2026-11-01T05:30", True),  # 1:30 EDT
        ("2026-11-01T06:30", True),  # 1:30 EST: the hour happens twice
        ("2026-11-01T07:30", True),  # 2:30 EST
        ("2026-11-01T08:00", False),  # 3:00 EST
        ("2026-03-08T06:30", True),  # 1:30 EST
        ("2026-03-08T07:00", False),  # 3:00 EDT: the hour from 2 to 3 never happens
    ],
)
def test_a_night_in_which_clocks_change_has_an_hour_more_or_less(at, works):
    assert is_open(NIGHT, utc(at)) == works


@pytest.mark.parametrize(
    ("at", "days", "works"),
    [
        ("2026-11-19T16:00", 0, True),  # open now
        ("2026-11-19T10:00", 0, True),  # opens this morning
        ("2026-11-19T23:30", 0, False),  # closed for today
        ("2026-11-19T23:30", 1, True),  # open tomorrow, Friday
        ("2026-11-20T23:30", 2, False),  # Friday night: not before Monday
        ("2026-11-20T23:30", 3, True),
        ("2026-11-25T23:30", 1, False),  # the night before Thanksgiving
        ("2026-11-25T23:30", 2, True),
    ],
)
def test_a_node_that_is_closed_overnight_still_takes_orders(at, days, works):
    assert opens_within(CHICAGO, utc(at), days) == works


def test_the_day_before_a_clock_change_is_a_day():
    assert opens_within(NIGHT, utc("2026-03-07T12:00"), 1)
    assert opens_within(NIGHT, utc("2026-10-31T12:00"), 1)


def test_a_node_without_hours_never_works():
    never = Calendar(timezone="UTC", hours=())

    assert not is_open(never, utc("2026-11-19T12:00"))
    assert not opens_within(never, utc("2026-11-19T12:00"), 365)
