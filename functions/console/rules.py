"""
Decide what the home page offers to a person: the queues of their desks, and what is urgent. Pure.

Called by   the pages
"""

from collections.abc import Iterable, Mapping
from typing import Any

from comanda.domain.orders import queues
from comanda.domain.orders.queues import Queue

# The queues that a desk works through. A desk without a row has no queue.
QUEUES_OF_DESKS: Mapping[str, tuple[Queue, ...]] = {
    "sales": (Queue.SALES_REVIEW, Queue.HOLDS, Queue.PAYMENTS, Queue.DRAFTS),
    "care": (
        Queue.CUSTOMER_CARE,
        Queue.TO_PROVIDE,
        Queue.BACKORDER,
        Queue.DELIVERY_EXCEPTIONS,
        Queue.LOST,
        Queue.MAILS,
    ),
    "planner": (Queue.ROUTING, Queue.WAVE, Queue.PREORDER, Queue.TRANSFERS, Queue.TRANSFER_DIFFERENCES),
    "tower": (Queue.EXCEPTIONS, Queue.ROUTING, Queue.LATE_WORK, Queue.REFUSED_RECALLS, Queue.PUT_BACK),
    "finance": (
        Queue.PAYMENTS,
        Queue.PROVIDER_NOTICES,
        Queue.RECONCILE,
        Queue.SHIPPING_COSTS,
        Queue.TAX_RECORDS,
        Queue.GIFT_CARDS,
        Queue.CREDIT_ACCOUNTS,
        Queue.REFUNDS,
        Queue.PAY_OUTS,
        Queue.FISCAL,
    ),
}


def queues_of(desks: Iterable[str]) -> frozenset[str]:
    """Return the queues of a person's desks. A person without a desk of the office has them all."""
    mine = {str(queue) for desk in desks for queue in QUEUES_OF_DESKS.get(desk, ())}
    return frozenset(mine or map(str, Queue))


def queue_rows(items: Iterable[Mapping[str, Any]], mine: frozenset[str], now: str) -> list[dict[str, Any]]:
    """Return the person's queues, those with something overdue first, then those in which something waits.

    `now` is a time as the API writes it. A row has `tone` "bad" when its oldest item is overdue.
    """
    rows = [
        {**item, "tone": "bad" if item["waiting"] and item["oldest_due"] and item["oldest_due"] < now else ""}
        for item in items
        if item["queue"] in mine
    ]
    return sorted(rows, key=lambda row: (not row["tone"], not row["waiting"], row["oldest_due"] or ""))


def offers_next(row: Mapping[str, Any]) -> bool:
    """Return True if a person can take the next item of the queue: one waits, and the items of the queue are claimed."""
    return bool(row["waiting"]) and row["queue"] not in queues.OF_NO_ORDER
