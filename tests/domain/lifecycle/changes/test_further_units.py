"""Lines that join an order, units of another sku, further sets, and money given back: to the cent, and asked about by holds."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing import header_amounts, invoices
from comanda.domain.errors import Invalid
from comanda.domain.lifecycle.changes.added_holds import HoldRules
from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.change import change
from comanda.domain.lifecycle.changes.changed_amounts import AppeasementReason, NewAppeasement, NewDiscount, NewPrice
from comanda.domain.lifecycle.changes.changed_units import NewQuantity
from comanda.domain.lifecycle.changes.changing import ChangeTerms
from comanda.domain.lifecycle.changes.giving import given_after_sale
from comanda.domain.lifecycle.changes.replaced_units import Replacement
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.modifications.modification_matrix import Level, Matrix, Modification, Rule
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.hold_rules import Condition
from comanda.domain.orders.status import Status
from functions.invoice.rules import bill
from tests.builders import (
    NOW,
    a_bundle,
    a_hold_type,
    a_line,
    a_node,
    a_shipment,
    a_step,
    a_tender,
    an_order,
    offered,
    placed,
    saved,
    worked,
)

S = Status
TERMS = ChangeTerms(reason="asked to", actor="sales", now=NOW)
SET = (("POT", 1, 333_333), ("CUP", 2, 666_667))


def changed(order, *wanted, matrix=None, **terms):
    return change(order, wanted, matrix or Matrix(), replace(TERMS, **terms))


def codes(outcome):
    return [(i, [denial.code for denial in denials]) for i, denials in outcome.denied]


def joining(*rows):
    bundles = tuple(replace(one, place=i) for i, one in enumerate(rows) if isinstance(one, Bundle))
    return NewLines(lines=tuple(one for one in rows if not isinstance(one, Bundle)), bundles=bundles)


def instead(quantity, line_id="1", **fields):
    return Replacement(line_id=line_id, quantity=quantity, new_line_id="9", sku="POT", title="Pot", **fields)


def test_a_line_joins_the_order_and_waits_for_the_router():
    order = worked(offered(placed(an_order(a_line("TEA", 2, 1000))), (a_node("dc-1"), {"1": 2})), "accept")

    outcome = changed(order, joining(a_line("POT", 3, 500, line_id="9", tax=120, discount=100)))

    after = outcome.decision.order
    assert after.quantities() == {S.ACCEPTED: 2, S.CREATED: 3}
    assert outcome.totals.total == order.totals.total + 1500 - 100 + 120
    assert (outcome.to_pay, after.routable, outcome.recalled) == (1520, True, {})
    assert outcome.decision.event.data["changes"] == [
        {"modification": "add_line", "added": [{"line_id": "9", "quantity": 3}]}
    ]


def test_a_bundle_joins_with_its_components_in_its_place():
    order = placed(an_order(a_line("TEA", 2, 1000), *a_bundle("KIT", 1, 900, ("CUP", 1, 1_000_000))))

    after = changed(order, joining(*a_bundle("SET", 2, 1000, *SET, line_id="n", tax=165))).decision.order

    assert [line.line_id for line in after.as_sent()] == ["1", "b", "b1", "n", "n1", "n2"]
    assert after.totals.total == order.totals.total + 2165
    assert sum(part.component.goods.total for part in after.lines if part.component) > 0


def test_units_of_another_sku_cost_what_the_old_ones_did_and_go_as_they_went():
    order = placed(
        an_order(a_line("TEA", 3, 1000, tax=247, tax_rate="0.0825", discount=100), discount=50, shipping=599)
    )
    order = worked(offered(order, (a_node("dc-1"), {"1": 3})), "accept", "pick")

    outcome = changed(order, instead(2))

    after = outcome.decision.order
    new = after.line("9")
    assert outcome.totals.total == order.totals.total
    assert (new.replaces_line, new.quantity, new.unit_price, new.title) == ("1", 2, 1000, "Pot")
    assert (after.line("1").live, outcome.recalled) == (1, {1: {"1": 2}})
    assert [task.queue for task in outcome.decision.tasks] == ["put-back"]
    assert outcome.decision.event.data["changes"][0] == {
        "modification": "replace",
        "line_id": "1",
        "before": "TEA",
        "after": "POT",
        "quantity": 2,
        "new_line_id": "9",
    }
    dearer = changed(order, instead(2, unit_price=1100))
    assert dearer.to_pay == dearer.totals.total - order.totals.total
    assert dearer.totals.goods == order.totals.goods + 200


def test_a_replacement_is_refused_by_what_does_not_fit():
    order = placed(an_order(a_line("TEA", 3, 1000, discount=600), *a_bundle("KIT", 1, 900, ("CUP", 1, 1_000_000))))

    def refused(*wanted):
        with pytest.raises(Invalid) as error:
            changed(order, *wanted)
        return [(problem.pointer, problem.code) for problem in error.value.problems]

    assert refused(instead(4)) == [("/changes/0/quantity", "too-large")]
    assert refused(replace(instead(1), sku="TEA")) == [("/changes/0/sku", "the-same")]
    assert refused(instead(1, unit_price=100)) == [("/changes/0/unit_price", "too-small")]
    assert refused(instead(1), NewQuantity(line_id="1", quantity=1)) == [("/changes/1", "duplicate")]
    assert codes(changed(order, instead(1, line_id="b"))) == [(0, ["bundle"])]
    assert codes(changed(order, instead(1, line_id="b1"))) == [(0, ["bundle"])]


def test_units_are_replaced_as_far_as_the_matrix_and_holds_allow():
    order = worked(offered(placed(an_order(a_line("TEA", 3))), (a_node("dc-1"), {"1": 2})), "accept", "pick", "pack")
    denies = Rule(modification=Modification.REPLACE, allow=False, statuses=frozenset({S.CREATED}), reason="no")

    assert changed(order, instead(1)).decision.order.quantities() == {S.PACKED: 2, S.CREATED: 1, S.CANCELLED: 1}
    assert codes(changed(order, instead(2))) == [(0, ["packed"])]
    assert codes(changed(order, instead(1), matrix=Matrix(rules=(denies,)))) == [(0, ["denied", "packed"])]
    kind = a_hold_type("LOOK", "cancel", level="line")
    held = review.hold(order, kind, "look", "office", NOW, ("1",)).saved
    assert codes(changed(held, instead(1))) == [(0, ["held", "packed"])]


def test_the_new_units_of_a_held_line_are_held_too():
    order = placed(an_order(a_line("TEA", 2), a_line("POT", 1)))
    held = review.hold(order, a_hold_type("LOOK", "release", level="line"), "look", "office", NOW, ("1",)).saved

    after = changed(held, instead(1)).decision.order

    assert (after.holds[0].lines, after.line("9").held) == (("1", "9"), ("release",))


def test_more_sets_and_another_price_of_a_bundle():
    order = placed(an_order(*a_bundle("SET", 3, 1000, *SET, discount=100, tax=240)))

    more = changed(order, NewQuantity(line_id="b", quantity=5))
    assert more.decision.order.bundle("b").quantity == 5
    assert [(line.line_id, line.quantity) for line in more.decision.order.lines] == [("b1", 5), ("b2", 10)]
    assert more.totals.total == order.totals.total + 2000 + round(240 * 2000 / 2900)

    dearer = changed(order, NewPrice(line_id="b", unit_price=1200))
    assert dearer.totals.goods == 3600
    assert dearer.totals.tax == round(240 * 3500 / 2900)
    with pytest.raises(Invalid) as refused:
        changed(order, NewPrice(line_id="b", unit_price=33))
    assert [problem.pointer for problem in refused.value.problems] == ["/changes/0/unit_price"]
    assert codes(changed(order, NewPrice(line_id="b1", unit_price=1))) == [(0, ["bundle"])]


def test_sets_that_were_cancelled_come_back_at_what_they_cost_and_a_torn_set_does_not():
    order = placed(an_order(*a_bundle("SET", 3, 1000, *SET, discount=100, tax=240)))
    fewer = saved(changed(order, NewQuantity(line_id="b", quantity=1)).decision)

    again = saved(changed(fewer, NewQuantity(line_id="b", quantity=3)).decision)

    assert again.totals == order.totals
    assert [(line.live, line.cancelled) for line in again.lines] == [(3, 2), (6, 4)]
    torn = order.with_lines([order.line("b2").move("cancel", 1)])
    assert codes(changed(torn, NewQuantity(line_id="b", quantity=4))) == [(0, ["part-cancelled"])]


def test_a_bundle_with_invoiced_sets_gets_no_further_ones():
    order = placed(an_order(*a_bundle("SET", 3, 1000, *SET)))
    sent = offered(order, (a_node("dc-1"), {"b1": 1, "b2": 2}))
    sent = saved(bill(saved(ship(worked(sent, "accept", "pick"), a_step(1), a_shipment())), 1, NOW)[0])
    assert codes(changed(sent, NewPrice(line_id="b", unit_price=1))) == [(0, ["left", "invoiced"])]
    assert codes(changed(sent, NewQuantity(line_id="b", quantity=4)))[0][1][-1] == "invoiced"


def test_an_appeasement_is_off_what_is_not_invoiced_and_no_more():
    order = placed(an_order(a_line("TEA", 1, 1000), a_line("POT", 1, 500)))
    order = offered(order, (a_node("dc-1"), {"1": 1}), (a_node("dc-2"), {"2": 1}))
    sorry = NewAppeasement(why=AppeasementReason.LATE, amount=200)
    order = saved(bill(saved(ship(worked(order, "accept", "pick"), a_step(1), a_shipment())), 1, NOW)[0])

    outcome = changed(order, sorry)

    assert outcome.totals.total == 1300
    (given_,) = outcome.decision.order.discounts
    assert (given_.code, given_.by, given_.appeasement) == ("LATE", "sales", True)
    assert given_after_sale(outcome.decision.order) == 200
    with pytest.raises(Invalid) as refused:
        changed(order, replace(sorry, amount=501))
    assert [problem.pointer for problem in refused.value.problems] == ["/changes/0/amount"]


def test_what_is_invoiced_whole_takes_no_appeasement_here():
    order = offered(placed(an_order(a_line("TEA", 1, 1000))), (a_node("dc-1"), {"1": 1}))
    order = saved(bill(saved(ship(worked(order, "accept", "pick"), a_step(1), a_shipment())), 1, NOW)[0])

    outcome = changed(order, NewAppeasement(why=AppeasementReason.QUALITY, amount=1))

    assert codes(outcome) == [(0, ["left", "invoiced"])]


def test_the_matrix_tells_an_appeasement_from_a_discount():
    order = placed(an_order(a_line("TEA", 1, 1000)))
    denies = Rule(
        modification=Modification.DISCOUNT,
        allow=False,
        statuses=frozenset({S.CREATED}),
        levels=frozenset({Level.ORDER}),
    )

    outcome = changed(
        order,
        NewDiscount(code="X", amount=1),
        NewAppeasement(why=AppeasementReason.PRICE, amount=1),
        matrix=Matrix(rules=(denies,)),
    )

    assert codes(outcome) == [(0, ["denied"])]
    assert outcome.totals.total == 999


def a_rule(at_least, **fields):
    return replace(a_hold_type("VALUE_LIMIT", "release", **fields), when=Condition(total_at_least=(at_least, "USD")))


def test_rules_of_holds_are_asked_about_what_is_added():
    order = placed(an_order(a_line("TEA", 2, 1000)))
    rules = HoldRules(kinds=(a_rule(3000),))
    pot = joining(a_line("POT", 1, 1000, line_id="9"))

    outcome = changed(order, pot, rules=rules)

    assert [(hold.type, hold.active) for hold in outcome.decision.order.holds] == [("VALUE_LIMIT", True)]
    assert outcome.decision.event.data["holds"] == ["h1"]
    assert [task.item for task in outcome.decision.tasks] == ["h1"]
    assert changed(order, joining(a_line("POT", 1, 999, line_id="9")), rules=rules).decision.order.holds == ()
    dearer = changed(order, NewPrice(line_id="1", unit_price=9000), rules=rules)
    assert [hold.type for hold in dearer.decision.order.holds] == ["VALUE_LIMIT"]


def test_a_rule_that_a_person_has_answered_is_not_asked_again():
    order = placed(an_order(a_line("TEA", 2, 1000)), a_rule(1500))
    order = saved(review.resolve(order, "h1", "holds", "fine", "desk", NOW))

    outcome = changed(order, NewQuantity(line_id="1", quantity=3), rules=HoldRules(kinds=(a_rule(1500),)))

    assert [hold.active for hold in outcome.decision.order.holds] == [False]


LINES = st.builds(
    lambda n, price, off, tax: joining(a_line("POT", n, price, line_id="9", discount=min(off, n * price), tax=tax)),
    st.integers(1, 4),
    st.integers(0, 3000),
    st.integers(0, 500),
    st.integers(0, 90),
)


@given(LINES, st.booleans(), st.integers(0, 900))
def test_taking_a_line_back_takes_off_what_adding_it_added(one, included, off):
    order = placed(
        an_order(a_line("TEA", 3, 1000, tax=247, discount=100), shipping=599, discount=off, prices_include_tax=included)
    )

    added = saved(changed(order, one).decision)
    assert added.totals == invoices.order_totals(added)
    taken = saved(changed(added, NewQuantity(line_id="9", quantity=0)).decision)

    assert taken.totals.total == order.totals.total
    line = one.lines[0]
    assert added.totals.goods == order.totals.goods + line.quantity * line.unit_price
    assert added.totals.tax == order.totals.tax + line.tax


@given(st.integers(1, 7), st.integers(0, 7), st.integers(0, 500), st.integers(0, 400), st.booleans(), st.booleans())
def test_a_replacement_at_the_same_price_costs_nothing_to_the_cent(units, replaced, own, off, included, keep):
    order = an_order(
        a_line("TEA", units, 1000, tax=units * 83 - 1, tax_rate="0.0825", discount=own),
        a_line("CUP", 2, 333),
        shipping=599,
        discount=off,
        prices_include_tax=included,
    )
    policy = header_amounts.KEEP if keep else header_amounts.SHARE
    order = replace(placed(order, discount_after_cancel=policy), payments=(a_tender(100_000),))
    quantity = min(max(replaced, 1), units)

    outcome = changed(order, instead(quantity))

    assert outcome.totals == order.totals
    after = saved(outcome.decision)
    assert after.totals == invoices.order_totals(after)
    assert outcome.to_pay == 0


@given(st.integers(1, 5), st.integers(0, 4), st.integers(0, 5000), st.integers(0, 300), st.integers(0, 200))
def test_the_parts_of_a_bundle_add_up_to_its_price(sets, more, price, discount, tax):
    order = placed(an_order(*a_bundle("SET", sets, 2000, *SET, discount=min(discount, 2000), tax=tax)))
    try:
        order = saved(changed(order, NewPrice(line_id="b", unit_price=price)).decision)
    except Invalid:
        price = 2000
    if more:
        order = saved(changed(order, NewQuantity(line_id="b", quantity=sets + more)).decision)

    bundle = order.bundle("b")
    assert order.totals.goods == price * (sets + more) == bundle.quantity * bundle.unit_price
    assert (order.totals.discounts, order.totals.tax) == (bundle.discount, bundle.tax)
    assert order.totals == invoices.order_totals(order)
