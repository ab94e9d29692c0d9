"""Test the cost of sending from a node by component. A plan's components add up to the cost of its choice."""

from dataclasses import replace
from random import Random

import pytest

from comanda.domain.orders.destination import Destination
from comanda.domain.routing.costs import Costs, Handling, Level
from comanda.domain.routing.order_rates import OrderRates, WantedSku, load_percent
from comanda.domain.routing.plan import PlannedFulfillment, PlannedLine, Rules
from comanda.domain.routing.reachable import ReachableNetwork
from comanda.domain.routing.route import with_dates
from comanda.domain.routing.stage_costs import StageCosts, priced
from comanda.domain.rules.rule_sets import COMPONENTS, Goods, OrderFacts, Rule
from tests.builders import CHICAGO, DENVER, NOW, a_node, a_position
from tests.domain.models.any_world import any_inputs, with_one_plain_rule
from tests.domain.models.choices import Seeded
from tests.domain.models.journeys import EVERY_DAY, a_calendar, a_carrier, a_service

TEA = WantedSku(sku="TEA", units=3, grams=1_000, goods=Goods())


def order_rates(node, *carriers, costs=None, taken=None, prices=None, deliver_by=None):
    to = Destination(country="US", region="IL", postal_prefix="606", latitude=CHICAGO[0], longitude=CHICAGO[1])
    network = ReachableNetwork([a_position("TEA", node.node_id, 9)], [node], to, Rules(), NOW, taken or {})
    return OrderRates(network, carriers, costs or Costs(), prices or {}, OrderFacts(deliver_by=deliver_by))


def table_of(node, *carriers, weights=(), **more):
    return StageCosts(order_rates(node, *carriers, **more), "STANDARD", [TEA], Rule(name="any", weights=weights))


def parts_of(node, *carriers, have=9, weights=(), **more):
    table = table_of(node, *carriers, weights=weights, **more)
    return {name: part for name, part in zip(COMPONENTS, table.parts(node, [(TEA, 3, have)]), strict=True) if part}


def a_day_and_night_carrier(**service):
    return a_carrier(a_service(**service), calendar=a_calendar(hours=EVERY_DAY))


def test_without_a_carrier_a_shipment_costs_its_distance():
    node = a_node(at=DENVER)

    assert parts_of(node)["shipping"] == pytest.approx(8_000_000 + 1_000 * 1_482, abs=1_000)
    assert parts_of(a_node()) == {"shipping": 8_000_000}


@pytest.mark.parametrize(
    ("node", "more", "parts"),
    [
        ({"acceptance_percent": 75}, {}, {"performance": 500_000}),
        ({"handling": (300_000, 20_000)}, {}, {"handling": 360_000}),
        ({}, {"costs": Costs(handling={"WAREHOUSE": Handling(per_package=1, per_unit=2)})}, {"handling": 7}),
        (
            {"units_per_day": 10},
            {"costs": Costs(full_node=100), "taken": {("dc-1", "2026-11-19"): 5}},
            {"capacity": 30},
        ),
        ({}, {"prices": {("TEA", "dc-1"): 40}}, {"price": 120}),
        ({}, {"prices": {("POT", "dc-1"): 40}}, {}),
        # Two of four units stay: each unit sent takes half of the worth of the last ones.
        ({}, {"costs": Costs(last_units={"WAREHOUSE": Level(micros=800, units=4)}), "have": 5}, {"stockout": 1_200}),
        ({}, {"costs": Costs(last_units={"WAREHOUSE": Level(micros=800, units=4)}), "have": 9}, {}),
        ({}, {"costs": Costs(overstock={"WAREHOUSE": Level(micros=50, units=8)})}, {"markdown": -150}),
        ({}, {"costs": Costs(overstock={"WAREHOUSE": Level(micros=50, units=9)})}, {}),
    ],
)
def test_each_component_is_counted_once_for_its_shipment_or_unit(node, more, parts):
    assert parts_of(a_node(**node), **more) == {"shipping": 8_000_000} | parts


def test_a_rule_weighs_costs_in_percent_and_the_components_stay_money():
    node, weights = a_node(acceptance_percent=75), (("shipping", 50), ("performance", 0))

    assert parts_of(node, weights=weights) == {"shipping": 8_000_000, "performance": 500_000}
    assert table_of(node, weights=weights).fixed([node]) == [4_000_000]


def test_a_carriers_price_is_split_into_a_cost_of_a_shipment_and_of_a_kilogram():
    by_weight = a_day_and_night_carrier(per_kg=500_000)

    assert parts_of(a_node(), by_weight) == {"shipping": 5_000_000 + 3 * 500_000}
    assert parts_of(a_node(), by_weight, a_day_and_night_carrier(base=4_000_000)) == {"shipping": 4_000_000}


def test_a_day_late_costs_a_shipment_the_planners_rate():
    slow, node = a_day_and_night_carrier(bands=((None, 3),)), a_node()
    on = order_rates(node, slow).arrivals.deliver_on(node, "STANDARD", 3)
    two_days_before = f"2026-11-{int(on[-2:]) - 2}"

    assert parts_of(node, slow, deliver_by=on) == {"shipping": 5_000_000}
    assert parts_of(node, slow, deliver_by=two_days_before) == {"shipping": 5_000_000, "lateness": 6_000_000}


def test_the_load_of_a_node_is_the_share_of_its_next_days_that_is_taken():
    node = a_node(units_per_day=10)

    assert load_percent(node, order_rates(node, taken={("dc-1", "2026-11-19"): 10}).network) == 20
    assert load_percent(a_node(), order_rates(a_node()).network) == 0


def test_the_components_of_the_planned_units_add_up_to_the_cost_of_the_choice():
    summed = 0
    for seed in range(150):
        assigned, _ = with_one_plain_rule(any_inputs(Seeded(seed))).assigned()

        for choice in assigned.choices:
            given = sum(sum(parts) for _, _, parts in choice.given)
            units = sum(pieces for _, _, pieces in choice.result.assignment)
            assert 0 <= choice.result.cost - given <= units  # a micro a unit is lost where parts are rounded apart
            summed += len(choice.given)
    assert summed > 150


def test_weighing_every_part_alike_changes_no_choice():
    for seed in range(60):
        told = with_one_plain_rule(any_inputs(Seeded(seed)))
        assigned, rates = told.assigned()
        if not assigned.choices:
            continue
        nodes = [rates.network.nodes[node_id] for node_id in sorted(rates.network.km)]
        rows = [WantedSku(sku="TEA", units=2, grams=500, goods=Goods())]
        once = StageCosts(rates, "STANDARD", rows, Rule(name="once"))
        thrice = StageCosts(rates, "STANDARD", rows, Rule(name="thrice", weights=tuple((c, 300) for c in COMPONENTS)))
        have = [Random(seed).randint(1, 9) for _ in nodes]

        each = once.units(rows[0], nodes, have, once.unit_rates(nodes))
        times = thrice.units(rows[0], nodes, have, thrice.unit_rates(nodes))

        assert thrice.fixed(nodes) == [3 * fixed for fixed in once.fixed(nodes)]
        assert all(abs(three - 3 * one) <= 3 for one, three in zip(each, times, strict=True))


def test_the_chosen_plan_is_priced_again_with_its_real_parcels():
    heavy = a_day_and_night_carrier(max_package_g=2_000)
    node = a_node(handling=(300_000, 20_000))
    rates = order_rates(node, heavy)
    line = PlannedLine(line_id="1", sku="TEA", quantity=3)
    p = PlannedFulfillment(node=node, method="SHIP", service="STANDARD", lines=(line,), modelled=(1,) * len(COMPONENTS))
    want = replace(
        with_one_plain_rule(any_inputs(Seeded(1))).wants[0], line_id="1", sku="TEA", quantity=3, weight_g=1_000
    )

    (sent,) = with_dates([p], [want], rates.network, rates.costs, [heavy])

    assert sent.leg.packages == 2
    said = dict(zip(COMPONENTS, priced(sent, rates), strict=True))
    assert said["shipping"] == 10_000_000
    assert said["handling"] == 2 * 300_000 + 3 * 20_000
    assert (said["stockout"], said["price"]) == (1, 1)  # as modelled
