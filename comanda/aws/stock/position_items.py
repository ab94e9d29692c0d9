"""
Turn a position's item into a Position, and compute the attribute `glance` of the item.

Called by   comanda.aws.stock, and every module that reads or writes the items of positions itself
Returns     positions; values of `glance`

`glance` is the node's name if the position is plain: it has nothing but free units. It is a list of the name if the position
has more, or had more when it was last read whole. A reader of thousands of positions reads two short attributes of each, and
only the other positions whole. A position that is not plain never has the bare name: the write that gives it more than free
units sets the list too, and only a write that is conditioned on `rev` sets the bare name again. An item without `glance`,
from before it was introduced, is read whole.
"""

from datetime import datetime
from typing import Any

from comanda.domain.stock.safety import read_safety_by_name
from comanda.domain.stock.stock import Position, Supply

# The attributes that `to_position` reads: without the keys, the answer for five hundred nodes of a sku is half as long.
READ = (
    *("sku", "node", "lane", "on_hand", "hard", "soft", "supplies", "free", "rev", "safety", "ship", "pickup"),
    *("lanes", "levels", "protected", "counted_at"),
)

# The fields of a Position that a plain position does not have.
_MORE = ("soft", "supplies", "safety", "lanes", "levels", "protected")


def glance(position: Position) -> str | list[str] | None:
    """Return the `glance` of a position's item. Return None for a lane above 0: such a lane is read only by key, so it needs no `glance`."""
    if position.lane:
        return None
    more = not (position.ship and position.pickup) or any(getattr(position, name) for name in _MORE)
    return more_than_plain(position.node) if more else position.node


def more_than_plain(node: str) -> list[str]:
    """Return the `glance` of a position that is not plain."""
    return [node]


def to_position(row: dict[str, Any]) -> Position:
    """Return the position that an item holds. Most items have no demand and no policies, so they take a short way."""
    if not (row["hard"] or row.get("soft") or row.get("supplies") or row.get("levels") or row.get("protected")):
        return _plain_position(row)
    soft = [(*at.split("|"), units) for at, units in row.get("soft", {}).items()]
    return Position(
        sku=row["sku"],
        node=row["node"],
        lane=row.get("lane", 0),
        on_hand=tuple(sorted(row["on_hand"].items())),
        hard=tuple(sorted((due, q) for due, q in row["hard"].items() if q)),
        soft=tuple(sorted((due, expires, units) for due, expires, units in soft if units)),
        supplies=tuple(_supply(name, doc) for name, doc in sorted(row.get("supplies", {}).items())),
        free=row["free"],
        rev=row["rev"],
        safety=row.get("safety", 0),
        ship=row.get("ship", True),
        pickup=row.get("pickup", True),
        lanes=row.get("lanes", 0),
        levels=tuple(sorted(read_safety_by_name(row.get("levels")).items())),
        protected=tuple(sorted(row.get("protected", {}).items())),
        counted_at=datetime.fromisoformat(row["counted_at"]) if "counted_at" in row else None,
        spent=(
            *(("hard", due) for due, q in row["hard"].items() if not q),
            *(("soft", f"{due}|{expires}") for due, expires, units in soft if not units),
        ),
    )


def _plain_position(row: dict[str, Any]) -> Position:
    return Position(
        sku=row["sku"],
        node=row["node"],
        lane=row.get("lane", 0),
        on_hand=tuple(sorted(row["on_hand"].items())) if len(row["on_hand"]) > 1 else tuple(row["on_hand"].items()),
        free=row["free"],
        rev=row["rev"],
        safety=row.get("safety", 0),
        ship=row.get("ship", True),
        pickup=row.get("pickup", True),
        lanes=row.get("lanes", 0),
        counted_at=datetime.fromisoformat(row["counted_at"]) if "counted_at" in row else None,
    )


def _supply(name: str, doc: dict[str, Any]) -> Supply:
    return Supply(supply_id=name, **doc)
