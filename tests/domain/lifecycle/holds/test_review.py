"""Test that holds block the steps of an order until they are resolved, and that sales confirms or rejects it."""

import pytest

from comanda.domain.errors import Held, NotAllowed, NotFound
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.holds import review
from comanda.domain.orders.status import Status
from comanda.domain.scheduling.schedule import schedule
from tests.builders import (
    NOW,
    a_hold_type,
    a_line,
    a_plan,
    an_order,
    later,
    offered,
    placed,
    saved,
)

REVIEW = a_hold_type(review.SALES_REVIEW, "schedule", queue="sales-review", total_at_least=(50_000, "USD"))


def test_a_blocked_step_answers_with_the_hold_that_blocks_it():
    order = placed(an_order(), a_hold_type("REMORSE", "schedule", total_at_least=(0, "USD")))

    with pytest.raises(Held) as blocked:
        schedule(order, a_plan(order=order), (), NOW)

    assert (blocked.value.hold_id, blocked.value.hold_type, blocked.value.transaction) == ("h1", "REMORSE", "schedule")


# Holds that people place


def test_one_person_holds_an_order_and_another_resolves_the_hold():
    order = placed(an_order())

    held = review.hold(order, a_hold_type("CUSTOMER_REQUEST", "ship"), "on holiday", "care-1", NOW)
    freed = review.resolve(saved(held), "h1", "holds", "is back", "care-2", later(days=1))

    assert held.event.type == "held"
    assert [(t.queue, t.item, t.reason) for t in held.tasks] == [("holds", "h1", "on holiday")]
    assert freed.done == (("holds", "h1"),)
    (hold,) = freed.order.holds
    assert (hold.active, hold.reason, hold.by) == (False, "on holiday", "care-1")
    assert (hold.resolved_by, hold.resolved_at, hold.resolution) == ("care-2", later(days=1), "is back")
    assert not freed.order.blocked("ship")


def test_resolving_a_hold_that_is_not_there_is_an_error_never_a_creation():
    order = saved(review.hold(placed(an_order()), a_hold_type(), "odd", "care-1", NOW))
    resolved = saved(review.resolve(order, "h1", "holds", "fine", "care-1", NOW))

    for hold_id, held_order in (("h2", order), ("h1", resolved), ("h1", placed(an_order()))):
        with pytest.raises(NotFound):
            review.resolve(held_order, hold_id, "holds", "fine", "care-1", NOW)


def test_hold_ids_are_never_used_twice():
    order = saved(review.hold(placed(an_order()), a_hold_type(), "odd", "care-1", NOW))
    order = saved(review.resolve(order, "h1", "holds", "fine", "care-1", NOW))

    again = review.hold(order, a_hold_type(queue=""), "odd again", "care-1", NOW)

    assert [h.hold_id for h in again.order.holds] == ["h1", "h2"]
    assert again.tasks == ()


def test_an_ended_order_cannot_be_held():
    order = saved(cancel(placed(an_order()), None, "no", "shop", NOW))

    with pytest.raises(NotAllowed, match="ended"):
        review.hold(order, a_hold_type(), "odd", "care-1", NOW)


# Confirm and reject


def test_confirming_a_reviewed_order_ends_the_review_and_its_task():
    order = placed(an_order(a_line(unit_price=50_000)), REVIEW)

    decision = review.confirm(order, "sales-review", "sales-1", NOW)

    assert not decision.order.blocked("schedule")
    assert decision.order.holds[0].resolution == "confirmed"
    assert decision.done == (("sales-review", "h1"),)
    assert decision.order.status == "CREATED"
    assert decision.event.type == "confirmed"


def test_confirming_a_draft_makes_it_an_order():
    order = placed(an_order(a_line("TEA", 2), draft=True))
    assert order.status == "DRAFT"
    assert order.lines[0].unplaced() == 0

    decision = review.confirm(order, "sales-review", "sales-1", NOW)

    assert decision.order.status == "CREATED"
    assert not decision.order.draft
    assert decision.done == (("drafts", "draft"),)


def test_a_draft_in_review_is_confirmed_in_one_step_without_its_cancelled_units():
    order = placed(an_order(a_line("TEA", 2, 50_000), a_line("POT", 1), draft=True), REVIEW)
    order = saved(cancel(order, {"1": 1, "2": 1}, "less", "shop", NOW))

    decision = review.confirm(order, "sales-review", "sales-1", NOW)

    assert decision.order.quantities() == {Status.CANCELLED: 2, Status.CREATED: 1}
    assert set(decision.done) == {("sales-review", "h1"), ("drafts", "draft")}


def test_an_order_without_a_review_cannot_be_confirmed_or_rejected():
    for decide in (
        lambda: review.confirm(placed(an_order()), "sales-review", "sales-1", NOW),
        lambda: review.reject(placed(an_order()), "sales-review", "no", "sales-1", NOW),
    ):
        with pytest.raises(NotAllowed, match="neither a draft nor in review"):
            decide()


def test_another_hold_may_block_the_confirmation_or_the_rejection():
    order = placed(an_order(a_line(unit_price=50_000)), REVIEW)
    order = saved(review.hold(order, a_hold_type("FRAUD", "confirm", "reject"), "odd", "risk", NOW))

    for decide in (
        lambda: review.confirm(order, "sales-review", "sales-1", NOW),
        lambda: review.reject(order, "sales-review", "no", "sales-1", NOW),
    ):
        with pytest.raises(Held) as blocked:
            decide()
        assert blocked.value.hold_id == "h2"


def test_rejecting_cancels_every_unit_and_leaves_nothing_in_any_queue():
    order = placed(an_order(a_line("TEA", 2, 50_000), draft=True), REVIEW)
    order = saved(review.hold(order, a_hold_type("FRAUD", "ship"), "odd", "risk", NOW))

    decision = review.reject(order, "sales-review", "we doubt it", "sales-1", NOW)

    assert decision.order.status == "CANCELLED"
    assert not decision.order.draft
    assert not any(h.active for h in decision.order.holds)
    assert {h.hold_id: h.resolution for h in decision.order.holds} == {"h1": "rejected", "h2": "cancelled"}
    assert set(decision.done) == {("sales-review", "h1"), ("drafts", "draft"), ("holds", "h2")}
    assert decision.order.totals.total == 0
    assert decision.event.data == {"reason": "we doubt it"}


def test_an_order_that_nodes_work_on_is_no_longer_rejected():
    order = offered(placed(an_order()))
    order = saved(
        review.hold(order, a_hold_type(review.SALES_REVIEW, queue="sales-review"), "late doubt", "sales-1", NOW)
    )

    with pytest.raises(NotAllowed, match="cannot reject"):
        review.reject(order, "sales-review", "no", "sales-1", NOW)


def test_confirming_ends_every_hold_that_waits_in_the_queue_of_sales():
    form = a_hold_type("FORM_REVIEW", "schedule", queue="sales-review", total_at_least=(0, "USD"))
    fraud = a_hold_type("FRAUD", "ship", queue="holds", total_at_least=(0, "USD"))
    order = placed(an_order(), form, REVIEW, fraud)

    confirmed = review.confirm(order, "sales-review", "sales-1", NOW)

    assert [held.type for held in confirmed.order.holds if held.active] == ["FRAUD"]
    assert not confirmed.order.blocked("schedule")
    assert ("sales-review", "h1") in confirmed.done
