"""The components of a bundle leave, come back and are cancelled in whole sets, unless the channel sells them singly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing import invoices
from comanda.domain.errors import Held, Invalid, NotAllowed, Rejected
from comanda.domain.lifecycle import resume
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.node_work import kits
from comanda.domain.lifecycle.node_work.decline import decline, short_pick
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.node_work.work import advance, live_units
from comanda.domain.lifecycle.parcels.deliver import lose
from comanda.domain.lifecycle.parcels.resend import replacement
from comanda.domain.orders import bundles, holds, rule_holds
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import GONE, Status
from functions.invoice.rules import bill, close
from tests.builders import (
    NOW,
    a_bundle,
    a_hold_type,
    a_line,
    a_node,
    a_position,
    a_shipment,
    a_step,
    an_order,
    an_order_id,
    offered,
    placed,
    routed,
    saved,
    worked,
)
from tests.domain.declines import NO_STOCK, OTHER

S = Status
DC, BRANCH = a_node("dc-1"), a_node("dc-2")
TWO_AND_FOUR = (("POT", 2, 500_000), ("CUP", 4, 500_000))


def sold(*, sets=3, parts=TWO_AND_FOUR, **changes):
    """An order of a bundle, two pots and four cups in a set, and of three teas beside it."""
    return placed(an_order(*a_bundle("SET", sets, 1000, *parts, **changes), a_line("TEA", 3, line_id="t")))


def test_the_ratios_say_what_a_set_is_and_not_the_quantities():
    assert kits.by_group(sold()) == {" b": {"b1": 2, "b2": 4}}
    assert kits.by_group(sold(sets=1, parts=(("POT", 3, 1_000_000),))) == {" b": {"b1": 3}}
    assert kits.by_group(sold(together=False)) == {}


def test_the_router_gives_a_node_whole_sets_only():
    order = sold(sets=3)
    positions = [a_position("POT", "dc-1", 3), a_position("CUP", "dc-1", 6), a_position("TEA", "dc-1", 3)]

    plan = routed(order, positions)

    assert {line.line_id: line.quantity for f in plan.fulfillments for line in f.lines} == {"b1": 2, "b2": 4, "t": 3}
    assert {left.line_id: (left.quantity, left.reason) for left in plan.leftovers} == {
        "b1": (4, "kit-incomplete"), "b2": (8, "kit-incomplete"),
    }  # fmt: skip


def test_the_router_gives_whole_sets_of_a_bundle_of_one_component():
    order = placed(an_order(*a_bundle("SIX", 2, 1000, ("CUP", 6, 1_000_000))))

    plan = routed(order, [a_position("CUP", "dc-1", 11)])

    assert [line.quantity for f in plan.fulfillments for line in f.lines] == [6]
    assert [left.quantity for left in plan.leftovers] == [6]


def test_components_that_are_sold_singly_are_routed_singly():
    plan = routed(sold(sets=1, together=False), [a_position("POT", "dc-1", 2), a_position("TEA", "dc-1", 3)])

    assert {line.line_id: line.quantity for f in plan.fulfillments for line in f.lines} == {"b1": 2, "t": 3}
    assert {left.line_id for left in plan.leftovers} == {"b2"}


def test_a_shipment_below_a_minimum_value_counts_the_bundles_price():
    order = sold(sets=1)

    (pot, cup, tea) = (line for line in order.lines)

    assert [invoices.invoice_line(line, line.quantity).goods for line in (pot, cup, tea)] == [500, 500, 3000]


def test_part_of_a_set_does_not_leave_and_a_whole_set_does():
    order = worked(offered(sold()), "accept", "start-pick", "pick", "pack")

    for part in ({"l_": 1}, {"lb1": 1, "lb2": 2}, {"lb1": 2}, {"lb1": 4, "lb2": 4}):
        with pytest.raises((NotAllowed, Invalid)):
            ship(order, a_step(**part), a_shipment())
    one_set = saved(ship(order, a_step(lb1=2, lb2=4), a_shipment()))

    assert live_units(one_set, 2) == {"b1": 4, "b2": 8, "t": 3}
    assert bundles.sets_by_status(bundles.components(one_set, "b")) == {S.SHIPPED: 1, S.PACKED: 2}


def test_a_declined_cup_takes_its_set_along():
    order = offered(sold())

    after = decline(order, a_step(lb2=1), NO_STOCK).order

    assert live_units(after, 1) == {"b1": 4, "b2": 8, "t": 3}
    assert [(line.line_id, line.attempts) for line in after.lines] == [("b1", 1), ("b2", 1), ("t", 0)]


def test_sets_are_cancelled_by_the_line_of_the_bundle():
    decision = cancel(offered(sold()), {"b": 2, "t": 1}, "too many", "shop", NOW)

    assert live_units(decision.order, 1) == {"b1": 2, "b2": 4, "t": 2}
    assert decision.event.data["lines"] == [
        {"line_id": "b1", "quantity": 4}, {"line_id": "b2", "quantity": 8}, {"line_id": "t", "quantity": 1},
    ]  # fmt: skip
    assert decision.event.data["bundles"] == [{"line_id": "b", "quantity": 2}]
    assert "along" not in decision.event.data
    assert decision.order.totals.goods == 1000 + 2000
    assert bundles.sets_by_status(bundles.components(decision.order, "b")) == {S.RELEASED: 1, S.CANCELLED: 2}


def test_a_component_alone_is_not_cancelled():
    order = offered(sold())

    for units in ({"b1": 2}, {"b2": 1}, {"b1": 2, "b2": 3}, {"b1": 1, "b2": 2}):
        with pytest.raises(NotAllowed, match="is a part of the bundle b: cancel whole sets of line b"):
            cancel(order, units, "x", "shop", NOW)

    assert live_units(cancel(order, {"b1": 2, "b2": 4}, "x", "shop", NOW).order, 1) == {"b1": 4, "b2": 8, "t": 3}


def test_a_component_that_is_sold_singly_is_cancelled_alone():
    after = cancel(offered(sold(together=False)), {"b2": 1}, "x", "shop", NOW).order

    assert live_units(after, 1) == {"b1": 6, "b2": 11, "t": 3}
    assert all(line.waits_in is None for line in after.lines)
    assert after.totals.goods == 3000 - 125 + 3000


def test_the_rest_of_a_set_that_was_not_found_waits_for_a_person_who_may_cancel_it():
    order = worked(offered(sold(sets=2)), "accept", "start-pick")

    order = saved(short_pick(order, a_step(lb1=1), "NOT_FOUND", cancel=True))
    waits = {line.line_id: line.waits_in for line in order.lines}
    cancelled = saved(cancel(order, {"b": 1}, "no pots", "care", NOW))

    assert waits == {"b1": Queue.CUSTOMER_CARE, "b2": Queue.CUSTOMER_CARE, "t": None}
    assert {line.line_id: line.live for line in cancelled.lines} == {"b1": 2, "b2": 4, "t": 3}
    assert cancelled.totals.goods == 1000 + 3000
    assert all(line.waits_in is None for line in cancelled.lines)
    assert {line.line_id: line.live for line in cancel(order, {"b1": 1}, "x", "care", NOW).order.lines} == {
        "b1": 2, "b2": 8, "t": 3,
    }  # fmt: skip


def test_a_person_may_send_the_rest_of_a_broken_set():
    order = worked(offered(sold(sets=1)), "accept", "start-pick")
    order = saved(short_pick(order, a_step(lb1=1), "NOT_FOUND", cancel=True))

    order = resume.resume(order, Queue.CUSTOMER_CARE, Queue.CUSTOMER_CARE, "retry", "ann", NOW).order

    assert {line.line_id: (line.group, line.unplaced()) for line in order.lines if line.component} == {
        "b1": (None, 1), "b2": (None, 4),
    }  # fmt: skip


def test_a_hold_of_a_bundle_holds_its_components():
    kind = a_hold_type("DAMAGED", "ship", level=holds.LINE)
    order = offered(sold())

    held = review.hold(order, kind, "check it", "care", NOW, ("b",)).order
    by_part = review.hold(order, kind, "check it", "care", NOW, ("b2",)).order

    assert held.holds[0].lines == by_part.holds[0].lines == ("b1", "b2")
    assert [line.held for line in held.lines] == [("ship",), ("ship",), ()]
    with pytest.raises(Held):
        ship(held, a_step(lb1=2, lb2=4), a_shipment())
    with pytest.raises(Invalid):
        review.hold(order, kind, "check it", "care", NOW, ("c",))


def test_a_rule_that_holds_dear_lines_looks_at_the_price_of_the_bundle():
    def held(at_least):
        kind = a_hold_type("DEAR", "ship", level=holds.LINE, total_at_least=(at_least, "USD"))
        return rule_holds.judged(kind, sold(discount=1)).lines

    assert held(2999) == ("b1", "b2", "t")
    assert held(3000) == ("t",)


def sent_again(**lost):
    order = saved(ship(offered(sold(sets=2)), a_step(), a_shipment()))
    order = saved(lose(order, a_step(**lost), "CARRIER_LOST"))
    (loss,) = order.fulfillment(1).losses
    return order, replacement(order, loss.item, an_order_id(9), "WEB-1-R1", "care", NOW).order


def test_a_lost_set_is_sent_again_as_a_set_of_the_bundle_without_a_price():
    order, again = sent_again(lt=1, lb1=2, lb2=4)

    assert bundles.sets_by_status(bundles.components(order, "b")) == {S.SHIPPED: 1, S.LOST: 1}
    assert [(line.line_id, line.quantity) for line in again.as_sent()] == [("t", 1), ("b", 1), ("b1", 2), ("b2", 4)]
    assert kits.by_group(again) == {" b": {"b1": 2, "b2": 4}}
    assert again.totals.total == 0


def test_a_lost_part_of_a_set_is_sent_again_alone():
    order, again = sent_again(lb1=1, lb2=2)

    assert bundles.sets_by_status(bundles.components(order, "b")) == {S.SHIPPED: 2}
    assert [(line.line_id, line.kind, line.group) for line in again.as_sent()] == [
        ("b1", "PRODUCT", None), ("b2", "PRODUCT", None),
    ]  # fmt: skip


def test_a_rejected_draft_has_no_live_set():
    order = placed(an_order(*a_bundle(sets=2), draft=True))

    after = review.reject(order, "sales-review", "no", "sales", NOW).order

    assert (after.status, after.totals.total) == ("CANCELLED", 0)


@st.composite
def steps(draw):
    name = draw(
        st.sampled_from(("decline", "short-pick", "cut", "cancel", "accept", "start-pick", "pick", "ship", "bill"))
    )
    units = draw(st.dictionaries(st.sampled_from(("b1", "b2", "t")), st.integers(1, 4), min_size=1))
    if draw(st.booleans()):
        sets = draw(st.integers(1, 2))
        units |= {"b1": 2 * sets, "b2": 4 * sets}
    return name, draw(st.integers(1, 3)), units


@given(st.lists(steps(), max_size=10), st.booleans())
def test_sets_and_cents_survive_any_life(story, together):
    order = sold(sets=4, together=together, discount=7, tax=11)
    order = offered(order, (DC, {"b1": 6, "b2": 12, "t": 2}), (BRANCH, {"b1": 2, "b2": 4, "t": 1}))
    made = []

    for name, number, units in story:
        try:
            decided, invoice = _did(order, name, number, units)
        except Rejected:
            continue
        order = saved(decided)
        made += invoice
        _check(order, made, together=together)


def _check(order, made, *, together):
    if together:
        assert all(kits.broken_sets(order, f.number) == {} for f in order.fulfillments)
        routable = {line.line_id: line.unplaced() for line in order.lines}
        assert routable["b2"] == 2 * routable["b1"] or any(line.waits_in for line in order.lines)
        gone = {line.line_id: line.units(lambda a: a.status in GONE) for line in order.lines}
        assert gone["b2"] == 2 * gone["b1"]
    assert all(sum(a.quantity for a in line.allocations) == line.quantity for line in order.lines)
    assert sum(bundles.sets_by_status(bundles.components(order, "b")).values()) == 4
    assert order.totals == invoices.order_totals(order)
    left = [invoices.invoice_line(x, x.live - x.invoiced) for x in order.lines if x.live > x.invoiced]
    rest = invoices.totals_of(left, order.prices_include_tax)
    for name in ("goods", "discounts", "tax", "total"):
        assert sum(getattr(one.totals, name) for one in made) + getattr(rest, name) == getattr(order.totals, name)
    pot, cup, tea = order.lines
    if pot.live % 2 == 0 and cup.live == 2 * pot.live:
        assert order.totals.goods == pot.live // 2 * 1000 + tea.live * 1000


def _did(order, name, number, units):
    step = a_step(number, **{f"l{line_id}": quantity for line_id, quantity in units.items()})
    match name:
        case "decline":
            return decline(order, step, OTHER), []
        case "short-pick" | "cut":
            return short_pick(order, step, "NOT_FOUND", cancel=name == "cut"), []
        case "cancel":
            return cancel(order, units if "t" in units else {"b": number}, "x", "shop", NOW), []
        case "accept":
            return advance(order, "accept", a_step(number)), []
        case "ship":
            return ship(order, step, a_shipment()), []
        case "bill":
            billed = bill(order, number, NOW)
            if billed is None:
                raise NotAllowed("billed before")
            return billed[0], [billed[1]]
    return advance(order, name, step), []


def test_the_books_of_a_bundle_close_to_the_cent():
    order = offered(sold(sets=3, discount=7, tax=11))
    order = saved(cancel(order, {"b": 1}, "less", "shop", NOW))
    order = saved(ship(order, a_step(lb1=2, lb2=4), a_shipment()))
    order = saved(bill(order, 1, NOW)[0])
    order = saved(ship(order, a_step(2), a_shipment("S2")))
    order = saved(bill(order, 2, NOW)[0])

    closed = close(order, NOW).order

    assert closed.closed
    assert closed.invoiced_total == closed.captured == closed.totals.total == 2000 - 4 + 7 + 3000
    assert closed.open_authorization == 0


def test_a_bundle_of_nine_hundred_and_ninety_nine_components_is_exact():
    shares = [1_001] * 999
    shares[0] += 1_000_000 - sum(shares)

    order = placed(an_order(*a_bundle("SET", 100_000, 12_345, *((f"S{i}", 1, x) for i, x in enumerate(shares)))))
    order = saved(cancel(order, {"b": 40_000}, "less", "shop", NOW))
    sets = bundles.sets_by_status(bundles.components(order, "b"))

    assert sets == {S.CREATED: 60_000, S.CANCELLED: 40_000}
    assert order.totals.goods == 60_000 * 12_345
