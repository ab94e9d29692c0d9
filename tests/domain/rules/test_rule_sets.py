"""The most exact rule set applies to a line, and a rule runs for the orders that match it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from comanda.domain.rules.rule_sets import AppliesTo, Goods, LineTest, OrderFacts, Rule, RuleSet, When, choose

NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
ASKED = OrderFacts(
    seller="acme",
    channel="web",
    sourcing_class="local",
    country="US",
    region="NY",
    currency="USD",
    value=10_000,
    priority=3,
    tags=("vip", "gift"),
)
TEA = Goods(class_="grocery", categories=("food", "drinks", "tea"), tags=("fragile",), requires=("cold",))


def a_set(name: str, *, starts: datetime | None = None, ends: datetime | None = None, **applies: object) -> RuleSet:
    return RuleSet(
        rule_set_id=name,
        version=1,
        rules=(Rule(name="any"),),
        applies_to=AppliesTo(**applies),
        starts=starts,
        ends=ends,
    )


def spoken_by(*sets: RuleSet, now: datetime = NOW, method: str = "SHIP") -> str | None:
    found = choose(sets, ASKED, "TEA-001", TEA, method, now)
    assert choose(sets[::-1], ASKED, "TEA-001", TEA, method, now) == found
    return found.rule_set_id if found else None


# From the least exact to the most: each goes before all that stand above it, even together.
EXACTNESS = (
    {},
    {"regions": ("US-NY",)},
    {"category_3": ("tea",)},
    {"category_2": ("drinks",)},
    {"category_1": ("food",)},
    {"skus": ("TEA-001",)},
    {"sourcing_classes": ("local",)},
    {"sellers": ("acme",)},
)


@pytest.mark.parametrize("n", range(1, len(EXACTNESS)))
def test_a_more_exact_field_wins_over_all_less_exact_fields(n: int) -> None:
    below: dict[str, object] = {}
    for one in EXACTNESS[:n]:
        below |= one

    assert spoken_by(a_set("exact", **EXACTNESS[n]), a_set("below", **below)) == "exact"


@pytest.mark.parametrize(
    "applies",
    [
        {"sellers": ("other",)},
        {"sourcing_classes": ("b2b",)},
        {"skus": ("TEA-002",)},
        {"category_1": ("drinks",)},  # which is its second
        {"regions": ("BR", "US-CA")},
        {"skus": ("TEA-001",), "regions": ("BR",)},
        {"method": "PICKUP"},
    ],
)
def test_a_set_that_names_another_value_does_not_apply(applies: dict[str, object]) -> None:
    assert spoken_by(a_set("other", **applies)) is None


def test_a_set_names_a_country_or_a_region_of_it() -> None:
    assert spoken_by(a_set("country", regions=("US",))) == "country"
    assert spoken_by(a_set("region", regions=("BR-SP", "US-NY"))) == "region"


def test_among_equally_exact_sets_the_latest_start_wins_then_the_first_id() -> None:
    old, new = a_set("a", starts=NOW - timedelta(days=9)), a_set("b", starts=NOW - timedelta(days=1))

    assert spoken_by(old, new) == "b"
    assert spoken_by(a_set("b"), a_set("a")) == "a"


def test_a_set_applies_from_its_start_until_its_end_which_is_not_included() -> None:
    peak = a_set("peak", starts=NOW, ends=NOW + timedelta(hours=1), regions=("US",))
    usual = a_set("usual")

    told = [spoken_by(peak, usual, now=NOW + timedelta(minutes=m)) for m in (-1, 0, 59, 60)]

    assert told == ["usual", "peak", "peak", "usual"]


LINES = (("TEA-001", "STANDARD", TEA), ("POT-001", "EXPRESS", Goods(class_="ware")))


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (When(), True),
        (When(channels=("web", "app")), True),
        (When(channels=("app",)), False),
        (When(sourcing_classes=("local",)), True),
        (When(sourcing_classes=("b2b",)), False),
        (When(countries=("US",)), True),
        (When(countries=("BR",)), False),
        (When(regions=("US-NY",)), True),
        (When(regions=("US-CA",)), False),
        (When(tags=("gift", "none")), True),
        (When(tags=("none",)), False),
        (When(value_from=(10_000, "USD")), True),
        (When(value_from=(10_001, "USD")), False),
        (When(value_from=(1, "EUR")), False),
        (When(value_below=(10_001, "USD")), True),
        (When(value_below=(10_000, "USD")), False),
        (When(value_below=(99_999, "EUR")), False),
        (When(priority_up_to=3), True),
        (When(priority_up_to=2), False),
        (When(from_day="2026-11-19", to_day="2026-11-19"), True),
        (When(from_day="2026-11-20"), False),
        (When(to_day="2026-11-18"), False),
        (When(any_line=LineTest(requires=("cold",))), True),
        (When(all_lines=LineTest(requires=("cold",))), False),
        (When(all_lines=LineTest(skus=("TEA-001", "POT-001"))), True),
        (When(any_line=LineTest(categories=("tea",), services=("EXPRESS",))), False),  # both of one line
        (When(any_line=LineTest(classes=("ware",), services=("EXPRESS",))), True),
        (When(any_line=LineTest(tags=("fragile",))), True),
        (When(channels=("web",), priority_up_to=2), False),  # all that is said
    ],
    ids=str,
)
def test_a_rule_runs_for_orders_that_match_all_its_conditions(when: When, holds: bool) -> None:
    assert when.matches(ASKED, LINES, NOW) is holds


def test_an_order_without_a_region_is_in_its_country_only() -> None:
    nowhere = replace(ASKED, region="")

    assert When(regions=("US",)).matches(nowhere, LINES, NOW)
    assert not When(regions=("US-NY",)).matches(nowhere, LINES, NOW)


def test_a_part_of_the_cost_without_a_weight_counts_whole() -> None:
    rule = Rule(name="green", weights=(("carbon", 300), ("shipping", 0)))

    assert [rule.weight(part) for part in ("carbon", "shipping", "handling")] == [300, 0, 100]
