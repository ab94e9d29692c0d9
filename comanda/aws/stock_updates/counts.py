"""
Apply counts of shelves, and deltas that nodes report, row by row.

Called by   functions/stock (POST /v1/stock/snapshots), functions/inbox (stock files)
Returns     a Verdict for each row; see comanda.aws.stock_updates.row_batches
Raises      StockConflict, Throttled, RowTaken (Busy)

A count is computed from the position and from its ledger. The position is read first, so a movement between the two reads
changes `rev`, and the count is decided again. A count that leaves fewer units than nodes must pick writes a VARIANCE alert of
exactly the missing units, in the same transaction. The next count that agrees deletes the alert.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.files.applied_rows import Book
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import lanes as hot
from comanda.aws.stock import ledger
from comanda.aws.stock_updates.row_batches import Decided, Effect, RowApplier, Verdict, refused
from comanda.domain.errors import StockConflict
from comanda.domain.stock import counts
from comanda.domain.stock.alerts import VARIANCE
from comanda.domain.stock.apply_change import apply_change
from comanda.domain.stock.changes import Change, Units
from comanda.domain.stock.counts import Count
from comanda.domain.stock.lanes import spread
from comanda.domain.stock.stock import SELLABLE, Position, PositionKey, add_numbers

COUNT, DELTA = "count", "delta"
MODES = (COUNT, DELTA)

_AT_ONCE = 12  # rows: the position, its line, its two entries, the row, the receipt counter
_READERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRow:
    """The units that a node counted, or the units that came and went there, by bucket and in pieces."""

    line: int
    owner: str  # the partner or client whose reference it is
    reference: str
    sku: str
    node: str
    mode: str
    units: Units
    happened: datetime | None  # when it was counted or moved; None: when the row was sent
    content: str

    @property
    def identity(self) -> str:
        return f"{self.reference}\n{self.sku}\n{self.node}"

    @property
    def target(self) -> str:
        return f"{self.sku}\n{self.node}"

    @property
    def group(self) -> str:
        return ""

    @property
    def source(self) -> str:
        return f"{self.owner}/{self.reference}"  # no id has a slash, so two senders never have the same source


def apply(book: Book, source: str, rows: Sequence[CountRow], now: Callable[[], datetime]) -> list[Verdict]:
    """Apply the rows, and return the verdict on each. Their skus and nodes exist, and the nodes are the caller's."""
    return RowApplier[CountRow](
        book=book, source=source, decide=lambda some: _decide(some, now()), most=_AT_ONCE
    ).apply(rows)


def _decide(rows: Sequence[CountRow], now: datetime) -> Decided:
    lanes = hot.read((row.sku, row.node) for row in rows)
    since = _moved_since([row for row in rows if row.mode == COUNT], lanes)
    effects, answers = [], []
    for row in rows:
        there = lanes.get((row.sku, row.node), ())
        found = _effect(row, there, since.get(row.target, {}), now)
        if isinstance(found, Verdict):
            answers.append(found)
        else:
            effects.append(found)
    seen: dict[PositionKey, Position | None] = {(row.sku, row.node, 0): None for row in rows}
    seen |= {(p.sku, p.node, p.lane): p for there in lanes.values() for p in there}
    return Decided(effects=tuple(effects), refused=tuple(answers), seen=seen)


def _moved_since(
    rows: Sequence[CountRow], lanes: Mapping[tuple[str, str], Sequence[Position]]
) -> dict[str, dict[str, int]]:
    """Return, by place, how the units of each bucket changed after their count. A new position has no ledger."""
    there = [(row, row.happened) for row in rows if row.happened is not None and (row.sku, row.node) in lanes]
    ever = _lanes_ever((row.sku, row.node) for row, _ in there)
    wanted = [(row, at, lane) for row, at in there for lane in range(ever[row.sku, row.node] + 1)]

    def read(one: tuple[CountRow, datetime, int]) -> dict[str, int]:
        row, at, lane = one
        lines = ledger.movements_since(row.sku, row.node, at, lane)
        return counts.moved((line.get("reason", ""), line["on_hand"]) for line in lines)

    found: dict[str, dict[str, int]] = {}
    with ThreadPoolExecutor(max_workers=_READERS) as pool:
        for (row, _, _), moved in zip(wanted, pool.map(read, wanted), strict=True):
            found[row.target] = add_numbers(found.get(row.target, {}).items(), moved.items())
    return found


def _lanes_ever(places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the largest number of lanes that each position ever had: a lane that is gone still has its ledger."""
    rows = reads.batch(settings.stock_table, [keys.position(*place) for place in sorted(set(places))])
    return {(row["sku"], row["node"]): max(row.get("lanes", 0), row.get("widest", 0)) for row in rows}


def _effect(row: CountRow, lanes: Sequence[Position], since: Mapping[str, int], now: datetime) -> Effect | Verdict:
    late = counts.too_late(lanes, row.happened or now, now)
    if late is not None and not (row.happened is None and late[0] == counts.COUNTED_SINCE):
        return refused(row, "counted_at", *late)
    there = lanes or (Position(sku=row.sku, node=row.node),)
    if row.mode == DELTA:
        return _delta(row, there, now)
    found = Count(
        sku=row.sku, node=row.node, units=row.units, counted_at=min(row.happened or now, now), source=row.source
    )
    changes = counts.count(there, found, since, now)
    after = [apply_change(lane, change) for lane, change in zip(there, changes, strict=True)]
    return Effect(row=row, changes=changes, beside=(_variance(row, counts.variance(after, now)),))


def _delta(row: CountRow, lanes: Sequence[Position], now: datetime) -> Effect | Verdict:
    parts: list[dict[str, int]] = [{} for _ in lanes]
    for bucket, units in row.units:
        has = sum(lane.bucket(bucket) for lane in lanes)
        if has + units < 0:
            named = "quantity" if bucket == SELLABLE else bucket
            return refused(row, named, counts.NEGATIVE, f"the node has {has} {bucket}")
        for part, delta in zip(parts, spread(lanes, bucket, units), strict=True):
            part[bucket] = delta
    moved = [(lane, part) for lane, part in zip(lanes, parts, strict=True) if not lane.lane or any(part.values())]
    return Effect(row=row, changes=tuple(_adjusted(row, lane, part, now) for lane, part in moved))


def _adjusted(row: CountRow, lane: Position, units: Mapping[str, int], now: datetime) -> Change:
    return Change(
        sku=row.sku,
        node=row.node,
        lane=lane.lane,
        kind="adjust",
        source=row.source,
        line="delta",
        n="1",
        at=now,
        on_hand=tuple(units.items()),
        reason="delta",
        creates=True,
        dated=True,
        occurred=row.happened,
    )


def _variance(row: CountRow, missing: int) -> Write:
    entry, conflict = keys.alert(VARIANCE, row.sku, row.node), StockConflict("alert")
    if not missing:
        return transaction.delete(settings.stock_table, {name: entry[name] for name in ("pk", "sk")}, conflict)
    values = {**entry, "sku": row.sku, "node": row.node, "quantity": missing, "reference": row.reference}
    return transaction.put(settings.stock_table, values, conflict)
