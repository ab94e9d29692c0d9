"""
Move the money of an order by its providers: each operation is saved before a provider is called, and after its answer.

Called by   functions/pay
Returns     nothing; the rows `P#` say how far each operation is, and the order knows those that its provider did not do
Raises      StaleOrder, Throttled (Busy); what `provider` raises

The operations of a tender go one after the other, by their numbers. Two processes may work on an order: a row is saved only as
it was read, and the one that comes second stops. A crash at any point repeats the operation under the same id.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.dynamodb import single_writes, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import (
    orders,
    payment_needs,
    payment_operations,
    payment_renewals,
    payment_requests,
    pending_changes,
)
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain.billing import failed_money
from comanda.domain.errors import Busy, NotAllowed
from comanda.domain.lifecycle import payment_increases
from comanda.domain.lifecycle.holds import renewals
from comanda.domain.orders.order import Order
from comanda.domain.orders.surplus import needs_review
from comanda.domain.orders.tender import REFERENCE, FailedMovement
from comanda.domain.payments import operation as operations
from comanda.domain.payments.answer import Answer, Reason
from comanda.domain.payments.operation import ENDED, Operation, Purpose, State, Step
from comanda.domain.payments.port import Provider, movable, rounded_up

logger = Logger()
Row = Mapping[str, Any]
type ProviderByName = Callable[[str], Provider]

_STEPS = 4  # of one operation in one run: it is asked about, sent again, and answered
# A release is declined for these reasons when nothing is blocked any more.
_NOTHING_BLOCKED = (Reason.AUTHORISATION_ENDED, Reason.NOT_FOUND)


class _MovedOn(NotAllowed):
    """Another process has saved the operation since it was read."""


def advance(
    order_id: str, provider: ProviderByName, hold_type: payment_requests.FindHoldType, *, noticed: bool = False
) -> None:
    """Do what is due for each operation of an order. `provider` returns the provider of a name.

    `noticed`: the provider has told that something happened, so it is asked at once about what it answered before.
    """
    while _advance(order_id, provider, hold_type, noticed=noticed):
        pass  # the order or its operations have changed: go on with them as they are now


def _advance(
    order_id: str, provider: ProviderByName, hold_type: payment_requests.FindHoldType, *, noticed: bool
) -> bool:
    """Do what is due until a movement fails, which changes the order, or a capture is done. Return True if one was."""
    order, rows = payment_needs.read(order_id)
    waiting: set[int] = set()  # tenders with an operation that has not ended
    for row in rows:
        ended = row["state"] in ENDED
        is_late = noticed and payment_requests.may_be_paid_late(order, row)
        if row.get("provider", REFERENCE) == REFERENCE or (ended and not row.get("next_at") and not is_late):
            continue
        if not ended and row["tender"] in waiting:
            continue
        if not order.payments[row["tender"]].checked or _waits_for_renewal(order, row):
            waiting.add(row["tender"])
            continue
        try:
            movement = _Movement(order, row, rows, provider(row["provider"]), hold_type, noticed=noticed)
            state = movement.run()
        except _MovedOn:
            state = State.UNKNOWN
        if (state in (State.DECLINED, State.QUEUED) and not ended) or movement.has_changed_order:
            return True
        if state is not State.DONE:
            waiting.add(row["tender"])
        elif not ended and row["purpose"] == failed_money.CAPTURE:
            return True  # what follows on the payment is told to the provider with what is captured by now
    return payment_needs.follow(order)


def _waits_for_renewal(order: Order, row: Row) -> bool:
    """Return True for a capture of a payment that is over while what is left of it is authorised again."""
    is_unsent = row["purpose"] == failed_money.CAPTURE and not row.get("sent_at")
    return is_unsent and renewals.is_taken_over(order, row["tender"], clock.now())


class _Movement:
    """One operation with its row, as it was read or last saved."""

    def __init__(
        self,
        order: Order,
        row: Row,
        rows: Sequence[Row],
        provider: Provider,
        hold_type: payment_requests.FindHoldType,
        *,
        noticed: bool = False,
    ) -> None:
        self.order, self.row, self.rows, self.provider, self.hold_type = order, row, rows, provider, hold_type
        self.rev = row["rev"]
        operation = payment_operations.to_operation(row, order, rows)
        self.operation = operations.noticed(operation, clock.now()) if noticed else operation
        self.has_changed_order = False
        self.is_void = self.operation.by_link and not order.payments[row["tender"]].asked

    def run(self) -> State:
        """Do the steps that are due now, and return the state of the operation."""
        if self._is_of_books_alone():
            self._save(replace(self.operation, state=State.DONE, next_at=None))
        elif not operations.is_watched(self.operation) and self.order.payments[self.row["tender"]].disputed:
            self._answered(replace(self.operation, state=State.DECLINED, reason=Reason.INVALID, next_at=None))
        elif self.is_void and self.operation.state not in ENDED:
            self.operation = payment_requests.ended(self.operation, self.provider, clock.now())
            self._save(self.operation)
        for _ in range(_STEPS):
            match operations.next_step(self.operation, clock.now()):
                case Step.SEND:
                    if self._is_prepared():
                        self._save(operations.sent(self.operation, clock.now()))
                        call = getattr(self.provider, self.operation.purpose)
                        self._hear(call(self.operation))
                case Step.ASK:
                    self._hear(self.provider.status(self.operation, clock.now()))
                case Step.QUEUE:
                    self._answered(operations.queued(self.operation))
                case Step.NOTHING:
                    break
        return self.operation.state

    def _is_prepared(self) -> bool:
        """Note whose card an authorisation charges. Return False if it cannot be sent now; then it is saved as it is."""
        if self.operation.purpose is Purpose.INCREASE or self.operation.by_link:
            amount = rounded_up(self.operation.amount, self.provider.unit(self.operation.currency))
            self.operation = replace(self.operation, amount=amount)
        if self.operation.purpose is not Purpose.AUTHORIZE or self.operation.by_link or self.operation.instrument:
            return True
        prepared = payment_renewals.prepare(
            self.operation, self.order, self.row["tender"], self.rows, self.provider, clock.now()
        )
        if prepared.instrument:
            self.operation = prepared
            return True
        self._answered(prepared)
        return False

    def _hear(self, answer: Answer) -> None:
        """Save what the provider says, with all that follows from it for the order."""
        operation = operations.answered(self.operation, answer, clock.now())
        is_new = operation.state is State.DONE and self.operation.state is not State.DONE
        if operation.by_link:
            self._hear_of_link(operation, answer)
        elif operation.purpose is Purpose.INCREASE:
            self._increased(operation, answer.ends_at)
        elif is_new and operation.purpose is Purpose.AUTHORIZE:
            self._renew(operation, answer)
        elif is_new and operation.purpose is Purpose.CAPTURE and answer.spent:
            self._end_authorisation(operation)
        else:
            self._answered(operation)

    def _renew(self, operation: Operation, answer: Answer) -> None:
        """Save an authorisation that was made, and have its payment take over what is left of the one before."""

        def decided(order: Order) -> Saving:
            self._require_same(order)
            decision, again = renewals.renewed(
                order,
                self.row["tender"],
                operation.amount,
                operation.reference,
                answer.ends_at,
                clock.now(),
                payment_renewals.unsent(self.rows),
            )
            also = payment_renewals.writes(order, operation, self.row["provider"], self.rows, again)
            return Saving(decision=decision, also=[self._update(self.row, operation, self.rev), *also])

        self._decide(operation, decided)

    def _hear_of_link(self, operation: Operation, answer: Answer | None = None) -> None:
        """Save what the provider says of a link, with what it changes of the order: shown, paid, over, or unclear."""
        tender = int(self.row["tender"])

        def decided(order: Order) -> Saving | None:
            decision = payment_requests.decision(
                order, tender, self.operation, operation, answer, clock.now(), self.hold_type
            )
            if decision is None:
                return None
            pays = payment_requests.pays(order, self.row["provider"], operation)
            return Saving(decision=decision, also=[self._update(self.row, operation, self.rev), *pays])

        self._decide(operation, decided)
        if not self.has_changed_order:
            self._save(operation)

    def _increased(self, operation: Operation, ends: datetime | None = None) -> None:
        """Save an increase, with what its end changes of the order."""
        at, now = int(self.row["tender"]), clock.now()

        def decided(order: Order) -> Saving:
            decision = payment_increases.ended(order, at, operation, ends, now)
            return Saving(decision=decision, also=[self._update(self.row, operation, self.rev)])

        if operation.state in ENDED:
            self._decide(operation, decided)
        else:
            self._save(operation)

    def _end_authorisation(self, operation: Operation) -> None:
        """Save a capture with which the provider has released the rest of the payment."""

        def decided(order: Order) -> Saving | None:
            self._require_same(order)
            unsent = payment_renewals.unsent(self.rows)
            decision = renewals.captured_once(
                order, self.row["tender"], clock.now(), [one for one in unsent if one.number != operation.number]
            )
            if decision is None:
                return None
            return Saving(decision=decision, also=[self._update(self.row, operation, self.rev)])

        self._decide(operation, decided)
        if not self.has_changed_order:
            self._answered(operation)

    def _require_same(self, order: Order) -> None:
        """Raise _MovedOn when further operations were written since the rows were read."""
        if order.operations != self.order.operations:
            raise _MovedOn(self.operation.operation_id)

    def _decide(self, operation: Operation, rule: Callable[[Order], Saving | None]) -> None:
        done = orders.decide(self.order.order_id, rule)
        if done.event is None:
            return
        logger.info("payment operation", extra=_facts(operation))
        self.operation, self.rev, self.has_changed_order = operation, self.rev + 1, True
        if needs_review(done.order, clock.now()):
            with suppress(Busy):  # the sweeper has it reviewed within minutes
                pending_changes.have_reviewed([done.order.order_id])

    def _is_of_books_alone(self) -> bool:
        """Return True for the release of a part: the last capture, or the release of the rest, releases it at the provider.

        What is authorised for somebody else is not released either.
        """
        tender = self.order.payments[self.row["tender"]]
        kept = tender.disputed or tender.open + tender.uncaptured > 0 or any(map(self._is_later_capture, self.rows))
        return self.operation.purpose is Purpose.VOID and kept

    def _is_later_capture(self, row: Row) -> bool:
        later = row["number"] > self.row["number"] and row["tender"] == self.row["tender"]
        return later and row["purpose"] == failed_money.CAPTURE and row["state"] not in ENDED

    def _answered(self, operation: Operation) -> None:
        if operation.by_link:
            self._hear_of_link(operation)
            return
        if operation.purpose is Purpose.INCREASE:
            self._increased(operation)
            return
        is_void = operation.purpose is Purpose.VOID
        if is_void and operation.state is State.DECLINED and operation.reason in _NOTHING_BLOCKED:
            operation = replace(operation, state=State.DONE)
        logger.info("payment operation", extra=_facts(operation))
        if operation.state in (State.DECLINED, State.QUEUED):
            self._fail(operation)
        else:
            self._save(operation)

    def _save(self, operation: Operation) -> None:
        """Save the operation. Raises _MovedOn when another process has saved it first."""
        key, expression, condition, names = payment_operations.changes(self.row, operation, self.rev)
        if not single_writes.update(settings.orders_table, key, expression, condition=condition, **names):
            raise _MovedOn(operation.operation_id)
        self.operation, self.rev = operation, self.rev + 1

    def _fail(self, operation: Operation) -> None:
        """Take the movement back from the order, and save the operation in the same transaction."""
        if operation.purpose is Purpose.CAPTURE:
            self._fail_refunds(operation)
        self._take_back(self.row, operation, self.rev)
        self.operation, self.rev = operation, self.rev + 1

    def _fail_refunds(self, capture: Operation) -> None:
        """Take back the refunds of what was not captured. None was sent, because the capture had not ended."""
        tender = self.order.payments[self.row["tender"]]
        if tender.captured - capture.amount >= tender.refunded - tender.repaid:
            return
        for row in self.rows:
            later = row["number"] > self.row["number"] and row["tender"] == self.row["tender"]
            if later and row["purpose"] == failed_money.REFUND and row["state"] not in ENDED:
                refund = payment_operations.to_operation(row, self.order, self.rows)
                declined = replace(refund, state=State.DECLINED, reason=Reason.NOT_DONE, next_at=None)
                self._take_back(row, declined, row["rev"])

    def _update(self, row: Row, operation: Operation, rev: int) -> Write:
        key, expression, condition, names = payment_operations.changes(row, operation, rev)
        moved_on = _MovedOn(operation.operation_id)
        return transaction.update(settings.orders_table, key, expression, moved_on, condition=condition, **names)

    def _take_back(self, row: Row, operation: Operation, rev: int) -> None:
        saved = self._update(row, operation, rev)
        # The part that the provider can move of an amount in a currency of which it moves no single unit.
        is_renewal = operation.purpose is Purpose.AUTHORIZE
        unit = self.provider.unit(operation.currency) if operation.reason is Reason.UNIT and not is_renewal else 0
        moved = movable(operation.amount, unit)
        failed = FailedMovement(
            number=row["number"],
            purpose=row["purpose"],
            tender=row["tender"],
            amount=row["amount"] - moved,
            reason=operation.reason or Reason.NO_ANSWER,
            invoice=row.get("invoice"),
            credit_note=row.get("credit_note"),
        )

        def decided(order: Order) -> Saving:
            decision = (
                renewals.refused(order, failed, clock.now(), payment_renewals.unended(self.rows))
                if is_renewal
                else failed_money.fail(order, failed, clock.now(), moved=moved)
            )
            return Saving(decision=decision, also=[saved])

        orders.decide(self.order.order_id, decided)


def _facts(operation: Operation) -> dict[str, str]:
    """Return what the log says of an operation."""
    return {"operation_id": operation.operation_id, "state": operation.state, "reason": operation.reason or ""}
