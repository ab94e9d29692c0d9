"""Check the days for which a customer wants an order. Orders and promises share these rules."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from comanda.domain.errors import Problem

FARTHEST_DAYS = 1_100  # three years: the system promises no day beyond
_LONGEST_AHEAD = timedelta(days=FARTHEST_DAYS)
_LONGEST_AGO = timedelta(days=366)


def problems(deliver_by: str | None, not_before: str | None, now: datetime, at: str = "") -> Iterator[Problem]:
    """Yield a problem for each wrong day. Days are local dates of the destination in ISO 8601.

    `at` is the JSON pointer of the object that has both fields.
    """
    yesterday = (now - timedelta(days=1)).date().isoformat()  # in some time zones it is still the day before
    if deliver_by and deliver_by < yesterday:
        yield _problem(f"{at}/deliver_by", "in-the-past", f"{deliver_by} has passed")
    if not_before and not_before < (now - _LONGEST_AGO).date().isoformat():
        yield _problem(f"{at}/not_before", "too-long-ago", f"{not_before} passed more than a year ago")
    last = (now + _LONGEST_AHEAD).date().isoformat()
    for name, day in (("deliver_by", deliver_by), ("not_before", not_before)):
        if day and day > last:
            yield _problem(f"{at}/{name}", "too-far", f"{day} lies more than three years ahead")
    if deliver_by and not_before and not_before > deliver_by:
        yield _problem(f"{at}/not_before", "after-deliver-by", f"lies after {deliver_by}, by which it is wanted")


def _problem(pointer: str, code: str, message: str) -> Problem:
    return Problem(pointer=pointer, code=code, message=message)
