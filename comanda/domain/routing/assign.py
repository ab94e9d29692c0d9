"""
Assign every wanted unit to a node, or leave it over with a reason.

Called by   comanda.domain.routing.route and comanda.domain.promise.promise: a promise is what a route would do
Returns     fulfillments without dates, leftovers, and every choice with its inputs
Raises      TooDear, from the optimizer

A `ReachableNetwork` is made once; any number of assignments can be made in it. A rule set decides about each line, and its
rules run in sequence over the units on hand. First the promised date is a limit; units that find no node are tried again
without it, and lateness costs. Then units that wait for a dated supply are assigned day by day in the same way.
An assignment is deterministic. A node never gets more than it holds or has room for, and an excluded node gets nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.routing.assignment import Assignment, Gone, RuleSetGroup, join_fulfillments
from comanda.domain.routing.build_stage import StageChoice
from comanda.domain.routing.chosen import kits_of
from comanda.domain.routing.order_rates import OrderRates
from comanda.domain.routing.plan import Leftover, Limits, PlannedFulfillment, Rules, Want
from comanda.domain.routing.reachable import ReachableNetwork
from comanda.domain.routing.stage_rows import Group
from comanda.domain.rules import rule_sets
from comanda.domain.rules.rule_sets import RuleSet
from comanda.domain.stock.changes import ReservedUnits
from comanda.domain.time_limit import TimeLimit, never


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """A finished assignment. `choices` are in the order in which they were made. Fulfillments have no dates yet."""

    fulfillments: tuple[PlannedFulfillment, ...]
    leftovers: tuple[Leftover, ...]
    choices: tuple[StageChoice, ...] = ()


def assign(
    wants: Sequence[Want],
    network: ReachableNetwork,
    limits: Limits,
    rates: OrderRates,
    future_days: int | None = None,
    kept: Sequence[ReservedUnits] = (),
    late: TimeLimit = never,
    gone: Gone = (),
) -> Assigned:
    """Assign every wanted unit to a node, or leave it over with a reason.

    `future_days`: units may wait for supplies of so many days to come; None is as the rules say. `kept`: the units that
    the order has reserved, which the positions show as free for it. `gone`: (node, sku, units) that the order sends to
    its other destinations.
    """
    found, groups = _assign_on_hand(wants, kept, Assignment(network, limits, rates, late, gone), in_time_first=True)
    if found.unassigned and found.limited and rates.facts.deliver_by is not None:
        # Units that arrive in time may have used up the shipments that all units need: the plan that sends more wins.
        other, other_groups = _assign_on_hand(
            wants, kept, Assignment(network, limits, rates, late, gone), in_time_first=False
        )
        if sum(other.unassigned.values()) < sum(found.unassigned.values()):
            found, groups = other, other_groups
    reasons = {want.line_id: found.why_left(want, one) for one in groups for want in found.waiting(one)}
    for one in groups:
        found.assign_from_supplies(one, one.future_days if future_days is None else future_days)
    for one in groups:
        found.leave_rest(one, reasons)
    return Assigned(
        fulfillments=join_fulfillments(found.planned), leftovers=tuple(found.leftovers), choices=tuple(found.choices)
    )


def _assign_on_hand(
    wants: Sequence[Want], kept: Sequence[ReservedUnits], assignment: Assignment, *, in_time_first: bool
) -> tuple[Assignment, list[RuleSetGroup]]:
    """Assign the units on hand. A promised date is first a limit and then a cost; or, not `in_time_first`, only a cost."""
    for kit in kits_of(want for want in wants if want.method == PICKUP):
        assignment.pick_up(kit)
    for kit in kits_of(want for want in wants if want.chosen):
        assignment.send_from_chosen(kit)
    shipped = [want for want in wants if want.method != PICKUP and not want.chosen]
    groups = _rule_set_groups(shipped, assignment.network.rules, assignment.rates)
    assignment.use_reservation(shipped, kept, groups)
    promised = assignment.rates.facts.deliver_by is not None
    if promised and in_time_first:
        assignment.assign_on_hand(groups, in_time=True)
    if assignment.unassigned:
        assignment.assign_on_hand(groups, in_time=False)
    return assignment, groups


def _rule_set_groups(wants: Iterable[Want], rules: Rules, rates: OrderRates) -> list[RuleSetGroup]:
    """Group the lines by rule set and service. The lines of a kit, and of an order wanted in one shipment, use the rule set
    of the first line."""
    found: dict[tuple[str, str], tuple[RuleSet, list[Want]]] = {}
    of_kit: dict[str, RuleSet] = {}
    default = rule_sets.built_in(rules.future_days)
    for want in wants:
        kit = want.service if rates.facts.whole else want.group
        rule_set = of_kit.get(kit or "")
        if rule_set is None:
            rule_set = (
                rule_sets.choose(rules.sets, rates.facts, want.sku, want.goods, SHIP, rates.network.now) or default
                if rules.sets
                else default
            )
            if kit is not None:
                of_kit[kit] = rule_set
        found.setdefault((rule_set.key, want.service), (rule_set, []))[1].append(want)
    return [
        RuleSetGroup(group=Group(wants=tuple(lines), service=service), rule_set=rule_set)
        for (_, service), (rule_set, lines) in sorted(found.items(), key=lambda one: (one[0][1], one[0][0]))
    ]
