"""A dispute is noted once for each standing, moves the books to what is owed again, and keeps cards from being active."""

from dataclasses import replace

import pytest

from comanda.domain.billing import credited_money, disputes
from comanda.domain.billing.payments import capture
from comanda.domain.books import journal
from comanda.domain.books.accounts import Account, standing
from comanda.domain.errors import Invalid, NotAllowed, NotFound
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders import bought_cards, document
from comanda.domain.orders.credit import Credit
from comanda.domain.orders.decision import EventType
from comanda.domain.orders.dispute import Dispute
from comanda.domain.orders.tender import AT_HAND_OVER, TO_PAY_OUT, FailedMovement, Tender
from comanda.domain.payments.dispute import DisputeState
from tests.builders import NOW, a_line, an_order, offered, placed

OPEN = Dispute(dispute_id="du_1", tender=0, amount=1000, state=DisputeState.OPEN)
WON, LOST = (replace(OPEN, state=state) for state in (DisputeState.WON, DisputeState.LOST))


def paid():
    order = placed(an_order(a_line(quantity=1, tax=0)))
    return capture(replace(order, invoices=("A-1",), invoiced_total=1000), 1)[0]


def test_a_dispute_is_noted_with_its_event_once():
    order = paid()

    noted = disputes.note(order, [OPEN], NOW)

    assert noted.order.disputes == (OPEN,)
    assert noted.event.type is EventType.PAYMENT_DISPUTED
    assert noted.event.data == {"payment": 1, "amount": 1000, "currency": "USD", "state": "OPEN"}
    assert disputes.note(noted.order, [OPEN], NOW) is None
    assert disputes.note(order, [], NOW) is None
    assert document.to_order(document.from_order(noted.order)) == noted.order


def test_what_a_bank_took_is_owed_again_until_it_is_won():
    before = paid()
    taken = disputes.note(before, [OPEN], NOW).order

    assert journal.between(before, taken) == {Account.RECEIVABLE: 1000, Account.DISPUTED: -1000}
    assert journal.between(taken, disputes.note(taken, [LOST], NOW).order) == {}
    won = disputes.note(taken, [WON], NOW).order
    assert journal.between(before, won) == {}
    assert won.disputes == (WON,)


def test_cards_are_not_paid_while_a_bank_has_the_money():
    order = paid()
    assert bought_cards.are_paid(order)
    assert not bought_cards.are_paid(replace(order, disputes=(OPEN,)))
    assert not bought_cards.are_paid(replace(order, disputes=(LOST,)))
    assert bought_cards.are_paid(replace(order, disputes=(WON,)))


def test_each_of_several_disputes_has_its_own_event():
    second = replace(OPEN, dispute_id="du_2", amount=200)
    one = disputes.note(paid(), [OPEN, second], NOW)
    two = disputes.note(one.order, [OPEN, second], NOW)

    assert [dispute.amount for dispute in two.order.disputes] == [1000, 200]
    assert two.order.disputed == 1200
    assert two.event.data["amount"] == 200
    assert disputes.note(two.order, [OPEN, second], NOW) is None


def a_lost_one(amount=1000):
    return disputes.note(paid(), [replace(LOST, amount=amount)], NOW)


def answer(order, given, reason="the bank decided", item="dispute-001"):
    detail = {"reason": reason} if reason else {}
    return resume(order, "payments", item, given, "usr_1", NOW, detail)


def test_a_lost_dispute_asks_a_person_once():
    lost = a_lost_one()

    (task,) = lost.tasks
    assert (task.queue, task.item, task.reason, dict(task.data)) == (
        "payments",
        "dispute-001",
        "dispute-lost",
        {"amount": "1000", "currency": "USD"},
    )
    assert disputes.note(lost.order, [LOST], NOW) is None
    assert list(disputes.items(lost.order)) == ["dispute-001"]


def test_a_lost_dispute_is_written_off_as_a_cost_and_told_twice():
    lost = a_lost_one().order
    decision = answer(lost, "write-off")

    assert journal.between(lost, decision.order) == {Account.RECEIVABLE: -1000, Account.CHARGEBACKS: 1000}
    assert decision.done == (("payments", "dispute-001"),)
    assert decision.event.data == {
        "queue": "payments",
        "item": "dispute-001",
        "answer": "write-off",
        "amount": 1000,
        "currency": "USD",
        "reason": "the bank decided",
    }
    assert disputes.note(decision.order, [LOST], NOW) is None
    assert not bought_cards.are_paid(decision.order)
    assert document.to_order(document.from_order(decision.order)) == decision.order
    with pytest.raises(NotFound):
        answer(decision.order, "write-off")


def test_a_dispute_that_is_won_after_its_write_off_reverses_it():
    before = paid()
    written_off = answer(a_lost_one().order, "write-off").order
    won = disputes.note(written_off, [WON], NOW)

    assert journal.between(before, won.order) == {}
    assert journal.between(written_off, won.order)[Account.CHARGEBACKS] == -1000


def test_a_lost_dispute_that_is_won_asks_nobody_any_more():
    won = disputes.note(a_lost_one().order, [WON], NOW)

    assert (won.tasks, won.done) == ((), (("payments", "dispute-001"),))


def test_money_that_came_by_another_way_ends_the_debt():
    before = paid()
    decision = answer(a_lost_one(400).order, "paid", reason="")

    assert journal.between(before, decision.order) == {}
    assert decision.event.data["amount"] == 400
    assert bought_cards.are_paid(decision.order)
    won = disputes.note(decision.order, [replace(WON, amount=400)], NOW).order
    assert journal.between(before, won) == {Account.RECEIVABLE: -400, Account.DISPUTED: 400}
    assert bought_cards.are_paid(won)


def test_a_part_is_written_off_as_the_bank_took_it():
    lost = a_lost_one(400).order

    assert journal.between(lost, answer(lost, "write-off").order) == {
        Account.RECEIVABLE: -400,
        Account.CHARGEBACKS: 400,
    }


def test_answers_that_do_not_fit_change_nothing():
    lost = a_lost_one().order
    with pytest.raises(Invalid) as missing:
        answer(lost, "write-off", reason="")
    assert missing.value.problems[0].pointer == "/reason"
    with pytest.raises(Invalid) as unknown:
        answer(lost, "retry")
    assert unknown.value.problems[0].pointer == "/answer"
    with pytest.raises(NotFound):
        answer(lost, "write-off", item="dispute-002")
    with pytest.raises(NotFound):
        answer(disputes.note(paid(), [OPEN], NOW).order, "write-off")


def test_nothing_is_decided_while_more_may_be_invoiced():
    lost = replace(a_lost_one().order, invoices=(), invoiced_total=0)

    for given in ("paid", "write-off"):
        with pytest.raises(NotAllowed):
            answer(lost, given)


def test_nothing_is_decided_while_invoiced_goods_wait_for_their_capture():
    lost = a_lost_one().order
    packed = replace(offered(placed(an_order())).fulfillments[0], invoice=2, to_capture=2000)
    credited = Credit(invoice=1, total=1000, tax=0, refunded=0)
    totals = replace(lost.totals, total=3000)
    order = replace(lost, fulfillments=(packed,), credits=(credited,), totals=totals, invoiced_total=3000)

    assert disputes.still_owed(order) == 0
    with pytest.raises(NotAllowed):
        answer(order, "write-off")


@pytest.mark.parametrize("written_off", [False, True])
def test_a_credit_note_gives_nothing_back_that_the_bank_gave_back(written_off):
    lost = a_lost_one(400).order
    lost = answer(lost, "write-off").order if written_off else lost
    moved = credited_money.give_back(lost, 1000, 1, 1, NOW)

    assert moved.lowered == 400
    assert [one.amount for one in moved.refunds] == [600]
    assert moved.order.disputes[0].written_off == 0
    credited = replace(moved.order, credits=(Credit(invoice=1, total=1000, tax=0, refunded=600),))
    assert Account.RECEIVABLE not in standing(credited)
    assert sum(standing(credited).values()) == 0


def test_a_refund_leaves_the_tender_whose_money_the_bank_took():
    order = a_lost_one(1000).order
    more = replace(order.payments[0], reference="two", captured=500, authorized=500)
    order = replace(order, payments=(more, order.payments[0]), invoiced_total=1500)
    order = replace(order, disputes=(replace(LOST, tender=1),))

    moved = credited_money.give_back(order, 1500, 1, 1, NOW)

    assert (moved.lowered, [(one.tender, one.amount) for one in moved.refunds]) == (1000, [(0, 500)])


def test_a_dispute_that_is_won_after_the_customer_had_paid_again_asks_a_person_to_give_that_back():
    again = answer(a_lost_one(400).order, "paid", reason="").order

    won = disputes.note(again, [replace(WON, amount=400)], NOW)

    (task,) = won.tasks
    assert (task.item, task.reason, dict(task.data)["amount"], won.done) == ("dispute-001", "dispute-won", "400", ())
    assert standing(won.order)[Account.RECEIVABLE] == -400
    with pytest.raises(Invalid, match="takes: paid"):
        answer(won.order, "write-off")
    back = answer(won.order, "paid", reason="")
    assert (back.done, back.event.data["amount"]) == ((("payments", "dispute-001"),), 400)
    assert Account.RECEIVABLE not in standing(back.order)
    assert disputes.note(back.order, [replace(WON, amount=400)], NOW) is None
    assert bought_cards.are_paid(back.order)


def test_each_debt_is_asked_about_once():
    """A capture that failed, an open dispute, and what the customer gets back of another one, are items of their own."""
    failed = Tender(method="CARD", reference="pi_2", authorized=7, provider="stripe", uncaptured=7)
    order = a_lost_one(400).order
    order = replace(order, payments=(*order.payments, failed), invoiced_total=order.invoiced_total + 7)
    order = replace(order, totals=replace(order.totals, total=order.invoiced_total))
    assert disputes.still_owed(order) == 400
    won = Dispute(dispute_id="du_0", tender=0, amount=100, state=DisputeState.WON, repaid=100)
    opened = Dispute(dispute_id="du_2", tender=0, amount=600, state=DisputeState.OPEN)
    for other in (won, opened):
        assert disputes.still_owed(replace(order, disputes=(other, *order.disputes))) == 400


@pytest.mark.parametrize("closed", [True, False])
def test_what_a_bank_gives_back_pays_what_the_shop_gave_up_of_another_dispute(closed: bool):
    """All of an invoice of 1000 is credited: 700 were refunded, and what a bank kept was set off. Then another bank took 700."""
    order = paid()
    refunded = replace(order.payments[0], refunded=700)
    order = replace(order, payments=(refunded,), credits=(Credit(invoice=1, total=1000, tax=0, refunded=700),))
    kept = Dispute(dispute_id="du_2", tender=0, amount=700, state=DisputeState.LOST, written_off=700, answered=True)
    first = replace(LOST, amount=300, answered=True)
    before = replace(order, closed=closed, disputes=(first, kept))
    assert sum(standing(before).values()) == 0

    after = disputes.note(before, [replace(WON, amount=300)], NOW).order

    assert [one.written_off for one in after.disputes] == [0, 400]
    assert (standing(after)[Account.CHARGEBACKS], standing(after).get(Account.RECEIVABLE, 0)) == (400, 0)


@pytest.mark.parametrize("answer_to_it", ["done", "paid"])
def test_money_that_is_paid_out_beside_a_lost_dispute_is_asked_about_again(answer_to_it: str):
    """A counter pays 100 out, although its customer has that from their bank."""
    order = paid()
    at_counter = Tender(method="CASH_ON_DELIVERY", reference="", authorized=100, captured=100, provider=AT_HAND_OVER)
    at_counter = replace(at_counter, unrefunded=100)
    note = FailedMovement(number=1, purpose="refund", tender=1, amount=100, reason=TO_PAY_OUT)
    order = replace(
        order, payments=(*order.payments, at_counter), failed_money=(note,), operations=1, invoiced_total=1000
    )
    lost = replace(LOST, amount=1000, written_off=940, answered=True)
    second = replace(LOST, dispute_id="du_2", amount=40, answered=True)
    order = replace(order, disputes=(lost, second))
    assert disputes.still_owed(order) == 0

    decision = resume(order, "pay-outs", "pay-out-001", answer_to_it, "ann", NOW)

    asked = ("dispute-001", "dispute-002")
    assert [(one.item, one.reason) for one in decision.tasks] == [(item, "dispute-lost") for item in asked]
    again = decision.order
    for item in asked:
        again = resume(again, "payments", item, "write-off", "ann", NOW, {"reason": "small"}).order
    assert ([one.written_off for one in again.disputes], disputes.still_owed(again)) == ([1000, 40], 0)
