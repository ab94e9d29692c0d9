"""
The ledger of the Stock table: a line for every movement, put once and never changed.

Called by   comanda.aws.stock.stock, which writes it with the position; counts, the audit and the API, which read it
Raises      AlreadyMoved, inside the transaction, when the very same change was made before
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import StockConflict
from comanda.domain.stock.movements import Change


class AlreadyMoved(StockConflict):
    """The ledger has this movement: the very same change was applied before."""


def line(change: Change) -> Write:
    """The movement of a change, with what it did to every counter of its position."""
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
    """The line of this very change, or None when it was not made."""
    return reads.get(settings.stock_table, keys.movement(change.sku, change.node, change.movement_id, change.lane))


def change_of(line: dict[str, Any], like: Change) -> Change:
    """The change that a line records, of the same position and cause as another one."""
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
    """The ledger of a position, by movement id; strongly consistent."""
    ledger = keys.movement(sku, node, "", lane)["pk"]
    return list(reads.query(settings.stock_table, "pk = :pk", consistent=True, pk=ledger))


def since(sku: str, node: str, at: datetime, lane: int = 0) -> list[dict[str, Any]]:
    """The movements of a position that happened after a moment; strongly consistent.

    A movement is written when we hear of it, so never before it happened: the ledger's own partition is read, not the index,
    which may lag behind the very sale that a count must not give back.
    """
    return [row for row in movements(sku, node, lane) if datetime.fromisoformat(row.get("occurred") or row["at"]) > at]


def pages(sku: str, node: str, yyyymm: str) -> list[str]:
    """The pages of a month in the index by time: one for each lane that the position ever had."""
    rows = list(reads.batch(settings.stock_table, [keys.position(sku, node)], consistent=False))
    widest = max((row.get("widest", 0) for row in rows), default=0)
    return [keys.movements_page(sku, node, yyyymm, lane) for lane in range(widest + 1)]
