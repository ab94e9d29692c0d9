"""
Put any number of items that do not belong together, in groups of twenty-five. A crash leaves the first of them written.

Called by   modules that write rows before one transaction makes all of them count
Raises      Throttled when AWS asks for less several times

The table is the first argument of each function: a test compares the rights of each room with the tables that it names.
"""

import random
import time
from collections.abc import Iterable
from itertools import batched
from typing import Any

from comanda.aws.dynamodb.items import item
from comanda.aws.runtime.clients import client
from comanda.domain.errors import Throttled

_TOGETHER = 25  # of one BatchWriteItem
_TRIES = 10
_PAUSE_SECONDS = 0.02


def put_all(table: str, rows: Iterable[dict[str, Any]]) -> int:
    """Put the items, each over what is at its key, and return their number. No key may occur twice."""
    written = 0
    for group in batched(rows, _TOGETHER, strict=False):
        _put(table, [{"PutRequest": {"Item": item(row)}} for row in group])
        written += len(group)
    return written


def _put(table: str, requests: list[Any]) -> None:
    """Put a group. The items that AWS leaves out, because a partition has too many writes, are sent again."""
    for attempt in range(_TRIES):
        answer = client("dynamodb").batch_write_item(RequestItems={table: requests})
        requests = answer.get("UnprocessedItems", {}).get(table, [])
        if not requests:
            return
        time.sleep(random.uniform(0, _PAUSE_SECONDS * 2**attempt))
    raise Throttled("batch of items")
