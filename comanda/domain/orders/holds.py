"""
Hold orders and lines: typed reasons why named steps may not happen yet. The types, and when they apply, are data.

An order may have many holds; a step waits until every hold that blocks it is resolved.

Called by   comanda.domain.lifecycle; comanda.aws.directory reads the hold types
Returns     holds, tasks, and orders with them
Raises      NotFound for a hold that is not active
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from comanda.domain.errors import NotFound
from comanda.domain.orders import hold_figures, hold_rules
from comanda.domain.orders.decision import Task
from comanda.domain.orders.hold_rules import NO_FACTS, Condition, Facts, Score
from comanda.domain.orders.line import Allocation, Line
from comanda.domain.orders.order import Hold, Order
from comanda.domain.orders.status import Status

PAYMENT = "PAYMENT"  # the type of a hold of ended authorisations, if the directory has such a type or not
# Who places and resolves holds of payments by itself.
BY_AUTHORISATIONS, BY_CHECK, BY_RENEWAL = "payments", "payment-check", "payment-renewal"
ORDER, LINE = "order", "line"  # what a hold of a type blocks: the whole order, or lines of it
PERSON, SCHEDULE, EVENT = "person", "schedule", "event"  # how a hold ends: by a person, by time, or by another system
# What a hold's expiry means: it is resolved, the order is cancelled, or a person is asked and the stock given back.
RESOLVE, CANCEL, ASK = "RESOLVE", "CANCEL", "ASK"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldType:
    """A type of hold, and the rule that adds it to new orders: a condition, or a score. Without both, no rule adds it."""

    id: str
    blocks: tuple[str, ...]
    reason: str
    queue: str
    active: bool = True  # False: no rule places it
    when: Condition | None = None
    score: Score | None = None
    expires_minutes: int | None = None
    on_expiry: str = ASK
    roles: tuple[str, ...] = ()  # the roles that may resolve it; empty: every caller who may resolve holds
    resolved_by: str = PERSON
    level: str = ORDER

    @property
    def has_rule(self) -> bool:
        """Return True if a rule adds the hold to new orders."""
        return self.when is not None or self.score is not None

    def conditions(self) -> Iterator[Condition]:
        """Yield every condition of the type's rule."""
        if self.when is not None:
            yield self.when
        if self.score is not None:
            yield from (rule.when for rule in self.score.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """The result of a type's rule for an order that it holds."""

    kind: HoldType
    lines: tuple[str, ...] = ()  # the ids of the lines to hold; empty: the whole order
    contributions: tuple[tuple[str, int], ...] = ()  # to the score: id of the rule, points


def judged(kind: HoldType, order: Order, facts: Facts = NO_FACTS) -> RuleResult | None:
    """Return what the rule of this type holds of a new order, or None if it holds nothing of it.

    That the type is not active makes no difference here: the caller leaves it out, or tries it.
    """
    if kind.score is not None:
        parts = hold_rules.contributions(kind.score, order, facts)
        return RuleResult(kind=kind, contributions=parts) if sum(p for _, p in parts) >= kind.score.at_least else None
    if kind.when is None:
        return None
    if kind.level == LINE:
        lines = hold_rules.lines_of(kind.when, order, facts)
        return RuleResult(kind=kind, lines=lines) if lines else None
    return RuleResult(kind=kind) if hold_rules.true_of_order(kind.when, order, facts) else None


def not_held_yet(found: RuleResult, order: Order) -> RuleResult | None:
    """Return the result without the lines that an active hold of the type has already, None if the hold has all of it."""
    active = [hold for hold in of_rule(found.kind, order) if hold.active]
    if any(not hold.lines for hold in active):
        return None
    held = {line_id for hold in active for line_id in hold.lines}
    lines = tuple(line_id for line_id in found.lines if line_id not in held)
    return None if found.lines and not lines else replace(found, lines=lines)


def of_rule(kind: HoldType, order: Order) -> list[Hold]:
    """Return the order's holds of a type, without those that payments place and resolve by themselves: they answer no rule."""
    by_itself = (BY_AUTHORISATIONS, BY_CHECK, BY_RENEWAL)
    return [hold for hold in order.holds if hold.type == kind.id and hold.by not in by_itself]


def with_rule_holds(order: Order, found: Iterable[RuleResult], by: str, now: datetime) -> Order:
    """Return the order with a hold for each type that found something, numbered after the holds that it has."""
    for one in found:
        lines = with_sets(order, one.lines)
        made = replace(new_hold(order, one.kind, one.kind.reason, by, now, lines), contributions=one.contributions)
        order = with_held_lines(replace(order, holds=(*order.holds, made)))
    return order


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
        expires=now + timedelta(minutes=kind.expires_minutes) if kind.expires_minutes else None,
        on_expiry=kind.on_expiry,
    )


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
