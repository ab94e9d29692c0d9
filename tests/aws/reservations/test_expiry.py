"""Expired units return to the shelf after lost races, and a reservation that cannot be ended does not stop the sweep."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from comanda.aws.reservations import expiry, reservations
from comanda.aws.stock import stock_changes
from comanda.domain.errors import StockConflict
from comanda.domain.reservations import reservations as rules
from comanda.domain.reservations.reservations import Reservation
from comanda.domain.stock.changes import Change
from tests.functions.reserve.test_reservations import NOW, free, reserve, stocked, true

LATER = NOW + timedelta(minutes=15)


def meanwhile(monkeypatch: pytest.MonkeyPatch, other: Callable[[int], object], times: int) -> None:
    """Let another writer be faster than the expiry, `times` times, between its read and its write."""
    apply, done = stock_changes.apply, [0]

    def raced(changes: Sequence[Change], extra: Any) -> None:
        if any(c.kind == "expire" for c in changes) and done[0] < times:
            done[0] += 1
            other(done[0])
            raise StockConflict("changed since")
        apply(changes, extra)

    monkeypatch.setattr(stock_changes, "apply", raced)


def test_the_sweeper_that_lost_a_race_takes_the_units_back_all_the_same(aws: Any, monkeypatch: pytest.MonkeyPatch):
    stocked(units=10)
    reserve(("TEA", 3))
    meanwhile(monkeypatch, lambda n: stocked(units=1, source=f"race-{n}"), times=1)

    expiry.sweep(LATER)

    assert free() == 11
    assert true(aws, LATER)


def test_units_that_the_sweeper_could_not_take_back_are_taken_back_by_the_next_one(
    aws: Any, monkeypatch: pytest.MonkeyPatch
):
    stocked(units=10)
    reserve(("TEA", 3))
    with monkeypatch.context() as races:
        meanwhile(races, lambda n: stocked(units=1, source=f"race-{n}"), times=100)

        with pytest.raises(StockConflict):
            expiry.sweep(LATER)

    between = reservations.load("rsv_r1").state
    units = free()
    expiry.sweep(LATER + timedelta(minutes=5))
    assert (between, reservations.load("rsv_r1").state) == (rules.HELD, rules.EXPIRED)
    assert free() == units + 3
    assert true(aws, LATER)


def test_a_reservation_that_can_never_be_ended_does_not_stop_the_sweep_of_newer_reservations(
    aws: Any, monkeypatch: pytest.MonkeyPatch
):
    stocked("TEA")
    stocked("CUP")
    expiry.sweep(NOW)
    reserve(("TEA", 3), name="stuck")
    end = reservations.end

    def unless_stuck(found: Reservation, now: datetime) -> Reservation:
        if found.reservation_id == "rsv_stuck":
            raise StockConflict("for ever")
        return end(found, now)

    with monkeypatch.context() as broken:
        broken.setattr(reservations, "end", unless_stuck)
        for hours in range(0, 36, 12):
            now = LATER + timedelta(hours=hours)
            reserve(("CUP", 1), name=f"r{hours}", now=now - timedelta(minutes=15))
            with pytest.raises(StockConflict):
                expiry.sweep(now)
            assert free("CUP") == 10

    expiry.sweep(LATER + timedelta(hours=37))
    assert reservations.load("rsv_stuck").state == rules.EXPIRED
    assert expiry.sweep(LATER + timedelta(hours=38)) == 0
    assert true(aws, LATER + timedelta(hours=38))
