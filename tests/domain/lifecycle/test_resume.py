"""People answer the tasks of queues, and state machines ask people."""

from dataclasses import replace
from datetime import timedelta

import pytest

from comanda.domain.billing import invoices
from comanda.domain.errors import Invalid, NotAllowed, NotFound
from comanda.domain.lifecycle.resume import ask_person, resume, retry_backorders
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Question
from comanda.domain.orders.status import Status
from comanda.domain.orders.verdict import verdict
from tests.builders import (
    NOW,
    a_line,
    an_order,
    offered,
    placed,
)
from tests.domain.models.waiting import a_declined_pickup, backordered

S = Status


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


@pytest.mark.parametrize(("answer", "estimated"), [("retry", False), ("ship", True)])
def test_what_is_sent_instead_of_collected_keeps_its_tax_as_an_estimate(answer, estimated):
    order = a_declined_pickup()
    taxed = replace(order.lines[0], tax=80, tax_rate="0.08", tax_table="us@1", tax_name="Sales tax")
    order = invoices.revalued(order.with_lines([taxed]))

    after = resume(order, "customer-care", "customer-care", answer, "care-1", NOW).order

    assert (after.lines[0].tax, after.lines[0].tax_estimated) == (80, estimated)
    assert after.totals == order.totals


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


@pytest.mark.parametrize(("cups", "group"), [(4, "tea-set"), (2, None)])
def test_a_kit_that_no_node_could_send_stays_a_kit_unless_its_units_make_no_set(cups, group):
    lines = [
        a_line(sku, units, group="tea-set", waits_in="customer-care", because="kit-incomplete")
        for sku, units in (("POT", 2), ("CUP", 4))
    ]
    order = placed(an_order(*lines))
    cup = order.lines[1]
    if cups < 4:
        order = order.with_lines([cup.move("cancel", 4 - cups)])

    answered = resume(order, "customer-care", "customer-care", "retry", "ada", NOW)

    assert [line.group for line in answered.order.lines] == [group, group]
