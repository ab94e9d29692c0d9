"""Test that money is collected when the customer gets the goods: once, to the cent, and that each difference is a question."""

from dataclasses import replace

import pytest

from comanda.domain.billing import collecting, credited_money, failed_money, payments
from comanda.domain.books.accounts import Account, standing
from comanda.domain.errors import Invalid, NotAllowed, NotFound
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders import document
from comanda.domain.orders.decision import Decision, MoneyOperation
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import AT_HAND_OVER, PaymentState, Tender
from functions.invoice.rules import bill
from tests.builders import (
    NOW,
    a_line,
    a_node,
    a_shipment,
    a_step,
    a_tender,
    an_order,
    later,
    offered,
    placed,
    saved,
    worked,
)


def cash(amount: int = 2000, **more):
    return Tender(method="CASH_ON_DELIVERY", reference="", authorized=amount, provider=AT_HAND_OVER, **more)


def an_order_of(*tenders, units: int = 2, **line) -> Order:
    order = an_order(a_line("TEA", units, 1000, **line), payments=tenders or (cash(units * 1000),))
    return offered(placed(order))


def shipped(order: Order) -> Order:
    return saved(ship(order, a_step(), a_shipment()))


def invoiced(*tenders, units: int = 2) -> tuple[Order, Decision]:
    order = shipped(an_order_of(*tenders, units=units))
    billed = bill(order, 1, NOW)
    assert billed is not None
    return billed[0].order, billed[0]


def after_collecting(order: Order, amount: int, reference: str = "r1", number: int = 1) -> Decision:
    decision = collecting.collect(order, number, amount, reference, "carrier", NOW)
    assert decision is not None
    assert not sum(standing(decision.order).values())
    assert document.to_order(document.from_order(decision.order)) == decision.order
    return decision


def test_a_shipment_is_receivable_until_its_money_is_collected() -> None:
    order, decision = invoiced()

    assert decision.event.data["captured"] == 0
    assert [(one.purpose, one.amount) for one in decision.money] == [("capture", 2000)]
    assert order.payments[0].state is PaymentState.TO_COLLECT
    assert standing(order)[Account.RECEIVABLE] == 2000
    assert collecting.due(order, 1) == collecting.to_collect(order, 1) == 2000
    (task,) = decision.tasks
    assert (task.queue, task.item, task.reason) == ("payments", "money-001", "capture-failed: TO_COLLECT")
    assert task.due == later(days=14)
    assert payments.capture(order, 1) == (order, ())


def test_what_is_collected_is_captured_once() -> None:
    order, _ = invoiced()

    decision = after_collecting(order, 2000)

    assert decision.money == (MoneyOperation(purpose="capture", number=2, tender=0, amount=2000, invoice=1),)
    assert decision.done == (("payments", "money-001"),)
    assert (decision.order.captured, decision.order.failed_money) == (2000, ())
    assert Account.RECEIVABLE not in standing(decision.order)
    assert decision.event.data == {"fulfillment": 1, "amount": 2000, "currency": "USD", "excess": 0, "missing": 0}
    assert collecting.collect(decision.order, 1, 2000, "r1", "carrier", NOW) is None


@pytest.mark.parametrize(("number", "amount", "reference"), [(1, 1999, "r1"), (1, 2000, "r2")])
def test_money_that_was_told_is_not_told_otherwise_or_by_another(number: int, amount: int, reference: str) -> None:
    order = after_collecting(invoiced()[0], 2000).order

    with pytest.raises(NotAllowed):
        collecting.collect(order, number, amount, reference, "store", NOW)


@pytest.mark.parametrize(("amount", "reason"), [(1500, "COLLECTED_LESS"), (0, "NOT_COLLECTED")])
def test_what_a_customer_did_not_pay_is_a_question(amount: int, reason: str) -> None:
    decision = after_collecting(invoiced()[0], amount)

    assert decision.order.captured == amount
    assert [(task.item, task.reason, task.due) for task in decision.tasks] == [
        ("money-001", f"capture-failed: {reason}", NOW)
    ]
    assert standing(decision.order)[Account.RECEIVABLE] == 2000 - amount
    assert decision.event.data["missing"] == 2000 - amount


@pytest.mark.parametrize(
    ("answer", "receivable", "open_items"), [("retry", 500, 1), ("paid", 0, 0), ("write-off", 500, 0)]
)
def test_a_person_answers_about_what_was_not_paid(answer: str, receivable: int, open_items: int) -> None:
    order = after_collecting(invoiced()[0], 1500).order

    decision = resume(order, "payments", "money-001", answer, "ann", NOW)

    assert standing(decision.order).get(Account.RECEIVABLE, 0) == receivable
    assert len(decision.order.failed_money) == open_items
    assert decision.order.open_authorization == 0
    if answer == "retry":
        assert [task.reason for task in decision.tasks] == ["capture-failed: TO_COLLECT"]
        assert after_collecting(decision.order, 500, "r2").order.captured == 2000


def test_more_than_was_due_is_not_booked_and_is_a_question() -> None:
    decision = after_collecting(invoiced()[0], 2300)

    assert decision.order.captured == 2000
    assert [(task.item, task.reason, dict(task.data)["amount"]) for task in decision.tasks] == [
        ("collected-001", "collected-more", "300")
    ]
    answered = resume(decision.order, "payments", "collected-001", "done", "ann", NOW)
    assert answered.done == (("payments", "collected-001"),)
    with pytest.raises(NotFound):
        resume(answered.order, "payments", "collected-001", "done", "ann", NOW)
    with pytest.raises(Invalid):
        resume(decision.order, "payments", "collected-001", "retry", "ann", NOW)


def test_a_counter_collects_before_its_invoice() -> None:
    order = worked(an_order_of(units=2, method=PICKUP, node="store-1"), "accept", "pick", "pack", "ready")
    assert collecting.due(order, 1) == 2000

    order = after_collecting(order, 2000).order

    assert standing(order)[Account.RECEIVABLE] == -2000
    assert collecting.due(order, 1) == 0
    handed = shipped(order)
    billed = bill(handed, 1, NOW)
    assert billed is not None
    assert (billed[0].money, billed[0].tasks) == ((), ())
    assert Account.RECEIVABLE not in standing(billed[0].order)


def test_money_that_a_counter_forgot_is_overdue_the_next_day() -> None:
    order = worked(an_order_of(units=2, method=PICKUP, node="store-1"), "accept", "pick", "pack", "ready")

    billed = bill(shipped(order), 1, NOW)

    assert billed is not None
    (task,) = billed[0].tasks
    assert (task.queue, task.reason, task.due) == ("payments", "capture-failed: TO_COLLECT", later(days=1))
    again = resume(billed[0].order, "payments", task.item, "retry", "ann", later(days=3))
    assert [one.due for one in again.tasks] == [later(days=4)]


def test_a_carrier_collects_nothing_of_a_shipment_that_is_not_invoiced() -> None:
    with pytest.raises(NotAllowed):
        collecting.collect(shipped(an_order_of()), 1, 2000, "r1", "carrier", NOW)


def test_nothing_is_collected_for_an_order_that_is_paid_by_card() -> None:
    order, _ = invoiced(a_tender(2000))

    with pytest.raises(NotAllowed):
        collecting.collect(order, 1, 2000, "r1", "carrier", NOW)


def test_the_card_pays_first_and_cash_the_rest() -> None:
    order, decision = invoiced(a_tender(1200), cash(800))

    assert decision.event.data["captured"] == 1200
    assert collecting.due(order, 1) == 800
    assert after_collecting(order, 800).order.captured == 2000


def test_a_credit_note_of_a_paid_parcel_leaves_what_is_to_be_collected_with_another() -> None:
    order = an_order(a_line("TEA", 2, 1000), payments=(cash(),))
    order = offered(placed(order), (a_node("dc-1"), {"1": 1}), (a_node("dc-2"), {"1": 1}))
    for number in (1, 2):
        order = saved(ship(order, a_step(number), a_shipment(f"S{number}")))
        billed = bill(order, number, NOW)
        assert billed is not None
        order = billed[0].order
    paid = after_collecting(order, 1000, number=2).order

    moved = credited_money.give_back(paid, 1000, 2, 1, NOW)

    assert (moved.lowered, [one.amount for one in moved.refunds]) == (0, [1000])
    assert collecting.to_collect(moved.order, 1) == 1000
    assert (moved.tasks, moved.done) == ((), ())


def test_a_credit_note_lowers_what_is_to_be_collected() -> None:
    order, _ = invoiced()

    moved = credited_money.give_back(order, 2000, 1, 1, NOW)

    assert (moved.lowered, moved.refunds) == (2000, ())
    assert moved.done == (("payments", "money-001"),)
    assert moved.order.payments[0].released == 2000


def one_owed_and_one_collected_ahead() -> Order:
    """Return an order of a unit at each of two counters: the first is fetched and not paid, the second is paid and still there."""
    lines = [a_line("TEA", 1, 1000, line_id=str(n), method=PICKUP, node=f"store-{n}") for n in (1, 2)]
    order = offered(
        placed(an_order(*lines, payments=(cash(),))), (a_node("store-1"), {"1": 1}), (a_node("store-2"), {"2": 1})
    )
    for number in (1, 2):
        order = worked(order, "accept", "pick", "pack", "ready", number=number)
    billed = bill(saved(ship(order, a_step(1), a_shipment("S1"))), 1, NOW)
    assert billed is not None
    return after_collecting(billed[0].order, 1000, number=2).order


def test_a_credit_note_leaves_what_was_collected_for_goods_without_an_invoice() -> None:
    order = one_owed_and_one_collected_ahead()

    moved = credited_money.give_back(order, 1000, 1, 1, NOW)

    assert (moved.lowered, moved.refunds) == (1000, ())
    assert (moved.order.payments[0].captured, collecting.to_collect(moved.order, 1)) == (1000, 0)


def test_a_credit_note_lowers_what_was_given_up_and_not_what_goes_back_for_cancelled_goods() -> None:
    order = saved(cancel(one_owed_and_one_collected_ahead(), {"2": 1}, "less", "shop", NOW))
    order = saved(resume(order, "payments", "money-001", "write-off", "ann", NOW))

    settled, operations = payments.settle(order)
    assert [(one.purpose, one.amount) for one in operations] == [("refund", 1000)]

    for one in (order, settled):
        moved = credited_money.give_back(one, 1000, 1, 1, NOW)
        assert (moved.lowered, moved.refunds, moved.order.payments[0].written_off) == (1000, (), 0)


def test_what_was_collected_can_be_refunded_and_what_was_not_cannot() -> None:
    order, _ = invoiced()
    assert order.payments[0].refundable == 0
    assert after_collecting(order, 1500).order.payments[0].refundable == 1500


def test_what_is_not_needed_any_more_is_released_without_a_hand_over() -> None:
    order = an_order_of()
    free = replace(order, totals=replace(order.totals, total=0))

    settled, operations = payments.settle(free)

    assert [(one.purpose, one.amount) for one in operations] == [("release", 2000)]
    assert settled.payments[0].open == 0
    assert failed_money.ANSWERS["capture"] == ("retry", "paid", "write-off")
