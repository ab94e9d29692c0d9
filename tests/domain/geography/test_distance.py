"""Distances on the earth are right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.geography.distance import distance_km

DEGREES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(DEGREES, DEGREES)
def test_no_two_places_are_further_apart_than_half_the_earth(a, b):
    assert 0 <= distance_km(a, b) <= 20_016
    assert distance_km(a, b) == pytest.approx(distance_km(b, a), abs=1e-3)
    assert distance_km(a, a) == pytest.approx(0, abs=1e-3)


@given(DEGREES)
def test_the_other_side_of_the_earth_has_a_distance(a):
    other = (-a[0], a[1] + 180 if a[1] < 0 else a[1] - 180)

    assert distance_km(a, other) == pytest.approx(20_015, abs=1)


def test_known_distances_are_right():
    chicago, new_york, london = (41.85, -87.65), (40.71, -74.01), (51.51, -0.13)

    assert distance_km(chicago, new_york) == pytest.approx(1146, rel=0.005)
    assert distance_km(new_york, london) == pytest.approx(5570, rel=0.005)
