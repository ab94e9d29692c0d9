"""
The update of a position: DynamoDB's words for a change.

Called by   comanda.aws.stock.stock
Returns     a Write whose refusal is a StockConflict
"""

from typing import Any

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import position_items
from comanda.domain.errors import StockConflict
from comanda.domain.stock import movements
from comanda.domain.stock.movements import LEAVING, Change
from comanda.domain.stock.stock import Position, Supply


class _Words:
    """What is set, removed and demanded, and the names that stand for it."""

    def __init__(self) -> None:
        self.sets, self.removes, self.conditions = ["rev = rev + :one"], list[str](), ["attribute_exists(pk)"]
        self.names: dict[str, Any] = {"one": 1}

    def add(self, field: str, alias: str, key: str, delta: int, *, least: bool) -> None:
        """Move a number of a map; one that is lowered must have as much, where `least` says so."""
        path = f"{field}.#{alias}"
        self.sets.append(f"{path} = if_not_exists({path}, :zero) + :{alias}")
        self.names |= {f"n_{alias}": key, alias: delta, "zero": 0}
        if least and delta < 0:
            self.demand(f"{path} >= :least{alias}", **{f"least{alias}": -delta})

    def demand(self, condition: str, **names: Any) -> None:
        self.conditions.append(condition)
        self.names |= names


def update(change: Change, *, seen: Position | None = None) -> Write:
    """The change, while the position is as it was `seen`; without that, while what it takes is there."""
    words = _Words()
    words.sets.append("#free = #free + :f")
    words.names |= {"n_free": "free", "f": change.free}  # a word that DynamoDB reserves
    for i, (bucket, delta) in enumerate(change.on_hand):
        words.add("on_hand", f"b{i}", bucket, delta, least=change.kind in LEAVING)
    for i, (due, delta) in enumerate(change.demand):
        words.add("hard", f"d{i}", due, delta, least=True)
    for i, (due, expires, delta) in enumerate(change.soft):
        words.add("soft", f"s{i}", f"{due}|{expires}", delta, least=True)
    _supplies(words, change)
    _clear(words, change)
    if change.counted_at is not None:
        words.sets.append("counted_at = :counted")
        words.names["counted"] = change.counted_at.isoformat()
    _glance(words, change, seen)
    if seen is not None:
        words.demand("rev = :rev", rev=seen.rev)
    else:
        _as_it_stands(words, change)
    return transaction.update(
        settings.stock_table,
        keys.position(*change.place),
        "SET " + ", ".join(words.sets) + (" REMOVE " + ", ".join(words.removes) if words.removes else ""),
        StockConflict(f"{change.sku} at {change.node}: {change.kind}", place=(change.sku, change.node)),
        condition=" AND ".join(words.conditions),
        **words.names,
    )


def _glance(words: _Words, change: Change, seen: Position | None) -> None:
    """What the item says at a glance from now on. Without the position, only that it is more: never that it is not."""
    if change.lane:
        return
    if seen is not None:
        says: Any = position_items.glance(movements.applied(seen, change))
    elif change.supplies or any(units > 0 for _, _, units in change.soft):
        says = position_items.more_than_plain(change.node)
    else:
        return
    words.sets.append("glance = :glance")
    words.names["glance"] = says


def _supplies(words: _Words, change: Change) -> None:
    for i, supply in enumerate(change.supplies):
        words.names[f"n_u{i}"] = supply.supply_id
        if supply.quantity:
            words.sets.append(f"supplies.#u{i} = :u{i}")
            words.names[f"u{i}"] = supply_document(supply)
        else:
            words.removes.append(f"supplies.#u{i}")


def supply_document(supply: Supply) -> dict[str, Any]:
    return {name: getattr(supply, name) for name in Supply.__slots__ if name != "supply_id"}


def _clear(words: _Words, change: Change) -> None:
    """Drop the days and expiries of no units; another writer may have been faster."""
    touched = {due for due, _ in change.demand} | {f"{due}|{expires}" for due, expires, _ in change.soft}
    for i, (field, key) in enumerate(clear for clear in change.clears if clear[1] not in touched):
        path = f"{field}.#c{i}"
        words.removes.append(path)
        words.demand(f"(attribute_not_exists({path}) OR {path} = :zero)", **{f"n_c{i}": key, "zero": 0})


def _as_it_stands(words: _Words, change: Change) -> None:
    if change.need is not None or change.free > 0:
        words.demand("#free >= :need", need=change.need or 0)
    if change.occurred is not None:
        words.demand(
            "(attribute_not_exists(counted_at) OR counted_at < :occurred)", occurred=change.occurred.isoformat()
        )
