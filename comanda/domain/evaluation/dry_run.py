"""
Try a rule set on a stored order, beside the rules that are in force now. Nothing is changed.

Called by   functions/planning
Returns     both outcomes
Raises      nothing of its own

Both plans use the same inputs, in which the rest of the order has no nodes: its units are free again where they lie, and so
is the room that it took.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from comanda.domain.evaluation import shadow
from comanda.domain.lifecycle.node_work.recall import reserved
from comanda.domain.orders.line import Allocation, Line, merged
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import AT_NODE, GONE, Status
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.route import route
from comanda.domain.rules.rule_sets import RuleSet
from comanda.domain.shipping.delivery_dates import BookedUnits
from comanda.domain.stock.changes import ReservedUnits
from comanda.domain.time_limit import TimeLimit, never

OVER = frozenset({*GONE, Status.CANCELLED, Status.DRAFT})  # these need no node any more, or not yet
HELD = frozenset({*AT_NODE, Status.SCHEDULED})  # these have units on a shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """The outcomes of a dry run, as `shadow.outcome` makes them.

    `tried` is None if the rule set applies to no line of the order, which then stays as it is. `rule_sets` are those in
    force.
    """

    order_id: str
    rule_sets: tuple[str, ...]
    live: Mapping[str, Any]
    tried: Mapping[str, Any] | None = None
    differs: bool = False

    @property
    def then(self) -> Mapping[str, Any]:
        """Return the outcome if the rule set were in force."""
        return self.live if self.tried is None else self.tried


def without_assignments(order: Order) -> Order:
    """Return the order as if the rest of it had no nodes. Nodes that declined a line stay excluded for it."""
    return replace(order, lines=tuple(map(_without_allocations, order.lines)))


def _without_allocations(line: Line) -> Line:
    over = [a for a in line.allocations if a.status in OVER]
    left = line.quantity - sum(a.quantity for a in over)
    unplaced = [Allocation(quantity=left, status=Status.CREATED)] if left else []
    return replace(line, allocations=merged((*over, *unplaced)), attempts=0, waits_in=None)


def reserved_units(order: Order) -> tuple[ReservedUnits, ...]:
    """Return the units that the order has on shelves."""
    return tuple(
        reserved(order, line, a) for line in order.lines for a in line.allocations if a.status in HELD and a.node
    )


def with_room(order: Order, inputs: RouterInputs) -> RouterInputs:
    """Return the inputs with the room free again that the order took of its nodes' days."""
    taken: dict[tuple[str, str], int] = dict(inputs.taken)
    for fulfillment in order.fulfillments:
        if not fulfillment.ended and not fulfillment.shipped_at:
            for day, units in fulfillment.work_days:
                place = fulfillment.node, day
                if place in taken:
                    taken[place] = max(0, taken[place] - units)
    freed: BookedUnits = taken
    return replace(inputs, taken=freed)


def dry_run(order: Order, inputs: RouterInputs, rule_set: RuleSet, now: datetime, late: TimeLimit = never) -> DryRun:
    """Make both plans for the rest of the order, with inputs in which it is free (see `reserved_units` and
    `with_room`)."""
    whole = without_assignments(order)
    live = route(whole, inputs, now, late=late).decision
    for one in shadow.shadow_outcomes(
        whole, inputs, now, live, (replace(rule_set, starts=None, ends=None),), late=late
    ):
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
    """Return the sums over many orders: counts, grams, and micro-units by component."""
    found: dict[str, Any] = {"shipments": 0, "packages": 0, "left_over": 0, "carbon_g": 0}
    costs: dict[str, dict[str, int]] = {"modelled_micros": {}, "priced_micros": {}}
    for outcome in outcomes:
        for name in found:
            found[name] += outcome[name]
        for name, parts in costs.items():
            for part, micros in outcome[name].items():
                parts[part] = parts.get(part, 0) + micros
    return found | costs
