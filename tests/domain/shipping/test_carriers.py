"""The most exact row of a carrier's files gives the days of a lane, and goods are packed by weight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.shipping.carriers import BY_DISTANCE
from comanda.domain.shipping.cartons import packages
from tests.domain.models.journeys import a_service


def parcels_of(weights):
    return a_service(max_package_g=1_000).parcels((units, grams, None) for units, grams in weights)


LANES = a_service(
    regions={("OH", "NY"): 2, ("OH", "CA"): 5},
    postal={("OH", "100"): 1, ("OH", "10"): 3},
    bands=((300, 1), (1500, 4), (None, 7)),
)


@pytest.mark.parametrize(
    ("origin", "region", "prefix", "km", "days"),
    [
        ("OH", "NY", "100", 9000.0, (1, None)),  # the longest prefix
        ("OH", "NY", "104", 9000.0, (3, None)),
        ("OH", "NY", "120", 9000.0, (2, None)),
        ("OH", "CA", "", 9000.0, (5, None)),
        ("OH", "WA", "981", 300.0, (1, BY_DISTANCE)),
        ("OH", "WA", "981", 300.1, (4, BY_DISTANCE)),
        ("NV", "NY", "100", 4000.0, (7, BY_DISTANCE)),
    ],
)
def test_a_lane_is_answered_by_its_most_exact_row_and_every_lane_has_an_answer(origin, region, prefix, km, days):
    assert LANES.days(origin, region, prefix, km) == days


@pytest.mark.parametrize(
    ("weights", "cartons"),
    [
        (((1, 100),), 1),
        (((10, 100),), 1),
        (((11, 100),), 2),
        (((1, 5_000), (1, 100)), 2),  # over the limit: a carton of its own, and nothing else in it
        (((3, 600),), 3),  # two do not fit into one
        (((1, 600), (4, 100)), 1),
        (((1, 600), (5, 100)), 2),
        (((1_000_000, 0),), 1),  # a service weighs nothing
        (((2, 600), (1_000, 0)), 2),
        ((), 1),
    ],
)
def test_goods_are_packed_by_weight_the_heaviest_first(weights, cartons):
    assert packages(parcels_of(weights)) == cartons


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 1_000)), min_size=1, max_size=8))
def test_cartons_are_never_fewer_than_the_weight_needs_nor_more_than_units(weights):
    cartons = packages(parcels_of(weights))

    assert sum(units * grams for units, grams in weights) <= cartons * 1_000
    assert cartons <= sum(units for units, _ in weights)


@pytest.mark.parametrize(
    ("km", "grams_a_tonne"),
    [
        (1_000.0, 40 * 800 + 20 * 250 + 1_140 * 100),  # 1,200 km of road: two rounds, and the way between them
        (45.0, 40 * 800 + 14 * 250),  # 54 km: the second round does not end
        (0.0, 0),
    ],
)
def test_carbon_is_summed_over_the_legs_of_a_way_that_is_longer_than_the_great_circle(km, grams_a_tonne):
    offer = a_service(g_per_tonne_km=100, detour_percent=120, feeders=((40, 800), (20, 250)))

    assert offer.carbon_g(1_000_000, km) == grams_a_tonne
    assert offer.carbon_g(2_500, km) == round(grams_a_tonne * 0.0025)
