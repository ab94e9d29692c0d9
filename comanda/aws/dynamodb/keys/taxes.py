"""Spell the keys of what tax services have of an order's documents, in the Orders table."""

from datetime import datetime

from comanda.aws.dynamodb.keys.orders import ORDERS, TAX_RECORDS
from comanda.aws.dynamodb.keys.queues import queue_page
from comanda.aws.dynamodb.keys.spelling import Key, shard, time


def tax_record(order_id: str, kind: str, number: int) -> Key:
    """Return the key of what a tax service has of a document, by the beginning of its id: `inv` or `crn`."""
    return {"pk": ORDERS + order_id, "sk": f"{TAX_RECORDS}{kind}#{number:03d}"}


def tax_record_place(due: datetime, document_id: str) -> Key:
    """Return the index key of a document about which a person is asked: its place in the queue, the oldest first."""
    return {"gsi3pk": queue_page("tax-records", shard(document_id)), "gsi3sk": f"5#{time(due)}#{document_id}"}
