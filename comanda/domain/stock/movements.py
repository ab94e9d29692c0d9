"""
Make the change of a position for each thing that may happen to it: units are reserved, shipped, adjusted, received ...

Called by   the packages reservations, scheduling and lifecycle of the domain; comanda.aws; functions/stock and daily
Returns     a Change, which comanda.aws.stock writes; pure
Raises      ValueError for a quantity below 1; a lack of units is returned as OutOfStock
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from comanda.domain.days import utc_day, utc_minute
from comanda.domain.errors import OutOfStock
from comanda.domain.stock import stock
from comanda.domain.stock.apply_change import apply_change, with_effect
from comanda.domain.stock.changes import Change, Request, ReservedUnits, Units, add_soft
from comanda.domain.stock.stock import QUARANTINE, SELLABLE, Position, Supply, add_numbers


def reserve(position: Position, request: Request, now: datetime) -> Change | OutOfStock:
    """Reserve the units of a request, hard or soft, or return the units that are available.

    The refusal is data, not an exception, because a plan may go on with other positions. Raises ValueError for a quantity
    below 1.
    """
    if request.quantity < 1:
        raise ValueError(f"cannot reserve {request.quantity}")
    dated = request.due > utc_day(now)
    there = stock.available(position, now, request.due)
    if there < request.quantity:
        return OutOfStock(position.sku, position.node, request.quantity, there)
    change = Change(
        sku=position.sku,
        node=position.node,
        lane=position.lane,
        kind="hold" if request.expires else "reserve",
        source=request.source,
        line=request.line,
        n=request.n,
        at=now,
        free=-request.quantity,
        demand=() if request.expires else ((request.due, request.quantity),),
        soft=((request.due, request.expires, request.quantity),) if request.expires else (),
        need=request.quantity + position.safety,
        due=request.due if dated else "",
        dated=dated,
        clears=_spent_keys(position, now),
    )
    return with_effect(position, change, now) if dated else change


def _spent_keys(position: Position, now: datetime) -> tuple[tuple[str, str], ...]:
    """List the map keys of the item that hold 0 units and lie in the past. They can be removed from the item."""
    today, this_minute = utc_day(now), utc_minute(now)
    return tuple(
        (field, key)
        for field, key in position.spent
        if (key < today if field == "hard" else key.partition("|")[2] < this_minute)
    )


def release(units: ReservedUnits, now: datetime) -> Change:
    """Give units back: the demand falls, and the units are free again."""
    return _end_demand(units, now, "release", free=units.quantity)


def ship(units: ReservedUnits, now: datetime) -> Change:
    """Take units off the shelf because they leave. The demand falls by as many, so `free` stays."""
    return _end_demand(units, now, "ship", on_hand=((SELLABLE, -units.quantity),))


def short(units: ReservedUnits, now: datetime) -> Change:
    """Take units off the shelf because the node could not find them. The demand falls by as many, so `free` stays."""
    return _end_demand(units, now, "short", on_hand=((SELLABLE, -units.quantity),))


def quarantine(units: ReservedUnits, now: datetime) -> Change:
    """Take units off the shelf and put them into quarantine. The demand falls by as many, so `free` stays."""
    on_hand = ((SELLABLE, -units.quantity), (QUARANTINE, units.quantity))
    return _end_demand(units, now, "quarantine", on_hand=on_hand)


def promote(units: ReservedUnits, now: datetime) -> Change:
    """Make soft units hard: they no longer expire. `free` stays."""
    return replace(_end_demand(units, now, "promote"), demand=((units.due, units.quantity),))


def extend(units: ReservedUnits, expires: str, now: datetime) -> Change:
    """Let soft units expire at another minute. `free` stays."""
    ended = _end_demand(units, now, "extend")
    return replace(ended, soft=add_soft(ended.soft, ((units.due, expires, units.quantity),)))


def consume(units: ReservedUnits, order: Request, now: datetime) -> Change:
    """Make the units of a reservation the demand of an order, due on the day of the order."""
    ended = _end_demand(units, now, "consume")
    return replace(
        ended,
        source=order.source,
        line=order.line,
        n=order.n,
        demand=tuple(add_numbers(ended.demand, ((order.due, units.quantity),)).items()),
        dated=ended.dated or order.due > utc_day(now),
    )


def advance(position: Position, units: ReservedUnits, now: datetime) -> Change | OutOfStock:
    """Make units that are promised for a later day due today, because the units that they wait for are on the shelf.

    If their day has come already, the shelf must hold all units that are due by today, which include them. Returns
    OutOfStock with the units that may be advanced.
    """
    today = utc_day(now)
    spare_on_shelf = position.bucket(SELLABLE) - _due_by(position, today)
    if units.due <= today:
        least = stock.least(stock.net(position, now), today)
        if min(least, spare_on_shelf) < 0:
            return OutOfStock(units.sku, units.node, units.quantity, max(0, units.quantity + least))
        return with_effect(position, replace(redate(units, today, now), kind="advance"), now)
    there = stock.least([step for step in stock.net(position, now) if step[0] < units.due], today)
    if min(there, spare_on_shelf) < units.quantity:
        return OutOfStock(units.sku, units.node, units.quantity, max(0, min(there, spare_on_shelf)))
    moved = replace(redate(units, today, now), kind="advance", need=units.quantity, until=units.due)
    return with_effect(position, moved, now)


def _due_by(position: Position, today: str) -> int:
    return sum(units for due, units in position.hard if due <= today)


def redate(units: ReservedUnits, due: str, now: datetime) -> Change:
    """Promise units for another day, because their supply arrives on another day."""
    moved = add_numbers(((units.due, -units.quantity),), ((due, units.quantity),))
    return replace(_end_demand(units, now, "redate"), demand=tuple(moved.items()), dated=True)


def _end_demand(units: ReservedUnits, now: datetime, kind: str, free: int = 0, on_hand: Units = ()) -> Change:
    return Change(
        sku=units.sku,
        node=units.node,
        lane=units.lane,
        kind=kind,
        source=units.source,
        line=units.line,
        n=units.n,
        at=now,
        free=free,
        on_hand=on_hand,
        demand=() if units.expires else ((units.due, -units.quantity),),
        soft=((units.due, units.expires, -units.quantity),) if units.expires else (),
        dated=units.due > utc_day(now),
        occurred=units.occurred,
    )


def expire(position: Position, now: datetime) -> Change | None:
    """Take back every soft unit whose time is over. Returns None when there is none.

    Whole buckets are taken back, so that each is taken back once. Units of a reservation of many chunks are left: only its
    header knows whether it was committed in time.
    """
    over = [bucket for bucket in stock.expired(position, now) if not bucket[1].endswith(stock.JUDGED_BY_HEADER)]
    if not over:
        return None
    change = Change(
        sku=position.sku,
        node=position.node,
        lane=position.lane,
        kind="expire",
        source="expired",
        line=over[-1][1],
        n=str(position.rev),
        at=now,
        soft=tuple((due, expires, -units) for due, expires, units in over),
        dated=True,
        clears=_spent_keys(position, now),
    )
    return with_effect(position, change, now)


def adjust(
    sku: str, node: str, bucket: str, delta: int, *, source: str, line: str, reason: str, now: datetime
) -> Change:
    """Correct one bucket by a signed number of units. Only sellable units change `free`."""
    return Change(
        sku=sku,
        node=node,
        kind="adjust",
        source=source,
        line=line,
        n="1",
        at=now,
        free=delta if bucket == SELLABLE else 0,
        on_hand=((bucket, delta),),
        reason=reason,
        creates=True,
    )


def supply(
    position: Position, supplies: Sequence[Supply], *, source: str, n: str, reason: str, now: datetime
) -> Change:
    """Set supplies of a position as they now are: announced, changed, or removed with 0 units. The shelf stays."""
    change = Change(
        sku=position.sku,
        node=position.node,
        kind="supply",
        source=source,
        line=",".join(s.supply_id for s in supplies)[:64],
        n=n,
        at=now,
        supplies=tuple(supplies),
        reason=reason,
        creates=True,
        dated=True,
    )
    return with_effect(position, change, now)


def receive(
    position: Position, left: Supply, quantity: int, bucket: str, *, source: str, n: str, now: datetime
) -> Change:
    """Put units of a supply on the shelf. `left` is the supply with the units that are still to come."""
    change = Change(
        sku=position.sku,
        node=position.node,
        kind="receive",
        source=source,
        line=left.supply_id,
        n=n,
        at=now,
        on_hand=((bucket, quantity),),
        supplies=(left,),
        creates=True,
        dated=True,
    )
    return with_effect(position, change, now)


def reevaluate(position: Position, now: datetime) -> Change | None:
    """Correct `free` after time alone changed it: a supply is overdue, or a due day has come.

    Returns None when `free` is correct and no empty day is left to remove.
    """
    change = Change(
        sku=position.sku,
        node=position.node,
        lane=position.lane,
        kind="reevaluate",
        source="time",
        line=utc_day(now),
        n=str(position.rev),
        at=now,
        dated=True,
        clears=_spent_keys(position, now),
    )
    corrected = with_effect(position, change, now)
    return corrected if corrected.free or corrected.clears else None


def with_units_released(
    positions: Iterable[Position], own_units: Iterable[ReservedUnits], now: datetime
) -> tuple[Position, ...]:
    """Return the positions as an order sees them that may use the units reserved for it: as if they were released."""
    return with_changes(positions, (release(units, now) for units in own_units), now)


def with_changes(positions: Iterable[Position], changes: Iterable[Change], now: datetime) -> tuple[Position, ...]:
    """Return the positions as they would be after the changes."""
    by_key = {position.key: position for position in positions}
    for change in changes:
        key = change.position_key
        if (position := by_key.get(key)) is not None:
            by_key[key] = apply_change(position, with_effect(position, change, now) if change.dated else change)
    return tuple(by_key.values())
