"""Every code is found as it was written, and an unknown address is located by the next coarser area."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.geography.distance import Located
from comanda.domain.geography.gazetteer import (
    CITY,
    POSTAL_CODE,
    POSTAL_PREFIX,
    REGION,
    Gazetteer,
    pack_country,
    uniquely_named,
)
from comanda.domain.geography.regions import fold

CODES = {60601: (41.88, -87.63), 60610: (41.9, -87.64), 62701: (39.8, -89.65)}
CITIES = {
    ("IL", "springfield"): (39.78, -89.65),
    ("MO", "springfield"): (37.21, -93.29),
    ("MO", "stlouis"): (38.63, -90.2),
}


@pytest.fixture
def states():
    return Gazetteer(
        pack_country(
            digits=5,
            scale=1,
            codes=CODES,
            cities=CITIES | uniquely_named(CITIES),
            names={"IL": "IL", "Illinois": "IL", "MO": "MO", "Missouri": "MO"},
            regions={"IL": (40.0, -89.2)},
        )
    )


@pytest.fixture
def towns():
    """Known by the first five digits of eight; 97648 is shared by two towns."""
    return Gazetteer(
        pack_country(
            digits=8,
            scale=1000,
            codes={1310000: (-23.56, -46.65), 97648000: (-29.1, -55.7), 97648990: (-28.9, -56.0)},
            cities={("SP", "saopaulo"): (-23.55, -46.64)},
            names={"São Paulo": "SP"},
            regions={},
        )
    )


def test_a_known_code_is_found(states):
    assert states.locate(60601, "", "") == Located(latitude=41.88, longitude=-87.63, precision=POSTAL_CODE)


def test_a_known_code_wins_over_a_city_of_another_place(states):
    assert states.locate(60601, "Springfield", "MO").precision == POSTAL_CODE


def test_an_unknown_code_falls_back_to_its_city(states):
    assert states.locate(62799, "SPRINGFIELD", "Illinois") == Located(latitude=39.78, longitude=-89.65, precision=CITY)


def test_a_city_without_its_region_is_found_only_if_no_other_has_its_name(states):
    assert states.locate(None, "Saint Louis", "").precision == CITY
    assert states.locate(None, "Springfield", "") is None


def test_a_city_is_not_found_in_a_region_that_does_not_have_it(states):
    assert states.locate(None, "St. Louis", "IL").precision == REGION


def test_an_unknown_code_without_a_city_is_located_by_codes_that_begin_alike(states):
    assert states.locate(60699, "Nowhere", "IL") == Located(latitude=41.89, longitude=-87.63, precision=POSTAL_PREFIX)


def test_an_address_of_which_only_the_region_is_known_is_located_by_the_region(states):
    assert states.locate(99999, "Nowhere", "illinois") == Located(latitude=40.0, longitude=-89.2, precision=REGION)


def test_an_unknown_address_has_no_location(states):
    assert states.locate(99999, "Nowhere", "MO") is None
    assert states.locate(None, "", "") is None
    assert states.locate(0, "", "") is None


def test_codes_of_the_same_first_digits_are_one_place_unless_two_towns_share_them(towns):
    assert towns.locate(1310999, "", "").latitude == -23.56
    assert towns.locate(97648000, "", "").latitude == -29.1
    assert towns.locate(97648989, "", "").latitude == -29.1
    assert towns.locate(97648990, "", "").latitude == -28.9
    assert towns.locate(1311000, "Outra", "") == Located(latitude=-23.56, longitude=-46.65, precision=POSTAL_PREFIX)
    assert towns.locate(97649000, "sao paulo", "sao paulo").precision == CITY


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("São Paulo", "SAO PAULO"),
        ("St. Louis", "Saint Louis"),
        ("Fort Worth", "Ft Worth"),
        ("D'Oeste", "d oeste"),
        ("Embu-Guaçu", "embu guacu"),
    ],
)
def test_a_name_is_known_however_it_is_written(one, other):
    assert fold(one) == fold(other)


def test_a_block_of_something_else_is_refused():
    with pytest.raises(ValueError, match="not a table of places"):
        Gazetteer(b"PK\x03\x04" + bytes(64))


@given(
    codes=st.dictionaries(
        st.integers(0, 99_999), st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=200
    )
)
def test_every_code_reads_back_within_half_a_hundredth_of_a_degree(codes):
    block = pack_country(digits=5, scale=1, codes=codes, cities={}, names={}, regions={})

    read = Gazetteer(block)

    for code, (latitude, longitude) in codes.items():
        found = read.locate(code, "", "")
        assert found.precision == POSTAL_CODE
        assert abs(found.latitude - latitude) <= 0.00501
        assert abs(found.longitude - longitude) <= 0.00501
    for stranger in (code + 1 for code in codes if code + 1 not in codes):
        near = read.locate(stranger, "", "")
        assert near is None or near.precision == POSTAL_PREFIX
