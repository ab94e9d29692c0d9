"""
The Stock table: positions, their ledger, and the writes that change both in one transaction.

A change is conditioned, never read and then written: a reserve holds while `free >= need`, whatever happened since the
position was read. Giving units back is conditioned on `free >= 0`; below zero the OVER_RESERVED entry of exactly that
size must follow, so there the position is read and the write conditioned on its `rev`.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from comanda.aws import keys, reads, transaction
from comanda.aws.settings import settings
from comanda.aws.transaction import Write
from comanda.domain.errors import OutOfStock, StockConflict
from comanda.domain.stock import Change, Position, applied

OVER_RESERVED = "OVER_RESERVED"
_READERS = 8  # queries at once: one for each sku, so a 10-line order waits for one or two


def positions(skus: Iterable[str]) -> tuple[Position, ...]:
    """Every node's position of these skus, eventually consistent: the condition of the write is the truth."""
    wanted = sorted(set(skus))
    if len(wanted) == 1:
        return tuple(_positions_of(wanted[0]))
    with ThreadPoolExecutor(max_workers=min(_READERS, len(wanted) or 1)) as pool:
        return tuple(position for found in pool.map(_positions_of, wanted) for position in found)


def _positions_of(sku: str) -> list[Position]:
    prefix = keys.position(sku, "")
    condition = "pk = :pk AND begins_with(sk, :sk)"
    return [_position(row) for row in reads.query(settings.stock_table, condition, pk=prefix["pk"], sk=prefix["sk"])]


def position(sku: str, node: str) -> Position | None:
    """One position, strongly consistent."""
    return positions_at([(sku, node)]).get((sku, node))


def positions_at(places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Position]:
    """The positions of these (sku, node), those that exist, strongly consistent."""
    wanted = [keys.position(sku, node) for sku, node in sorted(set(places))]
    if not wanted:
        return {}  # rooms that save an order without moving stock are not told the table's name
    found = map(_position, reads.batch(settings.stock_table, wanted))
    return {(read.sku, read.node): read for read in found}


def _position(row: dict[str, Any]) -> Position:
    return Position(
        sku=row["sku"],
        node=row["node"],
        on_hand=tuple(sorted(row["on_hand"].items())),
        hard=tuple(sorted((due, q) for due, q in row["hard"].items() if q)),
        free=row["free"],
        rev=row["rev"],
        safety=row.get("safety", 0),
        ship=row.get("ship", True),
        pickup=row.get("pickup", True),
    )


def writes(changes: Iterable[Change], *, seen: dict[tuple[str, str], Position | None] | None = None) -> list[Write]:
    """The position's update and the ledger's line of each change.

    `seen` holds positions that were read because `free` is, or may become, negative: those writes are conditioned on
    `rev` and move the OVER_RESERVED entry.
    """
    out: list[Write] = []
    for change in changes:
        at = (change.sku, change.node)
        if seen is not None and at in seen:
            out += _read_then_conditioned(change, seen[at])
        else:
            out.append(_update(change))
        out.append(_movement(change))
    return out


def _update(change: Change, *, rev: int | None = None) -> Write:
    names: dict[str, Any] = {"n_free": "free", "f": change.free, "one": 1}  # a word that DynamoDB reserves
    sets = ["#free = #free + :f", "rev = rev + :one"]
    conditions = ["attribute_exists(pk)"]
    for i, (bucket, delta) in enumerate(change.on_hand):
        sets.append(f"on_hand.#b{i} = if_not_exists(on_hand.#b{i}, :zero) + :b{i}")
        names |= {f"n_b{i}": bucket, f"b{i}": delta, "zero": 0}
    for i, (due, delta) in enumerate(change.demand):
        sets.append(f"hard.#d{i} = if_not_exists(hard.#d{i}, :zero) + :d{i}")
        names |= {f"n_d{i}": due, f"d{i}": delta, "zero": 0}
        if delta < 0:
            conditions.append(f"hard.#d{i} >= :least{i}")
            names[f"least{i}"] = -delta
    if rev is not None:
        conditions.append("rev = :rev")
        names["rev"] = rev
    elif change.need is not None or change.free > 0:
        conditions.append("#free >= :need")
        names["need"] = change.need or 0
    return transaction.update(
        settings.stock_table,
        keys.position(change.sku, change.node),
        "SET " + ", ".join(sets),
        StockConflict(f"{change.sku} at {change.node}: {change.kind}"),
        condition=" AND ".join(conditions),
        **names,
    )


def _read_then_conditioned(change: Change, seen: Position | None) -> list[Write]:
    if seen is None:
        return [_create(change)]
    after = applied(seen, change)
    for bucket, delta in change.on_hand:
        if after.bucket(bucket) < 0:
            raise OutOfStock(change.sku, change.node, -delta, seen.bucket(bucket))
    out = [_update(change, rev=seen.rev)]
    if after.over_reserved:
        alert = {
            **keys.alert(OVER_RESERVED, change.sku, change.node),
            "sku": change.sku,
            "node": change.node,
            "quantity": after.over_reserved,
        }
        out.append(transaction.put(settings.stock_table, alert, StockConflict("alert")))
    elif seen.over_reserved:
        key = {k: v for k, v in keys.alert(OVER_RESERVED, change.sku, change.node).items() if k in ("pk", "sk")}
        out.append(transaction.delete(settings.stock_table, key, StockConflict("alert")))
    return out


def _create(change: Change) -> Write:
    if any(delta < 0 for _, delta in change.on_hand) or not change.creates:
        raise OutOfStock(change.sku, change.node, max(-d for _, d in change.on_hand), 0)
    values = {
        **keys.position(change.sku, change.node),
        **keys.position_of_node(change.node, change.sku),
        "sku": change.sku,
        "node": change.node,
        "on_hand": dict(change.on_hand),
        "hard": {},
        "free": change.free,
        "rev": 1,
    }
    return transaction.put_once(settings.stock_table, values, StockConflict(f"{change.sku} at {change.node}: create"))


class AlreadyMoved(StockConflict):
    """The ledger has this movement: the very same change was applied before."""


def _movement(change: Change) -> Write:
    values = {
        **keys.movement(change.sku, change.node, change.movement_id),
        **keys.movement_in_time(change.sku, change.node, change.at, change.movement_id),
        "sku": change.sku,
        "node": change.node,
        "kind": change.kind,
        "source": change.source,
        "line": change.line,
        "at": change.at.isoformat(),
        "free": change.free,
        "on_hand": dict(change.on_hand),
        "demand": dict(change.demand),
        "reason": change.reason or None,
    }
    return transaction.put_once(settings.stock_table, values, AlreadyMoved(change.movement_id))


def apply(changes: Sequence[Change], extra_items: Sequence[Write]) -> None:
    """Write stock changes and what belongs to them in one transaction.

    Raises StockConflict when a position no longer allows it, OutOfStock when an adjustment takes more than there is,
    and the refusals of `extra_items`.
    """
    read_first = [(c.sku, c.node) for c in changes if c.kind in ("adjust", "undo")]
    there = positions_at(read_first)
    seen = {place: there.get(place) for place in read_first}
    try:
        transaction.commit([*extra_items, *writes(changes, seen=seen)])
    except AlreadyMoved:
        raise
    except StockConflict:
        below = _below_zero(changes)
        if not below:
            raise
        transaction.commit([*extra_items, *writes(changes, seen=seen | below)])


def _below_zero(changes: Sequence[Change]) -> dict[tuple[str, str], Position | None]:
    """The positions that give-backs found over-reserved."""
    found: dict[tuple[str, str], Position | None] = {}
    for change in changes:
        if change.kind == "release":
            read = position(change.sku, change.node)
            if read is not None and read.free < 0:
                found[change.sku, change.node] = read
    return found


def movements(sku: str, node: str) -> list[dict[str, Any]]:
    """The ledger of a position, by movement id."""
    ledger = keys.movement(sku, node, "")["pk"]
    return list(reads.query(settings.stock_table, "pk = :pk", consistent=True, pk=ledger))


def receipts(skus: Iterable[str]) -> dict[str, int]:
    """The receipt counters of these skus, 0 where none was ever received; strongly consistent."""
    found: dict[str, int] = dict.fromkeys(skus, 0)
    for row in reads.batch(settings.stock_table, [keys.receipts(sku) for sku in sorted(found)]):
        found[keys.sku_of(row["pk"])] = row["n"]
    return found


def no_receipt_since(counters: dict[str, int]) -> list[Write]:
    """Checks that nothing was received since the counters were read: else a backorder could sleep beside its stock."""
    return [
        transaction.check(
            settings.stock_table,
            keys.receipts(sku),
            "n = :n" if n else "attribute_not_exists(pk)",
            StockConflict(f"{sku} was received"),
            **({"n": n} if n else {}),
        )
        for sku, n in sorted(counters.items())
    ]
