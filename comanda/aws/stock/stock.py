"""
The Stock table: positions, their ledger, and the writes that change both in one transaction.

A change is conditioned, never read and then written: a reserve holds while `free >= need`, whatever happened since the
position was read. Read first, and conditioned on `rev`, is what depends on more than that: dated changes, corrections and
counts, what is or may become over-reserved (the entry of exactly that size must follow), and what leaves a shelf whose count
says otherwise.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import attributes
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import ledger, position_items, shadow_prices, update_expression
from comanda.domain.errors import OutOfStock, StockConflict
from comanda.domain.network_optimization.shadow_prices import Prices
from comanda.domain.stock import movements, stock
from comanda.domain.stock.movements import Change
from comanda.domain.stock.plain_position import plain
from comanda.domain.stock.stock import Position

AlreadyMoved = ledger.AlreadyMoved
of_row = position_items.of_row

OVER_RESERVED = "OVER_RESERVED"
_READERS = 8  # queries at once: one for each sku, so a 10-line order waits for one or two
_READ_FIRST = frozenset({"adjust", "undo", "count"})
_MAY_BE_BELOW = frozenset({"release", "ship", "short", "consume", "promote", "extend"})

Place = tuple[str, str, int]  # sku, node, lane

_AT_A_GLANCE = ("glance", "free", *shadow_prices.ATTRIBUTES)


def positions(skus: Iterable[str], *, consistent: bool = False) -> tuple[Position, ...]:
    """Every node's position of these skus, lane by lane; eventually consistent, where the condition of a write is the truth."""
    return positions_and_prices(skus, None, consistent=consistent)[0]


def positions_and_prices(
    skus: Iterable[str], now: datetime | None, *, consistent: bool = False
) -> tuple[tuple[Position, ...], Prices]:
    """The same, and by the same Queries what a unit of each costs those who come after: no price whose time is over."""
    wanted = sorted(set(skus))
    read = partial(_positions_of, consistent=consistent)
    if len(wanted) == 1:
        read_all = [read(wanted[0])]
    else:
        with ThreadPoolExecutor(max_workers=min(_READERS, len(wanted) or 1)) as pool:
            read_all = list(pool.map(read, wanted))
    priced = _in_force(((sku, row) for sku, (_, row) in zip(wanted, read_all, strict=True)), now)
    return tuple(position for found, _ in read_all for position in found), priced


def _in_force(rows: Iterable[tuple[str, Mapping[str, Any] | None]], now: datetime | None) -> Prices:
    if now is None:
        return {}
    return {(sku, node): micros for sku, row in rows if row for node, micros in shadow_prices.of(row, now).items()}


def _positions_of(sku: str, *, consistent: bool) -> tuple[list[Position], dict[str, Any] | None]:
    """The positions, and the row of the prices where there is one."""
    prefix = keys.positions(sku)
    rows = reads.query(
        settings.stock_table,
        "pk = :pk AND begins_with(sk, :sk)",
        only=(*position_items.READ, *shadow_prices.ATTRIBUTES),
        consistent=consistent,
        pk=prefix["pk"],
        sk=prefix["sk"],
    )
    found: list[Position] = []
    priced = None
    for row in rows:
        if "node" in row:
            found.append(of_row(row))
        else:
            priced = row
    hot = [(p.sku, p.node, lane) for p in found for lane in range(1, p.lanes + 1)]
    return ([*found, *_read(hot, consistent=consistent).values()] if hot else found), priced


def glances_and_prices(skus: Iterable[str], now: datetime | None) -> tuple[tuple[Position, ...], Prices]:
    """The same for who only asks what may be taken of them: most are `plain`, which is read in a tenth of the time; those
    with supplies, soft demand or words of their own are whole, and so are those of items of before `glance`."""
    wanted = sorted(set(skus))
    found = list(_readers().map(_glances_of, wanted))
    special = _read((place for _, places, _ in found for place in places), consistent=False)
    hot = _read(((p.sku, p.node, n) for p in special.values() for n in range(1, p.lanes + 1)), consistent=False)
    priced = _in_force(((sku, row) for sku, (_, _, row) in zip(wanted, found, strict=True)), now)
    plain_ones = (position for positions, _, _ in found for position in positions)
    return (*plain_ones, *special.values(), *hot.values()), priced


def _glances_of(sku: str) -> tuple[list[Position], list[Place], dict[str, Any] | None]:
    """The plain positions, where the others are, and the row of the prices where there is one."""
    prefix, condition = keys.positions(sku), "pk = :pk AND begins_with(sk, :sk)"
    rows = reads.raw_query(settings.stock_table, condition, only=_AT_A_GLANCE, pk=prefix["pk"], sk=prefix["sk"])
    found: list[Position] = []
    special: list[Place] = []
    priced = None
    for row in rows:
        if (says := row.get("glance")) is None:
            if "free" in row:  # an item of before: who it is was not asked
                whole, priced = _positions_of(sku, consistent=False)
                return whole, [], priced
            priced = attributes(row)
        elif "S" in says:
            found.append(plain(sku, says["S"], int(row["free"]["N"])))
        else:
            special.append((sku, says["L"][0]["S"], 0))
    return found, special, priced


@cache
def _readers() -> ThreadPoolExecutor:
    """Kept for the life of the process: to start eight threads costs more than they do."""
    return ThreadPoolExecutor(max_workers=_READERS)


def position(sku: str, node: str, lane: int = 0) -> Position | None:
    """One position, strongly consistent."""
    return _read([(sku, node, lane)]).get((sku, node, lane))


def first_lanes(places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Position]:
    """Return the first lane of each of these (sku, node) that exists, strongly consistent. It has all units that are
    promised for a later day."""
    found = _read((sku, node, 0) for sku, node in places)
    return {(sku, node): position for (sku, node, _), position in found.items()}


def positions_at(places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Position]:
    """The positions of these (sku, node), those that exist, their lanes joined, strongly consistent."""
    first = _read((sku, node, 0) for sku, node in places)
    hot = _read((p.sku, p.node, lane) for p in first.values() for lane in range(1, p.lanes + 1))
    return {(p.sku, p.node): p for p in stock.of_nodes((*first.values(), *hot.values()))}


def _read(places: Iterable[Place], *, consistent: bool = True) -> dict[Place, Position]:
    wanted = [keys.position(*place) for place in sorted(set(places))]
    if not wanted:
        return {}  # rooms that save an order without moving stock are not told the table's name
    found = map(of_row, reads.batch(settings.stock_table, wanted, consistent=consistent, only=position_items.READ))
    return {(read.sku, read.node, read.lane): read for read in found}


def writes(changes: Iterable[Change], *, seen: dict[Place, Position | None] | None = None) -> list[Write]:
    """The ledger's line of each change, and one update of each position whatever number of changes it sees.

    `seen` holds positions that were read; those writes are conditioned on their `rev`. The lines come first: that a change
    was made before says more than that it cannot be made now.
    """
    of_place: dict[Place, list[Change]] = {}
    for change in changes:
        of_place.setdefault(change.place, []).append(change)
    lines, updates = [], []
    for place in sorted(of_place):
        group = of_place[place]
        if seen is not None and place in seen:
            read = seen[place]
            sku, node, lane = place
            group = _worked_out(read or Position(sku=sku, node=node, lane=lane), group)
            updates += _read_then_conditioned(read, group)
        else:
            updates.append(update_expression.update(movements.together(group)))
        lines += [ledger.line(change) for change in group]
    return [*lines, *updates]


def _worked_out(position: Position, changes: Sequence[Change]) -> list[Change]:
    """Each change as it is on the position that the ones before it leave. Raises StockConflict when one does not fit."""
    out = []
    for change in changes:
        for part in movements.against_count(position, change):
            made = movements.worked_out(position, part, part.at) if part.dated else part
            if not movements.covered(position, made):
                raise StockConflict(f"{made.sku} at {made.node}: {made.kind}")
            position = movements.applied(position, made)
            out.append(made)
    return out


def _read_then_conditioned(seen: Position | None, changes: Sequence[Change]) -> list[Write]:
    change = movements.together(changes)
    if seen is None:
        return _create(change)
    after = movements.applied(seen, change)
    for bucket, delta in change.on_hand:
        if delta < 0 and after.bucket(bucket) < 0:
            raise OutOfStock(change.sku, change.node, -delta, seen.bucket(bucket))
    return [update_expression.update(change, seen=seen), *_over_reserved(seen, after)]


def _over_reserved(seen: Position, after: Position) -> list[Write]:
    """The entry of exactly the units promised that are not there; gone when there are none."""
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
    made = movements.applied(Position(sku=change.sku, node=change.node), change)
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


def apply(changes: Sequence[Change], extra_items: Sequence[Write]) -> None:
    """Write stock changes and what belongs to them in one transaction.

    Raises StockConflict when a position no longer allows it, AlreadyMoved when it was done before, OutOfStock when an
    adjustment takes more than there is, and the refusals of `extra_items`.
    """
    places = {c.place for c in changes if c.kind in _READ_FIRST or c.dated}
    there = _read(places)
    if _brought(changes, there):
        there = _read(places)
    seen: dict[Place, Position | None] = {place: there.get(place) for place in places}
    try:
        transaction.commit([*extra_items, *writes(changes, seen=seen)])
    except AlreadyMoved:
        raise
    except StockConflict:
        contrary = _contrary(changes, seen)
        if not contrary:
            raise
        if _brought(changes, contrary):
            contrary = _contrary(changes, seen)
        transaction.commit([*extra_items, *writes(changes, seen={**seen, **contrary})])


def _brought(changes: Sequence[Change], there: Mapping[Place, Position]) -> bool:
    """Whether a hot position's lanes were set so that one of them can give what these changes take off its shelf."""
    hot = {place: lane for place, lane in there.items() if lane.lanes or lane.lane}
    if not hot:
        return False
    from comanda.aws.stock import lanes  # which moves units by this module

    return lanes.bring(changes, hot)


def _contrary(changes: Sequence[Change], seen: Mapping[Place, Position | None]) -> dict[Place, Position]:
    """The positions that must be read after all: over-reserved ones, and shelves whose count speaks against the change."""
    there = _read(c.place for c in changes if c.kind in _MAY_BE_BELOW and c.place not in seen)
    return {
        c.place: read
        for c in changes
        if (read := there.get(c.place)) is not None and (read.free < 0 or len(movements.against_count(read, c)) > 1)
    }


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
