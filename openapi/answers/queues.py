"""
Model the answers about queues: what waits in each, its items with their claims, and the results of answers.

Called by   openapi/operations.py. The doors of functions/intake make the answers
"""

from typing import Annotated, Literal

from pydantic import Field, RootModel

from openapi.answers.base import Answer, Money, OrderId, OrderStatus, QueueName, Time
from openapi.answers.orders import Order
from openapi.answers.problems import Problem
from openapi.answers.supplies import RequestAnswered


class QueueLinks(Answer):
    items: str


class Queue(Answer):
    """A queue, with what waits in it. `waiting` counts up to 100 items; where there are more, it is 100 and `capped` is
    true. `oldest_due` is the earliest time at which an item of the whole queue is or was due; null for an empty queue."""

    queue: QueueName
    waiting: Annotated[int, Field(ge=0, le=100)]
    capped: bool
    oldest_due: Time | None
    links: QueueLinks


class OrderOfItem(Answer):
    """An order in short, as a list of items shows it. An order of an earlier version of Comanda may lack some of it until its
    next change."""

    external_id: str | None
    channel: str
    status: OrderStatus
    version: Annotated[int, Field(ge=1)]
    placed_at: Time | None
    total: Money | None


class QueueItem(Answer):
    """An item of an order, of a supply, or of neither, that waits for a person, and the reason. `data` differs by queue;
    its values are texts. While a claim lives, only its caller may answer the item; a claim that has ended is not shown."""

    item_id: str
    order_id: OrderId | None = None
    supply_id: str | None = None
    queue: QueueName
    reason: str
    due: Time
    since: Time
    data: dict[str, str]
    claimed_by: str | None
    claimed_by_name: str | None
    claimed_until: Time | None
    claimed_by_me: bool
    external_id: str | None
    order: OrderOfItem | None


class NextItem(Answer):
    """The most urgent item that nobody had, now claimed by the caller; null if there is none."""

    item: QueueItem | None


class ItemDone(Answer):
    """An item that a node's own caller has answered, without the order, which it does not see; or an item of no order."""

    item_id: str
    queue: QueueName
    order_id: OrderId | None
    status: Literal["done"]


class ItemResolved(RootModel[Order | RequestAnswered | ItemDone]):
    """The order as it is now, or the supply of an item of `transfers` and `transfer-differences`; for a node's own
    callers, and for an item of `provider-notices`, `reconcile`, `shipping-costs`, `tax-records` and `gift-cards`, the item alone."""


class ResolvedItem(Answer):
    """The result of one chosen item. A refused item stays as it was; an unfinished one was not reached in time, or lost
    against other writers: the same request with the same key answers it."""

    item_id: str
    status: Literal["done", "refused", "unfinished"]
    problem: Problem | None


class ItemsResolved(Answer):
    rows: list[ResolvedItem]
