"""Test that each fact is mailed once under duplicates, in any order and across crashes, but for one window of two mails."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from comanda.aws.directory import directory
from comanda.aws.dynamodb.items import unpack
from comanda.aws.orders import order_links
from comanda.aws.runtime import clock
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.room import Fault
from comanda.domain.errors import MailClaimed, Throttled
from comanda.domain.lifecycle.cancels.cancel import cancel
from tests import faults
from tests.builders import NOW, a_line, an_order, an_order_id
from tests.functions.mailroom import Crash, deliver, events, mail_rows, placed, store


@pytest.mark.parametrize("seed", range(12))
def test_each_fact_is_mailed_once_with_the_same_text_in_whatever_order_its_events_come(aws, outbox, seed):
    order = placed(an_order(a_line("TEA", 3, 1000, tax=30), a_line("CUP", 2, 500), shipping=499))
    part = store(cancel(order, {"1": 1}, "x", "shop", NOW), order)
    store(cancel(part, None, "x", "shop", NOW), part)
    history = [event for event in events(order.order_id) for _ in range(random.Random(seed).randint(1, 5))]
    random.Random(seed).shuffle(history)

    for event in history:
        deliver(event)

    assert {tuple(mail["EmailTags"][1].items()) for mail in outbox.mails} == {
        (("Name", "event"), ("Value", name)) for name in ("placed", "cancelled-2", "cancelled-3")
    }
    assert len(outbox.mails) == 3
    received = next(m for m in outbox.mails if m["EmailTags"][1]["Value"] == "placed")["Content"]["Simple"]["Body"]
    assert "Total: $45.29" in received["Text"]["Data"]  # as ordered, although all units were cancelled later
    assert Counter(row["state"] for row in mail_rows(aws, order).values()) == {"sent": 3}


def test_eight_processes_with_the_same_event_send_one_mail(outbox):
    order = placed(an_order())
    (event,) = events(order.order_id)

    def one(_: int) -> str:
        try:
            deliver(event)
        except MailClaimed:
            return "comes again"
        return "done"

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(one, range(8)))

    assert len(outbox.mails) == 1
    assert "done" in results


def test_a_mail_whose_process_died_before_it_asked_ses_is_sent_when_its_lease_is_over(aws, outbox, monkeypatch):
    order = placed(an_order())
    outbox.dies_before = 1
    with pytest.raises(Crash):
        deliver(*events(order.order_id))
    with pytest.raises(MailClaimed):
        deliver(*events(order.order_id))
    assert outbox.mails == []
    assert outbox.waits == [31]  # when the lease of 30 seconds is over, and not after the six minutes of the queue

    over = clock.now() + timedelta(seconds=31)
    monkeypatch.setattr(clock, "now", lambda: over)
    deliver(*events(order.order_id))
    deliver(*events(order.order_id))

    assert len(outbox.mails) == 1
    assert mail_rows(aws, order)["M#placed#customer"]["attempts"] == 2


def test_a_claimed_mail_comes_again_when_the_rest_of_its_lease_is_over(outbox, monkeypatch):
    order = placed(an_order())
    outbox.dies_before = 1
    with pytest.raises(Crash):
        deliver(*events(order.order_id))
    claimed_at = clock.now()

    for passed in (10, 30):
        later = claimed_at + timedelta(seconds=passed)
        monkeypatch.setattr(clock, "now", lambda later=later: later)
        with pytest.raises(MailClaimed):
            deliver(*events(order.order_id))
    again = later + timedelta(seconds=outbox.waits[-1])
    monkeypatch.setattr(clock, "now", lambda: again)
    deliver(*events(order.order_id))

    assert outbox.waits == [21, 1]
    assert len(outbox.mails) == 1


def test_a_crash_around_the_call_that_brings_a_claimed_mail_again_sends_it_once(outbox, monkeypatch):
    started = clock.now()
    for n, after in enumerate((False, True)):
        order = placed(an_order(order_id=an_order_id(200 + n)))
        outbox.mails.clear()
        outbox.dies_before = 1
        with pytest.raises(Crash):
            deliver(*events(order.order_id))
        with faults.Crash() as counting, pytest.raises(MailClaimed):
            deliver(*events(order.order_id))
        with faults.Crash(len(counting.calls), after=after) as crash, pytest.raises(faults.Crashed):
            deliver(*events(order.order_id))

        monkeypatch.setattr(clock, "now", lambda: started + timedelta(seconds=31))
        for _ in range(2):
            deliver(*events(order.order_id))
        monkeypatch.setattr(clock, "now", lambda: started)

        assert crash.happened.endswith("ChangeMessageVisibility")
        assert len(outbox.mails) == 1


def test_a_mail_is_sent_twice_only_if_its_process_died_after_ses_took_it(outbox, monkeypatch):
    order = placed(an_order())
    outbox.dies_after = 1
    with pytest.raises(Crash):
        deliver(*events(order.order_id))
    with pytest.raises(MailClaimed):
        deliver(*events(order.order_id))
    assert len(outbox.mails) == 1

    over = clock.now() + timedelta(seconds=31)
    monkeypatch.setattr(clock, "now", lambda: over)
    for _ in range(3):
        deliver(*events(order.order_id))

    assert len(outbox.mails) == 2  # the one window that comanda/aws/customers/mails.py states
    assert outbox.mails[0] == outbox.mails[1]


def test_ses_is_asked_once_for_each_claim_also_when_its_answer_is_lost(outbox):
    sends = []

    def lost(**_: Any) -> AWSResponse:
        sends.append(1)
        answer = BytesIO(b"{}")
        answer.stream = lambda **_: iter([b"{}"])
        return AWSResponse("https://ses", 503, {}, answer)

    order = placed(an_order())
    client("sesv2").meta.events.register_first("before-send.sesv2.SendEmail", lost)
    try:
        with pytest.raises(Throttled):
            deliver(*events(order.order_id))
    finally:
        client("sesv2").meta.events.unregister("before-send.sesv2.SendEmail", lost)

    assert sends == [1]


def test_a_mail_that_ses_throttles_raises_throttled(outbox):
    order = placed(an_order())

    def slower(**_: Any) -> AWSResponse:
        answer = BytesIO()
        body = b'{"message": "Maximum sending rate exceeded."}'
        answer.stream = lambda **_: iter([body])
        return AWSResponse("https://ses", 429, {"x-amzn-errortype": "TooManyRequestsException"}, answer)

    client("sesv2").meta.events.register_first("before-send.sesv2.SendEmail", slower)
    try:
        with pytest.raises(Throttled):
            deliver(*events(order.order_id))
    finally:
        client("sesv2").meta.events.unregister("before-send.sesv2.SendEmail", slower)


def test_a_batch_is_processed_to_its_end_before_its_first_error_is_raised(outbox):
    first, second = placed(an_order()), placed(an_order(order_id=an_order_id(8)))
    (good,), (bad,) = events(first.order_id), events(second.order_id)

    with pytest.raises(KeyError):
        deliver({key: value for key, value in bad.items() if key != "subject"}, good, bad)

    assert outbox.subjects == sorted(f"We have received your order {o.external_id}" for o in (first, second))


def test_a_crash_around_any_call_of_aws_leaves_one_mail_or_two_if_it_follows_the_call_of_ses(aws, outbox, monkeypatch):
    started, points, doubled = clock.now(), 0, []
    published = events(placed(an_order()).order_id)
    with faults.Crash() as counting:
        deliver(*published)

    for after in (False, True):
        for at in range(1, len(counting.calls) + 1):
            order = placed(an_order(order_id=an_order_id(100 + points)))
            published = events(order.order_id)
            directory.forget()
            order_links.forget()
            outbox.mails.clear()
            with faults.Crash(at, after=after) as crash:
                with pytest.raises(faults.Crashed):
                    deliver(*published)
                crash.revive()
                monkeypatch.setattr(clock, "now", lambda: started + timedelta(minutes=6))
                for _ in range(3):
                    deliver(*published)
            monkeypatch.setattr(clock, "now", lambda: started)
            points += 1

            assert mail_rows(aws, order)["M#placed#customer"]["state"] == "sent"
            assert len(outbox.mails) in (1, 2)
            doubled += [crash.happened] * (len(outbox.mails) - 1)

    calls = counting.calls
    ses = calls.index("SendEmail") + 1
    assert points == 2 * len(calls)
    assert doubled == [f"before call {ses + 1}, UpdateItem", f"after call {ses}, SendEmail"]


def test_a_milestone_mail_that_ses_refuses_is_in_the_queue_of_mails_until_it_is_sent_after_all(
    aws, outbox, monkeypatch
):
    order = placed(an_order())
    (received,) = events(order.order_id)

    def refuses(**_: Any) -> tuple[Any, dict[str, Any]]:
        error = {"Code": "MessageRejected", "Message": "Email address is not verified: ana.canary@example.com"}
        return SimpleNamespace(status_code=400), {"Error": error, "ResponseMetadata": {}}

    client("sesv2").meta.events.register_first("before-call.sesv2", refuses)
    try:
        for minutes in (0, 1):
            monkeypatch.setattr(clock, "now", lambda minutes=minutes: NOW + timedelta(minutes=minutes))
            with pytest.raises(Fault, match=r"^AWS refused SendEmail$"):
                deliver(received)
    finally:
        client("sesv2").meta.events.unregister("before-call.sesv2", refuses)

    (waiting,) = aws.items("Orders", f"O#{order.order_id}", "W#mails")
    assert (waiting["reason"], waiting["data"]["mail"]) == ("MessageRejected", "placed")
    failed = [event["data"] for event in orders_events(aws, order.order_id) if event["type"] == "mail_failed"]
    assert failed == [{"mail": "placed", "about": 1, "reason": "MessageRejected"}]

    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=2))
    deliver(received)

    assert aws.items("Orders", f"O#{order.order_id}", "W#mails") == []
    assert len(outbox.mails) == 1


def orders_events(aws: Any, order_id: str) -> list[dict[str, Any]]:
    return [row | {"data": unpack(row["data"])} for row in aws.items("Orders", f"O#{order_id}", "E#")]
