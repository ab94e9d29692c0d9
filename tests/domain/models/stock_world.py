"""
Live the life of one position: orders, carts, suppliers, counts and time change it, in any order.

`Shelf.act` takes a step, and refuses it where the table would. `check` tests all identities after each step. The conditions
are those of `comanda.aws.stock.update_expression`, in plain Python.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from comanda.domain.days import days_later, utc_day, utc_minute
from comanda.domain.stock import counts, movements, stock
from comanda.domain.stock.apply_change import apply_change, is_covered, stored_free, with_effect
from comanda.domain.stock.changes import Change, Request, ReservedUnits
from comanda.domain.stock.count_corrections import with_correction
from comanda.domain.stock.stock import PURCHASE_ORDER, RETURN, SELLABLE, Position, Supply
from tests.builders import NOW
from tests.domain.models.choices import Choose

SKU, NODE = "TEA-001", "dc-1"


class Refused(Exception):
    """A condition of the table forbids the step."""


class Shelf:
    """A position, its ledger, and the units that orders and reservations have of it."""

    def __init__(self, choose: Choose, tried: Counter[str] | None = None) -> None:
        self.choose, self.now, self.number = choose, NOW, 0
        self.tried = Counter[str]() if tried is None else tried
        self.position = Position(sku=SKU, node=NODE, safety=choose.one((0, 0, 2)))
        self.ledger: list[Change] = []
        self.held: list[ReservedUnits] = []
        self.steps: list[str] = []
        self.lost = False  # stock was lost, or a supply came late or smaller: only then may `free` fall below zero

    def act(self, name: str) -> None:
        self.number += 1
        self.steps.append(name)
        try:
            ACTIONS[name](self)
        except Refused:
            self.tried[f"{name} refused"] += 1
        else:
            self.tried[name] += 1

    # The table

    def write(self, *changes: Change) -> None:
        """Write all changes, or none."""
        position, lines = self.position, []
        for change in changes:
            for part in with_correction(position, change):
                made = with_effect(position, part, self.now) if part.dated else part
                if not self._allows(position, made):
                    raise Refused(made.kind)
                position = apply_change(position, made)
                lines.append(made)
        ids = [line.movement_id for line in (*self.ledger, *lines)]
        assert len(set(ids)) == len(ids), "a movement's id is given twice"
        self.position, self.ledger = position, [*self.ledger, *lines]

    def _allows(self, position: Position, made: Change) -> bool:
        after = apply_change(position, made)
        hard = dict(stock.add_numbers(position.hard, made.demand))
        if any(units < 0 for units in hard.values()) or any(units < 0 for _, _, units in after.soft):
            return False
        if made.dated:
            return is_covered(position, made)
        if made.need is not None and position.free < made.need:
            return False
        return made.kind != "adjust" or all(units >= 0 for _, units in after.on_hand)

    def day(self, ahead: int) -> str:
        return days_later(utc_day(self.now), ahead)

    def n(self) -> str:
        return str(self.number)

    def _held(self, *, soft: bool | None = None, ready: bool = False) -> ReservedUnits:
        found = [
            held
            for held in self.held
            if (soft is None or soft == bool(held.expires)) and not (ready and held.due > utc_day(self.now))
        ]
        if not found:
            raise Refused("no units are reserved")
        return self.choose.one(found)

    def _fresh(self, held: ReservedUnits) -> ReservedUnits:
        """Return the units under the number of this step, so that the movement gets a new id."""
        return replace(held, n=self.n())

    # The steps

    def reserve(self) -> None:
        due = self.day(self.choose.one((0, 0, 0, 2, 5)))
        self._reserve(due, None)

    def hold(self) -> None:
        until = self.now + timedelta(minutes=self.choose.one((5, 60, 240)))
        self._reserve(self.day(self.choose.one((0, 0, 3))), utc_minute(until))

    def _reserve(self, due: str, expires: str | None) -> None:
        quantity = self.choose.number(1, 4)
        request = Request(quantity=quantity, source="ord", line="1", n=self.n(), due=due, expires=expires)
        before = self.position
        change = movements.reserve(before, request, self.now)
        there = stock.available(before, self.now, due)
        if not isinstance(change, Change):
            assert there < quantity, "a reserve is refused though it is there"
            raise Refused("reserve")
        assert there >= quantity, "a reserve was accepted that is not there"
        self.write(change)
        lowest = stock.least(stock.net(before, self.now), utc_day(self.now))
        after = stock.least(stock.net(self.position, self.now), utc_day(self.now))
        assert after >= min(0, lowest), "a reserve took units that were promised before"
        self.held.append(
            ReservedUnits(
                sku=SKU, node=NODE, quantity=quantity, due=due, source="ord", line="1", n=self.n(), expires=expires
            )
        )

    def release(self) -> None:
        held = self._held()
        self._live(held)
        self.write(movements.release(self._fresh(held), self.now))
        self.held.remove(held)

    def _live(self, held: ReservedUnits) -> None:
        if held.expires is not None and held.expires <= utc_minute(self.now):
            raise Refused("its time is over")

    def promote(self) -> None:
        held = self._held(soft=True)
        self._live(held)
        self.write(movements.promote(self._fresh(held), self.now))
        self._now_is(held, replace(held, expires=None))

    def extend(self) -> None:
        held = self._held(soft=True)
        self._live(held)
        until = utc_minute(self.now + timedelta(minutes=self.choose.one((30, 200))))
        self.write(movements.extend(self._fresh(held), until, self.now))
        self._now_is(held, replace(held, expires=until))

    def consume(self) -> None:
        held = self._held()
        self._live(held)
        due = max(held.due, utc_day(self.now))
        order = Request(quantity=held.quantity, source="ord2", line="1", n=self.n(), due=due)
        self.write(movements.consume(self._fresh(held), order, self.now))
        self._now_is(held, replace(held, expires=None, due=due))

    def _now_is(self, before: ReservedUnits, after: ReservedUnits) -> None:
        self.held.remove(before)
        self.held.append(after)

    def expire(self) -> None:
        change = movements.expire(self.position, self.now)
        if change is None:
            raise Refused("nothing has expired")
        self.write(change)
        self.held = [held for held in self.held if held.expires is None or held.expires > utc_minute(self.now)]

    def advance(self) -> None:
        held = self._held(soft=False)
        if held.due <= utc_day(self.now):
            raise Refused("it is due")
        change = movements.advance(self.position, self._fresh(held), self.now)
        if not isinstance(change, Change):
            raise Refused("advance")
        self.write(change)
        self._now_is(held, replace(held, due=utc_day(self.now)))

    def redate(self) -> None:
        held = self._held(soft=False)
        due = self.day(self.choose.number(1, 8))
        self.lost = True  # the other day may not have the units: `preorders.reconcile` checks that
        self.write(movements.redate(self._fresh(held), due, self.now))
        self._now_is(held, replace(held, due=due))

    def ship(self) -> None:
        held = self._held(soft=False, ready=True)
        ago = timedelta(minutes=self.choose.one((0, 0, 90)))
        self.write(movements.ship(replace(self._fresh(held), occurred=self.now - ago), self.now))
        self.held.remove(held)

    def short(self) -> None:
        held = self._held(soft=False, ready=True)
        self.write(movements.short(self._fresh(held), self.now))
        self.held.remove(held)

    def adjust(self) -> None:
        bucket = self.choose.one((SELLABLE, SELLABLE, "damaged"))
        delta = self.choose.one((-3, -1, 1, 4, 9))
        self.lost |= delta < 0
        change = movements.adjust(SKU, NODE, bucket, delta, source="adj", line=self.n(), reason="found", now=self.now)
        self.write(change)

    def count(self) -> None:
        counted_at = self.now - timedelta(minutes=self.choose.one((0, 30, 180)))
        if counts.too_late([self.position], counted_at, self.now):
            raise Refused("late")
        since = counts.moved(
            (line.reason, dict(line.on_hand)) for line in self.ledger if (line.occurred or line.at) > counted_at
        )
        units = self.choose.number(0, 12)
        self.lost = True
        found = counts.Count(
            sku=SKU, node=NODE, units=((SELLABLE, units),), counted_at=counted_at, source="count", line=self.n()
        )
        self.write(*counts.count([self.position], found, since, self.now))
        assert self.position.bucket(SELLABLE) == max(0, units + since.get(SELLABLE, 0)), (
            "the shelf holds the counted units and those moved since"
        )

    def announce(self) -> None:
        supply = Supply(
            supply_id=f"PO-{self.number}",
            type=self.choose.one((PURCHASE_ORDER, RETURN)),
            eta=self.day(self.choose.number(0, 6)),
            quantity=self.choose.number(1, 8),
            excluded=self.choose.one((0, 0, 50)),
            receiving_days=self.choose.one((0, 1)),
        )
        self._supply(supply)

    def change_supply(self) -> None:
        supply = self._expected()
        self.lost = True
        self._supply(replace(supply, eta=self.day(self.choose.number(0, 9)), quantity=self.choose.number(0, 8)))

    def _supply(self, supply: Supply) -> None:
        self.write(movements.supply(self.position, [supply], source="po", n=self.n(), reason="", now=self.now))

    def _expected(self) -> Supply:
        if not self.position.supplies:
            raise Refused("nothing is expected")
        return self.choose.one(self.position.supplies)

    def receive(self) -> None:
        supply = self._expected()
        quantity = self.choose.number(1, supply.quantity)
        left = replace(supply, quantity=supply.quantity - quantity)
        bucket = self.choose.one((SELLABLE, SELLABLE, SELLABLE, "damaged"))
        self.lost |= bucket != SELLABLE
        self.write(movements.receive(self.position, left, quantity, bucket, source="po", n=self.n(), now=self.now))

    def minutes_pass(self) -> None:
        self._pass(timedelta(minutes=self.choose.one((1, 10, 70, 250))))

    def days_pass(self) -> None:
        self._pass(timedelta(days=self.choose.one((1, 1, 3))))

    def _pass(self, time: timedelta) -> None:
        """Let time pass. The nightly task checks every position, because time alone may have lowered `free`."""
        before, self.now = utc_day(self.now), self.now + time
        if utc_day(self.now) != before:
            self.lost |= any(supply.eta <= utc_day(self.now) for supply in self.position.supplies)
            change = movements.reevaluate(self.position, self.now)
            if change is not None:
                self.write(change)


ACTIONS: dict[str, Callable[[Shelf], None]] = {
    name: getattr(Shelf, name)
    for name in (
        "reserve", "hold", "release", "promote", "extend", "consume", "expire", "advance", "redate", "ship", "short",
        "adjust", "count", "announce", "change_supply", "receive", "minutes_pass", "days_pass",
    )
}  # fmt: skip
WEIGHTS = {"reserve": 5, "hold": 3, "ship": 3, "adjust": 3, "announce": 2, "receive": 2, "redate": 1, "count": 1}


def check(shelf: Shelf) -> None:
    """Check all identities of a position."""
    position, now = shelf.position, shelf.now
    free, on_hand, hard, soft = 0, Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    expected: dict[str, int] = {}
    for line in shelf.ledger:
        free += line.free
        on_hand.update(dict(line.on_hand))
        hard.update(dict(line.demand))
        soft.update({(due, expires): units for due, expires, units in line.soft})
        expected |= {supply.supply_id: supply.quantity for supply in line.supplies}
    assert (free, dict(on_hand)) == (position.free, dict(position.on_hand)), "the ledger rebuilds the counters"
    assert {due: units for due, units in hard.items() if units} == dict(position.hard), "the ledger rebuilds demand"
    assert sorted((*at, units) for at, units in soft.items() if units) == sorted(position.soft)
    assert {s.supply_id: s.quantity for s in position.supplies} == {k: q for k, q in expected.items() if q}
    kept = Counter[str]()
    for held in shelf.held:
        if held.expires is None:
            kept[held.due] += held.quantity
    assert dict(kept) == dict(position.hard), "hard demand is exactly the reserved hard units"
    assert position.free <= stored_free(position, now), "free never promises more units than there are"
    assert all(units >= 0 for _, units in position.on_hand), "a shelf never holds fewer than none"
    assert position.free >= 0 or shelf.lost, "only a loss or a late supply makes free negative"
    assert position.over_reserved == max(0, -position.free)
    assert stock.available(position, now) <= max(0, position.bucket(SELLABLE)), (
        "no unit is sold today that is not on the shelf"
    )
