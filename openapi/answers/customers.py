"""
Model the answers about customers: those that a search finds, and one with their orders, people and addresses.

Called by   openapi/operations.py; functions/customers/customers.py makes the answers
"""

from typing import Annotated, Literal

from pydantic import Field

from comanda.aws.api.sale_contracts import Address
from functions.intake import contract as intake
from functions.intake.changes.change_contract import ChangeIn
from openapi.answers.base import Answer, CustomerId, OrderId, OrderStatus, Time, Units
from openapi.answers.cases import Case, CaseId, ExportedCase
from openapi.answers.contacts import GiftMessage, ShownProof
from openapi.answers.drafts import Draft, DraftContact, DraftId
from openapi.answers.orders import Order


class LastOrder(Answer):
    order_id: OrderId
    channel: str
    external_id: str
    placed_at: Time
    status: OrderStatus


AuditAct = Literal[
    "read",
    "slip",
    "invoice",
    "search-email",
    "search-phone",
    "search-name",
    "export",
    "link",
    "merge",
    "unmerge",
    "erase",
]


class FoundCustomer(Answer):
    """A customer that a search has found, as their newest order with the searched text names them."""

    customer_id: CustomerId
    name: str
    email: str | None
    phone: str | None
    last_order: LastOrder


class FoundCustomers(Answer):
    """The customers of a search, at most 20, the latest order first. With `more` there are others: search by more letters."""

    items: list[FoundCustomer]
    more: bool


class Erasure(Answer):
    """The standing of an erasure: how many orders and drafts this call has erased, and how many of both the sweeper erases within
    minutes."""

    customer_id: CustomerId
    erased_at: Time
    orders: Units
    drafts: Units
    left: Units
    kept: list[OrderId]


class Merge(Answer):
    """The standing of a customer after a merge or an undo. `into` is null when it is no pointer any more."""

    customer_id: CustomerId
    into: CustomerId | None
    merged_at: Time | None
    undo_until: Time | None


class MergedCustomer(Answer):
    """A customer that was merged into another one. The merge may be undone before `undo_until`."""

    customer_id: CustomerId
    into: CustomerId
    merged_at: Time
    undo_until: Time


class LookupTaken(Answer):
    """The answer to every lookup, whether there is such an order or not."""

    detail: str


class AuditNote(Answer):
    """An act on what is stored of people, by a person or an application. A search names none of
    them."""

    at: Time
    act: AuditAct
    person_id: str
    person_name: str | None
    order_ids: list[OrderId]
    case_ids: list[CaseId]
    draft_ids: list[DraftId]
    customer_ids: list[CustomerId]


class KnownAs(Answer):
    """A channel's own id of a customer: store credit and credit accounts are found by it."""

    channel: str
    customer_id: str


class CustomerOrders(Answer):
    """A page of a customer's orders, the newest first, with the people and addresses of these orders, each once, and the
    newest cases. A channel sees its own orders and cases alone. `customer_id` is the customer into which the others were merged; `merged` lists these to the office."""

    customer_id: CustomerId
    merged: list[MergedCustomer]
    people: list[intake.Customer]
    addresses: list[Address]
    known_as: list[KnownAs]
    cases: list[Case]
    items: list[Order]
    next: str | None


class StoredContact(Answer):
    """A version of the contact of an order, as it was stored. A part that was not sent is missing."""

    version: Annotated[int, Field(ge=1)]
    at: Time
    customer: intake.Customer
    ship_to: Address | None = None
    bill_to: Address | None = None
    note: str | None = None
    gift: str | None = None
    attributes: dict[str, str] | None = None
    ship_tos: list[Address] | None = None
    gifts: list[GiftMessage] | None = None


class StoredChange(Answer):
    """A change of an order as it was asked for, which waits for its payment until a time, or did last."""

    until: Time
    reason: str | None = None
    reason_code: str | None = None
    changes: list[ChangeIn]


class ExportedOrder(Answer):
    order: Order
    contacts: list[StoredContact]
    proofs: list[ShownProof]
    changes: list[StoredChange]
    cases: list[ExportedCase]


class ExportedDraft(Answer):
    draft: Draft
    contact: DraftContact


class CustomerExport(Answer):
    """A page of what is stored of a person, of at most a few megabytes: the cases without an order and the mails that the
    person's addresses wrote, the drafts, and the orders, the newest first. An order or a case of which the page before had a part
    is named again, with what is left of it."""

    customer_id: CustomerId
    cases: list[ExportedCase]
    drafts: list[ExportedDraft]
    items: list[ExportedOrder]
    next: str | None
