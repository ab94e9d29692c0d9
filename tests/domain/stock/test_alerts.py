"""An alert begins and ends with its condition, and each is one event."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.stock.alerts import (
    KINDS,
    LATE_SUPPLY,
    LOW,
    OUT,
    OVER_RESERVED,
    STALE_SNAPSHOT,
    AlertChange,
    Thresholds,
    changes,
    standing,
)
from comanda.domain.stock.safety import Safety
from comanda.domain.stock.stock import PURCHASE_ORDER, Supply
from tests.builders import NOW, a_position

QUIET = Thresholds()


def a_supply(eta: str, quantity: int = 10, **more):
    return Supply(supply_id="po-1", type=PURCHASE_ORDER, eta=eta, quantity=quantity, **more)


@pytest.mark.parametrize(("left", "alerts_found"), [(6, {}), (5, {LOW: 5}), (1, {LOW: 1}), (0, {LOW: 0, OUT: 0})])
def test_a_position_is_low_at_its_reorder_point_and_out_when_a_new_order_gets_nothing(left, alerts_found):
    assert standing(a_position(on_hand=left), Thresholds(low=5), NOW) == alerts_found


def test_safety_stock_does_not_count_as_left():
    assert standing(a_position(on_hand=4), Thresholds(low=1, safety=Safety(units=3)), NOW) == {LOW: 1}
    assert standing(a_position(on_hand=3), Thresholds(low=1, safety=Safety(units=3)), NOW) == {LOW: 0, OUT: 0}


def test_without_a_reorder_point_nothing_is_ever_low():
    assert standing(a_position(on_hand=1), QUIET, NOW) == {}


def test_a_position_that_sells_nothing_at_all_is_neither_low_nor_out():
    assert standing(a_position(on_hand=0, ship=False, pickup=False), Thresholds(low=5), NOW) == {}


def test_units_promised_for_later_are_not_left_for_today():
    promised = a_position(on_hand=10, hard=(("2026-12-01", 10),))

    assert standing(promised, QUIET, NOW) == {OUT: 0}


def test_over_reserved_is_the_number_of_missing_units():
    assert standing(a_position(on_hand=2, free=-3), QUIET, NOW)[OVER_RESERVED] == 3


def test_a_count_is_stale_after_its_days_and_a_position_that_is_never_counted_never_is():
    limit = Thresholds(stale_days=7)

    def alerts_found(days):
        return standing(replace(a_position(), counted_at=NOW - timedelta(days=days)), limit, NOW)

    assert alerts_found(7) == {}
    assert alerts_found(7.1) == {STALE_SNAPSHOT: 7}
    assert alerts_found(30) == {STALE_SNAPSHOT: 30}
    assert standing(a_position(), limit, NOW) == {}


@pytest.mark.parametrize(
    ("eta", "alerts_found"), [("2026-11-20", {}), ("2026-11-16", {}), ("2026-11-15", {LATE_SUPPLY: 10})]
)
def test_a_supply_is_late_once_its_days_of_grace_are_over(eta, alerts_found):
    """Today is the 19th, and three days are forgiven."""
    position = replace(a_position(), supplies=(a_supply(eta, grace_days=3),))

    assert standing(position, QUIET, NOW) == alerts_found


def test_out_of_stock_and_back_in_stock_are_one_event_each():
    out = changes({}, a_position(on_hand=0), QUIET, NOW)
    still_out = changes({OUT: 0}, a_position(on_hand=0), QUIET, NOW)
    back = changes({OUT: 0}, a_position(on_hand=3), QUIET, NOW)

    assert [change.fact for change in out] == ["out"]
    assert still_out == ()
    assert [change.fact for change in back] == ["back_in_stock"]


def test_only_over_reserved_is_raised_again_for_another_quantity():
    assert changes({LOW: 5}, a_position(on_hand=3), Thresholds(low=5), NOW) == ()
    assert changes({OUT: 0, OVER_RESERVED: 2}, a_position(on_hand=0, free=-3), QUIET, NOW) == (
        AlertChange(kind=OVER_RESERVED, raised=True, quantity=3),
    )


def test_every_alert_has_a_name_for_its_beginning_and_its_end():
    names = [AlertChange(kind=kind, raised=raised).fact for kind in KINDS for raised in (True, False)]

    assert len(set(names)) == 2 * len(KINDS)


positions = st.builds(
    lambda shelf, promised, eta, counted: replace(
        a_position(on_hand=shelf, hard=(("2026-11-19", promised),) if promised else ()),
        supplies=(a_supply(eta),) if eta else (),
        counted_at=counted and NOW - timedelta(days=counted),
    ),
    shelf=st.integers(0, 10),
    promised=st.integers(0, 12),
    eta=st.sampled_from(["", "2026-11-10", "2026-11-25"]),
    counted=st.none() | st.integers(1, 20),
)


@given(st.lists(positions, min_size=1, max_size=6))
def test_raised_and_cleared_alerts_always_add_up_to_those_that_stand(lives):
    thresholds, known = Thresholds(low=4, stale_days=10), {}

    for position in lives:
        for change in changes(known, position, thresholds, NOW):
            known.pop(change.kind, None)
            if change.raised:
                known[change.kind] = change.quantity

        assert changes(known, position, thresholds, NOW) == ()
        assert known.keys() == standing(position, thresholds, NOW).keys()
