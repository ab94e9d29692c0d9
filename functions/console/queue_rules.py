"""
Decide what the page of a queue shows of each item, and how the results of a common answer read. Pure.

Called by   functions/console/pages: home.py, queue.py and review.py
Returns     plain values, which templates read; items are the JSON that the API answers
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.domain.orders.queues import OF_NO_ORDER, Queue
from functions.console import problems

# The text that an answer to chosen items needs beside the items.
TEXT_OF_ANSWER: Mapping[str, tuple[str, ...]] = {
    "reject": ("reason",),
    "resolve": ("resolution",),
    "write-off": ("reason",),
}
_REVIEWED = frozenset({Queue.SALES_REVIEW, Queue.DRAFTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of one chosen item. `why` is the API's sentence, empty where the item was answered. `order_id` is "" for an item of
    no order."""

    item: str
    order_id: str
    status: str  # done, refused, unfinished
    why: str


def table_rows(items: Iterable[Mapping[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Return the rows of a queue's table: the facts of the order beside the item, and a tone if it is overdue."""
    return [
        {
            **item,
            "order_id": item.get("order_id"),
            "name": item["external_id"] or item.get("order_id") or item.get("supply_id") or _subject_or_id(item),
            "of_order": item["data"].get("order_id"),
            "provider": item["data"].get("provider") or item["item_id"].partition("~")[0],
            **{name: _amount(item["data"], name) for name in ("ours", "reported", "estimated")},
            "channel": (item["order"] or item["data"]).get("channel"),
            "total": item["order"]["total"] if item["order"] else _amount(item["data"]),
            "path": item_path(item),
            "since": item.get("since"),
            "tone": "bad" if datetime.fromisoformat(item["due"]) < now else "",
        }
        for item in items
    ]


def _subject_or_id(item: Mapping[str, Any]) -> str:
    """Return the channel's id of the customer, the payment or the parcel that an item of no order is about, else its own id."""
    data = item["data"] or {}
    named = (data[name] for name in ("customer_id", "payment", "tracking_number") if data.get(name))
    return next(named, str(item["item_id"]))


def _amount(data: Mapping[str, str], name: str = "amount") -> dict[str, Any] | None:
    """Return an amount of an item of no order, None if it has none."""
    if not data.get(name) or not data.get("currency"):
        return None
    return {"amount": int(data[name]), "currency": data["currency"]}


def claim(items: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the item of an order that somebody works on: another person's first, because it keeps the reader from answering."""
    claimed = sorted((item for item in items if item["claimed_until"]), key=lambda item: bool(item["claimed_by_me"]))
    return claimed[0] if claimed else None


def item_path(item: Mapping[str, Any]) -> str:
    """Return the path of the page on which a person works on the item: the order, or its review if sales answers it."""
    order_id = item.get("order_id")
    if not order_id:
        return f"queues/{item['queue']}"
    if item["queue"] in _REVIEWED:
        return f"orders/{order_id}/review?queue={item['queue']}"
    return f"orders/{order_id}"


def results(queue: str, answered: Iterable[Mapping[str, Any]]) -> list[Result]:
    """Return the results of chosen items of a queue, those that need a look first."""
    found = [
        Result(
            item=row["item_id"],
            order_id="" if queue in OF_NO_ORDER else row["item_id"].partition(".")[0],
            status=row["status"],
            why=problems.detail(row.get("problem") or {}),
        )
        for row in answered
    ]
    return sorted(found, key=lambda one: one.status == "done")
