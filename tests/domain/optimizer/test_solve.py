"""Test the optimiser: plans that it must never make, plans that it must find, and that it claims no false proof."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.optimizer.solve import Instance, Together, solve

FREE = (0, 0, 0)


def an_instance(**changes):
    """Make an order of two lines of two pieces and three nodes: 0 and 1 each have one line, 2 has both and is dear."""
    plain = Instance(
        quantity=(2, 2),
        fixed=(5_000_000, 5_000_000, 9_000_000),
        cost=((1_000_000, 1_000_000, 1_000_000), (1_000_000, 1_000_000, 1_000_000)),
        stock=((9, 0, 9), (0, 9, 9)),
    )
    return replace(plain, **changes)


@st.composite
def instances(draw, most_nodes=7, most_lines=4):
    nodes = draw(st.integers(0, most_nodes))
    lines = draw(st.integers(0, most_lines))

    def row(low, high):
        return tuple(draw(st.lists(st.integers(low, high), min_size=nodes, max_size=nodes)))

    quantity = tuple(draw(st.lists(st.integers(0, 5), min_size=lines, max_size=lines)))
    cost = tuple(row(-3, 20) for _ in quantity)
    stock = tuple(row(-1, 6) for _ in quantity)
    room = st.one_of(st.none(), st.integers(-1, 8))
    capacity = draw(st.one_of(st.none(), st.lists(room, min_size=nodes, max_size=nodes).map(tuple)))
    limit = draw(st.one_of(st.none(), st.integers(0, 4)))
    together = ()
    if lines >= 2 and draw(st.booleans()):
        sets = draw(st.integers(1, 2))
        quantity = tuple(sets * (q // sets) if i < 2 else q for i, q in enumerate(quantity))
        together = (Together(lines=(0, 1), sets=sets),)
    return Instance(
        quantity=quantity,
        fixed=row(0, 30),
        cost=cost,
        stock=stock,
        capacity=capacity,
        max_nodes=limit,
        together=together,
    )


def left_over(solution):
    return sum(pieces for _, pieces in solution.leftovers)


def cost_of(instance, solution):
    fixed = sum(instance.fixed[node] for node in solution.nodes)
    return fixed + sum(instance.cost[line][node] * pieces for line, node, pieces in solution.assignment)


def best_of_all(instance):
    """Return (left over, cost) of the best plan: try every set of nodes, and fill each set at its least cost."""
    best = (sum(instance.quantity), 0)
    limit = len(instance.fixed) if instance.max_nodes is None else instance.max_nodes
    for count in range(1, limit + 1):
        for nodes in combinations(range(len(instance.fixed)), count):
            only = replace(
                instance,
                max_nodes=None,
                stock=tuple(tuple(s if j in nodes else 0 for j, s in enumerate(row)) for row in instance.stock),
                fixed=(0,) * len(instance.fixed),
            )
            found = solve(only)
            best = min(best, (left_over(found), found.cost + sum(instance.fixed[j] for j in nodes)))
    return best


def test_one_dear_node_beats_two_cheap_ones():
    solution = solve(an_instance())

    assert solution.assignment == ((0, 2, 2), (1, 2, 2))
    assert solution.cost == 13_000_000
    assert solution.proven
    assert solution.lower_bound == solution.cost


def test_two_nodes_beat_one_that_is_dearer_than_both():
    solution = solve(an_instance(fixed=(4_000_000, 4_000_000, 9_000_000)))

    assert solution.assignment == ((0, 0, 2), (1, 1, 2))
    assert solution.nodes == (0, 1)


def test_of_nodes_that_cost_the_same_the_first_ships():
    same = Instance(quantity=(1,), fixed=(7, 7, 7), cost=((3, 3, 3),), stock=((1, 1, 1),))

    assert solve(same).assignment == ((0, 0, 1),)


def test_a_line_is_filled_from_two_nodes_when_neither_has_enough():
    short = Instance(quantity=(5,), fixed=(10, 10, 10), cost=((1, 2, 9),), stock=((3, 4, 4),))

    assert solve(short).assignment == ((0, 0, 3), (0, 1, 2))


def test_pieces_that_no_node_has_are_left_over_and_the_rest_ships():
    solution = solve(an_instance(quantity=(20, 2)))

    assert solution.leftovers == ((0, 2),)
    assert solution.proven


def test_a_split_limit_leaves_over_as_little_as_it_can():
    apart = an_instance(stock=((9, 0, 1), (0, 9, 2)), max_nodes=1)

    solution = solve(apart)

    assert solution.assignment == ((0, 2, 1), (1, 2, 2))
    assert solution.leftovers == ((0, 1),)
    assert solution.proven


def test_more_is_shipped_though_it_costs_more():
    dear = Instance(
        quantity=(2, 1), fixed=(1, 1_000_000_000), cost=((1, 1), (1, 1)), stock=((2, 2), (0, 1)), max_nodes=1
    )

    solution = solve(dear)

    assert solution.nodes == (1,)
    assert solution.leftovers == ()


def test_a_node_ships_no_more_than_its_capacity():
    solution = solve(an_instance(capacity=(None, None, 3)))

    assert solution.nodes == (0, 1)
    assert solution.proven


def test_a_full_node_keeps_the_line_that_is_dearest_elsewhere():
    full = Instance(
        quantity=(2, 2), fixed=(0, 0), cost=((1, 50), (1, 3)), stock=((9, 9), (9, 9)), capacity=(2, None)
    )  # fmt: skip

    assert solve(full).assignment == ((0, 0, 2), (1, 1, 2))


def test_lines_that_ship_together_come_from_one_node():
    tied = an_instance(fixed=(4_000_000, 4_000_000, 90_000_000), together=(Together(lines=(0, 1)),))

    solution = solve(tied)

    assert solution.nodes == (2,)


def test_lines_that_ship_together_are_left_over_together_when_no_node_has_them_all():
    tied = an_instance(stock=((9, 0, 9), (0, 9, 1)), together=(Together(lines=(0, 1)),))

    assert solve(tied).leftovers == ((0, 2), (1, 2))


def test_kits_may_come_from_two_nodes_but_each_kit_from_one():
    kits = Instance(
        quantity=(2, 4), fixed=(5, 5, 5), cost=(FREE, FREE), stock=((1, 1, 2), (2, 3, 0)),
        together=(Together(lines=(0, 1), sets=2),),
    )  # fmt: skip

    assert solve(kits).assignment == ((0, 0, 1), (0, 1, 1), (1, 0, 2), (1, 1, 2))


def test_an_order_of_a_million_pieces_is_an_order_like_any_other():
    many = Instance(quantity=(1_000_000,), fixed=(9, 9, 9), cost=((1, 2, 3),), stock=((600_000, 500_000, 1_000_000),))

    solution = solve(many)

    assert solution.assignment == ((0, 0, 600_000), (0, 1, 400_000))
    assert solution.proven


def test_more_kits_than_can_be_tried_in_every_way_still_ship_and_nothing_is_claimed():
    kits = Instance(
        quantity=(900, 900, 300), fixed=(5, 5, 5), cost=(FREE, FREE, (0, 1, 2)), stock=((900,) * 3,) * 3,
        capacity=(700, 700, 700), together=(Together(lines=(0, 1), sets=900),),
    )  # fmt: skip

    solution = solve(kits)

    assert left_over(solution) == 0
    assert not solution.proven


def test_an_order_of_nothing_has_an_empty_plan():
    solution = solve(Instance(quantity=(), fixed=(1, 1), cost=(), stock=()))

    assert (solution.assignment, solution.leftovers, solution.cost, solution.proven) == ((), (), 0, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"fixed": (1, -1, 1)},
        {"fixed": (1, 1)},
        {"stock": ((1,), (1,))},
        {"together": (Together(lines=(0, 1), sets=3),)},
    ],
)
def test_an_invalid_instance_is_refused(wrong):
    with pytest.raises(ValueError, match=r"below zero|whole sets"):
        solve(an_instance(**wrong))


def test_the_clock_ends_a_search_and_is_recorded():
    solution = solve(an_instance(), late=lambda: True)

    assert solution.clock_stopped
    assert left_over(solution) == 0
    assert solution.lower_bound <= 13_000_000 <= solution.cost


def test_without_a_budget_the_answer_is_a_plan_with_an_honest_bound():
    solution = solve(an_instance(), budget=0)

    assert left_over(solution) == 0
    assert solution.lower_bound <= 13_000_000 <= solution.cost


@given(instances())
def test_a_plan_takes_no_more_than_a_node_has_or_may_ship_and_accounts_for_every_piece(instance):
    solution = solve(instance)

    loads = dict.fromkeys(range(len(instance.fixed)), 0)
    placed = [0] * len(instance.quantity)
    for line, node, pieces in solution.assignment:
        assert 0 < pieces <= instance.stock[line][node]
        loads[node] += pieces
        placed[line] += pieces
    for line, pieces in solution.leftovers:
        assert pieces > 0
        placed[line] += pieces
    assert placed == list(instance.quantity)
    for node, room in enumerate(instance.capacity or ()):
        assert room is None or loads[node] <= max(0, room)
    assert instance.max_nodes is None or len(solution.nodes) <= instance.max_nodes
    assert solution.cost == cost_of(instance, solution)
    assert solution.lower_bound <= solution.cost


@given(instances())
def test_sets_that_ship_together_are_whole_at_each_node(instance):
    solution = solve(instance)

    pieces = {(line, node): count for line, node, count in solution.assignment}
    for group in instance.together:
        for node in solution.nodes:
            whole = {
                pieces.get((line, node), 0) * group.sets // instance.quantity[line]
                for line in group.lines
                if instance.quantity[line]
            }
            assert len(whole) <= 1


@given(instances(most_nodes=5))
def test_a_proven_plan_is_the_best_of_all_sets_of_nodes(instance):
    solution = solve(instance)

    best = best_of_all(instance)

    if solution.proven:
        assert (left_over(solution), solution.cost) == best
    assert (left_over(solution), solution.cost) >= best
    if left_over(solution) == best[0]:
        assert solution.lower_bound <= best[1]


@given(instances(), st.integers(0, 20))
def test_the_same_order_has_the_same_answer(instance, budget):
    assert solve(instance, budget=budget) == solve(instance, budget=budget)


@given(instances(most_nodes=5), st.integers(0, 5))
def test_a_small_budget_never_makes_a_false_proof(instance, budget):
    hasty, thorough = solve(instance, budget=budget), solve(instance)

    if hasty.proven:
        assert (left_over(hasty), hasty.cost) == (left_over(thorough), thorough.cost)
    assert left_over(hasty) >= left_over(thorough)


def test_a_set_counts_for_more_where_many_full_nodes_are_repaired():
    lines, nodes = 60, 40
    full = Instance(
        quantity=(2,) * lines,
        fixed=tuple(range(50, 50 + nodes)),
        cost=tuple(tuple((7 * i + 11 * j) % 23 for j in range(nodes)) for i in range(lines)),
        stock=tuple(tuple((i + j) % 3 for j in range(nodes)) for i in range(lines)),
        capacity=(5,) * nodes,
    )

    solution = solve(full, budget=200)

    assert solution.leftovers == ()
    assert solution.nodes_searched < 2_000
    assert solution == solve(full, budget=200)
