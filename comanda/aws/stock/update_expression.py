"""
Write a change of a position as a DynamoDB update expression.

Called by   comanda.aws.stock.position_writes
Returns     a Write whose refusal is a StockConflict
"""

from typing import Any

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import position_items
from comanda.domain.errors import StockConflict
from comanda.domain.stock.apply_change import apply_change
from comanda.domain.stock.changes import LEAVING, Change
from comanda.domain.stock.stock import Position, Supply


class _Expression:
    """Collect the clauses of an update and its condition, and the values of their placeholders."""

    def __init__(self) -> None:
        self.sets, self.removes, self.conditions = ["rev = rev + :one"], list[str](), ["attribute_exists(pk)"]
        self.names: dict[str, Any] = {"one": 1}

    def add(self, field: str, alias: str, key: str, delta: int, *, least: bool) -> None:
        """Add `delta` to a number of a map. With `least`, a number that is lowered must be large enough."""
        path = f"{field}.#{alias}"
        self.sets.append(f"{path} = if_not_exists({path}, :zero) + :{alias}")
        self.names |= {f"n_{alias}": key, alias: delta, "zero": 0}
        if least and delta < 0:
            self.demand(f"{path} >= :least{alias}", **{f"least{alias}": -delta})

    def demand(self, condition: str, **names: Any) -> None:
        self.conditions.append(condition)
        self.names |= names


def update(change: Change, *, seen: Position | None = None) -> Write:
    """Return the update of a change.

    Its condition is that the position is as it was `seen`; without `seen`, that the units it takes are there.
    """
    expression = _Expression()
    expression.sets.append("#free = #free + :f")
    expression.names |= {"n_free": "free", "f": change.free}  # a word that DynamoDB reserves
    for i, (bucket, delta) in enumerate(change.on_hand):
        expression.add("on_hand", f"b{i}", bucket, delta, least=change.kind in LEAVING)
    for i, (due, delta) in enumerate(change.demand):
        expression.add("hard", f"d{i}", due, delta, least=True)
    for i, (due, expires, delta) in enumerate(change.soft):
        expression.add("soft", f"s{i}", f"{due}|{expires}", delta, least=True)
    _supplies(expression, change)
    _clear(expression, change)
    if change.counted_at is not None:
        expression.sets.append("counted_at = :counted")
        expression.names["counted"] = change.counted_at.isoformat()
    _glance(expression, change, seen)
    if seen is not None:
        expression.demand("rev = :rev", rev=seen.rev)
    else:
        _conditions_without_reading(expression, change)
    return transaction.update(
        settings.stock_table,
        keys.position(*change.position_key),
        "SET "
        + ", ".join(expression.sets)
        + (" REMOVE " + ", ".join(expression.removes) if expression.removes else ""),
        StockConflict(f"{change.sku} at {change.node}: {change.kind}", place=(change.sku, change.node)),
        condition=" AND ".join(expression.conditions),
        **expression.names,
    )


def _glance(expression: _Expression, change: Change, seen: Position | None) -> None:
    """Set the new `glance`. Without the position as it was read, only mark it as more than plain, never as plain."""
    if change.lane:
        return
    if seen is not None:
        glance: Any = position_items.glance(apply_change(seen, change))
    elif change.supplies or any(units > 0 for _, _, units in change.soft):
        glance = position_items.more_than_plain(change.node)
    else:
        return
    expression.sets.append("glance = :glance")
    expression.names["glance"] = glance


def _supplies(expression: _Expression, change: Change) -> None:
    for i, supply in enumerate(change.supplies):
        expression.names[f"n_u{i}"] = supply.supply_id
        if supply.quantity:
            expression.sets.append(f"supplies.#u{i} = :u{i}")
            expression.names[f"u{i}"] = supply_document(supply)
        else:
            expression.removes.append(f"supplies.#u{i}")


def supply_document(supply: Supply) -> dict[str, Any]:
    """Return a supply as the map in the position's item."""
    return {name: getattr(supply, name) for name in Supply.__slots__ if name != "supply_id"}


def _clear(expression: _Expression, change: Change) -> None:
    """Remove the days and expiries that hold 0 units, unless another writer added units meanwhile."""
    touched = {due for due, _ in change.demand} | {f"{due}|{expires}" for due, expires, _ in change.soft}
    for i, (field, key) in enumerate(clear for clear in change.clears if clear[1] not in touched):
        path = f"{field}.#c{i}"
        expression.removes.append(path)
        expression.demand(f"(attribute_not_exists({path}) OR {path} = :zero)", **{f"n_c{i}": key, "zero": 0})


def _conditions_without_reading(expression: _Expression, change: Change) -> None:
    if change.need is not None or change.free > 0:
        expression.demand("#free >= :need", need=change.need or 0)
    if change.occurred is not None:
        expression.demand(
            "(attribute_not_exists(counted_at) OR counted_at < :occurred)", occurred=change.occurred.isoformat()
        )
