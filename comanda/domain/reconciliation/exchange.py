"""
Hold what a payment changed in the currency of the account, where a provider or a bank has converted it.

Called by   comanda.domain.reconciliation.settlement
Returns     values
Raises      nothing

Stripe tells what a customer paid or got back for charges, refunds and charges that failed alone. A capture of less than was
authorised, a dispute and a refund that failed have amounts in the currency of the account only. They are converted back at the rate
of the charges, and each of those amounts was rounded once: so they are right up to two minor units of the account's currency.
Source of what Stripe tells: the query of its report, in its template "line items" for Sigma.
"""

from dataclasses import dataclass, replace

from comanda.domain.reconciliation.movement import Movement, MovementKind

_TAKEN = (MovementKind.CHARGE, MovementKind.CREDIT)
_ROUNDED = 2  # minor units of the account's currency


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """
    Hold the sums of a converted payment in the currency of the account.

    settled                       what all lines changed there, before fees
    paid, got                     of the charges with both amounts: what the customer paid, and what the account got
    charged, refunded, disputed   the sums of the lines that tell nothing of the customer's currency
    """

    currency: str
    settled: int = 0
    paid: int = 0
    got: int = 0
    charged: int = 0
    refunded: int = 0
    disputed: int = 0

    @property
    def is_known(self) -> bool:
        """Return True if a charge tells the rate."""
        return self.paid > 0 and self.got > 0

    def inexact(self, amount: int) -> int:
        """Return the minor units of the customer's currency by which an amount may be wrong that is converted back."""
        return -(-_ROUNDED * self.paid // self.got) if amount and self.is_known else 0

    def in_customers(self, amount: int) -> int:
        """Return an amount of the account's currency in the customer's. 0 where no rate is known."""
        return (2 * amount * self.paid + self.got) // (2 * self.got) if self.is_known else 0

    def with_both(self, movement: Movement) -> "Exchange":
        """Return it after a line that tells both amounts."""
        got = movement.net + movement.fee
        taken = movement.kind in _TAKEN
        return replace(
            self,
            settled=self.settled + got,
            paid=self.paid + (movement.amount if taken else 0),
            got=self.got + (got if taken else 0),
        )

    def with_own(self, movement: Movement) -> "Exchange":
        """Return it after a line that tells the account's amount alone."""
        amount = movement.amount
        match movement.kind:
            case MovementKind.REFUND:
                sums = replace(self, refunded=self.refunded - amount)
            case MovementKind.DISPUTE:
                sums = replace(self, disputed=self.disputed - amount)
            case _:
                sums = replace(self, charged=self.charged + amount)
        return replace(sums, settled=self.settled + amount)

    def with_all_of(self, other: "Exchange") -> "Exchange":
        """Return the sums of both, which are of one currency."""
        names = ("settled", "paid", "got", "charged", "refunded", "disputed")
        return replace(self, **{name: getattr(self, name) + getattr(other, name) for name in names})
