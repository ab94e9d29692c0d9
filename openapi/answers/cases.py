"""
Model the answers about cases: one with its texts and events, those of lists, and what became of a mail.

Called by   openapi/operations.py, openapi/answers/customers.py; functions/cases makes the answers
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from comanda.aws.api.contracts import CaseKind
from functions.cases.contract import Author
from openapi.answers.base import Answer, FulfillmentId, OrderId, Time, Units

CaseId = Annotated[str, Field(pattern="^cas_[a-z0-9]{2,8}_[0-9A-HJKMNP-TV-Z]{26}(-[0-9]{3})?$")]
CaseStatus = Literal["OPEN", "WAITING_CUSTOMER", "WAITING_PARTNER", "CLOSED"]
Outcome = Literal[
    "ANSWERED",
    "CORRECTED",
    "REPLACED",
    "REFUNDED",
    "CREDITED",
    "CANCELLED",
    "REJECTED",
    "NO_ANSWER",
    "DUPLICATE",
    "SPAM",
    "ERASED",
]
EventType = Literal["opened", "noted", "assigned", "waiting", "resumed", "closed", "reopened", "overdue", "erased"]


class Case(Answer):
    """A question or a problem of a customer, without its texts."""

    case_id: CaseId
    version: Annotated[int, Field(ge=1)]
    kind: CaseKind
    status: CaseStatus
    owner: str
    owner_name: str | None = None  # the answers of steps have none
    due: Time
    overdue: bool
    order_id: OrderId | None
    channel: str | None
    line_ids: list[str]
    fulfillment_ids: list[FulfillmentId]
    texts: Units
    opened_at: Time
    opened_by: str
    closed_at: Time | None
    outcome: Outcome | None
    may_reopen: bool
    erased_at: Time | None


class CaseText(Answer):
    """Some words of a case. `subject`, `sender` and `sender_proven` are of a mail, and null for other words."""

    number: Annotated[int, Field(ge=1)]
    author: Author
    internal: bool
    by: str
    by_name: str | None = None  # an export has none
    at: Time
    text: str
    subject: str | None
    sender: str | None
    sender_proven: bool | None


class CaseEvent(Answer):
    version: Annotated[int, Field(ge=1)]
    type: EventType
    status: CaseStatus
    actor: str
    actor_name: str | None
    at: Time
    data: dict[str, Any]


class WholeCase(Case):
    """A case with its newest events, and a page of its texts, the oldest first: at most 40 of them."""

    customer_id: Annotated[str, Field(pattern="^cus_[0-9a-f]{32}$")] | None
    reply_token: str | None
    events: list[CaseEvent]
    items: list[CaseText]
    next: str | None


class ExportedCase(Case):
    """A case with its texts, or with as many of them as the page of the export has."""

    words: list[CaseText]


class MailTaken(Answer):
    """The result of a mail. It says nothing of an order, so it may be sent to whoever wrote the mail."""

    result: Literal["OPENED", "ADDED", "DUPLICATE", "CONFLICT", "IGNORED"]
    case_id: CaseId | None
    reason: Literal["automatic", "mailing-list", "empty", "too-many-of-sender", "too-many-of-order"] | None
