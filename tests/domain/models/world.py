"""
Live one order's life: place, route, work, ship, cancel, hold, invoice, capture, settle, in any order, on stock in memory.

The design's table (`tests.domain.models.table`) predicts whether a step is allowed, not the code under test.
"""

from collections.abc import Callable
from dataclasses import replace
from inspect import getmembers, isfunction

from comanda.domain.errors import Rejected
from comanda.domain.lifecycle import erase, provide
from comanda.domain.lifecycle.cancels import cancel
from comanda.domain.lifecycle.changes import change
from comanda.domain.lifecycle.changes.changing import ChangeTerms
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.modifications.modification_matrix import POSSIBLE, Matrix, Modification, Rule
from comanda.domain.lifecycle.moving.wanted import NewRequested
from comanda.domain.lifecycle.node_work import ship, work
from comanda.domain.orders import wave_wait
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.line import PROVIDED_KINDS
from comanda.domain.orders.status import UNPLACED, Status
from comanda.domain.scheduling import schedule
from tests.builders import (
    a_line_in,
    an_allocation,
)
from tests.domain.models.books import NODES, action
from tests.domain.models.carrier_steps import CarrierSteps
from tests.domain.models.case_steps import CaseSteps
from tests.domain.models.change_steps import ChangeSteps
from tests.domain.models.desk_steps import DeskSteps
from tests.domain.models.identities import check, settled
from tests.domain.models.money_steps import MoneySteps
from tests.domain.models.node_steps import NodeSteps
from tests.domain.models.office_steps import OfficeSteps
from tests.domain.models.router_steps import RouterSteps
from tests.domain.models.table import TABLE
from tests.domain.models.time_steps import TimeSteps
from tests.domain.models.wave_steps import WaveSteps

EVERY_STATUS = Matrix(
    rules=(Rule(modification=Modification.REQUESTED, allow=True, statuses=POSSIBLE[Modification.REQUESTED]),)
)


class RandomWorld(
    DeskSteps,
    ChangeSteps,
    RouterSteps,
    WaveSteps,
    NodeSteps,
    CarrierSteps,
    OfficeSteps,
    TimeSteps,
    CaseSteps,
    MoneySteps,
):
    """The books of one order, and all steps that change them."""

    def act(self, name: str) -> None:
        """Take one step, by the name of its action."""
        self.steps.append(name)
        self.states[self.order.status, name] += 1
        ACTIONS[name](self)

    @action(4)
    def probe(self) -> None:
        """Try transactions on units in any status: only the table decides."""
        for _ in range(12):
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

    # The end

    def finish(self) -> None:
        """Do all open work. Every order then ends, with books closed to the cent and without reserved units."""
        for _ in range(200):
            if settled(self):
                break
            for hold in self.order.holds:
                if hold.active and (hold.type != review.SALES_REVIEW or hold.lines):
                    self._do("resolve", review.resolve(self.order, hold.hold_id, hold.queue, "fine", "sales", self.now))
            if self.order.draft or any(h.active for h in self.order.holds):
                self._do("confirm", review.confirm(self.order, "sales-review", "sales", self.now))
            self._end_by_hand()
        assert settled(self), "every order ends"
        self.act("settle")
        check(self)
        assert self.order.accounted == self.order.invoiced_total == self.order.totals.total
        assert not any(p.hard for p in self.positions.values())
        self._erase()

    def _erase(self) -> None:
        """Erase the customer of the closed order: the order and its books stay as they are."""
        self.order = replace(self.order, closed=True)
        before = self.order
        self._save(erase.erase_customer(self.order, (), 0, "g_0", "sam", self.now))
        assert replace(self.order, customer_id=before.customer_id, version=before.version) == before
        check(self)
        self.close_cases()

    def _do(self, name: str, decision: Decision) -> None:
        self.steps.append(f"finish: {name}")
        self._save(decision)
        check(self)

    def _end_by_hand(self) -> None:
        """Route all units that can be routed, ship and bill the units of nodes, and cancel the rest. No unit waits for a day."""
        units = (a for line in self.order.lines for a in line.allocations)
        if self.order.requested and any(a.status is Status.SCHEDULED and a.node for a in units):
            reason = ChangeTerms(reason="at once", actor="sales", now=self.now)
            at_once = change.change(self.order, [NewRequested()], EVERY_STATUS, reason).decision
            assert at_once is not None
            self._do("at once", at_once)
        if (waits := wave_wait.release(self.order, "wave", self.now)) is not None:
            self._do("wave", waits)
        if any(line.unplaced() or line.ready() for line in self.order.lines):
            plan = self._plan()
            routed = schedule.schedule(self.order, plan, self.positions.values(), self.now, NODES, taken=self.days)
            self._do("route", routed)
        elif (scheduled := provide.schedule_provided(self.order, self.now)) is not None:
            self._do("schedule", scheduled)
        self._leave_by_hand()
        stuck = {
            line.line_id: units
            for line in self.order.lines
            if (units := line.units(lambda a: a.status in (*UNPLACED, Status.BACKORDERED)))
        }
        if stuck:
            self._do("cancel", cancel.cancel(self.order, stuck, "no stock", "care", self.now))

    def _leave_by_hand(self) -> None:
        """Provide, ship and bill all units that can be."""
        for line in self.order.lines:
            if line.kind in PROVIDED_KINDS and (units := line.units(lambda a: a.status is Status.SCHEDULED)):
                self._do("provide", provide.provide(self.order, line.line_id, units, "CODE", "system", self.now))
        for f in self.order.fulfillments:
            if not f.ended and not f.shipped_at:
                step = work.Step(number=f.number, actor="picker", at=self.now)
                shipment = ship.Shipment(shipment_id=f"end-{f.number}", shipped_at=self.now)
                self._do("leave", ship.ship(self.order, step, shipment))
        while self.order.to_invoice() or any(f.shipped_at and f.invoice is None for f in self.order.fulfillments):
            self.act("invoice")
            check(self)


# The steps by their names, and how often each is tried among the others.
ACTIONS: dict[str, Callable[[RandomWorld], None]] = {
    name: step for name, step in getmembers(RandomWorld, isfunction) if hasattr(step, "weight")
}
WEIGHTS: dict[str, int] = {name: step.weight for name, step in ACTIONS.items()}  # type: ignore[attr-defined]  # see `action`
