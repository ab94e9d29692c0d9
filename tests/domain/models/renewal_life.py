"""
Live an order that is paid by providers whose authorisations end: ship, cancel, change, pay, answer, while a provider fails at random.

Each unit costs 10.00. The model keeps the operations and the queues as the tables would, and after each step it checks that no
cent is lost, that the order knows what money it lacks, and that no hold and no question waits for nothing. The file is long
because one value has all that these steps change.

Called by   tests/domain/lifecycle/holds/test_renewal_life.py
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from comanda.domain.billing import failed_money, payments
from comanda.domain.billing.failed_money import AUTHORIZE, CAPTURE
from comanda.domain.books.accounts import standing
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.changes import pending_changes
from comanda.domain.lifecycle.closing import end_if_no_unit_is_left
from comanda.domain.lifecycle.holds import authorisations, payment_holds, renewal_needs, renewals, review
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders import holds
from comanda.domain.orders.decision import Decision, Event, EventType, MoneyOperation
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status
from comanda.domain.orders.tender import FailedMovement, Tender
from comanda.domain.payments.answer import Reason
from tests.builders import NOW, a_line, a_tender, an_allocation, an_order, placed
from tests.domain.models.choices import Choose, Seeded

PRICE = 1000
WRITTEN, DONE, DECLINED = "WRITTEN", "DONE", "DECLINED"


@dataclass(slots=True)
class Row:
    """One operation, as its row has it."""

    operation: MoneyOperation
    state: str = WRITTEN


class RenewalLife:
    """One order with its payments, operations and queues."""

    def __init__(self, choose: Choose) -> None:
        self.choose, self.now = choose, NOW
        self.waits, self.left, self.cancelled = choose.number(1, 6), 0, 0
        self.references = 0
        self.rows: list[Row] = []
        self.tasks: set[tuple[str, str]] = set()
        self.steps: list[str] = []
        self.facts: Counter[str] = Counter()
        first, total = choose.one((500, 1000, 10_000)), self.waits * PRICE
        paid = [self._payment(min(first, total)), *([self._payment(total - first)] if first < total else [])]
        self.order = placed(an_order(a_line("TEA", self.waits, PRICE), payments=paid))

    def _payment(self, amount: int) -> Tender:
        """Return a payment of a provider, or one that the shop moves itself. It ends in hours or days, or never."""
        self.references += 1
        ends = self.choose.one((6, 20, 50, 150, 0))
        return a_tender(
            amount,
            reference=f"pi_{self.references}",
            provider=self.choose.one(("stripe", "stripe", "reference")),
            expires_at=self.now + timedelta(hours=ends) if ends else None,
        )

    # What the store does

    def _save(self, decision: Decision) -> None:
        decision = payment_holds.up_to_date(decision)
        assert decision.tasks or payment_holds.up_to_date(replace(decision, done=(), money=())).done == (), "at once"
        puts, deletes = [(t.queue, t.item) for t in decision.tasks], [*decision.done]
        assert len({*puts, *deletes}) == len(puts) + len(deletes), "no work item twice in one transaction"
        self.tasks = (self.tasks | set(puts)) - set(deletes)
        for one in decision.money:
            assert one.amount > 0
            assert one.number == len(self.rows) + 1
            self.rows.append(Row(one, DONE if self._is_done_at_once(decision.order, one) else WRITTEN))
        self.order = replace(decision.order, version=self.order.version + 1)
        self.facts[decision.event.type] += 1
        self._after_provider()  # the event calls the room pay while such a question is open

    def _is_done_at_once(self, order: Order, one: MoneyOperation) -> bool:
        return one.purpose not in (AUTHORIZE, CAPTURE) or not order.payments[one.tender].outside

    def _unsent(self) -> list[MoneyOperation]:
        return [row.operation for row in self.rows if row.operation.purpose == CAPTURE and row.state == WRITTEN]

    def _event(self, kind: EventType) -> Event:
        return Event(type=kind, actor="model", at=self.now, data={})

    def _with_units(self) -> Order:
        """Return the order with its units as they are by now, and with its worth."""
        parts = [(self.waits, Status.CREATED), (self.left, Status.SHIPPED), (self.cancelled, Status.CANCELLED)]
        line = replace(self.order.lines[0], allocations=tuple(an_allocation(n, s) for n, s in parts if n))
        goods = (self.waits + self.left) * PRICE
        charges = self.order.totals.charges if goods else 0
        totals = replace(self.order.totals, goods=goods, charges=charges, total=goods + charges)
        return replace(self.order, lines=(line,), totals=totals)

    # Steps

    def time_passes(self) -> None:
        self.now += timedelta(hours=self.choose.one((1, 5, 13, 26, 70)))
        for _ in range(20):
            fact = renewals.begin(self.order, self.now) or authorisations.hold_if_ended(self.order, self.now)
            if fact is None:
                break
            self._save(fact)
        else:
            raise AssertionError("the facts of a time come to an end")

    def a_provider_answers(self) -> None:
        """Let the provider answer about the next operation: one in five is declined, and one in five has no answer yet."""
        waiting = [row for row in self.rows if row.state == WRITTEN and not self._waits_for_renewal(row.operation)]
        if waiting and (outcome := self.choose.number(1, 5)) < 5:
            (self._authorise if waiting[0].operation.purpose == AUTHORIZE else self._capture)(waiting[0], outcome == 1)

    def _waits_for_renewal(self, one: MoneyOperation) -> bool:
        return one.purpose == CAPTURE and renewals.is_taken_over(self.order, one.tender, self.now)

    def _authorise(self, row: Row, declined: bool) -> None:
        one, unsent = row.operation, self._unsent()
        amount = min(one.amount, renewal_needs.needed(self.order, one.tender, self.now, unsent))
        if declined or not amount:
            row.state = DECLINED
            reason = Reason.CARD_DECLINED if amount else Reason.NOT_DONE
            self._save(renewals.refused(self.order, self._failed(one, reason), self.now, unsent))
            return
        row.state, row.operation = DONE, replace(one, amount=amount)
        self.references += 1
        ends = self.now + timedelta(hours=self.choose.one((12, 24 * 7)))
        decision, again = renewals.renewed(
            self.order, one.tender, amount, f"pi_{self.references}", ends, self.now, unsent
        )
        for other in self.rows:
            if other.operation.number in again:
                other.state = DECLINED
        self._save(decision)

    def _capture(self, row: Row, declined: bool) -> None:
        one = row.operation
        over = self.order.payments[one.tender].ended(self.now)
        if declined or over:
            row.state = DECLINED
            reason = Reason.STATE if over else Reason.CARD_DECLINED
            self._save(failed_money.fail(self.order, self._failed(one, reason), self.now))
            return
        row.state = DONE
        if self.choose.number(0, 1):  # the account captures once
            spent = renewals.captured_once(self.order, one.tender, self.now, self._unsent())
            if spent is not None:
                self._save(spent)
        self._after_provider()

    def _after_provider(self) -> None:
        """End questions that were about captures alone, as the room does when it has done what is due."""
        if (over := renewals.not_needed(self.order, self.now, self._unsent())) is not None:
            self._save(over)

    def _failed(self, one: MoneyOperation, reason: Reason) -> FailedMovement:
        return FailedMovement(
            number=one.number,
            purpose=one.purpose,
            tender=one.tender,
            amount=one.amount,
            reason=reason,
            invoice=one.invoice,
        )

    def a_unit_leaves(self) -> None:
        """Let a unit leave and be invoiced. A unit that a node has already leaves although the release is held."""
        if self.waits and (not self.order.blocked("release") or self.choose.number(0, 3) == 0):
            self.waits, self.left = self.waits - 1, self.left + 1
            order = self._with_units()
            charges = 0 if order.invoiced_total else order.totals.charges
            billed = replace(order, invoiced_total=order.invoiced_total + PRICE + charges)
            billed = replace(billed, invoiced_charges=billed.invoiced_charges + charges)
            paid, money = payments.capture(billed, self.left)
            self._save(Decision(order=paid, event=self._event(EventType.INVOICED), money=money))

    def cancel(self) -> None:
        """Cancel some units, or all that are left."""
        if self.waits:
            part = self.choose.one((1, 1, self.waits))
            self.waits, self.cancelled = self.waits - part, self.cancelled + part
            after, done = end_if_no_unit_is_left(self._with_units(), "care", self.now)
            self._save(Decision(order=after, event=self._event(EventType.CANCELLED), done=done))

    def becomes_dearer(self) -> None:
        """Add a charge, with a payment for it or with what is authorised too much."""
        if self.order.invoiced_total or not self.waits:
            return
        more = self.choose.one((100, 700))
        totals = self.order.totals
        totals = replace(totals, charges=totals.charges + more, total=totals.total + more)
        paid = () if self._covered() >= totals.total else (self._payment(more),)
        changed = replace(self.order, totals=totals, payments=(*self.order.payments, *paid))
        self._save(Decision(order=changed, event=self._event(EventType.CHANGED)))

    def becomes_cheaper(self) -> None:
        totals = self.order.totals
        if not self.order.invoiced_total and totals.charges:
            less = replace(totals, charges=0, total=totals.total - totals.charges)
            self._save(Decision(order=replace(self.order, totals=less), event=self._event(EventType.CHANGED)))

    def pay(self) -> None:
        """Let the customer pay again, some of it or all."""
        if self.waits + self.left and not self.order.closed:
            amount = self.choose.one((300, 1000, 4000))
            paid = [self._payment(amount)]
            self._save(pending_changes.with_payments(self.order, paid, "shop", self.now))

    def answer(self) -> None:
        """Let a person answer about a movement of money that failed."""
        waiting = list(self.order.failed_money)
        if waiting:
            one = self.choose.one(waiting)
            reply = self.choose.one(failed_money.ANSWERS[one.purpose])
            self._save(resume(self.order, Queue.PAYMENTS, failed_money.item(one.number), reply, "ann", self.now))

    def resolve(self) -> None:
        """Let a person resolve a hold of missing money: the ended authorisations count as renewed."""
        asked = [hold for hold in self.order.holds if hold.active and hold.queue]
        if asked and self.choose.number(0, 2) == 0:
            hold = self.choose.one(asked)
            self._save(review.resolve(self.order, hold.hold_id, hold.queue, "paid", "ann", self.now))

    def close(self) -> None:
        if self.order.settled and not self.order.closed:
            given, money = payments.settle(self.order)
            closed = replace(given, closed=True)
            self._save(Decision(order=closed, event=self._event(EventType.COMPLETED), money=money))

    # Identities

    def _covered(self) -> int:
        valid = sum(tender.open for tender in self.order.payments if not tender.ended(self.now))
        return self.order.accounted + valid

    def check(self) -> None:
        order = self.order
        for i, tender in enumerate(order.payments):
            assert 0 <= tender.refunded <= tender.captured <= tender.authorized
            assert tender.open >= 0
            self._check_operations(i, tender)
        assert not sum(standing(order).values()), "the books balance"
        taken = Counter[int]()
        for i, tender in enumerate(order.payments):
            taken[self._card(i)] += tender.captured + tender.uncaptured + tender.open
        assert all(taken[i] <= order.payments[i].authorized for i in taken), (
            "no card pays more than its customer agreed to"
        )
        assert order.accounted + order.open_authorization >= order.invoiced_total, "what is invoiced can be captured"
        lacks = order.totals.total - self._covered()
        assert order.closed or lacks <= order.unpaid(self.now), "the order knows what money it lacks"
        self._check_waiting()

    def _card(self, at: int) -> int:
        """Return the index of the payment with which the customer paid by the card of this one."""
        first = self.order.payments[at].renews
        return at if first is None else self._card(first)

    def _check_operations(self, at: int, tender: Tender) -> None:
        of_tender = [row for row in self.rows if row.operation.tender == at and row.state != DECLINED]
        moved = Counter[str]()
        for row in of_tender:
            moved[row.operation.purpose] += row.operation.amount
        before = tender.captured_before
        assert (moved[CAPTURE] + before, moved["release"]) == (tender.captured, tender.released)
        if tender.renews is not None:
            assert bool(tender.asked) == any(
                row.state == WRITTEN for row in of_tender if row.operation.purpose == AUTHORIZE
            )

    def _check_waiting(self) -> None:
        """Check that each task has its reason, each reason its task, and each hold a task or something that runs."""
        order = self.order
        needs = {(Queue.PAYMENTS, failed_money.item(one.number)) for one in order.failed_money}
        needs |= {(hold.queue, hold.hold_id) for hold in order.holds if hold.active and hold.queue}
        assert self.tasks == needs
        asked = any(tender.asked for tender in order.payments)
        refused = [one for one in order.failed_money if one.purpose == AUTHORIZE]
        for one in refused:
            assert renewal_needs.needed(order, one.tender, self.now, self._unsent()), "a question has its reason"
        for hold in order.holds:
            if hold.active:
                assert hold.queue or asked or refused, "no hold without a task or an operation"
                assert not order.settled
                assert asked or refused or order.unpaid(self.now), "a hold has its reason"
        if asked or refused:
            held = any(hold.by in (holds.BY_RENEWAL, holds.BY_AUTHORISATIONS) for hold in order.holds)
            assert held or order.settled

    def act(self, name: str) -> None:
        self.steps.append(name)
        STEPS[name](self)

    def finish(self) -> None:
        """Let the provider succeed from now on, and people answer what waits: the order ends with its money to the cent."""
        for _ in range(60):
            self.now += timedelta(hours=1)
            for row in [row for row in self.rows if row.state == WRITTEN]:
                if not self._waits_for_renewal(row.operation) and row.state == WRITTEN:
                    (self._authorise if row.operation.purpose == AUTHORIZE else self._capture)(row, False)
                    self.check()
            for one in self.order.failed_money[:1]:
                reply = failed_money.DONE if one.purpose == AUTHORIZE else failed_money.PAID
                self._save(resume(self.order, Queue.PAYMENTS, failed_money.item(one.number), reply, "ann", self.now))
                self.check()
            for hold in self.order.holds:
                if hold.active and hold.queue:
                    self._save(review.resolve(self.order, hold.hold_id, hold.queue, "paid", "ann", self.now))
                    self.check()
            self.a_unit_leaves()
            self.check()
            self.close()
            self.check()
            over = all(row.state != WRITTEN for row in self.rows)
            if self.order.closed and over and not self.order.failed_money:
                break
        order = self.order
        assert order.closed
        assert not self.tasks
        assert not any(hold.active for hold in order.holds)
        assert order.open_authorization == 0
        assert order.accounted == order.invoiced_total == order.totals.total


STEPS: dict[str, Callable[[RenewalLife], None]] = {
    step.__name__: step
    for step in (
        RenewalLife.time_passes,
        RenewalLife.a_provider_answers,
        RenewalLife.a_unit_leaves,
        RenewalLife.cancel,
        RenewalLife.becomes_dearer,
        RenewalLife.becomes_cheaper,
        RenewalLife.pay,
        RenewalLife.answer,
        RenewalLife.resolve,
        RenewalLife.close,
    )
}
WEIGHTS = {"time_passes": 3, "a_provider_answers": 6, "cancel": 1, "answer": 2}
NAMES = [name for name in STEPS for _ in range(WEIGHTS.get(name, 1))]


class Violation(AssertionError):
    """An identity did not hold after a step. Carries the seed and the steps that lead there."""


def drive(seed: int, lives: int, *, steps: int = 40) -> Counter[str]:
    """Live so many orders, and check all identities after each step. Returns the events that were written. Raises Violation."""
    facts = Counter[str]()
    for number in range(lives):
        life = RenewalLife(Seeded(seed * 1_000_003 + number))
        try:
            for _ in range(steps):
                life.act(life.choose.one(NAMES))
                life.check()
            life.finish()
        except (AssertionError, NotAllowed) as error:
            raise Violation(f"seed {seed}, order {number}: {life.steps}: {error!r}") from error
        facts += life.facts
    return facts
