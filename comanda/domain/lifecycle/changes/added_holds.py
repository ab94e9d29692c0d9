"""
Hold a changed order as the rules of holds say that its change asks again.

Called by   comanda.domain.lifecycle.changes.changing, .pending_changes; functions/intake, which reads the rules
Returns     the order with its holds, and their tasks
Raises      nothing
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.lifecycle.changes import asked_again
from comanda.domain.lifecycle.changes.asked_again import Step
from comanda.domain.lifecycle.moving.wanted import NewAddress
from comanda.domain.orders import holds, rule_holds
from comanda.domain.orders.decision import Task
from comanda.domain.orders.hold_rules import NO_FACTS, Facts
from comanda.domain.orders.order import Order
from comanda.domain.orders.rule_holds import HoldType, RuleResult
from comanda.domain.orders.status import GONE, Status

type FactsReader = Callable[[Sequence[HoldType], Order, Mapping[int, NewAddress]], Facts]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRules:
    """The types of holds, and how to read what some of them must know of the changed order with its new addresses."""

    kinds: tuple[HoldType, ...] = ()
    facts: FactsReader = lambda _kinds, _order, _addresses: NO_FACTS


NO_RULES = HoldRules()


def with_holds(
    before: Order, after: Order, rules: HoldRules, now: datetime, addresses: Mapping[int, NewAddress] | None = None
) -> tuple[Order, tuple[Task, ...]]:
    """Return the changed order with a hold for each type whose rule the change asks and that applies. `addresses` are new ones
    by the place of their change. An order of which all units have left is held by no rule."""
    kinds = [kind for kind in rules.kinds if kind.active and kind.has_rule]
    if not kinds or all(status in GONE or status is Status.CANCELLED for status in after.quantities()):
        return after, ()
    made = asked_again.step(before, after)
    asked = [kind for kind in kinds if asked_again.may_ask(kind, made)]
    if not asked:
        return after, ()
    found = tuple(_found(asked, made, rules.facts(asked, after, addresses or {})))
    held = rule_holds.with_rule_holds(after, found, "rules", now)
    new = held.holds[len(after.holds) :]
    return held, tuple(holds.hold_task(held, hold, hold.queue) for hold in new if hold.queue)


def _found(kinds: Sequence[HoldType], made: Step, facts: Facts) -> Iterator[RuleResult]:
    for kind in kinds:
        found = rule_holds.judged(kind, made.after, facts)
        found = rule_holds.not_held_yet(found, made.after) if found else None
        if found is None:
            continue
        if kind.level == holds.LINE:
            lines = tuple(line_id for line_id in found.lines if asked_again.asks_about(line_id, kind, made, facts))
            yield from (replace(found, lines=lines),) if lines else ()
        elif asked_again.asks(kind, made, facts):
            yield found
