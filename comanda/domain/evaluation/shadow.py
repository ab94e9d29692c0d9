"""
Shadows: rule sets that look on. Each routes the same order in the same world as the live ones did, without effect.

Pure, on a world that the live route has just gone through: a set that was let in has passed the same checks as a live one, so
there is no error of its own that it could raise, and nothing to catch.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.domain.orders.line import SHIP
from comanda.domain.orders.order import Order
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import NO_GOODS
from comanda.domain.routing.route import order_facts, route
from comanda.domain.rules.rule_sets import RuleSet, choose
from comanda.domain.stock.changes import ReservedUnits
from comanda.domain.time_limit import TimeLimit, never

MOST = 3  # each costs an order as much as the live route does

type DecisionRecord = Mapping[str, Any]


def shadow_outcomes(
    order: Order,
    world: RouterInputs,
    now: datetime,
    decision: DecisionRecord,
    shadows: Iterable[RuleSet],
    kept: Sequence[ReservedUnits] = (),
    late: TimeLimit = never,
) -> list[dict[str, Any]]:
    """What each shadow that would speak for a line of the order would have done, and whether that differs from `decision`,
    which the live sets made of the same order and world. The first three by id; `late` is the clock of the live route, so
    all of them together take no longer than it may."""
    in_force = sorted((one for one in shadows if one.in_force(now)), key=lambda one: (one.rule_set_id, one.version))
    found: list[dict[str, Any]] = []
    for shadow in in_force[:MOST]:
        beside = with_shadow(world, shadow, now)
        if not _applies(shadow, order, beside, now):
            continue
        theirs = route(order, beside, now, kept, late).decision
        if shadow.key in theirs["rule_sets"]:
            differs = _assigned(theirs) != _assigned(decision)
            stopped = {"clock_stopped": True} if clock_stopped(theirs) else {}
            found.append({"rule_set": shadow.key, **outcome(theirs), "differs": differs, **stopped})
    return found


def with_shadow(world: RouterInputs, shadow: RuleSet, now: datetime) -> RouterInputs:
    """As if the shadow began to hold now: in place of the live versions of its id, else beside the other sets."""
    others = tuple(one for one in world.rules.sets if one.rule_set_id != shadow.rule_set_id)
    return replace(world, rules=replace(world.rules, sets=(*others, replace(shadow, starts=now))))


def _applies(shadow: RuleSet, order: Order, world: RouterInputs, now: datetime) -> bool:
    by = order_facts(order, world)
    for line in order.lines:
        if not line.unplaced() or line.method != SHIP:
            continue
        chosen = choose(world.rules.sets, by, line.sku, world.goods.get(line.sku, NO_GOODS), SHIP, now)
        if chosen is not None and chosen.key == shadow.key:
            return True
    return False


def _assigned(decision: DecisionRecord) -> tuple[list[Any], list[Any]]:
    """Who sends what and when it can; and what is left over, where."""
    sent = sorted(
        [one["node"], one["method"], one["service"], one.get("due") or "", sorted(map(list, one["lines"]))]
        for one in decision["fulfillments"]
    )
    return sent, sorted(row[:4] for row in decision["leftovers"])


def clock_stopped(decision: DecisionRecord) -> bool:
    """Whether some choice of it is not the one that its rules would have come to."""
    return any(stage.get("clock_stopped") for stage in decision["stages"])


def outcome(decision: DecisionRecord) -> dict[str, Any]:
    """What comes of a decision, in short. A fulfillment is [node, method, service, units, local date of delivery]; costs by
    component in micro-units, of all of them; `deliver_on` is the last date, None where one is not known."""
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
