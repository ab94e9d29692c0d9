"""Test each answer of each queue against each effect: an answer that changes an order is denied as the change is."""

from dataclasses import replace

import pytest

from comanda.domain.billing import failed_money
from comanda.domain.errors import Held, NotAllowed
from comanda.domain.lifecycle.changes.change import change
from comanda.domain.lifecycle.changes.changing import ChangeTerms
from comanda.domain.lifecycle.modifications.modification_matrix import OF_LINES, POSSIBLE, Matrix, Modification, Rule
from comanda.domain.lifecycle.moving.wanted import NewMethod
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.parcels.deliver import deliver, lose
from comanda.domain.lifecycle.resume import ANSWERS, resume
from comanda.domain.orders import holds, rule_holds
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Question
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status
from tests.builders import (
    NOW,
    a_hold_type,
    a_line,
    a_line_in,
    a_package,
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
from tests.domain.billing.test_failed_money import an_order_of, failed, not_captured
from tests.domain.billing.test_paying_out import paid_and_back
from tests.domain.models.waiting import a_declined_pickup, backordered

M = Modification
# What an answer changes, beside the place or the time at which units are looked at again.
EFFECTS = {(Queue.CUSTOMER_CARE, "ship"): {M.METHOD, M.SHIP_TO}}
PAIRS = [(queue, answer) for queue, answers in ANSWERS.items() for answer in answers]


def shipped():
    order = offered(placed(an_order(a_line("TEA", 3))))
    package = a_package("P1", ("1", 3), tracking_number="1Z 1", carrier="UPS")
    return saved(ship(worked(order, "accept", "pick", "pack"), a_step(), a_shipment("S-9", package)))


def lost():
    return saved(lose(shipped(), a_step(), "CARRIER_LOST"))


def found():
    """Return an order whose lost units were found after they had been refunded."""
    gone = lost()
    refunded = saved(resume(gone, "lost", gone.fulfillment(1).losses[0].item, "refund", "care", NOW))
    return saved(deliver(refunded, a_step(), later(hours=9)))


def waiting_for_route():
    line = a_line_in(an_allocation(2, Status.UNSCHEDULED), waits_in="routing", because="too-many-nodes")
    return replace(placed(an_order(line)), lines=(line,))


def an_open_question():
    question = Question(item_id="q-1", queue="exceptions", reason="NotAllowed", wait="order", at=NOW)
    return replace(placed(an_order()), questions=(question,))


def working(**facts):
    order = offered(placed(an_order()))
    return replace(order, fulfillments=(replace(order.fulfillment(1), **facts),))


def not_released():
    order = an_order_of(1000, 600, captured=600, released=400)
    return failed_money.fail(order, failed("release", 400), NOW).order


def promised_later():
    """Return an order whose authorisation ends before the day of its release."""
    units = an_allocation(2, Status.SCHEDULED, node="dc-1", due="2026-12-24")
    ends = (a_tender(2000, expires_at=later(days=7)),)
    return replace(placed(an_order(a_line_in(units), payments=ends)), lines=(a_line_in(units),))


def the_item(queue, answer):
    """Return an order, and the name of its item that takes this answer."""
    match queue, answer:
        case "lost", _:
            order = found() if answer == "done" else lost()
            item = order.fulfillment(1).losses[0].item
            return order, f"found-{item}" if answer == "done" else item
        case "payments", "done":
            return not_released(), "money-001"
        case "payments", "authorized":
            return promised_later(), queue
        case "pay-outs", _:
            return saved(paid_and_back()), "pay-out-002"
    return {
        "backorder": lambda: (backordered(2), queue),
        "routing": lambda: (waiting_for_route(), queue),
        "customer-care": lambda: (a_declined_pickup(), queue),
        "exceptions": lambda: (an_open_question(), "q-1"),
        "late-work": lambda: (working(late=True), "late-001"),
        "refused-recalls": lambda: (working(recall_refused=True), "refused-001"),
        "delivery-exceptions": lambda: (shipped(), "001-1Z1"),
        "payments": lambda: (not_captured(), "money-001"),
    }.get(queue, lambda: (placed(an_order()), "x"))()


def denied(order, queue, item, answer, matrix=Matrix()):  # noqa: B008
    """Return True if the answer is denied."""
    try:
        resume(order, queue, item, answer, "care", NOW, {"replacement": "ord_9", "reference": "C-7"}, matrix)
    except NotAllowed:
        return True
    return False


def held(order, effect, line_id=""):
    """Return the order with a hold, also one of which all units have left."""
    lines = (line_id,) if line_id else ()
    hold = rule_holds.new_hold(order, a_hold_type("FIRM", effect), "firm", "office", NOW, lines)
    return holds.with_held_lines(replace(order, holds=(hold,)))


def denying(effect):
    return Matrix(rules=(Rule(modification=effect, allow=False, statuses=POSSIBLE[effect], reason=f"no {effect}"),))


@pytest.mark.parametrize(("queue", "answer"), PAIRS)
def test_an_answer_is_denied_by_what_denies_its_effect_and_by_nothing_else(queue, answer):
    order, item = the_item(queue, answer)
    assert not denied(order, queue, item, answer)

    by_matrix = {effect for effect in M if denied(order, queue, item, answer, denying(effect))}
    by_hold = {effect for effect in M if denied(held(order, effect), queue, item, answer)}
    by_line = {e for e in M if e in OF_LINES and denied(held(order, e, order.lines[0].line_id), queue, item, answer)}

    assert (by_matrix, by_hold, by_line) == (EFFECTS.get((queue, answer), set()),) * 3


def test_a_line_is_sent_instead_by_the_queue_where_the_change_of_its_method_sends_it():
    order, terms = a_declined_pickup(), ChangeTerms(reason="asked", actor="sales", now=NOW)
    wanted = [NewMethod(line_id="1", method="SHIP")]
    for effect in M:
        matrices = [(order, denying(effect)), (held(order, effect), Matrix())]
        for one, matrix in (*matrices, *([(held(order, effect, "1"), Matrix())] if effect in OF_LINES else [])):
            by_change = bool(change(one, wanted, matrix, terms).denied)
            assert denied(one, "customer-care", "customer-care", "ship", matrix) == by_change, effect


def test_a_denied_answer_names_the_hold_or_the_words_of_the_retailer():
    order = a_declined_pickup()

    with pytest.raises(Held, match=r"method is blocked by hold h1 \(FIRM\)"):
        resume(held(order, M.SHIP_TO, "1"), "customer-care", "customer-care", "ship", "care", NOW)
    with pytest.raises(NotAllowed, match="line 1 is not sent instead: no method"):
        resume(order, "customer-care", "customer-care", "ship", "care", NOW, matrix=denying(M.METHOD))


def test_units_that_are_to_be_ready_at_the_counter_later_are_sent_along_and_asked_about():
    waits, later_on = (
        an_allocation(1, Status.UNSCHEDULED),
        an_allocation(1, Status.SCHEDULED, node="store-7", due="2026-12-24"),
    )
    line = a_line_in(waits, later_on, method=PICKUP, node="store-7", waits_in="customer-care")
    order = replace(placed(an_order(a_line("TEA", 2))), lines=(line,))
    matrix = Matrix(rules=(Rule(modification=M.METHOD, allow=False, statuses=(Status.SCHEDULED,), reason="promised"),))

    assert not denied(order, "customer-care", "customer-care", "ship")
    assert denied(order, "customer-care", "customer-care", "ship", matrix)
