"""
Keep where the skus of a node lie: one row for each sku and node, in the Stock table.

Called by   functions/stock, functions/documents
Returns     Locations of the skus that were asked for, or of a page of a node's skus
Raises      StockConflict (Busy) when another request changes the same rows; Throttled

A row has the time of the list that it came from, so a late or repeated list never replaces a newer one. A sku that has no location
any more keeps its row, without the place, for the same reason. No stock depends on a location.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from itertools import batched, islice
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import MOST_ITEMS, Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import StockConflict
from comanda.domain.picking.location import Location


def find(node: str, skus: Iterable[str]) -> dict[str, Location | None]:
    """Return the location of each sku at a node, None for a sku without one."""
    wanted = dict.fromkeys(skus)
    return {**wanted, **{row["sku"]: _location(row) for row in _stored(node, wanted)}}


def store(node: str, places: Mapping[str, Location | None], as_of: datetime) -> set[str]:
    """Store the location of each sku, None for no location any more, as a list of that time says it.

    Returns the skus that stay as they are, because a newer list has them. Up to 100 rows are written together; when that is
    refused, the rows before are written, and the same call writes the rest.
    """
    at = keys.time(as_of)
    stored = {row["sku"]: row for row in _stored(node, places)}
    newer = {sku for sku, row in stored.items() if row["as_of"] > at}
    wanted = (_put(node, sku, where, at) for sku, where in places.items() if sku not in newer)
    for group in batched(wanted, MOST_ITEMS, strict=False):
        transaction.commit(group)
    return newer


def page(node: str, after: str, limit: int) -> tuple[list[tuple[str, Location]], str | None]:
    """Return up to `limit` skus of a node with their locations, and the key to go on after, None at the end."""
    rows = [row for shard in range(keys.LOCATION_SHARDS) for row in _page_of_shard(node, shard, after, limit)]
    rows.sort(key=lambda row: str(row["sk"]))
    shown = [(row["sku"], where) for row in rows[:limit] if (where := _location(row)) is not None]
    return shown, rows[limit - 1]["sk"] if len(rows) > limit else None


def _page_of_shard(node: str, shard: int, after: str, limit: int) -> Iterable[dict[str, Any]]:
    condition = "pk = :pk AND sk > :sk" if after else "pk = :pk"
    values: dict[str, Any] = {"pk": keys.locations(node, shard), **({"sk": after} if after else {})}
    return islice(reads.query(settings.stock_table, condition, together=limit + 1, **values), limit + 1)


def _stored(node: str, skus: Iterable[str]) -> Iterable[dict[str, Any]]:
    return reads.batch(settings.stock_table, [keys.location(node, sku) for sku in skus])


def _put(node: str, sku: str, where: Location | None, at: str) -> Write:
    row = {**keys.location(node, sku), "sku": sku, "as_of": at, **(asdict(where) if where else {})}
    condition = "attribute_not_exists(pk) OR as_of <= :at"
    return transaction.put(settings.stock_table, row, StockConflict(f"locations of {node}"), condition=condition, at=at)


def _location(row: Mapping[str, Any]) -> Location | None:
    if "zone" not in row:
        return None
    return Location(row["zone"], int(row["aisle"]), int(row["rack"]), row["bin"])
