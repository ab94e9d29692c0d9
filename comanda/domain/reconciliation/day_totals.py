"""
Define the totals of what a provider or a bank reported of a day, beside what we moved.

Called by   comanda.aws.books.settlement_report; functions/books
Returns     values
Raises      nothing
"""

from collections.abc import Mapping
from dataclasses import dataclass

from comanda.domain.reconciliation.settlement import SettlementStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusTotals:
    """The payments or payouts of one status, with their sums."""

    items: int
    ours: int
    theirs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotals:
    """The totals of a day in one currency.

    `fees` are what a provider took, `other` is money of no order, and `converted` is what payments of other currencies brought before
    fees.
    """

    day: str
    currency: str
    statuses: Mapping[SettlementStatus, StatusTotals]
    fees: int = 0
    other: int = 0
    converted: int = 0

    @property
    def has_any(self) -> bool:
        return bool(self.statuses or self.fees or self.other or self.converted)
