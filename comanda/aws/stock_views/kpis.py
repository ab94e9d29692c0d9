"""
Keep the figures of the whole stock by day, in parts: each run puts the part that it counted, so counting again is harmless.

Called by   functions/daily
Returns     the sums of a day over all parts
"""

from typing import Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.dynamodb.items import item
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings


def keep(day: str, part: str, figures: dict[str, int]) -> None:
    """Put the figures of one part of a day."""
    client("dynamodb").put_item(
        TableName=settings.stock_table, Item=item({**keys.stock_day(day, part), "figures": figures})
    )


def figures_of_day(day: str) -> dict[str, int]:
    """Return the figures of a day, summed over its parts."""
    first: dict[str, Any] = keys.stock_day(day, "")
    rows = reads.query(settings.stock_table, "pk = :pk AND begins_with(sk, :day)", pk=first["pk"], day=first["sk"])
    found: dict[str, int] = {}
    for row in rows:
        for name, count in row["figures"].items():
            found[name] = found.get(name, 0) + count
    return found
