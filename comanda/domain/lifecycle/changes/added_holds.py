"""
Ask the rules of holds again when a change adds units to an order: for what it adds alone.

A rule that would have held the order before the change is not asked again, because it has held it, or a person has answered.

Called by   comanda.domain.lifecycle.changes.changing; functions/intake, which reads the rules
Returns     the order with its holds, and their tasks
Raises      nothing
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.orders import holds
from comanda.domain.orders.decision import Task
from comanda.domain.orders.hold_rules import NO_FACTS, Facts
from comanda.domain.orders.holds import HoldType, RuleResult
from comanda.domain.orders.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRules:
    """The types of holds, and what their rules must know of the changed order."""

    kinds: tuple[HoldType, ...] = ()
    facts: Facts = NO_FACTS


NO_RULES = HoldRules()


def with_holds(before: Order, after: Order, rules: HoldRules, now: datetime) -> tuple[Order, tuple[Task, ...]]:
    """Return the changed order with a hold for each type whose rule applies only with the units that the change adds."""
    if not rules.kinds or not _has_more_units(before, after):
        return after, ()
    held = holds.with_rule_holds(after, tuple(_found(before, after, rules)), "rules", now)
    made = held.holds[len(after.holds) :]
    return held, tuple(holds.hold_task(held, hold, hold.queue) for hold in made if hold.queue)


def _has_more_units(before: Order, after: Order) -> bool:
    was = {line.line_id: line.quantity for line in before.lines}
    return any(line.live and line.quantity > was.get(line.line_id, 0) for line in after.lines)


def _found(before: Order, after: Order, rules: HoldRules) -> Iterator[RuleResult]:
    for kind in rules.kinds:
        found = holds.judged(kind, after, rules.facts) if kind.active else None
        if found is None:
            continue
        was = holds.judged(kind, before, rules.facts)
        if kind.level == holds.LINE:
            lines = tuple(line_id for line_id in found.lines if was is None or line_id not in was.lines)
            yield from (replace(found, lines=lines),) if lines else ()
        elif was is None and not any(h.active and h.type == kind.id and not h.lines for h in after.holds):
            yield found
