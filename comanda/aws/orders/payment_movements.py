"""
Move the money of an order by its providers: each operation is saved before a provider is called, and after its answer.

Called by   functions/pay
Returns     nothing; the rows `P#` say how far each operation is, and the order knows those that its provider did not do
Raises      StaleOrder, Throttled (Busy); what `provider` raises

The operations of a tender go one after the other, by their numbers. Two processes may work on an order: a row is saved only as
it was read, and the one that comes second stops. A crash at any point repeats the operation under the same id.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.dynamodb import keys, single_writes, transaction
from comanda.aws.orders import orders, payment_operations
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain.billing import failed_money
from comanda.domain.errors import NotAllowed, StaleOrder
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import REFERENCE, FailedMovement
from comanda.domain.payments import operation as operations
from comanda.domain.payments.answer import Reason
from comanda.domain.payments.operation import ENDED, Operation, Purpose, State, Step
from comanda.domain.payments.port import Provider, movable

logger = Logger()
Row = Mapping[str, Any]
type ProviderByName = Callable[[str], Provider]

_STEPS = 4  # of one operation in one run: it is asked about, sent again, and answered
# A release is declined for these reasons when nothing is blocked any more.
_NOTHING_BLOCKED = (Reason.AUTHORISATION_ENDED, Reason.NOT_FOUND)


class _MovedOn(NotAllowed):
    """Another process has saved the operation since it was read."""


def advance(order_id: str, provider: ProviderByName, *, noticed: bool = False) -> None:
    """Do what is due for each operation of an order. `provider` returns the provider of a name.

    `noticed`: the provider has told that something happened, so it is asked at once about what it answered before.
    """
    while _advance(order_id, provider, noticed=noticed):
        pass  # a movement that failed has changed the order: go on with the new version


def _advance(order_id: str, provider: ProviderByName, *, noticed: bool) -> bool:
    """Do what is due until a movement fails, which changes the order. Return True if one did."""
    order, rows = _read(order_id)
    waiting: set[int] = set()  # tenders with an operation that has not ended
    for row in rows:
        ended = row["state"] in ENDED
        if row.get("provider", REFERENCE) == REFERENCE or (ended and not row.get("next_at")):
            continue
        if not ended and row["tender"] in waiting:
            continue
        if not order.payments[row["tender"]].checked:
            continue
        try:
            state = _Movement(order, row, rows, provider(row["provider"]), noticed=noticed).run()
        except _MovedOn:
            state = State.UNKNOWN
        if state in (State.DECLINED, State.QUEUED):
            return True
        if state is not State.DONE:
            waiting.add(row["tender"])
    return False


def _read(order_id: str) -> tuple[Order, list[Row]]:
    """Return an order and its operations of one moment. Raises StaleOrder while operations are written all the time."""
    for _ in range(orders.TRIES):
        order = orders.load(order_id)
        rows: list[Row] = sorted(orders.children(order_id, keys.MONEY), key=lambda row: row["number"])
        if len(rows) == order.operations:
            return order, rows
    raise StaleOrder(order_id)


class _Movement:
    """One operation with its row, as it was read or last saved."""

    def __init__(
        self, order: Order, row: Row, rows: Sequence[Row], provider: Provider, *, noticed: bool = False
    ) -> None:
        self.order, self.row, self.rows, self.provider = order, row, rows, provider
        self.rev = row["rev"]
        operation = payment_operations.to_operation(row, order, rows)
        self.operation = operations.noticed(operation, clock.now()) if noticed else operation

    def run(self) -> State:
        """Do the steps that are due now, and return the state of the operation."""
        if self._is_of_books_alone():
            self._save(replace(self.operation, state=State.DONE, next_at=None))
        elif not operations.is_watched(self.operation) and self.order.payments[self.row["tender"]].disputed:
            self._answered(replace(self.operation, state=State.DECLINED, reason=Reason.INVALID, next_at=None))
        for _ in range(_STEPS):
            match operations.next_step(self.operation, clock.now()):
                case Step.SEND:
                    self._save(operations.sent(self.operation, clock.now()))
                    call = getattr(self.provider, self.operation.purpose)
                    self._answered(operations.answered(self.operation, call(self.operation), clock.now()))
                case Step.ASK:
                    answer = self.provider.status(self.operation, clock.now())
                    self._answered(operations.answered(self.operation, answer, clock.now()))
                case Step.QUEUE:
                    self._answered(operations.queued(self.operation))
                case Step.NOTHING:
                    break
        return self.operation.state

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
        is_void = operation.purpose is Purpose.VOID
        if is_void and operation.state is State.DECLINED and operation.reason in _NOTHING_BLOCKED:
            operation = replace(operation, state=State.DONE)
        facts = {"operation_id": operation.operation_id, "state": operation.state, "reason": operation.reason}
        logger.info("payment operation", extra=facts)
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
        if tender.captured - capture.amount >= tender.refunded:
            return
        for row in self.rows:
            later = row["number"] > self.row["number"] and row["tender"] == self.row["tender"]
            if later and row["purpose"] == failed_money.REFUND and row["state"] not in ENDED:
                refund = payment_operations.to_operation(row, self.order, self.rows)
                declined = replace(refund, state=State.DECLINED, reason=Reason.NOT_DONE, next_at=None)
                self._take_back(row, declined, row["rev"])

    def _take_back(self, row: Row, operation: Operation, rev: int) -> None:
        key, expression, condition, names = payment_operations.changes(row, operation, rev)
        saved = transaction.update(
            settings.orders_table,
            key,
            expression,
            _MovedOn(operation.operation_id),
            condition=condition,
            **names,
        )
        # The part that the provider can move of an amount in a currency of which it moves no single unit.
        unit = self.provider.unit(operation.currency) if operation.reason is Reason.UNIT else 0
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
        orders.decide(
            self.order.order_id,
            lambda order: Saving(decision=failed_money.fail(order, failed, clock.now(), moved=moved), also=[saved]),
        )
