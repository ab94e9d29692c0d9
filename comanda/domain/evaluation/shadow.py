"""
Run shadows: rule sets that route the same order with the same inputs as the live ones, without effect.

Called by   functions/route, comanda.domain.evaluation.dry_run, ops/routing_report.py
Returns     the outcomes of the shadows
Raises      nothing of its own

A shadow passed the same checks as a live rule set, and runs on inputs that the live route has just used. So it raises no error
that the live route would not raise.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.domain.evaluation.phrases import DecisionRecord
from comanda.domain.orders.methods import SHIP
from comanda.domain.orders.order import Order
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import NO_GOODS
from comanda.domain.routing.route import order_facts, route
from comanda.domain.rules.in_force import MOST_SHADOWS
from comanda.domain.rules.rule_sets import RuleSet, choose
from comanda.domain.stock.changes import ReservedUnits
from comanda.domain.time_limit import TimeLimit, never


def shadow_outcomes(
    order: Order,
    inputs: RouterInputs,
    now: datetime,
    decision: DecisionRecord,
    shadows: Iterable[RuleSet],
    kept: Sequence[ReservedUnits] = (),
    late: TimeLimit = never,
) -> list[dict[str, Any]]:
    """Return the outcome of each shadow that would apply to a line of the order, and whether it differs from
    `decision`.

    The live rule sets made `decision` of the same order and inputs. The first three shadows by id run. `late` is the
    time limit of the live route, so all of them together take no longer than it may.
    """
    in_force = sorted((one for one in shadows if one.in_force(now)), key=lambda one: (one.rule_set_id, one.version))
    found: list[dict[str, Any]] = []
    for shadow in in_force[:MOST_SHADOWS]:
        beside = with_shadow(inputs, shadow, now)
        if not _applies(shadow, order, beside, now):
            continue
        theirs = route(order, beside, now, kept, late).decision
        if shadow.key in theirs["rule_sets"]:
            differs = _assigned(theirs) != _assigned(decision)
            stopped = {"clock_stopped": True} if clock_stopped(theirs) else {}
            found.append({"rule_set": shadow.key, **outcome(theirs), "differs": differs, **stopped})
    return found


def with_shadow(inputs: RouterInputs, shadow: RuleSet, now: datetime) -> RouterInputs:
    """Return the inputs as if the shadow began to hold now. It replaces the live versions of its id, or stands beside
    the other rule sets."""
    others = tuple(one for one in inputs.rules.sets if one.rule_set_id != shadow.rule_set_id)
    return replace(inputs, rules=replace(inputs.rules, sets=(*others, replace(shadow, starts=now))))


def _applies(shadow: RuleSet, order: Order, inputs: RouterInputs, now: datetime) -> bool:
    by = order_facts(order, inputs)
    for line in order.lines:
        if not line.unplaced() or line.method != SHIP:
            continue
        chosen = choose(inputs.rules.sets, by, line.sku, inputs.goods.get(line.sku, NO_GOODS), SHIP, now)
        if chosen is not None and chosen.key == shadow.key:
            return True
    return False


def _assigned(decision: DecisionRecord) -> tuple[list[Any], list[Any]]:
    """Return the fulfillments with their units and due days, and the leftovers with their queues."""
    sent = sorted(
        [one["node"], one["method"], one["service"], one.get("due") or "", sorted(map(list, one["lines"]))]
        for one in decision["fulfillments"]
    )
    return sent, sorted(row[:4] for row in decision["leftovers"])


def clock_stopped(decision: DecisionRecord) -> bool:
    """Return True if the time limit stopped one of the decision's choices."""
    return any(stage.get("clock_stopped") for stage in decision["stages"])


def outcome(decision: DecisionRecord) -> dict[str, Any]:
    """Return a short form of a decision.

    A fulfillment is [node, method, service, units, local date of delivery]. Costs are in micro-units by component,
    summed over all of them. `deliver_on` is the last date; None if one is not known.
    """
    work = decision["fulfillments"]
    dates = [one.get("deliver_on") for one in work]
    return {
        "fulfillments": [
            [one["node"], one["method"], one["service"], sum(row[2] for row in one["lines"]), one.get("deliver_on")]
            for one in work
        ],
        "shipments": sum(one["method"] == SHIP for one in work),
        "left_over": sum(row[2] for row in decision["leftovers"]),
        "modelled_micros": _summed(one["modelled_micros"] for one in work),
        "priced_micros": _summed(one["priced_micros"] for one in work),
        "packages": sum(one.get("packages", 0) for one in work),
        "carbon_g": sum(one.get("carbon_g", 0) for one in work),
        "deliver_on": max(filter(None, dates)) if dates and all(dates) else None,
    }


def _summed(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for of in parts:
        for name, micros in of.items():
            found[name] = found.get(name, 0) + micros
    return found
