"""
Hold orders and lines: typed reasons why named steps may not happen yet. Types and rules are in `rule_holds`.

An order may have many holds; a step waits until every hold that blocks it is resolved.

Called by   comanda.domain.lifecycle; comanda.domain.orders.rule_holds
Returns     holds, tasks, and orders with them
Raises      NotFound for a hold that is not active
"""

from dataclasses import replace
from datetime import datetime

from comanda.domain.errors import NotFound
from comanda.domain.orders import hold_figures
from comanda.domain.orders.decision import Task
from comanda.domain.orders.line import Allocation, Line
from comanda.domain.orders.order import Hold, Order
from comanda.domain.orders.status import Status

PAYMENT = "PAYMENT"  # the type of a hold of ended authorisations, if the directory has such a type or not
# Who places and resolves holds of payments by itself.
BY_AUTHORISATIONS, BY_CHECK, BY_RENEWAL, BY_LINK = "payments", "payment-check", "payment-renewal", "payment-link"
OF_MONEY = (BY_RENEWAL, BY_AUTHORISATIONS, BY_LINK)  # that money ends, and not a person alone
ORDER, LINE = "order", "line"  # what a hold of a type blocks: the whole order, or lines of it
PERSON, SCHEDULE, EVENT = "person", "schedule", "event"  # how a hold ends: by a person, by time, or by another system
# What a hold's expiry means: it is resolved, the order is cancelled, or a person is asked and the stock given back.
RESOLVE, CANCEL, ASK = "RESOLVE", "CANCEL", "ASK"


def with_sets(order: Order, line_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids of lines to hold, with all that leaves in sets with them: half a set must not leave alone."""
    if not line_ids or not (order.bundles or any(line.group is not None for line in order.lines)):
        return line_ids
    from comanda.domain.orders import bundles  # few orders have bundles or kits

    return bundles.with_components(order, line_ids)


def with_held_lines(order: Order) -> Order:
    """Return the order with `Line.held` up to date: the steps that active holds of the line block."""
    found: dict[str, tuple[str, ...]] = {}
    for hold in order.holds:
        for line_id in hold.lines if hold.active else ():
            found[line_id] = tuple(dict.fromkeys((*found.get(line_id, ()), *hold.blocks)))
    changed = [line for line in order.lines if line.held != found.get(line.line_id, ())]
    return order.with_lines(replace(line, held=found.get(line.line_id, ())) for line in changed) if changed else order


def resolved(order: Order, hold_id: str, by: str, resolution: str, now: datetime) -> Order:
    """Return the order with this hold resolved. Raises NotFound for a hold that does not exist or is not active.

    What waits for stock and is kept from the router no more is routed again: stock may have come while it was held.
    """
    if not any(hold.hold_id == hold_id and hold.active for hold in order.holds):
        raise NotFound("active hold", hold_id)
    after = with_held_lines(
        replace(
            order,
            holds=tuple(
                replace(hold, resolved_at=now, resolved_by=by, resolution=resolution, seen=_seen(order, hold))
                if hold.hold_id == hold_id
                else hold
                for hold in order.holds
            ),
        )
    )
    freed = [line for line, was in zip(after.lines, order.lines, strict=True) if _is_freed(after, line, order, was)]
    return after.with_lines(line.move("receipt", line.units(is_backordered)) for line in freed) if freed else after


def _is_freed(after: Order, line: Line, before: Order, was: Line) -> bool:
    """Return True if units of a line that wait for stock were kept from the router, and are not any more."""
    if not line.units(is_backordered):
        return False
    was_kept = before.kept_from_router or was.kept_from_router
    return was_kept and not (after.kept_from_router or line.kept_from_router)


def is_backordered(a: Allocation) -> bool:
    """Return True for units that wait for stock."""
    return a.status is Status.BACKORDERED


def _seen(order: Order, hold: Hold) -> tuple[tuple[str, int, int, int], ...]:
    """Return the figures of the order and of the held lines, which the one who resolves the hold sees."""
    of_lines = hold_figures.of_lines(order) if hold.lines else {}
    figures = {"": hold_figures.of_order(order), **{name: of_lines[name] for name in hold.lines if name in of_lines}}
    return tuple((name, one.amount, one.units, one.lines) for name, one in figures.items())


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
