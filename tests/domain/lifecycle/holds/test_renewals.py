"""Test that what is left of a provider's payment is authorised anew before it ends, and that the order waits for the answer."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing import payments
from comanda.domain.books.accounts import standing
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle import next_look
from comanda.domain.lifecycle.changes import pending_changes
from comanda.domain.lifecycle.holds import authorisations, renewals
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders import document, queues
from comanda.domain.orders.decision import MoneyOperation
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import FailedMovement, PaymentState
from tests.builders import NOW, a_line, a_tender, an_order, later, placed

SOON = later(hours=20)


def an_order_of(*tenders, units=2, **changes) -> Order:
    return replace(placed(an_order(a_line("TEA", units, 1000), payments=tenders)), **changes)


def by_card(authorized=2000, ends=SOON, **changes):
    return a_tender(authorized, provider="stripe", expires_at=ends, **changes)


def held(order: Order) -> list[str]:
    return [hold.reason for hold in order.holds if hold.active]


def being_renewed(order: Order, **more) -> Order:
    decision = renewals.begin(order, NOW, **more)
    assert decision is not None
    assert not sum(standing(decision.order).values())
    return decision.order


def refusal(order: Order, at: int = 1) -> FailedMovement:
    number, amount = order.operations, order.payments[at].asked
    return FailedMovement(number=number, purpose="authorize", tender=at, amount=amount, reason="CARD_DECLINED")


def renewed(order: Order, at: int = 1, ends=None, **more):
    got = order.payments[at].asked
    return renewals.renewed(order, at, got, "pi_2", ends or later(days=7), NOW, **more)[0]


def test_what_the_order_needs_is_asked_for_a_day_before_the_end_and_the_release_waits() -> None:
    order = an_order_of(by_card(2500))

    decision = renewals.begin(order, NOW)

    assert decision is not None
    assert (decision.event.type, decision.event.data) == (
        "payment_renewing", {"amount": 2000, "currency": order.currency},
    )  # fmt: skip
    first, second = decision.order.payments
    assert (first.open, second.open, second.asked, second.renews) == (2500, 0, 2000, 0)
    assert second.state is PaymentState.AUTHORIZING
    assert decision.money == (MoneyOperation(purpose="authorize", number=1, tender=1, amount=2000),)
    assert held(decision.order) == ["the payment is being authorised again"]
    assert decision.order.blocked("release")
    assert renewals.begin(decision.order, NOW) is None
    assert document.to_order(document.from_order(decision.order)) == decision.order


@pytest.mark.parametrize(
    "tender",
    [
        by_card(ends=later(hours=25)),
        by_card(ends=None),
        by_card(checked=False),
        by_card(disputed=True),
        by_card(released=2000),
        a_tender(2000, expires_at=SOON),
    ],
    ids=["later", "no-end", "not-checked", "differs", "released", "of-the-shop"],
)
def test_nothing_is_asked_for_a_payment_that_is_not_to_be_renewed(tender) -> None:
    assert renewals.begin(an_order_of(tender), NOW) is None


def test_nothing_is_asked_for_what_other_payments_cover() -> None:
    assert renewals.begin(an_order_of(by_card(), a_tender(2000)), NOW) is None
    assert being_renewed(an_order_of(by_card(), a_tender(500))).payments[2].asked == 1500


def test_two_payments_that_end_are_asked_for_once_each() -> None:
    order = being_renewed(an_order_of(by_card(1500), by_card(1500, reference="b")))

    assert [tender.asked for tender in order.payments] == [0, 0, 1500, 500]
    assert order.operations == 2


def test_the_new_authorisation_takes_over_what_is_left_and_the_order_goes_on() -> None:
    order = being_renewed(an_order_of(by_card(2500)))

    decision = renewed(order)

    first, second = decision.order.payments
    assert (first.released, first.open, second.open, second.expires_at) == (2500, 0, 2000, later(days=7))
    assert (second.reference, second.asked, second.state) == ("pi_2", 0, PaymentState.AUTHORIZED)
    assert decision.money == (MoneyOperation(purpose="release", number=2, tender=0, amount=2500),)
    assert held(decision.order) == []
    assert (decision.event.type, decision.event.data["amount"]) == ("payment_renewed", 2000)
    assert not sum(standing(decision.order).values())


def test_a_payment_keeps_what_the_order_has_come_to_need_beyond_what_was_asked_for() -> None:
    asked = being_renewed(an_order_of(by_card(2000), units=1))
    dearer = replace(asked, totals=replace(asked.totals, charges=800, total=1800))

    decision = renewed(dearer)

    first, second = decision.order.payments
    assert (asked.payments[1].asked, second.open) == (1000, 1000)
    assert (first.released, first.open) == (1200, 800)
    assert not sum(standing(decision.order).values())


def test_the_hold_of_a_payment_that_was_refused_stays_when_another_one_is_renewed() -> None:
    asked = being_renewed(an_order_of(by_card(1000), by_card(1000)))
    refused = renewals.refused(asked, replace(refusal(asked, 2), number=1), NOW).order

    other = renewed(refused, 3).order

    assert held(other) == held(refused) == ["authorize-failed: CARD_DECLINED"]


def test_an_authorisation_that_is_refused_holds_the_order_and_asks_a_person() -> None:
    order = being_renewed(an_order_of(by_card()))

    decision = renewals.refused(order, refusal(order), NOW)

    (task,) = decision.tasks
    assert (task.queue, task.item, task.reason) == ("payments", "money-001", "authorize-failed: CARD_DECLINED")
    assert held(decision.order) == ["authorize-failed: CARD_DECLINED"]
    assert decision.order.payments[1].state is PaymentState.NOT_AUTHORIZED
    assert decision.order.open_authorization == 2000
    assert renewals.begin(decision.order, NOW) is None


@pytest.mark.parametrize(("answer", "reasons"), [("retry", ["the payment is being authorised again"]), ("done", [])])
def test_a_person_answers_about_an_authorisation_that_was_refused(answer: str, reasons: list[str]) -> None:
    order = being_renewed(an_order_of(by_card()))
    order = renewals.refused(order, refusal(order), NOW).order

    decision = resume(order, "payments", "money-001", answer, "ann", NOW)

    assert held(decision.order) == reasons
    assert decision.order.failed_money == ()
    assert [one.purpose for one in decision.money] == (["authorize"] if answer == "retry" else [])
    assert ("payments", "money-001") in decision.done
    ended = authorisations.hold_if_ended(decision.order, later(hours=21))
    assert (ended is not None) == (answer == "done")


def test_an_order_that_needs_no_money_any_more_asks_nobody() -> None:
    order = being_renewed(an_order_of(by_card()))
    order, _ = payments.settle(replace(order, totals=replace(order.totals, total=0)))

    decision = renewals.refused(order, refusal(order), NOW)

    assert (decision.tasks, held(decision.order), decision.event.data["amount"]) == ((), [], 0)


def test_an_account_that_captures_once_has_the_rest_authorised_after_the_first_capture() -> None:
    order = an_order_of(by_card(2000, ends=later(days=6), captured=1000), invoiced_total=1000)

    decision = renewals.ended(order, [0], NOW)

    assert decision is not None
    assert decision.order.payments[0].ended(NOW)
    assert decision.order.payments[1].asked == 1000
    assert decision.order.unpaid(NOW) == 1000


def test_a_capture_that_was_not_sent_is_made_of_the_new_authorisation() -> None:
    order = an_order_of(by_card(2000, ends=later(days=6), captured=2000), invoiced_total=2000, operations=2)
    second = MoneyOperation(purpose="capture", number=2, tender=0, amount=1000, invoice=2)
    decision = renewals.ended(order, [0], NOW, [second])
    assert decision is not None
    order = decision.order
    assert order.payments[1].asked == 1000

    decision = renewed(order, unsent=[second])

    assert [tender.captured for tender in decision.order.payments] == [1000, 1000]
    assert [tender.open for tender in decision.order.payments] == [0, 0]
    assert decision.money == (
        MoneyOperation(purpose="capture", number=4, tender=1, amount=1000, invoice=2),
        MoneyOperation(purpose="release", number=5, tender=0, amount=1000),
    )
    assert decision.order.captured == 2000
    assert not sum(standing(decision.order).values())


@pytest.mark.parametrize(("reason", "again"), [("STATE", True), ("AUTHORISATION_ENDED", True), ("NO_ANSWER", False)])
def test_a_capture_that_failed_because_its_authorisation_was_over_is_made_again(reason: str, again: bool) -> None:
    failed = FailedMovement(number=1, purpose="capture", tender=0, amount=1000, reason=reason, invoice=1)
    order = an_order_of(
        by_card(2000, ends=NOW, uncaptured=1000), invoiced_total=1000, operations=1, failed_money=(failed,)
    )

    decision = renewed(being_renewed(order))

    assert decision.order.failed_money == (() if again else (failed,))
    assert decision.order.payments[1].captured == (1000 if again else 0)
    assert (("payments", "money-001") in decision.done) == again


def retried(order: Order, item: str = "money-001"):
    return resume(order, "payments", item, "retry", "ann", NOW)


def a_closed_order_that_lost(reason: str = "AUTHORISATION_ENDED", **changes) -> Order:
    """Return a closed order whose only capture failed, because its authorisation was over before."""
    failed = FailedMovement(number=1, purpose="capture", tender=0, amount=2000, reason=reason, invoice=1)
    order = an_order_of(by_card(2000, ends=later(days=2), uncaptured=2000), operations=1, failed_money=(failed,))
    totals = replace(order.totals, goods=0, total=2000)
    return replace(order, totals=totals, invoiced_total=2000, closed=True, **changes)


def test_another_try_of_a_capture_whose_authorisation_has_ended_asks_for_the_card_and_keeps_the_question() -> None:
    order = a_closed_order_that_lost()

    decision = retried(order)

    assert decision.money == (MoneyOperation(purpose="authorize", number=2, tender=1, amount=2000),)
    assert decision.order.failed_money == order.failed_money
    assert (decision.done, decision.order.payments[0].ended(NOW)) == ((), True)
    assert decision.order.payments[1].state is PaymentState.AUTHORIZING
    with pytest.raises(NotAllowed, match="being authorised again"):
        retried(decision.order)
    made = renewed(decision.order)
    assert made.order.failed_money == ()
    assert made.money[0] == MoneyOperation(purpose="capture", number=3, tender=1, amount=2000, invoice=1)
    assert not sum(standing(made.order).values())


def test_another_try_after_the_card_was_declined_asks_for_it_once_more_under_a_new_number() -> None:
    asked = retried(a_closed_order_that_lost()).order
    declined = renewals.refused(asked, refusal(asked), NOW).order
    assert [one.purpose for one in declined.failed_money] == ["capture", "authorize"]

    again = retried(declined)
    assert again.money == (MoneyOperation(purpose="authorize", number=3, tender=1, amount=2000),)
    assert again.done == (("payments", "money-002"),)

    gone_on = resume(declined, "payments", "money-002", "done", "ann", NOW).order
    once_more = retried(gone_on)
    assert once_more.money == again.money
    assert len(once_more.order.payments) == 2


@pytest.mark.parametrize("reason", ["STATE", "CARD_DECLINED", "NO_ANSWER"])
def test_another_try_of_a_capture_that_failed_otherwise_captures_of_its_own_payment(reason: str) -> None:
    """A payment in another state may have been captured by somebody else: its card is not charged besides."""
    decision = retried(a_closed_order_that_lost(reason))

    assert [(one.purpose, one.tender) for one in decision.money] == [("capture", 0)]
    assert decision.done == (("payments", "money-001"),)


def test_nothing_is_left_open_when_the_books_are_closed() -> None:
    order = being_renewed(an_order_of(by_card()))
    order, _ = payments.settle(replace(order, totals=replace(order.totals, total=0)))

    decision = renewed(replace(order, closed=True))

    assert [tender.open for tender in decision.order.payments] == [0, 0]
    assert [(one.purpose, one.tender, one.amount) for one in decision.money] == [("release", 1, 2000)]


def test_an_authorisation_that_lasts_for_hours_is_renewed_when_it_has_ended() -> None:
    order = renewed(being_renewed(an_order_of(by_card())), ends=later(hours=30)).order

    assert renewals.begin(order, later(hours=29)) is None
    assert renewals.begin(order, later(hours=30)) is not None


def test_the_sweeper_looks_when_an_authorisation_is_to_be_renewed_and_not_after_it_has_asked() -> None:
    order = an_order_of(by_card(ends=later(hours=30)))
    assert next_look.next_look(order, NOW) <= later(hours=6)
    assert later(hours=6) in set(renewals.looks(order, NOW))
    assert list(renewals.looks(being_renewed(an_order_of(by_card())), NOW)) == []
    assert list(renewals.looks(an_order_of(by_card(), a_tender(2000)), NOW)) == []


def test_units_of_a_later_day_wait_for_no_person_if_their_payment_is_renewed() -> None:
    days = f"{later(days=30):%Y-%m-%d}"

    assert queues.authorized_until(an_order_of(by_card()), days) is None
    assert queues.authorized_until(an_order_of(a_tender(2000, expires_at=SOON)), days) == f"{SOON:%Y-%m-%d}"


@given(
    captured=st.integers(0, 2000),
    unsent=st.integers(0, 2000),
    refunded=st.integers(0, 500),
    more=st.integers(0, 3000),
    closed=st.booleans(),
    agrees=st.booleans(),
)
def test_no_unit_of_money_is_lost_or_counted_twice(captured, unsent, refunded, more, closed, agrees) -> None:
    sent = captured
    tender = by_card(4000, captured=sent + unsent, refunded=min(refunded, sent), ends=NOW)
    waiting = [MoneyOperation(purpose="capture", number=1, tender=0, amount=unsent, invoice=1)] if unsent else []
    order = an_order_of(tender, a_tender(more), units=4, operations=1, invoiced_total=min(4000, sent + unsent))
    before = order.captured
    decision = renewals.begin(order, NOW, waiting)
    if decision is None:
        assert not order.unpaid(NOW)
        assert not unsent
        return
    order = replace(decision.order, closed=closed)
    made = renewed(order, at=2, unsent=waiting) if agrees else renewals.refused(order, refusal(order, 2), NOW, waiting)

    assert made.order.captured == before
    for one in made.order.payments:
        assert 0 <= one.refunded <= one.captured <= one.authorized
        assert one.open >= 0
    assert not sum(standing(made.order).values())
    assert made.order.operations == order.operations + len(made.money)
    if agrees and not closed:
        assert made.order.unpaid(NOW) == 0


def test_two_payments_that_renew_one_take_no_more_of_the_card_than_its_customer_agreed_to() -> None:
    credited = MoneyOperation(purpose="capture", number=1, tender=0, amount=800, invoice=1)
    first = by_card(ends=NOW, captured=800, refunded=800, released=1200)
    second = by_card(ends=later(days=6), released=800, renews=0)
    third = by_card(0, None, asked=800, renews=0)
    order = an_order_of(a_tender(2000), payments=(first, second, third), operations=2)
    order = pending_changes.leave_pending(order, [], 100, "x", "sales", NOW).order

    decision = renewed(order, 2, unsent=(credited,))

    assert [(one.purpose, one.tender, one.amount) for one in decision.money] == [("release", 2, 800)]
    taken = sum(tender.captured + tender.open for tender in decision.order.payments)
    assert taken == 2000


def test_a_renewal_keeps_what_cards_that_end_too_cover_of_a_cheaper_order() -> None:
    order = an_order_of(by_card(4781), by_card(1057), by_card(620), units=1)
    order = being_renewed(replace(order, totals=replace(order.totals, total=5825)))
    assert [tender.asked for tender in order.payments] == [0, 0, 0, 4781, 1044]

    for at in (3, 4):
        order = renewed(order, at).order

    assert [tender.open for tender in order.payments[3:]] == [4781, 1044]
    assert renewals.begin(order, NOW) is None
