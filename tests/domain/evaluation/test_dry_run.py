"""Test that a dry run plans the rest of an order as if it had no nodes."""

from dataclasses import replace
from datetime import timedelta

from comanda.domain.evaluation.dry_run import dry_run, reserved_units, summed, with_room, without_assignments
from comanda.domain.orders.fulfillment import Fulfillment
from comanda.domain.orders.status import Status
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.rules.rule_sets import AppliesTo, NodeFilter, Rule, RuleSet
from tests.builders import (
    CHICAGO,
    NEW_YORK,
    NOW,
    TODAY,
    a_line_in,
    a_node,
    a_position,
    an_allocation,
    an_order,
)

CREATED, RELEASED, SHIPPED = Status.CREATED, Status.RELEASED, Status.SHIPPED


def a_fulfillment(number: int = 1, node: str = "near", **changes: object) -> Fulfillment:
    by = NOW + timedelta(hours=1)
    fields = {"number": number, "node": node, "method": "SHIP", "service": "STANDARD", "due": TODAY}
    return Fulfillment(**(fields | {"offered_at": NOW, "accept_by": by, "ship_by": by} | changes))


def only(node: str, **applies: object) -> RuleSet:
    rule = Rule(name="only", nodes=NodeFilter(nodes=(node,)))
    return RuleSet(rule_set_id="only", version=1, rules=(rule,), applies_to=AppliesTo(**applies))


def half_sent():
    """Make an order of eight units: two are gone, three lie at a node, one is wanted, two were cancelled."""
    line = a_line_in(
        an_allocation(2, SHIPPED, node="near", fulfillment=2),
        an_allocation(3, RELEASED, node="near", fulfillment=1, lane=0),
        an_allocation(1, Status.UNSCHEDULED),
        an_allocation(2, Status.CANCELLED),
        attempts=4,
        waits_in="routing",
        excluded=("closed",),
    )
    return replace(an_order(line), fulfillments=(a_fulfillment(), a_fulfillment(2, shipped_at=NOW)))


def test_only_the_rest_of_the_order_is_wanted() -> None:
    (line,) = without_assignments(half_sent()).lines

    assert line.unplaced() == 4
    assert (line.units(lambda a: a.status is SHIPPED), line.cancelled, line.quantity) == (2, 2, 8)
    assert line.excluded == ("closed",)


def test_reserved_units_are_listed_by_node_and_day() -> None:
    assert [(u.sku, u.node, u.quantity, u.due) for u in reserved_units(half_sent())] == [("TEA-001", "near", 3, TODAY)]


def test_room_is_free_again_where_work_is_open() -> None:
    open_, done = a_fulfillment(work_days=((TODAY, 3),)), a_fulfillment(2, work_days=((TODAY, 4),), shipped_at=NOW)
    unknown = a_fulfillment(3, node="far", work_days=((TODAY, 1),))
    order = replace(an_order(), fulfillments=(open_, done, unknown))
    world = RouterInputs(positions=(), nodes=(), taken={("near", TODAY): 8})

    assert with_room(order, world).taken == {("near", TODAY): 5}


def test_both_plans_use_the_same_inputs_and_are_compared() -> None:
    order = an_order(a_line_in(an_allocation(2, CREATED)))
    nodes = (a_node("near", CHICAGO), a_node("far", NEW_YORK))
    world = RouterInputs(positions=[a_position("TEA-001", node.node_id) for node in nodes], nodes=nodes)

    other, same, silent = (
        dry_run(order, world, rule_set, NOW) for rule_set in (only("far"), only("near"), only("far", regions=("BR",)))
    )

    assert (other.live["fulfillments"][0][0], other.then["fulfillments"][0][0], other.differs) == ("near", "far", True)
    assert (same.differs, same.tried) == (False, same.live)
    assert (silent.differs, silent.tried, silent.then) == (False, None, silent.live)
    assert other.rule_sets == ("built-in@1",)
    total = summed([other.then, same.then])
    assert total["shipments"] == 2
    assert total["modelled_micros"]["shipping"] == sum(one.then["modelled_micros"]["shipping"] for one in (other, same))
