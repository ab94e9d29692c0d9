"""Limits of what a person may give on a sale: line by line, all together, and only as far as their step gives more."""

from dataclasses import replace

import pytest

from comanda.domain.errors import Forbidden
from comanda.domain.limits import Goods, Limits, Sale, require

LIMITS = Limits(percent=10, amounts={"USD": 150})


def goods(asked: int, usual: int | None = 1_000, at: str = "/lines/0", shared: int = 0, *, part: bool = False) -> Goods:
    return Goods(at=at, asked=asked, usual=usual, shared=shared, part=part)


def a_sale(*rows: Goods, off: int = 0, given: int = 0) -> Sale:
    rows_by_id = {str(n): row for n, row in enumerate(rows)}
    return Sale(
        currency="USD", goods=rows_by_id, off={"OFF": off}, given=given, off_at="/discounts", given_at="/amount"
    )


def refused(before: Sale, after: Sale, limits: Limits = LIMITS) -> list[str]:
    try:
        require(before, after, limits)
    except Forbidden as error:
        return [problem.pointer for problem in error.problems]
    return []


USUAL = a_sale(goods(1_000))


@pytest.mark.parametrize(
    ("before", "after", "fields"),
    [
        (USUAL, a_sale(goods(900)), []),
        (USUAL, a_sale(goods(899)), ["/lines/0"]),
        (a_sale(goods(1)), a_sale(goods(1)), []),  # another person gave it before
        (a_sale(goods(1)), a_sale(goods(2)), []),
        (a_sale(goods(1)), a_sale(goods(0)), ["/lines/0"]),
        (a_sale(goods(500)), a_sale(goods(499, 900)), []),  # fewer units, a smaller part
        (a_sale(goods(500)), a_sale(goods(5, 20)), ["/lines/0"]),  # less money, a larger part
        (a_sale(), a_sale(goods(9_999, None)), ["/lines/0"]),
        (a_sale(goods(9, None)), a_sale(goods(9, None)), []),
        (a_sale(goods(9, None)), a_sale(goods(8, None)), ["/lines/0"]),
        (a_sale(goods(9, None)), a_sale(goods(900)), []),
        (USUAL, a_sale(goods(1_000), off=100), []),
        (USUAL, a_sale(goods(1_000), off=101), ["/discounts"]),
        (USUAL, a_sale(goods(950, shared=51), off=51), []),  # its part is rounded by less than one
        (USUAL, a_sale(goods(950, shared=52), off=52), ["/lines/0"]),
        (a_sale(goods(950)), a_sale(goods(950, shared=52), off=52), ["/discounts"]),
        (a_sale(goods(950, shared=52), off=52), a_sale(goods(950, shared=52), off=52), []),
        (a_sale(goods(1_000), off=500), a_sale(goods(1_000), goods(900), off=500), []),  # a smaller part than before
        (a_sale(goods(1_000), goods(1_000), off=500), a_sale(goods(1_000), off=500), ["/discounts"]),
        (USUAL, a_sale(goods(5_000), off=101), ["/discounts"]),  # a dearer price is no usual one
        (USUAL, a_sale(goods(1_000), goods(90, 100, part=True), off=100), []),
        (USUAL, a_sale(goods(1_000), goods(89, 100, at="/parts", part=True)), ["/parts"]),
        (USUAL, a_sale(goods(1_000), given=150), []),
        (USUAL, a_sale(goods(1_000), given=151), ["/amount"]),
        (a_sale(given=900), a_sale(given=900), []),
        (a_sale(given=900), a_sale(given=901), ["/amount"]),
    ],
)
def test_a_step_is_compared_with_the_sale_before_and_with_what_is_usual(before: Sale, after: Sale, fields: list[str]):
    assert refused(before, after) == fields


def test_an_amount_is_of_one_currency_and_who_may_give_all_prices_what_nothing_prices():
    euros = replace(a_sale(goods(1_000), given=1), currency="EUR")

    assert refused(USUAL, euros) == ["/amount"]
    assert refused(USUAL, a_sale(goods(0), goods(0, None)), Limits(percent=100)) == []


def test_limits_are_stored_by_person_and_what_is_missing_is_nothing():
    row = {"override_percent": 10, "appeasement": [{"amount": 150, "currency": "USD"}]}

    assert Limits.stored(row) == LIMITS
    assert Limits.stored({}) == Limits(percent=0, amounts={})
    assert Limits.for_currency("USD", LIMITS.in_currency("USD")) == LIMITS
    assert LIMITS.in_currency("EUR") == (10, 0)
