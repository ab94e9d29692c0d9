"""
Keep payouts to customers that are above the limit of who asked for them, until another person approves them.

Called by   functions/credit_accounts, which asks; comanda.aws.books.waiting_terms, for the items of the queue `credit-accounts`
Returns     writes, items and the payout that waits
Raises      NotAllowed for a payout that cannot be made any more
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from comanda.aws.books import credit_accounts, customer_payments, waiting_items
from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.credit_accounts.account import CreditAccount
from comanda.domain.credit_accounts.payment import Payout
from comanda.domain.errors import ComandaError, NotAllowed
from comanda.domain.orders.queues import Queue

_REASON = "payout-above-limit"


def wait_writes(account: CreditAccount, payout: Payout, taken: ComandaError) -> list[Write]:
    """Return the writes of a payout that waits for a second person. One whose reference is booked already is refused."""
    values = {
        **keys.waiting_terms(payout.payout_id),
        **keys.waiting_terms_place(payout.at, payout.payout_id),
        "payout_id": payout.payout_id,
        "account_id": account.account_id,
        "channel": account.channel,
        "currency": account.currency,
        "amount": payout.amount,
        "reference": payout.reference,
        "paid_on": payout.paid_on.isoformat(),
        "by": payout.by,
        "at": views.time(payout.at),
        "reason": payout.reason,
    }
    return [transaction.put_once(settings.orders_table, values, taken), customer_payments.not_booked(account, payout)]


def is_payout(row: Mapping[str, Any]) -> bool:
    """Return True for the row of a payout among those of the queue."""
    return "payout_id" in row


def item(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of the queue from its row."""
    names = ("channel", "customer_id", "currency", "by", "amount", "reference", "paid_on")
    facts = {name: str(row[name]) for name in names}
    return waiting_items.shown(row, Queue.CREDIT_ACCOUNTS, row["payout_id"], f"{_REASON}; {row['reason']}", facts)


def approved(row: Mapping[str, Any], by: str, now: datetime) -> list[Write]:
    """Return the writes of a payout that a second person has approved.

    They are refused with NotAllowed when its reference is booked by now, or the customer has less by now.
    """
    payout = Payout(
        payout_id=row["payout_id"],
        amount=row["amount"],
        reference=row["reference"],
        paid_on=date.fromisoformat(row["paid_on"]),
        reason=row["reason"],
        by=row["by"],
        at=now,
        approved_by=by,
    )
    over = NotAllowed("the customer has less by now, or this reference is booked already: refuse this payout")
    account = credit_accounts.load_open(row["account_id"])
    return [replace(write, refused=over) for write in customer_payments.payout_writes(account, payout)]
