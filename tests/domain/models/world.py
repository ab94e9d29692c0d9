"""
One order's life: place, route, work, ship, cancel, hold, invoice, capture, settle, in any order, on stock in memory.

Whether a step is allowed is predicted from the design's table (`tests.domain.models.table`), not from the code under test.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from comanda.domain.billing import invoices, payments
from comanda.domain.errors import Rejected
from comanda.domain.lifecycle import cancel, decline, resume, review, ship, work
from comanda.domain.orders.decision import Decision, Event
from comanda.domain.orders.line import PICKUP, SHIP
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import AT_NODE, GONE, UNPLACED, Status
from comanda.domain.routing import inputs as routers
from comanda.domain.routing.plan import Limits, Plan
from comanda.domain.routing.route import route
from comanda.domain.scheduling import schedule
from comanda.domain.stock.movements import adjust
from comanda.domain.stock.stock import SELLABLE
from tests.builders import (
    a_hold_type,
    a_line_in,
    a_package,
    an_allocation,
)
from tests.domain.models.books import NODES, Books
from tests.domain.models.identities import check, settled
from tests.domain.models.table import TABLE

BLOCKABLE = ("schedule", "accept", "decline", "pick", "short-pick", "pack", "ship", "hand-over", "cancel", "confirm")
WORK = ("accept", "start-pick", "pick", "pack", "ready")
MINUTES = {node.node_id: node.accept_minutes for node in NODES}


class RandomWorld(Books):
    """The books, and everybody who may change them."""

    def act(self, name: str) -> None:
        """One step, by the name of an action."""
        self.steps.append(name)
        ACTIONS[name](self)

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
        reviews = [h for h in self.order.holds if h.active and h.type == review.SALES_REVIEW]
        held = any(h.active and h.type != review.SALES_REVIEW and "confirm" in h.blocks for h in self.order.holds)
        for line in self.order.lines:
            for a in line.allocations:
                self.pairs[a.status, "confirm"] += 1
        self._try(
            bool(reviews or self.order.draft) and not held,
            lambda: review.confirm(self.order, "sales-review", "sales", self.now),
        )

    def reject(self) -> None:
        in_review = any(h.active and h.type == review.SALES_REVIEW for h in self.order.holds)
        live = {a.status for line in self.order.lines for a in line.allocations} - {Status.CANCELLED}
        for status in live:
            self.pairs[status, "reject"] += 1
        self._try(
            (in_review or self.order.draft) and live <= TABLE["reject"][0],
            lambda: review.reject(self.order, "sales-review", "no", "sales", self.now),
        )

    def hold(self) -> None:
        if len(self.order.holds) > 5 or sum(h.active for h in self.order.holds) > 1:
            return
        blocks = tuple(dict.fromkeys(self.choose.one(BLOCKABLE) for _ in range(self.choose.number(1, 3))))
        kind = a_hold_type("FRAUD", *blocks, expires_hours=self.choose.one((None, 24)))
        self._try(not settled(self), lambda: review.hold(self.order, kind, "looks odd", "sales", self.now))

    def resolve(self) -> None:
        if self.order.holds:
            hold = self.choose.one(self.order.holds)
            self._try(
                hold.resolved_at is None,
                lambda: review.resolve(self.order, hold.hold_id, hold.queue, "fine", "sales", self.now),
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
        wanted = {i: q for i, q in fits.items() if q} if units is None else units
        for line_id in live if units is None else wanted:
            for a in self.order.line(line_id).allocations:
                self.pairs[a.status, "cancel"] += 1
        total = self.order.totals.total
        done = self._try(
            bool(wanted) and not self._blocked("cancel") and all(fits[i] >= q for i, q in wanted.items()),
            lambda: cancel.cancel(self.order, units, "changed my mind", "shop", self.now),
        )
        if done:
            cents = sum(live.values()) if self.order.discounts and self.policy == invoices.KEEP else 0
            assert self.order.totals.total <= total + cents, (
                "cancelling makes no order dearer, but for cents of rounding"
            )
            assert {x.line_id: x.live for x in self.order.lines if x.live} == {
                i: q - wanted.get(i, 0) for i, q in live.items() if q - wanted.get(i, 0)
            }

    def answer(self) -> None:
        """A person works a queue."""
        waiting = [(queue, item) for queue, item in sorted(self.tasks) if queue in resume.ANSWERS]
        if not waiting:
            return
        queue, item = self.choose.one(waiting)
        reply = self.choose.one(resume.ANSWERS[queue])
        if queue == Queue.LATE_WORK:
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
            lambda: schedule.schedule(self.order, plan, self.positions.values(), self.now, taken=self.days),
        ):
            assert not any(line.unplaced() for line in self.order.lines), "every unit got a node or a queue"
            assert excluded == {line.line_id: line.excluded for line in self.order.lines}

    def _plan(self) -> Plan:
        limits = Limits(attempts=3, splits=4)
        world = routers.RouterInputs(
            positions=tuple(self.positions.values()), nodes=NODES, limits=limits, taken=self.days
        )
        return route(self.order, world, self.now)

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
        if (decision := resume.retry_backorders(self.order, "receipt", self.now)) is not None:
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
            reason = self.choose.one(("BUSY", decline.NO_STOCK))
            step = work.Step(number=number, actor="picker", at=self.now, units=units)
            self._try(self._possible(number, "decline", units), lambda: decline.decline(self.order, step, reason))

    def short_pick(self) -> None:
        if self.order.fulfillments:
            number = self._some_fulfillment()
            units = self._pick_units(number, "short-pick")
            to_cancel = self.choose.number(0, 2) == 0
            step = work.Step(number=number, actor="picker", at=self.now, units=units)
            self._try(
                units is not None and self._possible(number, "short-pick", units),
                lambda: decline.short_pick(self.order, step, "NOT_FOUND", cancel=to_cancel),
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
        shipment = ship.Shipment(shipment_id=f"S{self.order.version}", shipped_at=self.now, packages=packages)
        if self._try(
            self._possible(number, transaction, units) and not (packages and fulfillment.method == PICKUP),
            lambda: ship.ship(self.order, step, shipment),
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
            decision = decline.miss_deadline(self.order, fulfillment.number, self.now, MINUTES[fulfillment.node])
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
        billed, made = invoices.invoice(
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
        if self.order.discounts and not settled(self):
            return
        given, operations = payments.settle(self.order)
        self._save(
            Decision(order=given, event=Event(type="settled", actor="machine", at=self.now, data={}), money=operations)
        )
        assert payments.settle(self.order) == (self.order, ()), "given back once"
        if settled(self):
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

    # And the end

    def finish(self) -> None:
        """Let everybody do their work: every order ends, its books closed to the cent, its reservations gone."""
        for _ in range(200):
            if settled(self):
                break
            for hold in self.order.holds:
                if hold.active and hold.type != review.SALES_REVIEW:
                    self._do("resolve", review.resolve(self.order, hold.hold_id, hold.queue, "fine", "sales", self.now))
            if self.order.draft or any(h.active for h in self.order.holds):
                self._do("confirm", review.confirm(self.order, "sales-review", "sales", self.now))
            self._end_by_hand()
        assert settled(self), "every order ends"
        self.act("settle")
        check(self)
        assert self.order.captured == self.order.invoiced_total == self.order.totals.total
        assert not any(p.hard for p in self.positions.values())

    def _do(self, name: str, decision: Decision) -> None:
        self.steps.append(f"finish: {name}")
        self._save(decision)
        check(self)

    def _end_by_hand(self) -> None:
        """Route what can be routed, ship what nodes have, bill it; cancel what waits for nobody."""
        if any(line.unplaced() for line in self.order.lines):
            self._do(
                "route", schedule.schedule(self.order, self._plan(), self.positions.values(), self.now, taken=self.days)
            )
        for f in self.order.fulfillments:
            if not f.ended and not f.shipped_at:
                step = work.Step(number=f.number, actor="picker", at=self.now)
                shipment = ship.Shipment(shipment_id=f"end-{f.number}", shipped_at=self.now)
                self._do("leave", ship.ship(self.order, step, shipment))
        while any(f.shipped_at and f.invoice is None for f in self.order.fulfillments):
            self.act("invoice")
            check(self)
        stuck = {
            line.line_id: units
            for line in self.order.lines
            if (units := line.units(lambda a: a.status in (*UNPLACED, Status.BACKORDERED)))
        }
        if stuck:
            self._do("cancel", cancel.cancel(self.order, stuck, "no stock", "care", self.now))


ACTIONS: dict[str, Callable[[RandomWorld], None]] = {
    name: getattr(RandomWorld, name)
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
