"""
Model the answers about credit accounts.

Called by   openapi/operations.py
"""

from typing import Annotated

from pydantic import Field

from comanda.domain.credit_accounts.movements import CreditPurpose
from openapi.answers.base import Answer, Money, OrderId, Time

CreditAccountId = Annotated[str, Field(pattern="^ac_[0-9a-f]{32}$")]
Balance = Money


class CreditTerms(Answer):
    """The terms of a customer."""

    limit: Money
    payment_days: int
    blocked_after: int | None
    frozen: bool


class CreditAccount(CreditTerms):
    """The credit account of a customer in a currency, as it is now."""

    credit_account_id: CreditAccountId
    channel: str
    customer_id: str
    room: Balance
    reserved: Money
    owed: Balance
    opened_at: Time


class UnpaidInvoice(Answer):
    """An invoice of which something is not paid."""

    order_id: OrderId
    invoice_id: str
    due_on: str
    amount: Money
    left: Money
    days_overdue: int


class Aging(Answer):
    """Say what is owed of an account by the time for which it is overdue. Payments pay what is due first."""

    as_of: str
    not_due: Money
    days_1_30: Money
    days_31_60: Money
    days_61_90: Money
    days_over_90: Money
    days_overdue: int
    blocked: bool
    unpaid_invoices: int
    unpaid: list[UnpaidInvoice]


class CreditEntry(Answer):
    """One movement of a credit account."""

    purpose: CreditPurpose
    room: Balance
    owed: Balance
    order_id: OrderId | None
    invoice_id: str | None
    due_on: str | None
    reference: str | None
    received_on: str | None
    paid_on: str | None
    terms: CreditTerms | None
    reason: str | None
    by: str
    approved_by: str | None
    at: Time


class CreditAccountWithLedger(CreditAccount):
    """A credit account with what is overdue and a page of its ledger."""

    aging: Aging
    entries: list[CreditEntry]
    next: str | None


class CustomerPayment(Answer):
    """A payment of a customer to an account."""

    credit_account_id: CreditAccountId
    amount: Money
    reference: str
    received_on: str
    by: str
    at: Time


class Payout(Answer):
    """A payout to a customer, made or waiting for another person."""

    credit_account_id: CreditAccountId
    amount: Money
    reference: str
    paid_on: str
    reason: str
    waits: bool
    by: str
    at: Time


class Reversal(Answer):
    """A payment or payout that was taken back, or that `waits` for another person to approve that."""

    credit_account_id: CreditAccountId
    amount: Balance
    reference: str
    reason: str
    waits: bool
    by: str
    at: Time
