"""Test that a stored decision is small, and is made again from its record alone."""

import json
import zlib
from dataclasses import replace

import pytest

from comanda.domain.evaluation import explain
from comanda.domain.routing.record import replay
from comanda.domain.routing.route import route
from comanda.domain.rules.rule_sets import Rule
from tests.builders import NOW, a_line, a_position, an_order, placed
from tests.domain.models.choices import with_choices
from tests.domain.models.journeys import a_shop
from tests.domain.models.routings import a_large_routing, a_routing, a_set, any_routing


def stored(decision):
    """Return the decision as the table gives it back."""
    return json.loads(json.dumps(decision))


@with_choices(100)
def test_every_decision_is_made_again_from_its_record(choose):
    order, world = any_routing(choose)
    decision = stored(route(order, world, NOW).decision)

    again = replay(decision)

    assert len(again) == len(decision["stages"])
    assert [one.stage for one in again if not one.same] == []


@with_choices(100)
def test_every_decision_is_explained_in_whole_sentences(choose):
    order, world = any_routing(choose)
    decision = route(order, world, NOW).decision

    told = explain.paragraphs(stored(decision))

    assert told == explain.paragraphs(decision)
    assert len(told) >= len(decision["fulfillments"]) + bool(decision["leftovers"])
    assert all(paragraph.endswith(".") for paragraph in told)
    for one, paragraph in zip(decision["fulfillments"], told, strict=False):
        assert one["node"] in paragraph


@with_choices(100)
def test_the_costs_of_chosen_nodes_are_recorded_beside_those_of_others(choose):
    order, world = any_routing(choose)

    decision = route(order, world, NOW).decision

    for stage in decision["stages"]:
        parts = stage.get("parts_micros", {"nodes": []})
        assert set(parts["nodes"]) <= set(stage["stage"]["nodes"])
        assert all(len(column) == len(parts["nodes"]) for column in parts.values())
        assert {node for node, _ in stage["given"]} <= set(parts["nodes"])


def test_a_record_from_before_stages_is_not_replayed():
    with pytest.raises(ValueError, match="cannot be made again"):
        replay({"at": NOW.isoformat(), "candidates": [], "fulfillments": []})


def test_a_record_is_replayed_after_stock_and_rules_have_changed():
    order = placed(an_order(a_line("TEA", 3)))
    near, far = a_shop("near"), a_shop("far", at=(39.7, -105.0))
    world = a_routing(near, far, positions=[a_position("TEA", "near", 2), a_position("TEA", "far", 9)])
    decision = stored(route(order, world, NOW).decision)

    later = replace(world, positions=[a_position("TEA", "far", 9)], rules=replace(world.rules, sets=(a_set(),)))
    other = route(order, later, NOW).decision

    assert [one.same for one in replay(decision)] == [True]
    assert other["rule_sets"] == ["mine@1"]


@pytest.mark.parametrize("rules", [(), (a_set(Rule(name="near", rank=("distance",))),)], ids=["cheapest", "nearest"])
def test_a_record_is_small(rules):
    usual = len(json.dumps(route(*a_large_routing(3, 30, rules=rules), NOW).decision))
    large = len(zlib.compress(json.dumps(route(*a_large_routing(10, 500, rules=rules), NOW).decision).encode()))

    assert usual < 8_000
    assert large < 100_000
