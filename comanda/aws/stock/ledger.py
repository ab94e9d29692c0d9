"""
Write and read the ledger of the Stock table: each movement has one line, which is put once and never changed.

Called by   comanda.aws.stock.position_writes, which writes it with the position; counts, the audit and the API, which read it
Raises      AlreadyMoved, inside the transaction, when the same change was applied before
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import StockConflict
from comanda.domain.stock.changes import Change


class AlreadyMoved(StockConflict):
    """The ledger has this movement: the same change was applied before."""


def line(change: Change) -> Write:
    """Write the movement of a change, with its effect on every counter of the position."""
    occurred = change.occurred or change.at
    values = {
        **keys.movement(change.sku, change.node, change.movement_id, change.lane),
        **keys.movement_in_time(change.sku, change.node, change.at, change.movement_id, change.lane),
        "sku": change.sku,
        "node": change.node,
        "lane": change.lane or None,
        "kind": change.kind,
        "source": change.source,
        "line": change.line,
        "at": change.at.isoformat(),
        "occurred": occurred.isoformat() if occurred != change.at else None,
        "free": change.free,
        "on_hand": dict(change.on_hand),
        "demand": dict(change.demand),
        "soft": {f"{due}|{expires}": units for due, expires, units in change.soft} or None,
        "supplies": dict(change.expected) or None,
        "reason": change.reason or None,
    }
    return transaction.put_once(
        settings.stock_table, values, AlreadyMoved(change.movement_id, place=(change.sku, change.node))
    )


def find(change: Change) -> dict[str, Any] | None:
    """Return the line of this change, or None if the change was not applied."""
    return reads.get(settings.stock_table, keys.movement(change.sku, change.node, change.movement_id, change.lane))


def recorded_change(line: dict[str, Any], like: Change) -> Change:
    """Return the change that a line records; `like` gives the position and the cause."""
    return replace(
        like,
        kind=line["kind"],
        free=line["free"],
        on_hand=tuple(line["on_hand"].items()),
        demand=tuple(line["demand"].items()),
        soft=tuple((*at.split("|"), units) for at, units in line.get("soft", {}).items()),
        need=None,
    )


def movements(sku: str, node: str, lane: int = 0) -> list[dict[str, Any]]:
    """Return the ledger of a position in order of movement id; strongly consistent."""
    ledger = keys.movement(sku, node, "", lane)["pk"]
    return list(reads.query(settings.stock_table, "pk = :pk", consistent=True, pk=ledger))


def movements_since(sku: str, node: str, at: datetime, lane: int = 0) -> list[dict[str, Any]]:
    """Return the movements of a position that happened after a moment; strongly consistent.

    The function reads the ledger's partition, not the index by time: the index may lag behind a sale, and a count would then
    give the sold unit back.
    """
    return [row for row in movements(sku, node, lane) if datetime.fromisoformat(row.get("occurred") or row["at"]) > at]


def month_pages(sku: str, node: str, yyyymm: str) -> list[str]:
    """Return the index pages of a month: one page for each lane that the position ever had."""
    rows = list(reads.batch(settings.stock_table, [keys.position(sku, node)], consistent=False))
    widest = max((row.get("widest", 0) for row in rows), default=0)
    return [keys.movements_page(sku, node, yyyymm, lane) for lane in range(widest + 1)]
