"""Test the tokens of customers' links: exactly what a key in use signed is read, until its day, and nothing else."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.orders import order_link
from comanda.domain.orders.order_link import Key, Link, Purpose

TODAY = date(2026, 11, 19)
OLD, NEW, OTHER = Key(b"o" * 64), Key(b"n" * 64), Key(b"x" * 64)
ORDER = "ord_us1_01M81EP1ENTG1NKE5JV2A73WMW"
LINK = Link(order_id=ORDER, expires=TODAY, epoch=3, purposes=Purpose.LOOK | Purpose.CANCEL)


def test_a_link_is_read_as_it_was_written_until_its_day_is_over() -> None:
    token = order_link.write(LINK, NEW)

    assert order_link.read(token, [NEW], TODAY) == LINK
    assert order_link.read(token, [NEW], TODAY + timedelta(days=1)) is None


def test_a_token_has_no_word_of_the_order_but_its_id_and_fits_into_one_line_of_a_mail() -> None:
    token = order_link.write(LINK, NEW)

    assert token.replace("-", "").replace("_", "").isalnum()
    assert len(token) <= 90


def test_a_link_is_valid_for_half_a_year() -> None:
    assert order_link.link(ORDER, 1, TODAY).expires == TODAY + timedelta(days=180)
    assert order_link.link(ORDER, 1, TODAY).purposes == order_link.ALL


def test_the_key_before_the_last_change_still_opens_and_one_before_it_does_not() -> None:
    token = order_link.write(LINK, OLD)

    assert order_link.read(token, [NEW, OLD], TODAY) == LINK
    assert order_link.read(token, [OTHER, NEW], TODAY) is None
    assert order_link.read(token, [], TODAY) is None


@given(at=st.integers(0, 1000), by=st.integers(1, 255))
def test_a_token_with_another_byte_opens_nothing(at: int, by: int) -> None:
    from base64 import urlsafe_b64decode, urlsafe_b64encode

    token = order_link.write(LINK, NEW)
    raw = bytearray(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw[at % len(raw)] ^= by

    assert order_link.read(urlsafe_b64encode(bytes(raw)).decode().rstrip("="), [NEW], TODAY) is None


@given(st.text(max_size=300))
def test_no_text_is_an_error(text: str) -> None:
    assert order_link.read(text, [NEW], TODAY) is None


@pytest.mark.parametrize("change", ["{}=", "{}A", " {}", "{}\n", "{}{}"])
def test_one_link_has_one_text(change: str) -> None:
    token = order_link.write(LINK, NEW)

    assert order_link.read(change.format(token, token), [NEW], TODAY) is None


def test_the_last_letter_has_no_spare_bits() -> None:
    token = order_link.write(LINK, NEW)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    read = [letter for letter in letters if order_link.read(token[:-1] + letter, [NEW], TODAY)]

    assert read == [token[-1]]


def test_the_value_of_a_form_is_right_for_one_version_epoch_and_order() -> None:
    value = order_link.one_time_value(ORDER, 4, 1, OLD)

    assert order_link.is_one_time_value(value, ORDER, 4, 1, [NEW, OLD])
    assert not order_link.is_one_time_value(value, ORDER, 5, 1, [NEW, OLD])
    assert not order_link.is_one_time_value(value, ORDER, 4, 2, [NEW, OLD])
    assert not order_link.is_one_time_value(value, ORDER[:-1] + "X", 4, 1, [NEW, OLD])
    assert not order_link.is_one_time_value(value, ORDER, 4, 1, [NEW])
    assert not order_link.is_one_time_value("\udc80é", ORDER, 4, 1, [NEW])


@pytest.mark.parametrize(
    ("typed", "wanted", "right"),
    [
        ("60601", "60601", True),
        ("01310 100", "01310-100", True),
        ("sw1a1aa", "SW1A 1AA", True),
        ("60602", "60601", False),
        ("6060", "60601", False),
        ("", "", False),
        ("-", "", False),
        ("\udc80", "60601", False),
        ("Ana@Example.com ", "ana@example.com", True),
    ],
)
def test_what_a_customer_types_is_compared_without_blanks_hyphens_and_capitals(
    typed: str, wanted: str, right: bool
) -> None:
    assert order_link.is_proof(typed, wanted) is right
