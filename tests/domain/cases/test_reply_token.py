"""The token of an address binds an answer to one case or order, and nobody makes one without the key."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain import ids
from comanda.domain.cases import reply_token
from comanda.domain.orders.order_link import DAYS, Key

KEY, OTHER, TODAY = Key(b"k" * 32), Key(b"o" * 32), date(2026, 11, 19)
ULIDS = st.integers(min_value=0, max_value=(1 << 128) - 1).map(lambda n: ids.ulid(n >> 80, n))
ORDER_ID = ids.order("us1", ids.ulid(1, 2))


def write(name: str) -> str:
    return reply_token.write(name, 1, TODAY, KEY)


@given(ULIDS, st.integers(min_value=0, max_value=999), st.integers(min_value=1, max_value=70_000))
def test_a_token_says_what_was_written(ulid: str, number: int, epoch: int) -> None:
    order_id = ids.order("us1", ulid)
    name = ids.case_of_order(order_id, number) if number else order_id

    token = reply_token.write(name, epoch, TODAY, KEY)
    found = reply_token.read(token.upper(), [OTHER, KEY], TODAY, "us1")

    assert found is not None
    assert (found.order_id, found.case_id) == (order_id, name if number else None)
    assert found.epoch == epoch & 0xFFFF
    assert len(f"case+{token}") <= 64  # the part of an address before its @
    assert token.isalnum()
    assert token == token.lower()


@given(ULIDS)
def test_a_case_without_an_order_has_a_token_of_its_own(ulid: str) -> None:
    name = ids.case("us1", ulid)

    found = reply_token.read(write(name), [KEY], TODAY, "us1")

    assert found is not None
    assert (found.order_id, found.case_id) == (None, name)


@given(st.integers(min_value=0, max_value=57), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_token_with_another_letter_says_nothing(place: int, letter: str) -> None:
    right = write(ORDER_ID)
    wrong = right[:place] + letter + right[place + 1 :]

    assert wrong == right or reply_token.read(wrong, [KEY], TODAY, "us1") is None


@given(st.text(max_size=120))
def test_any_text_is_read(given: str) -> None:
    assert reply_token.read(given, [KEY], TODAY, "us1") is None


@pytest.mark.parametrize(("days", "valid"), [(0, True), (DAYS, True), (DAYS + 1, False)])
def test_a_token_ends_with_its_day(days: int, valid: bool) -> None:
    found = reply_token.read(write(ORDER_ID), [KEY], TODAY + timedelta(days=days), "us1")

    assert (found is not None) is valid


def test_a_token_of_another_key_says_nothing() -> None:
    assert reply_token.read(write(ORDER_ID), [OTHER], TODAY, "us1") is None
    assert reply_token.read(write(ORDER_ID), [], TODAY, "us1") is None
