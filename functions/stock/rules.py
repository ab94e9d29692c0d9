"""
Turn an adjustment into changes of positions: rows summed, checked as a whole, and cut into transactions.

Called by   functions/stock/handler.py
Returns     Changes, problems of rows, and positions as JSON
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from comanda.domain import views
from comanda.domain.days import utc_minute
from comanda.domain.stock import movements, stock
from comanda.domain.stock.changes import Change, sum_changes
from comanda.domain.stock.stock import Position

SkuAtNode = tuple[str, str]  # (sku, node)

_ROOM = 100  # writes of one transaction
# A position, its movement, and the OVER_RESERVED alert that a change may write or delete. Each sku adds a receipt counter.
_WRITES_OF_A_CHANGE = 3


class AdjustmentRow(Protocol):
    """A row of the contract."""

    @property
    def sku(self) -> str: ...

    @property
    def node_id(self) -> str: ...

    @property
    def bucket(self) -> str: ...

    @property
    def quantity(self) -> int: ...


def position_key(row: AdjustmentRow) -> SkuAtNode:
    """Return the position that a row changes."""
    return row.sku, row.node_id


def changes(rows: Iterable[AdjustmentRow], *, source: str, reason: str, now: datetime) -> tuple[Change, ...]:
    """Return one change for each position, with all its buckets, in the order of the positions' keys."""
    summed = sum_changes(
        movements.adjust(r.sku, r.node_id, r.bucket, r.quantity, source=source, line="rows", reason=reason, now=now)
        for r in rows
    )
    return tuple(replace(c, on_hand=tuple((b, delta) for b, delta in c.on_hand if delta)) for c in summed)


def below_zero(rows: Sequence[AdjustmentRow], there: Mapping[SkuAtNode, Position]) -> Iterator[tuple[int, str]]:
    """Yield (index, reason) of the first row of each bucket that would fall below 0 units."""
    net: dict[tuple[str, str, str], int] = {}
    first: dict[tuple[str, str, str], int] = {}
    for i, row in enumerate(rows):
        at = (*position_key(row), row.bucket)
        net[at] = net.get(at, 0) + row.quantity
        if row.quantity < 0:
            first.setdefault(at, i)
    for (sku, node, bucket), delta in net.items():
        position = there.get((sku, node))
        has = position.bucket(bucket) if position else 0
        if has + delta < 0:
            yield first[sku, node, bucket], f"{sku} at {node} has {has} {bucket}, {-delta} were to be taken"


def chunks(changes: Iterable[Change]) -> Iterator[tuple[Change, ...]]:
    """Cut the changes into transactions by the number of their writes. Equal changes are always cut in the same way."""
    chunk: list[Change] = []
    for change in changes:
        longer = [*chunk, change]
        if len(longer) * _WRITES_OF_A_CHANGE + len({c.sku for c in longer if c.free > 0}) > _ROOM:
            yield tuple(chunk)
            longer = [change]
        chunk = longer
    if chunk:
        yield tuple(chunk)


def position_json(position: Position, policy: Mapping[str, Any] | None, now: datetime) -> dict[str, Any]:
    """Return a position as the API shows it: units on hand, promised and expected, and those available now and by day.

    `policy` is the position's own policy, or None for a caller that may not see it.
    """
    body = {
        "node_id": position.node,
        "on_hand": dict(position.on_hand),
        "hard": position.demand,
        "soft": sum(units for _, expires, units in position.soft if expires > utc_minute(now)),
        "demand": [{"due": due, "quantity": units} for due, units in position.hard],
        "supplies": [
            {"supply_id": s.supply_id, "type": s.type, "eta": s.eta, "quantity": s.quantity} for s in position.supplies
        ],
        "free": position.free,
        "safety": stock.withheld(position, now),
        "available": stock.available(position, now),
        "dates": [{"date": day, "available": units} for day, units in stock.available_steps(position, now)],
        "counted_at": views.time(position.counted_at),
    }
    return body if policy is None else {**body, "policy": policy}
