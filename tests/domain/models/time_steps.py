"""Let time pass, and the sweeper commit what time alone has made, in the model of an order's life."""

from dataclasses import replace
from datetime import timedelta

from comanda.domain.lifecycle.changes import pending_changes
from comanda.domain.lifecycle.node_work import decline, recall_requests
from comanda.domain.orders import wave_wait
from tests.domain.models.books import NODES, Books, action

MINUTES = {node.node_id: node.accept_minutes for node in NODES}


class TimeSteps(Books):
    """The books, the clock and the sweeper."""

    @action()
    def time_passes(self) -> None:
        """Move the clock, and let the sweeper commit the deadlines that passed."""
        self.now += timedelta(minutes=self.choose.one((1, 45, 130, 700, 1600)))
        self._drop_late_change()
        if (left_behind := wave_wait.release_overdue(self.order, self.now)) is not None:
            self._save(left_behind)
        for fulfillment in self.order.fulfillments:
            silent = recall_requests.end_unanswered_recall(self.order, fulfillment.number, self.now)
            if silent is not None:
                self._save(silent)
                assert recall_requests.end_unanswered_recall(self.order, fulfillment.number, self.now) is None
        for fulfillment in self.order.fulfillments:
            decision = decline.miss_deadline(self.order, fulfillment.number, self.now, MINUTES[fulfillment.node])
            if decision is not None:
                self._save(decision)
                remind = self.order.fulfillment(fulfillment.number)
                if remind.misses > remind.reminded and self.choose.number(0, 1):
                    self.order = self.order.with_fulfillment(replace(remind, reminded=remind.misses))

    def _drop_late_change(self) -> None:
        """Drop a pending change for which no money came in 24 hours, as the sweeper does."""
        before = self.order
        late = before.pending is not None and before.pending.until <= self.now
        dropped = pending_changes.drop_expired(before, self.now)
        assert (dropped is not None) == late
        if dropped is not None:
            self._save(dropped)
            assert replace(self.order, version=before.version) == replace(before, pending=None)
