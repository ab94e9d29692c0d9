"""
Judge what a carrier bills for a parcel beside what its label was said to cost.

Called by   comanda.aws.orders.billed_parcels
Returns     a status
Raises      nothing
"""

from dataclasses import dataclass
from enum import StrEnum


class BillStatus(StrEnum):
    """The values are stored."""

    NO_ESTIMATE = "NO_ESTIMATE"  # the node did not report what the label cost
    WITHIN_LIMITS = "WITHIN_LIMITS"
    DIFFERS = "DIFFERS"  # by more than the limits of the carrier: a person is asked
    ANSWERED = "ANSWERED"  # a person has looked at it


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLimits:
    """Limit what a bill may differ from its estimate, either way: so many percent of it, or so many minor units."""

    percent: int
    amount: int


def judge_bill(billed: int, estimated: int, limits: BillLimits | None) -> BillStatus:
    """Return how a bill stands. It differs when it passes both limits: a small parcel differs much in percent, a large one
    in money. `estimated` 0: not known; without limits nobody is asked."""
    if not estimated:
        return BillStatus.NO_ESTIMATE
    difference = abs(billed - estimated)
    if limits is None or difference <= limits.amount or difference * 100 <= limits.percent * estimated:
        return BillStatus.WITHIN_LIMITS
    return BillStatus.DIFFERS
