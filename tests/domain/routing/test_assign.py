"""Test the limits that every assignment keeps, on awkward orders, stocks and rules."""

from collections import Counter
from dataclasses import replace
from math import gcd

from comanda.domain.days import utc_day
from comanda.domain.routing import workload
from comanda.domain.routing.order_rates import WantedSku
from comanda.domain.routing.plan import Want
from comanda.domain.routing.stage_costs import StageCosts
from comanda.domain.rules import rule_sets
from comanda.domain.rules.rule_sets import LINE, Rule, RuleSet, Splits
from comanda.domain.stock import stock
from tests.builders import NOW, a_node, a_position
from tests.domain.models.any_world import AssignmentInputs, any_inputs, shuffled, with_one_plain_rule
from tests.domain.models.choices import Seeded, with_choices

TODAY = utc_day(NOW)


@with_choices(400)
def test_no_node_sends_units_that_it_lacks_or_may_not_send_and_every_unit_is_assigned_or_left_over(choose):
    holds(any_inputs(choose))


def holds(told: AssignmentInputs) -> None:
    assigned, rates = told.assigned()
    nodes = {node.node_id: node for node in told.nodes}
    wants = {want.line_id: want for want in told.wants}

    units, on_hand, begun = Counter[str](), Counter[tuple[str, str]](), Counter[str]()
    for f in assigned.fulfillments:
        assert f.lines
        for line in f.lines:
            want = wants[line.line_id]
            assert line.quantity > 0
            assert (f.method, f.service, line.sku) == ("SHIP", want.service, want.sku)
            assert f.node.ship
            assert f.node.node_id not in want.excluded
            assert set(want.goods.requires) <= set(f.node.tags)
            assert line.due is None or line.due > TODAY
            units[line.line_id] += line.quantity
            on_hand[line.sku, f.node.node_id] += line.quantity if line.due is None else 0
            begun[f.node.node_id] += line.quantity if line.due is None else 0
    for x in assigned.leftovers:
        assert x.quantity > 0
        assert x.queue
        assert x.reason
        units[x.line_id] += x.quantity
    assert units == {want.line_id: want.quantity for want in told.wants}
    for p in told.positions:
        assert on_hand[p.sku, p.node] <= (max(0, p.free - p.safety) if p.ship else 0)
    for node_id, count in begun.items():
        room = workload.room(nodes[node_id], NOW, told.taken)
        assert room is None or count <= room
    by_day_holds(told, assigned)
    kits_hold(told, assigned)
    rules_hold(told, assigned, rates)
    assert len({(f.node.node_id, f.service, f.due, f.wave) for f in assigned.fulfillments}) == len(
        assigned.fulfillments
    )
    assert len(assigned.fulfillments) <= told.limits.splits

    again, _ = shuffled(told, (1,)).assigned()

    assert (again.fulfillments, again.leftovers) == (assigned.fulfillments, assigned.leftovers)


def by_day_holds(told, assigned):
    """Check that the units taken by any day are there on that day."""
    taken = Counter()
    for f in assigned.fulfillments:
        for line in f.lines:
            taken[line.sku, f.node.node_id, line.due or TODAY] += line.quantity
    for p in told.positions:
        for day in {d for sku, node, d in taken if (sku, node) == (p.sku, p.node)}:
            count = sum(q for (sku, node, d), q in taken.items() if (sku, node) == (p.sku, p.node) and d <= day)
            assert count <= stock.available(p, NOW, day)


def kits_hold(told, assigned):
    """Check that each node has whole sets of each group."""
    groups = {}
    for want in told.wants:
        if want.group:
            groups.setdefault((want.group, want.service), []).append(want)
    for lines in groups.values():
        sets = gcd(*(want.quantity // (want.in_set or 1) for want in lines))
        for key in {(f.node.node_id, f.service, f.due) for f in assigned.fulfillments}:
            got = Counter()
            for f in assigned.fulfillments:
                if (f.node.node_id, f.service, f.due) == key:
                    for line in f.lines:
                        got[line.line_id] += line.quantity
            assert len({got[want.line_id] * sets / want.quantity for want in lines}) == 1, lines
            assert all(got[want.line_id] * sets % want.quantity == 0 for want in lines)


def rules_hold(told, assigned, rates):
    """Check that each choice keeps the limits of its rule."""
    for choice in assigned.choices:
        rule = told.rule(choice.rule_set, choice.rule)
        nodes = {node.node_id: node for node in told.nodes}
        given = {node_id: sum(count for _, count in got) for node_id, got, _ in choice.given}
        for node_id in given:
            f, node = rule.nodes, nodes[node_id]
            assert not f.types or node.type in f.types
            assert not f.groups or set(f.groups) & set(node.groups)
            assert node_id not in f.not_nodes
            assert set(f.tags) <= set(node.tags)
            assert f.max_km is None or rates.network.km[node_id] <= f.max_km
            assert not f.pickup or node.pickup
        if rule.splits.complete == rule_sets.ORDER or told.asked.whole:
            assert sum(given.values()) in (0, sum(choice.stage.quantity))
            assert len(given) <= 1
        if rule.splits.complete == rule_sets.LINE:
            for i, quantity in enumerate(choice.stage.quantity):
                assert [pieces for line, _, pieces in choice.result.assignment if line == i] in ([], [quantity])
        if rule.splits.min_value and not told.asked.whole and given:
            worth = [sum(want.value * count for want, count in got) for _, got, _ in choice.given]
            whole = sum(v * q for v, q in zip(choice.stage.value, choice.stage.quantity, strict=True))
            if len(worth) > 1 or sum(worth) < whole:
                assert min(worth) >= rule.splits.min_value[0]
                assert sum(worth) == whole or whole - sum(worth) >= rule.splits.min_value[0]
        if rule.splits.most is not None and not told.asked.whole:
            assert len(given) <= rule.splits.most


def test_the_cheapest_plan_costs_no_more_than_any_one_node_that_could_send_all_of_it():
    compared = 0
    for seed in range(500):
        told = with_one_plain_rule(any_inputs(Seeded(seed)))

        assigned, rates = told.assigned()

        if len(assigned.choices) != 1:
            continue
        cost = sum(sum(f.modelled) for f in assigned.fulfillments)
        for node in told.nodes:
            if may_send_all(told, rates, node):
                rows = [(rates.billed(row, "STANDARD"), wants) for row, wants in rows_of(told)]
                table = StageCosts(rates, "STANDARD", [row for row, _ in rows], Rule(name="cheapest"))
                alone = sum(table.parts(node, [(row, row.units, has(told, row.sku, node)) for row, _ in rows]))
                assert not assigned.leftovers
                assert cost <= alone
                compared += 1
    assert compared > 50


def test_two_lines_of_one_sku_in_a_kit_are_counted_in_the_kits_sets():
    told = kit(Splits())

    assigned, _ = told.assigned()

    assert given(assigned) == [("n-1", {"1": 1, "2": 2})]
    assert [(x.line_id, x.quantity) for x in assigned.leftovers] == [("1", 1), ("2", 2)]


def test_a_kit_ships_whole_where_lines_must_ship_whole():
    told = kit(Splits(complete=LINE))

    assigned, _ = told.assigned()

    assert given(assigned) == []


def kit(splits):
    """Make two sets of one jar and two more; the only node has one set and a jar."""
    told = with_one_plain_rule(any_inputs(Seeded(3)))
    jar = Want(line_id="1", sku="JAR", quantity=2, group="kit", value=500)
    return replace(
        told,
        wants=(jar, replace(jar, line_id="2", quantity=4)),
        nodes=(a_node("n-1"),),
        positions=(a_position("JAR", "n-1", 4),),
        sets=(RuleSet(rule_set_id="whole", version=1, rules=(Rule(name="any", splits=splits),)),),
        carriers=(),
    )


def given(assigned):
    return [(f.node.node_id, {line.line_id: line.quantity for line in f.lines}) for f in assigned.fulfillments]


def rows_of(told):
    """Return the units of each sku."""
    by_sku = {}
    for want in told.wants:
        by_sku.setdefault(want.sku, []).append(want)
    return [
        (WantedSku(sku=sku, units=sum(w.quantity for w in of), grams=of[0].weight_g, goods=of[0].goods), of)
        for sku, of in by_sku.items()
    ]


def has(told, sku, node):
    return sum(max(0, p.free - p.safety) for p in told.positions if (p.sku, p.node) == (sku, node.node_id) and p.ship)


def may_send_all(told, rates, node):
    room = workload.room(node, NOW, told.taken)
    return (
        node.node_id in rates.network.km
        and all(has(told, row.sku, node) >= row.units for row, _ in rows_of(told))
        and not any(node.node_id in want.excluded for want in told.wants)
        and all(set(want.goods.requires) <= set(node.tags) for want in told.wants)
        and (room is None or room >= sum(want.quantity for want in told.wants))
    )
