"""Test that an order of a thousand lines is answered within its budget, or soon after its time is over."""

from dataclasses import replace
from functools import cache
from random import Random

import pytest

from comanda.domain.errors import TooDear
from comanda.domain.optimizer.solve import Instance, Together, solve
from comanda.domain.routing.solve_stage import solve_stage
from comanda.domain.routing.stage import Stage

WHOLE = 1_000, 200  # lines and nodes
LINES, NODES = 400, 80  # as much is repaired for a line, in a fifth of the time


@cache
def costs_and_stock(lines, nodes):
    """Choose the numbers once for all orders below, in rows: one call for each number takes ten times as long."""
    random = Random(8)
    return (
        tuple(tuple(random.choices(range(100_000, 900_001), k=nodes)) for _ in range(lines)),
        tuple(tuple(random.choices((0, 4, 8), k=nodes)) for _ in range(lines)),
    )


def wide(*, size=(LINES, NODES), kits=0, room=(20, 60), quantity=(1, 20), most=NODES // 4):
    """Make an order of which each node has two thirds of the lines; the first lines are in kits of three."""
    lines, nodes = size
    random = Random(8)
    joined = 3 * kits
    cost, stock = costs_and_stock(lines, nodes)
    return Instance(
        quantity=tuple(4 if i < joined else random.randint(*quantity) for i in range(lines)),
        fixed=tuple(random.randint(5_000_000, 9_000_000) for _ in range(nodes)),
        cost=cost,
        stock=stock,
        capacity=tuple(random.randint(*room) for _ in range(nodes)) if room else None,
        max_nodes=most,
        together=tuple(Together(lines=(3 * g, 3 * g + 1, 3 * g + 2), sets=4) for g in range(kits)),
    )


class Clock:
    """A clock that is late after so many readings. The number of later readings shows how much work goes on."""

    def __init__(self, after):
        self.after, self.asked = after, 0

    def __call__(self):
        self.asked += 1
        return self.asked > self.after


def assert_fits(instance, solution):
    sends, loads = {}, {}
    for line, node, pieces in solution.assignment:
        sends[line] = sends.get(line, 0) + pieces
        loads[node] = loads.get(node, 0) + pieces
        assert 0 < pieces <= instance.stock[line][node]
    left = dict(solution.leftovers)
    assert all(sends.get(i, 0) + left.get(i, 0) == wanted for i, wanted in enumerate(instance.quantity))
    assert instance.capacity is None or all(pieces <= instance.capacity[node] for node, pieces in loads.items())
    assert instance.max_nodes is None or len(loads) <= instance.max_nodes
    for group in instance.together:
        (sets,) = {tuple(sorted((j, p) for i, j, p in solution.assignment if i == line)) for line in group.lines}
        assert all(pieces * group.sets % instance.quantity[group.lines[0]] == 0 for _, pieces in sets)
    fixed = sum(instance.fixed[j] for j in loads)
    assert solution.cost == fixed + sum(instance.cost[i][j] * pieces for i, j, pieces in solution.assignment)


@pytest.mark.parametrize(
    "order",
    [
        {"size": WHOLE, "most": 50},
        {"quantity": (1, 3), "room": (60, 100), "kits": 20},
        {"quantity": (1, 3), "room": (60, 100), "kits": 120},
        {"quantity": (1, 3), "room": (5, 15), "most": None},
    ],
    ids=["a thousand lines in fifty shipments with limits", "twenty kits", "mostly kits", "every node"],
)
def test_an_order_that_fills_its_nodes_ends_soon_after_its_time_with_a_plan_that_fits(order):
    instance, clock = wide(**order), Clock(after=3)

    solution = solve(instance, late=clock)

    assert solution.clock_stopped
    assert not solution.proven
    assert solution.assignment
    assert solution.lower_bound <= solution.cost
    assert_fits(instance, solution)
    assert (
        clock.asked < 400
    )  # it is read every ten thousand numbers: only a few such budgets of work go on after the end


def test_without_a_clock_the_budget_ends_the_search_and_the_answer_is_always_the_same():
    instance = wide(quantity=(1, 3), room=(60, 100), kits=20)

    once, again = solve(instance, budget=500), solve(instance, budget=500)

    assert once == again
    assert not once.clock_stopped
    assert once.nodes_searched < 5_000
    assert_fits(instance, once)


def test_shipments_that_are_worth_too_little_are_not_enlarged_after_the_end():
    instance = wide(quantity=(1, 3), room=(200, 400))
    stage = Stage(
        nodes=tuple(f"n-{j:03}" for j in range(NODES)),
        skus=tuple(f"S{i}" for i in range(LINES)),
        quantity=instance.quantity,
        stock=instance.stock,
        capacity=instance.capacity,
        max_nodes=NODES // 4,
        value=(1,) * LINES,
        min_value=10**9,
        fixed=instance.fixed,
        cost=instance.cost,
    )
    clock = Clock(after=3)

    played = solve_stage(stage, late=clock)

    assert played.clock_stopped
    assert clock.asked < 600


@pytest.mark.parametrize("unit", [1 << 59, 1 << 61], ids=["2^59", "beyond what stands for never"])
def test_costs_that_could_make_a_proof_wrong_are_refused_by_name(unit):
    two = Instance(quantity=(1,), fixed=(1, 1), cost=((unit, unit + 1),), stock=((1, 1),))

    with pytest.raises(TooDear, match=rf"a unit up to {unit + 1} micro-units"):
        solve(two)
    with pytest.raises(TooDear, match="a shipment up to"):
        solve(replace(two, cost=((1, 1),), fixed=(1 << 58, 1 << 58)))


def test_costs_just_below_are_proven():
    two = Instance(quantity=(1,), fixed=(1, 1), cost=(((1 << 58), (1 << 58) + 1),), stock=((1, 1),))

    solution = solve(two)

    assert (solution.nodes, solution.proven) == ((0,), True)
