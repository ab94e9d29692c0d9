"""Money that was collected at the hand-over and is given back waits until a person tells that it was paid out."""

from dataclasses import replace

import pytest

from comanda.domain.billing import collecting, credit_notes, failed_money, paying_out
from comanda.domain.billing.credit_notes import All, Asked
from comanda.domain.billing.invoices import Invoice
from comanda.domain.books.accounts import Account, standing
from comanda.domain.errors import Invalid, NotAllowed, NotFound
from comanda.domain.lifecycle.cancels.no_show import no_show
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders import document
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import FailedMovement, PaymentState
from functions.invoice.rules import bill, close
from tests.builders import NOW, a_line, a_node, a_shipment, a_step, a_tender, an_order, offered, placed, saved, worked
from tests.domain.billing.test_collecting import after_collecting, an_order_of, cash


def at_counter(*tenders, **line) -> Order:
    order = an_order_of(*tenders, method=PICKUP, node="store-1", **line)
    return worked(order, "accept", "pick", "pack", "ready")


def paid_and_back() -> Decision:
    """Return the end of an order that a counter was paid for, and that its customer did not take."""
    order = after_collecting(at_counter(), 2000).order
    decision = close(saved(no_show(order, a_step())), NOW)
    assert decision is not None
    assert not sum(standing(decision.order).values())
    return decision


def invoiced_and_paid(*tenders, paid: int = 2000) -> tuple[Order, Invoice]:
    order = saved(ship(at_counter(*tenders), a_step(), a_shipment()))
    billed = bill(order, 1, NOW)
    assert billed is not None
    return after_collecting(saved(billed[0]), paid).order, replace(billed[1], serial=1)


def test_money_collected_ahead_that_goes_back_is_a_task_of_the_store() -> None:
    decision = paid_and_back()

    (task,) = decision.tasks
    assert (task.queue, task.item, task.reason, task.node) == ("pay-outs", "pay-out-002", "to-pay-out", "store-1")
    assert dict(task.data) == {"amount": "2000", "currency": "USD"}
    assert [(one.purpose, one.amount) for one in decision.money] == [("refund", 2000)]
    assert decision.order.payments[0].state is PaymentState.TO_PAY_OUT
    assert standing(decision.order) == {Account.CAPTURED: 2000, Account.RECEIVABLE: -2000}
    assert document.to_order(document.from_order(decision.order)) == decision.order
    assert decision.order.accounted == 0


@pytest.mark.parametrize(("answer", "operations"), [("done", [("refund", 2000)]), ("paid", [])])
def test_it_is_given_back_once(answer: str, operations: list[tuple[str, int]]) -> None:
    order = saved(paid_and_back())

    decision = resume(order, "pay-outs", "pay-out-002", answer, "store", NOW)

    assert [(one.purpose, one.amount) for one in decision.money] == operations
    assert decision.done == (("pay-outs", "pay-out-002"),)
    tender = decision.order.payments[0]
    assert (tender.state, tender.refunded, tender.repaid) == (
        PaymentState.REFUNDED,
        2000,
        2000 - len(operations) * 2000,
    )
    assert standing(decision.order) == {Account.CAPTURED: 2000, Account.REFUNDED: -2000}
    assert (decision.event.data["amount"], decision.event.data["currency"]) == (2000, "USD")
    with pytest.raises(NotFound):
        resume(decision.order, "pay-outs", "pay-out-002", answer, "store", NOW)


def test_it_takes_no_other_answer_and_waits_in_no_other_queue() -> None:
    order = saved(paid_and_back())

    with pytest.raises(Invalid):
        resume(order, "pay-outs", "pay-out-002", "retry", "store", NOW)
    with pytest.raises(NotFound):
        resume(order, "payments", failed_money.item(2), "paid", "ann", NOW)
    assert failed_money.queue_item(order.failed_money[0]) == ("pay-outs", "pay-out-002")


def test_a_credit_note_of_money_that_a_carrier_collected_is_a_task_of_the_office() -> None:
    order = saved(ship(offered_parcel(), a_step(), a_shipment()))
    billed = bill(order, 1, NOW)
    assert billed is not None
    order = after_collecting(saved(billed[0]), 2000).order

    decision, note = credit_notes.credit(
        order, replace(billed[1], serial=1), [], Asked(wanted=All(), reason="broken", by="ann"), NOW
    )

    assert [one.amount for one in note.refunds] == [2000]
    (task,) = decision.tasks
    assert (task.queue, task.node) == ("pay-outs", None)
    assert not sum(standing(decision.order).values())


def offered_parcel() -> Order:
    return offered(placed(an_order(a_line("TEA", 2, 1000), payments=(cash(),))))


def test_a_credit_note_gives_back_the_last_payment_first_and_the_card_by_its_provider() -> None:
    order, invoice = invoiced_and_paid(a_tender(1200), cash(800), paid=800)

    decision, _ = credit_notes.credit(order, invoice, [], Asked(wanted=All(), reason="broken", by="ann"), NOW)

    assert [(one.tender, one.amount) for one in decision.money] == [(1, 800), (0, 1200)]
    assert [(task.item, task.node) for task in decision.tasks] == [("pay-out-004", "store-1")]
    assert (decision.order.payments[0].refunded, decision.order.payments[1].unrefunded) == (1200, 800)


def test_a_refund_that_a_card_did_not_take_is_paid_out_of_the_till() -> None:
    order, _ = invoiced_and_paid(a_tender(1200), cash(800), paid=800)
    taken = replace(order.payments[0], captured=0, uncaptured=1200, unrefunded=300)
    failed = FailedMovement(number=9, purpose="refund", tender=0, amount=300, reason="REFUND_FAILED")
    order = replace(order, payments=(taken, order.payments[1]), failed_money=(failed,))

    decision = resume(order, "payments", "money-009", "retry", "ann", NOW)

    assert [(one.tender, one.amount) for one in decision.money] == [(1, 300)]
    assert [task.queue for task in decision.tasks] == ["pay-outs"]
    assert decision.done == (("payments", "money-009"),)


def two_counters() -> Order:
    order = an_order(a_line("TEA", 2, 1000, method=PICKUP, node="store-1"), payments=(cash(),))
    order = offered(placed(order), (a_node("dc-1"), {"1": 1}), (a_node("dc-2"), {"1": 1}))
    for number in (1, 2):
        order = worked(order, "accept", "pick", "pack", "ready", number=number)
    return order


def test_money_collected_ahead_pays_its_own_counter_and_no_invoice_before() -> None:
    order = after_collecting(two_counters(), 1000, number=2).order
    order = saved(ship(order, a_step(1), a_shipment("S1")))

    billed = bill(order, 1, NOW)

    assert billed is not None
    order = saved(billed[0])
    assert (collecting.due(order, 1), collecting.due(order, 2)) == (1000, 0)
    order = saved(ship(order, a_step(2), a_shipment("S2")))
    last = bill(order, 2, NOW)
    assert last is not None
    assert (last[0].money, last[0].tasks) == ((), ())
    order = after_collecting(last[0].order, 1000, "r2").order
    assert Account.RECEIVABLE not in standing(order)


def test_two_collectors_may_use_the_same_reference() -> None:
    order = after_collecting(two_counters(), 1000, "0001", 1).order

    order = after_collecting(order, 1000, "0001", 2).order

    assert order.captured == 2000
    assert collecting.collect(order, 2, 1000, "0001", "store", NOW) is None
    with pytest.raises(NotAllowed, match="another amount"):
        collecting.collect(order, 2, 900, "0001", "store", NOW)


def test_an_order_without_such_money_is_left_as_it_is() -> None:
    order = an_order_of(a_tender(2000))

    assert paying_out.noted(order, ()) is order
