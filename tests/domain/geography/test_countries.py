"""A country is named by its code of ISO 3166-1."""

import pytest

from comanda.domain.geography.countries import problem


@pytest.mark.parametrize("code", ["US", "BR", "XK"])
def test_a_known_country_is_no_problem(code):
    assert problem(code, "/country") is None


@pytest.mark.parametrize(("code", "hint"), [("ZZ", ""), ("us", ""), ("UK", "GB")])
def test_an_unknown_country_is_a_problem_of_its_field(code, hint):
    found = problem(code, "/country")

    assert found is not None
    assert (found.pointer, found.code) == ("/country", "unknown-country")
    assert hint in found.message
