"""Take the steps of the channel, of sales and of customer service, in the model of an order's life."""

from comanda.domain.billing import header_amounts
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle import provide, resume
from comanda.domain.lifecycle.cancels import cancel
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.parcels import lost_units, resend
from comanda.domain.orders import holds
from comanda.domain.orders.line import PROVIDED_KINDS
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status
from tests.builders import a_hold_type, an_order_id
from tests.domain.models.books import Books, action
from tests.domain.models.identities import settled
from tests.domain.models.table import CANCELLABLE, TABLE

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
    "release",
    "recall",
    "hand-back",
    "no-show",
)


class DeskSteps(Books):
    """The books, and the people at a desk that change them."""

    @action()
    def confirm(self) -> None:
        reviews = [h for h in self.order.holds if h.active and h.type == review.SALES_REVIEW]
        others = [h for h in self.order.holds if h.active and h.type != review.SALES_REVIEW and not h.lines]
        held = any("confirm" in h.blocks for h in others)
        for line in self.order.lines:
            for a in line.allocations:
                self.pairs[a.status, "confirm"] += 1
        self._try(
            bool(reviews or self.order.draft) and not held,
            lambda: review.confirm(self.order, "sales-review", "sales", self.now),
        )

    @action()
    def reject(self) -> None:
        in_review = any(h.active and h.type == review.SALES_REVIEW for h in self.order.holds)
        live = {a.status for line in self.order.lines for a in line.allocations} - {Status.CANCELLED}
        for status in live:
            self.pairs[status, "reject"] += 1
        self._try(
            (in_review or self.order.draft) and live <= TABLE["reject"][0],
            lambda: review.reject(self.order, "sales-review", "no", "sales", self.now),
        )

    @action()
    def hold(self) -> None:
        if len(self.order.holds) > 5 or sum(h.active for h in self.order.holds) > 1:
            return
        blocks = tuple(dict.fromkeys(self.choose.one(BLOCKABLE) for _ in range(self.choose.number(1, 3))))
        minutes, meaning = (
            self.choose.one((None, 60, 24 * 60)),
            self.choose.one((holds.RESOLVE, holds.CANCEL, holds.ASK)),
        )
        lines = self._some_lines()
        level = holds.LINE if lines else holds.ORDER
        kind = a_hold_type("FRAUD", *blocks, expires_minutes=minutes, on_expiry=meaning, level=level)
        self._try(not settled(self), lambda: review.hold(self.order, kind, "looks odd", "sales", self.now, lines))

    def _some_lines(self) -> tuple[str, ...]:
        """Choose lines to hold, as they were sent; none, for a hold of the whole order, in half of the cases."""
        if self.choose.number(0, 1):
            return ()
        return tuple(line.line_id for line in self.order.as_sent() if self.choose.number(0, 1))

    @action(3)
    def resolve(self) -> None:
        if self.order.holds:
            hold = self.choose.one(self.order.holds)
            self._try(
                hold.resolved_at is None,
                lambda: review.resolve(self.order, hold.hold_id, hold.queue, "fine", "sales", self.now),
            )

    @action()
    def cancel(self) -> None:
        takes = CANCELLABLE
        fits = {
            x.line_id: 0
            if self._line_blocked(x.line_id, "cancel")
            else sum(a.quantity for a in x.allocations if a.status in takes)
            for x in self.order.lines
        }
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
            cents = sum(live.values()) if self.order.discounts and self.policy == header_amounts.KEEP else 0
            assert self.order.totals.total <= total + cents, (
                "cancelling makes no order dearer, but for cents of rounding"
            )
            assert {x.line_id: x.live for x in self.order.lines if x.live} == {
                i: q - wanted.get(i, 0) for i, q in live.items() if q - wanted.get(i, 0)
            }

    @action()
    def provide(self) -> None:
        """Provide units of a line, of its own number or of one too many."""
        line = self.choose.one(self.order.lines)
        takes = TABLE["provide"][0]
        fits = sum(a.quantity for a in line.allocations if a.status in takes) if line.kind in PROVIDED_KINDS else 0
        units = self.choose.number(1, fits + 1)
        for a in line.allocations:
            self.pairs[a.status, "provide"] += 1
        steps = ("provide", "release", "schedule")
        blocked = self._blocked(*steps) or self._line_blocked(line.line_id, *steps)
        self._try(
            units <= fits and not blocked,
            lambda: provide.provide(self.order, line.line_id, units, "NOTE", "desk", self.now),
        )

    @action(2)
    def answer(self) -> None:
        """Answer an item of a queue, as a person does."""
        waiting = [(queue, item) for queue, item in sorted(self.tasks) if queue in resume.ANSWERS]
        if not waiting:
            return
        lost = [one for one in waiting if one[0] == Queue.LOST]
        queue, item = self.choose.one(lost if lost and self.choose.number(0, 1) else waiting)
        reply = self.choose.one(resume.ANSWERS[queue])
        if queue == Queue.DELIVERY_EXCEPTIONS:
            self._answer_about_parcel(item, reply)
            return
        takes = queue != Queue.LOST or (reply == resume.DONE) == item.startswith("found-")
        if queue == Queue.PAYMENTS:
            takes = reply in self._answers_about_money(item)
        takes = takes and (reply != resume.SHIP_INSTEAD or not self._kept_at_counter())
        detail = self._sent_again(item) if takes and queue == Queue.LOST and reply == resume.RESEND else {}
        self._try(takes, lambda: resume.resume(self.order, queue, item, reply, "care", self.now, detail))

    @staticmethod
    def _answers_about_money(item: str) -> tuple[str, ...]:
        """Return what a person may answer. Of captures those alone fail that are collected when the customer gets the goods."""
        if item.startswith("money-"):
            return resume.RETRY, resume.PAID, resume.WRITE_OFF
        return (resume.DONE,) if item.startswith("collected-") else (resume.AUTHORIZED,)

    def _sent_again(self, item: str) -> dict[str, str]:
        """Place the order that sends lost units again, in the same transaction. It sends exactly these units, and costs
        nothing."""
        number = len(self.replacements) + 1
        made = resend.replacement(
            self.order, item, an_order_id(number), resend.external_id(self.order, number), "care", self.now
        )
        _, loss = lost_units.find_loss(self.order, item)
        assert {one.line_id: one.quantity for one in made.order.replaces} == dict(loss.units)
        assert {line.line_id: line.live for line in made.order.lines} == dict(loss.units)
        assert not any((made.order.totals.total, made.order.payments, made.order.holds))
        self.replacements.append(made)
        return {lost_units.REPLACEMENT: made.order.order_id}

    def _kept_at_counter(self) -> bool:
        """Return True if a hold forbids to send a pickup line that waits for customer care, or a line of its kit."""
        waiting = [x for x in self.order.lines if x.waits_in == Queue.CUSTOMER_CARE and x.method == PICKUP]
        kits = {x.group for x in waiting if x.group is not None}
        lines = [x for x in self.order.lines if x in waiting or x.group in kits]
        steps = ("method", "ship_to")
        return bool(waiting) and (
            self._blocked(*steps) or any(self._line_blocked(line.line_id, *steps) for line in lines)
        )

    def _answer_about_parcel(self, item: str, reply: str) -> None:
        """Answer that a parcel is noted, delivered or lost. Which units a lost parcel held may not be known, and one that waits in
        its node, or was collected there, was neither."""
        fulfillment = self.order.fulfillment(int(item.partition("-")[0]))
        waits = fulfillment.shipped_at is None or fulfillment.method == PICKUP
        try:
            decision = resume.resume(self.order, Queue.DELIVERY_EXCEPTIONS, item, reply, "care", self.now)
        except NotAllowed:
            assert reply == resume.LOSE or (reply == resume.DELIVER and waits)
            self.refused += 1
            return
        self._save(decision)
        assert (Queue.DELIVERY_EXCEPTIONS, item) not in self.tasks
