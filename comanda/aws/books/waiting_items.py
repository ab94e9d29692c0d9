"""
Keep what is above the limit of who asked for it, until another person approves or refuses it: the parts that all such items share.

Called by   comanda.aws.books: gift_card_issues, waiting_terms, waiting_payouts, waiting_reversals, waiting_bank_credits
Returns     rows, items and writes
Raises      NotFound for an item that does not wait
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.dynamodb import reads, transaction
from comanda.aws.dynamodb.keys.spelling import Key
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import ComandaError, NotFound
from comanda.domain.orders.queues import Queue


def shown(row: Mapping[str, Any], queue: Queue, item_id: str, reason: str, data: Mapping[str, str]) -> dict[str, Any]:
    """Return an item of a queue from its row. It is due when it was asked for."""
    return {"item_id": item_id, "queue": queue, "reason": reason, "due": row["at"], "since": row["at"], "data": data}


def load(key: Key, queue: Queue, item_id: str) -> Mapping[str, Any]:
    """Return the row of an item that waits. Raises NotFound."""
    row = reads.get(settings.orders_table, key)
    if row is None:
        raise _missing(queue, item_id)
    return row


def not_waiting(key: Key, taken: ComandaError) -> Write:
    """Return the check that something does not wait. What waits is made by its approval alone."""
    return transaction.check(settings.orders_table, key, "attribute_not_exists(pk)", taken)


def end(key: Key, queue: Queue, item_id: str) -> Write:
    """Return the write that takes an item out of its queue. It raises NotFound when the item does not wait there."""
    return transaction.delete(settings.orders_table, key, _missing(queue, item_id), condition="attribute_exists(pk)")


def _missing(queue: Queue, item_id: str) -> NotFound:
    return NotFound(f"item of queue {queue}", item_id[:80])
