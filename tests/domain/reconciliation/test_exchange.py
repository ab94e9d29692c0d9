"""A payment that its provider has converted is compared in the customer's currency, also by lines that tell the account's alone."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from comanda.domain.reconciliation.exchange import Exchange
from comanda.domain.reconciliation.movement import Movement, MovementKind
from comanda.domain.reconciliation.settlement import OurMoney, OurMovement, Settlement, SettlementStatus, judge

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
PATIENCE = timedelta(days=7)
CHARGE, REFUND, DISPUTE, CREDIT = MovementKind.CHARGE, MovementKind.REFUND, MovementKind.DISPUTE, MovementKind.CREDIT


def converted(kind, reais, dollars, fee=0):
    return Movement(
        movement_id="txn_1",
        kind=kind,
        amount=reais,
        currency="BRL",
        day="2026-11-20",
        net=dollars - fee,
        fee=fee,
        net_currency="USD",
    )


def told_in_dollars(kind, dollars):
    return Movement(
        movement_id="txn_2",
        kind=kind,
        amount=dollars,
        currency="USD",
        day="2026-11-20",
        net=dollars,
        net_currency="USD",
    )


def summed(*lines):
    theirs = Settlement(currency=lines[0].currency, day="2026-11-20")
    for line in lines:
        theirs = theirs.with_movement(line)
    return theirs


def status(theirs, *moved):
    ours = [OurMovement(is_refund=amount < 0, amount=abs(amount), done_at=NOW) for amount in moved]
    return judge(theirs, OurMoney(currency="BRL", movements=tuple(ours)), NOW, PATIENCE)


WHOLE, UNCAPTURED = converted(CHARGE, 10_000, 1_843, fee=80), told_in_dollars(CHARGE, -737)
BACK = converted(REFUND, -1_000, -190)


@pytest.mark.parametrize("lines", list(permutations([WHOLE, UNCAPTURED, BACK])))
def test_a_part_that_was_not_captured_is_converted_back_in_any_order(lines):
    theirs = summed(*lines)

    assert status(theirs, 6_000, -1_000) is SettlementStatus.MATCHED
    assert theirs.whole.charged == 6_001  # 7.37 of 18.43 dollars are 39.99 of 100.00 reais
    assert theirs.whole.refunded == 1_000
    assert (theirs.currency, theirs.exchange.currency, theirs.exchange.settled) == ("BRL", "USD", 1_843 - 737 - 190)


@pytest.mark.parametrize(
    ("captured", "found"),
    [(6_000, SettlementStatus.MATCHED), (5_980, SettlementStatus.AMOUNT_DIFFERS), (6_020, SettlementStatus.WAITING)],
)
def test_what_is_converted_back_matches_within_two_cents_of_the_account(captured, found):
    assert status(summed(WHOLE, UNCAPTURED), captured) is found


def test_amounts_that_are_told_in_both_currencies_match_to_the_cent():
    assert status(summed(WHOLE), 10_000) is SettlementStatus.MATCHED
    assert status(summed(WHOLE), 9_999) is SettlementStatus.AMOUNT_DIFFERS
    assert status(summed(WHOLE, UNCAPTURED, BACK), 6_000, -999) is SettlementStatus.AMOUNT_DIFFERS


def test_a_dispute_is_one_although_only_the_account_says_its_amount():
    disputed = summed(WHOLE, told_in_dollars(DISPUTE, -1_850))

    assert status(disputed, 10_000) is SettlementStatus.DISPUTED
    assert status(disputed.with_movement(told_in_dollars(DISPUTE, 1_850)), 10_000) is SettlementStatus.MATCHED


def test_lines_of_two_currencies_without_a_rate_ask_a_person():
    theirs = summed(Movement(movement_id="txn", kind=CHARGE, amount=100, currency="BRL", day="2026-11-20"))

    assert status(theirs.with_movement(told_in_dollars(CHARGE, 20)), 100) is SettlementStatus.CURRENCY_DIFFERS


def test_an_account_of_a_third_currency_asks_a_person():
    euros = Movement(
        movement_id="t", kind=CHARGE, amount=50, currency="BRL", day="2026-11-20", net=9, net_currency="EUR"
    )

    assert status(summed(WHOLE, euros), 10_050) is SettlementStatus.CURRENCY_DIFFERS
    assert status(summed(WHOLE, UNCAPTURED, told_in_dollars(CHARGE, 1)), 6_000) is SettlementStatus.MATCHED


def test_payouts_that_are_one_add_up_what_banks_have_converted():
    first, second = summed(converted(CREDIT, 100, 19)), summed(converted(CREDIT, 50, 9))

    both = first.with_all_of(second)

    assert (both.charged, both.exchange) == (150, Exchange(currency="USD", settled=28, paid=150, got=28))
    assert first.with_all_of(Settlement(currency="BRL", day="2026-11-20")).exchange == first.exchange


@given(st.integers(100, 10_000_000), st.data(), st.integers(1, 1_000_000), st.integers(1, 100_000))
def test_a_capture_of_less_matches_at_every_rate(authorized, data, numerator, denominator):
    captured = data.draw(st.integers(1, authorized))
    dollars = round(authorized * numerator / denominator)
    uncaptured = round((authorized - captured) * numerator / denominator)
    assume(dollars and (uncaptured or captured == authorized))
    lines = [converted(CHARGE, authorized, dollars), told_in_dollars(CHARGE, -uncaptured)]

    assert status(summed(*lines), captured) is SettlementStatus.MATCHED
