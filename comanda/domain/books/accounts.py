"""
Define the accounts of an order's books, and what an order has in each of them.

A debit is positive, and a credit negative. All accounts of an order add up to zero at each of its versions:

    receivable      what the customer owes: invoiced and not paid. Negative: paid before it is invoiced.
    captured        what is taken from the customer, from the moment at which its capture is decided.
    refunded        what the payment provider gave back, a credit.
    revenue         what the invoices charge for goods, after discounts and without tax, a credit.
    charges         what the invoices charge for shipping and the like, without tax, a credit.
    tax             what the invoices charge for the tax office, a credit.
    authorised      what is neither captured nor released of authorisations. It is no money yet, so it has an account against it:
    to_capture      the same amount, a credit.

Called by   comanda.domain.books, functions/books, ops, openapi
Returns     amounts in minor units of the order's currency
Raises      nothing
"""

from collections.abc import Mapping
from enum import StrEnum

from comanda.domain.orders.order import Order


class Account(StrEnum):
    """The accounts of an order's books. The values are stored."""

    RECEIVABLE = "receivable"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    REVENUE = "revenue"
    CHARGES = "charges"
    TAX = "tax"
    AUTHORISED = "authorised"
    TO_CAPTURE = "to_capture"


Amounts = Mapping[Account, int]


def standing(order: Order) -> dict[Account, int]:
    """Return what the order has in each account, without those that are empty. The sum is zero."""
    captured = sum(tender.captured for tender in order.payments)
    refunded = sum(tender.refunded for tender in order.payments)
    amounts = {
        Account.RECEIVABLE: order.invoiced_total - captured + refunded,
        Account.CAPTURED: captured,
        Account.REFUNDED: -refunded,
        Account.REVENUE: order.invoiced_charges + order.invoiced_tax - order.invoiced_total,
        Account.CHARGES: -order.invoiced_charges,
        Account.TAX: -order.invoiced_tax,
        Account.AUTHORISED: order.open_authorization,
        Account.TO_CAPTURE: -order.open_authorization,
    }
    return {account: amount for account, amount in amounts.items() if amount}
