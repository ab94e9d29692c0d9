"""
Define a dispute of an order's payment: money that the customer's bank took back, and how that ended.

Called by   comanda.domain.orders.order; comanda.domain.billing.disputes, credited_money; comanda.aws.orders.payment_disputes
Returns     frozen values, in minor units of the order's currency
Raises      nothing
"""

from collections.abc import Iterable
from dataclasses import dataclass

_WON, _LOST = "WON", "LOST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A dispute of one payment of an order.

    dispute_id    the provider's own name of it
    tender        index into the order's payments
    amount        what the bank took back
    state         a value of comanda.domain.payments.dispute.DisputeState
    repaid        what the customer has paid since by another way
    written_off   what the shop gave up after it had lost: a cost
    answered      True when a person has decided about a lost dispute
    """

    dispute_id: str
    tender: int
    amount: int
    state: str
    repaid: int = 0
    written_off: int = 0
    answered: bool = False

    @property
    def owed_again(self) -> int:
        """Return what the shop does not have of the payment because of it. Negative: won after the customer had paid again."""
        return (0 if self.state == _WON else self.amount) - self.repaid

    @property
    def is_lost(self) -> bool:
        return self.state == _LOST

    @property
    def lost(self) -> int:
        """Return what the shop will not get of the payment any more."""
        return self.owed_again if self.is_lost else 0


def lost(disputes: Iterable[Dispute], tender: int | None = None) -> int:
    """Return what banks keep of the payments of an order, or of the payment at an index. Its customer has that back already."""
    return sum(dispute.lost for dispute in disputes if tender in (None, dispute.tender))
