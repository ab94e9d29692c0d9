"""
The figures of a day of the whole stock, kept in parts: each is put by whoever counted it, so that counting again is harmless.

Called by   functions/daily
"""

from typing import Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.dynamodb.items import item
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings


def keep(day: str, part: str, figures: dict[str, int]) -> None:
    client("dynamodb").put_item(
        TableName=settings.stock_table, Item=item({**keys.stock_day(day, part), "figures": figures})
    )


def of_day(day: str) -> dict[str, int]:
    """The day's figures, all parts together."""
    first: dict[str, Any] = keys.stock_day(day, "")
    rows = reads.query(settings.stock_table, "pk = :pk AND begins_with(sk, :day)", pk=first["pk"], day=first["sk"])
    found: dict[str, int] = {}
    for row in rows:
        for name, count in row["figures"].items():
            found[name] = found.get(name, 0) + count
    return found
