"""Take the steps of a node that works on fulfillments, in the model of an order's life."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from comanda.domain.lifecycle.cancels import no_show
from comanda.domain.lifecycle.node_work import decline, recall_requests, ship, work
from comanda.domain.lifecycle.parcels import deliver
from comanda.domain.orders import decline_reasons
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.status import AT_NODE, Status
from tests.builders import (
    a_package,
)
from tests.domain.models.books import Books, action
from tests.domain.models.table import TABLE

WORK = ("accept", "start-pick", "pick", "pack", "ready")
REASONS = (*decline_reasons.BUILT_IN.values(), replace(decline_reasons.BUILT_IN["OTHER"], code="LATER", ask_again=True))


class NodeSteps(Books):
    """The books, the nodes that work on the order, and the carrier that delivers it."""

    @action(12)
    def work(self) -> None:
        if not self.order.fulfillments:
            return
        number, transaction = self._some_fulfillment(), self.choose.one(WORK)
        fulfillment = self.order.fulfillment(number)
        before = self.units_by_status(number)
        units = self._pick_units(number, transaction)
        possible = self._possible(number, transaction, units)
        free = {i: s for i, s in before.items() if not self._line_blocked(i, transaction)}
        live = {i: n for i, s in free.items() if (n := sum(q for status, q in s.items() if status in AT_NODE))}
        fits = {i: n for i, s in free.items() if (n := sum(s.get(status, 0) for status in TABLE[transaction][0]))}
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

    @action()
    def decline(self) -> None:
        if self.order.fulfillments:
            number = self._some_fulfillment()
            units = self._pick_units(number, "decline")
            reason = self.choose.one(REASONS)
            step = work.Step(number=number, actor="picker", at=self.now, units=units)
            self._try(self._possible(number, "decline", units), lambda: decline.decline(self.order, step, reason))

    @action()
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

    @action()
    def hand_back(self) -> None:
        """Give begun work back, or let the customer refuse it at the counter."""
        if not self.order.fulfillments:
            return
        number = self._some_fulfillment()
        reason = self.choose.one(("CANNOT_FINISH", decline.CUSTOMER_REFUSED))
        units = self._pick_units(number, "hand-back")
        possible = self._possible(number, "hand-back", units)
        if reason == decline.CUSTOMER_REFUSED and self.order.fulfillment(number).method == SHIP:
            possible = False
        step = work.Step(number=number, actor="picker", at=self.now, units=units)
        self._try(possible, lambda: decline.hand_back(self.order, step, reason))

    @action()
    def no_show(self) -> None:
        if self.order.fulfillments:
            number = self._some_fulfillment()
            units = self._pick_units(number, "no-show")
            step = work.Step(number=number, actor="counter", at=self.now, units=units)
            self._try(self._possible(number, "no-show", units), lambda: no_show.no_show(self.order, step))

    @action()
    def recall(self) -> None:
        """Recall units of a fulfillment, as the office does: those that are not begun come back at once."""
        if not self.order.fulfillments:
            return
        number = self._some_fulfillment()
        before, fulfillment = self.units_by_status(number), self.order.fulfillment(number)
        live = {i: n for i, s in before.items() if (n := sum(q for status, q in s.items() if status in AT_NODE))}
        units = self._pick_units(number, "recall")
        wanted = live if units is None else units
        possible = self._possible(number, "recall", wanted)
        had_begun = any(s in AT_NODE[2:] for statuses in before.values() for s in statuses)
        if self._try(possible, lambda: recall_requests.recall(self.order, {number: wanted}, "fraud", "care", self.now)):
            if had_begun:
                assert self.order.requested_back(number) == wanted
                assert self.units_by_status(number) == before
                assert self.order.fulfillment(number).recall.until == self.now + timedelta(hours=2)
            else:
                assert live.keys() >= wanted.keys()
                after = work.live_units(self.order, number)
                assert after == {i: n - wanted.get(i, 0) for i, n in live.items() if n - wanted.get(i, 0)}
                assert (self.order.fulfillment(number).ended == "RECALLED") == (not after)
        assert fulfillment.number == number

    @action()
    def answer_recall(self) -> None:
        """Agree to a recall, whole or in part, or refuse it."""
        if not self.order.fulfillments:
            return
        number = self._some_fulfillment()
        asked = self.order.requested_back(number)
        early = {
            i: min(n, sum(self.units_by_status(number)[i].get(s, 0) for s in (Status.RELEASED, Status.ACCEPTED)))
            for i, n in asked.items()
        }
        if self.choose.number(0, 1):
            units = {i: self.choose.number(1, n) for i, n in asked.items()} if self.choose.number(0, 1) else None
            step = work.Step(number=number, actor="picker", at=self.now, units=units)
            if self._try(bool(asked), lambda: recall_requests.agree(self.order, step)):
                left = {i: n - (units or asked).get(i, 0) for i, n in asked.items()}
                assert self.order.requested_back(number) == {i: n for i, n in left.items() if n}
        else:
            step = work.Step(number=number, actor="picker", at=self.now)
            before = work.live_units(self.order, number)
            if self._try(early != asked, lambda: recall_requests.refuse(self.order, step, "LEAVING")):
                assert not self.order.requested_back(number)
                after = {i: n - early.get(i, 0) for i, n in before.items()}
                assert work.live_units(self.order, number) == {i: n for i, n in after.items() if n}

    @action(4)
    def leave(self) -> None:
        if not self.order.fulfillments:
            return
        number = self._some_fulfillment()
        fulfillment = self.order.fulfillment(number)
        transaction = "ship" if fulfillment.method == SHIP else "hand-over"
        before = self.units_by_status(number)
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
                i: s[TABLE[transaction][1][0]]
                for i, s in self.units_by_status(number).items()
                if TABLE[transaction][1][0] in s
            }
            fits = {
                i: sum(q for t, q in s.items() if t in TABLE[transaction][0])
                for i, s in before.items()
                if not self._line_blocked(i, transaction)
            }
            assert gone == {i: q for i, q in (fits if units is None else units).items() if q}

    @action(2)
    def deliver(self) -> None:
        """Let the carrier deliver or lose units of a shipment."""
        if not self.order.fulfillments:
            return
        transaction = self.choose.one(("deliver", "lose"))
        number = self.choose.number(1, len(self.order.fulfillments))
        before = self.units_by_status(number)
        units = self._pick_units(number, transaction)
        if units is not None:
            units.pop("9", None)
        step = work.Step(number=number, actor="carrier", at=self.now, units=units or None)
        possible = self._can_arrive(number, transaction, step.units)

        def rule() -> Decision | None:
            if transaction == "lose":
                return deliver.lose(self.order, step, "NOT_ARRIVED")
            return deliver.deliver(self.order, step, self.now)

        lost = sum(sum(n for _, n in x.units) for f in self.order.fulfillments for x in f.losses if not x.answer)
        if self._try(possible, rule):
            self._check_arrived(before, number, transaction, step.units)
        after = sum(sum(n for _, n in x.units) for f in self.order.fulfillments for x in f.losses if not x.answer)
        assert possible or lost == after

    def _can_arrive(self, number: int, transaction: str, units: Mapping[str, int] | None) -> bool:
        """Return True if the design allows this report of a carrier now. A repeated report of a whole shipment is no fault."""
        has, fulfillment = self.units_by_status(number), self.order.fulfillment(number)
        for statuses in has.values():
            for status in statuses:
                self.pairs[status, transaction] += 1
        if fulfillment.method != SHIP or fulfillment.shipped_at is None:
            return False
        if units is None:
            return transaction == "deliver" or any(Status.SHIPPED in s or Status.LOST in s for s in has.values())
        takes = TABLE[transaction][0]
        return all(0 < n <= sum(has[line_id].get(status, 0) for status in takes) for line_id, n in units.items())

    def _check_arrived(
        self, before: dict[str, dict[Status, int]], number: int, transaction: str, units: Mapping[str, int] | None
    ) -> None:
        """Check that the wanted units arrived or are lost: those on their way before those that were lost."""
        after = self.units_by_status(number)
        on_way = any(s.get(Status.SHIPPED) for s in before.values())
        for line_id, had in before.items():
            has = after[line_id]
            shipped, lost = had.get(Status.SHIPPED, 0), had.get(Status.LOST, 0)
            wanted = (units or {}).get(line_id, 0) if units else shipped if on_way or transaction == "lose" else lost
            from_shipped = min(wanted, shipped)
            assert shipped - has.get(Status.SHIPPED, 0) == from_shipped
            if transaction == "lose":
                assert has.get(Status.LOST, 0) == lost + from_shipped
            else:
                found = lost - has.get(Status.LOST, 0)
                assert 0 <= found <= wanted - from_shipped
                assert has.get(Status.DELIVERED, 0) - had.get(Status.DELIVERED, 0) == from_shipped + found

    def _pick_units(self, number: int, transaction: str) -> dict[str, int] | None:
        """Choose units of a fulfillment: mostly units that the transaction may take, sometimes too many, none or unknown."""
        has = self.units_by_status(number)
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
        """Return True if the design allows this step now."""
        has, takes = self.units_by_status(number), TABLE[transaction][0]
        fits = {
            line_id: sum(q for s, q in statuses.items() if s in takes)
            for line_id, statuses in has.items()
            if not self._line_blocked(line_id, transaction)
        }
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
        """Choose a fulfillment, mostly one whose node still has work."""
        working = [f.number for f in self.order.fulfillments if not f.ended and not f.shipped_at]
        return (
            self.choose.one(working)
            if working and self.choose.number(0, 9)
            else self.choose.number(1, len(self.order.fulfillments))
        )

    def _moved(
        self, before: dict[str, dict[Status, int]], number: int, transaction: str, units: dict[str, int] | None
    ) -> None:
        """Check that exactly the wanted units moved, and as the table says."""
        takes, (to, *_) = TABLE[transaction]
        after = self.units_by_status(number)
        for line_id, had in before.items():
            has = after.get(line_id, {})
            held = self._line_blocked(line_id, transaction)
            of_all = 0 if held else sum(q for s, q in had.items() if s in takes)
            asked = of_all if units is None else units.get(line_id, 0)
            assert has.get(to, 0) - had.get(to, 0) == asked
            assert sum(had.get(s, 0) - has.get(s, 0) for s in takes) == asked
