"""Test that what waits for money ends with its reason, and that missing money is a task for a person when nothing runs any more."""

from dataclasses import replace

import pytest

from comanda.domain.books.accounts import standing
from comanda.domain.lifecycle.cancels import cancel
from comanda.domain.lifecycle.holds import authorisations, payment_holds, renewals
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders import holds
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import FailedMovement, Tender
from tests.builders import NOW, a_tender, later
from tests.domain.lifecycle.holds.test_renewals import SOON, an_order_of, being_renewed, by_card, held, refusal, renewed

ENDED = "the authorisation of the payment has ended"


def an_order_that_has(*tenders: Tender) -> Order:
    """Return an order with these payments, some of which may have ended since it was placed."""
    return an_order_of(a_tender(2000), payments=tenders)


def lost_capture(amount: int = 1000, tender: int = 0) -> FailedMovement:
    return FailedMovement(number=1, purpose="capture", tender=tender, amount=amount, reason="STATE", invoice=1)


def noted(order: Order) -> Decision:
    return Decision(order=order, event=Event(type=EventType.CHANGED, actor="ann", at=NOW, data={}))


def a_refused_order(*more, **changes) -> Order:
    order = being_renewed(an_order_that_has(by_card(**changes), *more))
    return renewals.refused(order, refusal(order, len(order.payments) - 1), NOW).order


def test_the_hold_of_a_renewal_becomes_a_task_when_other_money_is_missing() -> None:
    order = being_renewed(an_order_that_has(by_card(1000), a_tender(1000, expires_at=NOW)))

    decision = renewed(order, 2)

    (hold,) = decision.order.holds
    assert (hold.by, hold.reason, hold.queue) == (holds.BY_AUTHORISATIONS, ENDED, "holds")
    assert [(task.queue, task.item) for task in decision.tasks] == [("holds", hold.hold_id)]


def test_a_person_who_goes_on_without_a_renewal_leaves_a_task_when_the_first_authorisation_is_over() -> None:
    order = a_refused_order(ends=NOW)

    decision = resume(order, "payments", "money-001", "done", "ann", NOW)

    assert held(decision.order) == [ENDED]
    assert [task.queue for task in decision.tasks] == ["holds"]


def test_a_hold_of_missing_money_ends_when_nothing_is_missing_any_more() -> None:
    missing = authorisations.hold_if_ended(an_order_that_has(a_tender(2000, expires_at=NOW)), NOW)
    assert missing is not None
    free = replace(missing.order, totals=replace(missing.order.totals, total=0))

    decision = payment_holds.up_to_date(noted(free))

    assert held(decision.order) == []
    assert decision.done == (("holds", "h1"),)


def test_a_hold_that_a_decision_places_and_ends_has_no_task() -> None:
    missing = authorisations.hold_if_ended(an_order_that_has(a_tender(2000, expires_at=NOW)), NOW)
    assert missing is not None

    decision = payment_holds.up_to_date(replace(missing, order=replace(missing.order, payments=(a_tender(2000),))))

    assert (held(decision.order), decision.tasks, decision.done) == ([], (), ())


def test_a_question_about_an_authorisation_ends_when_its_money_is_not_needed() -> None:
    order = a_refused_order()
    cancelled = cancel.cancel(order, {"1": 1}, "one", "care", NOW)
    assert payment_holds.up_to_date(cancelled).order.failed_money == order.failed_money

    decision = payment_holds.up_to_date(cancel.cancel(cancelled.order, {"1": 1}, "two", "care", NOW))

    assert (decision.order.failed_money, held(decision.order)) == ((), [])
    assert ("payments", "money-001") in decision.done


def test_a_question_may_be_about_a_capture_that_the_order_does_not_know_of() -> None:
    """The room pay knows the captures that are not sent: it ends the question."""
    tender = by_card(2000, ends=NOW, captured=2000)
    question = replace(refusal(being_renewed(an_order_of(by_card()))), number=2)
    renewer = replace(by_card(0), renews=0)
    order = an_order_of(tender, renewer, invoiced_total=2000, operations=2, failed_money=(question,))

    assert payment_holds.up_to_date(noted(order)).order == order
    assert renewals.not_needed(order, NOW, ()) is not None


def test_what_the_order_comes_to_need_later_is_asked_for_anew_after_a_question_has_ended() -> None:
    order = a_refused_order()
    paid = replace(order, payments=(*order.payments, a_tender(2000)))
    order = payment_holds.up_to_date(noted(paid)).order
    assert order.failed_money == ()
    assert renewals.begin(order, NOW) is None

    dearer = replace(order, totals=replace(order.totals, total=3000))

    assert being_renewed(dearer).payments[-1].asked == 1000


def test_another_try_asks_for_what_the_order_needs_by_then() -> None:
    order = a_refused_order()
    cheaper = replace(order, totals=replace(order.totals, total=1200))

    decision = resume(cheaper, "payments", "money-001", "retry", "ann", NOW)

    assert [(one.purpose, one.amount) for one in decision.money] == [("authorize", 1200)]
    assert decision.order.payments[1].asked == 1200


def test_a_second_payment_is_asked_for_in_full_while_captures_of_the_first_one_are_made_again() -> None:
    """The first payment had 10.00 captured in vain, which are authorised again. The second one covers the rest."""
    first = by_card(1000, ends=NOW, uncaptured=1000)
    order = an_order_of(
        first, by_card(1000, ends=later(hours=30)), invoiced_total=1000, operations=1, failed_money=(lost_capture(),)
    )
    order = being_renewed(order)
    assert [tender.asked for tender in order.payments] == [0, 0, 1000]

    decision = renewals.begin(order, later(hours=7))

    assert decision is not None
    assert decision.order.payments[3].asked == 1000


def test_no_more_is_authorised_again_on_a_card_than_is_left_of_it() -> None:
    """The shop's own payment has ended beside the card, which is not asked for both."""
    order = being_renewed(an_order_that_has(by_card(1000, ends=NOW), a_tender(1000, expires_at=NOW)))
    order = renewed(order, 2).order

    assert [tender.open for tender in order.payments] == [0, 1000, 1000]
    assert renewals.begin(order, NOW) is None
    assert order.unpaid(NOW) == 1000


def test_what_was_authorised_too_much_is_released_when_the_order_became_cheaper() -> None:
    order = being_renewed(an_order_of(by_card(2000)))
    cheaper = replace(order, totals=replace(order.totals, total=1200))

    decision = renewed(cheaper)

    assert [(one.purpose, one.tender, one.amount) for one in decision.money] == [
        ("release", 0, 2000),
        ("release", 1, 800),
    ]
    assert decision.order.open_authorization == 1200
    assert not sum(standing(decision.order).values())


def test_a_payment_that_is_being_checked_does_not_hide_that_another_one_is_renewed() -> None:
    checked = holds.BY_CHECK
    order = an_order_of(by_card(1000), by_card(1000, reference="b", checked=False, ends=None))
    assert [hold.by for hold in order.holds] == [checked]

    assert [hold.by for hold in being_renewed(order).holds] == [checked, holds.BY_RENEWAL]


@pytest.mark.parametrize("ends", [SOON, NOW])
def test_a_renewal_that_is_not_needed_leaves_no_trace(ends) -> None:
    order = being_renewed(an_order_of(by_card(ends=ends), a_tender(500)))
    free = replace(order, totals=replace(order.totals, total=500))

    decision = renewals.refused(free, refusal(free, 2), NOW)

    assert (decision.tasks, held(decision.order), decision.order.payments[2].renews) == ((), [], None)
