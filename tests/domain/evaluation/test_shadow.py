"""Test shadows: rule sets that route the same order with the same inputs, and change nothing."""

import json
from dataclasses import replace
from datetime import timedelta

from comanda.domain.evaluation import explain
from comanda.domain.evaluation.shadow import outcome, shadow_outcomes
from comanda.domain.orders.methods import PICKUP
from comanda.domain.routing.route import route
from comanda.domain.rules.rule_sets import AppliesTo, NodeFilter, Rule
from tests.builders import DENVER, NOW, a_line, a_position, an_order, later, placed
from tests.domain.models.choices import with_choices
from tests.domain.models.journeys import a_shop
from tests.domain.models.routings import a_large_routing, a_routing, a_set, any_routing

NEAREST = Rule(name="near", rank=("distance",))
NOT_NEAR = Rule(name="far", nodes=NodeFilter(not_nodes=("near",)), rank=("distance",))


def a_choice(*sets):
    """Return (order, inputs): a near node and a far one have the wanted units."""
    positions = [a_position("TEA", "near"), a_position("TEA", "far")]
    order = placed(an_order(a_line("TEA", 2)))
    return order, a_routing(a_shop("near"), a_shop("far", at=DENVER), positions=positions, rules=sets)


def beside(order, world, *shadows, now=NOW):
    return shadow_outcomes(order, world, now, route(order, world, now).decision, shadows)


def test_a_shadow_takes_the_place_of_the_live_version_of_its_set():
    order, world = a_choice(a_set(NEAREST, version=1, starts=NOW))

    (seen,) = beside(order, world, a_set(NOT_NEAR, version=2))

    assert (seen["rule_set"], seen["differs"], seen["shipments"]) == ("mine@2", True, 1)
    assert seen["fulfillments"] == [["far", "SHIP", "STANDARD", 2, "2026-11-24"]]
    assert seen["priced_micros"]["shipping"] > 5_000_000
    assert (seen["packages"], seen["left_over"], seen["deliver_on"]) == (1, 0, "2026-11-24")
    assert seen["carbon_g"] == 0  # because the goods weigh nothing


def test_a_shadow_that_optimises_can_run_beside_a_ranking():
    order, world = a_choice(a_set(NOT_NEAR))

    (seen,) = beside(order, world, a_set(Rule(name="cheapest"), version=2))

    assert [row[0] for row in seen["fulfillments"]] == ["near"]


def test_a_new_shadow_runs_as_if_it_began_now_and_a_less_exact_one_does_not_apply():
    exact = a_set(NEAREST, name="exact", applies_to=AppliesTo(skus=("TEA",)), starts=later(hours=-1))
    order, world = a_choice(exact)

    assert beside(order, world, a_set(NOT_NEAR, name="wide")) == []
    assert len(beside(order, world, a_set(NOT_NEAR, name="new", applies_to=AppliesTo(skus=("TEA",))))) == 1


def test_a_shadow_that_is_over_or_applies_to_no_line_does_not_run():
    order, world = a_choice()
    picked = placed(an_order(a_line("TEA", 2, method=PICKUP, node="near")))

    assert beside(order, world, a_set(NOT_NEAR, ends=NOW)) == []
    assert beside(order, world, a_set(NOT_NEAR, applies_to=AppliesTo(skus=("POT",)))) == []
    assert beside(picked, world, a_set(NOT_NEAR)) == []


def test_three_shadows_run_at_most():
    order, world = a_choice()
    many = [a_set(NOT_NEAR, name=f"set-{n}", ends=NOW + timedelta(days=1)) for n in range(5)]

    assert [seen["rule_set"] for seen in beside(order, world, *many)] == ["set-0@1", "set-1@1", "set-2@1"]


def test_a_shadow_that_the_clock_stopped_says_so():
    order, world = a_large_routing(12, 40)
    live = route(order, world, NOW).decision

    (seen,) = shadow_outcomes(order, world, NOW, live, [a_set(Rule(name="cheapest"))], late=lambda: True)

    assert seen["clock_stopped"]


def test_the_outcome_of_a_shadow_is_explained():
    order, world = a_choice(a_set(NEAREST))
    decision = route(order, world, NOW).decision
    shadows = shadow_outcomes(order, world, NOW, decision, (a_set(NOT_NEAR, version=2), a_set(NEAREST, name="other")))

    told = explain.paragraphs({**decision, "shadows": shadows})

    assert told[1].startswith(
        "Rule set mine, version 2, ran as a shadow, without effect: it would have sent 1 shipment from far, the last on 2026-11-24"
    )
    assert told[2] == "Rule set other, version 1, ran as a shadow, without effect: it would have done the same."


@with_choices(50)
def test_shadows_do_not_change_the_live_decision_and_equal_rules_decide_the_same(choose):
    (order, world), (_, another) = any_routing(choose), any_routing(choose)
    live = route(order, world, NOW).decision
    same = [replace(one, version=7) for one in world.rules.sets]
    strangers = [replace(one, rule_set_id="stranger") for one in another.rules.sets]

    found = shadow_outcomes(order, world, NOW, live, (*same, *strangers))

    assert live == route(order, world, NOW).decision
    for seen in found:
        assert json.loads(json.dumps(seen)) == seen
        if seen["rule_set"] == "mine@7":
            assert seen == {"rule_set": "mine@7", **outcome(live), "differs": False}
