"""The retailer's seven policies pass their door's contract, and each sends one scene's order another way."""

import json
import re
from datetime import datetime

import pytest

from comanda.aws.directory import rule_sets
from comanda.domain.nodes.node import Node
from comanda.domain.routing.costs import Costs
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Rules
from comanda.domain.routing.route import route
from comanda.domain.rules.rule_sets import AppliesTo, Goods, OrderFacts, Rule, RuleSet, choose
from functions.planning import contract, rules
from local.instance import ROOT
from local.retailer import business, planning
from tests.builders import CHICAGO, DENVER, NEW_YORK, a_line, a_node, a_position, an_order, later, placed
from tests.domain.models.journeys import a_carrier, a_service

PEAK = later(days=4)  # a Monday in November
DEAR, FAIR = (5_000_000, 0), (1_000_000, 0)


def _store(name: str, at: tuple[float, float], handling: tuple[int, int]) -> Node:
    return a_node(name, at, type="STORE", handling=handling)


def _warehouse(name: str, at: tuple[float, float], handling: tuple[int, int] = FAIR) -> Node:
    return a_node(name, at, handling=handling)


NODES = (
    _store("chicago", CHICAGO, FAIR),
    _store("indianapolis", (39.8, -86.2), DEAR),  # near enough for the courier, which emits much
    _store("st-louis", (38.6, -90.2), DEAR),
    _store("denver", DENVER, DEAR),
    _warehouse("memphis", (35.1, -90.0)),
    _warehouse("atlanta", (33.7, -84.4)),
    _warehouse("new-york", NEW_YORK, DEAR),
    _warehouse("seattle", (47.6, -122.3)),
)
SHELVES = {
    "TEA": {"chicago": 3, "denver": 9, "atlanta": 200, "new-york": 40},
    "POT": {"indianapolis": 1, "st-louis": 1, "denver": 2, "memphis": 5, "new-york": 40, "seattle": 200},
}
CARRIERS = (
    a_carrier(a_service(base=1_000_000, per_km=1_000)),
    a_carrier(a_service(base=500_000, per_km=2_500, g_per_tonne_km=900), carrier_id="courier"),
)


def sent(policy: str, now: datetime) -> dict[str, str]:
    """Return sku -> the node that sends it, for three teas and a pot to Chicago."""
    order = placed(an_order(a_line("TEA", 3, weight_g=500), a_line("POT", 1, weight_g=2_000)))
    speaks = rule_sets.rule_set(policy, 1, planning.policies()[policy])
    world = RouterInputs(
        positions=[a_position(sku, node, units) for sku, at in SHELVES.items() for node, units in at.items()],
        nodes=NODES,
        carriers=CARRIERS,
        rules=Rules(sets=(speaks,)),
        costs=Costs(),
    )
    plan = route(order, world, now)
    assert plan.decision["rule_sets"] == [f"{policy}@1"]
    return {line.sku: p.node.node_id for p in plan.fulfillments for line in p.lines}


@pytest.mark.parametrize(
    ("policy", "tea", "pot"),
    [
        ("nearest", "chicago", "indianapolis"),
        ("cheapest", "chicago", "memphis"),
        ("fewest-splits", "new-york", "new-york"),
        ("store-first", "denver", "denver"),
        ("balance-stock", "atlanta", "seattle"),
        ("greenest", "chicago", "st-louis"),
        ("protect-stores-at-peak", "atlanta", "memphis"),
    ],
)
def test_each_policy_sends_the_same_order_in_its_own_way(policy: str, tea: str, pot: str) -> None:
    assert sent(policy, PEAK) == {"TEA": tea, "POT": pot}


def test_before_the_peak_stores_are_not_protected() -> None:
    assert sent("protect-stores-at-peak", later()) == sent("cheapest", later())


def test_every_rule_set_of_the_retailer_passes_its_doors_contract() -> None:
    known = rules.DirectoryNames(channels=business.CHANNELS, nodes={}, skus=())

    for name, doc in planning.rule_sets().items():
        given = contract.RuleSet.model_validate(doc)

        assert not list(rules.problems(given, known)), name
        assert rule_sets.rule_set(name, 1, contract.document(given)) == rule_sets.rule_set(name, 1, doc)
        assert given.description


PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")


def test_the_rule_set_of_the_page_passes_its_doors_contract() -> None:
    (written,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    known = rules.DirectoryNames(channels=business.CHANNELS, nodes={}, skus=())

    assert not list(rules.problems(contract.RuleSet.model_validate(json.loads(written)), known))


def test_the_set_that_the_page_calls_used_is_the_one_that_is_chosen() -> None:
    names: dict[str, AppliesTo] = {
        "usual": AppliesTo(),
        "east": AppliesTo(regions=("US-NY", "US-NJ")),
        "food": AppliesTo(category_1=("FOOD",)),
        "food-east": AppliesTo(category_1=("FOOD",), regions=("US-NY",)),
        "locals": AppliesTo(sourcing_classes=("local",)),
        "acme": AppliesTo(sellers=("acme",)),
    }
    sets = [RuleSet(rule_set_id=name, version=1, rules=(Rule(name="r"),), applies_to=to) for name, to in names.items()]
    asked = OrderFacts(seller="us", sourcing_class="local", country="US", region="NY")
    spoke: list[str] = []
    while found := choose(sets, asked, "TEA", Goods(categories=("FOOD",)), "SHIP", PEAK):
        spoke.append(found.rule_set_id)
        sets.remove(found)

    assert spoke == ["locals", "food-east", "food", "east", "usual"]
