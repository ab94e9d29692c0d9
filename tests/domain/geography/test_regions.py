"""A region is found by its code or its name in any spelling, and knows the postal codes that lie in it."""

import pytest

from comanda.domain.geography.regions import Regions, fold, is_military, is_military_region, military

TABLE = {
    "names": {"ny": "NY", "newyork": "NY", "saopaulo": "SP", "england": "ENG", "london": "LND"},
    "parents": {"LND": "ENG"},
    "postal": {"1": "NY", "063": "CT NY", "SW1": "LND"},
}


@pytest.mark.parametrize("name", ["New York", "NEW-YORK", " new york ", "NY"])
def test_a_region_is_found_by_its_code_and_by_its_name_in_any_spelling(name):
    assert Regions("US", TABLE).code(name) == "NY"


def test_names_are_compared_without_accents_and_with_their_short_forms():
    assert fold("São Paulo") == fold("sao paulo")
    assert fold("Saint-Pierre") == fold("St. Pierre")


def test_an_unknown_name_and_a_country_without_a_table_have_no_code():
    assert Regions("US", TABLE).code("Atlantis") is None
    assert Regions("FR").code("Bretagne") is None
    assert [Regions("US", TABLE).listed, Regions("FR").listed] == [True, False]


def test_a_postal_code_lies_in_the_regions_of_its_longest_known_beginning():
    regions = Regions("US", TABLE)

    assert [regions.with_postal_code(code) for code in ("10001", "06390-12", "99999")] == [("NY",), ("CT", "NY"), ()]
    assert [regions.fits("NY", code) for code in ("10001", "06390", "99999")] == [True, True, True]
    assert not regions.fits("CT", "10001")


def test_a_postal_code_fits_the_parent_of_its_region():
    assert Regions("GB", TABLE).fits("ENG", "SW1A 1AA")


def test_military_post_has_three_regions_in_the_united_states_only():
    assert [military("US", code, None) for code in ("34012", "09012", "96201", "60601")] == ["AA", "AE", "AP", None]
    assert military("US", "", "AE") == "AE"
    assert military("BR", "34012-000", None) is None
    assert [is_military_region(country, "AP") for country in ("US", "BR")] == [True, False]
    assert is_military("US", "", "APO", "")
    assert not is_military("US", "60601", "Chicago", "IL")
