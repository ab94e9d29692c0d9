"""
Store promises as they were made, so that one can be reserved by its id and option.

Called by   functions/promise, functions/reserve, functions/intake
Returns     the promise's document, and the parts of an option
Raises      NotFound for a promise that does not exist, belongs to another client, or is over
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.dynamodb.items import item, pack, unpack
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import NotFound

_KEPT = timedelta(days=1)  # after a promise has ended, its item is kept so long


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of an option: units of a line at a node, due now or on the UTC day of a supply."""

    line_id: str
    sku: str
    node: str
    quantity: int
    due: str | None


def save(promise_id: str, document: dict[str, Any]) -> None:
    """Store the promise's document until a day after the promise has ended."""
    until = datetime.fromisoformat(document["valid_until"])
    row = {**keys.promise(promise_id), "doc": pack(document), "ttl": int((until + _KEPT).timestamp())}
    client("dynamodb").put_item(TableName=settings.stock_table, Item=item(row))


def load(promise_id: str, owner: str | None, now: datetime) -> dict[str, Any]:
    """Return the promise's document, as functions/promise/rules.py makes it; with `owner`, only if it is this owner's.

    Raises NotFound.
    """
    row = reads.get(settings.stock_table, keys.promise(promise_id))
    found: dict[str, Any] = unpack(row["doc"]) if row else {}
    if not found or owner not in (None, found["owner"]) or datetime.fromisoformat(found["valid_until"]) < now:
        raise NotFound("promise", promise_id[:80])
    return found


def parts(document: dict[str, Any], option_id: str) -> list[Part]:
    """Return the parts that must be reserved to keep an option that was offered."""
    option = document["options"][option_id]
    return [
        Part(line_id=line_id, sku=document["lines"][line_id][0], node=f["node"], quantity=units, due=f["due"])
        for f in option["fulfillments"]
        for line_id, units in f["lines"]
    ]
