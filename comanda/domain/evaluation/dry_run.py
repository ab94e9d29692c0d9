"""
Trial: what a rule set would do with an order that is stored, beside what the rules in force would do with it now.

Pure, and without effect. Both look at the same world, in which nobody has what is left of the order: its units are free again
where they lie, and so is the room that it took.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from comanda.domain.evaluation import shadow
from comanda.domain.lifecycle.recall import reserved
from comanda.domain.orders.line import Allocation, Line, merged
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import AT_NODE, GONE, Status
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.route import route
from comanda.domain.rules.rule_sets import RuleSet
from comanda.domain.shipping.delivery_dates import BookedUnits
from comanda.domain.stock.changes import ReservedUnits
from comanda.domain.time_limit import TimeLimit, never

OVER = frozenset({*GONE, Status.CANCELLED, Status.DRAFT})  # nobody sends these, or not any more
HELD = frozenset({*AT_NODE, Status.SCHEDULED})  # these have units on a shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """`live` and `tried` are as `shadow.outcome` says; `tried` is None where the set speaks for no line of the order, which
    then stays as it is. `rule_sets`: those that speak now."""

    order_id: str
    rule_sets: tuple[str, ...]
    live: Mapping[str, Any]
    tried: Mapping[str, Any] | None = None
    differs: bool = False

    @property
    def then(self) -> Mapping[str, Any]:
        """What would be, were the set in force."""
        return self.live if self.tried is None else self.tried


def without_assignments(order: Order) -> Order:
    """The order as if nobody had what is left of it. Nodes that gave a line back stay excluded for it."""
    return replace(order, lines=tuple(map(_without_allocations, order.lines)))


def _without_allocations(line: Line) -> Line:
    over = [a for a in line.allocations if a.status in OVER]
    left = line.quantity - sum(a.quantity for a in over)
    unplaced = [Allocation(quantity=left, status=Status.CREATED)] if left else []
    return replace(line, allocations=merged((*over, *unplaced)), attempts=0, waits_in=None)


def reserved_units(order: Order) -> tuple[ReservedUnits, ...]:
    """The units that it has on shelves."""
    return tuple(
        reserved(order, line, a) for line in order.lines for a in line.allocations if a.status in HELD and a.node
    )


def with_room(order: Order, world: RouterInputs) -> RouterInputs:
    """The world with the room that the order took of its nodes' days free again."""
    taken: dict[tuple[str, str], int] = dict(world.taken)
    for fulfillment in order.fulfillments:
        if not fulfillment.ended and not fulfillment.shipped_at:
            for day, units in fulfillment.work_days:
                place = fulfillment.node, day
                if place in taken:
                    taken[place] = max(0, taken[place] - units)
    freed: BookedUnits = taken
    return replace(world, taken=freed)


def dry_run(order: Order, world: RouterInputs, rule_set: RuleSet, now: datetime, late: TimeLimit = never) -> DryRun:
    """Both plans for all that is left of the order, in a world in which that is free (see `held` and `with_room`)."""
    whole = without_assignments(order)
    live = route(whole, world, now, late=late).decision
    for one in shadow.shadow_outcomes(whole, world, now, live, (replace(rule_set, starts=None, ends=None),), late=late):
        then = {name: value for name, value in one.items() if name not in ("rule_set", "differs")}
        return DryRun(
            order_id=order.order_id,
            rule_sets=tuple(live["rule_sets"]),
            live=shadow.outcome(live),
            tried=then,
            differs=one["differs"],
        )
    return DryRun(order_id=order.order_id, rule_sets=tuple(live["rule_sets"]), live=shadow.outcome(live))


def summed(outcomes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Of many orders: counts, grams, and micro-units by component."""
    found: dict[str, Any] = {"shipments": 0, "packages": 0, "left_over": 0, "carbon_g": 0}
    costs: dict[str, dict[str, int]] = {"modelled_micros": {}, "priced_micros": {}}
    for outcome in outcomes:
        for name in found:
            found[name] += outcome[name]
        for name, parts in costs.items():
            for part, micros in outcome[name].items():
                parts[part] = parts.get(part, 0) + micros
    return found | costs
