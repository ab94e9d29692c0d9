"""
Define the money that moves on a credit account beside orders, with its entries in the books: what a customer paid, what was paid
out to them, and what was booked by mistake and is taken back.

Called by   functions/credit_accounts, comanda.aws.books
Returns     frozen values in minor units of the account's currency
Raises      nothing
"""

from dataclasses import dataclass
from datetime import date, datetime

from comanda.domain.books.accounts import Account as BooksAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPayment:
    """Hold what a customer paid. `reference` names the transfer, and is booked once."""

    amount: int
    reference: str
    received_on: date
    by: str
    at: datetime

    @property
    def journal(self) -> dict[str, int]:
        """Return its entries in the books of the channel: the customer owes less."""
        return _received(self.amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """Hold what was paid out to a customer who had more on the account than they owed.

    `reference` names the transfer, and is booked once; `payout_id` is the same whenever the request is repeated.
    """

    payout_id: str
    amount: int
    reference: str
    paid_on: date
    reason: str
    by: str
    at: datetime
    approved_by: str = ""  # of a payout above the limit of who asked for it

    @property
    def journal(self) -> dict[str, int]:
        """Return its entries in the books of the channel: the customer has less of us."""
        return _received(-self.amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """Hold that a payment or payout was booked by mistake, or came back. `paid` is what was booked: below 0 for a payout.

    `reversal_id` is the same whenever the request is repeated.
    """

    reversal_id: str
    reference: str
    paid: int
    reason: str
    by: str
    at: datetime
    approved_by: str = ""  # of a reversal that waited for a second person

    @property
    def journal(self) -> dict[str, int]:
        """Return its entries in the books of the channel: the opposite of what was booked."""
        return _received(-self.paid)


def _received(amount: int) -> dict[str, int]:
    return {BooksAccount.RECEIVED: amount, BooksAccount.ON_ACCOUNT: -amount}
