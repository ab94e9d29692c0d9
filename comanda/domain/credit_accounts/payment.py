"""
Define what a customer paid of a credit account, with its entries in the books.

Called by   functions/credit_accounts, comanda.aws.books.credit_accounts
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
        return {BooksAccount.RECEIVED: self.amount, BooksAccount.ON_ACCOUNT: -self.amount}
