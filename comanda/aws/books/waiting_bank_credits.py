"""
Keep credits of a bank's statement that name a customer's credit account, until a person of finance has booked or refused them.

Called by   comanda.aws.books.settlements, which proposes them; waiting_terms, for the items of the queue `credit-accounts`
Returns     writes, items and the payment
Raises      NotAllowed for a credit that is more than the customer owes

A credit is known by the hash of its entry, which is also the reference of its payment. So an entry that comes in several statements
is proposed once and booked once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from comanda.aws.books import credit_accounts, customer_payments, waiting_items
from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.credit_accounts.account import CreditAccount
from comanda.domain.credit_accounts.payment import CustomerPayment
from comanda.domain.errors import ComandaError, NotAllowed
from comanda.domain.orders.queues import Queue
from comanda.domain.reconciliation.movement import Movement

_REASON = "bank-credit"
_DIGITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """The account that a credit of a bank names, and the id of the invoice by which it was named, "" without one."""

    account: CreditAccount
    invoice_id: str = ""


def wait_write(payer: Payer, movement: Movement, now: datetime, taken: ComandaError) -> Write:
    """Return the write of a credit that waits for a person."""
    item_id, account = movement.movement_id[:_DIGITS], payer.account
    values = {
        **keys.waiting_terms(item_id),
        **keys.waiting_terms_place(now, item_id),
        "credit_id": item_id,
        "account_id": account.account_id,
        "channel": account.channel,
        "currency": account.currency,
        "amount": movement.net,
        "received_on": movement.day,
        "invoice_id": payer.invoice_id,
        "by": "bank",
        "at": views.time(now),
    }
    return transaction.put_once(settings.orders_table, values, taken)


def is_credit(row: Mapping[str, Any]) -> bool:
    """Return True for the row of a bank's credit among those of the queue."""
    return "credit_id" in row


def item(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of the queue from its row."""
    names = ("channel", "customer_id", "currency", "by", "amount", "received_on", "invoice_id")
    facts = {name: str(row[name]) for name in names if row[name] != ""}
    return waiting_items.shown(row, Queue.CREDIT_ACCOUNTS, row["credit_id"], _REASON, facts)


def booked(row: Mapping[str, Any], by: str, now: datetime) -> list[Write]:
    """Return the writes of the payment that a person has confirmed.

    They are refused with NotAllowed when it is more than the customer owes by now: it is booked by hand as far as it goes.
    """
    payment = CustomerPayment(
        amount=row["amount"],
        reference=f"bank-{row['credit_id']}",
        received_on=date.fromisoformat(row["received_on"]),
        by=by,
        at=now,
    )
    over = NotAllowed("this is more than the customer owes by now: book what is owed by hand, and refuse this")
    account = credit_accounts.load_open(row["account_id"])
    return [replace(write, refused=over) for write in customer_payments.payment_writes(account, payment)]
