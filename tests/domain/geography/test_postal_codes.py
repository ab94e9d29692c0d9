"""A postal code fits its country, or the field that has it is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.geography import postal_codes

FITS = (
    ("US", "60601", 60601),
    ("US", "60601-1234", 60601),
    ("US", " 00501 ", 501),
    ("BR", "01310-100", 1310100),
    ("BR", "01310100", 1310100),
)
# Country, code, what is wrong with it.
WRONG = (
    ("US", "01310-100", "wrong-country"),
    ("US", "01310100", "wrong-country"),
    ("BR", "60601", "wrong-country"),
    ("BR", "60601-1234", "wrong-country"),
    ("US", "606", "malformed"),
    ("US", "606011234", "malformed"),
    ("US", "60601-", "malformed"),
    ("US", "6060l", "malformed"),
    ("US", "60601\n60602", "malformed"),
    ("US", "٦٠٦٠١", "malformed"),
    ("BR", "0131-0100", "malformed"),
    ("BR", "01.310-100", "malformed"),
    ("BR", "SW1A 1AA", "malformed"),
)


@pytest.mark.parametrize(("country", "code", "number"), FITS)
def test_a_code_that_fits_its_country_is_looked_up_by_its_digits(country, code, number):
    assert postal_codes.number(country, code) == number
    assert postal_codes.problem(country, code, "/postal_code") is None


@pytest.mark.parametrize(("country", "code", "wrong"), WRONG)
def test_a_code_that_does_not_fit_is_a_problem_of_its_field(country, code, wrong):
    problem = postal_codes.problem(country, code, "/ship_to/postal_code")

    assert problem is not None
    assert (problem.pointer, problem.code) == ("/ship_to/postal_code", wrong)
    assert country in problem.message
    assert postal_codes.number(country, code) is None


def test_a_blank_code_and_a_code_of_an_unknown_country_are_no_problem():
    assert postal_codes.problem("US", "", "/postal_code") is None
    assert postal_codes.problem("BR", "  ", "/postal_code") is None
    assert postal_codes.problem("GB", "SW1A 1AA", "/postal_code") is None
    assert postal_codes.number("GB", "60601") is None


@given(country=st.sampled_from(["US", "BR", "GB"]), code=st.text(max_size=16))
def test_whatever_is_sent_is_either_a_code_or_a_problem_or_blank(country, code):
    found = postal_codes.number(country, code)
    problem = postal_codes.problem(country, code, "/postal_code")

    assert found is None or problem is None
    assert country == "GB" or not code.strip() or (found is None) != (problem is None)
