"""Spell the keys of supplies in the Stock table, and of the queues of transfers."""

from datetime import datetime

from comanda.aws.dynamodb.keys.queues import queue_page
from comanda.aws.dynamodb.keys.spelling import HEADER, Key, shard, text, time

SUPPLIES = "PO#"  # the partition of a supply begins with it
LINES = "L#"  # the sort keys of a supply's lines, and of a reservation's chunks, begin with it


def supply(supply_id: str) -> Key:
    """Return the key of a purchase order, a transfer or another announcement. Its lines share the partition."""
    return {"pk": SUPPLIES + supply_id, "sk": HEADER}


def supply_line(supply_id: str, line: int) -> Key:
    return {"pk": SUPPLIES + supply_id, "sk": f"{LINES}{line:04d}"}


def transfer_request(until: datetime, supply_id: str, line: int) -> Key:
    """Return the index key of a line that waits for its origin to answer: its place in the queue, the oldest first."""
    return _of_supply("transfers", until, f"{supply_id}#{line:04d}")


def requests_until(at: datetime) -> str:
    """Return the sort key after those of all requests whose time to be answered is over at this time."""
    return f"5#{time(at)}~"


def difference(supply_id: str, line: int, reference: str) -> Key:
    """Return the key of a difference: units that were received and that were not shipped. `reference` is the
    receipt's."""
    return {"pk": SUPPLIES + supply_id, "sk": f"X#{line:04d}#{text(reference)}"}


def transfer_difference(due: datetime, supply_id: str, line: int, reference: str) -> Key:
    """Return the index key of a difference: its place in the queue, the oldest first."""
    return _of_supply("transfer-differences", due, f"{supply_id}#{line:04d}#{text(reference)}")


def _of_supply(queue: str, due: datetime, item: str) -> Key:
    return {"gsi3pk": queue_page(queue, shard(item)), "gsi3sk": f"5#{time(due)}#{item}"}
