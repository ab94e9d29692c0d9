"""
Decide what is booked on a credit account beside orders: what a customer paid, what is paid out to them, and what is taken back.

Called by   functions/credit_accounts/handler.py
Returns     bookings: the body of the answer and the writes; those above a person's limit wait for a second person
Raises      Invalid for a wrong field, Forbidden for a person without a limit in the currency, NotFound for an unknown reference
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from comanda.aws.api.callers import Caller
from comanda.aws.books import customer_payments, waiting_payouts, waiting_reversals, waiting_terms
from comanda.aws.dynamodb.transaction import Write
from comanda.domain.credit_accounts import limits
from comanda.domain.credit_accounts.account import CreditAccount
from comanda.domain.credit_accounts.payment import CustomerPayment, Payout, Reversal
from comanda.domain.errors import Invalid, KeyReused, Problem
from functions.credit_accounts import rules
from functions.credit_accounts.contract import CustomerPaymentIn, PayoutIn, ReversalIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked[Wanted]:
    """Hold what a caller wants to book. `booking_id` is the same whenever the request is repeated."""

    wanted: Wanted
    account: CreditAccount
    who: Caller
    now: datetime
    booking_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """Hold what is booked, or waits for a second person."""

    body: dict[str, Any]
    writes: list[Write]
    waits: bool = False


def payment(asked: Asked[CustomerPaymentIn]) -> Booking:
    """Book what a customer paid: it is room again for new orders."""
    wanted, account = asked.wanted, asked.account
    _require_right(rules.problems_of_payment(wanted, account, asked.now))
    paid = CustomerPayment(
        amount=wanted.amount.amount,
        reference=wanted.reference,
        received_on=date.fromisoformat(wanted.received_on),
        by=asked.who.id,
        at=asked.now,
    )
    writes = customer_payments.payment_writes(account, paid)
    return Booking(body=rules.shown_payment(account, paid), writes=writes)


def payout(asked: Asked[PayoutIn]) -> Booking:
    """Pay out to a customer what they have on the account."""
    wanted, account, who = asked.wanted, asked.account, asked.who
    _require_right(rules.problems_of_payout(wanted, account, asked.now))
    paid = Payout(
        payout_id=asked.booking_id,
        amount=wanted.amount.amount,
        reference=wanted.reference,
        paid_on=date.fromisoformat(wanted.paid_on),
        reason=wanted.reason,
        by=who.id,
        at=asked.now,
    )
    taken = KeyReused("this Idempotency-Key was used for an earlier payout")
    waits = who.person and limits.needs_second_person(who.limits, paid.amount, account.currency, "/amount")
    if waits:
        writes = waiting_payouts.wait_writes(account, paid, taken)
    else:
        checked = waiting_terms.not_waiting(paid.payout_id, taken)
        writes = [*customer_payments.payout_writes(account, paid), checked]
    return Booking(body=rules.shown_payout(account, paid, waits=waits), writes=writes, waits=waits)


def reversal(asked: Asked[ReversalIn]) -> Booking:
    """Take back a payment or payout: what it paid is owed again. On a closed account a second person always looks at that."""
    wanted, account, who = asked.wanted, asked.account, asked.who
    back = Reversal(
        reversal_id=asked.booking_id,
        reference=wanted.reference,
        paid=customer_payments.booked(account, wanted.reference),
        reason=wanted.reason,
        by=who.id,
        at=asked.now,
    )
    taken = KeyReused("this Idempotency-Key was used for an earlier reversal")
    above = who.person and limits.needs_second_person(who.limits, abs(back.paid), account.currency, "/reference")
    waits = above or account.closed
    if waits:
        writes = waiting_reversals.wait_writes(account, back, taken)
    else:
        checked = waiting_terms.not_waiting(back.reversal_id, taken)
        writes = [*customer_payments.reversal_writes(account, back), checked]
    return Booking(body=rules.shown_reversal(account, back, waits=waits), writes=writes, waits=waits)


def _require_right(problems: Iterable[Problem]) -> None:
    if wrong := list(problems):
        raise Invalid(*wrong)
