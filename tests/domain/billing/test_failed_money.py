"""A movement that the provider did not do is taken back, is seen in the books, and is answered once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from comanda.domain.billing import credited_money, failed_money
from comanda.domain.billing.payments import capture, settle
from comanda.domain.books.accounts import Account, standing
from comanda.domain.errors import Invalid, NotAllowed, NotFound
from comanda.domain.labels import labels
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders import document
from comanda.domain.orders.credit import Credit
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import FailedMovement, Tender
from comanda.domain.payments.answer import Reason
from tests.builders import an_order

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def an_order_of(total: int, invoiced: int, **tender) -> Order:
    paid = Tender(**{"method": "CARD", "reference": "pi_1", "authorized": total, "provider": "stripe"} | tender)
    order = an_order()
    totals = replace(order.totals, total=total)
    return replace(order, totals=totals, payments=(paid,), invoiced_total=invoiced, operations=1)


def failed(purpose: str, amount: int, number: int = 1) -> FailedMovement:
    invoice = 1 if purpose == "capture" else None
    return FailedMovement(
        number=number, purpose=purpose, tender=0, amount=amount, reason="CARD_DECLINED", invoice=invoice
    )


def not_captured() -> Order:
    """Return an order of 1000 with an invoice of 600, whose capture failed."""
    return failed_money.fail(an_order_of(1000, 600, captured=600), failed("capture", 600), NOW).order


def answer(order: Order, given: str):
    return resume(order, "payments", "money-001", given, "ann", NOW)


def test_a_capture_that_failed_makes_its_invoice_receivable_and_keeps_its_part_of_the_authorisation() -> None:
    decision = failed_money.fail(an_order_of(1000, 600, captured=600), failed("capture", 600), NOW)

    order = decision.order
    assert standing(order)[Account.RECEIVABLE] == 600
    assert (order.captured, order.open_authorization, order.accounted) == (0, 400, 600)
    (task,) = decision.tasks
    assert (task.queue, task.item, task.reason) == ("payments", "money-001", "capture-failed: CARD_DECLINED")
    assert decision.event.data == {
        "operation": 1, "purpose": "capture", "amount": 600, "currency": order.currency, "reason": "CARD_DECLINED",
    }  # fmt: skip
    assert document.to_order(document.from_order(order)) == order


def test_a_later_invoice_and_the_end_of_the_order_do_not_take_again_what_failed() -> None:
    later, operations = capture(replace(not_captured(), invoiced_total=1000), 2)
    assert [operation.amount for operation in operations] == [400]

    closed, operations = settle(later)
    assert (closed, operations) == (later, ())
    assert standing(closed)[Account.RECEIVABLE] == 600


@pytest.mark.parametrize(
    ("given", "purposes", "receivable", "accounted"),
    [("retry", ["capture"], 0, 600), ("paid", ["release"], 0, 600), ("write-off", ["release"], 600, 600)],
)
def test_a_person_answers_about_a_capture(given: str, purposes: list[str], receivable: int, accounted: int) -> None:
    decision = answer(not_captured(), given)

    order = decision.order
    assert [(one.purpose, one.number, one.amount) for one in decision.money] == [(p, 2, 600) for p in purposes]
    assert standing(order).get(Account.RECEIVABLE, 0) == receivable
    assert (order.accounted, order.open_authorization, order.failed_money) == (accounted, 400, ())
    assert decision.done == (("payments", "money-001"),)
    with pytest.raises(NotFound):
        answer(order, given)


@pytest.mark.parametrize(("given", "money", "owed"), [("retry", 1, 0), ("paid", 0, 0)])
def test_a_refund_that_failed_is_owed_until_it_is_answered(given: str, money: int, owed: int) -> None:
    order = failed_money.fail(an_order_of(1000, 800, captured=1000, refunded=200), failed("refund", 200), NOW).order
    assert (standing(order)[Account.RECEIVABLE], order.accounted) == (-200, 800)
    assert settle(order)[1] == ()

    decision = answer(order, given)

    assert (len(decision.money), standing(decision.order).get(Account.RECEIVABLE, 0)) == (money, owed)
    assert decision.order.accounted == 800


@pytest.mark.parametrize(("given", "money", "authorized"), [("retry", 1, 1000), ("done", 0, 600)])
def test_a_release_that_failed_is_no_open_authorisation(given: str, money: int, authorized: int) -> None:
    order = failed_money.fail(an_order_of(1000, 600, captured=600, released=400), failed("release", 400), NOW).order
    assert (order.open_authorization, order.accounted) == (0, 600)

    decision = answer(order, given)

    (tender,) = decision.order.payments
    assert (len(decision.money), tender.authorized, tender.open) == (money, authorized, 0)


def test_a_refund_falls_before_its_capture() -> None:
    order = an_order_of(1000, 800, captured=1000, refunded=200)
    with pytest.raises(NotAllowed):
        failed_money.fail(order, failed("capture", 1000), NOW)
    order = failed_money.fail(order, failed("refund", 200, 2), NOW).order
    order = failed_money.fail(order, failed("capture", 1000), NOW).order
    assert (order.accounted, standing(order)[Account.RECEIVABLE]) == (800, 800)
    with pytest.raises(NotAllowed, match="first about its capture"):
        resume(order, "payments", "money-002", "retry", "ann", NOW)
    order = answer(order, "retry").order
    assert resume(order, "payments", "money-002", "retry", "ann", NOW).order.accounted == 800


@pytest.mark.parametrize(("given", "receivable"), [("retry", 0), ("paid", 0), ("write-off", 1000)])
def test_a_capture_fails_of_which_the_shop_has_paid_back_a_part_itself(given: str, receivable: int) -> None:
    paid_back = an_order_of(1000, 800, captured=1000, refunded=200, repaid=200)

    order = failed_money.fail(paid_back, failed("capture", 1000), NOW).order

    assert (order.captured, order.accounted, standing(order)[Account.RECEIVABLE]) == (-200, 800, 1000)
    answered = answer(order, given).order
    assert (answered.accounted, standing(answered).get(Account.RECEIVABLE, 0)) == (800, receivable)
    assert document.to_order(document.from_order(answered)) == answered


@pytest.mark.parametrize(("kept", "refunds"), [(0, []), (20, [20])])
def test_the_end_of_an_order_asks_for_no_more_than_its_customer_owes(kept: int, refunds: list[int]) -> None:
    """A capture of 700 failed, and a credit of 41 went back from another payment, which has no more than `kept`."""
    order = failed_money.fail(an_order_of(700, 700, captured=700), failed("capture", 700), NOW).order
    other = Tender(method="PIX", reference="pi_2", authorized=682, captured=682, refunded=682 - kept, provider="stripe")
    credit = Credit(invoice=1, total=41, tax=0, refunded=41)
    order = replace(order, payments=(*order.payments, other), credits=(credit,))

    settled, given_back = settle(order)
    moved = credited_money.lower_needless(settled, NOW)

    assert [one.amount for one in given_back] == refunds
    assert [one.amount for one in moved.order.failed_money] == [659]
    assert [(one.purpose, one.amount) for one in moved.money] == [("release", 41)]
    assert [dict(one.data)["amount"] for one in moved.tasks] == ["659"]
    assert moved.order.accounted == moved.order.invoiced_total
    assert credited_money.lower_needless(moved.order, NOW).money == ()


@pytest.mark.parametrize(("given", "operations", "repaid"), [("retry", [(2, 70), (1, 30)], 0), ("paid", [], 100)])
def test_a_refund_of_what_other_payments_took_over_goes_back_from_all_of_them(
    given: str, operations: list[tuple[int, int]], repaid: int
) -> None:
    first = Tender(method="CARD", reference="pi_1", authorized=100, released=100, unrefunded=100, provider="stripe")
    others = [Tender(method="CARD", reference=f"pi_{n}", authorized=70, captured=70, provider="stripe") for n in (2, 3)]
    order = replace(an_order_of(140, 140), payments=(first, *others), failed_money=(failed("refund", 100),))

    decision = answer(order, given)

    assert [(one.tender, one.amount) for one in decision.money] == operations
    assert decision.order.payments[0].unrefunded == 0
    assert sum(tender.refunded for tender in decision.order.payments) == 100
    assert sum(tender.repaid for tender in decision.order.payments) == repaid


def test_a_refund_of_what_was_partly_given_up_goes_back_as_far_as_it_was_taken() -> None:
    paid = {"captured": 60, "released": 40, "written_off": 40, "unrefunded": 100}
    order = replace(an_order_of(100, 100, **paid), failed_money=(failed("refund", 100),))

    decision = answer(order, "retry")

    assert [one.amount for one in decision.money] == [60]
    tender = decision.order.payments[0]
    assert (tender.refunded, tender.unrefunded, tender.written_off) == (60, 0, 0)


@pytest.mark.parametrize(("purpose", "given"), [("capture", "done"), ("refund", "write-off"), ("release", "paid")])
def test_an_answer_that_does_not_fit_names_those_that_do(purpose: str, given: str) -> None:
    before = an_order_of(1000, 600, captured=600, refunded=10, released=10)
    order = failed_money.fail(before, failed(purpose, 10), NOW).order
    with pytest.raises(Invalid, match="takes: retry"):
        answer(order, given)


def test_an_answer_about_a_failed_movement_does_not_renew_authorisations() -> None:
    with pytest.raises(Invalid, match="takes: authorized"):
        resume(not_captured(), "payments", "payments", "retry", "ann", NOW)


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("locale", ["en", "pt-BR", "es"])
def test_every_reason_has_words(reason: Reason, locale: str) -> None:
    said = labels.reason(f"capture-failed: {reason}", locale, str)
    assert reason not in said
    assert "-failed" not in said
