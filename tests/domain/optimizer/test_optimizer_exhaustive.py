"""Test the optimiser against all ways to send a small order, where room, stock and a split limit are all short."""

from itertools import product
from random import Random

import pytest

from comanda.domain.optimizer.solve import Instance, solve


def best_of_all(instance):
    """Return (pieces sent, cost) of the best of all ways to take units from nodes."""
    nodes = range(len(instance.fixed))
    ways = [
        [way for way in product(*(range(min(wanted, held) + 1) for held in stock)) if sum(way) <= wanted]
        for wanted, stock in zip(instance.quantity, instance.stock, strict=True)
    ]
    best = (0, 0)
    for chosen in product(*ways):
        loads = [sum(way[j] for way in chosen) for j in nodes]
        full = any(room is not None and load > room for load, room in zip(loads, instance.capacity, strict=True))
        if full or (instance.max_nodes is not None and sum(map(bool, loads)) > instance.max_nodes):
            continue
        cost = sum(instance.fixed[j] for j in nodes if loads[j])
        cost += sum(each[j] * way[j] for each, way in zip(instance.cost, chosen, strict=True) for j in nodes)
        best = min(best, (-sum(loads), cost))
    return -best[0], best[1]


def a_short_one(seed):
    dice = Random(seed)
    nodes, lines = dice.randint(2, 3), dice.randint(2, 3)
    return Instance(
        quantity=tuple(dice.randint(1, 2) for _ in range(lines)),
        fixed=tuple(dice.choice((0, 5, 100)) for _ in range(nodes)),
        cost=tuple(tuple(dice.choice((0, 1, 7, 50)) for _ in range(nodes)) for _ in range(lines)),
        stock=tuple(tuple(dice.randint(0, 3) for _ in range(nodes)) for _ in range(lines)),
        capacity=tuple(dice.choice((None, 1, 2, 3)) for _ in range(nodes)),
        max_nodes=dice.choice((None, 1, 2)),
    )


def test_the_dearest_pieces_are_left_over_when_a_node_is_full():
    full = Instance(
        quantity=(2, 2), fixed=(0, 0), cost=((1, 1), (7, 7)), stock=((1, 3), (1, 1)), capacity=(None, 2), max_nodes=1
    )

    solution = solve(full)

    assert solution.assignment == ((0, 1, 2),)
    assert (solution.cost, solution.proven) == (2, True)


@pytest.mark.parametrize("first", [0, 200, 400])
def test_a_proven_plan_is_the_best_of_all_plans_where_room_stock_and_nodes_are_short(first):
    proven = 0
    for seed in range(first, first + 200):
        instance = a_short_one(seed)

        solution = solve(instance)

        sent, cost = best_of_all(instance)
        assert sum(pieces for _, _, pieces in solution.assignment) == sent
        assert solution.lower_bound <= cost <= solution.cost
        assert cost == solution.cost or not solution.proven
        proven += solution.proven
    assert proven > 190
