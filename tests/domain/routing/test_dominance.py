"""Test dominance: no plan needs a node that is left out, so the cheapest plan costs the same without it."""

import json
from dataclasses import replace
from itertools import product
from random import Random

from comanda.domain.optimizer.solve import Together
from comanda.domain.routing import dominance
from comanda.domain.routing.solve_stage import solve_stage
from comanda.domain.routing.stage import Stage, decode, encode
from tests.domain.models.stage_books import a_stage, cost_of, left_of

NODES, LINES = 4, 3


def test_the_cheapest_plan_of_the_nodes_that_stay_is_the_cheapest_of_all_plans():
    left_out = 0
    for seed in range(120):
        stage = a_stage(Random(seed), LINES, NODES, most=2)

        narrow, stay = dominance.without_needless(stage)
        played = solve_stage(narrow)

        assert (left_of(narrow, played), played.cost) == by_exhaustion(stage)
        assert cost_of(narrow, played) == played.cost == played.lower_bound
        assert narrow.nodes == tuple(stage.nodes[j] for j in stay)
        left_out += NODES - len(stay)
    assert left_out > 60


def test_a_stage_costs_the_same_with_and_without_its_needless_nodes():
    for seed in range(120):
        stage = a_stage(Random(seed), 5, 14, most=4)

        wide, narrow = solve_stage(stage), solve_stage(dominance.without_needless(stage)[0])

        assert wide.proven
        assert narrow.proven
        assert (left_of(stage, wide), wide.cost) == (left_of(stage, narrow), narrow.cost)


def test_nodes_that_are_needless_by_their_rates_are_needless_by_their_costs():
    shown = 0
    for seed in range(200):
        dice = Random(seed)
        rates = [(dice.randint(0, 3) * 1_000, dice.randint(0, 3)) for _ in range(14)]
        stage = a_stage(dice, 5, 14, most=4)
        grams = [dice.randint(0, 3) for _ in stage.quantity]
        cost = tuple(tuple(g * kg // 1_000 + each for kg, each in rates) for g in grams)

        needless = dominance.needless_by_rates(replace(stage, cost=()), rates)
        _, stay = dominance.without_needless(replace(stage, cost=cost))

        assert needless.isdisjoint(stay)
        assert not any(all(row[j] >= q for row, q in zip(stage.stock, stage.quantity, strict=True)) for j in needless)
        shown += len(needless)
    assert shown > 200


def test_a_stored_stage_has_the_same_choice():
    for seed in range(100):
        stage = dominance.without_needless(a_stage(Random(seed), 4, 8, most=4))[0]

        stored = json.loads(json.dumps(encode(stage)))

        assert decode(stored) == stage
        assert solve_stage(decode(stored)) == solve_stage(stage)


def test_the_first_of_two_equal_nodes_stays():
    alike = Stage(nodes=("a", "b"), skus=("TEA",), quantity=(2,), stock=((5, 5),), fixed=(7, 7), cost=((3, 3),))

    assert dominance.without_needless(alike)[1] == (0,)


def test_a_node_stays_that_has_what_the_cheaper_one_lacks():
    stage = Stage(
        nodes=("a", "b"),
        skus=("TEA", "POT"),
        quantity=(2, 1),
        stock=((5, 5), (0, 1)),
        fixed=(7, 9),
        cost=((3, 3), (3, 3)),
    )

    assert dominance.without_needless(stage)[1] == (0, 1)
    assert dominance.without_needless(replace(stage, stock=((5, 5), (1, 1))))[1] == (0,)


def test_a_node_with_too_little_room_makes_no_other_node_needless():
    stage = Stage(
        nodes=("a", "b"),
        skus=("TEA",),
        quantity=(3,),
        stock=((5, 5),),
        fixed=(7, 9),
        cost=((3, 3),),
        capacity=(2, None),
    )

    assert dominance.without_needless(stage)[1] == (0, 1)


def by_exhaustion(stage: Stage) -> tuple[int, int]:
    """Return (pieces left over, cost) of the best of all ways to give each piece to a node, or to none."""
    joined = {i for group in stage.together for i in group.lines}
    groups = [*stage.together, *(Together(lines=(i,), sets=q) for i, q in enumerate(stage.quantity) if i not in joined)]
    best = (10**9, 0)
    for choice in product(*(ways(stage, group) for group in groups)):
        loads = [sum(pieces) for pieces in zip(*(pieces for pieces, _ in choice), strict=True)]
        used = [j for j, load in enumerate(loads) if load]
        if stage.max_nodes is not None and len(used) > stage.max_nodes:
            continue
        if stage.capacity is not None and any(c is not None and loads[j] > c for j, c in enumerate(stage.capacity)):
            continue
        cost = sum(stage.fixed[j] for j in used) + sum(cost for _, cost in choice)
        best = min(best, (sum(stage.quantity) - sum(loads), cost))
    return best


def ways(stage: Stage, group: Together) -> list[tuple[tuple[int, ...], int]]:
    """Return (pieces of each node, their cost) for each way in which the nodes have the pieces of a group."""
    found = []
    for spread in spreads(group.sets, len(stage.nodes)):
        units = [(i, j, sets * stage.quantity[i] // group.sets) for i in group.lines for j, sets in enumerate(spread)]
        if all(stage.stock[i][j] >= count for i, j, count in units):
            pieces = tuple(sum(count for _, at, count in units if at == j) for j in range(len(stage.nodes)))
            found.append((pieces, sum(stage.cost[i][j] * count for i, j, count in units)))
    return found


def spreads(sets: int, nodes: int):
    """Yield all ways to give at most so many sets to the nodes."""
    if not nodes:
        yield ()
        return
    for count in range(sets + 1):
        for rest in spreads(sets - count, nodes - 1):
            yield (count, *rest)
