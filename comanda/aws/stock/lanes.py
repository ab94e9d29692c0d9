"""
Read, split, merge and balance the lanes of hot positions.

Called by   comanda.aws.stock.stock_changes; comanda.aws.reservations and stock_updates; functions/stock (policies)
Returns     lanes, or how many units or lanes a function changed
Raises      NotFound when the position does not exist; StockConflict, Throttled (Busy): moved units stay moved, so repeat the call

Units move between two lanes in one transaction, with a line in the ledger of each: the total of a node never changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import position_items, position_writes
from comanda.domain.errors import NotFound, StockConflict
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.stock import lanes as rules
from comanda.domain.stock.changes import LEAVING, Change
from comanda.domain.stock.count_corrections import counted_since
from comanda.domain.stock.sellable import SafetyPolicies
from comanda.domain.stock.stock import SELLABLE, Position, PositionKey

_OFF_A_SHELF = LEAVING | {"adjust"}
_FIRST = 2  # lanes that a request reads before it reads all lanes


def read(
    places: Iterable[tuple[str, str]], *, consistent: bool = True, request: str | None = None
) -> dict[tuple[str, str], tuple[Position, ...]]:
    """Return the lanes of each (sku, node) that exists, lane 0 first.

    With `request`, return only the lanes that this request tries first, because a hundred lanes are a hundred reads.
    """
    found = _read_items([(sku, node, 0) for sku, node in sorted(set(places))], consistent=consistent)
    more = [(p.sku, p.node, lane) for p in found for lane in _wanted_lanes(p.lanes, request) if lane]
    by_place: dict[tuple[str, str], list[Position]] = {(p.sku, p.node): [p] for p in found}
    for lane in sorted(_read_items(more, consistent=consistent), key=lambda p: p.lane):
        by_place[lane.sku, lane.node].append(lane)
    return {place: tuple(lanes) for place, lanes in by_place.items()}


def _wanted_lanes(lanes: int, request: str | None) -> Iterable[int]:
    return range(lanes + 1) if request is None else rules.lane_order(request, lanes)[:_FIRST]


def _read_items(places: Iterable[tuple[str, str, int]], *, consistent: bool) -> list[Position]:
    wanted = [keys.position(*place) for place in places]
    return [position_items.to_position(row) for row in reads.batch(settings.stock_table, wanted, consistent=consistent)]


def split(sku: str, node: str, lanes: int, now: datetime) -> None:
    """Raise the number of lanes beside lane 0 to `lanes`, and spread the free units evenly. To lower it, use `merge`."""
    if not 1 <= lanes <= rules.MOST_LANES:
        raise ValueError(f"1 to {rules.MOST_LANES} lanes, not {lanes}")
    there = _lanes(sku, node)
    for lane in range(len(there), lanes + 1):
        _make(sku, node, lane)
    if lanes > there[0].lanes:
        transaction.commit([_count(there[0], lanes)])
    rebalance(sku, node, now)


def merge(sku: str, node: str, now: datetime, *, keep: int = 0) -> int:
    """Return the free units to lane 0, drop the empty lanes at the end, and return how many lanes are left.

    The first `keep` lanes stay. Sold units leave their lane when they ship: call again then to drop the lane.
    """
    _make_moves(there := _lanes(sku, node), rules.gathering_moves([p.free for p in there]), now)
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


def set_count(sku: str, node: str, lanes: int, now: datetime) -> int:
    """Set the number of lanes beside lane 0, and return how many there are. There are more while a lane still holds sold
    units."""
    there = len(_lanes(sku, node)) - 1
    if lanes >= there:
        if lanes:
            split(sku, node, lanes, now)
        return lanes
    left = merge(sku, node, now, keep=lanes)
    rebalance(sku, node, now)
    return left


def rebalance(sku: str, node: str, now: datetime) -> int:
    """Spread the free units evenly over the lanes, and return how many units moved."""
    there = _lanes(sku, node)
    return _make_moves(there, rules.evening_moves([p.free for p in there], _largest_safety(there)), now)


def relieve(sku: str, node: str, dry: int, now: datetime) -> None:
    """Move half the free units of the richest lane to the lane `dry`, if that is worth a transaction.

    Do nothing if another writer changes the lanes at the same time.
    """
    there = _lanes(sku, node)
    free = [p.free - (_largest_safety(there) if p.lane == 0 else 0) for p in there]
    move = rules.relief_move(free, dry) if dry < len(there) else None
    if move is None:
        return
    try:
        _move_units(there, *move, now)
    except StockConflict:
        return  # the other writer moved units: this lane is relieved when it runs dry again


def _largest_safety(there: Sequence[Position]) -> int:
    """Return the largest safety stock that the position's own policies set for any channel and method. Lane 0 holds it."""
    return SafetyPolicies().with_safety(there, None, {there[0].sku: (SHIP, PICKUP)})[0].safety


def fill_lanes(changes: Iterable[Change], hot: Mapping[PositionKey, Position]) -> bool:
    """Move to the shelf of each lane the units that these changes take from it, if other lanes have them.

    `hot` holds the lanes as they were read. Returns True if units moved. The rule is `rules.moves_to_lane`.
    """
    leaving: dict[PositionKey, list[Change]] = {}
    for change in changes:
        off = change.position_key in hot and change.kind in _OFF_A_SHELF
        if off and not counted_since(hot[change.position_key], change.occurred):
            leaving.setdefault(change.position_key, []).append(change)
    moved = 0
    for (sku, node, lane), group in leaving.items():
        units = -sum(delta for change in group for bucket, delta in change.on_hand if bucket == SELLABLE)
        only_free = any(change.kind not in LEAVING for change in group)
        moved += fill_lane(hot[sku, node, lane], units, group[0].at, only_free=only_free)
    return moved > 0


def fill_lane(lane: Position, units: int, now: datetime, *, only_free: bool) -> int:
    """Move units from the other lanes until this lane, as it was read, has `units`; return how many units moved.

    With `only_free`, units that are promised do not count as available.
    """
    if units <= (min(lane.free, lane.bucket(SELLABLE)) if only_free else lane.bucket(SELLABLE)):
        return 0
    there = _lanes(lane.sku, lane.node)
    return (
        _make_moves(there, rules.moves_to_lane(there, lane.lane, units, only_free=only_free), now, promised=True)
        if lane.lane < len(there)
        else 0
    )


def _lanes(sku: str, node: str) -> tuple[Position, ...]:
    found = read([(sku, node)]).get((sku, node))
    if found is None:
        raise NotFound("position", f"{sku} at {node}")
    return found


def _make_moves(
    there: Sequence[Position], moves: Iterable[tuple[int, int, int]], now: datetime, *, promised: bool = False
) -> int:
    """Make the moves one after the other, each on the lanes as they are then; return how many units moved."""
    units = 0
    for source, to, quantity in moves:
        _move_units(there, source, to, quantity, now, promised=promised)
        units += quantity
        there = _lanes(there[0].sku, there[0].node)
    return units


def _move_units(
    there: Sequence[Position], source: int, to: int, quantity: int, now: datetime, *, promised: bool = False
) -> None:
    """Move units between two lanes as they were read. Refuse if a lane was dropped since: lane 0 has the number of lanes."""
    first = there[0]
    gone = StockConflict(f"{first.sku} at {first.node}: lanes")
    key = keys.position(first.sku, first.node)
    still = transaction.check(settings.stock_table, key, "lanes >= :lanes", gone, lanes=max(source, to))
    seen: dict[PositionKey, Position | None] = {(p.sku, p.node, p.lane): p for p in (there[source], there[to])}
    moves = position_writes.writes(_changes_of_move(there, source, to, quantity, now, promised=promised), seen=seen)
    transaction.commit([*([still] if source and to else []), *moves])


def _changes_of_move(
    there: Sequence[Position], source: int, to: int, quantity: int, now: datetime, *, promised: bool
) -> list[Change]:
    """Return the two movements of a move. Their name has the versions of both lanes, so a repeated decision moves once."""
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
            # Promised units move only if `promised` allows it: then the giving lane is short by them.
            need=quantity if units < 0 and (giving.free >= quantity or not promised) else None,
            dated=True,  # worked out: lane 0 may be short, and its entry in the queue must follow
        )
        for position, units in ((giving, -quantity), (taking, quantity))
    ]


def _make(sku: str, node: str, lane: int) -> None:
    """Create an empty lane. A lane that exists from an earlier split is kept."""
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
        if not _read_items([(sku, node, lane)], consistent=True):
            raise


def _count(first: Position, lanes: int) -> Write:
    """Write the number of lanes. `widest` keeps the largest number ever, which readers of the ledger by time need."""
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
