"""Sixteen at once reserve, extend, promote, release, correct, expire and sweep, while AWS conflicts and throttles: no unit
is kept twice, none is stuck."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from comanda.aws.reservations import expiry, reservations, transfer_line
from comanda.aws.stock import position_reads, stock_changes
from comanda.domain.errors import Busy, NotAllowed, NotFound, OutOfStock
from comanda.domain.reservations import allot
from comanda.domain.reservations import reservations as rules
from comanda.domain.stock.movements import adjust
from comanda.domain.stock.stock import SELLABLE
from tests.faults import conflicts
from tests.functions.reserve.test_reservations import NOW, reserve, stocked
from tests.functions.shelves import wrong

SKUS = ("TEA", "CUP", "POT")


@pytest.mark.parametrize("seed", [1, 2])
def test_concurrent_changes_sell_nothing_twice_and_leave_nothing_stuck(
    aws: Any, monkeypatch: pytest.MonkeyPatch, seed: int
):
    monkeypatch.setattr(allot, "MOST_PIECES", 2)
    for sku in SKUS:
        stocked(sku, units=12)
    numbers, clock = count(1), count()

    def live(n: int) -> int:
        chance, mine, done = random.Random(f"{seed}.{n}"), list[str](), 0
        for _ in range(14):
            now = NOW + timedelta(seconds=10 * next(clock))
            try:
                _deed(chance, mine, f"{next(numbers)}", now)
                done += 1
            except (Busy, NotAllowed, NotFound, OutOfStock):
                continue
        return done

    with conflicts(seed) as injected, ThreadPoolExecutor(16) as pool:
        done = sum(pool.map(live, range(16)))

    last = NOW + timedelta(seconds=10 * next(clock))
    expiry.forget()
    expiry.sweep(last)
    assert done > 60
    assert injected["conflict"] > 30
    assert wrong(aws.items("Stock"), last) == []
    later = last + timedelta(hours=2)
    for at in (last + timedelta(minutes=10), later):
        expiry.sweep(at)
    assert not any(position.soft for position in position_reads.load(SKUS))
    assert wrong(aws.items("Stock"), later) == []


def _deed(chance: random.Random, mine: list[str], name: str, now: Any) -> None:
    known = chance.choice(mine) if mine else ""
    match chance.choice(("reserve", "reserve", "reserve", "extend", "promote", "release", "move", "correct", "sweep")):
        case "reserve":
            rows = [(chance.choice(SKUS), chance.randint(1, 3)) for _ in range(chance.randint(1, 4))]
            kind = chance.choice((rules.SOFT, rules.SOFT, rules.HARD))
            mine.append(f"rsv_{name}")
            reserve(*rows, name=name, kind=kind, ttl=chance.randint(60, 600), now=now, partial=chance.random() < 0.5)
        case "extend":
            reservations.extend(known, rules.expiry(now, 600), now)
        case "promote":
            reservations.promote(known, now)
        case "release":
            reservations.release(known, now)
        case "move":
            transfer_line.transfer(known, 0, "n1", now)
        case "correct":
            units = chance.choice((-2, 3))
            change = adjust(
                chance.choice(SKUS), "n1", SELLABLE, units, source=f"a{name}", line="1", reason="count", now=now
            )
            stock_changes.apply([change], [])
        case "sweep":
            expiry.sweep(now)


def test_a_hundred_clients_on_one_sku_of_fifty_units_keep_exactly_fifty(aws: Any):
    stocked(units=50)

    def keep(n: int) -> int:
        for _ in range(60):
            try:
                return reserve(("TEA", 1), name=f"r{n}").lines[0].reserved
            except Busy:
                continue
            except NotAllowed:
                return 0
        raise AssertionError("never served")

    with conflicts(3) as injected, ThreadPoolExecutor(16) as pool:
        kept = sum(pool.map(keep, range(100)))

    position = position_reads.get("TEA", "n1")
    assert position is not None
    assert (kept, position.free) == (50, 0)
    assert injected["conflict"] > 10  # how many there are depends on who meets whom
    assert wrong(aws.items("Stock"), NOW) == []
