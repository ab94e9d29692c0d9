"""Queues, the answers to waiting machines, the sweeper's next look and the answers of people all follow from the order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from comanda.domain.errors import Invalid, NotAllowed, NotFound
from comanda.domain.lifecycle import next_look, review
from comanda.domain.lifecycle.cancel import cancel
from comanda.domain.lifecycle.decline import decline, miss_deadline
from comanda.domain.lifecycle.resume import ask_person, resume, retry_backorders
from comanda.domain.lifecycle.ship import ship
from comanda.domain.lifecycle.work import advance
from comanda.domain.orders import queues
from comanda.domain.orders.line import PICKUP
from comanda.domain.orders.order import Question
from comanda.domain.orders.status import Status
from comanda.domain.orders.verdict import SUCCESSES, verdict
from tests.builders import (
    NOW,
    a_hold_type,
    a_line,
    a_line_in,
    a_shipment,
    a_step,
    a_tender,
    an_allocation,
    an_order,
    later,
    offered,
    placed,
    saved,
)

S = Status


def backordered(*units, **changes):
    """An order with a backordered line of so many units for each."""
    lines = [
        a_line_in(an_allocation(n, S.BACKORDERED), line_id=str(i), because="no-stock") for i, n in enumerate(units, 1)
    ]
    return replace(placed(an_order(*lines)), lines=tuple(lines), **changes)


def a_declined_pickup():
    order = placed(an_order(a_line("TEA", 2, method=PICKUP, node="store-7")))
    return saved(decline(offered(order), a_step(), "broken"))


def held(order, *blocks, queue="holds"):
    return saved(review.hold(order, a_hold_type("FRAUD", *blocks, queue=queue), "odd", "risk", NOW))


# Queues


def test_lines_that_wait_are_listed_with_their_units_and_the_reason():
    assert queues.waiting_lines(backordered(2, 3)) == {"backorder": (("1", 2, "no-stock"), ("2", 3, "no-stock"))}
    assert queues.waiting_lines(a_declined_pickup()) == {"customer-care": (("1", 2, "pickup-declined: broken"),)}
    assert queues.waiting_lines(placed(an_order())) == {}


def test_a_line_may_wait_for_a_person_and_for_stock():
    line = a_line_in(
        an_allocation(1, S.UNSCHEDULED),
        an_allocation(2, S.BACKORDERED),
        waits_in="routing",
        because="too-many-declines",
    )

    assert set(queues.waiting_lines(replace(placed(an_order(line)), lines=(line,)))) == {"routing", "backorder"}


def test_a_queue_opens_changes_and_closes_with_the_order():
    created, waiting = placed(an_order(a_line("TEA", 5))), backordered(2, 3)

    opened, none = queues.task_changes(created, waiting, NOW)
    assert none == ()
    (task,) = opened
    assert (task.queue, task.item, task.due, task.reason, task.priority) == (
        "backorder",
        "backorder",
        NOW,
        "no-stock",
        5,
    )
    assert dict(task.data) == {"lines": "1,2", "units": "5"}
    assert queues.task_changes(waiting, waiting, NOW) == ((), ())
    changed, _ = queues.task_changes(waiting, waiting.with_lines([waiting.line("1").move("receipt", 1)]), NOW)
    assert dict(changed[0].data)["units"] == "4"
    assert queues.task_changes(waiting, created, NOW) == ((), (("backorder", "backorder"),))
    assert queues.task_changes(None, waiting, NOW)[0] == opened


# What machines hear


def test_a_question_waits_until_a_person_answers_it():
    order = placed(an_order())
    question = Question(item_id="q-1", queue="exceptions", reason="NotAllowed", wait="order", at=NOW)

    asked = ask_person(order, question)

    assert asked is not None
    assert asked.event.type == "question_asked"
    assert [(t.queue, t.item, t.reason) for t in asked.tasks] == [("exceptions", "q-1", "NotAllowed")]
    assert verdict("AskAPerson", "order", asked.order) is None
    assert verdict("AskAPerson", "001", asked.order) == "Resolved"
    assert ask_person(asked.order, question) is None
    answered = resume(asked.order, "exceptions", "q-1", "retry", "ops-1", NOW)
    assert answered.done == (("exceptions", "q-1"),)
    assert verdict("AskAPerson", "order", answered.order) == "Resolved"


def test_a_machine_has_one_question_at_a_time():
    first = Question(item_id="q-1", queue="exceptions", reason="NotAllowed", wait="001", at=NOW)
    other = replace(first, item_id="q-9", wait="002")
    asked = ask_person(
        replace(placed(an_order()), questions=(first, other)), replace(first, item_id="q-2", reason="Busy")
    )

    assert asked is not None
    assert [q.item_id for q in asked.order.questions] == ["q-9", "q-2"]
    assert asked.done == (("exceptions", "q-1"),)


def test_an_order_is_settled_when_all_units_left_or_are_cancelled_and_every_shipment_is_invoiced():
    order = offered(placed(an_order(a_line("TEA", 2))))
    shipped = saved(ship(order, a_step(l1=1), a_shipment()))
    rest_cancelled = saved(cancel(shipped, {"1": 1}, "less", "shop", NOW))
    invoiced = rest_cancelled.with_fulfillment(replace(rest_cancelled.fulfillment(1), invoice=1))

    assert [o.settled for o in (order, shipped, rest_cancelled, invoiced)] == [False, False, False, True]
    assert verdict("UntilSettled", "order", rest_cancelled) is None
    assert verdict("UntilSettled", "order", invoiced) == "Settled"


def test_a_held_order_waits_and_goes_on_when_the_hold_is_gone_or_nothing_is_left():
    order = held(placed(an_order()), "schedule")

    assert verdict("Held", "order", order) is None
    assert verdict("UntilSettled", "order", order) is None
    freed = review.resolve(order, "h1", "holds", "fine", "risk", NOW).order
    assert verdict("Held", "order", freed) == "Resolved"
    assert verdict("UntilSettled", "order", freed) == "RouteAgain"
    assert verdict("Held", "order", cancel(order, None, "no", "shop", NOW).order) == "Resolved"
    other = held(placed(an_order()), "ship")
    assert verdict("Held", "order", other) == "Resolved"


def test_a_held_fulfillment_waits_and_goes_on_when_the_hold_is_gone_or_its_work_is_over():
    order = held(offered(placed(an_order())), "ship")

    assert verdict("Release", "001", order) == "HeldNow"
    assert verdict("Held", "001", order) is None
    assert verdict("Held", "001", review.resolve(order, "h1", "holds", "fine", "risk", NOW).order) == "Resolved"
    assert verdict("Held", "001", cancel(order, None, "no", "shop", NOW).order) == "Resolved"


def test_a_hold_on_shipping_does_not_stop_a_hand_over():
    order = held(offered(placed(an_order(a_line(method=PICKUP, node="store-7")))), "ship")
    assert verdict("Release", "001", order) is None

    handed_over = ship(order, a_step(), a_shipment()).order

    assert verdict("Release", "001", handed_over) == "Shipped"
    assert verdict("Held", "001", handed_over) == "Resolved"


def test_a_held_machine_is_told_first_that_its_units_left():
    shipped = saved(ship(offered(placed(an_order())), a_step(), a_shipment()))

    assert verdict("Held", "001", held(shipped, "ship")) == "Resolved"


def test_a_reminder_that_was_given_is_not_given_again():
    late = miss_deadline(offered(placed(an_order())), 1, later(hours=3), 120)
    assert late is not None

    assert verdict("Release", "001", late.order) == "Silent"
    told = late.order.with_fulfillment(replace(late.order.fulfillment(1), reminded=1))
    assert verdict("Release", "001", told) is None


def test_a_fulfillment_that_is_not_there_is_an_error():
    with pytest.raises(NotFound):
        verdict("Release", "007", placed(an_order()))


def test_only_good_news_is_a_success_for_a_machine():
    assert {"Settled", "Shipped", "Resolved"} == SUCCESSES


# When the sweeper looks


SOON, LATEST = NOW + next_look.SOON, NOW + next_look.LATEST


@pytest.mark.parametrize(
    ("order", "when"),
    [
        (placed(an_order()), SOON),  # nobody routed it yet
        (placed(an_order(draft=True)), LATEST),
        (held(placed(an_order()), "schedule"), LATEST),
        (backordered(1), LATEST),
        (a_declined_pickup(), LATEST),
        (offered(placed(an_order())), later(minutes=120)),  # accept-by
        (saved(advance(offered(placed(an_order())), "accept", a_step())), LATEST),  # ship-by is in 26 hours
        (held(offered(placed(an_order())), "accept"), LATEST),
        (saved(ship(offered(placed(an_order())), a_step(), a_shipment())), SOON),  # the invoice
        (saved(decline(offered(placed(an_order())), a_step(), "busy")), SOON),
        (saved(cancel(placed(an_order()), None, "no", "shop", NOW)), SOON),  # the books
        (replace(saved(cancel(placed(an_order()), None, "no", "shop", NOW)), closed=True), LATEST),
        (replace(backordered(1), payments=(a_tender(9999, expires_at=later(hours=7)),)), later(hours=7)),
        (replace(backordered(1), payments=(a_tender(0, expires_at=later(hours=7)),)), LATEST),  # nothing left on it
        (replace(backordered(1), payments=(a_tender(9999, expires_at=later(hours=-7)),)), LATEST),
    ],
)
def test_an_open_order_is_looked_at_when_something_is_due_and_once_a_day(order, when):
    assert next_look.next_look(order, NOW) == when


def test_a_holds_expiry_is_looked_at():
    kind = a_hold_type("REMORSE", "schedule", expires_hours=1)
    order = saved(review.hold(placed(an_order()), kind, "may regret", "rules", NOW))

    assert next_look.next_look(order, NOW) == later(hours=1)


def test_a_reminder_that_is_due_is_looked_at_soon():
    late = miss_deadline(offered(placed(an_order())), 1, later(hours=3), 120)
    assert late is not None

    assert next_look.next_look(late.order, later(hours=3)) == later(hours=3, minutes=5)


def test_an_order_that_waits_for_a_person_is_not_looked_at_every_five_minutes():
    question = Question(item_id="q", queue="exceptions", reason="x", wait="order", at=NOW)
    shipped = saved(ship(offered(placed(an_order())), a_step(), a_shipment()))

    assert next_look.next_look(replace(placed(an_order()), questions=(question,)), NOW) == LATEST
    assert next_look.next_look(replace(shipped, questions=(replace(question, wait="001"),)), NOW) == LATEST


# What a person answers


def test_a_person_who_has_the_goods_sends_backordered_units_to_the_router():
    order = resume(backordered(2, 3), "backorder", "backorder", "retry", "ops-1", NOW).order

    assert order.status == "UNSCHEDULED"
    assert verdict("UntilSettled", "order", order) == "RouteAgain"


def test_a_receipt_frees_what_is_backordered_and_finds_nothing_else():
    freed = retry_backorders(backordered(2), "receipt", NOW)

    assert freed is not None
    assert freed.order.quantities() == {S.UNSCHEDULED: 2}
    assert retry_backorders(freed.order, "receipt", NOW) is None


@pytest.mark.parametrize(("answer", "method", "node"), [("retry", PICKUP, "store-7"), ("ship", "SHIP", None)])
def test_customer_care_tries_the_store_again_or_ships_as_the_customer_said(answer, method, node):
    decision = resume(a_declined_pickup(), "customer-care", "customer-care", answer, "care-1", NOW)

    (line,) = decision.order.lines
    assert (line.waits_in, line.excluded, line.attempts, line.because) == (None, (), 0, "")
    assert (line.method, line.node_id, line.unplaced()) == (method, node, 2)
    assert decision.event.data == {"queue": "customer-care", "item": "customer-care", "answer": answer}


def test_a_pickup_order_without_an_address_cannot_be_shipped_instead():
    order = a_declined_pickup()
    nowhere = replace(order, destination=replace(order.destination, address=False))

    with pytest.raises(NotAllowed, match="no address"):
        resume(nowhere, "customer-care", "customer-care", "ship", "care-1", NOW)


@pytest.mark.parametrize(
    ("queue", "answer", "error"),
    [
        ("holds", "retry", NotAllowed),
        ("sales-review", "retry", NotAllowed),
        ("nonsense", "retry", NotAllowed),
        ("backorder", "ship", Invalid),
        ("late-work", "retry", Invalid),
        ("backorder", "retry", NotFound),
        ("customer-care", "retry", NotFound),
        ("routing", "retry", NotFound),
        ("exceptions", "retry", NotFound),
    ],
)
def test_an_unknown_answer_or_one_without_a_waiting_item_is_refused(queue, answer, error):
    with pytest.raises(error):
        resume(placed(an_order()), queue, queue, answer, "ops-1", NOW)


@pytest.mark.parametrize("queue", ["put-back", "mails"])
def test_a_task_that_is_done_leaves_its_queue(queue):
    decision = resume(placed(an_order()), queue, "x-001", "done", "ops-1", NOW)

    assert decision.done == ((queue, "x-001"),)


def test_late_work_that_a_person_saw_to_has_a_day_more_and_can_be_late_again():
    order = offered(placed(an_order()))
    order = replace(order, fulfillments=(replace(order.fulfillment(1), late=True),))

    decision = resume(order, "late-work", "late-001", "done", "ops-1", NOW)

    fulfillment = decision.order.fulfillment(1)
    assert (fulfillment.late, fulfillment.ship_by >= NOW + timedelta(days=1)) == (False, True)
    assert decision.done == (("late-work", "late-001"),)


def test_late_work_of_no_fulfillment_is_not_there():
    for item in ("late-009", "x"):
        with pytest.raises(NotFound):
            resume(placed(an_order()), "late-work", item, "done", "ops-1", NOW)
