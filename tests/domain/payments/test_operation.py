"""A money operation is followed until it is done, declined, or a person has it; it is never sent twice under two ids."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comanda.domain.errors import NotAllowed
from comanda.domain.payments.answer import Answer, Outcome, Payment, Reason, Standing, mismatch
from comanda.domain.payments.operation import (
    ENDED,
    KEY_LASTS,
    PATIENCE,
    Operation,
    Purpose,
    State,
    Step,
    answered,
    next_step,
    noticed,
    queued,
    sent,
)

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
DONE = Answer(outcome=Outcome.DONE, amount=500, currency="USD")
LOST = Answer(outcome=Outcome.UNKNOWN, reason=Reason.NO_ANSWER)
ABSENT = Answer(outcome=Outcome.ABSENT)


def an_operation(**changes) -> Operation:
    facts = {"order_id": "ord_1", "purpose": Purpose.CAPTURE, "number": 3, "amount": 500, "currency": "USD"}
    return Operation(**facts | {"written_at": NOW, "reference": "pi_1"} | changes)


def test_the_id_names_order_purpose_and_number() -> None:
    assert an_operation().operation_id == "ord_1-capture-3"


def test_a_written_operation_is_sent_and_done() -> None:
    operation = an_operation()
    assert next_step(operation, NOW) is Step.SEND

    operation = sent(operation, NOW)
    assert (operation.state, operation.sent_at, next_step(operation, NOW)) == (State.SENT, NOW, Step.NOTHING)

    operation = answered(operation, DONE, NOW)
    assert (operation.state, operation.next_at) == (State.DONE, None)
    assert next_step(operation, NOW + timedelta(days=9)) is Step.NOTHING


def test_a_crash_after_the_call_leaves_an_operation_that_is_asked_about() -> None:
    operation = sent(an_operation(), NOW)

    assert next_step(operation, NOW + timedelta(seconds=6)) is Step.ASK


def test_an_operation_that_was_answered_is_asked_about_as_soon_as_its_provider_tells_of_it() -> None:
    pending = answered(sent(an_operation(), NOW), Answer(outcome=Outcome.PENDING), NOW)
    assert next_step(pending, NOW) is Step.NOTHING

    assert next_step(noticed(pending, NOW), NOW) is Step.ASK
    running, done = sent(an_operation(), NOW), answered(sent(an_operation(), NOW), DONE, NOW)
    assert (noticed(running, NOW), noticed(done, NOW)) == (running, done)


REFUNDED = Answer(outcome=Outcome.DONE, amount=500, currency="USD", movement="re_1")
CAME_BACK = Answer(outcome=Outcome.DECLINED, reason=Reason.REFUND_FAILED, movement="re_1")


def test_a_refund_that_is_done_is_looked_at_for_a_month() -> None:
    operation = answered(sent(an_operation(purpose=Purpose.REFUND), NOW), REFUNDED, NOW)
    looks = []
    while operation.next_at is not None:
        assert next_step(operation, operation.next_at - timedelta(seconds=1)) is Step.NOTHING
        assert next_step(operation, operation.next_at) is Step.ASK
        looks.append((operation.next_at - NOW).days)
        operation = answered(operation, REFUNDED, operation.next_at)

    assert (operation.state, looks) == (State.DONE, [1, 3, 7, 14, 31])
    assert next_step(operation, NOW + timedelta(days=99)) is Step.NOTHING


def test_a_refund_that_came_back_is_declined_and_no_other_answer_changes_it() -> None:
    done = answered(sent(an_operation(purpose=Purpose.REFUND), NOW), REFUNDED, NOW)
    for answer in (LOST, ABSENT, Answer(outcome=Outcome.DECLINED, reason=Reason.INVALID), REFUNDED):
        looked = answered(done, answer, NOW)
        assert looked.state is State.DONE
        assert looked.next_at is not None

    back = answered(done, CAME_BACK, NOW)
    assert (back.state, back.reason, back.next_at) == (State.DECLINED, Reason.REFUND_FAILED, None)
    assert next_step(noticed(done, NOW), NOW) is Step.ASK


def test_a_capture_that_is_done_is_not_looked_at_again() -> None:
    done = answered(sent(an_operation(), NOW), DONE, NOW)

    assert answered(done, CAME_BACK, NOW) == done


def test_an_operation_without_an_answer_is_asked_about_and_sent_again_when_there_is_no_trace_of_it() -> None:
    operation = answered(sent(an_operation(), NOW), LOST, NOW)
    assert (operation.state, operation.reason) == (State.UNKNOWN, Reason.NO_ANSWER)
    later = NOW + timedelta(minutes=1)
    assert next_step(operation, later) is Step.ASK

    operation = answered(operation, ABSENT, later)

    assert (operation.state, next_step(operation, later)) == (State.WRITTEN, Step.SEND)
    assert sent(operation, later).operation_id == "ord_1-capture-3"
    assert sent(operation, later).sent_at == NOW, "the key is as old as its first use"


def test_an_authorisation_that_was_not_made_is_sent_again_as_a_new_one() -> None:
    operation = sent(an_operation(purpose=Purpose.AUTHORIZE, reference=""), NOW)
    lost = answered(operation, LOST, NOW)

    again = answered(lost, replace(ABSENT, reference="pi_begun"), NOW + timedelta(minutes=1))

    assert (again.state, again.reference) == (State.WRITTEN, ""), "a reference would make it an increase"


def test_a_failure_that_the_provider_repeats_is_over_once_it_has_no_trace() -> None:
    operation = answered(sent(an_operation(), NOW), replace(LOST, reason=Reason.PROVIDER_FAILED, replayed=True), NOW)
    assert operation.state is State.UNKNOWN

    operation = answered(operation, ABSENT, NOW + timedelta(minutes=1))

    assert (operation.state, operation.reason) == (State.DECLINED, Reason.NOT_DONE)


def test_a_key_that_may_be_forgotten_is_not_used_again() -> None:
    operation = answered(sent(an_operation(), NOW), LOST, NOW)

    operation = answered(operation, ABSENT, NOW + KEY_LASTS)

    assert (operation.state, operation.reason) == (State.DECLINED, Reason.NOT_DONE)


def test_a_person_is_asked_after_a_day_without_any_answer() -> None:
    operation = sent(an_operation(), NOW)
    now = NOW
    calls = 0
    while next_step(operation, now) is not Step.QUEUE:
        assert now - NOW <= PATIENCE + timedelta(hours=1)
        if next_step(operation, now) is Step.ASK:
            operation, calls = answered(operation, LOST, now), calls + 1
        now += timedelta(seconds=5)

    assert queued(operation).state is State.QUEUED
    assert queued(operation).reason is Reason.NO_ANSWER
    assert calls < 40, "the pauses grow to an hour"


def test_a_pending_operation_waits_for_its_end() -> None:
    pending = Answer(outcome=Outcome.PENDING, reference="pi_9", ends_at=NOW + timedelta(hours=2))
    operation = answered(sent(an_operation(purpose=Purpose.AUTHORIZE, reference=""), NOW), pending, NOW)

    assert (operation.state, operation.reference) == (State.SENT, "pi_9")
    assert next_step(operation, NOW + timedelta(hours=1)) is Step.NOTHING
    assert next_step(operation, NOW + timedelta(hours=2)) is Step.ASK
    assert next_step(operation, NOW + timedelta(days=3)) is Step.ASK, "the provider knows it, so nothing is lost"


@pytest.mark.parametrize("other", [{"amount": 499}, {"amount": 50_000}, {"currency": "EUR"}])
def test_another_amount_or_currency_than_was_asked_for_goes_to_a_person(other) -> None:
    operation = answered(sent(an_operation(), NOW), replace(DONE, **other), NOW)

    assert (operation.state, operation.reason) == (State.QUEUED, Reason.AMOUNT_DIFFERS)


def test_an_operation_that_has_ended_is_not_sent_and_hears_no_late_answer() -> None:
    operation = answered(sent(an_operation(), NOW), DONE, NOW)

    assert answered(operation, Answer(outcome=Outcome.DECLINED, reason=Reason.STATE), NOW) == operation
    assert answered(operation, LOST, NOW) == operation
    for state in State:
        if state is not State.WRITTEN:
            with pytest.raises(NotAllowed):
                sent(replace(operation, state=state), NOW)


ANSWERS = st.builds(
    Answer,
    outcome=st.sampled_from(Outcome),
    amount=st.sampled_from((None, 500, 1)),
    currency=st.sampled_from(("", "USD")),
    replayed=st.booleans(),
)


@settings(max_examples=300)
@given(st.lists(st.tuples(ANSWERS, st.integers(min_value=0, max_value=90_000)), max_size=40))
def test_whatever_is_answered_it_is_sent_while_its_key_lasts_and_ends_once(heard) -> None:
    operation, now, ends = an_operation(), NOW, set()
    for answer, seconds in heard:
        step = next_step(operation, now)
        if step is Step.QUEUE:
            operation = queued(operation)
        elif step is Step.SEND:
            operation = sent(operation, now)
            assert operation.sent_at is not None
            assert now - operation.sent_at < KEY_LASTS + timedelta(seconds=1)
        if step in (Step.SEND, Step.ASK):
            operation = answered(operation, answer, now)
        if operation.state in ENDED:
            ends.add(operation.state)
            assert next_step(operation, now) is Step.NOTHING
        now += timedelta(seconds=seconds)

    assert len(ends) <= 1


def test_a_payment_of_a_shop_pays_one_order_of_its_amount() -> None:
    payment = Payment(
        reference="pi_1", standing=Standing.AUTHORISED, amount=500, captured=0, currency="USD", order_id="ord_1"
    )
    wanted = {"orders": ("ord_1", "WEB-1"), "amount": 500, "currency": "USD"}

    assert mismatch(payment, **wanted) == ()
    for changes, name in (
        ({"standing": Standing.CAPTURED}, "standing"),
        ({"captured": 1}, "standing"),
        ({"order_id": ""}, "order"),
        ({"currency": "BRL"}, "currency"),
        ({"amount": 499}, "amount"),
    ):
        assert mismatch(replace(payment, **changes), **wanted) == (name,)
    assert mismatch(replace(payment, order_id="WEB-1"), **wanted) == ()


def test_a_payment_that_the_shop_has_captured_is_captured_by_as_much() -> None:
    payment = Payment(
        reference="pi_1", standing=Standing.CAPTURED, amount=500, captured=500, currency="USD", order_id="ord_1"
    )
    wanted = {"orders": ("ord_1",), "amount": 500, "currency": "USD"}

    assert mismatch(payment, **wanted, captured=500) == ()
    assert mismatch(payment, **wanted, captured=400) == ("standing",)
    assert mismatch(replace(payment, captured=400), **wanted, captured=400) == ("standing",)
