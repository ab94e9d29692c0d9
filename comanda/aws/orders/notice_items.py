"""
Keep what a payment provider tells of money that no order asked it for, in the queue `provider-notices`, until a person answers.

Called by   comanda.aws.orders.payment_notices, payment_checks, payment_disputes; functions/intake, which shows and answers the items
Returns     items, and the write that ends one
Raises      NotFound for an item that does not wait
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, single_writes, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import text, views
from comanda.domain.errors import NotFound
from comanda.domain.orders.queues import Queue
from comanda.domain.payments import notices
from comanda.domain.payments.answer import Happening, Notice

_BETWEEN = "~"  # stands between the provider and what the item is about; no name of a provider has it


def ask(provider: str, notice: Notice, order_id: str | None, why: str, now: datetime) -> None:
    """Put the notice into the queue, unless a later notice about the same waits there."""
    subject = notices.subject(notice, order_id)
    values = {
        **keys.waiting_notice(now, provider, subject),
        "provider": provider,
        "subject": subject,
        "reason": why,
        "due": views.time(now),
        "happened_at": views.time(notice.at),
        "data": _facts(notice, order_id),
    }
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
    single_writes.update(
        settings.orders_table,
        keys.provider_notice(provider, subject),
        expression,
        condition="attribute_not_exists(pk) OR #happened_at <= :happened_at",
        **values,
        **{f"n_{name}": name for name in values},
    )


def _facts(notice: Notice, order_id: str | None) -> dict[str, str]:
    """Return what a person needs for looking at the provider: ids and amounts. A name that could be a text is left out."""
    facts = {
        "happening": notice.happening,
        "account": notice.account,
        "payment": notice.reference,
        _movement(notice): notice.movement,
        "amount": str(notice.amount) if notice.currency else "",
        "currency": notice.currency,
        "order_id": order_id or "",
        "order": notice.order_id if text.ID.fits(notice.order_id) else "",
    }
    return {name: str(value) for name, value in facts.items() if value}


def _movement(notice: Notice) -> str:
    return "dispute" if notice.happening is Happening.DISPUTED else "refund"


def item(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of the queue from its row."""
    return {
        "item_id": f"{row['provider']}{_BETWEEN}{row['subject']}",
        "queue": Queue.PROVIDER_NOTICES,
        "reason": row["reason"],
        "due": row["due"],
        "since": row["due"],
        "data": row["data"],
    }


def end(item_id: str) -> Write:
    """Return the write that takes an item out of the queue. It raises NotFound when the item does not wait there."""
    provider, _, subject = item_id.partition(_BETWEEN)
    missing = NotFound(f"item of queue {Queue.PROVIDER_NOTICES}", item_id[:200])
    if not subject:
        raise missing
    key = keys.provider_notice(provider, subject)
    return transaction.delete(settings.orders_table, key, missing, condition="attribute_exists(pk)")


def forget(provider: str, reference: str) -> None:
    """Take the item about a payment out of the queue, because an order has come that it pays."""
    single_writes.delete(
        settings.orders_table, keys.provider_notice(provider, reference), condition="attribute_exists(pk)"
    )
