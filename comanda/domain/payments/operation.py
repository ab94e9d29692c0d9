"""
Follow one money operation: it is written, then sent, then known to be done or declined, or a person is asked.

Called by   comanda.aws.payments, comanda.aws.orders.payment_movements, payment_operations
Returns     the operation after an answer, and what to do with it next
Raises      NotAllowed for a step that the state does not have

| from | to | when |
|---|---|---|
| WRITTEN | SENT | before the provider is called, so a crash leaves SENT |
| SENT | SENT | the provider has begun, and the end comes later |
| SENT | DONE, DECLINED | the provider says so |
| SENT | UNKNOWN | no answer, or a failure of the provider: it may have been done |
| UNKNOWN | DONE, DECLINED | the provider was asked, and says so |
| UNKNOWN | WRITTEN | the provider was asked and has no trace of it: it is sent again under the same id |
| UNKNOWN | QUEUED | nothing is known after a day, or two for a link: a person decides |
| SENT, UNKNOWN | QUEUED | the provider moved another amount, or another currency: a person decides |
| DECLINED, QUEUED | DONE | a link was paid at the last second, and its provider tells so |
| DONE | DECLINED | a refund came back: a bank may refuse it for a month after the provider has said that it is done |

The id is the provider's idempotency key. A provider remembers keys for 24 hours, so after 23 an operation is only asked about.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from comanda.domain.errors import NotAllowed
from comanda.domain.payments.answer import Answer, Outcome, Reason


class Purpose(StrEnum):
    AUTHORIZE = "authorize"
    INCREASE = "increase"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class State(StrEnum):
    WRITTEN = "WRITTEN"
    SENT = "SENT"
    DONE = "DONE"
    DECLINED = "DECLINED"
    UNKNOWN = "UNKNOWN"
    QUEUED = "QUEUED"


class Step(StrEnum):
    """Say what the caller does with an operation next."""

    SEND = "SEND"
    ASK = "ASK"
    QUEUE = "QUEUE"
    NOTHING = "NOTHING"


ENDED = frozenset((State.DONE, State.DECLINED, State.QUEUED))
KEY_LASTS = timedelta(hours=23)  # providers remember a key for 24 hours
PATIENCE = timedelta(hours=24)  # since it was sent, until a person is asked
LINK_LASTS = timedelta(hours=24)  # so long a customer may pay, before that patience begins
# When a refund that is done is looked at again, since it was sent. Stripe says that it may fail for thirty days.
LOOKS_AT_REFUNDS = tuple(timedelta(days=days) for days in (1, 3, 7, 14, 31))
# Between two calls about one operation: soon at first, then every hour. A time-out of the provider's must have passed.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1_800, 3_600))


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """
    One movement of money that a provider is asked for.

    amount      in minor units of the currency; for a void, what is still authorised; for an increase, all that is then
    reference   the provider's payment, or its page until it is paid; empty for an authorisation that makes a new one
    customer, instrument   the provider's names of who pays, and with what; only for an authorisation. They are those of the
                           payment that it renews, and noted before it is sent
    method      CARD, PIX, or LINK: a page where the customer pays; only for an authorisation
    title       what the customer reads at that page
    captured    what was captured of the payment before; of an authorisation that is done, what its customer paid at once
    final       a capture after which the rest is released
    tries       calls about it so far
    replayed    the provider repeated a failure, so nothing of it is running any more
    """

    order_id: str
    purpose: Purpose
    number: int
    amount: int
    currency: str
    written_at: datetime
    reference: str = ""
    customer: str = ""
    instrument: str = ""
    method: str = "CARD"
    title: str = ""
    captured: int = 0
    final: bool = True
    state: State = State.WRITTEN
    reason: Reason | None = None
    movement: str = ""
    tries: int = 0
    sent_at: datetime | None = None  # the first time
    next_at: datetime | None = None
    replayed: bool = False

    @property
    def by_link(self) -> bool:
        """Return True if it asks a customer to pay."""
        return self.purpose is Purpose.AUTHORIZE and self.method != "CARD"

    @property
    def operation_id(self) -> str:
        """Return the id that never changes: the provider's idempotency key."""
        return f"{self.order_id}-{self.purpose}-{self.number}"


def is_watched(operation: Operation) -> bool:
    """Return True for a refund that is done, and that the provider may still take back, and for a link that was paid late."""
    return operation.state in ENDED and operation.next_at is not None


def next_step(operation: Operation, now: datetime) -> Step:
    """Return what to do with an operation now. NOTHING: it has ended, or its time has not come."""
    if operation.next_at is not None and now < operation.next_at:
        return Step.NOTHING
    if operation.state in ENDED:
        return Step.ASK if is_watched(operation) else Step.NOTHING
    patience = PATIENCE + LINK_LASTS if operation.by_link else PATIENCE
    if operation.state is State.UNKNOWN and operation.sent_at is not None and now - operation.sent_at >= patience:
        return Step.QUEUE
    return Step.SEND if operation.state is State.WRITTEN and not _may_be_forgotten(operation, now) else Step.ASK


def noticed(operation: Operation, now: datetime) -> Operation:
    """Return the operation as it is after its provider has told that something happened: it is asked about at once.

    One that has no answer yet may be running, so its pause stays. A link that is over may have been paid at the last second.
    """
    late = operation.by_link and operation.reference and operation.state in (State.DECLINED, State.QUEUED)
    waits = late or (operation.tries and operation.state not in ENDED)
    return replace(operation, next_at=now) if waits or is_watched(operation) else operation


def sent(operation: Operation, now: datetime) -> Operation:
    """Return the operation as it is saved before the provider is called, first or again. Raises NotAllowed."""
    if operation.state is not State.WRITTEN:
        raise NotAllowed(f"the operation is {operation.state}: only a written one is sent")
    if _may_be_forgotten(operation, now):
        raise NotAllowed("the provider may have forgotten the key: the operation is only asked about")
    return replace(operation, state=State.SENT, sent_at=operation.sent_at or now, next_at=_later(operation, now))


def answered(operation: Operation, answer: Answer, now: datetime) -> Operation:
    """
    Return the operation after an answer to it, or to a question about it. One that has ended stays as it is, unless it is
    a refund that came back.

    No trace of it means that it can be sent again. It is over instead, without effect, when the provider has repeated a
    failure under its key, or may have forgotten the key: then a new operation is written.
    """
    if operation.state in ENDED:
        return _looked_at(operation, answer, now) if is_watched(operation) else operation
    if answer.outcome is Outcome.ABSENT:
        return _absent(operation, now)  # with its own reference: one of the answer would make it another operation
    reference, movement = answer.reference or operation.reference, answer.movement or operation.movement
    operation = replace(operation, reference=reference, movement=movement)
    if answer.outcome is Outcome.DONE:
        if not _right(operation, answer):
            return queued(operation, Reason.AMOUNT_DIFFERS)
        captured = answer.captured if operation.by_link else operation.captured
        return replace(operation, state=State.DONE, reason=None, captured=captured, next_at=_next_look(operation, now))
    if answer.outcome is Outcome.DECLINED:
        return replace(operation, state=State.DECLINED, reason=answer.reason, next_at=None)
    at = _later(operation, now)  # a notice that is lost costs an hour at most
    if answer.ends_at is not None and answer.ends_at > now:
        at = min(at, answer.ends_at) if operation.by_link else answer.ends_at
    return replace(
        operation,
        state=State.SENT if answer.outcome is Outcome.PENDING else State.UNKNOWN,
        reason=answer.reason,
        next_at=at,
        tries=operation.tries + 1,
        replayed=operation.replayed or answer.replayed,
    )


def _looked_at(operation: Operation, answer: Answer, now: datetime) -> Operation:
    """Return what has ended after another look at it. Only a clear word of the provider changes it."""
    if operation.by_link:
        if answer.outcome is Outcome.DONE and _right(operation, answer):
            found = replace(operation, reference=answer.reference, captured=answer.captured)
            return replace(found, state=State.DONE, reason=None, next_at=None)
        unknown = answer.outcome is Outcome.UNKNOWN
        return replace(operation, next_at=now + PAUSES[-1] if unknown else None)
    match answer.outcome:
        case Outcome.DECLINED if answer.reason is Reason.REFUND_FAILED:
            return replace(operation, state=State.DECLINED, reason=answer.reason, next_at=None)
        case Outcome.DONE | Outcome.PENDING:
            return replace(operation, next_at=_next_look(operation, now))
    return replace(operation, next_at=now + PAUSES[-1])


def _next_look(operation: Operation, now: datetime) -> datetime | None:
    """Return when an operation that is done is looked at again; None: never."""
    if operation.purpose is not Purpose.REFUND or operation.sent_at is None:
        return None
    return next((at for days in LOOKS_AT_REFUNDS if (at := operation.sent_at + days) > now), None)


def _absent(operation: Operation, now: datetime) -> Operation:
    if operation.replayed or _may_be_forgotten(operation, now):
        return replace(operation, state=State.DECLINED, reason=Reason.NOT_DONE, next_at=None)
    return replace(operation, state=State.WRITTEN, next_at=now, tries=operation.tries + 1)


def queued(operation: Operation, reason: Reason | None = None) -> Operation:
    """Return the operation as a person gets it, with its reason."""
    return replace(operation, state=State.QUEUED, reason=reason or operation.reason, next_at=None)


def _may_be_forgotten(operation: Operation, now: datetime) -> bool:
    return operation.sent_at is not None and now - operation.sent_at >= KEY_LASTS


def _right(operation: Operation, answer: Answer) -> bool:
    """Return whether the provider moved what was asked for. What an authorisation voids is not counted by providers."""
    if answer.currency and answer.currency != operation.currency:
        return False
    return operation.purpose is Purpose.VOID or answer.amount is None or answer.amount == operation.amount


def _later(operation: Operation, now: datetime) -> datetime:
    return now + PAUSES[min(operation.tries, len(PAUSES) - 1)]
