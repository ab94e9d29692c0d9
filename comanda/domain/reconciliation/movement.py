"""
Define a movement of money as a provider or a bank reports it: one line of a file.

Called by   comanda.domain.reconciliation; comanda.aws.books.settlements; functions/inbox
Returns     values
Raises      nothing
"""

from dataclasses import dataclass
from enum import StrEnum

STRIPE = "stripe"
BANK = "bank"  # the provider of statements of banks
PROVIDERS = (STRIPE, BANK)  # those whose reports can be read


class MovementKind(StrEnum):
    """The values are stored."""

    CHARGE = "CHARGE"  # taken from a customer; negative: an uncaptured part, or a charge that failed
    REFUND = "REFUND"  # given back, a negative amount; positive: a refund that failed
    DISPUTE = "DISPUTE"  # taken back by the customer's bank, a negative amount; positive: won
    PAYOUT = "PAYOUT"  # sent to the shop's bank account, a negative amount
    CREDIT = "CREDIT"  # came to the shop's bank account
    DEBIT = "DEBIT"  # left it
    OTHER = "OTHER"  # fees, transfers, adjustments: nothing of an order


OF_PAYMENTS = (MovementKind.CHARGE, MovementKind.REFUND, MovementKind.DISPUTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """
    One line of a file.

    movement_id   the provider's or bank's own id of the line: the same line has it in every file
    amount        in minor units of `currency`, which is what the customer paid with
    net           what it changes at the provider, in minor units of `net_currency`, after `fee`
    payment       the provider's id of the payment
    names         the names by which a payout is known, its own id first; of a line of a bank, what it refers to
    """

    movement_id: str
    kind: MovementKind
    amount: int
    currency: str
    day: str
    net: int = 0
    fee: int = 0
    net_currency: str = ""
    payment: str = ""
    names: tuple[str, ...] = ()
