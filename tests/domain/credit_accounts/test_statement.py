"""The statement of a credit account adds up what was owed before a month, what changed that, and what is owed after it."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.credit_accounts.statement import Booking, of_month

NOVEMBER = date(2026, 11, 1)


def booked(owed, day, **facts):
    return Booking(purpose="capture", at=datetime(2026, 10, 1, tzinfo=UTC) + timedelta(days=day), owed=owed, **facts)


def test_a_month_begins_with_what_was_owed_and_ends_with_what_is():
    found = of_month([booked(5_000, 3), booked(-2_000, 35), booked(700, 31), booked(-1_000, 62)], NOVEMBER)

    assert found.opening == 5_000
    assert [(one.owed, owed) for one, owed in found.bookings] == [(700, 5_700), (-2_000, 3_700)]
    assert found.closing == 3_700


def test_what_is_only_reserved_is_in_no_statement_and_an_empty_month_ends_as_it_began():
    found = of_month([booked(5_000, 3), booked(0, 40)], NOVEMBER)

    assert (found.opening, found.bookings, found.closing) == (5_000, (), 5_000)


@given(st.lists(st.tuples(st.integers(-10_000, 10_000), st.integers(0, 91)), max_size=30))
def test_each_month_begins_as_the_one_before_ended(moves):
    bookings = [booked(*move) for move in moves]

    october, november, december = (of_month(bookings, date(2026, month, 1)) for month in (10, 11, 12))

    assert (october.opening, october.closing, november.closing) == (0, november.opening, december.opening)
    assert december.closing == sum(owed for owed, _ in moves)
