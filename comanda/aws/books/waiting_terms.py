"""
Keep terms of customers until another person approves them, when they are above the limit of who asked for them.

The items of all kinds of the queue `credit-accounts` are shown and answered by this module, which asks the module of the kind.

Called by   functions/credit_accounts, which asks; functions/intake, which shows and answers the items of the queue `credit-accounts`;
            comanda.aws.books.erased_debtors (forget)
Returns     writes, items and the terms that wait
Raises      NotFound for an item that does not wait; NotAllowed for terms of an account that was changed
            since, and for those of a new account that no erasure would have found
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.aws.books import credit_accounts, waiting_bank_credits, waiting_items, waiting_payouts, waiting_reversals
from comanda.aws.books.credit_accounts import TermsChange
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.credit_accounts.account import CreditAccount
from comanda.domain.errors import ComandaError, NotAllowed, StaleOrder
from comanda.domain.orders.queues import Queue

_REASON = "terms-above-limit"


def wait_writes(change: TermsChange, known: CreditAccount | None, taken: ComandaError) -> list[Write]:
    """Return the writes of terms that wait for a second person, who approves them in the place of those that there are now."""
    values = {
        **keys.waiting_terms(change.change_id),
        **keys.waiting_terms_place(change.at, change.change_id),
        "change_id": change.change_id,
        "channel": change.channel,
        "customer_id": change.customer_id,
        "currency": change.currency,
        "terms": credit_accounts.stored_terms(change.terms),
        "seen": known.version if known else 0,
        "by": change.by,
        "at": views.time(change.at),
        "reason": change.reason,
    }
    listed = {**_listed(values), "change_id": change.change_id}
    return [
        transaction.put_once(settings.orders_table, values, taken),
        transaction.put_once(settings.orders_table, listed, taken),
    ]


def forget(channel: str, customer_id: str, goes_on: Write) -> None:
    """Take the terms that wait for an erased customer out of the queue. It may be done twice. Raises StaleOrder.

    `goes_on` is the check that the erasure has not ended.
    """
    at = keys.waiting_terms_of(channel, customer_id, "")
    rows = reads.query(
        settings.orders_table, "pk = :pk AND begins_with(sk, :sk)", consistent=True, pk=at["pk"], sk=at["sk"]
    )
    for listed in list(rows):
        change_id = listed["change_id"]
        place = {"pk": listed["pk"], "sk": listed["sk"]}
        unlisted = transaction.delete(settings.orders_table, place, StaleOrder(change_id))
        # Terms that a process from before the list answered during an upgrade wait no more, and are listed.
        waits = reads.get(settings.orders_table, keys.waiting_terms(change_id)) is not None
        ended = [replace(end(change_id), refused=StaleOrder(change_id))] if waits else []
        transaction.commit([goes_on, *ended, unlisted])


def with_customers(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of the queue with the customers of their accounts. Terms alone have one of their own: they may open an account."""
    found = credit_accounts.customers({row["account_id"] for row in rows if "account_id" in row})
    return [{**row, "customer_id": found[row["account_id"]]} if "account_id" in row else row for row in rows]


def _listed(row: Mapping[str, Any]) -> keys.Key:
    return keys.waiting_terms_of(row["channel"], row["customer_id"], row["change_id"])


def item(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of the queue from its row."""
    if waiting_payouts.is_payout(row):
        return waiting_payouts.item(row)
    if waiting_reversals.is_reversal(row):
        return waiting_reversals.item(row)
    if waiting_bank_credits.is_credit(row):
        return waiting_bank_credits.item(row)
    facts = {name: str(row[name]) for name in ("channel", "customer_id", "currency", "by")}
    terms = row["terms"]
    facts |= {"amount": str(terms["limit"]), "payment_days": str(terms["payment_days"])}
    return waiting_items.shown(row, Queue.CREDIT_ACCOUNTS, row["change_id"], f"{_REASON}; {row['reason']}", facts)


def load(item_id: str) -> Mapping[str, Any]:
    """Return the row of terms, of a payout or of a reversal that wait. Raises NotFound."""
    return waiting_items.load(keys.waiting_terms(item_id), Queue.CREDIT_ACCOUNTS, item_id)


def not_waiting(change_id: str, taken: ComandaError) -> Write:
    """Return the check that a change or payout does not wait."""
    return waiting_items.not_waiting(keys.waiting_terms(change_id), taken)


def end(item_id: str) -> Write:
    """Return the write that takes an item out of the queue. It raises NotFound when the item does not wait there."""
    return waiting_items.end(keys.waiting_terms(item_id), Queue.CREDIT_ACCOUNTS, item_id)


def ends(item_id: str, row: Mapping[str, Any]) -> list[Write]:
    """Return the writes after which an item waits no more."""
    gone = [end(item_id)]
    if "change_id" in row:
        gone.append(transaction.delete(settings.orders_table, _listed(row), StaleOrder(item_id)))
    return gone


def approve(row: Mapping[str, Any], by: str, now: datetime) -> list[Write]:
    """Return the writes by which a second person approves terms, a payout or a reversal: it holds. Raises NotAllowed."""
    if waiting_payouts.is_payout(row):
        return waiting_payouts.approved(row, by, now)
    if waiting_reversals.is_reversal(row):
        return waiting_reversals.approved(row, by, now)
    if waiting_bank_credits.is_credit(row):
        return waiting_bank_credits.booked(row, by, now)
    change = TermsChange(
        change_id=row["change_id"],
        channel=row["channel"],
        customer_id=row["customer_id"],
        currency=row["currency"],
        terms=credit_accounts.terms_of(row["terms"]),
        by=row["by"],
        at=now,
        reason=row["reason"],
        approved_by=by,
    )
    known = credit_accounts.find(change.account_id)
    if (known.version if known else 0) != row["seen"]:
        raise NotAllowed("the terms of this customer were changed since: refuse these, and ask for new ones")
    if known is None and reads.get(settings.orders_table, _listed(row)) is None:
        # They are from before an erasure found what waits: the customer may be erased, and would get an account again.
        raise NotAllowed(
            "an erasure of this customer would not have ended these terms: refuse them, and ask for new ones"
        )
    taken = NotAllowed("these terms were set already: refuse them")
    return credit_accounts.change_writes(change, known, taken)
