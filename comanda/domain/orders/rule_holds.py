"""
Define the types of holds, which are data, and find what their rules hold of an order.

Called by   comanda.domain.lifecycle: place and changes; functions/intake; comanda.aws.directory.hold_types, which reads them
Returns     results of rules, and orders with the holds that they add
Raises      nothing
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from comanda.domain.orders import hold_rules
from comanda.domain.orders.hold_rules import NO_FACTS, Condition, Facts, Score
from comanda.domain.orders.holds import (
    ASK,
    BY_AUTHORISATIONS,
    BY_CHECK,
    BY_LINK,
    BY_RENEWAL,
    LINE,
    ORDER,
    PERSON,
    with_held_lines,
    with_sets,
)
from comanda.domain.orders.order import Hold, Order


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
    by_itself = (BY_AUTHORISATIONS, BY_CHECK, BY_RENEWAL, BY_LINK)
    return [hold for hold in order.holds if hold.type == kind.id and hold.by not in by_itself]


def with_rule_holds(order: Order, found: Iterable[RuleResult], by: str, now: datetime) -> Order:
    """Return the order with a hold for each type that found something, numbered after the holds that it has."""
    for one in found:
        lines = with_sets(order, one.lines)
        made = replace(new_hold(order, one.kind, one.kind.reason, by, now, lines), contributions=one.contributions)
        order = with_held_lines(replace(order, holds=(*order.holds, made)))
    return order


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
