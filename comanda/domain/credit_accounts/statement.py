"""
Add up the statement of a credit account for a month: what was owed before it, what changed that, and what is owed after it.

Called by   functions/credit_accounts
Returns     a Statement in minor units of the account's currency
Raises      nothing
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """
    One change of what is owed.

    invoice         the number of the invoice within its order; None for what is no debt of an invoice
    reference       that of a transfer
    moved_on        the day on which the money of a transfer moved; "" without one
    """

    purpose: str
    at: datetime
    owed: int
    order_id: str = ""
    invoice: int | None = None
    due_on: str = ""
    reference: str = ""
    moved_on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """`bookings` are in the order of their times, each with what was owed after it."""

    opening: int
    bookings: tuple[tuple[Booking, int], ...]

    @property
    def closing(self) -> int:
        return self.bookings[-1][1] if self.bookings else self.opening


def of_month(bookings: Iterable[Booking], first: date) -> Statement:
    """Return the statement of the UTC month that begins on a day."""
    opening, of_month = 0, list[Booking]()
    month = (first.year, first.month)
    for one in bookings:
        at = (one.at.year, one.at.month)
        if at < month:
            opening += one.owed
        elif at == month and one.owed:
            of_month.append(one)
    owed, listed = opening, list[tuple[Booking, int]]()
    for one in sorted(of_month, key=lambda one: (one.at, -one.owed)):
        owed += one.owed
        listed.append((one, owed))
    return Statement(opening=opening, bookings=tuple(listed))
