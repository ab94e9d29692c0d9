"""Test the rules of hold types: each part of a condition, lines, velocity and scores."""

from dataclasses import replace

import pytest

from comanda.domain.orders import hold_rules, holds, rule_holds
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.hold_rules import Condition, EarlierOrders, Facts, NeededFacts, Score, ScoreRule, Velocity
from tests.builders import a_bundle, a_hold_type, a_line, a_tender, an_order

ORDER = an_order(
    a_line("TEA", 3, 1000, discount=100),
    a_line("POT", 1, 4000),
    tags=("gift",),
    payments=(a_tender(99_999),),
    destination=Destination(country="US", region="IL", latitude=41.9, longitude=-87.6, precision="CITY"),
)
FACTS = Facts(classes={"TEA": "food"}, addresses_differ=True, first_order=True)


@pytest.mark.parametrize(
    ("parts", "true"),
    [
        ({}, True),
        ({"total_at_least": (6900, "USD")}, True),
        ({"total_at_least": (6901, "USD")}, False),
        ({"total_at_least": (1, "BRL")}, False),
        ({"units_at_least": 4}, True),
        ({"units_at_least": 5}, False),
        ({"lines_at_least": 2}, True),
        ({"lines_at_least": 3}, False),
        ({"channels": ("web", "store")}, True),
        ({"channels": ("store",)}, False),
        ({"tags": ("vip", "gift")}, True),
        ({"tags": ("vip",)}, False),
        ({"skus": ("POT",)}, True),
        ({"skus": ("CUP",)}, False),
        ({"classes": ("food", "fuel")}, True),
        ({"classes": ("fuel",)}, False),
        ({"skus": ("POT",), "classes": ("food",)}, False),  # no one line is both
        ({"payment_methods": ("CARD",)}, True),
        ({"payment_methods": ("PIX",)}, False),
        ({"countries": ("US",)}, True),
        ({"countries": ("CA",)}, False),
        ({"precisions": ("CITY", "REGION")}, True),
        ({"precisions": ("GIVEN",)}, False),
        ({"addresses_differ": True}, True),
        ({"addresses_differ": False}, False),
        ({"first_order": True}, True),
        ({"first_order": False}, False),
        ({"tags": ("gift",), "countries": ("CA",)}, False),
    ],
)
def test_a_condition_is_true_if_each_part_of_it_is(parts, true):
    assert hold_rules.true_of_order(Condition(**parts), ORDER, FACTS) == true


@pytest.mark.parametrize("parts", [{"addresses_differ": False}, {"first_order": False}, {"classes": ("food",)}])
def test_a_part_whose_fact_nobody_knows_is_false(parts):
    assert not hold_rules.true_of_order(Condition(**parts), ORDER, Facts())


@pytest.mark.parametrize(
    ("destination", "precision"),
    [
        (Destination(country="US", latitude=1.0, longitude=1.0), "GIVEN"),
        (Destination(country="US"), "NOWHERE"),
        (Destination(country="US", latitude=1.0, longitude=1.0, precision="REGION"), "REGION"),
    ],
)
def test_coordinates_that_were_given_or_are_missing_count_as_precisions(destination, precision):
    order = replace(ORDER, destination=destination)

    assert hold_rules.true_of_order(Condition(precisions=(precision,)), order, FACTS)


def test_one_of_many_destinations_is_enough():
    order = replace(ORDER, destinations=(Destination(country="CA"),))

    assert hold_rules.true_of_order(Condition(countries=("CA",), precisions=("NOWHERE",)), order, FACTS)


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        ({}, ("1", "2")),
        ({"total_at_least": (2900, "USD")}, ("1", "2")),
        ({"total_at_least": (2901, "USD")}, ("2",)),
        ({"units_at_least": 2}, ("1",)),
        ({"classes": ("food",)}, ("1",)),
        ({"skus": ("POT", "CUP")}, ("2",)),
        ({"skus": ("POT",), "countries": ("CA",)}, ()),
    ],
)
def test_lines_are_held_of_which_the_condition_is_true(parts, lines):
    assert hold_rules.lines_of(Condition(**parts), ORDER, FACTS) == lines
    found = rule_holds.judged(a_hold_type(level=holds.LINE, when=Condition(**parts)), ORDER, FACTS)
    assert (found.lines if found else ()) == lines


def test_the_components_of_a_bundle_are_held_with_it_and_found_by_their_own_sku():
    sold = an_order(*a_bundle("SET", 2, 3000))
    parts = tuple(line.line_id for line in sold.lines)
    assert parts

    assert hold_rules.lines_of(Condition(skus=("SET",)), sold, FACTS) == parts
    assert hold_rules.true_of_order(Condition(skus=(sold.lines[0].sku,)), sold, FACTS)
    assert hold_rules.true_of_order(Condition(units_at_least=2, lines_at_least=1), sold, FACTS)
    assert not hold_rules.true_of_order(Condition(units_at_least=3), sold, FACTS)


@pytest.mark.parametrize(
    ("limits", "earlier", "fast"),
    [
        ({"orders_at_least": 3}, (EarlierOrders(orders=2),), True),
        ({"orders_at_least": 3}, (EarlierOrders(orders=1),), False),
        ({"orders_at_least": 2}, (), False),
        ({"orders_at_least": 3}, (EarlierOrders(orders=1), EarlierOrders(orders=2)), True),
        ({"orders_at_least": 3}, (EarlierOrders(orders=1), EarlierOrders(orders=1)), False),
        ({"total_at_least": (10_000, "USD")}, (EarlierOrders(orders=1, totals={"USD": 3100}),), True),
        ({"total_at_least": (10_000, "USD")}, (EarlierOrders(orders=1, totals={"USD": 3099}),), False),
        ({"total_at_least": (10_000, "USD")}, (EarlierOrders(orders=1, totals={"BRL": 99_999}),), False),
        ({"total_at_least": (10_000, "BRL")}, (EarlierOrders(orders=1, totals={"BRL": 10_000}),), True),
        ({"orders_at_least": 2, "total_at_least": (6900, "USD")}, (EarlierOrders(),), False),
        ({"orders_at_least": 2, "total_at_least": (6900, "USD")}, (EarlierOrders(orders=1),), True),
    ],
)
def test_velocity_counts_the_new_order_too(limits, earlier, fast):
    asked = []

    def counted(per, hours):
        asked.append((per, hours))
        return earlier

    condition = Condition(velocity=Velocity(per=hold_rules.EMAIL, hours=24, **limits))

    assert hold_rules.true_of_order(condition, ORDER, Facts(earlier=counted)) == fast
    assert asked == [("EMAIL", 24)]


def test_only_what_conditions_need_is_read():
    def fast(per, hours):
        return Condition(velocity=Velocity(per=per, hours=hours, orders_at_least=2))

    assert hold_rules.needed([Condition(tags=("vip",))]) == NeededFacts(first_order=False, velocity={})
    asked = [fast("EMAIL", 24), fast("EMAIL", 48), fast("PHONE", 1), Condition(first_order=False)]
    assert hold_rules.needed(asked) == NeededFacts(first_order=True, velocity={"EMAIL": 48, "PHONE": 1})


RULES = (
    ScoreRule(id="abroad", points=40, when=Condition(countries=("CA", "US"))),
    ScoreRule(id="dear", points=30, when=Condition(total_at_least=(6900, "USD"))),
    ScoreRule(id="known", points=-50, when=Condition(first_order=False)),
    ScoreRule(id="tagged", points=99, when=Condition(tags=("vip",))),
)


@pytest.mark.parametrize(
    ("at_least", "first_order", "contributions"),
    [
        (70, True, (("abroad", 40), ("dear", 30))),
        (71, True, None),
        (70, False, None),
        (20, False, (("abroad", 40), ("dear", 30), ("known", -50))),
    ],
)
def test_an_order_is_held_from_a_score_and_the_hold_keeps_every_contribution(at_least, first_order, contributions):
    kind = a_hold_type(score=Score(at_least=at_least, rules=RULES))

    found = rule_holds.judged(kind, ORDER, Facts(first_order=first_order))

    assert (found.contributions if found else None) == contributions


def test_a_type_without_a_rule_holds_nothing_by_itself():
    assert rule_holds.judged(a_hold_type(), ORDER, FACTS) is None
    assert list(a_hold_type().conditions()) == []
    assert len(list(a_hold_type(score=Score(at_least=1, rules=RULES)).conditions())) == 4
