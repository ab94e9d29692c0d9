"""Check terms of customers and what they paid, and show credit accounts with their ledgers. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from comanda.aws.books import credit_accounts
from comanda.domain import ids, views
from comanda.domain.credit_accounts import aging
from comanda.domain.credit_accounts.account import CreditAccount, Terms
from comanda.domain.credit_accounts.aging import Aging
from comanda.domain.credit_accounts.payment import CustomerPayment, Payout, Reversal
from comanda.domain.errors import Problem
from functions.credit_accounts.contract import CustomerPaymentIn, PayoutIn, TermsIn

MOST_UNPAID = 100  # invoices that an account lists, those first that are due first
_EARLIEST = date(2000, 1, 1)
_FARTHEST_EAST = timedelta(hours=14)  # where the day begins first


def terms_of(wanted: TermsIn) -> Terms:
    return Terms(
        limit=wanted.limit.amount,
        payment_days=wanted.payment_days,
        blocked_after=wanted.blocked_after,
        frozen=wanted.frozen,
    )


def problems_of_terms(
    wanted: TermsIn, known: CreditAccount | None, channel: Mapping[str, Any] | None
) -> Iterator[Problem]:
    """Yield a problem for each wrong part. `channel` is the entry of the directory, None for an unknown one.

    An account of before may always be lowered or frozen: also where its channel is gone, or sells in its currency no more.
    """
    if known is not None and not terms_of(wanted).gives_more(known.terms):
        return
    if ids.is_guest(wanted.customer_id):
        message = "is a guest, who orders nothing on account: an account at the shop is needed"
        yield Problem(pointer="/customer_id", code="not-usable", message=message)
    if channel is None:
        yield Problem(pointer="/channel", code="unknown-channel", message=f"there is no channel {wanted.channel}")
    elif wanted.limit.currency not in channel["currencies"]:
        message = f"{wanted.channel} does not sell in {wanted.limit.currency}"
        yield Problem(pointer="/limit/currency", code="not-sold-in", message=message)


def problems_of_payment(wanted: CustomerPaymentIn, account: CreditAccount, now: datetime) -> Iterator[Problem]:
    """Yield a problem for each wrong part of what a customer paid."""
    yield from _problems_of_money(wanted, account)
    yield from _problems_of_day("/received_on", wanted.received_on, now)


def problems_of_payout(wanted: PayoutIn, account: CreditAccount, now: datetime) -> Iterator[Problem]:
    """Yield a problem for each wrong part of what is paid out to a customer."""
    yield from _problems_of_money(wanted, account)
    yield from _problems_of_day("/paid_on", wanted.paid_on, now)


def _problems_of_money(wanted: CustomerPaymentIn | PayoutIn, account: CreditAccount) -> Iterator[Problem]:
    if wanted.amount.currency != account.currency:
        message = f"the account is in {account.currency}"
        yield Problem(pointer="/amount/currency", code="mixed-currencies", message=message)
    if not wanted.amount.amount:
        yield Problem(pointer="/amount", code="too-small", message="a payment of 0 pays nothing")


def _problems_of_day(pointer: str, day: str, now: datetime) -> Iterator[Problem]:
    if not _EARLIEST <= date.fromisoformat(day) <= (now + _FARTHEST_EAST).date():
        message = "is a day from 2000 on, and none in the future"
        yield Problem(pointer=pointer, code="out-of-range", message=message)


def shown(account: CreditAccount) -> dict[str, Any]:
    """Return an account as the API shows it in lists."""
    currency = account.currency
    return {
        "credit_account_id": account.account_id,
        "channel": account.channel,
        "customer_id": account.customer_id,
        "room": views.money(account.room, currency),
        "reserved": views.money(account.reserved, currency),
        "owed": views.money(account.owed, currency),
        **shown_terms(account.terms, currency),
        "opened_at": views.time(account.opened_at),
    }


def shown_terms(terms: Terms, currency: str) -> dict[str, Any]:
    return {
        "limit": views.money(terms.limit, currency),
        "payment_days": terms.payment_days,
        "blocked_after": terms.blocked_after,
        "frozen": terms.frozen,
    }


def shown_aging(account: CreditAccount, aged: Aging, today: date) -> dict[str, Any]:
    """Return what is owed of an account by the time for which it is overdue, and whether that keeps it from new orders."""
    late, currency = aging.days_overdue(aged.days, today), account.currency
    periods = aging.by_period(aged.days, today)
    return {
        "as_of": today.isoformat(),
        **{name: views.money(amount, currency) for name, amount in periods.items()},
        "days_overdue": late,
        "blocked": account.blocked_by(late),
        "unpaid_invoices": aged.invoices,
        "unpaid": [
            {
                "order_id": debt.order_id,
                "invoice_id": ids.invoice(debt.order_id, debt.invoice),
                "due_on": debt.due_on.isoformat(),
                "amount": views.money(debt.amount, currency),
                "left": views.money(debt.unpaid, currency),
                "days_overdue": debt.overdue(today),
            }
            for debt in aged.first
        ],
    }


def shown_payment(account: CreditAccount, payment: CustomerPayment) -> dict[str, Any]:
    """Return what a customer paid."""
    return {
        "credit_account_id": account.account_id,
        "amount": views.money(payment.amount, account.currency),
        "reference": payment.reference,
        "received_on": payment.received_on.isoformat(),
        "by": payment.by,
        "at": views.time(payment.at),
    }


def shown_payout(account: CreditAccount, payout: Payout, *, waits: bool = False) -> dict[str, Any]:
    """Return what was paid out to a customer, or waits for another person."""
    return {
        "credit_account_id": account.account_id,
        "amount": views.money(payout.amount, account.currency),
        "reference": payout.reference,
        "paid_on": payout.paid_on.isoformat(),
        "reason": payout.reason,
        "waits": waits,
        "by": payout.by,
        "at": views.time(payout.at),
    }


def shown_reversal(account: CreditAccount, reversal: Reversal, *, waits: bool = False) -> dict[str, Any]:
    """Return what was taken back, or waits for another person: `amount` is what the customer owes more, below 0 for a payout that came back."""
    return {
        "credit_account_id": account.account_id,
        "amount": views.money(reversal.paid, account.currency),
        "reference": reversal.reference,
        "reason": reversal.reason,
        "waits": waits,
        "by": reversal.by,
        "at": views.time(reversal.at),
    }


def shown_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry of a ledger: what it added to the room of the account, and to what is owed. A change of terms has them."""
    invoice, currency = row.get("invoice"), row["currency"]
    return {
        "purpose": row["purpose"],
        "room": views.money(row["room"], currency),
        "owed": views.money(row["owed"], currency),
        "order_id": row.get("order_id"),
        "invoice_id": None if invoice is None else ids.invoice(row["order_id"], invoice),
        "due_on": row.get("due_on"),
        "reference": row.get("reference"),
        "received_on": row.get("received_on"),
        "paid_on": row.get("paid_on"),
        "terms": shown_terms(credit_accounts.terms_of(row["terms"]), currency) if "terms" in row else None,
        "reason": row.get("reason"),
        "by": row["by"],
        "approved_by": row.get("approved_by"),
        "at": row["at"],
    }
