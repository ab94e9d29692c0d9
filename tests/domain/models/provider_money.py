"""
Keep the operations and the queues of an order as the tables do, and the money of its payments as their providers have it.

A provider loses answers, declines, and ends authorisations at random. Its own books say what really moved: after each step they
agree with the operations of the order.

Called by   tests/domain/models/paid_sale.py, link_money.py
"""

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from comanda.domain.billing import collecting, disputes, failed_money
from comanda.domain.billing.failed_money import AUTHORIZE, CAPTURE, REFUND, RELEASE
from comanda.domain.credit_accounts import movements as credit_movements
from comanda.domain.errors import NotAllowed
from comanda.domain.gift_cards import movements
from comanda.domain.lifecycle import payment_increases
from comanda.domain.lifecycle.holds import renewal_needs, renewals
from comanda.domain.lifecycle.payment_increases import INCREASE
from comanda.domain.orders import holds
from comanda.domain.orders.decision import Decision, MoneyOperation
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.tender import AT_HAND_OVER, ON_ACCOUNT, FailedMovement, Tender
from comanda.domain.payments.answer import Reason
from comanda.domain.payments.operation import Operation, Purpose, State
from comanda.domain.payments.port import movable, rounded_up
from tests.domain.models.choices import Choose

WRITTEN, DONE, DECLINED = "WRITTEN", "DONE", "DECLINED"
UNITS = {"BHD": 10}  # what the provider moves of a currency, in minor units; of others it moves each


@dataclass(slots=True)
class Row:
    """One operation. `sent`: the provider was called, and its answer was lost; `moved`: it did the movement nevertheless."""

    operation: MoneyOperation
    state: str = WRITTEN
    sent: bool = False
    moved: bool = False


@dataclass(slots=True)
class Held:
    """A payment as its provider has it. Nothing is captured when it is `spent`, or has ended."""

    authorized: int
    ends: datetime | None
    captures_often: bool
    captured: int = 0
    refunded: int = 0
    spent: bool = False


class ProviderMoney(ABC):
    """The payments of one order. Whoever mixes it in has the order, the time and the choices."""

    order: Order
    now: datetime
    choose: Choose

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.tasks: set[tuple[str, str]] = set()
        self.held: dict[str, Held] = {}
        self.ledger: Counter[str] = Counter()  # of our own accounts
        self.facts: Counter[str] = Counter()
        self.references = 0

    def a_payment(self, amount: int, currency: str, provider: str) -> Tender:
        """Return a payment of an amount. At a provider of payments it ends in hours or days, or never."""
        self.references += 1
        reference = f"pay_{self.references}"
        hours = self.choose.one((6, 20, 50, 150, 0))
        ends = self.now + timedelta(hours=hours) if hours and provider != "comanda" else None
        if provider == AT_HAND_OVER:
            return Tender(method="CASH_ON_DELIVERY", reference="", authorized=amount, provider=provider)
        if provider == "stripe":
            amount = rounded_up(amount, UNITS.get(currency, 1))
            self.held[reference] = Held(amount, ends, captures_often=self.choose.number(0, 1) == 1)
        method = self.choose.one(("GIFT_CARD", "STORE_CREDIT", ON_ACCOUNT)) if provider == "comanda" else "CARD"
        return Tender(method=method, reference=reference, authorized=amount, provider=provider, expires_at=ends)

    # The store

    def note(self, before: Order | None, decision: Decision) -> None:
        """Note the operations and tasks of a decision that is saved, and what it moves on our own accounts."""
        of_money = (Queue.PAYMENTS, Queue.PAY_OUTS, Queue.HOLDS)
        puts = [(t.queue, t.item) for t in decision.tasks if t.queue in of_money]
        deletes = [item for item in decision.done if item[0] in of_money]
        assert len({*puts, *deletes}) == len(puts) + len(deletes), "no work item twice in one transaction"
        self.tasks = (self.tasks | set(puts)) - set(deletes)
        for one in decision.money:
            assert one.amount > 0
            assert one.number == len(self.rows) + 1
            outside = decision.order.payments[one.tender].outside
            noted = any(failed.number == one.number for failed in decision.order.failed_money)  # at the hand-over
            self.rows.append(Row(one, WRITTEN if outside else DECLINED if noted else DONE))
        assert decision.order.operations == len(self.rows)
        for entry in movements.of_version(before, decision.order, decision.money):
            self.ledger[entry.account_id] += entry.amount
        for moved in credit_movements.of_version(before, decision.order, decision.money, self.now):
            self.ledger[moved.account_id] += moved.room
        self.facts[decision.event.type] += 1

    def unsent(self) -> list[MoneyOperation]:
        """Return the captures that the provider was not called for."""
        captures = [row for row in self.rows if row.operation.purpose == CAPTURE]
        return [row.operation for row in captures if row.state == WRITTEN and not row.sent]

    def is_link(self, row: Row) -> bool:
        """Return True for an operation that asks the customer to pay (tests/domain/models/link_money.py)."""
        return row.operation.purpose == AUTHORIZE and self.order.payments[row.operation.tender].by_link

    def next_row(self) -> Row | None:
        """Return the next operation that can be worked on: those of a payment go one after the other. Links wait for the customer."""
        waiting = set[int]()
        for row in self.rows:
            at = row.operation.tender
            if row.state != WRITTEN or at in waiting or self.is_link(row):
                continue
            is_capture = row.operation.purpose == CAPTURE and not row.sent
            if is_capture and renewals.is_taken_over(self.order, at, self.now):
                waiting.add(at)
                continue
            return row
        return None

    # The provider

    def work(self, row: Row, *, fails: bool) -> Decision | None:
        """Call the provider about an operation, and return what follows for the order. Its answer may be lost, if it `fails`."""
        if row.operation.purpose == RELEASE and self._is_of_books_alone(row):
            row.state = DONE
            return None
        if row.operation.purpose == AUTHORIZE and not row.sent and not self._prepared(row):
            return self._declined(row, Reason.NOT_DONE)
        if row.operation.purpose == INCREASE:
            unit = UNITS.get(self.order.currency, 1)
            row.operation = replace(row.operation, amount=rounded_up(row.operation.amount, unit))
        if not row.moved:
            if fails and self.choose.number(1, 5) == 1:
                return self._declined(row, Reason.CARD_DECLINED)
            if fails and self.choose.number(1, 5) == 1:
                row.sent = True
                return None
            if (refused := self._move(row)) is not None:
                return self._declined(row, refused)
            row.moved = True
            if fails and self.choose.number(1, 5) == 1:
                row.sent = True
                return None
        return self._done(row)

    def comes_back(self) -> Decision | None:
        """Let a refund come back that its provider had said is done."""
        done = [row for row in self.rows if row.operation.purpose == REFUND and row.state == DONE]
        done = [row for row in done if self.order.payments[row.operation.tender].outside]
        if not done:
            return None
        row = self.choose.one(done)
        self._held_of(row).refunded -= row.operation.amount
        return self._declined(row, Reason.REFUND_FAILED)

    def _held_of(self, row: Row) -> Held:
        return self.held[self.order.payments[row.operation.tender].reference]

    def _is_of_books_alone(self, row: Row) -> bool:
        tender = self.order.payments[row.operation.tender]
        return tender.open + tender.uncaptured > 0 or self._has_later_capture(row)

    def _has_later_capture(self, row: Row) -> bool:
        return any(
            other.operation.number > row.operation.number
            and other.operation.tender == row.operation.tender
            and other.operation.purpose == CAPTURE
            and other.state == WRITTEN
            for other in self.rows
        )

    def _prepared(self, row: Row) -> bool:
        """Ask for what the order needs by now. Return False if that is nothing."""
        one = row.operation
        needed = renewal_needs.needed(self.order, one.tender, self.now, self.unsent())
        amount = rounded_up(min(one.amount, needed), UNITS.get(self.order.currency, 1))
        row.operation = replace(one, amount=amount) if amount else one
        return amount > 0

    def _move(self, row: Row) -> Reason | None:
        """Move the money at the provider. Return why not, if it refuses."""
        one, unit = row.operation, UNITS.get(self.order.currency, 1)
        if one.purpose == AUTHORIZE:
            return None
        held = self._held_of(row)
        if one.purpose == INCREASE:
            return self._move_increase(one, held)
        if one.purpose != RELEASE and one.amount % unit:
            return Reason.UNIT
        if one.purpose == CAPTURE:
            if held.spent:
                return Reason.STATE
            if held.ends is not None and held.ends <= self.now:
                return Reason.AUTHORISATION_ENDED
            held.captured += one.amount
            assert held.captured <= held.authorized, "no more is captured than the customer has agreed to"
            held.spent = not held.captures_often or self._is_final(row)
        elif one.purpose == REFUND:
            if held.refunded + one.amount > held.captured:
                return Reason.TOO_MUCH
            held.refunded += one.amount
        else:
            held.spent = True
        return None

    def _move_increase(self, one: MoneyOperation, held: Held) -> Reason | None:
        if held.spent or held.captured:
            return Reason.STATE
        if held.ends is not None and held.ends <= self.now:
            return Reason.AUTHORISATION_ENDED
        assert one.amount > held.authorized, "an increase is above what is authorised"
        held.authorized = one.amount
        return None

    def _is_final(self, row: Row) -> bool:
        tender = self.order.payments[row.operation.tender]
        return not (self._has_later_capture(row) or tender.open or tender.uncaptured)

    def _done(self, row: Row) -> Decision | None:
        one, unsent = row.operation, [each for each in self.unsent() if each.number != row.operation.number]
        if one.purpose == AUTHORIZE:
            return self._authorised(row, unsent)
        row.state = DONE
        if one.purpose == INCREASE:
            return self._increased(row)
        if one.purpose == CAPTURE and self._held_of(row).spent:
            return renewals.captured_once(self.order, one.tender, self.now, unsent)
        return None

    def _authorised(self, row: Row, unsent: list[MoneyOperation]) -> Decision:
        one, ends = row.operation, self.now + timedelta(hours=self.choose.one((12, 24 * 7)))
        self.references += 1
        reference = f"pay_{self.references}"
        self.held[reference] = Held(one.amount, ends, captures_often=self.choose.number(0, 1) == 1)
        decision, again = renewals.renewed(self.order, one.tender, one.amount, reference, ends, self.now, unsent)
        row.state = DONE
        for other in self.rows:
            if other.operation.number in again:
                other.state = DECLINED
        return decision

    def _declined(self, row: Row, reason: Reason) -> Decision:
        one = row.operation
        row.state = DECLINED
        if one.purpose == INCREASE:
            return self._increased(row, reason)
        if one.purpose == AUTHORIZE:
            return renewals.refused(self.order, self._failed(one, reason), self.now, self.unsent())
        if one.purpose == CAPTURE:
            self._take_back_refunds(one)
        moved = movable(one.amount, UNITS.get(self.order.currency, 1)) if reason is Reason.UNIT else 0
        return failed_money.fail(self.order, self._failed(one, reason, moved), self.now, moved=moved)

    def _increased(self, row: Row, reason: Reason | None = None) -> Decision:
        one, order = row.operation, self.order
        ended = Operation(
            order_id=order.order_id,
            purpose=Purpose.INCREASE,
            number=one.number,
            amount=one.amount,
            currency=order.currency,
            written_at=self.now,
            state=State.DECLINED if reason else State.DONE,
            reason=reason,
        )
        return payment_increases.ended(order, one.tender, ended, None, self.now)

    def increase(self) -> bool:
        """Let a person have what is missing authorised on the card, to which the customer has agreed."""
        try:
            asked = payment_increases.ask(self.order, "ann", self.now)
        except NotAllowed:
            return False
        if asked is not None:
            self.save(asked)
        return asked is not None

    def _take_back_refunds(self, capture: MoneyOperation) -> None:
        """Take back the refunds of what was not captured. None was sent, because the capture had not ended."""
        tender = self.order.payments[capture.tender]
        if tender.captured - capture.amount >= tender.refunded - tender.repaid:
            return
        for row in self.rows:
            one = row.operation
            later = one.number > capture.number and one.tender == capture.tender
            if later and one.purpose == REFUND and row.state == WRITTEN:
                row.state = DECLINED
                self.save(failed_money.fail(self.order, self._failed(one, Reason.NOT_DONE), self.now))

    @abstractmethod
    def save(self, decision: Decision) -> None:
        """Save a decision as the order's next version."""

    def _failed(self, one: MoneyOperation, reason: Reason, moved: int = 0) -> FailedMovement:
        return FailedMovement(
            number=one.number,
            purpose=one.purpose,
            tender=one.tender,
            amount=one.amount - moved,
            reason=reason,
            invoice=one.invoice,
            credit_note=one.credit_note,
        )

    # Identities

    def check_payments(self) -> None:
        """Check the amounts of each payment against its operations, and those against the provider's own books."""
        for at, tender in enumerate(self.order.payments):
            assert 0 <= tender.refunded - tender.repaid <= tender.captured <= tender.authorized
            assert tender.open >= 0
            assert tender.released >= 0
            decided, moved = Counter[str](), Counter[str]()
            for row in self.rows:
                if row.operation.tender == at:
                    decided[row.operation.purpose] += row.operation.amount * (row.state != DECLINED)
                    moved[row.operation.purpose] += row.operation.amount * (row.moved and row.state != DECLINED)
            taken = decided[CAPTURE] + tender.captured_before
            back = decided[REFUND] + tender.repaid
            assert (taken, back, decided[RELEASE]) == (tender.captured, tender.refunded, tender.released)
            if tender.reference in self.held:
                held = self.held[tender.reference]
                assert (held.captured, held.refunded) == (moved[CAPTURE] + tender.captured_before, moved[REFUND])
            if tender.provider == "comanda":
                assert (
                    self.ledger[tender.reference]
                    == tender.released + tender.refunded - tender.repaid - tender.authorized
                )

    def check_cards(self) -> None:
        """Check that no card pays more than its customer agreed to, but for what a provider rounds up."""
        taken, payments = Counter[int](), self.order.payments
        for at, tender in enumerate(payments):
            first = at
            while (renews := payments[first].renews) is not None:
                first = renews
            taken[first] += tender.captured + tender.uncaptured + tender.open
        rounded = (UNITS.get(self.order.currency, 1) - 1) * len(payments)
        for at, amount in taken.items():
            held = self.held.get(payments[at].reference)
            assert amount <= (held or payments[at]).authorized + rounded

    def check_waiting(self) -> None:
        """Check that each task has its reason, each reason its task, and each hold a task or something that runs."""
        order = self.order
        needs = {failed_money.queue_item(one) for one in order.failed_money}
        needs |= {(Queue.PAYMENTS, name) for name in collecting.items_of_more(order)}
        needs |= {(Queue.PAYMENTS, name) for name in disputes.items(order)}
        needs |= {(hold.queue, hold.hold_id) for hold in order.holds if hold.active and hold.queue}
        assert self.tasks == needs
        asked = any(tender.asked for tender in order.payments)
        refused = [one for one in order.failed_money if one.purpose == AUTHORIZE]
        renewals_refused = [one for one in refused if not order.payments[one.tender].by_link]
        for one in renewals_refused:
            assert renewal_needs.needed(order, one.tender, self.now, self.unsent()), "a question has its reason"
        if (
            any(tender.asked and not (tender.by_link or tender.increasing) for tender in order.payments)
            or renewals_refused
        ):
            held = any(hold.by in (holds.BY_RENEWAL, holds.BY_AUTHORISATIONS) for hold in order.holds)
            assert held or order.settled
        for hold in order.holds:
            if hold.active:
                assert hold.queue or asked or refused, "no hold without a task or an operation"
                assert not order.settled
                runs = (asked or refused) and hold.by != holds.BY_LINK
                assert runs or order.unpaid(self.now), "a hold has its reason"
        for at, tender in enumerate(order.payments):
            runs = any(
                row.state == WRITTEN and row.operation.purpose in (AUTHORIZE, INCREASE) and row.operation.tender == at
                for row in self.rows
            )
            # The page of a link that is not asked for any more is made void later.
            assert not tender.asked or runs if tender.by_link else bool(tender.asked) == runs
