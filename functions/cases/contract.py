"""
Define the bodies of the routes of cases. Unknown fields, wrong types and values out of range are refused by pointer.

Called by   functions/cases; openapi
Returns     pydantic models
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from comanda.aws.api.contracts import CaseKind, Contract, Id, LineId, Moment, TextOf, unique
from comanda.domain import text
from comanda.domain.cases.case import MOST_LINKS

GivenOutcome = Literal[
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
]
Words = Annotated[str, TextOf(text.CASE_TEXT)]
Author = Literal["CUSTOMER", "STAFF"]


class CaseIn(Contract):
    """A new case. The words are the customer's if a shop sends them; the office says whose they are."""

    kind: CaseKind
    text: Words
    author: Author | None = None
    owner: Id | None = None
    due: Moment | None = None


class CaseOfOrderIn(CaseIn):
    """A new case of an order, with the lines and the fulfillments of the order that it is about."""

    line_ids: Annotated[list[LineId], Field(max_length=MOST_LINKS), AfterValidator(unique)] = []
    fulfillment_ids: Annotated[list[Id], Field(max_length=MOST_LINKS), AfterValidator(unique)] = []


class CaseWithoutOrderIn(CaseIn):
    """A new case that is about no order, of a known customer or of nobody known."""

    customer_id: Id | None = None


class NoteIn(Contract):
    """A text for a case. A text of the office is internal unless it says otherwise; a shop's never is."""

    text: Words
    author: Author | None = None
    internal: bool | None = None


class AssignIn(Contract):
    """The owner of a case from now on, and when it is due from now on; without `due` as before."""

    owner: Id
    due: Moment | None = None


class WaitIn(Contract):
    """The side that was asked, until when it may answer, and the office's words about it."""

    for_: Annotated[Literal["CUSTOMER", "PARTNER"], Field(alias="for")]
    until: Moment | None = None
    text: Words | None = None
    internal: bool | None = None


class ResumeIn(Contract):
    """The end of a wait. The path names the case, and the body has no fields."""


class CloseIn(Contract):
    """The outcome with which the case is closed, and the office's words about it."""

    outcome: GivenOutcome
    text: Words | None = None
    internal: bool | None = None


class ReopenIn(Contract):
    """The words with which a closed case is opened again, if any."""

    text: Words | None = None
    internal: bool | None = None


class MailHeader(Contract):
    """One header of a mail. It is looked at, and never stored."""

    name: Annotated[str, TextOf(text.MAIL.upto(200))]
    value: Annotated[str, TextOf(text.MAIL.upto(8_000, least=0))]


class CaseMailIn(Contract):
    """A mail to the retailer, without its attachments, as the mailbox received it.

    `authentication_results` is the header that the receiving server itself has written. Such a header that came with the mail
    proves nothing, and is not looked at.
    """

    message_id: Annotated[str, TextOf(text.MAIL.upto(998))]
    from_: Annotated[str, TextOf(text.MAIL.upto(998)), Field(alias="from")]
    subject: Annotated[str, TextOf(text.MAIL.upto(998, least=0))] = ""
    text: Annotated[str, TextOf(text.MAIL)]
    format: Literal["TEXT", "HTML"] = "TEXT"
    headers: Annotated[list[MailHeader], Field(max_length=200)] = []
    authentication_results: Annotated[str, TextOf(text.MAIL.upto(8_000, least=0))] = ""
    reply_token: Annotated[str, TextOf(text.MAIL.upto(200))] | None = None
