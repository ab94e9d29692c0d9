"""Test that the choice of a stage takes no more than there is, and keeps the limits of its rule."""

from collections import Counter
from random import Random

import pytest

from comanda.domain.routing.solve_stage import cheapest_single_nodes, solve_stage
from comanda.domain.routing.stage import Stage
from comanda.domain.rules.rule_sets import COVERAGE, DISTANCE
from tests.domain.models.stage_books import a_stage, cost_of, left_of

WORTH = (300, 1_000, 2_000, 500)


def ranked(dice: Random) -> dict[str, object]:
    criteria = dice.choice(((COVERAGE, DISTANCE), (DISTANCE,), (DISTANCE, COVERAGE)))
    ranks = tuple(tuple(dice.randint(0, 3) for _ in criteria) for _ in range(6))
    return {"criteria": criteria, "ranks": ranks, "fixed": (), "cost": ()}


@pytest.mark.parametrize("by_rank", [False, True])
def test_no_choice_takes_more_than_the_stage_allows(by_rank):
    for seed in range(250):
        dice = Random(seed)
        more = {"value": WORTH, "min_value": dice.choice((0, 0, 900)), "one_node": dice.random() < 0.2}
        if by_rank:
            more |= ranked(dice)
        stage = a_stage(dice, 4, 6, most=4, **more)

        played = solve_stage(stage)

        keeps(stage, played)
        assert played == solve_stage(stage)
        if not by_rank:
            assert played.cost == cost_of(stage, played)
            assert played.lower_bound <= played.cost or left_of(stage, played)


def keeps(stage, played):
    given, loads, worth = Counter(), Counter(), Counter()
    for i, j, pieces in played.assignment:
        assert 0 < pieces <= stage.stock[i][j]
        given[i] += pieces
        loads[j] += pieces
        worth[j] += stage.value[i] * pieces
    assert all(pieces <= stage.quantity[i] for i, pieces in given.items())
    assert stage.max_nodes is None or len(loads) <= stage.max_nodes
    assert stage.capacity is None or all(stage.capacity[j] is None or n <= stage.capacity[j] for j, n in loads.items())
    for group in stage.together:
        for j in loads:
            sets = {
                sum(p for k, at, p in played.assignment if (k, at) == (i, j)) * group.sets / stage.quantity[i]
                for i in group.lines
            }
            assert len(sets) == 1
            assert sets.pop() % 1 == 0
    everything = sum(stage.quantity)
    if stage.one_node:
        assert sum(given.values()) in (0, everything)
        assert len(loads) <= 1
    elif stage.min_value and loads and not (len(loads) == 1 and sum(given.values()) == everything):
        rest = sum(v * q for v, q in zip(stage.value, stage.quantity, strict=True)) - sum(worth.values())
        assert min(worth.values()) >= stage.min_value
        assert not left_of(stage, played) or rest >= stage.min_value


def test_the_cost_of_one_node_alone_is_never_below_the_cost_of_the_plan():
    told = 0
    for seed in range(200):
        stage = a_stage(Random(seed), 4, 6, most=3, together=())

        played, singles = solve_stage(stage), cheapest_single_nodes(stage, most=5)

        assert [micros for _, micros in singles] == sorted(micros for _, micros in singles)
        assert all(played.cost <= micros and not left_of(stage, played) for _, micros in singles)
        told += len(singles)
    assert told > 50


def test_ranked_nodes_send_one_after_the_other_and_coverage_counts_the_remaining_units():
    stage = Stage(
        nodes=("a", "b", "c"),
        skus=("TEA", "POT", "JAR"),
        quantity=(2, 2, 2),
        stock=((2, 2, 0), (2, 2, 0), (0, 1, 2)),
        criteria=(COVERAGE, DISTANCE),
        ranks=((0, 1), (0, 9), (0, 5)),
    )

    assert solve_stage(stage).assignment == ((0, 1, 2), (1, 1, 2), (2, 1, 1), (2, 2, 1))


def test_a_shipment_worth_too_little_is_not_split_off():
    stage = Stage(
        nodes=("a", "b"),
        skus=("TEA", "POT"),
        quantity=(1, 1),
        stock=((1, 1), (0, 1)),
        fixed=(5, 5),
        cost=((1, 99), (1, 1)),
        value=(300, 2_000),
        min_value=500,
    )

    assert solve_stage(stage).assignment == ((0, 1, 1), (1, 1, 1))


def test_a_shipment_worth_too_little_is_made_larger_where_all_can_be_sent():
    stage = Stage(
        nodes=("a", "b"),
        skus=("TEA", "POT"),
        quantity=(4, 1),
        stock=((4, 2), (0, 1)),
        fixed=(5, 5),
        cost=((1, 2), (1, 1)),
        value=(500, 100),
        min_value=1_000,
    )

    played = solve_stage(stage)

    assert played.assignment == ((0, 0, 2), (0, 1, 2), (1, 1, 1))
    assert (played.cost, played.lower_bound, played.proven) == (17, 15, False)


def test_the_search_for_larger_shipments_takes_no_more_than_one_budget():
    for seed in range(20):
        stage = a_stage(Random(seed), 12, 30, most=4, max_nodes=None, value=(100,) * 12, min_value=1_500)

        played = solve_stage(stage, budget=300)

        assert played.nodes_searched <= 600
