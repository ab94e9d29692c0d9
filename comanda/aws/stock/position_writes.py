"""
Make the writes that change positions and their ledger in one transaction.

Called by   comanda.aws.stock.stock_changes and lanes; comanda.aws.stock_updates.row_batches, which adds writes of its own
Returns     Writes for `transaction.commit`
Raises      OutOfStock when an adjustment takes more than there is; StockConflict when a position that was read does not allow
            the change
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import ledger, position_items, update_expression
from comanda.domain.errors import OutOfStock, StockConflict
from comanda.domain.stock import stock
from comanda.domain.stock.apply_change import apply_change, is_covered, with_effect
from comanda.domain.stock.changes import Change, merge_changes
from comanda.domain.stock.count_corrections import with_correction
from comanda.domain.stock.stock import Position, PositionKey

OVER_RESERVED = "OVER_RESERVED"


def writes(changes: Iterable[Change], *, seen: dict[PositionKey, Position | None] | None = None) -> list[Write]:
    """Return the ledger line of each change, and one update for each position, however many changes it has.

    `seen` holds positions that were read, or None for one that does not exist; their writes are conditioned on `rev`.
    The ledger lines come first: AlreadyMoved tells more than a refusal of the position.
    """
    by_place: dict[PositionKey, list[Change]] = {}
    for change in changes:
        by_place.setdefault(change.position_key, []).append(change)
    lines, updates = [], []
    for place in sorted(by_place):
        group = by_place[place]
        if seen is not None and place in seen:
            read = seen[place]
            sku, node, lane = place
            group = _completed(read or Position(sku=sku, node=node, lane=lane), group)
            updates += _conditioned_on_rev(read, group)
        else:
            updates.append(update_expression.update(merge_changes(group)))
        lines += [ledger.line(change) for change in group]
    return [*lines, *updates]


def _completed(position: Position, changes: Sequence[Change]) -> list[Change]:
    """Complete each change for the position that the changes before it leave. Raises StockConflict when one does not fit."""
    completed = []
    for change in changes:
        for part in with_correction(position, change):
            made = with_effect(position, part, part.at) if part.dated else part
            if not is_covered(position, made):
                raise StockConflict(f"{made.sku} at {made.node}: {made.kind}")
            position = apply_change(position, made)
            completed.append(made)
    return completed


def _conditioned_on_rev(seen: Position | None, changes: Sequence[Change]) -> list[Write]:
    change = merge_changes(changes)
    if seen is None:
        return _create(change)
    after = apply_change(seen, change)
    for bucket, delta in change.on_hand:
        if delta < 0 and after.bucket(bucket) < 0:
            raise OutOfStock(change.sku, change.node, -delta, seen.bucket(bucket))
    return [update_expression.update(change, seen=seen), *_over_reserved_alert(seen, after)]


def _over_reserved_alert(seen: Position, after: Position) -> list[Write]:
    """Keep the alert of a position equal to the units that it promised but does not have; delete the alert at 0 units."""
    entry, refused = keys.alert(OVER_RESERVED, after.sku, after.node, after.lane), StockConflict("alert")
    if after.over_reserved:
        values = {**entry, "sku": after.sku, "node": after.node, "quantity": after.over_reserved}
        return [transaction.put(settings.stock_table, values, refused)]
    if seen.over_reserved:
        key = {name: entry[name] for name in ("pk", "sk")}
        return [transaction.delete(settings.stock_table, key, refused)]
    return []


def _create(change: Change) -> list[Write]:
    if any(delta < 0 for _, delta in change.on_hand) or not change.creates:
        raise OutOfStock(change.sku, change.node, max((-d for _, d in change.on_hand), default=0), 0)
    made = apply_change(Position(sku=change.sku, node=change.node), change)
    if change.dated:
        made = replace(made, free=stock.free(made, change.at))
    values = {
        **keys.position(change.sku, change.node, change.lane),
        **({} if change.lane else keys.position_of_node(change.node, change.sku)),
        "sku": change.sku,
        "node": change.node,
        "lane": change.lane or None,
        "on_hand": dict(made.on_hand),
        "hard": {},
        "soft": {},
        "supplies": {s.supply_id: update_expression.supply_document(s) for s in made.supplies},
        "free": made.free,
        "glance": position_items.glance(replace(made, lane=change.lane)),
        "rev": 1,
        "counted_at": made.counted_at.isoformat() if made.counted_at else None,
    }
    return [transaction.put_once(settings.stock_table, values, StockConflict(f"{change.sku} at {change.node}: create"))]
