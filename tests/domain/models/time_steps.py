"""Let time pass, and the sweeper commit what time alone has made, in the model of an order's life."""

from dataclasses import replace
from datetime import timedelta

from comanda.domain.days import utc_day
from comanda.domain.lifecycle import next_look
from comanda.domain.lifecycle.backorders import preorders
from comanda.domain.lifecycle.backorders.preorders import PreorderedUnits
from comanda.domain.orders import queues
from comanda.domain.orders.decision import EventType
from functions.sweep.rules import decide_due_fact
from tests.domain.models.books import MINUTES, Books, action
from tests.domain.models.change_steps import assert_dropped

MOST_FACTS = 200  # that time makes of one order at once


class TimeSteps(Books):
    """The books, the clock and the sweeper."""

    @action()
    def time_passes(self) -> None:
        """Move the clock. The sweeper looks at the order if the planned look is due, although every event was lost."""
        self.now += timedelta(minutes=self.choose.one((1, 45, 130, 700, 1600)))
        if self.look <= self.now:
            self._sweep()

    def _sweep(self) -> None:
        """Commit the facts that time has made, release the units whose day has come, and plan the next look."""
        for _ in range(MOST_FACTS):
            before = self.order
            fact = decide_due_fact(before, MINUTES, frozenset(), self.now)
            if fact is None:
                break
            self.facts[fact.event.type] += 1
            self._save(fact)
            if fact.event.type == EventType.CHANGE_DROPPED:
                assert_dropped(before, self.order)
        else:
            raise AssertionError("the facts of a time come to an end")
        self._assert_nothing_late()
        self._release_wanted()
        for fulfillment in self.order.fulfillments:
            if fulfillment.misses > fulfillment.reminded and self.choose.number(0, 1):
                self.order = self.order.with_fulfillment(replace(fulfillment, reminded=fulfillment.misses))
        self.look = next_look.next_look(self.order, self.now)

    def _assert_nothing_late(self) -> None:
        for hold in self.order.holds:
            assert hold.resolved_at or hold.expired_at or hold.expires is None or hold.expires > self.now
        assert self.order.pending is None or self.order.pending.until > self.now
        for f in self.order.fulfillments:
            waits = f.recall is not None and not f.recall.silent and bool(self.order.requested_back(f.number))
            assert not waits or (f.recall is not None and f.recall.until > self.now)
        for line in self.order.lines:
            late = line.cancel_on is not None and line.cancel_on <= utc_day(self.now)
            blocked = self._blocked("cancel") or self._line_blocked(line.line_id, "cancel")
            assert not late or blocked or not queues.backordered(line)
        held = any(hold.active and hold.type == "PAYMENT" for hold in self.order.holds)
        assert held or self.order.settled or not self.order.unpaid(self.now)

    def _release_wanted(self) -> None:
        """Give units that are wanted by today what their node has, as `replenish` does when the sweeper asks for it."""
        today = utc_day(self.now)
        for sku in preorders.skus_wanted_by_now(self.order, self.now):
            days = queues.release_days(self.order)
            waiting = [
                PreorderedUnits(
                    priority=self.order.priority,
                    placed_at="20261119T120000000Z",
                    order_id=self.order.order_id,
                    line_id=line_id,
                    node=node,
                    due=due,
                    quantity=units,
                    release_on=days.get((line_id, node, due), ""),
                )
                for (line_id, node, due), units in queues.units_promised_later(self.order).items()
                if self.order.line(line_id).sku == sku
            ]
            for at in sorted({(sku, one.node) for one in waiting}):
                here = [one for one in waiting if one.node == at[1]]
                moves = preorders.reconcile(self.positions[at], here, self.now)
                if moved := preorders.apply_moves(self.order, moves, [self.positions[at]], self.now):
                    self.facts[moved.event.type] += 1
                    self._save(moved)
        late = {at for at, day in queues.release_days(self.order).items() if day <= today and at[2] <= today}
        assert not late, "units whose day has come are ready, or have another day"
