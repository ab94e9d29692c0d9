"""
A process ends before and after each of its AWS calls while it reserves, promotes, extends, releases or gives units to an order.

Then its client comes again, or only the sweep does. No reservation is stuck, and the ledger rebuilds every counter.
"""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from comanda.aws.dynamodb import keys
from comanda.aws.reservations import expiry, reservations
from comanda.aws.stock import position_reads, stock_changes
from comanda.domain.reservations import allot
from comanda.domain.reservations import reservations as rules
from tests.faults import Crash, Crashed
from tests.functions.reservation_writes import consume
from tests.functions.reserve.test_reservations import MINUTE, NOW, TODAY, reserve, stocked, takes
from tests.functions.shelves import wrong
from tests.moto_aws import REGION

FEW, MANY = ("A", "B"), ("A", "B", "C", "D", "E")


@dataclass(frozen=True)
class Journey:
    """The state before, the call, and the state that the reservation must reach when the call is repeated."""

    skus: tuple[str, ...]
    before: Callable[[tuple[str, ...]], Any]
    act: Callable[[tuple[str, ...], datetime], Any]
    state: str


def nothing(_: tuple[str, ...]) -> None:
    """Leave the stock without any reservation."""


def made(kind: str) -> Callable[[Any], Any]:
    return lambda skus: reserve(*((sku, 1) for sku in skus), kind=kind, ttl=7200)


def _reserve(kind: str) -> Callable[[Any, datetime], Any]:
    return lambda skus, now: reserve(*((sku, 1) for sku in skus), kind=kind, ttl=7200, now=now)


def _take(skus: tuple[str, ...], now: datetime) -> None:
    """Take the units as an order does: its changes and the reservation's header in one transaction."""
    found = reservations.load("rsv_r1")
    if found.order_id is None:
        consumed, writes = consume("rsv_r1", "ord_1", takes(*((sku, 1) for sku in skus[1:])), now)
        stock_changes.apply(consumed.changes, writes)
    reservations.follow(reservations.load("rsv_r1"), now)


ACTS: dict[str, tuple[Callable[[Any], Any], Callable[[Any, datetime], Any], str]] = {
    "reserve soft": (nothing, _reserve(rules.SOFT), rules.HELD),
    "reserve hard": (nothing, _reserve(rules.HARD), rules.COMMITTED),
    "promote": (made(rules.SOFT), lambda _, now: reservations.promote("rsv_r1", now), rules.COMMITTED),
    "release soft": (made(rules.SOFT), lambda _, now: reservations.release("rsv_r1", now), rules.RELEASED),
    "release hard": (made(rules.HARD), lambda _, now: reservations.release("rsv_r1", now), rules.RELEASED),
    "extend": (
        made(rules.SOFT),
        lambda _, now: reservations.extend("rsv_r1", rules.expiry(NOW, 14_400), now),
        rules.HELD,
    ),
    "take soft": (made(rules.SOFT), _take, rules.COMMITTED),
    "take hard": (made(rules.HARD), _take, rules.COMMITTED),
}
JOURNEYS = {
    f"{name}, {size}": Journey(skus, *act)
    for name, act in ACTS.items()
    for size, skus in (("one transaction", FEW), ("three chunks", MANY))
}


class Moment:
    """The Stock table as it was, to begin from again and again."""

    def __init__(self) -> None:
        self.table = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables["Stock"]
        self.items = deepcopy(self.table.items)

    def back(self) -> None:
        self.table.items = deepcopy(self.items)
        expiry.forget()


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allot, "MOST_PIECES", 2)


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_crash_at_any_call_leaves_nothing_stuck(aws: Any, name: str, capsys: pytest.CaptureFixture[str]):
    journey = JOURNEYS[name]
    for sku in journey.skus:
        stocked(sku, units=3)
    journey.before(journey.skus)
    moment = Moment()
    with Crash() as count:
        count.begin("reserve")
        journey.act(journey.skus, NOW)

    found = []
    points = count.points()
    for n, after in points:
        for comes_again in (True, False):
            moment.back()
            with Crash(n, after=after) as crash:
                with pytest.raises(Crashed):
                    journey.act(journey.skus, NOW)
                crash.revive()
                found += [(crash.happened, comes_again, what) for what in _then(aws, journey, comes_again)]

    with capsys.disabled():
        print(f"\ncrash: {name}: {2 * len(count.calls)} points, {len(points)} of them different")  # noqa: T201  # a figure
    assert found == []


def _then(aws: Any, journey: Journey, comes_again: bool) -> list[str]:
    if comes_again:
        journey.act(journey.skus, NOW)
        state = reservations.load("rsv_r1").state
        return [*([] if state == journey.state else [f"is {state}"]), *wrong_but_taken(aws, NOW)]
    at = NOW + 10 * MINUTE
    expiry.sweep(at)
    left = reservations.find("rsv_r1")
    if left is not None and left.next_look is not None and left.state == rules.HELD:
        at = left.next_look
        aws.put("Stock", **keys.swept(), upto=(at - MINUTE).isoformat())
        expiry.sweep(at)
        left = reservations.find("rsv_r1")
    stuck = [f"still {left.state}, to be looked at {left.next_look}"] if left and left.next_look else []
    soft = [f"{p.sku} keeps {p.soft}" for p in position_reads.load(journey.skus) if p.soft]
    return [*stuck, *soft, *wrong_but_taken(aws, at)]


def wrong_but_taken(aws: Any, now: datetime) -> list[str]:
    """Return what is wrong. Units that the order took from the reservation belong to the order."""
    ours = reservations.find("rsv_r1")
    taken = Counter[tuple[Any, ...]]()
    if ours is not None and ours.order_id is not None:
        taken.update((line.sku, "n1", 0, TODAY) for line in ours.lines if line.sku != "A")
    return wrong(aws.items("Stock"), now, taken)
