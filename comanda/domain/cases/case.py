"""
Define a case: a question or a problem of a customer that somebody owns until it is closed with an outcome.

A case has no words of people: its texts are stored beside it, in the only place with personal data.

Called by   comanda.domain.cases, comanda.aws.cases.cases, functions/cases,
            functions/customers, functions/console
Returns     values
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

REOPEN = timedelta(days=30)  # after a case was closed
MOST_TEXTS = 500  # of a case
MOST_OF_ORDER = 200  # cases of one order
MOST_LINKS = 100  # lines, and fulfillments, that a case names


class CaseKind(StrEnum):
    """Name what a case is about."""

    QUESTION = "QUESTION"  # anything that a customer wants to know
    LATE = "LATE"  # the order, or a part of it, did not come when it was promised
    DAMAGED = "DAMAGED"  # goods came broken
    MISSING = "MISSING"  # goods were not in the parcel
    WRONG_ITEM = "WRONG_ITEM"  # other goods came than were ordered
    ADDRESS = "ADDRESS"  # the address is wrong, or is to be another one
    PAYMENT = "PAYMENT"  # a charge, a refund or an invoice
    COMPLAINT = "COMPLAINT"  # about the service
    OTHER = "OTHER"  # nothing of the above


class CaseStatus(StrEnum):
    """Name what a case waits for."""

    OPEN = "OPEN"  # its owner has to act
    WAITING_CUSTOMER = "WAITING_CUSTOMER"  # the customer was asked, and has not answered
    WAITING_PARTNER = "WAITING_PARTNER"  # a carrier, a supplier or a node was asked, and has not answered
    CLOSED = "CLOSED"  # nothing is left to do


WAITING = frozenset((CaseStatus.WAITING_CUSTOMER, CaseStatus.WAITING_PARTNER))


class Outcome(StrEnum):
    """Name what became of a case that was closed."""

    ANSWERED = "ANSWERED"  # the customer knows what they asked
    CORRECTED = "CORRECTED"  # a wrong address, date or document was put right
    REPLACED = "REPLACED"  # goods are sent again
    REFUNDED = "REFUNDED"  # money goes back
    CREDITED = "CREDITED"  # the customer got a discount or a credit
    CANCELLED = "CANCELLED"  # the order, or a part of it, was cancelled
    REJECTED = "REJECTED"  # the claim was not justified
    NO_ANSWER = "NO_ANSWER"  # the customer did not answer
    DUPLICATE = "DUPLICATE"  # another case is about the same
    SPAM = "SPAM"  # no customer wrote it
    ERASED = "ERASED"  # the customer was erased; no person closes a case with it


GIVEN_OUTCOMES = tuple(outcome for outcome in Outcome if outcome is not Outcome.ERASED)


class Author(StrEnum):
    """Name whose words a text of a case has."""

    CUSTOMER = "CUSTOMER"
    STAFF = "STAFF"


class CaseEventType(StrEnum):
    """Name what happened to a case. The values are stored and published, so they never change."""

    OPENED = "opened"
    NOTED = "noted"
    ASSIGNED = "assigned"
    WAITING = "waiting"
    RESUMED = "resumed"
    CLOSED = "closed"
    REOPENED = "reopened"
    OVERDUE = "overdue"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as it is stored. `texts` is the number of its texts."""

    case_id: str
    version: int
    kind: CaseKind
    status: CaseStatus
    owner: str  # a team, or the id of a person
    due: datetime
    opened_at: datetime
    opened_by: str
    order_id: str | None = None
    channel: str | None = None  # of the order
    has_customer: bool = False  # False: no erasure will find it, so its texts end by themselves
    line_ids: tuple[str, ...] = ()
    fulfillments: tuple[int, ...] = ()
    texts: int = 0
    reminded_at: datetime | None = None  # when its owner was told that it is late; None: not since it got this due time
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    erased_at: datetime | None = None

    @property
    def closed(self) -> bool:
        return self.status is CaseStatus.CLOSED

    def is_overdue(self, now: datetime) -> bool:
        return not self.closed and self.due <= now

    def may_reopen(self, now: datetime) -> bool:
        """Return True for a closed case that was closed at most 30 days ago, and whose texts are still there."""
        return self.closed_at is not None and self.erased_at is None and now - self.closed_at <= REOPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseText:
    """Some words of a case. An `internal` text is for the office alone. `subject` and `sender` are of a mail; the sender is
    `proven` if the mail's own domain vouches for the address."""

    number: int
    author: Author
    by: str  # the caller that sent it
    at: datetime
    text: str = field(repr=False)
    internal: bool = False
    subject: str | None = field(default=None, repr=False)
    sender: str | None = field(default=None, repr=False)
    proven: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """An event of a case. Its data are ids, enumerations and times."""

    type: CaseEventType
    actor: str
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDecision:
    """The case after a step, with its event and the text that was written, if any."""

    saved: Case
    event: CaseEvent
    text: CaseText | None = None
