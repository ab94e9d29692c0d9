"""A credit account pays what its room takes, unless it is frozen; and terms give more in each of their parts."""

from datetime import UTC, datetime

import pytest

from comanda.domain.credit_accounts import limits
from comanda.domain.credit_accounts.account import CreditAccount, Terms
from comanda.domain.errors import Forbidden

TERMS = Terms(limit=1_000, payment_days=30, blocked_after=10)


def account(room: int, owed: int = 0, **terms: object) -> CreditAccount:
    given = {"limit": 1_000, "payment_days": 30, **terms}
    return CreditAccount(
        account_id="ac_1",
        channel="web",
        customer_id="c-17",
        currency="USD",
        terms=Terms(**given),  # type: ignore[arg-type]
        room=room,
        owed=owed,
        version=1,
        opened_at=datetime(2026, 11, 30, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("room", "amount", "frozen", "pays"),
    [
        (500, 500, False, True),
        (500, 501, False, False),
        (500, 1, False, True),
        (500, 0, False, False),
        (-1, 1, False, False),
        (500, 1, True, False),
    ],
)
def test_an_account_pays_within_its_room_unless_it_is_frozen(room: int, amount: int, frozen: bool, pays: bool):
    assert account(room, frozen=frozen).pays(amount) is pays


def test_what_is_neither_room_nor_owed_is_reserved_by_orders():
    assert account(300, 200).reserved == 500
    assert account(1_100, -100).reserved == 0


def test_an_unpaid_invoice_blocks_after_more_days_than_the_terms_say():
    assert account(1, blocked_after=0).blocked_by(1)
    assert not account(1, blocked_after=10).blocked_by(10)
    assert not account(1).blocked_by(5_000)


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({}, False),
        ({"limit": 1_001}, True),
        ({"limit": 999}, False),
        ({"payment_days": 31}, True),
        ({"payment_days": 29}, False),
        ({"blocked_after": None}, True),
        ({"blocked_after": 11}, True),
        ({"blocked_after": 9}, False),
        ({"frozen": True}, False),
    ],
)
def test_terms_give_more_when_any_of_their_parts_does(changes: dict[str, object], more: bool):
    wanted = {"limit": 1_000, "payment_days": 30, "blocked_after": 10, "frozen": False, **changes}
    assert Terms(**wanted).gives_more(TERMS) is more  # type: ignore[arg-type]


def test_a_new_account_and_one_that_is_no_longer_frozen_give_more():
    assert TERMS.gives_more(None)
    assert TERMS.gives_more(Terms(limit=1_000, payment_days=30, blocked_after=10, frozen=True))


def test_a_person_sets_limits_alone_up_to_their_own_and_takes_from_any():
    mine = {"customer_credit": [{"amount": 1_000, "currency": "USD"}]}

    assert not limits.needs_approval(mine, TERMS, None, "USD")
    assert limits.needs_approval(mine, Terms(limit=1_001, payment_days=30), None, "USD")
    high = Terms(limit=9_000, payment_days=30)
    assert not limits.needs_approval(mine, Terms(limit=8_000, payment_days=30), high, "USD")
    assert limits.needs_approval(mine, Terms(limit=8_000, payment_days=60), high, "USD")
    with pytest.raises(Forbidden):
        limits.needs_approval(mine, TERMS, None, "EUR")
    with pytest.raises(Forbidden):
        limits.needs_approval({}, TERMS, None, "USD")
    with pytest.raises(Forbidden):
        limits.require_finance(["sales"])
    limits.require_finance(["sales", "finance"])
