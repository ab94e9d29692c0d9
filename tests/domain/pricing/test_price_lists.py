"""The list that began last says what a unit costs, and lists that contradict each other are named."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.pricing.price_lists import (
    ListPrice,
    Price,
    PriceChange,
    PriceList,
    changed,
    contradictions,
    in_force,
)

DAYS = [f"2026-11-{day:02d}" for day in range(1, 8)]


def a_list(name: str = "base", first: str = "2026-11-01", until: str | None = None, **changes: Any) -> PriceList:
    return PriceList(
        **{
            "id": name,
            "version": 1,
            "prices": name,
            "channels": frozenset({"web"}),
            "currency": "USD",
            "valid_from": first,
            "valid_until": until,
            **changes,
        }
    )


def a_price(sku: str, amount: int, at: str = "2026-11-01") -> Price:
    return Price(sku=sku, unit_price=amount, at=at)


def codes(new: PriceList, *others: PriceList) -> list[tuple[str, str]]:
    return [(problem.pointer, problem.code) for problem in contradictions(new, others)]


def test_the_list_that_began_last_is_asked_first_and_ends_before_its_last_day():
    base, week = a_list(), a_list("week", "2026-11-03", "2026-11-05")

    assert [[one.id for one in in_force((base, week), "web", "USD", day)] for day in DAYS[1:5]] == [
        ["base"],
        ["week", "base"],
        ["week", "base"],
        ["base"],
    ]


@pytest.mark.parametrize(
    ("channel", "currency", "day"),
    [("outlet", "USD", "2026-11-02"), ("web", "EUR", "2026-11-02"), ("web", "USD", "2026-10-31")],
)
def test_a_list_holds_for_its_channels_currency_and_days_alone(channel: str, currency: str, day: str):
    assert in_force((a_list(),), channel, currency, day) == ()


def test_two_lists_that_begin_on_one_day_contradict_each_other_and_the_other_is_named():
    (problem,) = contradictions(a_list("new"), [a_list("old", channels=frozenset({"web", "outlet"}))])

    assert (problem.pointer, problem.code) == ("/valid_from", "same-day")
    assert problem.message.startswith("the price list old holds for web in USD from the same day")


@pytest.mark.parametrize(
    "other",
    [
        a_list("other", "2026-11-02"),
        a_list("other", channels=frozenset({"outlet"})),
        a_list("other", currency="EUR"),
        a_list("new", includes_tax=True),  # its own version before
    ],
    ids=["another day", "another channel", "another currency", "itself"],
)
def test_lists_that_do_not_meet_or_do_not_begin_together_are_no_contradiction(other: PriceList):
    assert codes(a_list("new"), other) == []


def test_lists_that_meet_agree_whether_prices_include_tax():
    base = a_list("base", includes_tax=True)

    assert codes(a_list("week", "2026-11-03", "2026-11-05"), base) == [("/includes_tax", "mixed-tax")]
    assert codes(a_list("before", "2026-10-01", "2026-11-01"), base) == []


@given(st.lists(st.tuples(st.sampled_from(DAYS), st.none() | st.sampled_from(DAYS)), max_size=6))
def test_lists_without_contradictions_have_one_order_on_every_day(spans: list[tuple[str, str | None]]):
    kept: list[PriceList] = []
    for i, (first, until) in enumerate(spans):
        one = a_list(f"l{i}", first, until if until is None or until > first else None)
        if not codes(one, *kept):
            kept.append(one)

    for day in DAYS:
        found = in_force(kept, "web", "USD", day)
        starts = [one.valid_from for one in found]
        assert starts == sorted(set(starts), reverse=True)
        assert set(found) == {one for one in kept if one.holds_on(day)}


@pytest.mark.parametrize(("own", "of_list", "rate"), [("0.1", "0.2", "0.1"), (None, "0.2", "0.2"), (None, None, None)])
def test_a_price_has_its_own_rate_else_that_of_its_list(own: str | None, of_list: str | None, rate: str | None):
    price = Price(sku="TEA", unit_price=1, at="", tax_rate=own)

    assert ListPrice(price=price, of=a_list(tax_rate=of_list)).tax_rate == rate


def stated(*prices: Price) -> list[PriceChange]:
    return [PriceChange(sku=one.sku, at=one.at, price=one) for one in prices]


def costs(*args: Any) -> dict[str, int | None]:
    return {one.sku: one.price.unit_price if one.price else None for one in changed(*args)}


def test_changes_replace_add_and_remove_prices_and_leave_the_others():
    before = stated(a_price("A", 1), a_price("B", 2), a_price("C", 3))
    later = "2026-11-02"
    changes = [
        PriceChange(sku="B", at=later, price=a_price("B", 20, later)),
        PriceChange(sku="C", at=later, price=None),
        PriceChange(sku="D", at=later, price=a_price("D", 40, later)),
        PriceChange(sku="E", at=later, price=None),
    ]

    assert costs(before, changes, "") == {"A": 1, "B": 20, "C": None, "D": 40, "E": None}


def test_a_change_that_is_older_than_the_price_changes_nothing():
    before = stated(a_price("A", 1, "2026-11-03"))

    assert costs(before, [PriceChange(sku="A", at="2026-11-02", price=None)], "") == {"A": 1}
    assert costs(before, [PriceChange(sku="A", at="2026-11-03", price=None)], "") == {"A": None}


def test_a_price_that_was_removed_later_or_left_out_of_all_prices_later_does_not_come_back():
    removed = [PriceChange(sku="A", at="2026-11-03", price=None)]
    older = stated(a_price("A", 1, "2026-11-02"))

    assert costs(removed, older, "") == {"A": None}
    assert costs([], older, "2026-11-03") == {}
    assert costs([], older, "2026-11-02") == {"A": 1}


@given(st.permutations([(at, price) for at, price in enumerate([10, None, 30, None, 50, 60, None])]))
def test_the_order_in_which_files_are_laid_over_a_list_makes_no_difference(order: Any):
    now: list[PriceChange] = []
    for at, price in order:
        one = None if price is None else a_price("A", price, str(at))
        now = list(changed(now, [PriceChange(sku="A", at=str(at), price=one)], ""))

    assert [one.price for one in now] == [None]
