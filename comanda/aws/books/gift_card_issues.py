"""
Keep issues of gift cards and store credit that are above the limit of who asked for them, until another person approves them.

Called by   functions/gift_cards, which asks; functions/intake, which shows and answers the items of the queue `gift-cards`
Returns     writes, items and the issue that waits
Raises      NotFound for an item that does not wait; NotAllowed for a frozen account; Forbidden for a person who may not answer
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.books import gift_cards, waiting_items
from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.errors import ComandaError, NotAllowed
from comanda.domain.gift_cards import freezing
from comanda.domain.gift_cards.account import last_day
from comanda.domain.gift_cards.issuing import Issue
from comanda.domain.orders.queues import Queue

_REASON = "issue-above-limit"


def wait_write(issue: Issue, days: int | None, taken: ComandaError) -> Write:
    """Return the write of an issue that waits for a second person. `days` are those for which it will be good."""
    values = {
        **keys.waiting_issue(issue.issue_id),
        **keys.waiting_issue_place(issue.at, issue.issue_id),
        "issue_id": issue.issue_id,
        "account_id": issue.account_id,
        "kind": issue.kind,
        "channel": issue.channel,
        "amount": issue.amount,
        "currency": issue.currency,
        "by": issue.by,
        "at": views.time(issue.at),
        "reason": issue.reason,
        "last4": issue.last4,
        **({} if days is None else {"days": days}),
    }
    return transaction.put_once(settings.orders_table, values, taken)


def item(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of the queue from its row."""
    facts = {name: str(row[name]) for name in ("kind", "channel", "amount", "currency", "by", "account_id")}
    return waiting_items.shown(row, Queue.GIFT_CARDS, row["issue_id"], f"{_REASON}; {row['reason']}", facts)


def load(item_id: str) -> Mapping[str, Any]:
    """Return the row of an issue that waits. Raises NotFound."""
    return waiting_items.load(keys.waiting_issue(item_id), Queue.GIFT_CARDS, item_id)


def not_waiting(issue: Issue, taken: ComandaError) -> Write:
    """Return the check that this issue does not wait."""
    return waiting_items.not_waiting(keys.waiting_issue(issue.issue_id), taken)


def end(item_id: str) -> Write:
    """Return the write that takes an item out of the queue. It raises NotFound when the item does not wait there."""
    return waiting_items.end(keys.waiting_issue(item_id), Queue.GIFT_CARDS, item_id)


def approve(row: Mapping[str, Any], by: str, now: datetime) -> list[Write]:
    """Return the writes by which a second person approves an issue: it is made, and waits no more. Raises NotAllowed for an
    account that was frozen meanwhile."""
    issue = Issue(
        issue_id=row["issue_id"],
        account_id=row["account_id"],
        kind=row["kind"],
        channel=row["channel"],
        amount=row["amount"],
        currency=row["currency"],
        by=row["by"],
        at=now,
        reason=row["reason"],
        expires_on=last_day(now.date(), row.get("days")),
        last4=row["last4"],
        approved_by=by,
    )
    known = gift_cards.find(issue.account_id)
    freezing.require_not_frozen(known)
    return [
        end(issue.issue_id),
        *gift_cards.issue_writes(issue, known, NotAllowed("this was issued already: refuse it")),
    ]
