"""The sums that a provider reports of a payment are compared with what its order moved, in currencies and time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.reconciliation.movement import Movement, MovementKind
from comanda.domain.reconciliation.settlement import (
    OurMoney,
    OurMovement,
    Settlement,
    SettlementStatus,
    difference,
    judge,
    judge_payout,
)

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
PATIENCE = timedelta(days=7)
JUST, LONG_AGO = NOW - timedelta(days=1), NOW - timedelta(days=8)
CHARGE, REFUND, DISPUTE = MovementKind.CHARGE, MovementKind.REFUND, MovementKind.DISPUTE
WAITING, MATCHED, MISSING, EXTRA, AMOUNT, CURRENCY, DISPUTED, RESOLVED = (
    SettlementStatus(name)
    for name in ["WAITING", "MATCHED", "MISSING", "EXTRA", "AMOUNT_DIFFERS", "CURRENCY_DIFFERS", "DISPUTED", "RESOLVED"]
)


def a_movement(kind, amount, currency="EUR", **facts):
    given = {"movement_id": "txn_1", "day": "2026-11-20", "net": amount, "net_currency": currency}
    return Movement(kind=kind, amount=amount, currency=currency, **given | facts)


def reported(*movements):
    theirs = Settlement(currency="EUR", day="2026-11-20")
    for movement in movements:
        theirs = theirs.with_movement(a_movement(*movement))
    return theirs


def ours(*movements):
    moved = [OurMovement(is_refund=kind == REFUND, amount=amount, done_at=at) for kind, amount, at in movements]
    return OurMoney(currency="EUR", movements=tuple(moved))


@pytest.mark.parametrize(
    ("theirs", "mine", "status"),
    [
        pytest.param([(CHARGE, 100)], [(CHARGE, 100, LONG_AGO)], MATCHED, id="a capture"),
        pytest.param([(CHARGE, 100), (CHARGE, -40)], [(CHARGE, 60, JUST)], MATCHED, id="less than was authorised"),
        pytest.param([(CHARGE, 60), (CHARGE, 40)], [(CHARGE, 60, LONG_AGO), (CHARGE, 40, JUST)], MATCHED, id="twice"),
        pytest.param([(CHARGE, 60)], [(CHARGE, 60, LONG_AGO), (CHARGE, 40, JUST)], WAITING, id="the second one soon"),
        pytest.param([(CHARGE, 60)], [(CHARGE, 60, LONG_AGO), (CHARGE, 40, LONG_AGO)], MISSING, id="the second one"),
        pytest.param([], [(CHARGE, 60, JUST)], WAITING, id="nothing yet"),
        pytest.param([], [(CHARGE, 60, LONG_AGO)], MISSING, id="nothing after a week"),
        pytest.param([(CHARGE, 50)], [(CHARGE, 60, LONG_AGO)], AMOUNT, id="less than ours"),
        pytest.param([(CHARGE, 50)], [(CHARGE, 60, JUST)], WAITING, id="less than ours, so far"),
        pytest.param([(CHARGE, 70)], [(CHARGE, 60, JUST)], AMOUNT, id="more than ours"),
        pytest.param([(CHARGE, 60)], [(CHARGE, 60, None)], WAITING, id="the answer to our capture was lost"),
        pytest.param([(CHARGE, 61)], [(CHARGE, 60, None)], AMOUNT, id="more than what is under way"),
        pytest.param([(CHARGE, 60)], [], EXTRA, id="captured outside"),
        pytest.param([(CHARGE, 60), (REFUND, -60)], [(CHARGE, 60, JUST)], EXTRA, id="refunded outside"),
        pytest.param(
            [(CHARGE, 60), (REFUND, -20)], [(CHARGE, 60, JUST), (REFUND, 20, JUST)], MATCHED, id="refunded in part"
        ),
        pytest.param(
            [(CHARGE, 60), (REFUND, -20), (REFUND, 20)], [(CHARGE, 60, JUST)], MATCHED, id="a refund that came back"
        ),
        pytest.param(
            [(CHARGE, 60)], [(CHARGE, 60, LONG_AGO), (REFUND, 20, LONG_AGO)], MISSING, id="a refund that never was"
        ),
        pytest.param([(CHARGE, 60), (DISPUTE, -60)], [(CHARGE, 60, JUST)], DISPUTED, id="a chargeback"),
        pytest.param(
            [(CHARGE, 60), (DISPUTE, -60), (DISPUTE, 60)], [(CHARGE, 60, JUST)], MATCHED, id="one that was won"
        ),
        pytest.param([(CHARGE, 60, "USD")], [(CHARGE, 60, JUST)], CURRENCY, id="another currency"),
    ],
)
def test_a_payment_is_judged_by_its_sums(theirs, mine, status):
    assert judge(reported(*theirs), ours(*mine), NOW, PATIENCE) is status


def test_money_of_a_payment_that_no_order_has_is_extra():
    assert judge(reported((CHARGE, 60)), None, NOW, PATIENCE) is EXTRA


def test_a_fee_makes_no_difference():
    theirs = Settlement(currency="EUR", day="2026-11-20").with_movement(a_movement(CHARGE, 60, fee=3, net=57))

    assert judge(theirs, ours((CHARGE, 60, JUST)), NOW, PATIENCE) is MATCHED


def test_a_person_s_answer_holds_until_the_difference_is_another_one():
    theirs, mine = reported((CHARGE, 70)), ours((CHARGE, 60, JUST))
    answered = Settlement(currency="EUR", day="2026-11-20", charged=70, answered=difference(theirs, mine, AMOUNT))

    assert judge(answered, mine, NOW, PATIENCE) is RESOLVED
    assert judge(answered.with_movement(a_movement(CHARGE, 1)), mine, NOW, PATIENCE) is AMOUNT
    assert judge(answered.with_movement(a_movement(CHARGE, -10)), mine, NOW, PATIENCE) is MATCHED


@pytest.mark.parametrize(
    ("banked", "parts", "status"),
    [
        pytest.param([97], [(CHARGE, 60), (CHARGE, 40), (REFUND, -3)], MATCHED, id="the sum of its lines"),
        pytest.param([97], [(CHARGE, 100), (MovementKind.PAYOUT, -97)], MATCHED, id="what was announced"),
        pytest.param([96], [(CHARGE, 97)], AMOUNT, id="less"),
        pytest.param([97], [], EXTRA, id="a credit of nobody's"),
        pytest.param([], [(CHARGE, 97)], MISSING, id="not at the bank after a week"),
        pytest.param([97], [(CHARGE, 97, "USD")], CURRENCY, id="another currency"),
    ],
)
def test_a_payout_is_what_the_bank_got(banked, parts, status):
    theirs = Settlement(currency="EUR", day="2026-11-20")
    for amount in banked:
        theirs = theirs.with_movement(a_movement(MovementKind.CREDIT, amount))
    for part in parts:
        theirs = theirs.with_part(a_movement(*part))

    assert judge_payout(theirs, NOW, PATIENCE) is status


def test_a_payout_of_yesterday_may_still_come():
    theirs = Settlement(currency="EUR", day="2026-11-29").with_part(a_movement(CHARGE, 97))

    assert judge_payout(theirs, NOW, PATIENCE) is WAITING


_MOVES = st.lists(st.tuples(st.sampled_from([CHARGE, REFUND]), st.integers(1, 1_000)), max_size=6)


@given(_MOVES, st.randoms(use_true_random=False))
def test_what_is_reported_as_it_was_moved_matches_in_any_order(moves, random):
    lines = [(kind, amount if kind == CHARGE else -amount) for kind, amount in moves]
    random.shuffle(lines)

    assert judge(reported(*lines), ours(*[(*move, JUST) for move in moves]), NOW, PATIENCE) is MATCHED


@given(_MOVES, _MOVES)
def test_a_match_is_never_of_other_sums(theirs, mine):
    lines = [(kind, amount if kind == CHARGE else -amount) for kind, amount in theirs]
    sums = [[sum(a for k, a in moves if k == kind) for kind in (CHARGE, REFUND)] for moves in (theirs, mine)]

    status = judge(reported(*lines), ours(*[(*move, LONG_AGO) for move in mine]), NOW, PATIENCE)

    assert (status is MATCHED) == (sums[0] == sums[1])
    assert status is not WAITING
