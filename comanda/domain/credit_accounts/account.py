"""
Define the credit account of a customer, and decide what it can pay.

A limit says how much the customer may owe. `room` is what is left of it: orders take from it at once, and what they do not need
and what the customer pays comes back to it. `owed` is what invoices took and the customer has not paid.

Called by   comanda.aws.books, comanda.aws.orders, functions/credit_accounts, functions/intake
Returns     frozen values in minor units of the account's currency; the one problem of an account that does not pay
Raises      nothing
"""

from dataclasses import dataclass
from datetime import datetime

from comanda.domain import ids
from comanda.domain.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """
    Hold what a customer of a channel may owe, and until when.

    limit           the most that orders may have of it
    payment_days    the days from an invoice to its last day of payment
    blocked_after   so many days after that day an unpaid invoice keeps the customer from new orders; None: it never does
    frozen          True: the account pays no new order
    """

    limit: int
    payment_days: int
    blocked_after: int | None = None
    frozen: bool = False

    def gives_more(self, before: "Terms | None") -> bool:
        """Return True if the customer may owe more by these terms, or longer, than before. None: there was no account."""
        return (
            before is None
            or self.limit > before.limit
            or self.payment_days > before.payment_days
            or (before.frozen and not self.frozen)
            or _never_as_most(self.blocked_after) > _never_as_most(before.blocked_after)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAccount:
    """
    Hold a credit account as it is stored. The customer has one in each currency of each channel.

    room    what can still be ordered. Below 0 after the limit was cut: then nothing more is.
    owed    what invoices took, less what was refunded and paid. Below 0 after a refund of what was paid: the customer has it.
    version counts the changes of the terms
    """

    account_id: str
    channel: str
    customer_id: str
    currency: str
    terms: Terms
    room: int
    owed: int
    version: int
    opened_at: datetime

    @property
    def closed(self) -> bool:
        """Return True if its customer was erased, and it names nobody."""
        return ids.is_guest(self.customer_id)

    @property
    def reserved(self) -> int:
        """Return what orders have taken and no invoice has charged yet."""
        return self.terms.limit - self.room - self.owed

    def pays(self, amount: int) -> bool:
        """Return True if an order may take the amount. Unpaid invoices are not looked at here."""
        return not self.terms.frozen and self.room >= amount > 0

    def blocked_by(self, days_overdue: int) -> bool:
        """Return True if an invoice that is overdue for so many days keeps the customer from new orders."""
        return self.terms.blocked_after is not None and days_overdue > self.terms.blocked_after


def not_usable(payment: int) -> Problem:
    """Return the problem of a payment on account that the customer's account does not pay, whatever the reason is: the shop's
    page shows it to the customer, and the account itself says the rest to who may read it."""
    message = "the customer has no account that pays this amount in this currency now"
    return Problem(pointer=f"/payments/{payment}/method", code="not-usable", message=message)


def _never_as_most(days: int | None) -> float:
    return float("inf") if days is None else days
