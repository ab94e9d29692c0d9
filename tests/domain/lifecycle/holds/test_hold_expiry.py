"""Test what happens to a hold whose time is over: it is resolved, the order is cancelled, or a person is asked."""

from dataclasses import replace

import pytest

from comanda.domain.lifecycle import next_look
from comanda.domain.lifecycle.holds import hold_expiry, review
from comanda.domain.orders import holds
from comanda.domain.orders.holds import ASK, CANCEL, RESOLVE
from comanda.domain.orders.status import Status
from comanda.domain.stock.changes import sum_changes
from tests.builders import (
    NOW,
    a_hold_type,
    a_line,
    a_node,
    an_allocation,
    an_order,
    later,
    offered,
    placed,
    saved,
    worked,
)

AFTER = later(minutes=31)


def waiting():
    """Return an order whose two units have a node, and wait there for a day."""
    order = placed(an_order(a_line("TEA", 2)))
    part = an_allocation(2, Status.SCHEDULED, node="dc-1", due="2026-12-01", promise="2026-12-04")
    return order.with_lines([replace(order.lines[0], allocations=(part,))])


def held(on_expiry, *blocks, order=None, **changes):
    kind = a_hold_type("REMORSE", *blocks, expires_minutes=30, on_expiry=on_expiry, **changes)
    return saved(review.hold(order or placed(an_order(a_line("TEA", 2))), kind, "odd", "desk", NOW))


def ended(order, now=AFTER, resolves=frozenset()):
    return hold_expiry.end_expired_hold(order, resolves, now)


def test_nothing_happens_before_the_time_is_over():
    assert ended(held(RESOLVE), later(minutes=29)) is None
    assert ended(placed(an_order())) is None


def test_a_hold_is_resolved_and_its_task_is_done():
    decision = ended(held(RESOLVE))

    assert [hold.active for hold in decision.order.holds] == [False]
    assert (decision.event.type, decision.event.data) == ("hold_resolved", {"hold": "h1", "resolution": "expired"})
    assert decision.done == (("holds", "h1"),)


@pytest.mark.parametrize(("resolves", "event"), [({"REMORSE"}, "hold_resolved"), (set(), "hold_expired")])
def test_a_hold_of_before_follows_its_type(resolves, event):
    assert ended(held(""), resolves=frozenset(resolves)).event.type == event


def test_what_can_be_cancelled_is_cancelled_also_when_the_hold_blocks_that():
    decision = ended(held(CANCEL, "cancel", "schedule"))

    assert decision.order.status == "CANCELLED"
    assert decision.event.data["reason"] == "hold-expired"
    assert not any(hold.active for hold in decision.order.holds)
    assert decision.done == (("holds", "h1"),)


def test_only_the_held_lines_are_cancelled():
    order = placed(an_order(a_line("TEA", 2), a_line("POT", 1)))
    kind = a_hold_type("ENGRAVING", expires_minutes=30, on_expiry=CANCEL, level=holds.LINE)
    order = saved(review.hold(order, kind, "odd", "desk", NOW, ("2",)))

    after = ended(order).order

    assert [line.cancelled for line in after.lines] == [0, 1]


def test_a_person_is_asked_when_nothing_can_be_cancelled():
    order = held(CANCEL, order=saved(review.hold(placed(an_order()), a_hold_type("X", "cancel"), "x", "desk", NOW)))

    decision = ended(order)

    assert (decision.event.type, decision.event.data["hold"]) == ("hold_expired", "h2")
    assert decision.order.status == "CREATED"


def test_a_person_is_asked_once_and_the_hold_stays():
    order = held(ASK)

    decision = ended(order)

    assert [hold.active for hold in decision.order.holds] == [True]
    assert decision.order.holds[0].expired_at == AFTER
    assert decision.done == ()
    assert ended(saved(decision), later(hours=9)) is None
    assert next_look.next_look(saved(decision), AFTER) > later(hours=1)


def test_stock_of_units_that_no_node_works_on_is_given_back():
    order = held(ASK, "release", order=waiting())

    decision = ended(order)

    assert decision.order.quantities() == {"UNSCHEDULED": 2}
    assert decision.event.data["lines"] == [{"line_id": "1", "quantity": 2}]
    assert [(c.kind, c.sku, c.node) for c in decision.stock] == [("release", "TEA", "dc-1")]
    assert decision.stock == sum_changes(decision.stock)
    assert decision.order.kept_from_router


@pytest.mark.parametrize("blocks", [("ship",), ("cancel",)])
def test_a_hold_that_lets_the_router_go_on_gives_no_stock_back(blocks):
    assert ended(held(ASK, *blocks, order=waiting())).stock == ()


def at_node(*steps):
    return worked(offered(placed(an_order(a_line("TEA", 2))), (a_node(), {"1": 2})), *steps)


def test_work_that_a_node_has_not_begun_is_taken_back():
    decision = ended(held(ASK, "release", order=at_node("accept")))

    assert decision.order.quantities() == {"UNSCHEDULED": 2}
    assert decision.order.fulfillment(1).ended == "RECALLED"
    assert [(c.kind, c.node) for c in decision.stock] == [("release", "dc-1")]
    assert decision.event.type == "hold_expired"
    assert decision.event.data["taken"][0]["lines"] == [{"line_id": "1", "quantity": 2}]


def test_begun_work_is_requested_back_from_its_node():
    decision = ended(held(ASK, "release", order=at_node("accept", "pick")))

    assert decision.order.quantities() == {"PICKED": 2}
    assert decision.order.requested_back(1) == {"1": 2}
    assert decision.stock == ()
    assert decision.event.data["requested"][0]["fulfillment"] == 1


def test_another_hold_keeps_work_at_its_node():
    order = saved(review.hold(at_node(), a_hold_type("KEEP", "recall"), "x", "desk", NOW))

    decision = ended(held(ASK, "release", order=order))

    assert decision.order.quantities() == {"RELEASED": 2}
    assert (decision.stock, decision.event.data) == ((), {"hold": "h2", "type": "REMORSE"})


def test_units_of_another_line_stay():
    order = offered(placed(an_order(a_line("TEA", 2), a_line("POT", 1))), (a_node(), {"1": 2, "2": 1}))
    kind = a_hold_type("ENGRAVING", "release", expires_minutes=30, on_expiry=ASK, level=holds.LINE)

    after = ended(saved(review.hold(order, kind, "odd", "desk", NOW, ("2",)))).order

    assert after.quantities() == {"RELEASED": 2, "UNSCHEDULED": 1}
