"""Stripe's notices are read after their signature was checked, and other bodies are refused."""

from datetime import UTC, datetime, timedelta

import pytest

from comanda.aws.payments import stripe_notices
from comanda.domain.payments.answer import Happening, Notice, NotSigned, NotUnderstood
from local.stripe.webhooks import signature

SECRET = "whsec_test"

BODY = (
    b'{"id":"evt_1","object":"event","account":null,"created":1796000000,"type":"payment_intent.succeeded","data":{"object":'
    b'{"id":"pi_1","object":"payment_intent","amount":500,"amount_received":400,"currency":"usd","metadata":{"order":"o1"}}}}'
)
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


def read(body: bytes, header: str) -> Notice:
    return stripe_notices.read(body, header, [SECRET], NOW)


def test_a_notice_is_read_after_its_signature_was_checked() -> None:
    notice = read(BODY, signature(BODY, SECRET, int(NOW.timestamp())))

    assert (notice.notice_id, notice.happening, notice.reference) == ("evt_1", Happening.CAPTURED, "pi_1")
    assert (notice.amount, notice.currency, notice.order_id, notice.account) == (400, "USD", "o1", "")


def test_a_secret_that_takes_the_place_of_another_is_good_too() -> None:
    header = signature(BODY, SECRET, int(NOW.timestamp()))

    assert stripe_notices.read(BODY, header, ["whsec_old", SECRET], NOW).notice_id == "evt_1"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1796000000",
        "v1=00",
        "t=x,v1=00",
        "t=,v1=",
        "t=1796000000,v1=é",
        "t=1796000000,v0=" + "0" * 64,
        "t=" + "9" * 400 + ",v1=00",
        "garbage",
        ",,,=,=",
    ],
)
def test_a_notice_without_a_right_signature_is_refused(header: str) -> None:
    with pytest.raises(NotSigned):
        read(BODY, header)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_notice_that_is_older_than_five_minutes_or_from_the_future_is_refused(minutes: int) -> None:
    at = int((NOW + timedelta(minutes=minutes)).timestamp())

    with pytest.raises(NotSigned):
        read(BODY, signature(BODY, SECRET, at))


def test_a_changed_body_is_refused() -> None:
    header = signature(BODY, SECRET, int(NOW.timestamp()))

    with pytest.raises(NotSigned):
        read(BODY.replace(b"400", b"401"), header)
    with pytest.raises(NotSigned):
        read(BODY + b" ", header)


def test_a_session_without_an_amount_is_read() -> None:
    body = (
        b'{"id":"evt_1","created":1796000000,"type":"checkout.session.expired","data":{"object":'
        b'{"id":"cs_1","object":"checkout.session","amount_total":null,"currency":null,"metadata":null}}}'
    )

    notice = read(body, signature(body, SECRET, int(NOW.timestamp())))

    assert (notice.happening, notice.reference, notice.amount, notice.currency) == (Happening.FAILED, "cs_1", 0, "")


@pytest.mark.parametrize("body", [b"{}", b"[]", BODY.replace(b'"pi_1"', b"{}"), BODY.replace(b'"evt_1"', b'""')])
def test_a_signed_body_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        read(body, signature(body, SECRET, int(NOW.timestamp())))
