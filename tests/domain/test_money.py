"""Money is divided over lines by largest remainder and over units by floors. Both add up to the cent."""

from datetime import date
from fractions import Fraction

import pytest
from babel.core import get_global
from babel.numbers import get_territory_currencies, list_currencies
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.money import CURRENCIES, REPLACED, share_of_units, spread, tax_of

AMOUNTS = st.integers(0, 10**12)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=20)


@given(AMOUNTS, WEIGHTS)
def test_shares_add_up_to_the_cent(total, weights):
    assert sum(spread(total, weights)) == total


@given(AMOUNTS, WEIGHTS)
def test_no_share_is_a_cent_away_from_the_exact_one(total, weights):
    whole = sum(weights)

    for share, weight in zip(spread(total, weights), weights, strict=True):
        exact = Fraction(total * weight, whole) if whole else Fraction(total, len(weights))
        assert exact - 1 < share < exact + 1


@given(AMOUNTS, st.integers(1, 20))
def test_weights_that_are_all_zero_count_as_equal(total, n):
    assert spread(total, [0] * n) == spread(total, [1] * n)


@given(AMOUNTS, WEIGHTS.filter(any))
def test_a_line_without_value_gets_no_share_if_another_line_has_a_value(total, weights):
    for share, weight in zip(spread(total, weights), weights, strict=True):
        assert weight or not share


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (10, [1, 1, 1], (4, 3, 3)),  # ties: the earlier line
        (100, [1, 1, 4], (17, 17, 66)),  # remainders 40, 40 and 40 of 60: the two earlier ones
        (1, [1, 2], (0, 1)),  # the larger remainder
        (2, [0, 0, 0], (1, 1, 0)),
        (0, [5, 5], (0, 0)),
        (7, [3], (7,)),
    ],
)
def test_cents_that_do_not_divide_go_to_the_largest_remainder_then_the_earlier_line(total, weights, shares):
    assert spread(total, weights) == shares


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, []), (1, [1, -1])])
def test_a_negative_total_or_weight_and_no_weights_are_refused(total, weights):
    with pytest.raises(ValueError, match="spread needs"):
        spread(total, weights)


@given(AMOUNTS, st.lists(st.integers(0, 50), min_size=1, max_size=10))
def test_the_shares_of_units_add_up_to_the_lines_total(total, parts):
    n, done, carried = sum(parts), 0, 0

    for part in parts:
        carried += share_of_units(total, done, done + part, n)
        done += part

    assert carried == (total if n else 0)


@given(AMOUNTS, st.integers(1, 1000))
def test_no_unit_is_a_cent_dearer_than_another(total, n):
    units = [share_of_units(total, k, k + 1, n) for k in range(n)]

    assert max(units) - min(units) <= 1
    assert units == [total * (k + 1) // n - total * k // n for k in range(n)]


@pytest.mark.parametrize(("total", "first", "last", "n"), [(5, -1, 1, 2), (5, 2, 1, 2), (5, 0, 3, 2), (-5, 0, 1, 2)])
def test_the_share_of_units_that_a_line_does_not_have_is_refused(total, first, last, n):
    with pytest.raises(ValueError, match="units"):
        share_of_units(total, first, last, n)


@given(st.integers(0, 10**12), st.integers(0, 10**6), st.booleans())
def test_tax_is_the_exact_one_rounded_half_up(amount, millionths, included):
    rate = Fraction(millionths, 10**6)
    exact = amount * rate / (1 + rate) if included else amount * rate

    assert tax_of(amount, f"{millionths / 10**6:.6f}", included=included) == int(exact + Fraction(1, 2))


def test_half_a_cent_in_an_inclusive_price_is_rounded_up():
    assert tax_of(14, "0.12", included=True) == 2  # 14 x 0.12 / 1.12 is 1.5


def test_the_currencies_of_all_countries_are_known_and_no_other_code():
    """CLDR names the currencies that a country pays with. The others of ISO 4217 are units of account, or are used beside them."""
    here = date(2026, 12, 1)
    used = {
        code
        for country in get_global("territory_currencies")
        for code in get_territory_currencies(country, start_date=here, end_date=here)
    }

    assert used - CURRENCIES == {"BGN"}  # Bulgaria has paid in euros since January 2026
    assert list_currencies() >= CURRENCIES
    assert CURRENCIES - used == {"CLF", "SVC", "UYI", "UYW", "VED"}
    assert list_currencies() >= REPLACED
    assert REPLACED - used == REPLACED - {"BGN"}
    assert not REPLACED & CURRENCIES
