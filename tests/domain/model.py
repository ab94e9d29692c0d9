"""
A model of one order's life: place, route, work, ship, cancel, hold, invoice, capture, settle, in any order, on stock that is
kept in memory, with every identity checked after every step and, at the end, that the order can end.

The world chooses through `Choose`, so Hypothesis drives it (and shrinks what it finds, `Machine`) and so does a seeded
random source, a million steps at a time (`drive`). What a step should do is predicted here from the design's table
(`tests.domain.table`), not from the code under test.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Protocol

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from comanda.domain import (
    cancel,
    document,
    give_back,
    invoicing,
    leave,
    looks,
    payments,
    place,
    queues,
    resume,
    schedule,
    work,
)
from comanda.domain.decision import Decision, Event, MoneyOperation
from comanda.domain.errors import Rejected
from comanda.domain.order import PICKUP, SHIP, Line, Order
from comanda.domain.routing import Costs, Limits, Plan, Rules, route
from comanda.domain.status import AT_NODE, GONE, RANK, TRANSACTIONS, UNPLACED, Status
from comanda.domain.stock import SELLABLE, Change, Position, adjust, applied
from comanda.domain.verdict import verdict
from tests.builders import (
    CHICAGO,
    DENVER,
    NEW_YORK,
    NOW,
    a_hold_type,
    a_line,
    a_line_in,
    a_node,
    a_package,
    a_position,
    an_allocation,
    an_order,
)
from tests.domain.table import TABLE

NODES = (
    a_node("dc-1", CHICAGO),
    a_node("dc-2", NEW_YORK, accept_minutes=30, ship_minutes=600),
    a_node("store-1", DENVER, type="STORE"),
)
SKUS = ("TEA", "POT")
BLOCKABLE = ("schedule", "accept", "decline", "pick", "short-pick", "pack", "ship", "hand-over", "cancel", "confirm")
WORK = ("accept", "start-pick", "pick", "pack", "ready")
MINUTES = {node.node_id: node.accept_minutes for node in NODES}


class Choose(Protocol):
    """Where the model's choices come from."""

    def number(self, low: int, high: int) -> int: ...

    def one[T](self, of: Sequence[T]) -> T: ...


class Seeded:
    """Choices from a seeded random source."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def number(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def one[T](self, of: Sequence[T]) -> T:
        return of[int(self._random.random() * len(of))]


class Drawn:
    """Choices that Hypothesis draws, and can shrink."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def number(self, low: int, high: int) -> int:
        return self._data.draw(st.integers(low, high))

    def one[T](self, of: Sequence[T]) -> T:
        return self._data.draw(st.sampled_from(of))


def an_arbitrary_order(choose: Choose) -> Order:
    """One to four lines of two skus; prices, discounts, charges and taxes of every awkward size, and money enough.

    Where lines have discounts of their own, the order's discount leaves two cents of each unit: the floors of two
    discounts may take one cent more than the unit costs, and then a cancelled unit makes the order a cent dearer.
    """
    lines = []
    for _ in range(choose.number(1, 4)):
        quantity, price = choose.number(1, 6), choose.one((0, 1, 7, 333, 999, 12345))
        pickup = choose.number(0, 3) == 0
        lines.append(
            a_line(
                choose.one(SKUS),
                quantity,
                price,
                discount=choose.number(0, quantity * price) if choose.number(0, 2) == 0 else 0,
                tax=choose.number(0, 500),
                method=PICKUP if pickup else SHIP,
                node="store-1" if pickup else None,
                service=choose.one(("STANDARD", "EXPRESS")),
            )
        )
    shipping, tax = choose.one((0, 1, 500, 999)), choose.one((0, 0, 33))
    net = sum(line.quantity * line.unit_price - line.discount for line in lines)
    discounted = any(line.discount for line in lines)
    worth = [
        (x.quantity * x.unit_price - x.discount) // x.quantity for x in lines if x.quantity * x.unit_price > x.discount
    ]
    most = net - net * 2 // min(worth) if worth and min(worth) > 2 else 0
    discount = choose.one((0, 0, most, choose.number(0, most), most if discounted else net + shipping))
    order = an_order(
        *lines,
        shipping=shipping,
        shipping_tax=tax,
        discount=discount,
        prices_include_tax=choose.number(0, 2) == 0,
        draft=choose.number(0, 4) == 0,
        priority=choose.number(0, 9),
    )
    first = choose.number(0, order.totals.total)
    tender = replace(order.payments[0], authorized=first) if first else None
    second = replace(
        order.payments[0], reference="auth-2", authorized=order.totals.total - first + choose.number(0, 50)
    )
    return replace(order, payments=(tender, second) if tender else (second,))


class World:
    """One order, the positions that it takes from, and everything that a store would keep of it."""

    def __init__(self, choose: Choose, pairs: Counter[tuple[Status, str]] | None = None) -> None:
        self.choose = choose
        self.pairs: Counter[tuple[Status, str]] = Counter() if pairs is None else pairs
        self.now = NOW
        self.positions: dict[tuple[str, str], Position] = {
            (sku, node.node_id): a_position(
                sku, node.node_id, choose.number(0, 8), safety=choose.one((0, 0, 0, 2)), ship=choose.number(0, 9) > 0
            )
            for sku in SKUS
            for node in NODES
        }
        self.opening = dict(self.positions)
        self.ledger: dict[tuple[str, str], dict[str, Change]] = {at: {} for at in self.positions}
        self.tasks: set[tuple[str, str]] = set()
        self.told: set[int] = set()  # fulfillments whose lateness a person has closed
        self.invoices: list[invoicing.Invoice] = []
        self.money: list[MoneyOperation] = []
        self.lost_stock: set[tuple[str, str]] = set()
        self.adjustments = 0
        self.refused = 0
        kinds = (
            ()
            if choose.number(0, 4)
            else (a_hold_type(place.REVIEW, "schedule", queue="sales-review", total_at_least=(0, "USD")),)
        )
        order = an_arbitrary_order(choose)
        self.order = order
        self.steps: list[str] = []
        self._save(place.place(order, kinds, "shop", self.now))

    # What a step is made of

    def act(self, name: str) -> None:
        """One step, by the name of an action."""
        self.steps.append(name)
        ACTIONS[name](self)

    def _save(self, decision: Decision) -> None:
        before, self.order = self.order, replace(decision.order, version=self.order.version + 1)
        json_text = json.dumps(document.of_order(self.order))
        read = document.to_order(json.loads(json_text))
        assert read == self.order, "a document reads back as what was written"
        assert decision.event.type
        json.dumps(decision.event.data)
        touched = [(c.sku, c.node) for c in decision.stock]
        assert len(set(touched)) == len(touched), "no position twice in one transaction"
        for change in decision.stock:
            self._move_stock(change)
        put, done = queues.moved(before if before.version else None, self.order, self.now)
        puts = [(task.queue, task.item) for task in (*decision.tasks, *put)]
        deletes = [*decision.done, *done]
        assert len({*puts, *deletes}) == len(puts) + len(deletes), "no work item twice in one transaction"
        self.tasks = (self.tasks | set(puts)) - set(deletes)
        for operation in decision.money:
            assert operation.amount > 0
            assert operation.number == len(self.money) + 1
            self.money.append(operation)

    def _move_stock(self, change: Change) -> None:
        """What the store's conditional write does."""
        at = (change.sku, change.node)
        position, ledger = self.positions[at], self.ledger[at]
        assert change.movement_id not in ledger, f"{change.movement_id} twice"
        if change.need is not None:
            assert position.free >= change.need
        for due, delta in change.demand:
            assert dict(position.hard).get(due, 0) + delta >= 0
        ledger[change.movement_id] = change
        self.positions[at] = applied(position, change)

    def _try(self, expected: bool, rule: Callable[[], Decision | None]) -> bool:
        """Run a rule, hold it to the prediction, and save what it decides."""
        try:
            decision = rule()
        except Rejected as error:
            assert not expected, f"{self.steps[-1]} was refused: {error}"
            self.refused += 1
            return False
        assert expected, f"{self.steps[-1]} was allowed"
        if decision is not None:
            self._save(decision)
        return True

    def _blocked(self, transaction: str) -> bool:
        return any(hold.resolved_at is None and transaction in hold.blocks for hold in self.order.holds)

    def _in(self, number: int) -> dict[str, dict[Status, int]]:
        """line id -> status -> units of a fulfillment."""
        found: dict[str, dict[Status, int]] = {}
        for line in self.order.lines:
            for a in line.allocations:
                if a.fulfillment == number:
                    statuses = found.setdefault(line.line_id, {})
                    statuses[a.status] = statuses.get(a.status, 0) + a.quantity
        return found

    def _pick_units(self, number: int, transaction: str) -> dict[str, int] | None:
        """Some units of a fulfillment, mostly ones that the transaction may take, sometimes too many, none or a
        stranger's."""
        has = self._in(number)
        if not has or self.choose.number(0, 2) == 0:
            return None
        units: dict[str, int] = {}
        for line_id, statuses in has.items():
            fits = sum(q for status, q in statuses.items() if status in TABLE[transaction][0])
            if fits and self.choose.number(0, 3):
                units[line_id] = self.choose.number(1, fits)
        match self.choose.number(0, 19):
            case 0:
                units[next(iter(has))] = sum(next(iter(has.values())).values()) + 1
            case 1:
                units[next(iter(has))] = self.choose.number(-1, 0)
            case 2:
                units["9"] = 1
        return units

    def _possible(self, number: int, transaction: str, units: dict[str, int] | None) -> bool:
        """Whether the design allows this step now."""
        has, takes = self._in(number), TABLE[transaction][0]
        fits = {line_id: sum(q for s, q in statuses.items() if s in takes) for line_id, statuses in has.items()}
        fulfillment = self.order.fulfillment(number)
        for line_id in has if units is None else has.keys() & units.keys():
            for status in has[line_id]:
                self.pairs[status, transaction] += 1
        if fulfillment.ended or fulfillment.shipped_at or self._blocked(transaction):
            return False
        return (
            any(fits.values())
            if units is None
            else bool(units) and all(0 < quantity <= fits.get(line_id, 0) for line_id, quantity in units.items())
        )

    def _some_fulfillment(self) -> int:
        """Mostly one whose node still has work."""
        working = [f.number for f in self.order.fulfillments if not f.ended and not f.shipped_at]
        return (
            self.choose.one(working)
            if working and self.choose.number(0, 9)
            else self.choose.number(1, len(self.order.fulfillments))
        )

    def _moved(
        self, before: dict[str, dict[Status, int]], number: int, transaction: str, units: dict[str, int] | None
    ) -> None:
        """The units that moved are those of the table, and as many as were asked."""
        takes, (to, *_) = TABLE[transaction]
        after = self._in(number)
        for line_id, had in before.items():
            has = after.get(line_id, {})
            asked = sum(q for s, q in had.items() if s in takes) if units is None else units.get(line_id, 0)
            assert has.get(to, 0) - had.get(to, 0) == asked
            assert sum(had.get(s, 0) - has.get(s, 0) for s in takes) == asked

    # The channel, sales and customer service

    def confirm(self) -> None:
        review = [h for h in self.order.holds if h.active and h.type == place.REVIEW]
        held = any(h.active and h.type != place.REVIEW and "confirm" in h.blocks for h in self.order.holds)
        for line in self.order.lines:
            for a in line.allocations:
                self.pairs[a.status, "confirm"] += 1
        self._try(
            bool(review or self.order.draft) and not held,
            lambda: place.confirm(self.order, "sales-review", "sales", self.now),
        )

    def reject(self) -> None:
        review = any(h.active and h.type == place.REVIEW for h in self.order.holds)
        live = {a.status for line in self.order.lines for a in line.allocations} - {Status.CANCELLED}
        for status in live:
            self.pairs[status, "reject"] += 1
        self._try(
            (review or self.order.draft) and live <= TABLE["reject"][0],
            lambda: place.reject(self.order, "sales-review", "no", "sales", self.now),
        )

    def hold(self) -> None:
        if len(self.order.holds) > 5 or sum(h.active for h in self.order.holds) > 1:
            return
        blocks = tuple(dict.fromkeys(self.choose.one(BLOCKABLE) for _ in range(self.choose.number(1, 3))))
        kind = a_hold_type("FRAUD", *blocks, expires_hours=self.choose.one((None, 24)))
        self._try(not self._settled(), lambda: place.hold(self.order, kind, "looks odd", "sales", self.now))

    def resolve(self) -> None:
        if self.order.holds:
            hold = self.choose.one(self.order.holds)
            self._try(
                hold.resolved_at is None,
                lambda: place.resolve(self.order, hold.hold_id, hold.queue, "fine", "sales", self.now),
            )

    def cancel(self) -> None:
        takes = TABLE["cancel"][0]
        fits = {x.line_id: sum(a.quantity for a in x.allocations if a.status in takes) for x in self.order.lines}
        live = {x.line_id: x.live for x in self.order.lines if x.live}
        units: dict[str, int] | None = None
        if self.choose.number(0, 3):
            units = {i: self.choose.number(1, q) for i, q in fits.items() if q and self.choose.number(0, 1)}
            if self.choose.number(0, 9) == 0:
                units[self.order.lines[0].line_id] = fits[self.order.lines[0].line_id] + 1
        wanted = live if units is None else units
        for line_id in wanted:
            for a in self.order.line(line_id).allocations:
                self.pairs[a.status, "cancel"] += 1
        total = self.order.totals.total
        done = self._try(
            bool(wanted) and not self._blocked("cancel") and all(fits[i] >= q for i, q in wanted.items()),
            lambda: cancel.cancel(self.order, units, "changed my mind", "shop", self.now),
        )
        if done:
            cents = sum(live.values()) if self.order.discounts else 0
            assert self.order.totals.total <= total + cents, (
                "cancelling makes no order dearer, but for cents of rounding"
            )
            assert {x.line_id: x.live for x in self.order.lines if x.live} == {
                i: q - wanted.get(i, 0) for i, q in live.items() if q - wanted.get(i, 0)
            }

    def answer(self) -> None:
        """A person works a queue."""
        waiting = [(queue, item) for queue, item in sorted(self.tasks) if queue in resume._ANSWERS]
        if not waiting:
            return
        queue, item = self.choose.one(waiting)
        reply = self.choose.one(resume._ANSWERS[queue])
        if queue == queues.LATE_WORK:
            self.told.add(int(item.removeprefix("late-")))
        self._try(True, lambda: resume.resume(self.order, queue, item, reply, "care", self.now))

    # The router and its stock

    def route(self) -> None:
        wanted = {line.line_id: line.unplaced() for line in self.order.lines if line.unplaced()}
        excluded = {line.line_id: line.excluded for line in self.order.lines}
        plan = self._plan()
        assert plan == self._plan(), "the same input gives the same plan"
        self._check_plan(plan, wanted)
        if not wanted:
            return
        for line_id in wanted:
            for a in self.order.line(line_id).allocations:
                self.pairs[a.status, "schedule"] += 1
        if self._try(
            not self._blocked("schedule"),
            lambda: schedule.schedule(self.order, plan, self.positions.values(), self.now),
        ):
            assert not any(line.unplaced() for line in self.order.lines), "every unit got a node or a queue"
            assert excluded == {line.line_id: line.excluded for line in self.order.lines}

    def _plan(self) -> Plan:
        limits = Limits(attempts=3, splits=4)
        return route(self.order, tuple(self.positions.values()), NODES, Rules(), Costs(), self.now, limits)

    def _check_plan(self, plan: Plan, wanted: dict[str, int]) -> None:
        taken: Counter[tuple[str, str]] = Counter()
        given: Counter[str] = Counter()
        for f in plan.fulfillments:
            for p in f.lines:
                line = self.order.line(p.line_id)
                position = self.positions[p.sku, f.node.node_id]
                assert p.quantity > 0
                assert p.sku == line.sku
                assert f.method == line.method
                assert f.node.node_id not in line.excluded
                assert f.method == SHIP or f.node.node_id == line.node_id
                assert position.ship if f.method == SHIP else position.pickup
                taken[p.sku, f.node.node_id] += p.quantity
                given[p.line_id] += p.quantity
        for left in plan.leftovers:
            given[left.line_id] += left.quantity
        assert given == wanted
        for at, quantity in taken.items():
            assert quantity <= max(0, self.positions[at].free - self.positions[at].safety)

    def receive(self) -> None:
        """Goods arrive, and what waited for them is routable again."""
        at = self.choose.one(tuple(self.positions))
        self._adjust(at, self.choose.number(1, 8))
        for line in self.order.lines:
            for a in line.allocations:
                self.pairs[a.status, "receipt"] += 1
        if (decision := resume.retry(self.order, "receipt", self.now)) is not None:
            self._save(decision)

    def lose_stock(self) -> None:
        """A count finds fewer, even fewer than were promised."""
        at = self.choose.one(tuple(self.positions))
        there = self.positions[at].bucket(SELLABLE)
        if there > 0 and self.choose.number(0, 3) == 0:
            self._adjust(at, -self.choose.number(1, there))
            if self.positions[at].free < 0:
                self.lost_stock.add(at)

    def _adjust(self, at: tuple[str, str], delta: int) -> None:
        self.adjustments += 1
        self._move_stock(
            adjust(*at, SELLABLE, delta, source=f"A-{self.adjustments}", line="1", reason="count", now=self.now)
        )

    # The node

    def work(self) -> None:
        if not self.order.fulfillments:
            return
        number, transaction = self._some_fulfillment(), self.choose.one(WORK)
        fulfillment = self.order.fulfillment(number)
        before = self._in(number)
        units = self._pick_units(number, transaction)
        possible = self._possible(number, transaction, units)
        live = {i: n for i, s in before.items() if (n := sum(q for status, q in s.items() if status in AT_NODE))}
        fits = {i: n for i, s in before.items() if (n := sum(s.get(status, 0) for status in TABLE[transaction][0]))}
        if transaction in ("accept", "ready") and (fits if units is None else units) != live:
            possible = False
        if transaction == "accept" and self.now > fulfillment.accept_by:
            possible = False
        if transaction == "ready" and fulfillment.method != PICKUP:
            possible = False
        packages = (a_package(f"P{number}"),) if transaction == "pack" and self.choose.number(0, 1) else ()
        step = work.Step(number=number, actor="picker", at=self.now, units=units)
        if self._try(possible, lambda: work.advance(self.order, transaction, step, packages)):
            self._moved(before, number, transaction, units)

    def decline(self) -> None:
        if self.order.fulfillments:
            number = self._some_fulfillment()
            units = self._pick_units(number, "decline")
            reason = self.choose.one(("BUSY", give_back.NO_STOCK))
            step = work.Step(number=number, actor="picker", at=self.now, units=units)
            self._try(self._possible(number, "decline", units), lambda: give_back.decline(self.order, step, reason))

    def short_pick(self) -> None:
        if self.order.fulfillments:
            number = self._some_fulfillment()
            units = self._pick_units(number, "short-pick")
            to_cancel = self.choose.number(0, 2) == 0
            step = work.Step(number=number, actor="picker", at=self.now, units=units)
            self._try(
                units is not None and self._possible(number, "short-pick", units),
                lambda: give_back.short_pick(self.order, step, "NOT_FOUND", cancel=to_cancel),
            )

    def leave(self) -> None:
        if not self.order.fulfillments:
            return
        number = self._some_fulfillment()
        fulfillment = self.order.fulfillment(number)
        transaction = "ship" if fulfillment.method == SHIP else "hand-over"
        before = self._in(number)
        units = self._pick_units(number, transaction)
        shipped = fulfillment.method == SHIP or self.choose.number(0, 9) == 0
        packages = (a_package(f"P{number}-{self.order.version}"),) if shipped else ()
        step = work.Step(number=number, actor="picker", at=self.now, units=units)
        shipment = leave.Shipment(shipment_id=f"S{self.order.version}", shipped_at=self.now, packages=packages)
        if self._try(
            self._possible(number, transaction, units) and not (packages and fulfillment.method == PICKUP),
            lambda: leave.leave(self.order, step, shipment),
        ):
            gone = {
                i: s[TABLE[transaction][1][0]] for i, s in self._in(number).items() if TABLE[transaction][1][0] in s
            }
            fits = {i: sum(q for t, q in s.items() if t in TABLE[transaction][0]) for i, s in before.items()}
            assert gone == {i: q for i, q in (fits if units is None else units).items() if q}

    def deliver(self) -> None:
        """The carrier's last word; no door has it yet, the table does."""
        transaction = self.choose.one(("deliver", "lose"))
        line = self.choose.one(self.order.lines)
        shipped = sum(a.quantity for a in line.allocations if a.status is Status.SHIPPED)
        quantity = self.choose.number(1, max(1, shipped))
        for a in line.allocations:
            self.pairs[a.status, transaction] += 1
        self._try(
            shipped > 0,
            lambda: Decision(
                order=self.order.with_lines((line.move(transaction, quantity),)),
                event=Event(type=transaction, actor="carrier", at=self.now, data={}),
            ),
        )

    def time_passes(self) -> None:
        """The clock moves, and the sweeper commits the deadlines that passed."""
        self.now += timedelta(minutes=self.choose.one((1, 45, 130, 700, 1600)))
        for fulfillment in self.order.fulfillments:
            decision = give_back.miss(self.order, fulfillment.number, self.now, MINUTES[fulfillment.node])
            if decision is not None:
                self._save(decision)
                remind = self.order.fulfillment(fulfillment.number)
                if remind.misses > remind.reminded and self.choose.number(0, 1):
                    self.order = self.order.with_fulfillment(replace(remind, reminded=remind.misses))

    # The money

    def invoice(self) -> None:
        """Bill the next shipment and capture it."""
        open_ = [f for f in self.order.fulfillments if f.shipped_at and f.invoice is None]
        if not open_:
            return
        fulfillment = self.choose.one(open_)
        units = {i: n for i, s in self._in(fulfillment.number).items() if (n := sum(s.get(x, 0) for x in GONE))}
        number = len(self.order.invoices) + 1
        billed, made = invoicing.invoice(
            self.order,
            units,
            number=number,
            fulfillment=fulfillment.number,
            series=fulfillment.node,
            serial=number,
            at=self.now,
        )
        self.invoices.append(made)
        self._capture(billed, made.number)

    def _capture(self, billed: Order, number: int) -> None:
        paid, operations = payments.capture(billed, number)
        event = Event(type="invoiced", actor="machine", at=self.now, data={})
        self._save(Decision(order=paid, event=event, money=operations))
        again = payments.capture(self.order, number)
        assert again == (self.order, ()), "captured once"

    def settle(self) -> None:
        """Close the books; or early, where no discount can round a later total up by a cent."""
        if self.order.discounts and not self._settled():
            return
        given, operations = payments.settle(self.order)
        self._save(
            Decision(order=given, event=Event(type="settled", actor="machine", at=self.now, data={}), money=operations)
        )
        assert payments.settle(self.order) == (self.order, ()), "given back once"
        if self._settled():
            assert self.order.captured == self.order.invoiced_total == sum(i.totals.total for i in self.invoices)
            assert self.order.open_authorization == 0

    def probe(self) -> None:
        """Any unit, any transaction: the table has the only word."""
        for _ in range(6):
            self._probe_once()

    def _probe_once(self) -> None:
        status, transaction = self.choose.one(tuple(Status)), self.choose.one(tuple(TABLE))
        takes, leaves = TABLE[transaction]
        line, quantity = a_line_in(an_allocation(3, status)), self.choose.number(1, 4)
        self.pairs[status, transaction] += 1
        try:
            moved = line.move(transaction, quantity)
        except Rejected:
            assert status not in takes or quantity > 3
        else:
            assert status in takes
            assert {a.status for a in moved.allocations} <= {status, leaves[0]}
            assert sum(a.quantity for a in moved.allocations) == 3

    # What must hold after every step

    def check(self) -> None:
        """Every identity of the design that applies to an order and its stock."""
        self._check_units()
        self._check_fulfillments()
        self._check_stock()
        self._check_money()
        self._check_queues()
        self._check_verdicts()

    def _check_units(self) -> None:
        for line in self.order.lines:
            assert sum(a.quantity for a in line.allocations) == line.quantity
            assert all(a.quantity > 0 for a in line.allocations)
            assert len({replace(a, quantity=0) for a in line.allocations}) == len(line.allocations)
            assert 0 <= line.invoiced <= sum(a.quantity for a in line.allocations if a.status in GONE)
            for a in line.allocations:
                if a.status in AT_NODE or a.status in GONE:
                    assert a.fulfillment is not None
                    assert a.node == self.order.fulfillment(a.fulfillment).node
                elif a.status is not Status.CANCELLED:
                    assert a.fulfillment is None
                    assert a.node is None
        counted = sum(self.order.quantities().values())
        assert counted == sum(line.quantity for line in self.order.lines)
        live = {RANK[s] for s, q in self.order.quantities().items() if q and s is not Status.CANCELLED}
        assert self.order.status.startswith("PARTIALLY_") == (len(live) > 1)
        assert (self.order.status == "CANCELLED") == (not live)

    def _check_fulfillments(self) -> None:
        assert [f.number for f in self.order.fulfillments] == list(range(1, len(self.order.fulfillments) + 1))
        for f in self.order.fulfillments:
            statuses = {s for found in self._in(f.number).values() for s in found}
            at_node, gone = statuses & set(AT_NODE), statuses & GONE
            assert bool(at_node) == (f.ended is None and f.shipped_at is None)
            assert bool(gone) == (f.shipped_at is not None)
            assert f.invoice is None or f.shipped_at is not None
            assert not (f.ended and f.shipped_at)
            name = self.order.fulfillment_status(f.number)
            if f.ended:
                assert name == f.ended
            elif at_node:
                least = min(at_node, key=AT_NODE.index)
                assert name == ("OFFERED" if least is Status.RELEASED else least)
            else:
                assert name == ("PICKED_UP" if f.method == PICKUP else "SHIPPED")

    def _check_stock(self) -> None:
        held: Counter[tuple[str, str, str]] = Counter()
        for line in self.order.lines:
            for a in line.allocations:
                if a.status in AT_NODE and a.fulfillment is not None and a.node is not None:
                    held[line.sku, a.node, self.order.fulfillment(a.fulfillment).due] += a.quantity
        promised = {(*at, due): q for at, p in self.positions.items() for due, q in p.hard}
        assert promised == held, "hard demand is exactly the units that nodes have"
        for at, p in self.positions.items():
            assert p.free == p.bucket(SELLABLE) - p.demand
            assert p.over_reserved == max(0, -p.free)
            assert p.available == max(0, p.free - p.safety)
            rebuilt = self.opening[at]
            for change in self.ledger[at].values():
                rebuilt = applied(rebuilt, change)
            assert rebuilt == p, "the ledger rebuilds the counters"
            if at not in self.lost_stock:
                assert p.free >= 0
                assert p.bucket(SELLABLE) >= 0
            moved = {
                k: sum(c.on_hand[0][1] for c in self.ledger[at].values() if c.kind == k)
                for k in ("ship", "short", "adjust")
            }
            assert self.opening[at].bucket(SELLABLE) + sum(moved.values()) == p.bucket(SELLABLE)

    def _check_money(self) -> None:
        order = self.order
        assert order.totals == invoicing.order_totals(order)
        left = [invoicing.invoice_line(x, x.live - x.invoiced) for x in order.lines if x.live > x.invoiced]
        rest = invoicing.totals_of(left, order.prices_include_tax)
        for name in ("goods", "discounts", "charges", "tax", "total"):
            billed = sum(getattr(made.totals, name) for made in self.invoices)
            assert billed + getattr(rest, name) == getattr(order.totals, name), name
        assert order.invoiced_total == sum(made.totals.total for made in self.invoices)
        assert order.totals.total >= 0
        for tender in order.payments:
            assert 0 <= tender.refunded <= tender.captured
            assert 0 <= tender.released
            assert tender.open >= 0
        assert order.captured + order.open_authorization >= order.totals.total, "what will be owed is covered"
        ahead = order.captured - min(order.invoiced_total, order.totals.total)
        assert 0 <= ahead <= sum(line.quantity for line in order.lines), (
            "captured as invoiced, but for cents of rounding"
        )
        for purpose, field in (("capture", "captured"), ("release", "released"), ("refund", "refunded")):
            assert sum(o.amount for o in self.money if o.purpose == purpose) == sum(
                getattr(tender, field) for tender in order.payments
            )

    def _check_queues(self) -> None:
        order = self.order
        expected = {(queue, queue) for queue in queues.waiting(order)}
        expected |= {(h.queue, h.hold_id) for h in order.holds if h.active}
        expected |= {("drafts", "draft")} if order.draft else set()
        expected |= {
            ("late-work", f"late-{f.number:03d}")
            for f in order.fulfillments
            if f.late
            and not f.ended
            and not f.shipped_at
            and f.number not in self.told
            and order.fulfillment_status(f.number) != "READY_FOR_PICKUP"
        }
        assert {task for task in self.tasks if task[0] != "put-back"} == expected

    def _settled(self) -> bool:
        over = all(s in GONE or s is Status.CANCELLED for s in self.order.quantities())
        return over and all(f.ended or f.invoice is not None for f in self.order.fulfillments)

    def _check_verdicts(self) -> None:
        order, settled = self.order, self._settled()
        assert order.settled == settled
        routable = any(
            a.status in UNPLACED and not line.waits_in for line in order.lines for a in line.allocations
        ) and not self._blocked("schedule")
        answer = verdict("UntilSettled", "order", order)
        assert answer == ("Settled" if settled else "RouteAgain" if routable else None)
        free = settled or not self._blocked("schedule")
        assert verdict("Held", "order", order) == ("Resolved" if free else None)
        busy = routable or settled
        for f in order.fulfillments:
            wait, stopped = f"{f.number:03d}", self._blocked("ship" if f.method == SHIP else "hand-over")
            if f.ended:
                expected = "Cancelled" if f.ended == "CANCELLED" else "Declined"
            elif f.shipped_at:
                expected = "Shipped"
                busy = busy or f.invoice is None
            elif f.misses > f.reminded:
                expected = "Silent"
                busy = True
            else:
                expected = "HeldNow" if stopped else None
            assert verdict("Release", wait, order) == expected
            over = f.ended is not None or f.shipped_at is not None
            assert verdict("Held", wait, order) == (None if stopped and not over else "Resolved")
        look = looks.next_look(order, self.now)
        assert self.now + looks.SOON <= look <= self.now + looks.LATEST
        assert not busy or look == self.now + looks.SOON, "what a machine should do is looked at soon"

    # And the end

    def finish(self) -> None:
        """Let everybody do their work: every order ends, its books closed to the cent, its reservations gone."""
        for _ in range(200):
            if self._settled():
                break
            for hold in self.order.holds:
                if hold.active and hold.type != place.REVIEW:
                    self._do("resolve", place.resolve(self.order, hold.hold_id, hold.queue, "fine", "sales", self.now))
            if self.order.draft or any(h.active for h in self.order.holds):
                self._do("confirm", place.confirm(self.order, "sales-review", "sales", self.now))
            self._end_by_hand()
        assert self._settled(), "every order ends"
        self.act("settle")
        self.check()
        assert self.order.captured == self.order.invoiced_total == self.order.totals.total
        assert not any(p.hard for p in self.positions.values())

    def _do(self, name: str, decision: Decision) -> None:
        self.steps.append(f"finish: {name}")
        self._save(decision)
        self.check()

    def _end_by_hand(self) -> None:
        """Route what can be routed, ship what nodes have, bill it; cancel what waits for nobody."""
        if any(line.unplaced() for line in self.order.lines):
            self._do("route", schedule.schedule(self.order, self._plan(), self.positions.values(), self.now))
        for f in self.order.fulfillments:
            if not f.ended and not f.shipped_at:
                step = work.Step(number=f.number, actor="picker", at=self.now)
                shipment = leave.Shipment(shipment_id=f"end-{f.number}", shipped_at=self.now)
                self._do("leave", leave.leave(self.order, step, shipment))
        while any(f.shipped_at and f.invoice is None for f in self.order.fulfillments):
            self.act("invoice")
            self.check()
        stuck = {
            line.line_id: units
            for line in self.order.lines
            if (units := line.units(lambda a: a.status in (*UNPLACED, Status.BACKORDERED)))
        }
        if stuck:
            self._do("cancel", cancel.cancel(self.order, stuck, "no stock", "care", self.now))


ACTIONS: dict[str, Callable[[World], None]] = {
    name: getattr(World, name)
    for name in (
        "confirm",
        "reject",
        "hold",
        "resolve",
        "cancel",
        "answer",
        "route",
        "receive",
        "lose_stock",
        "work",
        "decline",
        "short_pick",
        "leave",
        "deliver",
        "time_passes",
        "invoice",
        "settle",
        "probe",
    )
}

# How often each is tried: an order's life is mostly work, seldom a cancel of everything.
WEIGHTS: dict[str, int] = {"work": 12, "route": 5, "leave": 4, "invoice": 4, "probe": 4, "receive": 2, "resolve": 3}


class Machine(RuleBasedStateMachine):
    """The world, driven by Hypothesis: one rule for each action."""

    world: World

    @initialize(data=st.data())
    def an_order_is_placed(self, data: st.DataObject) -> None:
        self.world = World(Drawn(data))

    @invariant()
    def every_identity_holds(self) -> None:
        self.world.check()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.finish()


def _rule(name: str) -> Any:
    def step(self: Machine, data: st.DataObject) -> None:
        self.world.choose = Drawn(data)
        self.world.act(name)

    step.__name__ = name
    return rule(data=st.data())(step)


for _name in ACTIONS:
    setattr(Machine, _name, _rule(_name))


class Violation(AssertionError):
    """A step after which something did not hold: with the seed and the steps that lead there."""


def drive(seed: int, steps: int, *, life: int = 60) -> Counter[tuple[Status, str]]:
    """Run so many steps, a new order every `life` of them, all identities checked after each.

    Returns how often each (status, transaction) pair was tried. Raises Violation with what leads to it.
    """
    pairs: Counter[tuple[Status, str]] = Counter()
    names = [name for name in ACTIONS for _ in range(WEIGHTS.get(name, 1))]
    for first in range(0, steps, life):
        choose = Seeded(seed * 1_000_003 + first)
        world = World(choose, pairs)
        try:
            world.check()
            for _ in range(min(life, steps - first)):
                world.act(choose.one(names))
                world.check()
            world.finish()
        except Exception as error:
            raise Violation(f"seed {seed}, order from step {first}: {world.steps}: {error}") from error
    return pairs


assert set(TABLE) == set(TRANSACTIONS)
