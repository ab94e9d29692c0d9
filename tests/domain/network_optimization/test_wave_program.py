"""Orders routed together: who gives way, what fits, who is moved."""

from random import Random

import pytest

from comanda.aws.routing.solver import solve
from comanda.domain.network_optimization.wave_program import Choice, Wave, choose_moves

HERE, THERE = ("TEA", "here"), ("TEA", "there")
M = 1_000_000


def proposing(costs):
    """Order k wants one unit; `costs[k]`: place -> micros. Losing it costs 100."""

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


def test_who_can_go_elsewhere_for_little_gives_way_to_who_cannot():
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


def test_a_move_waits_until_its_place_is_free_and_saves_what_is_asked_of_all_that_go_with_it():
    a, b = Choice(cost=5 * M, uses=((HERE, 1),)), Choice(cost=9 * M, uses=((THERE, 1),))
    to = [Choice(cost=1 * M, uses=((("TEA", "third"), 1),)), Choice(cost=1 * M, uses=((HERE, 1),))]
    stock = {HERE: 1, THERE: 1, ("TEA", "third"): 1}

    assert choose_moves([a, b], to, stock, [2 * M] * 2) == (0, 1)  # b saves more, but goes where a is
    assert choose_moves([a, b], to, stock, [6 * M] * 2) == (0, 1)  # what b saves pays for a, which makes room
    assert choose_moves([a, b], to, stock, [7 * M] * 2) == ()  # b would save enough, and has no place


def test_one_gives_way_at_a_loss_where_who_comes_saves_more_and_not_where_he_does_not():
    stock = {HERE: 1, THERE: 2}
    gives, comes = Choice(cost=1 * M, uses=((HERE, 1),)), Choice(cost=9 * M, uses=((THERE, 1),))
    to = [Choice(cost=2 * M, uses=((THERE, 1),)), Choice(cost=1 * M, uses=((HERE, 1),))]

    assert choose_moves([gives, comes], to, stock, [3 * M] * 2) == (0, 1)
    assert choose_moves([gives, comes], to, stock, [4 * M] * 2) == ()


def test_two_that_would_change_places_stay_where_they_are():
    a, b = Choice(cost=5 * M, uses=((HERE, 1),)), Choice(cost=5 * M, uses=((THERE, 1),))

    assert (
        choose_moves([a, b], [Choice(cost=1, uses=b.uses), Choice(cost=1, uses=a.uses)], {HERE: 1, THERE: 1}, [1, 1])
        == ()
    )
