"""
A position in its item's attributes, read by the hundred; and what its item says of it at a glance.

Called by   comanda.aws.stock.stock, which offers `of_row` to those who read items themselves; whoever writes a position's item

`glance` is the node's name where the position is nothing but its free units, and a list of the name where it is more, or was
when it was last known whole. So who reads thousands reads two short attributes of each, and whole only those that are more. It
is never the bare name of a position that is more: whatever makes it more says so in the same write, and only a write that is
conditioned on the `rev` of a position that was read takes that back. Items of before have none, and are read whole.
"""

from datetime import datetime
from typing import Any

from comanda.domain.stock.safety import said_by
from comanda.domain.stock.stock import Position, Supply

# What `of_row` reads: five hundred nodes of a sku without their keys are half as long.
READ = (
    *("sku", "node", "lane", "on_hand", "hard", "soft", "supplies", "free", "rev", "safety", "ship", "pickup"),
    *("lanes", "levels", "protected", "counted_at"),
)

# What `of_row` knows that makes a position more than its free units.
_MORE = ("soft", "supplies", "safety", "lanes", "levels", "protected")


def glance(position: Position) -> str | list[str] | None:
    """What its item says at a glance; a further lane's nothing, as nobody looks for it but by its key."""
    if position.lane:
        return None
    more = not (position.ship and position.pickup) or any(getattr(position, name) for name in _MORE)
    return more_than_plain(position.node) if more else position.node


def more_than_plain(node: str) -> list[str]:
    return [node]


def of_row(row: dict[str, Any]) -> Position:
    """The position in its item's attributes. Most have neither demand nor anything of their own, and come by the hundred."""
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
        levels=tuple(sorted(said_by(row.get("levels")).items())),
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
