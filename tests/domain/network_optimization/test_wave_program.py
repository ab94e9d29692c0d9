"""Test orders that are planned together: the order that gives way, plans that fit, and moves."""

from random import Random

import pytest

from comanda.aws.routing.solver import solve
from comanda.domain.network_optimization.wave_program import Choice, Wave, choose_moves

HERE, THERE = ("TEA", "here"), ("TEA", "there")
M = 1_000_000


def proposing(costs):
    """Make orders that want one unit each; `costs[k]`: sku at node -> micros of order k. Losing the unit costs 100."""

    def propose(k, stock, prices):
        open_ones = [(cost + prices.get(place, 0), place) for place, cost in costs[k].items() if stock.get(place, 0)]
        best = min([*open_ones, (100 * M, None)], key=lambda one: (one[0], str(one[1])))
        place = best[1]
        return Choice(cost=100 * M if place is None else costs[k][place], uses=((place, 1),) if place else ())

    return propose


def lp(program):
    answer = solve(program, seconds=10)
    return answer.columns, answer.duals


def whole(program):
    return solve(program, seconds=10, whole=True).columns


def a_wave(costs, stock):
    wave = Wave(skus=[frozenset({"TEA"})] * len(costs), stock=stock, propose=proposing(costs))
    for k in range(len(costs)):
        wave.add_plan(k, Choice(cost=100 * M, uses=()))
    wave.collect_proposals({}, everyone=True)
    return wave


def test_an_order_with_a_cheap_alternative_gives_way_to_one_without():
    wave = a_wave([{HERE: 1 * M, THERE: 2 * M}, {HERE: 1 * M, THERE: 9 * M}], {HERE: 1, THERE: 5})

    found = wave.choose_plans(wave.run_rounds(5, lp))

    assert [choice.uses for choice in found] == [((THERE, 1),), ((HERE, 1),)]
    assert wave.bound == 3 * M


@pytest.mark.parametrize("seed", range(20))
def test_plans_always_fit_together_and_never_cost_less_than_the_bound(seed):
    dice = Random(seed)
    places = [("TEA", f"n{j}") for j in range(5)]
    costs = [{place: dice.randint(1, 40) * M for place in dice.sample(places, 3)} for _ in range(12)]
    stock = {place: dice.randint(0, 4) for place in places}
    wave = a_wave(costs, stock)

    found = wave.choose_plans(wave.run_rounds(10, lp), whole)

    for place in places:
        assert sum(units for choice in found for at, units in choice.uses if at == place) <= stock[place]
    assert wave.bound <= sum(choice.cost for choice in found)


def test_a_move_waits_until_its_units_are_free_and_its_group_saves_the_sum_of_the_minimums():
    a, b = Choice(cost=5 * M, uses=((HERE, 1),)), Choice(cost=9 * M, uses=((THERE, 1),))
    to = [Choice(cost=1 * M, uses=((("TEA", "third"), 1),)), Choice(cost=1 * M, uses=((HERE, 1),))]
    stock = {HERE: 1, THERE: 1, ("TEA", "third"): 1}

    assert choose_moves([a, b], to, stock, [2 * M] * 2) == (0, 1)  # b saves more, but takes over the unit of a
    assert choose_moves([a, b], to, stock, [6 * M] * 2) == (0, 1)  # the saving of b pays for a, which gives way
    assert choose_moves([a, b], to, stock, [7 * M] * 2) == ()  # b would save enough, and finds no unit


def test_an_order_gives_way_at_a_loss_only_if_the_order_that_takes_its_units_saves_more():
    stock = {HERE: 1, THERE: 2}
    gives, comes = Choice(cost=1 * M, uses=((HERE, 1),)), Choice(cost=9 * M, uses=((THERE, 1),))
    to = [Choice(cost=2 * M, uses=((THERE, 1),)), Choice(cost=1 * M, uses=((HERE, 1),))]

    assert choose_moves([gives, comes], to, stock, [3 * M] * 2) == (0, 1)
    assert choose_moves([gives, comes], to, stock, [4 * M] * 2) == ()


def test_two_orders_that_would_exchange_their_units_stay_where_they_are():
    a, b = Choice(cost=5 * M, uses=((HERE, 1),)), Choice(cost=5 * M, uses=((THERE, 1),))

    assert (
        choose_moves([a, b], [Choice(cost=1, uses=b.uses), Choice(cost=1, uses=a.uses)], {HERE: 1, THERE: 1}, [1, 1])
        == ()
    )
