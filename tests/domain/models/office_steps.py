"""Take the steps that time, a closed node and the customer cause, in the model of an order's life."""

from dataclasses import replace
from datetime import timedelta

from comanda.domain.lifecycle.backorders.overdue_backorders import cancel_overdue_backorders
from comanda.domain.lifecycle.cancels import customer_cancel
from comanda.domain.lifecycle.holds import hold_expiry
from comanda.domain.lifecycle.node_work import outage
from comanda.domain.lifecycle.node_work.work import live_units
from comanda.domain.orders.status import AT_NODE, Status
from tests.domain.models.books import Books, action
from tests.domain.models.table import CANCELLABLE

UNKNOWN_TO_NODES = {Status.CREATED, Status.UNSCHEDULED, Status.BACKORDERED, Status.SCHEDULED}


class OfficeSteps(Books):
    """The books, with the sweeper, the office that closes nodes, and the customer who opens the order's link."""

    @action()
    def end_hold(self) -> None:
        """Let the sweeper end the holds whose time is over. Each of them is dealt with once."""
        for _ in self.order.holds:
            decision = hold_expiry.end_expired_hold(self.order, frozenset(), self.now)
            if decision is not None:
                self._save(decision)
        assert hold_expiry.end_expired_hold(self.order, frozenset(), self.now) is None

    @action()
    def lose_patience(self) -> None:
        """Cancel units that wait for stock on the day on which the customer's patience ends."""
        day = (self.now + timedelta(days=self.choose.number(-1, 1))).date().isoformat()
        waiting = [line for line in self.order.lines if any(a.status is Status.BACKORDERED for a in line.allocations)]
        before = self.order
        self.order = self.order.with_lines(replace(line, cancel_on=day) for line in waiting)
        self._plan_look(before)
        decision = cancel_overdue_backorders(self.order, self.now)
        if decision is None:
            return
        assert not self._blocked("cancel")
        self._save(decision)
        assert cancel_overdue_backorders(self.order, self.now) is None

    @action()
    def close_node(self) -> None:
        """Close a node, or take a day from it: what it has not begun comes back, and a person is asked about the rest."""
        if not self.order.fulfillments:
            return
        number = self.choose.number(1, len(self.order.fulfillments))
        fulfillment, units = self.order.fulfillment(number), live_units(self.order, number)
        days = [day for day, _ in fulfillment.work_days]
        begun = any(s in AT_NODE[2:] for statuses in self.units_by_status(number).values() for s in statuses)
        if days and self.choose.number(0, 1):
            decision = outage.withdraw_from_day(self.order, number, self.choose.one(days), self.now)
        else:
            decision = outage.withdraw(self.order, number, self.now)
        if decision is None:
            return
        assert units
        self._save(decision)
        assert live_units(self.order, number) == (units if begun else {})
        assert outage.withdraw(self.order, number, self.now) is None

    @action()
    def cancel_as_customer(self) -> None:
        """Cancel units by the order's link: those of which no node knows, and in one of ten cases one more."""
        minutes, may = self.choose.one((None, 60)), frozenset(CANCELLABLE)
        allowed = customer_cancel.Allowed(may=may, minutes=minutes)
        free = customer_cancel.cancellable(self.order, allowed, self.now)
        held = self._blocked("cancel") or self._blocked("quantity")
        closed = self.order.draft or held or not customer_cancel.is_open(self.order, minutes, self.now)
        for line in self.order.lines:
            held = self._line_blocked(line.line_id, "cancel") or self._line_blocked(line.line_id, "quantity")
            units = 0 if held else sum(a.quantity for a in line.allocations if a.status in UNKNOWN_TO_NODES)
            assert line.component or free.get(line.line_id, 0) == (0 if closed else units)
        wanted = {line_id: self.choose.number(1, units) for line_id, units in free.items() if self.choose.number(0, 2)}
        more = self.choose.number(0, 9) == 0
        if more:
            name = self.choose.one(self.order.as_sent()).line_id
            wanted[name] = free.get(name, 0) + 1
        if not wanted:
            return
        before = {line.line_id: line.live for line in self.order.lines}
        version = self.order.version
        if self._try(
            not more,
            lambda: customer_cancel.cancel_units(self.order, wanted, allowed, version, self.now),
        ):
            for line in self.order.lines:
                if line.component is None:
                    assert line.live == before[line.line_id] - wanted.get(line.line_id, 0)
