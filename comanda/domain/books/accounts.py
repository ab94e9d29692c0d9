"""
Define the accounts of an order's books, and what an order has in each of them.

A debit is positive, and a credit negative. All accounts of an order add up to zero at each of its versions:

    receivable      what the customer owes: invoiced, not credited and not paid. Negative: paid before it is invoiced.
    captured        what is taken from the customer, from the moment at which its capture is decided.
    refunded        what the payment provider gave back, a credit.
    disputed        what customers' banks took back of captured payments, and the shop has neither won nor got by another way, a
                    credit. The customer owes it again.
    chargebacks     what the shop gave up of lost disputes, a cost: the customer owes it no more.
    gift_cards      what is owed to the holders of gift cards, a credit. An order that is paid by cards has here what it captured
                    of them, less what it gave back, a debit; one that sells cards has the value of those that are invoiced,
                    less those that credit notes took back, a credit.
    store_credit    the same for the store credit of customers.
    on_account      what customers owe by their credit accounts: what orders captured of them, less what they gave back. What
                    customers pay later is in no order.
    received        what customers paid on their credit accounts, less what they were paid out. No order has it.
    issued          what cards and credits were issued for. No order has it.
    breakage        what was left of cards and credits when they had expired, an income, a credit. No order has it.
    revenue         what the invoices charge for goods, after discounts and without tax, less the value of gift cards among
                    them, a credit.
    charges         what the invoices charge for shipping and the like, without tax, a credit.
    credits         what credit notes take off invoices for goods, shipping and the like, without tax, less the value of gift
                    cards that they take back.
    tax             what the invoices charge for the tax office, less what credit notes take off, a credit.
    authorised      what is neither captured nor released of authorisations. It is no money yet, so it has an account against it:
    to_capture      the same amount, a credit.

Called by   comanda.domain.books, functions/books, ops, openapi
Returns     amounts in minor units of the order's currency
Raises      nothing
"""

from collections.abc import Mapping
from enum import StrEnum

from comanda.domain.orders import bought_cards
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import ON_ACCOUNT, OWN


class Account(StrEnum):
    """The accounts of an order's books. The values are stored."""

    RECEIVABLE = "receivable"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    CHARGEBACKS = "chargebacks"
    GIFT_CARDS = "gift_cards"
    STORE_CREDIT = "store_credit"
    ON_ACCOUNT = "on_account"
    RECEIVED = "received"
    ISSUED = "issued"
    BREAKAGE = "breakage"
    REVENUE = "revenue"
    CHARGES = "charges"
    CREDITS = "credits"
    TAX = "tax"
    AUTHORISED = "authorised"
    TO_CAPTURE = "to_capture"


Amounts = Mapping[Account, int]


def standing(order: Order) -> dict[Account, int]:
    """Return what the order has in each account, without those that are empty. The sum is zero."""
    outside = [tender for tender in order.payments if tender.provider != OWN]
    captured = sum(tender.captured for tender in outside)
    refunded = sum(tender.refunded for tender in outside)
    cards, credit, owed = (_own(order, method) for method in ("GIFT_CARD", "STORE_CREDIT", ON_ACCOUNT))
    credited, credited_tax = order.credited_total, sum(credit.tax for credit in order.credits)
    sold, taken_back = bought_cards.sold(order), bought_cards.taken_back(order)
    charged_back = sum(dispute.written_off for dispute in order.disputes)
    amounts = {
        Account.RECEIVABLE: order.invoiced_total
        - credited
        - captured
        + refunded
        + order.disputed
        - charged_back
        - cards
        - credit
        - owed,
        Account.CAPTURED: captured,
        Account.REFUNDED: -refunded,
        Account.DISPUTED: -order.disputed,
        Account.CHARGEBACKS: charged_back,
        Account.GIFT_CARDS: cards - sold + taken_back,
        Account.STORE_CREDIT: credit,
        Account.ON_ACCOUNT: owed,
        Account.REVENUE: order.invoiced_charges + order.invoiced_tax - order.invoiced_total + sold,
        Account.CHARGES: -order.invoiced_charges,
        Account.CREDITS: credited - credited_tax - taken_back,
        Account.TAX: credited_tax - order.invoiced_tax,
        Account.AUTHORISED: order.open_authorization,
        Account.TO_CAPTURE: -order.open_authorization,
    }
    return {account: amount for account, amount in amounts.items() if amount}


def _own(order: Order, method: str) -> int:
    """Return what the order has captured of accounts of ours by a method, less what it gave back."""
    return sum(t.captured - t.refunded for t in order.payments if t.provider == OWN and t.method == method)
