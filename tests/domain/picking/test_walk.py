"""A walk visits every stop once, is never longer than the naive order, and is near the shortest one."""

import random
import sys
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.picking.location import START, Location, Place, distance
from comanda.domain.picking.walk import exact, in_order, length, nearest_neighbour, s_shape, tour

PLACES = st.builds(Place, st.integers(1, 12), st.integers(1, 30))
ZONES = st.lists(PLACES, max_size=40, unique=True)
FEW = st.lists(PLACES, max_size=6, unique=True)
LOCATIONS = st.dictionaries(
    st.text("abc", min_size=1, max_size=4),
    st.none() | st.builds(Location, st.sampled_from("AB"), st.integers(1, 9), st.integers(1, 9), st.sampled_from("xy")),
    max_size=30,
)


def test_within_an_aisle_the_way_is_straight():
    assert distance(Place(2, 3), Place(2, 9), 10) == 6


def test_between_aisles_the_way_leads_round_the_nearer_end():
    assert distance(Place(1, 2), Place(2, 3), 20) == 3 + 5
    assert distance(Place(1, 18), Place(3, 19), 20) == 6 + 3


@given(PLACES, PLACES, PLACES)
def test_distances_are_symmetric_and_no_detour_is_shorter(one, other, third):
    assert distance(one, other, 31) == distance(other, one, 31)
    assert distance(one, other, 31) <= distance(one, third, 31) + distance(third, other, 31)


@given(ZONES)
def test_every_place_is_visited_once_and_the_walk_is_never_longer_than_simpler_ones(places):
    walk = tour(places)

    assert sorted(walk) == sorted(places)
    for simpler in (sorted(places), s_shape(places), nearest_neighbour(places)):
        assert length(walk) <= length(simpler)


@given(FEW)
def test_the_exact_walk_is_the_shortest_of_all(places):
    assert length(exact(places)) == min(length(walk) for walk in permutations(places))


@given(ZONES)
def test_the_order_of_the_request_does_not_change_the_walk(places):
    assert tour(places) == tour(places[::-1])


def test_walks_that_are_not_exact_are_near_the_exact_ones():
    chance, found, shortest = random.Random(13), 0, 0
    for _ in range(25):
        places = list({Place(chance.randint(1, 10), chance.randint(1, 25)) for _ in range(10)})
        found, shortest = found + length(tour(places)), shortest + length(exact(places))

    sys.stdout.write(f"walks of 10 places: {found / shortest:.3f} of the exact ones\n")
    assert shortest <= found <= 1.05 * shortest


@given(LOCATIONS)
def test_every_sku_is_listed_once_zone_by_zone_with_unplaced_ones_last(locations):
    listed = in_order(locations)

    assert sorted(listed) == sorted(locations)
    zones = [where.zone if (where := locations[sku]) else "~" for sku in listed]
    assert zones == sorted(zones)
    unplaced = [sku for sku in listed if locations[sku] is None]
    assert unplaced == sorted(unplaced)


def test_the_bins_of_a_rack_are_one_stop():
    locations = {
        "b": Location("A", 1, 5, "2"),
        "far": Location("A", 4, 5, "1"),
        "a": Location("A", 1, 5, "1"),
    }

    assert in_order(locations) in (["a", "b", "far"], ["far", "a", "b"])


def test_nothing_to_pick_is_no_walk():
    assert (in_order({}), tour([]), length([])) == ([], [], 0)
    assert START not in tour([Place(1, 1)])
