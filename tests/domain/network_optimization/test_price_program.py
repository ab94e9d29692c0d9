"""Test the network's program, and the prices in its duals: the worth of a unit to later orders."""

from comanda.aws.routing.solver import solve
from comanda.domain.network_optimization import shadow_prices
from comanda.domain.network_optimization.price_program import Market, by_sku, contested, prices_from_duals, programs

NEAR, FAR = 1_000_000, 5_000_000


def a_market(**changes):
    world = {
        "demand": {"TEA": {"north": 10.0, "south": 10.0}},
        "stock": {"TEA": {"n": 100, "s": 100}},
        "cost": {"north": {"n": NEAR, "s": FAR}, "south": {"n": FAR, "s": NEAR}},
        "capacity": {},
        "lost": {"north": 20_000_000, "south": 20_000_000},
    }
    return Market(**{**world, **changes})


def priced(market):
    found = {}
    for program in programs(market):
        found.update(prices_from_duals(program, solve(program, seconds=10).duals))
    return found


def test_a_sku_that_is_near_to_every_region_has_no_price_and_needs_no_program():
    assert list(programs(a_market())) == []


def test_the_last_units_near_a_region_cost_the_difference_to_the_next_node():
    found = priced(a_market(stock={"TEA": {"n": 4, "s": 100}}))

    assert found == {("TEA", "n"): FAR - NEAR}


def test_every_shelf_has_the_price_of_a_lost_unit_where_some_demand_is_unserved():
    found = priced(a_market(stock={"TEA": {"n": 4, "s": 4}}))

    assert found == {("TEA", "n"): 19_000_000, ("TEA", "s"): 19_000_000}


def test_a_shelf_with_exactly_what_is_expected_is_not_an_empty_one():
    market = a_market(stock={"TEA": {"n": 10, "s": 10}})

    assert contested(market) == ((), {})
    assert priced(market) == {}


def test_a_shelf_is_contested_by_more_than_half_a_unit():
    """Expected demand is a fraction, and half a unit cannot be sold."""
    just, more = (
        a_market(demand={"TEA": {"north": units}}, stock={"TEA": {"n": 10, "s": 9}}) for units in (10.5, 11.0)
    )

    assert [contested(market)[0] for market in (just, more)] == [(), ("TEA",)]


def test_a_full_node_ties_the_skus_that_it_has_and_its_room_has_a_price():
    market = a_market(
        demand={"TEA": {"north": 10.0}, "CUP": {"north": 10.0}, "POT": {"south": 1.0}},
        stock={"TEA": {"n": 99, "s": 99}, "CUP": {"n": 99, "s": 99}, "POT": {"s": 9}},
        capacity={"n": 12},
    )

    found, room = contested(market)

    assert (found, room) == (("CUP", "TEA"), {"n": 12.0})
    assert by_sku(priced(market)) == {"CUP": {"n": FAR - NEAR}, "TEA": {"n": FAR - NEAR}}


def test_a_node_that_may_not_ship_to_a_region_is_no_choice_there():
    market = a_market(cost={"north": {"s": FAR}, "south": {"s": NEAR}}, stock={"TEA": {"n": 100, "s": 12}})

    assert priced(market) == {("TEA", "s"): 15_000_000}


def test_prices_are_written_as_text_and_read_again():
    said = {"dc 1#": 5, "dc-2": 1_200_000, "dc-3": 0}

    assert shadow_prices.from_text(shadow_prices.to_text(said)) == {"dc 1#": 5, "dc-2": 1_200_000}
    assert shadow_prices.from_text("") == {}
