"""
Everything that may happen to stock and to what is kept of it, in any order, against the tables: invariants 2 and 3 of the
domain after every step. LIVES=3 lives three times as long, and 2,000 steps.
"""

import os
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import attributes
from comanda.aws.reservations import expiry, reservations, reserve_units, transfer_line
from comanda.aws.stock import lanes, position_reads, stock_changes
from comanda.domain.days import days_later, utc_day
from comanda.domain.errors import NotAllowed, NotFound, OutOfStock, StockConflict
from comanda.domain.reservations import allot
from comanda.domain.reservations import reservations as rules
from comanda.domain.reservations.allot import Wanted, sum_wanted
from comanda.domain.reservations.reservations import Reservation, Take
from comanda.domain.stock import movements
from comanda.domain.stock import stock as core
from comanda.domain.stock.changes import Request
from comanda.domain.stock.movements import adjust
from comanda.domain.stock.stock import SELLABLE, Supply
from tests.functions.reservation_writes import consume
from tests.functions.reserve.test_reservations import NOW
from tests.functions.shelves import wrong
from tests.moto_aws import REGION

EXAMPLES, STEPS = 24 * int(os.environ.get("LIVES", "1")), 30
SKUS, NODES = st.sampled_from(("TEA", "CUP")), st.sampled_from(("n1", "n2"))
DAYS = st.sampled_from((0, 0, 0, 2, 5))
LINES = st.lists(
    st.tuples(SKUS, st.sampled_from((("n1",), ("n2",), ("n1", "n2"))), st.integers(1, 5), DAYS), min_size=1, max_size=5
)
steps: Counter[str] = Counter()


class Shelves(RuleBasedStateMachine):
    made = Bundle("made")

    def __init__(self, aws: Any) -> None:
        super().__init__()
        self.now = NOW
        self.numbers = count(1)
        self.orders: Counter[tuple[Any, ...]] = Counter()
        self.table = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables["Stock"]
        self.table.items.clear()
        expiry.forget()
        opening = partial(adjust, bucket=SELLABLE, delta=12, source="a0", line="1", reason="opening", now=NOW)
        stock_changes.apply([opening(sku, node) for sku in ("TEA", "CUP") for node in ("n1", "n2")], [])
        aws.put("Stock", **keys.swept(), upto=NOW.isoformat())

    def day(self, later: int) -> str:
        return days_later(utc_day(self.now), later)

    @rule(sku=SKUS, node=NODES, units=st.integers(-4, 6).filter(bool))
    def corrected(self, sku: str, node: str, units: int) -> None:
        change = adjust(
            sku, node, SELLABLE, units, source=f"a{next(self.numbers)}", line="1", reason="count", now=self.now
        )
        try:
            stock_changes.apply([change], [])
        except OutOfStock:
            self.note("correction refused")

    @rule(sku=SKUS, node=NODES, units=st.integers(0, 9), later=st.integers(1, 4))
    def supplied(self, sku: str, node: str, units: int, later: int) -> None:
        position = position_reads.get(sku, node)
        assert position is not None
        supply = Supply(supply_id="PO", type=core.PURCHASE_ORDER, eta=self.day(later), quantity=units)
        n = str(next(self.numbers))
        stock_changes.apply(
            [movements.supply(position, [supply], source=f"po{n}", n=n, reason="told", now=self.now)], []
        )
        self.note("supply")

    @rule(target=made, lines=LINES, a_part=st.booleans(), ttl=st.integers(60, 1200))
    def kept_softly(self, lines: Any, a_part: bool, ttl: int) -> str:
        return self.reserved(lines, a_part, rules.expiry(self.now, ttl))

    @rule(target=made, lines=LINES, a_part=st.booleans())
    def kept_hard(self, lines: Any, a_part: bool) -> str:
        return self.reserved(lines, a_part, None)

    def reserved(self, lines: Any, a_part: bool, expires: datetime | None) -> str:
        wanted = sum_wanted(
            Wanted(rows=(i,), sku=sku, nodes=nodes, quantity=units, due=self.day(later))
            for i, (sku, nodes, units, later) in enumerate(lines)
        )
        name = f"rsv_{next(self.numbers)}"
        asked = reserve_units.ReservationRequest(
            reservation_id=name,
            owner="shop",
            content=name,
            kind=rules.SOFT if expires else rules.HARD,
            wanted=wanted,
            expires=expires,
            now=self.now,
            partial=a_part,
        )
        before = lanes.read((sku, node) for sku, nodes, _, _ in lines for node in nodes)
        try:
            found = reserve_units.reserve(asked)
        except NotAllowed:
            self.note("refused")
            return name
        self.note("reserved in chunks" if found.many else "reserved")
        self.was_there(found, before)
        assert a_part or not any(line.missing for line in found.lines)
        assert reserve_units.reserve(asked) == reservations.load(name)
        return name

    def was_there(self, found: Reservation, before: Any) -> None:
        """Invariant 2: what was accepted could be had, by day."""
        for sku, node in {(line.sku, t.node) for line in found.lines for t in line.parts}:
            (joined,) = core.join_lanes(before[sku, node])
            kept = Counter[str]()
            for line in found.lines:
                kept[line.due] += sum(t.quantity for t in line.parts if (line.sku, t.node) == (sku, node))
            for due in kept:
                assert core.available(joined, self.now, due) >= kept[due], (sku, node, due, kept, joined)

    def ask(self, name: str, what: str, act: Any) -> None:
        before = reservations.find(name)
        try:
            act()
            self.note(what)
        except (NotFound, NotAllowed):
            assert before is None or before.state_at(self.now) != rules.HELD or what == "transferred"
            self.note(f"{what}: refused")

    @rule(name=made, ttl=st.integers(60, 1200))
    def extended(self, name: str, ttl: int) -> None:
        self.ask(name, "extended", lambda: reservations.extend(name, rules.expiry(self.now, ttl), self.now))

    @rule(name=made)
    def promoted(self, name: str) -> None:
        self.ask(name, "promoted", lambda: reservations.promote(name, self.now))

    @rule(name=made)
    def released(self, name: str) -> None:
        self.ask(name, "released", lambda: reservations.release(name, self.now))

    @rule(name=made, node=NODES)
    def transferred(self, name: str, node: str) -> None:
        self.ask(name, "transferred", lambda: transfer_line.transfer(name, 0, node, self.now))

    @rule(name=made, units=st.integers(1, 4), later=DAYS)
    def given_to_an_order(self, name: str, units: int, later: int) -> None:
        found = reservations.find(name)
        if found is None or not found.lines:
            return
        due = max(found.lines[0].due, self.day(later))
        takes = [
            Take(sku=sku, node=node, request=Request(quantity=units, source=f"o_{name}", line=f"{i}", n="1", due=due))
            for i, (sku, node) in enumerate(sorted(rules.units_by_node(found)))
        ]

        def take() -> None:
            consumed, writes = consume(name, f"o_{name}", takes, self.now)
            try:
                stock_changes.apply(consumed.changes, writes)
            except StockConflict:
                self.note("taken too early")  # for an earlier day than its supply
                return
            for chunk in found.chunks:
                for kept in rules.reserved_units(found, chunk):
                    self.orders[kept.sku, kept.node, kept.lane, due] += kept.quantity
            for change in consumed.changes:
                if change.kind == "release":
                    given = [n for _, n in change.demand] + [n for _, _, n in change.soft]
                    self.orders[(*change.position_key, due)] += sum(given)
                elif change.kind == "reserve":
                    self.orders[(*change.position_key, due)] += sum(n for _, n in change.demand)

        self.ask(name, "given", take)

    @rule(minutes=st.integers(1, 20))
    def later(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(what=st.sampled_from(("sweep", "sweep", "split", "merge")), sku=SKUS, node=NODES, number=st.integers(1, 3))
    def kept_up(self, what: str, sku: str, node: str, number: int) -> None:
        match what:
            case "sweep":
                expiry.sweep(self.now)
            case "split":
                lanes.split(sku, node, number, self.now)
            case "merge":
                lanes.merge(sku, node, self.now)
        self.note(what)

    def note(self, what: str) -> None:
        steps[what] += 1

    @invariant()
    def everything_holds(self) -> None:
        steps["steps"] += 1
        items = (row for partition in self.table.items.values() for row in partition.values())
        rows = [attributes({name: value.to_regular_json() for name, value in row.attrs.items()}) for row in items]
        assert wrong(rows, self.now, self.orders) == []


def test_every_identity_holds_after_any_calls_in_any_order(
    aws: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(allot, "MOST_PIECES", 3)
    monkeypatch.setattr(expiry, "_LOOK_BACK", timedelta(minutes=1))  # no index lags here, and each query is slow

    run_state_machine_as_test(
        lambda: Shelves(aws),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize="LIVES" not in os.environ,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            phases=(Phase.generate,),  # to make a failure smaller takes minutes here
        ),
    )

    with capsys.disabled():
        print(f"\nreservation model: {dict(steps)}")  # noqa: T201  # a published figure
    assert steps["steps"] >= EXAMPLES * STEPS * 0.8  # a life may end before its last step
    assert all(steps[what] for what in ("reserved", "reserved in chunks", "extended", "promoted", "released", "given"))
