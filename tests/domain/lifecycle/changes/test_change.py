"""Changes after the sale: their amounts to the cent, the units that they cancel or add, and what they are refused for."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing import invoices
from comanda.domain.errors import Invalid, NotAllowed
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
from comanda.domain.lifecycle.modifications.modification_matrix import MOVING, POSSIBLE, Matrix, Modification
from comanda.domain.lifecycle.moving.wanted import NewMethod, NewNode, NewRequested, NewService, NewShipTo, NewStore
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.line import merged
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.order import REPLACEMENT
from comanda.domain.orders.status import AT_NODE, GONE, Status
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
    an_allocation,
    an_order,
    later,
    offered,
    placed,
    saved,
    worked,
)

S = Status
TERMS = ChangeTerms(reason="asked to", actor="sales", now=NOW)
ONE_OF_EACH = {
    Modification.NOTE: NewNote(),
    Modification.TAX_ID: NewTaxId(),
    Modification.PRIORITY: NewPriority(priority=1),
    Modification.TAGS: NewTags(tags=("vip",)),
    Modification.PRICE: NewPrice(line_id="1", unit_price=500),
    Modification.DISCOUNT: NewDiscount(code="SORRY", amount=100),
    Modification.CHARGE: NewCharge(kind="GIFT_WRAP", amount=300, tax=25),
    Modification.QUANTITY: NewQuantity(line_id="1", quantity=3),
    Modification.CANCEL: NewQuantity(line_id="1", quantity=0),
    Modification.APPEASEMENT: NewAppeasement(why=AppeasementReason.LATE, amount=100),
    Modification.ADD_LINE: NewLines(lines=(a_line("POT", 2, line_id="9"),)),
    Modification.REPLACE: Replacement(line_id="1", quantity=1, new_line_id="9", sku="POT", title="Pot"),
    Modification.SHIP_TO: NewShipTo(to=Destination(country="US", region="NY")),
    Modification.REQUESTED: NewRequested(not_before="2026-12-24"),
    Modification.SERVICE: NewService(service="EXPRESS"),
    Modification.METHOD: NewMethod(line_id="1", method=PICKUP, node_id="store-7"),
    Modification.NODE: NewNode(line_id="1", node_id="dc-9", by="office"),
    Modification.STORE: NewStore(line_id="1", node_id="store-7"),
}
BEFORE_PACKED = {
    Modification.CANCEL: {S.PACKED},
    Modification.REPLACE: {S.PACKED},
    **dict.fromkeys(MOVING, frozenset({S.PACKED, S.READY_FOR_PICKUP})),
}


def changed(order, *wanted, **terms):
    return change(order, wanted, Matrix(), replace(TERMS, **terms))


def paid(order, amount):
    return replace(order, payments=(*order.payments, a_tender(amount)))


def codes(outcome):
    return [(i, [denial.code for denial in denials]) for i, denials in outcome.denied]


def _a_line_for(modification):
    """Return a line that can have such a change in any status."""
    collected = {"method": PICKUP, "node": "store-1"} if modification is Modification.STORE else {}
    return a_line("TEA", 2, **collected)


@pytest.mark.parametrize("status", [status for status in Status if status is not S.CANCELLED])
@pytest.mark.parametrize("modification", list(Modification))
def test_each_modification_in_each_status(modification, status):
    there = {"node": "dc-1", "due": "2026-11-25"} if status is S.SCHEDULED else {}
    order = placed(an_order(_a_line_for(modification)))
    if status in AT_NODE:
        order = offered(order)
        there = {"node": order.fulfillment(1).node, "fulfillment": 1}
    order = order.with_lines([replace(order.line("1"), allocations=(an_allocation(2, status, **there),))])
    may = status in POSSIBLE[modification] - BEFORE_PACKED.get(modification, set())

    outcome = changed(order, ONE_OF_EACH[modification])

    assert (outcome.decision is not None) is may
    assert bool(outcome.denied) is not may
    if outcome.decision:
        order = outcome.decision.order
        assert all(sum(a.quantity for a in one.allocations) == one.quantity for one in order.lines)
        assert order.totals == invoices.order_totals(order)
        assert outcome.decision.event.type == "changed"


@pytest.mark.parametrize("modification", list(Modification))
def test_nothing_but_denials_for_an_order_of_which_all_is_cancelled(modification):
    line = replace(_a_line_for(modification), allocations=(an_allocation(2, S.CANCELLED),))

    assert changed(an_order(line), ONE_OF_EACH[modification]).decision is None


def test_a_price_takes_its_tax_along():
    order = placed(an_order(a_line("TEA", 3, 1000, tax=248, tax_rate="0.0825"), a_line("POT", 1, 2000)))

    outcome = changed(order, NewPrice(line_id="1", unit_price=900))

    after = outcome.decision.order
    assert (after.line("1").unit_price, after.line("1").tax) == (900, 223)  # 2700 x 0.0825 = 222.75
    assert outcome.totals.total == order.totals.total - 300 - 25
    assert outcome.to_pay == 0
    assert outcome.decision.event.data["changes"] == [
        {"modification": "price", "line_id": "1", "before": 1000, "after": 900}
    ]


def test_a_dearer_order_needs_its_difference_paid():
    order = placed(an_order(a_line("TEA", 2, 1000)))
    dearer = NewPrice(line_id="1", unit_price=1300)

    assert changed(order, dearer).to_pay == 600
    assert changed(order, dearer, payments=(a_tender(600),)).to_pay == 0
    assert changed(paid(order, 250), dearer).to_pay == 350
    assert changed(order, NewCharge(kind="WRAP", amount=100), NewDiscount(code="X", amount=100)).to_pay == 0


@pytest.mark.parametrize(("told", "left"), [(0, 600), (250, 350), (600, 0)])
def test_a_payment_pays_for_its_change_although_an_ended_authorisation_leaves_more_uncovered(told: int, left: int):
    order = placed(an_order(a_line("TEA", 2, 1000)))
    order = replace(order, payments=(a_tender(order.totals.total, expires_at=later(hours=-1)),))
    dearer = NewCharge(kind="WRAP", amount=600)

    assert changed(order, dearer, payments=(a_tender(told),) if told else ()).to_pay == left


def test_a_discount_stays_whole_for_what_is_left_and_not_above_it():
    order = placed(an_order(a_line("TEA", 2, 1000), a_line("POT", 1, 500), shipping=300))
    less = saved(changed(order, NewDiscount(code="SORRY", amount=400)).decision)

    assert less.totals.total == order.totals.total - 400
    fewer = saved(changed(less, NewQuantity(line_id="1", quantity=0)).decision)
    assert fewer.totals.total == 500 + 300 - 400
    with pytest.raises(Invalid) as refused:
        changed(order, NewDiscount(code="ALL", amount=2801))
    assert [problem.pointer for problem in refused.value.problems] == ["/changes/0/amount"]
    assert changed(order, NewDiscount(code="ALL", amount=2800)).totals.total == 0


def test_a_discount_after_a_shipment_is_off_what_is_not_invoiced():
    order = placed(an_order(a_line("TEA", 1, 1000), a_line("POT", 1, 500)))
    order = offered(order, (a_node("dc-1"), {"1": 1}), (a_node("dc-2"), {"2": 1}))
    order = saved(ship(worked(order, "accept", "pick"), a_step(1), a_shipment()))
    order = saved(bill(order, 1, NOW)[0])

    outcome = changed(order, NewDiscount(code="SORRY", amount=200))

    assert outcome.totals.total == 1300
    assert codes(changed(order, NewPrice(line_id="1", unit_price=1))) == [(0, ["left", "invoiced"])]
    with pytest.raises(Invalid):
        changed(order, NewDiscount(code="SORRY", amount=501))


def test_fewer_units_are_cancelled_at_their_node_and_the_work_is_told():
    order = placed(an_order(a_line("TEA", 3), a_line("POT", 1)))
    order = worked(offered(order, (a_node("dc-1"), {"1": 3, "2": 1})), "accept", "pick")

    outcome = changed(order, NewQuantity(line_id="1", quantity=1), NewQuantity(line_id="2", quantity=0))

    assert outcome.cancelled == {"1": 2, "2": 1}
    assert outcome.recalled == {1: {"1": 2, "2": 1}}
    assert outcome.decision.order.quantities() == {S.PICKED: 1, S.CANCELLED: 3}
    assert [task.queue for task in outcome.decision.tasks] == ["put-back"]
    assert outcome.decision.event.data["lines"] == [{"line_id": "1", "quantity": 2}, {"line_id": "2", "quantity": 1}]


def test_more_units_are_routed_like_those_of_a_new_order():
    order = placed(an_order(a_line("TEA", 2, 1000, tax=200, tax_rate="0.1")))
    order = worked(offered(order, (a_node("dc-1"), {"1": 2})), "accept")

    outcome = changed(order, NewQuantity(line_id="1", quantity=5), payments=(a_tender(3300),))

    after = outcome.decision.order
    assert after.line("1").quantity == 5
    assert after.quantities() == {S.ACCEPTED: 2, S.CREATED: 3}
    assert (after.line("1").tax, after.totals.total) == (500, 5500)
    assert (outcome.to_pay, after.routable) == (0, True)


def test_an_order_that_sends_lost_units_again_gets_no_further_ones_for_nothing():
    again = replace(placed(an_order(a_line("TEA", 2, 0))), kind=REPLACEMENT)

    assert codes(changed(again, NewQuantity(line_id="1", quantity=3))) == [(0, ["replacement"])]
    assert codes(changed(again, ONE_OF_EACH[Modification.ADD_LINE])) == [(0, ["replacement"])]
    assert changed(again, NewQuantity(line_id="1", quantity=1)).denied == ()
    assert changed(again, ONE_OF_EACH[Modification.REPLACE]).denied == ()


def test_units_that_were_cancelled_by_mistake_come_back_at_what_they_cost():
    order = placed(an_order(a_line("TEA", 3, 1000, discount=300, tax=240), discount=100))
    fewer = saved(changed(order, NewQuantity(line_id="1", quantity=1)).decision)
    assert fewer.totals.total < order.totals.total

    again = saved(changed(fewer, NewQuantity(line_id="1", quantity=3)).decision)

    assert again.totals == order.totals
    assert again.quantities() == {S.CREATED: 3, S.CANCELLED: 2}
    more = saved(changed(order, NewQuantity(line_id="1", quantity=5)).decision)
    assert saved(changed(fewer, NewQuantity(line_id="1", quantity=5)).decision).totals == more.totals
    assert saved(changed(again, NewQuantity(line_id="1", quantity=1)).decision).totals == fewer.totals


def test_a_line_whose_units_were_replaced_gets_no_further_ones_because_the_new_line_has_their_discounts():
    order = placed(an_order(a_line("TEA", 3, 1000, discount=300)))
    other = Replacement(line_id="1", quantity=1, new_line_id="9", sku="POT", title="Pot")
    replaced = saved(changed(order, other).decision)

    assert codes(changed(replaced, NewQuantity(line_id="1", quantity=3))) == [(0, ["part-cancelled"])]
    assert changed(replaced, NewQuantity(line_id="9", quantity=2)).denied == ()


def test_sets_of_a_bundle_are_cancelled_with_their_bundle():
    order = placed(an_order(*a_bundle("SET", 3, 1000, ("POT", 1, 500_000), ("CUP", 2, 500_000))))

    outcome = changed(order, NewQuantity(line_id="b", quantity=1))

    assert outcome.totals.total == 1000
    assert outcome.decision.event.data["bundles"] == [{"line_id": "b", "quantity": 2}]
    assert codes(changed(order, NewQuantity(line_id="b1", quantity=0))) == [(0, ["bundle"])]


def test_allowed_changes_are_shown_without_the_denied_ones():
    order = worked(offered(placed(an_order(a_line("TEA", 1), a_line("POT", 1))), (a_node("dc-1"), {"1": 1})), "accept")
    order = worked(order, "pick", "pack")

    outcome = changed(order, NewQuantity(line_id="1", quantity=0), NewTags(tags=("late",)))

    assert codes(outcome) == [(0, ["packed"])]
    assert outcome.decision.order.tags == ("late",)


def test_a_line_that_is_not_there_and_a_change_that_stands_twice_are_named():
    with pytest.raises(Invalid) as refused:
        changed(placed(an_order(a_line())), NewPrice(line_id="9", unit_price=1), NewNote(), NewNote())

    assert [(p.pointer, p.code) for p in refused.value.problems] == [
        ("/changes/0/line_id", "unknown-line"),
        ("/changes/2", "duplicate"),
    ]


def test_a_note_makes_the_next_contact_and_no_event_has_its_text():
    outcome = changed(placed(an_order(a_line())), NewNote())

    assert outcome.decision.order.contact == 2
    assert outcome.decision.event.data["changes"] == [{"modification": "note"}]


WANTED = st.one_of(
    st.builds(NewPrice, line_id=st.sampled_from("12"), unit_price=st.integers(0, 5000)),
    st.builds(NewDiscount, code=st.just("SORRY"), amount=st.integers(0, 700)),
    st.builds(NewCharge, kind=st.just("WRAP"), amount=st.integers(0, 700), tax=st.integers(0, 50)),
    st.builds(NewQuantity, line_id=st.sampled_from("12"), quantity=st.integers(0, 5)),
)


@given(
    st.lists(st.one_of(WANTED, st.sampled_from(["ship-1", "ship-2"])), max_size=8),
    st.booleans(),
    st.integers(0, 900),
)
def test_the_books_close_to_the_cent_whatever_is_changed_and_shipped(story, included, off):
    order = placed(
        an_order(
            a_line("TEA", 3, 1000, tax=247, tax_rate="0.0825", discount=100),
            a_line("POT", 2, 777, tax=128, tax_rate="0.0825"),
            shipping=599,
            discount=off,
            prices_include_tax=included,
        )
    )
    order = paid(order, 100_000)
    order = offered(order, (a_node("dc-1"), {"1": 2, "2": 1}), (a_node("dc-2"), {"1": 1, "2": 1}))
    bills = []
    for step in story:
        order = _shipped(order, int(step[-1]), bills) if isinstance(step, str) else _after(order, step)
    assert all(sum(a.quantity for a in line.allocations) == line.quantity for line in order.lines)
    assert order.totals == invoices.order_totals(order)
    order = replace(
        order,
        lines=tuple(
            replace(
                line,
                allocations=merged(
                    replace(a, status=S.CANCELLED) if a.status is S.CREATED else a for a in line.allocations
                ),
            )
            for line in order.lines
        ),
    )
    order = invoices.revalued(order)
    for number in (1, 2):
        order = _shipped(order, number, bills)
    assert order.invoiced_total == order.totals.total == sum(bills)
    assert all(0 <= tender.captured <= tender.authorized for tender in order.payments)


def _after(order, wanted):
    try:
        outcome = changed(order, wanted)
    except Invalid:
        return order
    return saved(outcome.decision) if outcome.decision else order


def _shipped(order, number, bills):
    if order.fulfillment(number).shipped_at or order.fulfillment(number).ended:
        return order
    if not any(a.status not in GONE and a.status is not S.CANCELLED for _, a in order.units_of(number)):
        return order
    order = saved(ship(order, a_step(number), a_shipment(f"S{number}")))
    before = order.invoiced_total
    order = saved(bill(order, number, NOW)[0])
    bills.append(order.invoiced_total - before)
    return order


def test_a_hold_denies_the_modifications_that_it_blocks():
    order = placed(an_order(a_line("TEA", 2), a_line("POT", 1)))
    order = review.hold(order, a_hold_type("AUDIT", "discount"), "audit", "office", NOW).saved
    order = review.hold(order, a_hold_type("QUALITY", "price", level="line"), "look", "office", NOW, ("1",)).saved

    dearer = [NewPrice(line_id=line_id, unit_price=900) for line_id in "12"]
    outcome = changed(order, NewDiscount(code="SORRY", amount=1), *dearer)

    assert codes(outcome) == [(0, ["held"]), (1, ["held"])]
    assert [denials[0].hold_type for _, denials in outcome.denied] == ["AUDIT", "QUALITY"]


SAME = [
    ("note", NewNote(kept=True)),
    ("tax_id", NewTaxId(kept=True)),
    ("priority", NewPriority(priority=5)),
    ("tags", NewTags(tags=("vip", "new"))),
    ("unit_price", NewPrice(line_id="1", unit_price=1000)),
    ("unit_price", NewPrice(line_id="b", unit_price=1500)),
    ("quantity", NewQuantity(line_id="1", quantity=2)),
    ("quantity", NewQuantity(line_id="b", quantity=2)),
    ("ship_to", NewShipTo(to=Destination(country="US"), number=0)),
    ("ship_to", NewShipTo(line_id="1", to=Destination(country="US"), number=0)),
    ("requested", NewRequested(deliver_by="2026-12-24")),
    ("service", NewService(service="STANDARD")),
    ("service", NewService(line_id="1", service="STANDARD")),
    ("method", NewMethod(line_id="1", method=SHIP)),
    ("method", NewMethod(line_id="1", method=SHIP, to=Destination(country="US", region="NY"))),
    ("method", NewMethod(line_id="2", method=PICKUP, node_id="store-1")),
    ("method", NewMethod(line_id="2", method=PICKUP, node_id="store-2")),  # another counter is another store
    ("node_id", NewStore(line_id="2", node_id="store-1")),
    ("node_id", NewNode(line_id="1", node_id="dc-1", by="office")),
]


@pytest.mark.parametrize(("field", "same"), SAME, ids=lambda one: one if isinstance(one, str) else "")
def test_what_changes_nothing_is_refused_by_its_field(field, same):
    pot = a_line("POT", 1, method=PICKUP, node="store-1")
    kept = {"priority": 5, "tags": ("new", "vip"), "requested": (("deliver_by", "2026-12-24"),)}
    goods = an_order(a_line("TEA", 2), pot, *a_bundle("SET", 2, 1500), **kept)
    order = offered(placed(goods), (a_node("dc-1"), {"1": 2, "b1": 2, "b2": 4}))
    more = NewCharge(kind="GIFT_WRAP", amount=300)

    for wanted, place in (([same], 0), ([more, same], 1)):
        with pytest.raises(Invalid) as refused:
            changed(order, *wanted)
        assert [(one.pointer, one.code) for one in refused.value.problems] == [
            (f"/changes/{place}/{field}", "the-same")
        ]


def test_an_address_may_be_kept_for_a_line_while_the_order_gets_another_one():
    order = placed(an_order(a_line("TEA", 2), a_line("POT", 1)))
    gran, home = Destination(country="US", region="NY"), order.destination

    after = changed(order, NewShipTo(to=gran), NewShipTo(line_id="1", to=home)).decision.order

    assert after.destination_of(after.line("1").destination) == home
    assert after.destination_of(after.line("2").destination) == gran


@pytest.mark.parametrize("modification", [Modification.TAGS, Modification.NOTE, Modification.TAX_ID])
def test_an_order_whose_books_are_closed_takes_no_payment_beside_a_change(modification):
    order = replace(placed(an_order(a_line())), closed=True)
    order = order.with_lines([replace(order.line("1"), allocations=(an_allocation(1, S.SHIPPED),))])

    with pytest.raises(NotAllowed, match="nothing is left to pay for") as refused:
        changed(order, ONE_OF_EACH[modification], payments=(a_tender(100),))

    assert refused.value.pointer == "/payments"
    assert changed(order, ONE_OF_EACH[modification]).decision is not None


def test_the_event_says_who_told_of_payments_and_nothing_of_their_references():
    order = an_order(a_line())
    tenders = (replace(a_tender(100), reference="secret"), replace(a_tender(300, captured=200), method="PIX"))

    told = changed(placed(order), ONE_OF_EACH[Modification.TAGS], payments=tenders, payer="shop").decision

    assert told is not None
    assert told.event.data["authorized"] == 400
    assert told.event.data["payments"] == [
        {"method": "CARD", "authorized": 100, "by": "shop"},
        {"method": "PIX", "authorized": 300, "captured": 200, "by": "shop"},
    ]
    assert "secret" not in str(told.event.data)
