"""Test which rules of holds a change asks again: each kind of condition against each kind of change, and after an answer."""

from dataclasses import replace

import pytest

from comanda.domain.lifecycle.changes import added_holds, pending_changes
from comanda.domain.lifecycle.changes.added_holds import HoldRules
from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.change import change
from comanda.domain.lifecycle.changes.changed_amounts import (
    AppeasementReason,
    NewAppeasement,
    NewCharge,
    NewDiscount,
    NewPrice,
)
from comanda.domain.lifecycle.changes.changed_units import NewQuantity
from comanda.domain.lifecycle.changes.changing import ChangeTerms
from comanda.domain.lifecycle.changes.replaced_units import Replacement
from comanda.domain.lifecycle.changes.wanted_changes import NewNote, NewPriority, NewTags, NewTaxId
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.modifications.modification_matrix import Matrix
from comanda.domain.lifecycle.moving.wanted import NewRequested, NewService
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.orders import holds, rule_holds
from comanda.domain.orders.hold_rules import Condition, EarlierOrders, Facts, Score, ScoreRule, Velocity
from tests.builders import (
    NOW,
    a_bundle,
    a_hold_type,
    a_line,
    a_shipment,
    a_step,
    a_tender,
    an_order,
    offered,
    placed,
    saved,
)

LIMIT = 1000
FACTS = Facts(
    classes={"TEA": "food", "POT": "fuel", "CUP": "fuel"},
    addresses_differ=True,
    first_order=True,
    earlier=lambda _per, _hours: [EarlierOrders(orders=3, totals={"USD": 500})],
)
PIX = replace(a_tender(1), method="PIX")


def the_order():
    """An order of 3 units of 3000, to which every condition below applies: no type held it when it was placed."""
    return placed(
        an_order(a_line("TEA", 2, 1000), a_line("POT", 1, 1000), tags=("gift",), payments=(a_tender(99_999),))
    )


def joining(sku="TEA", quantity=1, price=100):
    return NewLines(lines=(a_line(sku, quantity, price, line_id="9"),))


def instead(sku="CUP", quantity=1, price=None):
    return Replacement(line_id="1", quantity=quantity, new_line_id="9", sku=sku, title="x", unit_price=price)


CHANGES = {
    "dearer": NewPrice(line_id="1", unit_price=1100),
    "cheaper": NewPrice(line_id="1", unit_price=900),
    "charge": NewCharge(kind="WRAP", amount=100),
    "discount": NewDiscount(code="X", amount=100),
    "appeasement": NewAppeasement(why=AppeasementReason.LATE, amount=100),
    "more": NewQuantity(line_id="1", quantity=3),
    "fewer": NewQuantity(line_id="1", quantity=1),
    "line": joining(),
    "other_line": joining("CUP"),
    "replaced": instead(price=1000),
    "tag": NewTags(tags=("gift", "vip")),
    "no_tag": NewTags(tags=()),
    "pix": NewPriority(priority=1),  # with a payment of another method
    "priority": NewPriority(priority=1),
    "note": NewNote(),
    "tax_id": NewTaxId(),
    "requested": NewRequested(deliver_by="2027-01-05"),
    "service": NewService(service="EXPRESS"),
}

ADDS_VALUE = {"dearer", "charge", "more", "line", "other_line"}
# Each condition is true of the order before and after every change, but for what a change takes away.
ASKED = (
    ({"total_at_least": (LIMIT, "USD")}, ADDS_VALUE),
    ({"units_at_least": 1}, {"more", "line", "other_line"}),
    ({"lines_at_least": 1}, {"line", "other_line", "replaced"}),
    ({"skus": ("TEA",)}, {"line"}),
    ({"skus": ("CUP", "TEA")}, {"line", "other_line", "replaced"}),
    ({"classes": ("fuel",)}, {"other_line", "replaced"}),
    ({"tags": ("gift", "vip")}, {"tag"}),
    ({"payment_methods": ("CARD", "PIX")}, {"pix"}),
    ({"velocity": Velocity(per="EMAIL", hours=1, total_at_least=(LIMIT, "USD"))}, ADDS_VALUE),
    ({"velocity": Velocity(per="EMAIL", hours=1, orders_at_least=2)}, set()),
    ({"channels": ("web",)}, set()),
    ({"countries": ("US",)}, set()),  # an address is judged by itself: tests/functions/intake/changes/test_moves.py
    ({"precisions": ("GIVEN",)}, set()),
    ({"addresses_differ": True}, set()),
    ({"first_order": True}, set()),
    ({}, set()),
    ({"total_at_least": (LIMIT, "USD"), "tags": ("gift", "vip")}, {*ADDS_VALUE, "tag"}),
    ({"channels": ("web",), "first_order": True, "units_at_least": 1}, {"more", "line", "other_line"}),
)


def made(order, name, *kinds):
    """Make the change of this name, and return the order."""
    payments = (PIX,) if name == "pix" else (a_tender(99_999),)
    terms = ChangeTerms(
        reason="x", actor="shop", now=NOW, payments=payments, rules=HoldRules(kinds=kinds, facts=lambda *_: FACTS)
    )
    wanted = CHANGES[name] if isinstance(name, str) else name
    return saved(change(order, [wanted], Matrix(), terms).decision)


def a_type(**fields):
    return a_hold_type("RULE", when=Condition(**fields.pop("when")), **fields)


@pytest.mark.parametrize(("parts", "asked"), ASKED)
def test_a_change_asks_the_conditions_that_read_what_it_adds(parts, asked):
    kind = a_type(when=parts)
    assert rule_holds.judged(kind, the_order(), FACTS)

    found = {name for name in CHANGES if made(the_order(), name, kind).holds}

    assert found == asked


OF_LINES = (
    ({"total_at_least": (LIMIT, "USD")}, {"dearer": ("1",), "more": ("1",), "line": ("1", "9"), "replaced": ("9",)}),
    ({"units_at_least": 1}, {"more": ("1",), "line": ("1", "9"), "other_line": ("9",), "replaced": ("9",)}),
    ({"skus": ("TEA", "CUP")}, {"line": ("9",), "other_line": ("9",), "replaced": ("9",)}),
    ({"classes": ("fuel",)}, {"other_line": ("9",), "replaced": ("9",)}),
    ({"tags": ("vip",)}, {"tag": ("1", "2")}),
    ({"payment_methods": ("PIX",)}, {"pix": ("1", "2")}),
    ({}, {"line": ("9",), "other_line": ("9",), "replaced": ("9",)}),
)


@pytest.mark.parametrize(("parts", "asked"), OF_LINES)
def test_a_type_of_lines_holds_the_lines_that_are_new_or_grow(parts, asked):
    kind = a_type(when=parts, level=holds.LINE)

    found = {name: made(the_order(), name, kind).holds for name in CHANGES}

    assert {name: held[0].lines for name, held in found.items() if held} == asked
    assert all(len(held) <= 1 for held in found.values())


def answered(order, *kinds):
    """Return the order with its active holds resolved by a person."""
    for hold in order.holds:
        order = saved(review.resolve(order, hold.hold_id, "holds", "fine", "desk", NOW)) if hold.active else order
    return order


def types_held(order):
    return [(hold.type, hold.active) for hold in order.holds]


def test_two_changes_do_not_pass_a_rule_by_that_one_would_not_pass():
    kind = a_type(when={"total_at_least": (5000, "USD")})
    for first in (
        NewCharge(kind="WRAP", amount=2500),
        NewPrice(line_id="1", unit_price=2500),
        joining("CUP", 1, 2500),
        NewQuantity(line_id="1", quantity=5),
    ):
        order = made(the_order(), first, kind)
        assert types_held(order) == [("RULE", True)]
        assert types_held(made(order, NewQuantity(line_id="2", quantity=4), kind)) == [("RULE", True)]


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_an_answered_hold_does_not_come_back_because_of_a_change_that_adds_little(name):
    kinds = [
        a_type(when={"total_at_least": (2 * LIMIT, "USD")}),
        a_type(when={"units_at_least": 3}),
        a_type(when={"lines_at_least": 2}),
        a_type(when={"skus": ("TEA",)}),
        a_type(when={"velocity": Velocity(per="EMAIL", hours=1, total_at_least=(2 * LIMIT, "USD"))}),
        a_type(when={}),
        a_hold_type(
            "RULE", score=Score(at_least=1, rules=(ScoreRule(id="a", points=9, when=Condition(skus=("TEA",))),))
        ),
    ]
    for kind in kinds:
        order = answered(saved(review.hold(the_order(), kind, "look", "desk", NOW)))

        assert types_held(made(order, name, kind)) == [("RULE", False)]


def test_an_answer_stands_for_what_was_there():
    kind = a_type(when={"total_at_least": (LIMIT, "USD")})
    order = answered(placed(the_order(), kind))
    for _ in range(9):  # each adds little, and all of them as much as the limit but for 100
        order = made(order, "charge", kind)
        assert types_held(order) == [("RULE", False)]

    order = made(order, "charge", kind)
    assert types_held(order) == [("RULE", False), ("RULE", True)]
    order = answered(order)
    assert types_held(made(order, "charge", kind)) == [("RULE", False), ("RULE", False)]
    assert types_held(made(order, NewCharge(kind="X", amount=LIMIT), kind))[-1] == ("RULE", True)


def test_what_was_given_back_may_be_added_again_without_a_question():
    kind = a_type(when={"total_at_least": (LIMIT, "USD")})
    order = answered(placed(the_order(), kind))
    order = made(order, NewPrice(line_id="1", unit_price=1), kind)

    assert types_held(made(order, NewPrice(line_id="1", unit_price=1400), kind)) == [("RULE", False)]
    assert types_held(made(order, NewPrice(line_id="1", unit_price=1500), kind))[-1] == ("RULE", True)


def test_an_answer_below_the_limit_says_nothing_of_the_limit():
    kind = a_type(when={"total_at_least": (3050, "USD")})
    order = answered(saved(review.hold(the_order(), kind, "looks odd", "desk", NOW)))

    assert types_held(made(order, "charge", kind))[-1] == ("RULE", True)


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ({"skus": ("TEA", "CUP")}, "other_line"),
        ({"classes": ("food", "fuel")}, "other_line"),
        ({"tags": ("gift", "vip")}, "tag"),
        ({"payment_methods": ("CARD", "PIX")}, "pix"),
        ({"units_at_least": 1}, "more"),
        ({"lines_at_least": 1}, "line"),
        ({"velocity": Velocity(per="EMAIL", hours=1, total_at_least=(100, "USD"))}, "charge"),
    ],
)
def test_what_nobody_has_seen_is_asked_about_after_an_answer(parts, name):
    kind = a_type(when=parts)
    order = answered(saved(review.hold(the_order(), kind, "look", "desk", NOW)))

    assert types_held(made(order, name, kind)) == [("RULE", False), ("RULE", True)]


def test_an_answer_about_lines_stands_for_these_lines():
    kind = a_type(when={"total_at_least": (LIMIT, "USD")}, level=holds.LINE)
    order = answered(placed(the_order(), kind))
    assert order.holds[0].lines == ("1", "2")

    assert types_held(made(order, "more", kind))[-1] == ("RULE", True)
    assert types_held(made(order, "dearer", kind)) == [("RULE", False)]
    after = made(order, joining("CUP", 1, LIMIT), kind)
    assert (types_held(after)[-1], after.holds[-1].lines) == (("RULE", True), ("9",))


@pytest.mark.parametrize(("limit", "held"), [({"units_at_least": 10}, 12), ({"total_at_least": (10_000, "USD")}, 12)])
def test_lines_of_one_article_count_together_so_that_nobody_splits_a_line_to_pass_a_limit(limit, held):
    kind = a_type(when=limit, level=holds.LINE)
    split = an_order(a_line("TEA", 6, 1000), a_line("CUP", 6, 1000), a_line("TEA", held - 6, 1000))
    below = an_order(a_line("TEA", 6, 1000), a_line("CUP", 6, 1000), a_line("TEA", 1, 1000))

    assert [hold.lines for hold in placed(split, kind).holds] == [("1", "3")]
    order = placed(below, kind)
    assert order.holds == ()
    order = made(order, joining("TEA", 3, 1000), kind)
    assert [hold.lines for hold in order.holds] == [("1", "3", "9")]


def test_an_answer_about_an_article_stands_for_further_lines_of_it_that_add_little():
    kind = a_type(when={"units_at_least": 10}, level=holds.LINE)
    order = answered(placed(an_order(a_line("TEA", 6, 1000), a_line("TEA", 6, 1000)), kind))

    little = made(order, joining("TEA", 9, 1000), kind)
    much = made(order, joining("TEA", 10, 1000), kind)

    assert types_held(little) == [("RULE", False)]
    assert [hold.lines for hold in much.holds if hold.active] == [("1", "2", "9")]


def test_a_line_with_an_active_hold_gets_no_second_one():
    kind = a_type(when={}, level=holds.LINE)
    order = placed(the_order(), kind)

    after = made(order, "line", kind)

    assert [hold.lines for hold in after.holds] == [("1", "2"), ("9",)]
    assert types_held(made(after, "more", kind)) == [("RULE", True), ("RULE", True)]


def test_further_sets_of_a_bundle_are_asked_about_by_their_components():
    kind = a_type(when={"total_at_least": (2000, "USD")}, level=holds.LINE)
    order = placed(an_order(*a_bundle("SET", 1, 1500)))

    after = made(order, NewQuantity(line_id="b", quantity=2), kind)

    assert set(after.holds[0].lines) == {line.line_id for line in order.lines}


def test_units_that_are_cancelled_do_not_count():
    kind = a_type(when={"units_at_least": 4})
    order = made(the_order(), NewQuantity(line_id="1", quantity=1), kind)

    assert made(order, NewQuantity(line_id="2", quantity=2), kind).holds == ()
    assert types_held(made(order, NewQuantity(line_id="2", quantity=3), kind)) == [("RULE", True)]


def test_a_rule_that_speaks_for_an_order_is_asked_when_it_speaks_no_more():
    rules = (
        ScoreRule(id="pot", points=50, when=Condition(skus=("POT",))),
        ScoreRule(id="trusted", points=-50, when=Condition(tags=("gift",))),
    )
    kind = a_hold_type("RULE", score=Score(at_least=50, rules=rules))
    assert placed(the_order(), kind).holds == ()

    after = made(the_order(), "no_tag", kind)

    assert [hold.contributions for hold in after.holds] == [(("pot", 50),)]
    assert made(the_order(), "tag", kind).holds == ()


def test_a_type_that_is_not_active_and_an_order_that_has_left_are_not_asked():
    kind = a_type(when={"tags": ("vip",)})
    order = the_order()
    gone = saved(ship(offered(order), a_step(), a_shipment()))
    tagged = replace(gone, tags=("vip",))

    assert made(order, "tag", replace(kind, active=False)).holds == ()
    rules = HoldRules(kinds=(kind,))
    assert added_holds.with_holds(gone, tagged, rules, NOW) == (tagged, ())
    assert types_held(added_holds.with_holds(order, replace(order, tags=("vip",)), rules, NOW)[0]) == [("RULE", True)]


def test_a_further_payment_asks_about_its_method():
    kind = a_type(when={"payment_methods": ("PIX",)})
    rules = HoldRules(kinds=(kind,))

    paid = pending_changes.with_payments(the_order(), [PIX], "shop", NOW, rules=rules)

    assert types_held(paid.order) == [("RULE", True)]
    assert (paid.event.data["holds"], [task.item for task in paid.tasks]) == (["h1"], ["h1"])
    assert pending_changes.with_payments(the_order(), [a_tender(1)], "shop", NOW, rules=rules).order.holds == ()


def test_a_hold_that_payments_place_by_themselves_answers_no_rule():
    kind = replace(a_type(when={"payment_methods": ("PIX",)}), id=holds.PAYMENT)
    ended = a_tender(99_999, expires_at=NOW)
    order = placed(an_order(a_line("TEA", 2, 1000), payments=(ended,)))
    assert [(hold.type, hold.by) for hold in order.holds] == [("PAYMENT", "payments")]

    paid = pending_changes.with_payments(
        order, [replace(PIX, authorized=9999)], "shop", NOW, rules=HoldRules(kinds=(kind,))
    )

    assert [(hold.by, hold.active) for hold in paid.order.holds] == [("payments", False), ("rules", True)]


def test_facts_are_read_for_the_types_that_are_asked_alone():
    asked = []
    kinds = (a_hold_type("A", skus=("CUP",)), a_hold_type("B", total_at_least=(1, "USD")), a_hold_type("C"))

    def facts(kinds, *_):
        asked.append([kind.id for kind in kinds])
        return FACTS

    rules = HoldRules(kinds=kinds, facts=facts)
    for name in ("charge", "note", "priority"):
        terms = ChangeTerms(reason="x", actor="shop", now=NOW, payments=(a_tender(999),), rules=rules)
        change(the_order(), [CHANGES[name]], Matrix(), terms)

    assert asked == [["B"]]
