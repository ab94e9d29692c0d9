"""
Lanes of hot positions: read, split, merged and evened out. Units move between two lanes in one transaction, with a line in
the ledger of each, so what a node has is the same before, between and after.

Raises      NotFound without the position; StockConflict, Throttled (Busy): what was moved stays moved, do it again
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import position_items, stock
from comanda.domain.errors import NotFound, StockConflict
from comanda.domain.orders.order import PICKUP, SHIP
from comanda.domain.stock import lanes as rules
from comanda.domain.stock import movements
from comanda.domain.stock.movements import LEAVING, Change
from comanda.domain.stock.sellable import Offers
from comanda.domain.stock.stock import SELLABLE, Position

_OFF_A_SHELF = LEAVING | {"adjust"}
_FIRST = 2  # lanes that a request looks at before it looks at all


def of(
    places: Iterable[tuple[str, str]], *, consistent: bool = True, of_request: str | None = None
) -> dict[tuple[str, str], tuple[Position, ...]]:
    """The lanes of these (sku, node), lane 0 first; those positions that exist. `of_request`: only the lanes that this
    request tries first, for a hundred lanes are a hundred reads."""
    found = _read([(sku, node, 0) for sku, node in sorted(set(places))], consistent=consistent)
    more = [(p.sku, p.node, lane) for p in found for lane in _wanted(p.lanes, of_request) if lane]
    of_place: dict[tuple[str, str], list[Position]] = {(p.sku, p.node): [p] for p in found}
    for lane in sorted(_read(more, consistent=consistent), key=lambda p: p.lane):
        of_place[lane.sku, lane.node].append(lane)
    return {place: tuple(lanes) for place, lanes in of_place.items()}


def _wanted(lanes: int, request: str | None) -> Iterable[int]:
    return range(lanes + 1) if request is None else rules.order(request, lanes)[:_FIRST]


def _read(places: Iterable[tuple[str, str, int]], *, consistent: bool) -> list[Position]:
    wanted = [keys.position(*place) for place in places]
    return [stock.of_row(row) for row in reads.batch(settings.stock_table, wanted, consistent=consistent)]


def split(sku: str, node: str, lanes: int, now: datetime) -> None:
    """Have so many lanes beside lane 0, and its free units evenly among all. Fewer than there are: see `merge`."""
    if not 1 <= lanes <= rules.MOST_LANES:
        raise ValueError(f"1 to {rules.MOST_LANES} lanes, not {lanes}")
    there = _lanes(sku, node)
    for lane in range(len(there), lanes + 1):
        _make(sku, node, lane)
    if lanes > there[0].lanes:
        transaction.commit([_count(there[0], lanes)])
    rebalance(sku, node, now)


def merge(sku: str, node: str, now: datetime, *, keep: int = 0) -> int:
    """Bring what is free back to lane 0, and drop the last lanes that hold nothing, all but `keep`. Returns how many lanes
    are left: what was sold from a lane leaves it when it is shipped; call again then."""
    _moved(there := _lanes(sku, node), rules.gathered([p.free for p in there]), now)
    there = _lanes(sku, node)
    empty = []
    for lane in reversed(there[1 + keep :]):
        if any(n for _, n in (*lane.on_hand, *lane.hard)) or lane.soft:
            break
        empty.append(lane)
    left = len(there) - 1 - len(empty)
    if empty:
        still = [_still_empty(lane) for lane in empty]
        transaction.commit([_count(there[0], left), *still])
    return left


def have(sku: str, node: str, lanes: int, now: datetime) -> int:
    """Have so many lanes beside lane 0. Returns how many there are: more, while some of them still hold what was sold."""
    there = len(_lanes(sku, node)) - 1
    if lanes >= there:
        if lanes:
            split(sku, node, lanes, now)
        return lanes
    left = merge(sku, node, now, keep=lanes)
    rebalance(sku, node, now)
    return left


def rebalance(sku: str, node: str, now: datetime) -> int:
    """Leave the same free units in every lane. Returns how many moved."""
    there = _lanes(sku, node)
    return _moved(there, rules.evened([p.free for p in there], _left(there)), now)


def relieve(sku: str, node: str, dry: int, now: datetime) -> None:
    """Bring half of what the richest lane has to one that ran dry, where that is worth it and nobody else is at it."""
    there = _lanes(sku, node)
    free = [p.free - (_left(there) if p.lane == 0 else 0) for p in there]
    move = rules.relief(free, dry) if dry < len(there) else None
    if move is None:
        return
    try:
        _write(there, *move, now)
    except StockConflict:
        return  # whoever was there moved units: this lane is looked at again when it runs dry again


def _left(there: Sequence[Position]) -> int:
    """The most that anybody must leave of it by the position's own words, whoever asks: it lies in lane 0."""
    return Offers().of(there, None, {there[0].sku: (SHIP, PICKUP)})[0].safety


def bring(changes: Iterable[Change], hot: Mapping[stock.Place, Position]) -> bool:
    """Have on the shelf of each lane what these changes take off it, where its neighbours have it: see `rules.brought`.
    Whether anything moved. `hot`: the lanes as they were read."""
    taken: dict[stock.Place, list[Change]] = {}
    for change in changes:
        off = change.place in hot and change.kind in _OFF_A_SHELF
        if off and not movements.counted_since(hot[change.place], change.occurred):
            taken.setdefault(change.place, []).append(change)
    moved = 0
    for (sku, node, lane), group in taken.items():
        units = -sum(delta for change in group for bucket, delta in change.on_hand if bucket == SELLABLE)
        of_nobody = any(change.kind not in LEAVING for change in group)
        moved += bring_to(hot[sku, node, lane], units, group[0].at, of_nobody=of_nobody)
    return moved > 0


def bring_to(lane: Position, units: int, now: datetime, *, of_nobody: bool) -> int:
    """The same for one lane as it was read. Returns how many units moved."""
    if units <= (min(lane.free, lane.bucket(SELLABLE)) if of_nobody else lane.bucket(SELLABLE)):
        return 0
    there = _lanes(lane.sku, lane.node)
    return (
        _moved(there, rules.brought(there, lane.lane, units, of_nobody=of_nobody), now, promised=True)
        if lane.lane < len(there)
        else 0
    )


def _lanes(sku: str, node: str) -> tuple[Position, ...]:
    found = of([(sku, node)]).get((sku, node))
    if found is None:
        raise NotFound("position", f"{sku} at {node}")
    return found


def _moved(
    there: Sequence[Position], moves: Iterable[tuple[int, int, int]], now: datetime, *, promised: bool = False
) -> int:
    """Make the moves one after the other, each on the lanes as they are then. Returns how many units moved."""
    units = 0
    for source, to, quantity in moves:
        _write(there, source, to, quantity, now, promised=promised)
        units += quantity
        there = _lanes(there[0].sku, there[0].node)
    return units


def _write(
    there: Sequence[Position], source: int, to: int, quantity: int, now: datetime, *, promised: bool = False
) -> None:
    """Move units between two lanes as they were read: neither may have been dropped since. Lane 0 says how many there are."""
    first = there[0]
    gone = StockConflict(f"{first.sku} at {first.node}: lanes")
    key = keys.position(first.sku, first.node)
    still = transaction.check(settings.stock_table, key, "lanes >= :lanes", gone, lanes=max(source, to))
    seen: dict[stock.Place, Position | None] = {(p.sku, p.node, p.lane): p for p in (there[source], there[to])}
    moves = stock.writes(_move(there, source, to, quantity, now, promised=promised), seen=seen)
    transaction.commit([*([still] if source and to else []), *moves])


def _move(
    there: Sequence[Position], source: int, to: int, quantity: int, now: datetime, *, promised: bool
) -> list[Change]:
    """Two movements of one name. Named by the versions of both lanes, so what is decided twice is done once."""
    giving, taking = there[source], there[to]
    name = f"{source}-{to}"
    n = f"{giving.rev}.{taking.rev}"
    return [
        Change(
            sku=position.sku,
            node=position.node,
            lane=position.lane,
            kind="lane",
            source="lanes",
            line=name,
            n=n,
            at=now,
            free=units,
            on_hand=((SELLABLE, units),),
            # Promised units move only where they must: then the lane that gives them is short by them.
            need=quantity if units < 0 and (giving.free >= quantity or not promised) else None,
            dated=True,  # worked out: lane 0 may be short, and its entry in the queue must follow
        )
        for position, units in ((giving, -quantity), (taking, quantity))
    ]


def _make(sku: str, node: str, lane: int) -> None:
    """An empty lane. One that is there, from an earlier split, is as good."""
    values = {
        **keys.position(sku, node, lane),
        "sku": sku,
        "node": node,
        "lane": lane,
        "on_hand": {},
        "hard": {},
        "soft": {},
        "supplies": {},
        "free": 0,
        "rev": 1,
    }
    there = StockConflict(f"lane {lane} of {sku} at {node}")
    try:
        transaction.commit([transaction.put_once(settings.stock_table, values, there)])
    except StockConflict:
        if not _read([(sku, node, lane)], consistent=True):
            raise


def _count(first: Position, lanes: int) -> Write:
    """Have so many lanes from now on. `widest` remembers the most there ever were, for who reads the ledger by time."""
    row = reads.get(settings.stock_table, keys.position(first.sku, first.node)) or {}
    return transaction.update(
        settings.stock_table,
        keys.position(first.sku, first.node),
        "SET lanes = :lanes, widest = :widest, glance = :glance, rev = rev + :one",
        StockConflict(f"{first.sku} at {first.node}: lanes"),
        condition="rev = :rev",
        lanes=lanes,
        widest=max(lanes, row.get("widest", 0)),
        glance=position_items.glance(replace(first, lanes=lanes)),
        one=1,
        rev=first.rev,
    )


def _still_empty(lane: Position) -> Write:
    return transaction.check(
        settings.stock_table,
        keys.position(lane.sku, lane.node, lane.lane),
        "rev = :rev",
        StockConflict(f"lane {lane.lane} of {lane.sku} at {lane.node}"),
        rev=lane.rev,
    )
