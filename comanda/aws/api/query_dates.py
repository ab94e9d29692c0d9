"""
Read the days and months that queries name.

Called by   functions/books, functions/fulfill, functions/intake, functions/stock
Returns     dates
Raises      Invalid for a text that is no day or month
"""

import re
from contextlib import suppress
from datetime import date

from comanda.domain.errors import Invalid, Problem

_EARLIEST, _LATEST = date(2000, 1, 1), date(2999, 12, 1)
_DAY, _MONTH = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), re.compile(r"[0-9]{4}-[0-9]{2}")


def utc_day(text: str) -> date:
    """Return the day that the parameter `day` of a query names, YYYY-MM-DD."""
    if _DAY.fullmatch(text):
        with suppress(ValueError):
            return date.fromisoformat(text)
    raise Invalid(Problem(pointer="/day", code="not-a-day", message="a UTC day, YYYY-MM-DD"))


def utc_month(text: str, parameter: str = "month") -> date:
    """Return the first day of the month that a parameter of a query names, YYYY-MM."""
    if _MONTH.fullmatch(text):
        with suppress(ValueError):
            return _in_range(date.fromisoformat(f"{text}-01"), parameter)
    raise Invalid(Problem(pointer=f"/{parameter}", code="not-a-month", message="is not a UTC month like 2026-11"))


def _in_range(month: date, parameter: str) -> date:
    """Return the month. Raises Invalid for one of which nothing is known: years of fewer digits are spelt otherwise in keys."""
    if not _EARLIEST <= month <= _LATEST:
        raise Invalid(
            Problem(pointer=f"/{parameter}", code="out-of-range", message="is a month from 2000-01 to 2999-12")
        )
    return month
