"""Take the steps of the channel, of sales and of customer service, in the model of an order's life."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from comanda.domain.billing import invoices
from comanda.domain.errors import Invalid, NotAllowed
from comanda.domain.lifecycle import cancel, provide, resume, review
from comanda.domain.lifecycle import change as change_order
from comanda.domain.lifecycle.added_lines import NewLines
from comanda.domain.lifecycle.changed_amounts import (
    AppeasementReason,
    NewAppeasement,
    NewCharge,
    NewDiscount,
    NewPrice,
)
from comanda.domain.lifecycle.changed_units import NewQuantity
from comanda.domain.lifecycle.changing import Terms
from comanda.domain.lifecycle.modification_matrix import Matrix
from comanda.domain.lifecycle.moving.allowed import lines_of
from comanda.domain.lifecycle.moving.wanted import NewMethod, NewNode, NewRequested, NewService, NewShipTo, NewStore
from comanda.domain.lifecycle.replaced_units import Replacement
from comanda.domain.lifecycle.wanted_changes import NewNote, NewPriority, NewTags, Wanted
from comanda.domain.lifecycle.work import live_units
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import PICKUP, PROVIDED_KINDS, SHIP, Line
from comanda.domain.orders.order import Destination, Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status
from tests.builders import a_hold_type, a_line, a_tender
from tests.domain.models.books import Books
from tests.domain.models.identities import settled
from tests.domain.models.table import CANCELLABLE, TABLE

ADDRESSES = (
    Destination(country="US", region="NY", latitude=40.7, longitude=-74.0),
    Destination(country="US", region="CO", latitude=39.7, longitude=-105.0),
)
BLOCKABLE = (
    "schedule",
    "accept",
    "decline",
    "pick",
    "short-pick",
    "pack",
    "ship",
    "hand-over",
    "cancel",
    "confirm",
    "provide",
)


class DeskSteps(Books):
    """The books, and the people at a desk that change them."""

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
        kind = a_hold_type("FRAUD", *blocks, expires_minutes=self.choose.one((None, 24 * 60)))
        self._try(not settled(self), lambda: review.hold(self.order, kind, "looks odd", "sales", self.now))

    def resolve(self) -> None:
        if self.order.holds:
            hold = self.choose.one(self.order.holds)
            self._try(
                hold.resolved_at is None,
                lambda: review.resolve(self.order, hold.hold_id, hold.queue, "fine", "sales", self.now),
            )

    def cancel(self) -> None:
        takes = CANCELLABLE
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

    def change(self) -> None:
        """Change the order after the sale, with a payment for what the change adds. It does what it says of money and units."""
        wanted = self._a_change()
        reason = Terms(reason="asked to", actor="sales", now=self.now)
        before, matrix = self.order, Matrix()
        try:
            shown = change_order.change(before, [wanted], matrix, reason)
        except (Invalid, NotAllowed):
            self.refused += 1
            return
        if shown.decision is None:
            assert shown.denied
            self.refused += 1
            return
        paid = replace(reason, payments=(a_tender(shown.to_pay),) if shown.to_pay else ())
        made = change_order.change(before, [wanted], matrix, paid)
        assert made.decision is not None
        assert (made.to_pay, made.totals, made.recalled) == (0, shown.totals, shown.recalled)
        assert made.asked == shown.asked
        self.readdressed = self.readdressed or isinstance(wanted, NewShipTo | NewMethod)
        self._save(made.decision)
        if isinstance(wanted, NewShipTo | NewService) and (shown.recalled or shown.asked):
            lines = lines_of(before, wanted.modification, wanted.line_id)
            another = [line for line in lines if isinstance(wanted, NewShipTo) or line.service != wanted.service]
            self._check_moved(another, shown.asked)
        self._check_units(before, wanted, shown.cancelled)

    def _check_units(self, before: Order, wanted: Wanted, cancelled: Mapping[str, int]) -> None:
        """Check that a change cancelled and added the units that it names, and no others."""
        for line in before.lines:
            gone, now = cancelled.get(line.line_id, 0), self.order.line(line.line_id)
            of_line = isinstance(wanted, NewQuantity) and wanted.line_id == line.line_id
            more = wanted.quantity - line.live if isinstance(wanted, NewQuantity) and of_line else 0
            if line.component is None:
                assert now.live == line.live - gone + max(0, more)
        known = {line.line_id for line in before.lines}
        added = {line.line_id: line.live for line in self.order.lines if line.line_id not in known}
        match wanted:
            case NewLines():
                assert added == {line.line_id: line.quantity for line in wanted.lines}
            case Replacement():
                assert added == {wanted.new_line_id: wanted.quantity}
            case _:
                assert not added

    def _check_moved(self, moved: Iterable[Line], asked: Mapping[int, Mapping[str, int]]) -> None:
        """Check that of the moved lines only those units are at a node that the node is asked for."""
        names = {line.line_id for line in moved}
        for f in self.order.fulfillments:
            there = {i: n for i, n in live_units(self.order, f.number).items() if i in names}
            assert all(asked[f.number][i] == n for i, n in there.items())

    def _a_change(self) -> Wanted:
        line = self.choose.one(self.order.as_sent())
        match self.choose.number(0, 12):
            case 10 | 11 | 12:
                return self._a_move(line.line_id)
            case 0:
                return NewPrice(line_id=line.line_id, unit_price=self.choose.one((0, 1, 999, 12_345)))
            case 1:
                return NewDiscount(code="SORRY", amount=self.choose.one((1, 33, 500)))
            case 2:
                return NewCharge(kind="WRAP", amount=self.choose.one((0, 299)), tax=self.choose.one((0, 24)))
            case 3:
                return NewTags(tags=("vip",))
            case 4:
                return NewNote()
            case 5:
                return NewPriority(priority=self.choose.number(0, 9))
            case 6:
                why = self.choose.one(tuple(AppeasementReason))
                return NewAppeasement(why=why, amount=self.choose.one((1, 50, 700)))
            case 7 | 8 if len(self.order.as_sent()) < 9:
                return self._a_new_line(line)
            case _:
                return NewQuantity(line_id=line.line_id, quantity=self.choose.number(0, line.quantity + 1))

    def _a_move(self, line_id: str) -> Wanted:
        """Return a change that moves units of the order, or of this line."""
        days, of = (None, "2026-11-20", "2026-12-24"), self.choose.one(("", line_id))
        match self.choose.number(0, 5):
            case 5:
                return NewNode(line_id=line_id, node_id=self.choose.one(("dc-1", "dc-2", "dc-9")), by="office")
            case 3:
                counter = self.choose.one(("store-1", "dc-1"))
                method = self.choose.one((SHIP, PICKUP))
                return NewMethod(line_id=line_id, method=method, node_id=counter if method == PICKUP else "")
            case 4:
                return NewStore(line_id=line_id, node_id=self.choose.one(("store-1", "dc-1")))
            case 0:
                return NewShipTo(to=self.choose.one(ADDRESSES), line_id=of)
            case 1:
                return NewRequested(not_before=self.choose.one(days), deliver_by=self.choose.one(days))
            case _:
                return NewService(service=self.choose.one(("STANDARD", "EXPRESS")), line_id=of)

    def _a_new_line(self, line: Line | Bundle) -> Wanted:
        """Return a change that adds a line like this one, or replaces units of it."""
        new = f"n{len(self.order.as_sent())}"
        if self.choose.number(0, 1):
            return NewLines(lines=(a_line(line.sku, self.choose.number(1, 3), line_id=new),))
        units, price = self.choose.number(1, line.quantity), self.choose.one((None, None, 250))
        return Replacement(
            line_id=line.line_id, quantity=units, new_line_id=new, sku="OTHER", title="Other", unit_price=price
        )

    def provide(self) -> None:
        """Provide units of a line, of its own number or of one too many."""
        line = self.choose.one(self.order.lines)
        takes = TABLE["provide"][0]
        fits = sum(a.quantity for a in line.allocations if a.status in takes) if line.kind in PROVIDED_KINDS else 0
        units = self.choose.number(1, fits + 1)
        for a in line.allocations:
            self.pairs[a.status, "provide"] += 1
        blocked = any(map(self._blocked, ("provide", "release", "schedule")))
        self._try(
            units <= fits and not blocked,
            lambda: provide.provide(self.order, line.line_id, units, "NOTE", "desk", self.now),
        )

    def answer(self) -> None:
        """Answer an item of a queue, as a person does."""
        waiting = [(queue, item) for queue, item in sorted(self.tasks) if queue in resume.ANSWERS]
        if not waiting:
            return
        queue, item = self.choose.one(waiting)
        reply = self.choose.one(resume.ANSWERS[queue])
        takes = queue != Queue.LOST or (reply == resume.DONE) == item.startswith("found-")
        self._try(takes, lambda: resume.resume(self.order, queue, item, reply, "care", self.now))
