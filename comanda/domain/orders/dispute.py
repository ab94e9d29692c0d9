"""
Define a dispute of an order's payment: money that the customer's bank took back, and how that ended.

Called by   comanda.domain.orders.order; comanda.domain.billing.disputes; comanda.aws.orders.payment_disputes
Returns     frozen values, in minor units of the order's currency
Raises      nothing
"""

from dataclasses import dataclass

_WON = "WON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A dispute of one payment of an order.

    dispute_id   the provider's own name of it
    tender       index into the order's payments
    amount       what the bank took back
    state        a value of comanda.domain.payments.dispute.DisputeState
    """

    dispute_id: str
    tender: int
    amount: int
    state: str

    @property
    def owed_again(self) -> int:
        """Return what the shop does not have of the payment because of it."""
        return 0 if self.state == _WON else self.amount
