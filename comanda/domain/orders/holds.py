"""
Hold orders and lines: typed reasons why named steps may not happen yet. The types, and when they apply, are data.

An order may have many holds; a step waits until every hold that blocks it is resolved.

Called by   comanda.domain.lifecycle; comanda.aws.directory reads the hold types
Returns     holds, tasks, and orders with them
Raises      NotFound for a hold that is not active
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from comanda.domain.errors import NotFound
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.decision import Task
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Hold, Order

PAYMENT = "PAYMENT"  # the type of a hold of ended authorisations, if the directory has such a type or not
ORDER, LINE = "order", "line"  # what a hold of a type blocks: the whole order, or lines of it
PERSON, SCHEDULE, EVENT = "person", "schedule", "event"  # how a hold ends: by a person, by time, or by another system


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldType:
    """A type of hold, and the rule that adds it to new orders. `total_at_least` is (minor units, currency); None never applies."""

    id: str
    blocks: tuple[str, ...]
    reason: str
    queue: str
    total_at_least: tuple[int, str] | None = None
    channels: tuple[str, ...] = ()  # empty: every channel
    tags: tuple[str, ...] = ()  # the order has one of these tags; empty: any order
    expires_hours: int | None = None
    roles: tuple[str, ...] = ()  # the roles that may resolve it; empty: every caller who may resolve holds
    resolved_by: str = PERSON
    level: str = ORDER


def applies(kind: HoldType, order: Order) -> bool:
    """Return True if the rule of this type adds a hold to a new order, or to lines of it."""
    return (
        kind.total_at_least is not None
        and kind.total_at_least[1] == order.currency
        and (bool(lines_to_hold(kind, order)) if kind.level == LINE else order.totals.total >= kind.total_at_least[0])
        and (not kind.channels or order.channel in kind.channels)
        and (not kind.tags or not set(kind.tags).isdisjoint(order.tags))
    )


def lines_to_hold(kind: HoldType, order: Order) -> tuple[str, ...]:
    """Return the ids of the lines that the rule of this type holds: their goods, less discounts, reach the type's amount.
    The components of a bundle are held when the bundle reaches it.

    Returns none for a type that holds whole orders, or that has no amount.
    """
    if kind.level != LINE or kind.total_at_least is None:
        return ()
    least = kind.total_at_least[0]
    worth = {line.line_id for line in order.as_sent() if _net_value(line) >= least}
    return tuple(
        line.line_id for line in order.lines if (line.component.bundle if line.component else line.line_id) in worth
    )


def _net_value(line: Line | Bundle) -> int:
    return line.quantity * line.unit_price - line.discount


def with_rule_holds(order: Order, kinds: Iterable[HoldType], by: str, now: datetime) -> Order:
    """Return the order with a hold of each of these types, numbered after the holds that it has."""
    for kind in kinds:
        made = new_hold(order, kind, kind.reason, by, now, lines_to_hold(kind, order))
        order = with_held_lines(replace(order, holds=(*order.holds, made)))
    return order


def with_held_lines(order: Order) -> Order:
    """Return the order with `Line.held` up to date: the steps that active holds of the line block."""
    found: dict[str, tuple[str, ...]] = {}
    for hold in order.holds:
        for line_id in hold.lines if hold.active else ():
            found[line_id] = tuple(dict.fromkeys((*found.get(line_id, ()), *hold.blocks)))
    changed = [line for line in order.lines if line.held != found.get(line.line_id, ())]
    return order.with_lines(replace(line, held=found.get(line.line_id, ())) for line in changed) if changed else order


def new_hold(order: Order, kind: HoldType, reason: str, by: str, now: datetime, lines: tuple[str, ...] = ()) -> Hold:
    """Return the order's next hold of this type. `lines` are the ids of the lines that it holds; empty: the whole order."""
    return Hold(
        lines=lines,
        hold_id=f"h{len(order.holds) + 1}",
        type=kind.id,
        blocks=kind.blocks,
        reason=reason,
        by=by,
        at=now,
        queue=kind.queue,
        expires=now + timedelta(hours=kind.expires_hours) if kind.expires_hours else None,
    )


def resolved(order: Order, hold_id: str, by: str, resolution: str, now: datetime) -> Order:
    """Return the order with this hold resolved. Raises NotFound for a hold that does not exist or is not active."""
    if not any(hold.hold_id == hold_id and hold.active for hold in order.holds):
        raise NotFound("active hold", hold_id)
    return with_held_lines(
        replace(
            order,
            holds=tuple(
                replace(hold, resolved_at=now, resolved_by=by, resolution=resolution)
                if hold.hold_id == hold_id
                else hold
                for hold in order.holds
            ),
        )
    )


def hold_task(order: Order, hold: Hold, queue: str) -> Task:
    """Return the task of a hold in a queue: to decide about it before it expires, or now if it does not expire."""
    return Task(
        queue=queue,
        item=hold.hold_id,
        due=hold.expires or hold.at,
        reason=hold.reason,
        priority=order.priority,
        data=(("hold", hold.hold_id), ("type", hold.type)),
    )
