"""A refund that failed gives back what no bank has given its customer already, in whichever order people answer."""

from dataclasses import replace

import pytest

from comanda.domain.billing import disputes, failed_money
from comanda.domain.books.accounts import Account, standing
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders.credit import Credit
from comanda.domain.orders.dispute import Dispute
from comanda.domain.payments.dispute import DisputeState
from tests.builders import NOW
from tests.domain.billing.test_failed_money import an_order_of, answer, failed


def lost(order, amount):
    told = Dispute(dispute_id="du_1", tender=0, amount=amount, state=DisputeState.LOST)
    return disputes.note(order, [told], NOW).order


def receivable(order):
    return standing(order).get(Account.RECEIVABLE, 0)


@pytest.mark.parametrize("first", ["", disputes.WRITE_OFF, disputes.PAID])
@pytest.mark.parametrize(("taken", "back"), [(400, 600), (1000, 0), (1700, 0), (2000, 0)])
def test_what_a_bank_keeps_is_set_off_against_a_refund_of_goods_that_were_cancelled(first, taken, back):
    paid = an_order_of(2000, 1000, captured=2000, unrefunded=1000)
    order = replace(paid, totals=replace(paid.totals, total=1000), failed_money=(failed("refund", 1000),))
    order = lost(order, taken)
    if first:
        order = resume(order, "payments", "dispute-001", first, "ann", NOW, {"reason": "the bank decided"}).order

    decision = answer(order, "retry")

    assert [one.amount for one in decision.money] == ([back] if back else [])
    owed = 0 if first else max(0, taken - 1000)
    assert receivable(decision.order) == owed, "the customer has a debt that nobody is asked about"
    assert list(disputes.items(decision.order)) == ([] if first else ["dispute-001"])


def test_what_a_credit_note_has_set_off_is_not_set_off_once_more():
    order = lost(an_order_of(1000, 1000, captured=1000, unrefunded=600), 400)
    credited = Credit(invoice=1, total=1000, tax=0, refunded=600)
    order = replace(order, credits=(credited,), failed_money=(failed("refund", 600),))

    decision = answer(order, "retry")

    assert [one.amount for one in decision.money] == [600]
    assert receivable(decision.order) == 0


def test_a_dispute_of_another_payment_is_set_off_once_among_two_refunds():
    paid = an_order_of(1000, 1000, captured=1000, unrefunded=1000)
    other = replace(paid.payments[0], reference="pi_2", unrefunded=0)
    parts = (failed("refund", 500), failed("refund", 500, 2))
    order = replace(paid, payments=(paid.payments[0], other), failed_money=parts)
    order = disputes.note(order, [Dispute(dispute_id="du_1", tender=1, amount=700, state=DisputeState.LOST)], NOW).order

    one = answer(order, "retry")
    two = resume(one.order, "payments", "money-002", "retry", "ann", NOW)

    assert sum(made.amount for made in (*one.money, *two.money)) == 300
    assert receivable(two.order) == 0


@pytest.mark.parametrize("taken", [400, 1000, 1700, 2000])
@pytest.mark.parametrize(("first", "more"), [(disputes.WRITE_OFF, 0), (disputes.PAID, 1)])
def test_what_was_given_up_before_its_refund_came_back_is_given_up_no_more_than_it_is_owed(first, more, taken):
    """The refund of 1000 was done, the bank took a part, a person decided; then the bank of the customer returned the refund."""
    done = an_order_of(2000, 1000, captured=2000, refunded=1000)
    order = lost(replace(done, totals=replace(done.totals, total=1000)), taken)
    order = resume(order, "payments", "dispute-001", first, "ann", NOW, {"reason": "the bank decided"}).order
    assert receivable(order) == 0

    order = failed_money.fail(order, failed("refund", 1000), NOW).order
    decision = answer(order, "retry")

    # The customer has goods of 1000 and paid 2000. What they have paid again is theirs as well.
    back = sum(one.amount for one in decision.money)
    assert back == max(0, 1000 - (0 if more else taken))
    assert receivable(decision.order) == 0
    assert standing(decision.order).get(Account.CHARGEBACKS, 0) == (0 if more else max(0, taken - 1000))


@pytest.mark.parametrize("answers", [("money-001", "money-002"), ("money-002", "money-001")])
def test_two_refunds_that_failed_give_back_what_is_left_of_both_payments(answers):
    paid = an_order_of(0, 0, authorized=1000, captured=1000, unrefunded=1000)
    asked = (failed("refund", 1000), replace(failed("refund", 1000, 2), tender=1))
    order = lost(replace(paid, payments=paid.payments * 2, failed_money=asked), 1000)
    money = []
    for name in answers:
        decision = resume(order, "payments", name, "retry", "ann", NOW)
        order, money = decision.order, [*money, *decision.money]

    assert [(one.tender, one.amount) for one in money] == [(1, 1000)]
    assert receivable(order) == 0


@pytest.mark.parametrize("first", ["", disputes.WRITE_OFF, disputes.PAID])
@pytest.mark.parametrize("reply", ["retry", "paid"])
@pytest.mark.parametrize("credited", [300, 500, 1000])
@pytest.mark.parametrize("taken", [200, 400, 1000])
def test_what_a_bank_keeps_is_set_off_against_the_refund_of_a_credit_note(first, reply, credited, taken):
    order = an_order_of(1000, 1000, captured=1000, unrefunded=credited)
    note = Credit(invoice=1, total=credited, tax=0, refunded=credited)
    order = lost(replace(order, credits=(note,), failed_money=(failed("refund", credited),)), taken)
    if first:
        order = resume(order, "payments", "dispute-001", first, "ann", NOW, {"reason": "the bank decided"}).order

    decision = answer(order, reply)

    back = max(0, credited - taken)
    assert sum(one.amount for one in decision.money) == (back if reply == "retry" else 0)
    assert decision.order.payments[0].repaid == (back if reply == "paid" else 0)
    assert receivable(decision.order) == (0 if first else max(0, taken - credited)), (
        "nobody owes what nobody is asked about"
    )


def test_what_was_given_up_before_its_refund_was_answered_as_paid_is_given_up_no_more_than_it_is_owed():
    """The refund of a credit note was not done yet when a person gave the dispute up; then it failed, and the bank had it paid."""
    order = an_order_of(40, 40, captured=40, refunded=39)
    order = lost(replace(order, credits=(Credit(invoice=1, total=39, tax=0, refunded=39),)), 1)
    order = resume(
        order, "payments", "dispute-001", disputes.WRITE_OFF, "ann", NOW, {"reason": "the bank decided"}
    ).order
    assert standing(order)[Account.CHARGEBACKS] == 1

    decision = answer(failed_money.fail(order, failed("refund", 1), NOW).order, "paid")

    assert (receivable(decision.order), decision.order.payments[0].repaid) == (0, 0)
    assert Account.CHARGEBACKS not in standing(decision.order)


def test_a_dispute_is_asked_about_again_when_its_write_off_was_set_off_and_more_may_be_invoiced():
    """The order counts the money that the bank has as paid, also for what is invoiced later."""
    order = an_order_of(2000, 1000, authorized=2000, captured=1000, refunded=1000)
    order = lost(replace(order, credits=(Credit(invoice=1, total=1000, tax=0, refunded=1000),)), 400)
    order = resume(
        order, "payments", "dispute-001", disputes.WRITE_OFF, "ann", NOW, {"reason": "the bank decided"}
    ).order

    decision = answer(failed_money.fail(order, failed("refund", 1000), NOW).order, "retry")

    assert [one.amount for one in decision.money] == [600]
    assert [(task.item, task.reason) for task in decision.tasks] == [("dispute-001", "dispute-lost")]
    assert (decision.order.disputes[0].written_off, receivable(decision.order)) == (0, 0)


def test_an_authorisation_of_which_nothing_is_needed_gives_the_customer_nothing_back():
    order = an_order_of(1000, 1000, authorized=1900, captured=1000, unrefunded=100)
    note = Credit(invoice=1, total=100, tax=0, refunded=100)
    order = lost(replace(order, credits=(note,), failed_money=(failed("refund", 100),)), 400)
    assert order.open_authorization == 900

    decision = answer(order, "retry")

    assert (decision.money, receivable(decision.order)) == ((), 300)
