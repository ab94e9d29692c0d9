"""Test which option is recommended, and the numbers that the reason rests on."""

import pytest

from comanda.domain.promise.recommend import WeighedOption, recommend
from comanda.domain.routing.costs import Costs
from tests.builders import NOW

A_DAY_IS_WORTH = Costs(per_day=1_000, per_kg_co2e=0)


def an_option(option_id, cost, deliver_on, **changes):
    fields = {"method": "SHIP", "units": 2, "complete": True, "carbon_g": 0}
    return WeighedOption(option_id=option_id, cost_micros=cost, deliver_on=deliver_on, **(fields | changes))


@pytest.mark.parametrize(
    ("standard", "express", "best", "code", "numbers"),
    [
        (
            (500, "2026-11-25"),
            (1_500, "2026-11-21"),
            "express",
            "SOONEST",
            {"days_sooner": 4, "costs_more_micros": 1_000},
        ),
        ((500, "2026-11-22"), (5_500, "2026-11-21"), "standard", "CHEAPEST", {"days_later": 1, "saves_micros": 5_000}),
        ((500, "2026-11-21"), (1_500, "2026-11-21"), "standard", "CHEAPEST_AND_SOONEST", {"days_later": 0}),
    ],
)
def test_days_are_weighed_against_cost(standard, express, best, code, numbers):
    options = [an_option("standard", *standard), an_option("express", *express)]

    chosen, reason = recommend(options, None, A_DAY_IS_WORTH, NOW)

    assert (chosen, reason.code) == (best, code)
    assert reason.numbers.items() >= numbers.items()


def test_an_option_that_is_neither_cheapest_nor_soonest_may_be_the_best_of_both():
    options = [
        an_option("slow", 0, "2026-12-19"),
        an_option("middle", 2_000, "2026-11-23"),
        an_option("fast", 50_000, "2026-11-22"),
    ]

    chosen, reason = recommend(options, None, A_DAY_IS_WORTH, NOW)

    assert (chosen, reason.code) == ("middle", "BALANCED")


def test_carbon_has_a_price():
    options = [an_option("air", 1_000, "2026-11-22", carbon_g=9_000), an_option("road", 1_500, "2026-11-22")]

    assert recommend(options, None, Costs(per_day=0, per_kg_co2e=0), NOW)[0] == "air"
    assert recommend(options, None, Costs(per_day=0, per_kg_co2e=100), NOW)[0] == "road"


def test_the_cheapest_option_that_keeps_the_wanted_day_is_best():
    options = [an_option("standard", 500, "2026-11-25"), an_option("express", 9_500, "2026-11-21")]

    assert recommend(options, "2026-11-25", A_DAY_IS_WORTH, NOW)[0] == "standard"
    chosen, reason = recommend(options, "2026-11-24", A_DAY_IS_WORTH, NOW)
    assert (chosen, reason.code, reason.numbers["deliver_by"]) == ("express", "CHEAPEST_IN_TIME", "2026-11-24")


def test_a_day_that_no_option_keeps_is_missed_by_as_little_as_possible():
    options = [an_option("standard", 500, "2026-11-25"), an_option("express", 9_500, "2026-11-23")]

    chosen, reason = recommend(options, "2026-11-20", A_DAY_IS_WORTH, NOW)

    assert (chosen, reason.code) == ("express", "SOONEST_BUT_LATE")


def test_the_customers_first_method_comes_first_as_long_as_it_brings_everything():
    parcel = an_option("standard", 5_000, "2026-11-25")
    counter = an_option("pickup", 0, "2026-11-19", method="PICKUP")
    half = an_option("standard", 5_000, None, complete=False, units=1)

    assert recommend([parcel, counter], None, A_DAY_IS_WORTH, NOW)[1].code == "ONLY_ONE"
    assert recommend([parcel, counter], None, A_DAY_IS_WORTH, NOW)[0] == "standard"
    assert recommend([counter, parcel], None, A_DAY_IS_WORTH, NOW)[0] == "pickup"
    assert recommend([half, counter], None, A_DAY_IS_WORTH, NOW)[0] == "pickup"


def test_where_nothing_is_complete_the_most_units_are_best_and_where_nothing_is_there_nothing_is():
    some = [an_option("a", 1, None, complete=False, units=1), an_option("b", 9, None, complete=False, units=2)]
    none = [an_option("a", 0, None, complete=False, units=0)]

    chosen, reason = recommend(some, None, A_DAY_IS_WORTH, NOW)

    assert (chosen, reason.code, reason.numbers) == ("b", "MOST_UNITS", {"units": 2})
    assert recommend(none, None, A_DAY_IS_WORTH, NOW)[0] is None
    assert recommend([], None, A_DAY_IS_WORTH, NOW)[1].code == "NOTHING"
