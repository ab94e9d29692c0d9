"""Spell the index keys of queues in the Orders table: tasks, claims, a node's work, and erasures that are not finished."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb.keys.spelling import HEADER, Key, shard, text, time, time_of


def in_queue(queue: str, due: datetime, order_id: str, item: str, priority: int = 5) -> Key:
    """Return the index key of a task: its place in its queue, the most urgent first."""
    row = f"{time(due)}#{order_id}" if queue == "open" else f"{priority}#{time(due)}#{order_id}#{text(item)}"
    return {"gsi3pk": queue_page(queue, shard(order_id)), "gsi3sk": row}


def looks_until(at: datetime) -> str:
    """Return the sort key after those of all open orders whose look is due at this time."""
    return f"{time(at)}~"


def in_queue_of_node(queue: str, node: str, due: datetime, order_id: str, item: str, priority: int = 5) -> Key:
    """Return the index key of a task that a node's people may answer: its place in their part of its queue."""
    place = in_queue(queue, due, order_id, item, priority)["gsi3sk"]
    return {"gsi2pk": queue_page_of_node(queue, node), "gsi2sk": place}


def queue_page_of_node(queue: str, node: str) -> str:
    return f"W#{queue}#{text(node)}"


def claimed(by: str, until: datetime, order_id: str, queue: str, item: str) -> Key:
    """Return the keys of a claimed item in the list of its claimant's claims, in the order in which they end."""
    return {"gsi1pk": claims_page(by), "gsi1sk": f"{time(until)}#{order_id}#{queue}#{item}"}


def claims_page(by: str) -> str:
    return f"CLAIMS#{text(by)}"


def queue_page(queue: str, shard: int) -> str:
    return f"W#{queue}#{shard}"


def priority_and_due_of(gsi3sk: str) -> tuple[str, datetime]:
    """Return the priority and the due time of a task from its place in its queue."""
    priority, due, _ = gsi3sk.split("#", 2)
    return priority, time_of(due)


def after_priority(priority: str) -> str:
    """Return the sort key after those of all tasks of this priority in a queue."""
    return f"{priority}~"


def node_work(
    node: str, store: bool, done: datetime | None, rank: int, ship_by: datetime, priority: int, fulfillment_id: str
) -> Key:
    """Return the index key of a fulfillment: its place in its node's list of open work, or of the month it was done in."""
    page = f"done-{time(done)[:6]}" if done else "open"
    return {
        "gsi3pk": node_page(node, page, 0 if store else shard(fulfillment_id, NODE_SHARDS)),
        "gsi3sk": f"{rank:02d}#{time(ship_by)}#{priority}#{fulfillment_id}",
    }


def waiting_notice(due: datetime, provider: str, subject: str) -> Key:
    """Return the index key of a provider's notice: its place in the queue, the oldest first."""
    name = f"{text(provider)}#{text(subject)}"
    return {"gsi3pk": queue_page("provider-notices", shard(name)), "gsi3sk": f"5#{time(due)}#{name}"}


NODE_SHARDS = 16
OPEN_PAYMENTS = "payments-open"  # the queue of money operations that have not ended


def node_page(node: str, page: str, shard: int) -> str:
    return f"N#{text(node)}#{page}#{shard}"


def open_payment(at: datetime, order_id: str, number: int) -> Key:
    """Return the index key by which the sweeper finds a money operation at the time for its next look.

    Number 0 is that of a payment to check.
    """
    return {"gsi3pk": queue_page(OPEN_PAYMENTS, shard(order_id)), "gsi3sk": f"{time(at)}#{order_id}#{number:03d}"}


def order_id_of_open_payment(row: Mapping[str, Any]) -> str:
    """Return the id of the order from its place among the open payments."""
    order_id: str = row["gsi3sk"].split("#")[1]
    return order_id


UNNUMBERED = "unnumbered"  # the queue of invoices and credit notes that have no number yet
UNRECORDED = "unrecorded"  # the queue of those that have one, and of which a tax service is to be told


def unnumbered(issued_at: datetime, document_id: str) -> Key:
    """Return the index key by which the sweeper finds a document without a number, by the time of its issue."""
    return {"gsi3pk": queue_page(UNNUMBERED, shard(document_id)), "gsi3sk": f"{time(issued_at)}#{document_id}"}


def unrecorded(numbered_at: datetime, document_id: str) -> Key:
    """Return the index key by which the sweeper finds a document that its tax service does not have, by the time of its number."""
    return {"gsi3pk": queue_page(UNRECORDED, shard(document_id)), "gsi3sk": f"{time(numbered_at)}#{document_id}"}


def id_of_document(row: Mapping[str, Any]) -> str:
    """Return the id of a document from its place in one of these two queues."""
    document_id: str = row["gsi3sk"].split("#")[1]
    return document_id


def erasure(customer_id: str) -> Key:
    """Return the key of the row by which the sweeper finds the erasure of a customer that is not finished."""
    return {"pk": f"ER#{customer_id}", "sk": HEADER}


def erasure_due(customer_id: str, at: datetime) -> Key:
    return {"gsi3pk": queue_page("erasures", shard(customer_id)), "gsi3sk": f"{time(at)}#{customer_id}"}


def customer_id_of_erasure(row: Mapping[str, Any]) -> str:
    customer_id: str = row["pk"].removeprefix("ER#")
    return customer_id
