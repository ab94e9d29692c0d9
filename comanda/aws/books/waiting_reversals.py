"""
Keep reversals of payments and payouts until another person approves them: those above the limit of who asked, and all of accounts
that were closed because their customer was erased.

Called by   functions/credit_accounts, which asks; comanda.aws.books.waiting_terms, for the items of the queue `credit-accounts`
Returns     writes, items and the reversal that waits
Raises      NotAllowed for a reversal that was made already
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.aws.books import credit_accounts, customer_payments, waiting_items
from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.credit_accounts.account import CreditAccount
from comanda.domain.credit_accounts.payment import Reversal
from comanda.domain.errors import ComandaError, NotAllowed
from comanda.domain.orders.queues import Queue

_REASON, _ON_CLOSED = "reversal-above-limit", "reversal-on-closed-account"


def wait_writes(account: CreditAccount, reversal: Reversal, taken: ComandaError) -> list[Write]:
    """Return the writes of a reversal that waits for a second person. One that was made already is refused."""
    values = {
        **keys.waiting_terms(reversal.reversal_id),
        **keys.waiting_terms_place(reversal.at, reversal.reversal_id),
        "reversal_id": reversal.reversal_id,
        "account_id": account.account_id,
        "channel": account.channel,
        "currency": account.currency,
        "amount": reversal.paid,
        "reference": reversal.reference,
        "why": _ON_CLOSED if account.closed else _REASON,
        "by": reversal.by,
        "at": views.time(reversal.at),
        "reason": reversal.reason,
    }
    return [
        transaction.put_once(settings.orders_table, values, taken),
        customer_payments.not_taken_back(account, reversal),
    ]


def is_reversal(row: Mapping[str, Any]) -> bool:
    """Return True for the row of a reversal among those of the queue."""
    return "reversal_id" in row


def item(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of the queue from its row. `amount` is what the customer owes more, below 0 for a payout that came back."""
    names = ("channel", "customer_id", "currency", "by", "amount", "reference")
    facts = {name: str(row[name]) for name in names}
    reason = f"{row['why']}; {row['reason']}"
    return waiting_items.shown(row, Queue.CREDIT_ACCOUNTS, row["reversal_id"], reason, facts)


def approved(row: Mapping[str, Any], by: str, now: datetime) -> list[Write]:
    """Return the writes of a reversal that a second person has approved. NotAllowed refuses them when it was made already."""
    reversal = Reversal(
        reversal_id=row["reversal_id"],
        reference=row["reference"],
        paid=row["amount"],
        reason=row["reason"],
        by=row["by"],
        at=now,
        approved_by=by,
    )
    twice = NotAllowed("this payment or payout is taken back already: refuse this reversal")
    entry, *others = customer_payments.reversal_writes(credit_accounts.load(row["account_id"]), reversal)
    return [replace(entry, refused=twice), *others]
