"""
Describe the requests and answers of each route, beyond the rows of the route table.

This file is long because it has an entry for each of the API's routes, in one table.

Called by   openapi/description.py
Returns     OPERATIONS by (method, path): one for each row of `comanda.aws.api.routes.ROUTES`, and no other
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import BaseModel

from comanda.aws.api.contracts import Nothing
from comanda.domain.orders.status import WORK_STATUSES
from comanda.domain.stock.alerts import KINDS
from functions.availability import contract as availability_in
from functions.cases import contract as cases_in
from functions.credit import contract as credits_in
from functions.credit_accounts import contract as credit_accounts_in
from functions.customers import contract as customers_in
from functions.directory import contract as directory
from functions.directory import tax_quote_contract
from functions.directory.handler import MODELS
from functions.drafts import contract as drafts_in
from functions.fulfill import contract as fulfill
from functions.fulfill.rules import STEPS
from functions.gift_cards import contract as gift_cards_in
from functions.intake import contract as intake
from functions.intake import draft_contract as draft_in
from functions.intake import provision_contract as provisions_in
from functions.intake.changes import change_contract as changes_in
from functions.intake.queues import queue_contract as queues_in
from functions.outages import contract as outages_in
from functions.people import contract as people_in
from functions.planning import contract as planning
from functions.promise import contract as promise_in
from functions.reserve import contract as reserve
from functions.stock import contract as stock
from functions.tracking import contract as tracking_in
from openapi.answers import (
    availability,
    books,
    cases,
    changes,
    contacts,
    credit_accounts,
    customers,
    decisions,
    drafts,
    found,
    gift_cards,
    holds,
    invoices,
    master_data,
    notices,
    orders,
    outages,
    people,
    prices,
    promises,
    queues,
    reservations,
    rule_sets,
    supplies,
    taxes,
    tracking,
    work,
)
from openapi.answers.base import Page

Shape = type[BaseModel] | str | None  # a model; or a media type without a model; or no body

HEADERS = {
    "ETag": "The version that If-Match takes.",
    "Idempotent-Replayed": "`true` if this answer was given to the same key before.",
    "Link": 'The next page, as `rel="next"`.',
    "Location": "Of 201, the path of the new resource; put the base URL before it. Of 303, the whole address of the document.",
    "Retry-After": "Seconds to wait.",
}

_ID = {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}
QUERY: dict[str, dict[str, Any]] = {
    "person": {
        "description": "The id of the person or the application that did something.",
        "schema": {"type": "string", "maxLength": 128},
    },
    "order": {"description": "The id of the order.", "schema": {"type": "string", "maxLength": 128}},
    "customer": {"description": "The id of the customer.", "schema": {"type": "string", "maxLength": 128}},
    "locale": {
        "description": "The reader's locale: pt gets pt-BR, es-MX gets es, a language without words en-US; en-US without.",
        "schema": {"type": "string", "maxLength": 12},
    },
    "gtin": {
        "description": "The product that has this GTIN, in any of its forms: 8, 12, 13 or 14 digits.",
        "schema": {"type": "string", "pattern": r"^\d{8,14}$"},
    },
    "q": {
        "description": "Of products: those that have words beginning with each of these, in their title or sku: at most 20, no "
        "next page. Case and accents do not count. Without a word of three letters, only the product with this very sku. "
        "Of find: the whole id or number.",
        "schema": {"type": "string", "maxLength": 128},
    },
    "prefix": {"description": "A list of ids that begin with this text.", "schema": {"type": "string"}},
    "channel": {"schema": _ID},
    "currency": {
        "description": "The currency of the price.",
        "schema": {"type": "string", "pattern": "^[A-Z]{3}$"},
    },
    "sku": {"description": "The id of the product.", "schema": {"type": "string", "maxLength": 128}},
    "external_id": {"description": "The channel's own id; with channel.", "schema": {"type": "string"}},
    "newest": {
        "description": "Whether the list begins with the newest; without it, with the oldest.",
        "schema": {"type": "string", "enum": ["true", "false"]},
    },
    "customer_id": {
        "description": "Of orders: all orders of a customer; alone. Of drafts: the customer's id here, alone, or the channel's own "
        "id, with channel.",
        "schema": {"type": "string", "maxLength": 128},
    },
    "quote": {
        "description": "The number of a quote, as its customer names it.",
        "schema": {"type": "string", "maxLength": 32},
    },
    "email": {"description": "The whole e-mail of a customer.", "schema": {"type": "string", "maxLength": 128}},
    "phone": {
        "description": "A customer's phone number, in any spelling.",
        "schema": {"type": "string", "maxLength": 32},
    },
    "name": {
        "description": "The beginning of a customer's name, by its first or its last word.",
        "schema": {"type": "string", "minLength": 3, "maxLength": 128},
    },
    "day": {
        "description": "Of orders: those placed on this UTC day; with channel. Of a price: the UTC day on which it holds. Of documents: "
        "the UTC day of their issue, in place of month.",
        "schema": {"type": "string", "format": "date"},
    },
    "node_id": {"schema": _ID},
    "owner": {
        "description": "The cases of this team, or of the person with this id, that are not closed; `me` for the caller.",
        "schema": _ID,
    },
    "order_id": {"description": "Only the items of this order.", "schema": _ID},
    "kind": {"schema": {"type": "string", "enum": [*KINDS]}},
    "provider": {
        "description": "A payment provider whose reports are compared, or `bank` for statements.",
        "schema": {"type": "string", "enum": ["stripe", "bank"]},
    },
    "legal_entity": {"description": "The seller whose documents are listed.", "schema": _ID},
    "month": {"description": "A UTC month.", "schema": {"type": "string", "pattern": r"^\d{4}-\d{2}$"}},
    "status": {
        "description": "The list has only work of this status: a page may be short, or empty before the end.",
        "schema": {"type": "string", "enum": [*WORK_STATUSES]},
    },
    "done": {
        "description": "The list has work that ended in this month (YYYY-MM), instead of open work.",
        "schema": {"type": "string", "pattern": r"^\d{4}-\d{2}$"},
    },
    "version": {"description": "A version; the newest without.", "schema": {"type": "integer", "minimum": 1}},
    "limit": {"schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}},
    "cursor": {"description": "`next` of the page before, with the same filters.", "schema": {"type": "string"}},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The description of a route. `answers` are (status, shape); `must` are the required query parameters."""

    name: str
    says: str
    answers: tuple[tuple[int, Shape], ...]
    body: type[BaseModel] | None = None
    note: str = ""
    must: tuple[str, ...] = ()
    if_match: Literal["required", "optional"] | None = None
    etag: bool = False
    replayed: bool = False
    located: bool = False
    forbidden_now: bool = False  # a PUT or GET that what is stored may forbid: 409
    asks: bool = False  # a POST that changes nothing: without an idempotency key

    def headers(self, status: int, *, pages: bool) -> list[str]:
        """
        Return the names of the headers of an answer with this status.

        The answer of an operation that `pages` has a link to the next page.
        """
        flags = {
            "ETag": self.etag,
            "Idempotent-Replayed": self.replayed,
            "Link": pages,
            "Location": self.located and status in (201, 303),
        }
        return [name for name, there in flags.items() if there]


def _get(name: str, says: str, shape: Shape, **more: Any) -> Operation:
    return Operation(name=name, says=says, answers=((200, shape),), **more)


def _post(name: str, says: str, body: type[BaseModel], shape: Shape, status: int = 200, **more: Any) -> Operation:
    return Operation(name=name, says=says, body=body, answers=((status, shape),), replayed=True, **more)


def _question(name: str, says: str, body: type[BaseModel], shape: Shape, note: str) -> Operation:
    """Describe a POST that changes nothing."""
    return Operation(name=name, says=says, body=body, answers=((200, shape),), note=note, asks=True)


def _paper(name: str, says: str, note: str) -> Operation:
    """Describe a link to a document of an invoice or a credit note, which what is stored may forbid."""
    return Operation(name=name, says=says, answers=((303, None),), located=True, note=note, forbidden_now=True)


def _change(name: str, says: str, body: type[BaseModel], shape: Shape = orders.Order) -> Operation:
    """Describe a change of an order, which needs the version that the caller read."""
    return _post(name, says, body, shape, if_match="required", etag=True)


def _step_of_order(name: str, says: str, body: type[BaseModel]) -> Operation:
    """Describe a step of an order, which may name the version that the caller read."""
    return _post(name, says, body, orders.Order, if_match="optional", etag=True)


def _step_of_case(name: str, says: str, body: type[BaseModel]) -> Operation:
    """Describe a step of a case, which may name the version that the caller read."""
    return _post(name, says, body, cases.Case, if_match="optional", etag=True)


_STEP_SAYS = {
    "accept": "Take the work, whole",
    "decline": "Give units back before picking; they are routed again at once",
    "start-pick": "Picking begins",
    "pick": "Units are in the tote",
    "short-pick": "Units are not on the shelf, or are damaged",
    "pack": "Units are in cartons",
    "repack": "Put packed units into other packages, which take the place of those of before",
    "ship": "The carrier has them",
    "ready": "Everything is at the counter; the customer gets a mail",
    "hand-over": "The customer has them",
    "recall-agree": "The node gives recalled units back; picked ones go on the shelf again",
    "recall-refuse": "The node keeps recalled units that it has begun to pick",
    "hand-back": "The node gives begun work back, or the customer refuses it at the counter",
    "no-show": "The customer did not collect it: the units are cancelled",
    "deliver": "The carrier has delivered units, packages, or all that is on its way",
    "lose": "The carrier lost them: a person decides what the customer gets",
    "collect": "Money was collected when the customer got them; 0: the customer did not pay",
}


def _step(step: str) -> Operation:
    return _post(
        step.replace("-", "_"), _STEP_SAYS[step], STEPS[step][0], work.Fulfillment, if_match="optional", etag=True
    )


def _entry(kind: str) -> dict[tuple[str, str], Operation]:
    one = (
        f"{kind[:-3]}y" if kind.endswith("ies") else f"{kind[:-3]}x" if kind.endswith("ces") else kind.removesuffix("s")
    )
    one, shape = one.replace("-", "_"), master_data.ENTRIES[kind]
    path = f"/v1/{kind}/{{id}}"
    put = Operation(
        name=f"put_{one}",
        says="Create it or make this its next version; the same document again changes nothing",
        body=MODELS[kind],
        answers=((200, shape), (201, shape)),
        if_match="optional",
        etag=True,
    )
    return {
        ("GET", f"/v1/{kind}"): _get(
            f"list_{kind.replace('-', '_')}",
            "The entries that the caller sees, by id",
            Page[shape],  # type: ignore[valid-type]
        ),
        ("GET", path): _get(f"get_{one}", "The active version of an entry", shape, etag=True),
        ("PUT", path): put,
    }


_RULES = "/v1/rule-sets/{id}"
_KEPT = "/v1/reservations/{reservation_id}"
_NODE = "/v1/nodes/{id}"
_WAVE = "/v1/pick-waves/{wave_id}"
_DRAFT = "/v1/drafts/{draft_id}"
_PERSON = "/v1/people/{person_id}"
_CASE = "/v1/cases/{case_id}"
_ORDER, _WORK = "/v1/orders/{order_id}", "/v1/fulfillments/{fulfillment_id}"

OPERATIONS: dict[tuple[str, str], Operation] = {
    ("GET", "/v1/health"): _get("health", "Check that the API answers", master_data.Health),
    ("GET", "/v1/labels"): _get(
        "get_labels",
        "Get the words for the values of enumerations",
        master_data.Labels,
        note="A kind has the name of the enumeration here. A value without a label is shown as it is.",
    ),
    ("POST", "/v1/orders"): _post(
        "place_order",
        "Place an order",
        intake.OrderIn,
        orders.Order,
        status=201,
        etag=True,
        located=True,
        note="PRODUCT lines go to the order's one address or are picked up at a node; DIGITAL and SERVICE lines are provided. "
        "Totals are checked to the cent.",
    ),
    ("GET", "/v1/orders"): _get(
        "list_orders",
        "Orders by channel and external_id, by customer_id, or by channel and day",
        Page[orders.Order],
    ),
    ("GET", _ORDER): _get("get_order", "The order as it is now", orders.Order, etag=True),
    ("GET", f"{_ORDER}/events"): _get("get_events", "The events of the order, by version", Page[orders.Event]),
    ("GET", f"{_ORDER}/decisions"): _get(
        "get_decisions", "The reasons why the order was routed so", Page[decisions.RouteDecision]
    ),
    ("GET", f"{_ORDER}/contact"): _get(
        "get_contact",
        "The people and addresses of the order; a node gets those of work that it ships, not of work that it gave back",
        contacts.Contact,
    ),
    ("GET", f"{_ORDER}/allowed-changes"): _get(
        "get_allowed_changes",
        "The changes that the order and each of its lines may take now, with the reason of every denial",
        changes.AllowedChanges,
        etag=True,
    ),
    ("GET", "/v1/customers"): _get(
        "search_customers",
        "The customers with this e-mail, this phone number, or a name that begins so; exactly one of the three",
        customers.FoundCustomers,
        note="The phone counts by its last nine digits. A name is found from each of its words on, without case and accents; "
        "a word of one or two letters is found whole. Each search is noted.",
    ),
    ("GET", "/v1/customers/{customer_id}"): _get(
        "get_customer",
        "A customer with their orders in every channel that the caller sees, and the people and addresses of these",
        customers.CustomerOrders,
        note="Each reading by a person is noted.",
    ),
    ("POST", f"{_ORDER}/changes"): replace(
        _change(
            "change_order",
            "Preview changes after the sale (201), make them (200), or let them wait for their payment (202)",
            changes_in.ChangesIn,
        ),
        answers=((200, orders.Order), (201, changes.ChangePreview), (202, orders.Order)),
        if_match="optional",
        note="A change needs If-Match, a preview does not. If-Match is compared with `change_version`: it may name any version "
        "since the last change, so that no step of the work refuses a change.",
    ),
    ("POST", f"{_ORDER}/payments"): _post(
        "add_payments",
        "Further authorisations of the order; they make its pending change if they cover it",
        changes_in.PaymentsIn,
        orders.Order,
        etag=True,
        note="A pending change that is not possible any more is dropped then.",
    ),
    ("POST", f"{_ORDER}/payment-links"): replace(
        _change(
            "ask_for_payment",
            "Ask the customer to pay what the order and its pending change lack, or mail the open link again",
            changes_in.PaymentLinkIn,
        ),
        answers=((202, orders.Order),),
        note="The payment has `pay` a moment later, and the customer a mail. A link for another amount is made void.",
    ),
    ("POST", f"{_ORDER}/pending-change/withdraw"): _change(
        "withdraw_change", "Withdraw the change that waits for its payment", intake.Reason
    ),
    ("GET", "/v1/customers/{customer_id}/export"): _get(
        "export_customer",
        "All that is stored of a person: each order with every version of its contact, and proofs",
        customers.CustomerExport,
        note="Each export is noted. A page ends after two megabytes, or after `limit` orders.",
    ),
    ("POST", "/v1/order-lookups"): Operation(
        name="look_up_order",
        says="Ask for a new link to an order, by its number and its e-mail or a postal code of its addresses",
        body=customers_in.OrderLookupIn,
        answers=((202, customers.LookupTaken),),
        note="It takes no token and no key. The answer is always the same: the link goes to the e-mail of the order, and only "
        "if what was sent is the order's. An order gets one such mail an hour, a network asks ten times in ten minutes.",
    ),
    ("POST", "/v1/providers/stripe/events"): _question(
        "take_stripe_event",
        "Take a notice of Stripe's, whose header `Stripe-Signature` fits the raw body and is not older than five minutes",
        notices.StripeEvent,
        notices.NoticeTaken,
        note="It takes no token and no key: an event that comes twice is taken once. It is a reason to ask Stripe, and no "
        "proof. One that concerns no order is taken, too; if its money moved, it waits in the queue `provider-notices`.",
    ),
    ("GET", "/v1/audit"): _get(
        "get_audit",
        "Who read, searched, exported, merged or erased whom: by `person`, by `order` (a case or a draft) or by `customer`, exactly one of them",
        Page[customers.AuditNote],
        note="The newest first, of 400 days. `person` is the id of a person or an application. A search tells whom it was for "
        "only by its person; merged customers are one.",
    ),
    ("POST", "/v1/customers/{customer_id}/merge"): _post(
        "merge_customer",
        "Make a customer a pointer to another one: the orders of both are read under either id",
        customers_in.MergeIn,
        customers.Merge,
        note="Orders keep their ids. The same merge again changes nothing. It can be undone for 30 days.",
    ),
    ("POST", "/v1/customers/{customer_id}/unmerge"): _post(
        "unmerge_customer", "Undo the merge of a customer, within 30 days", Nothing, customers.Merge
    ),
    ("DELETE", "/v1/customers/{customer_id}"): Operation(
        name="erase_customer",
        says="Erase all that is stored of a person; the orders and their books stay, without them",
        answers=((200, customers.Erasure), (202, customers.Erasure)),
        note="Refused with the list while an order needs its customer: see docs/privacy.md. Asked again, it goes on, or answers what was done. 202: all is "
        "hidden, and the rest is erased within minutes.",
    ),
    ("POST", f"{_ORDER}/confirm"): _change("confirm", "Sales confirms the order", Nothing),
    ("POST", f"{_ORDER}/reject"): _change("reject", "Sales rejects the order: everything is cancelled", intake.Reason),
    ("POST", f"{_ORDER}/cancel"): _change(
        "cancel", "Cancel all that can be, or so many units of these lines", intake.CancelIn, orders.CancelledOrder
    ),
    ("POST", f"{_ORDER}/provide"): _step_of_order(
        "provide", "Record that a digital item or a service was provided, with its proof", provisions_in.ProvideIn
    ),
    ("POST", f"{_ORDER}/recall"): _change(
        "recall", "Take work that is not begun back from nodes, and ask for the rest", intake.RecallIn
    ),
    ("POST", f"{_ORDER}/credit-notes"): Operation(
        name="credit_invoice",
        says="Preview a credit note of an invoice (200), or issue it and refund what was paid (201)",
        body=credits_in.CreditNoteIn,
        answers=((200, invoices.CreditNote), (201, invoices.CreditNote)),
        replayed=True,
        etag=True,
        located=True,
        if_match="optional",
        note="A credit note needs If-Match, a preview does not. If-Match is compared with `change_version`, as that of a change. "
        "A person keeps to the limit `appeasement`.",
    ),
    ("POST", f"{_ORDER}/links"): _post(
        "make_link",
        "Make a link by which the customer sees the order, or end all links before it",
        customers_in.LinkIn,
        orders.OrderLink,
        status=201,
        note="Give the link to the order's customer and to nobody else. A revocation also forgets wrong tries of the postal code.",
    ),
    ("POST", f"{_ORDER}/holds"): _change("hold", "Stop the steps that this type of hold blocks", intake.HoldIn),
    ("POST", f"{_ORDER}/holds/{{hold_id}}/resolve"): _change("resolve_hold", "Take the hold away", intake.ResolutionIn),
    ("POST", "/v1/hold-types/{id}/dry-run"): _question(
        "try_hold_type",
        "The stored orders that the rule of a hold type would hold",
        intake.HoldTrial,
        holds.HoldTrialResult,
        note="A type that is not active can be tried too. Nothing is written.",
    ),
    ("POST", f"{_ORDER}/cases"): _post(
        "open_case",
        "Open a case about the order: a question or a problem, with its first text",
        cases_in.CaseOfOrderIn,
        cases.Case,
        status=201,
        etag=True,
        located=True,
        note="The owner and the due time are those of the kind's terms, unless the office gives others.",
    ),
    ("POST", "/v1/cases"): _post(
        "open_case_without_order",
        "Open a case that is about no order",
        cases_in.CaseWithoutOrderIn,
        cases.Case,
        status=201,
        etag=True,
        located=True,
    ),
    ("GET", "/v1/cases"): _get(
        "list_cases",
        "The cases of an owner that are not closed, the first due one first; or all cases of an order, the oldest first, or of a "
        "customer, the newest first",
        Page[cases.Case],
        note="Exactly one of the three filters.",
    ),
    ("GET", _CASE): _get(
        "get_case",
        "The case with its texts and its newest events",
        cases.WholeCase,
        etag=True,
        note="Each reading by a person is noted. Only the office sees internal texts and the reply token.",
    ),
    ("POST", f"{_CASE}/note"): _step_of_case(
        "note_case",
        "Add a text; words of the customer end the wait for them, and reopen a case that was closed at most 30 days ago",
        cases_in.NoteIn,
    ),
    ("POST", f"{_CASE}/assign"): _step_of_case(
        "assign_case", "Give the case to a team or a person, and another due time if one is given", cases_in.AssignIn
    ),
    ("POST", f"{_CASE}/wait"): _step_of_case(
        "wait_for_answer",
        "Note that the customer or a partner was asked; the case is due again at `until`",
        cases_in.WaitIn,
    ),
    ("POST", f"{_CASE}/resume"): _step_of_case("resume_case", "End the wait: the owner acts again", cases_in.ResumeIn),
    ("POST", f"{_CASE}/close"): _step_of_case("close_case", "Close the case with its outcome", cases_in.CloseIn),
    ("POST", f"{_CASE}/reopen"): _step_of_case(
        "reopen_case", "Open a case again that was closed at most 30 days ago", cases_in.ReopenIn
    ),
    ("POST", "/v1/case-mails"): Operation(
        name="take_case_mail",
        says="Take a mail that came to the retailer: it is added to the case that it answers to, or opens one",
        body=cases_in.CaseMailIn,
        answers=((200, cases.MailTaken), (201, cases.MailTaken)),
        replayed=True,
        note="201 for a mail that opened a case. A message id is taken once. Automatic replies and mails of lists open nothing. "
        "Attachments are no part of the request.",
    ),
    ("GET", "/v1/find"): _get(
        "find",
        "What has exactly this id, external id, tracking number or invoice number, as far as the caller may read it",
        found.Found,
        must=("q",),
    ),
    ("GET", "/v1/queues"): _get("list_queues", "The queues that people work through", Page[queues.Queue]),
    ("GET", "/v1/queues/{queue}"): _get(
        "get_queue", "The items that wait in the queue, most urgent first", Page[queues.QueueItem]
    ),
    ("GET", "/v1/work"): _get(
        "get_work",
        "The items that the caller has claimed, the claim that ends first at the top",
        Page[queues.QueueItem],
    ),
    ("POST", "/v1/queues/{queue}/claim"): _post(
        "claim_next_item", "Claim the most urgent item that nobody has", queues_in.NextIn, queues.NextItem
    ),
    ("POST", "/v1/queues/{queue}/items/{item_id}/claim"): _post(
        "claim_item", "Claim the item for ten minutes: only the caller may answer it", Nothing, queues.QueueItem
    ),
    ("POST", "/v1/queues/{queue}/items/{item_id}/release"): _post(
        "release_item", "Give a claim back", Nothing, queues.QueueItem
    ),
    ("POST", "/v1/queues/{queue}/items/{item_id}/resolve"): _post(
        "resolve_item", "Answer an item that waits in the queue", queues_in.AnswerIn, queues.ItemResolved, etag=True
    ),
    ("POST", "/v1/queues/{queue}/resolve"): _post(
        "resolve_items",
        "Give up to 100 chosen items one answer; each is answered or refused by itself",
        queues_in.ChosenItemsIn,
        queues.ItemsResolved,
    ),
    ("GET", "/v1/fulfillments"): _get(
        "list_fulfillments",
        "A node's open work, the least advanced and most urgent first",
        Page[work.Fulfillment],
        must=("node_id",),
    ),
    ("GET", _WORK): _get("get_fulfillment", "The work as it is now", work.Fulfillment, etag=True),
    **{("POST", f"{_WORK}/{step}"): _step(step) for step in STEPS},
    ("GET", f"{_WORK}/scans"): _get("get_scans", "What was scanned of the work that is being picked", work.PickedScans),
    ("POST", f"{_WORK}/scans"): _post(
        "take_scan",
        "Count a scanned unit of the work that is being picked",
        fulfill.PickScanIn,
        work.PickedScans,
        note="A wrong code is refused with 422 and what is expected. The units move with the step `pick`.",
    ),
    ("POST", f"{_WORK}/scans/undo"): _post(
        "undo_scan",
        "Take back the caller's last scan of the work, within ten minutes",
        fulfill.UndoScanIn,
        work.PickedScans,
    ),
    ("GET", f"{_WORK}/tracking"): _get(
        "get_tracking",
        "The scans of the fulfillment's parcels, parcel by parcel and in the order of their times",
        Page[tracking.ParcelScan],
    ),
    ("GET", f"{_WORK}/cartons"): _get(
        "suggest_cartons",
        "The cartons for the work, each with its contents, by the rules by which routing prices parcels",
        work.SuggestedCartons,
    ),
    ("POST", "/v1/pick-waves"): _post(
        "build_pick_wave",
        "Build a wave of a node's accepted work, to be picked in one round",
        fulfill.PickWaveIn,
        work.PickWave,
        status=201,
        note="Work of an open wave, held work and work that is asked back is left out. Without any there is no wave (409).",
    ),
    ("GET", "/v1/pick-waves"): _get(
        "list_pick_waves", "The open waves of a node, the most urgent first", Page[work.PickWave], must=("node_id",)
    ),
    ("GET", _WAVE): _get(
        "get_pick_wave",
        "A wave, its work as it is now, and what is left to pick in the order of the walk",
        work.ShownPickWave,
    ),
    ("POST", f"{_WAVE}/assign"): _post(
        "assign_pick_wave", "Give an open wave to a picker", fulfill.PickerIn, work.PickWave
    ),
    ("POST", f"{_WAVE}/close"): _post(
        "close_pick_wave",
        "Close a wave: what of it is not picked is free for other waves",
        fulfill.CloseWaveIn,
        work.PickWave,
    ),
    ("POST", "/v1/tracking-events"): _post(
        "tell_tracking",
        "Tell what a carrier saw of parcels: each scan once, in whatever order",
        tracking_in.TrackingEventsIn,
        tracking.ScanResults,
        note="DELIVERED delivers the units; EXCEPTION and RETURNED ask a person. No scan moves units backwards.",
    ),
    ("GET", f"{_WORK}/documents/{{name}}"): Operation(
        name="get_document",
        says="Get a link to a document of the work, made at the first request: `packing-slip` or `pick-list`, PDFs without prices",
        answers=((303, None),),
        located=True,
        note="The link holds for a minute and needs no token: follow it without one. It is for whoever may read the contact.",
    ),
    ("GET", f"{_WORK}/pick-list"): _get(
        "get_pick_list",
        "What is still to be picked of the work, in the order of the walk through its node",
        work.PickList,
    ),
    ("GET", "/v1/invoices/{invoice_id}"): _get(
        "get_invoice", "The invoice of a shipment, with what of it is not credited", invoices.Invoice
    ),
    ("GET", "/v1/invoices/{invoice_id}/xml"): _paper(
        "get_invoice_xml",
        "Get a link to the invoice as XML of UBL 2.1, for Peppol BIS Billing 3.0 and EN 16931",
        "The link is as that of the PDF. What the XML wants and no data have is refused with 409 by its name, such as "
        "`/buyer/buyer_reference`.",
    ),
    ("POST", "/v1/invoices/{invoice_id}/nfe"): _post(
        "tell_nfe",
        "Tell what the tax authority of Brazil said of the NF-e of an invoice",
        credits_in.NfeResultIn,
        invoices.NfeTold,
        note="An authorized NF-e leaves the queue `fiscal`; a refused one waits there with its code. The same answer again changes "
        "nothing.",
    ),
    ("GET", "/v1/invoices/{invoice_id}/nfe"): _paper(
        "get_invoice_nfe",
        "Get a link to the invoice as NF-e 4.00 of Brazil, without a signature",
        "The link is as that of the PDF. What the NF-e wants and no data have is refused with 409 by its name, such as "
        "`/lines/0/nfe`. Until it is authorised it is made of the products, the seller and the buyer of today.",
    ),
    ("GET", "/v1/invoices/{invoice_id}/pdf"): _paper(
        "get_invoice_pdf",
        "Get a link to the PDF of the invoice, made at the first request, in the language of its order",
        "The link holds for a minute and needs no token: follow it without one. Once the customer is erased, people of the "
        "desk `finance` alone get it.",
    ),
    ("GET", "/v1/credit-notes/{credit_note_id}"): _get(
        "get_credit_note", "The credit note of an invoice", invoices.CreditNote
    ),
    ("GET", "/v1/credit-notes/{credit_note_id}/xml"): _paper(
        "get_credit_note_xml",
        "Get a link to the credit note as XML of UBL 2.1, for Peppol BIS Billing 3.0 and EN 16931",
        "It is as the XML of an invoice, and names the invoice.",
    ),
    ("GET", "/v1/credit-notes/{credit_note_id}/nfe"): _paper(
        "get_credit_note_nfe",
        "Get a link to the NF-e 4.00 of the goods that the credit note takes back, without a signature",
        "It is as the NF-e of an invoice, whose key it names: until that one is authorized it is refused with 409.",
    ),
    ("POST", "/v1/credit-notes/{credit_note_id}/nfe"): Operation(
        name="tell_credit_note_nfe",
        says="Tell what the tax authority of Brazil said of the NF-e of a credit note",
        body=credits_in.NfeResultIn,
        answers=((200, invoices.NfeTold),),
        replayed=True,
        note="It is as for an invoice, whose NF-e is authorized before.",
    ),
    ("GET", "/v1/credit-notes/{credit_note_id}/pdf"): _paper(
        "get_credit_note_pdf",
        "Get a link to the PDF of the credit note, made at the first request, in the language of its order",
        "It is as the PDF of an invoice.",
    ),
    ("GET", "/v1/stock/{sku}"): _get("get_stock", "The stock of a sku, node by node", master_data.Stock),
    ("POST", "/v1/reservations"): _post(
        "reserve",
        "Reserve units before there is an order: soft for a time, or hard without an end",
        reserve.ReservationIn,
        reservations.Reservation,
        status=201,
        located=True,
        note="All or nothing, unless `allow_partial`; equal lines become one. Soft reservations end on full five minutes.",
    ),
    ("GET", _KEPT): _get("get_reservation", "The reservation as it is now", reservations.Reservation),
    ("POST", f"{_KEPT}/extend"): _post(
        "extend_reservation", "Extend a soft reservation to another time", reserve.ExtensionIn, reservations.Reservation
    ),
    ("POST", f"{_KEPT}/promote"): _post(
        "promote_reservation", "Make a soft reservation hard", Nothing, reservations.Reservation
    ),
    ("POST", f"{_KEPT}/release"): _post(
        "release_reservation", "Give all units of a reservation back", Nothing, reservations.Reservation
    ),
    ("POST", "/v1/drafts"): _post(
        "create_draft",
        "Begin a draft: a cart, or an order by phone",
        drafts_in.DraftIn,
        drafts.Draft,
        status=201,
        located=True,
        etag=True,
        note="It may lack anything that an order needs. `open_cart` makes it the customer's cart of the channel, instead of another.",
    ),
    ("GET", "/v1/drafts"): _get(
        "list_drafts",
        "The drafts of one customer, the newest first; for the office also those found by e-mail, phone or name",
        Page[drafts.FoundDraft],
        note="A search finds at most 20 drafts and has no next page. It is noted who searched.",
    ),
    ("GET", _DRAFT): _get("get_draft", "The draft as it is now", drafts.Draft, etag=True),
    ("PATCH", _DRAFT): _change(
        "change_draft",
        "Change a draft: fields that are sent replace its own, lines also one by one",
        drafts_in.DraftChange,
        drafts.Draft,
    ),
    ("GET", f"{_DRAFT}/contact"): _get(
        "get_draft_contact", "The people, addresses and note of a draft", drafts.DraftContact
    ),
    ("GET", f"{_DRAFT}/events"): _get("get_draft_events", "The steps of a draft", Page[drafts.DraftEvent]),
    ("POST", f"{_DRAFT}/claim"): _post(
        "claim_draft",
        "Claim a draft for 15 minutes, in which nobody else changes it; again renews the claim",
        Nothing,
        drafts.Draft,
        etag=True,
    ),
    ("POST", f"{_DRAFT}/release"): _post(
        "release_draft", "Give your claim of a draft back", Nothing, drafts.Draft, etag=True
    ),
    ("POST", f"{_DRAFT}/quote"): replace(
        _change(
            "quote_draft",
            "Offer the draft at its prices until a time: it gets a number, and its customer a mail with a page of it",
            drafts_in.QuoteIn,
            drafts.Draft,
        ),
        note="A change of the draft ends the quote; the next one has another suffix. Prices of lists that have changed are refused.",
    ),
    ("POST", f"{_DRAFT}/confirm"): replace(
        _change(
            "confirm_draft",
            "Make the order of a draft (201), or answer the one that was made (200)",
            draft_in.DraftConfirmIn,
        ),
        answers=((200, orders.Order), (201, orders.Order)),
        located=True,
        note="The order is placed by the rules of `POST /v1/orders`; pointers name fields of the draft.",
    ),
    ("POST", f"{_DRAFT}/abandon"): _post("abandon_draft", "Give a draft up", Nothing, drafts.Draft, etag=True),
    ("POST", "/v1/promises"): _question(
        "promise",
        "Every way to have a basket: by when, for how much, and which is recommended and why",
        promise_in.Basket,
        promises.Promise,
        note="The answer comes from positions as they are now. Nothing is reserved; for half an hour an option can be, by the promise's id.",
    ),
    ("POST", "/v1/availability"): _question(
        "availability",
        "The units that may be sold, by sku, method and day",
        availability_in.Question,
        availability.Availability,
        note="The answer comes from summaries that are a second old, for pages and carts. Only a reservation is sure.",
    ),
    ("GET", "/v1/stock/{sku}/demand"): _get(
        "get_demand",
        "The demand for a sku at each node, and the stock that is suggested for it",
        availability.DemandOfSku,
    ),
    ("GET", "/v1/stock-alerts"): _get(
        "list_stock_alerts",
        "Positions that are low, out, over-reserved, not counted or not supplied, node by node",
        Page[availability.StockAlert],
        must=("kind",),
    ),
    ("POST", "/v1/stock/adjustments"): _post(
        "adjust_stock", "Add units to stock, or take units from it", stock.Adjustment, master_data.Adjusted
    ),
    ("POST", "/v1/stock/snapshots"): _post(
        "count_stock",
        "Set stock to the counts of nodes, each as of its time",
        stock.Snapshot,
        supplies.Counted,
        note="Units sold since are not given back. A sku or bucket that is not named stays as it is.",
    ),
    ("POST", "/v1/stock/supplies"): _post(
        "tell_supply",
        "Report units that were ordered, sent or received, line by line",
        stock.SupplyStep,
        supplies.Told,
        note="CREATE needs type, sku, node_id, quantity and eta; SHIP and RECEIVE need quantity; the other actions need only lines.",
    ),
    ("POST", "/v1/stock/supplies/{id}/approve"): _post(
        "approve_transfer",
        "The origin agrees to a transfer that was asked of it, or the office for it",
        stock.RequestAnswer,
        supplies.RequestAnswered,
    ),
    ("POST", "/v1/stock/supplies/{id}/refuse"): _post(
        "refuse_transfer",
        "The origin does not agree to a transfer, or the office for it",
        stock.RequestAnswer,
        supplies.RequestAnswered,
    ),
    ("GET", "/v1/stock/supplies/{id}"): _get("get_supply", "A supply and its lines", supplies.Supply),
    ("POST", "/v1/stock/policies"): _post(
        "set_stock_policies",
        "Safety stock, switches, protected segments and reorder points of skus at nodes",
        stock.Policies,
        supplies.PoliciesSaid,
    ),
    ("GET", "/v1/stock/{sku}/movements"): _get(
        "list_movements",
        "The ledger of a sku at a node in a month; without `month`, in this month",
        Page[supplies.Movement],
        must=("node_id",),
    ),
    ("GET", "/v1/books/trial-balance"): _get(
        "get_trial_balance",
        "What the orders of a channel moved between accounts on a UTC day",
        books.TrialBalance,
        must=("channel", "day"),
    ),
    ("GET", "/v1/books/trial-balance-file"): _get(
        "get_trial_balance_file",
        "The trial balances of a channel's month as CSV: a row for each day, currency and account",
        "text/csv",
        must=("channel", "month"),
    ),
    ("GET", "/v1/books/reconciliation"): _get(
        "get_reconciliation",
        "What a provider or a bank reported in a month beside what we moved, by day, currency and status",
        books.Reconciliation,
        must=("provider", "month"),
    ),
    ("GET", "/v1/books/documents-file"): _get(
        "get_documents_file",
        "The invoices and credit notes that a legal entity's channels issued in a UTC month, or on a day, as CSV",
        "text/csv",
        must=("legal_entity",),
        note="Name `month` or `day`. An answer has up to 10,000 documents; the header `Link` leads to the next one.",
    ),
    ("GET", "/v1/books/taxes-file"): Operation(
        name="get_taxes_file",
        says="What the same documents say of taxes, as CSV: net amounts and taxes by country, rate and currency",
        answers=((200, "text/csv"), (202, books.AddedDocuments)),
        must=("legal_entity",),
        note="Name `month` or `day`. 202 while more than 10,000 documents are added up: each request adds up more, so send it again "
        "until it answers the file.",
    ),
    ("GET", "/v1/books/reconciliation-file"): _get(
        "get_reconciliation_file",
        "The same as CSV: a row for each day, currency and status, and for fees and other money",
        "text/csv",
        must=("provider", "month"),
    ),
    ("POST", "/v1/gift-cards"): Operation(
        name="issue_gift_card",
        says="Issue a gift card with money on it; its code is in this answer alone",
        body=gift_cards_in.GiftCardIn,
        answers=((201, gift_cards.IssuedGiftCard), (202, gift_cards.IssuedGiftCard)),
        replayed=True,
        located=True,
        note="Repetitions of the request have the code, too, as long as its key is remembered. 202 for an amount above a person's "
        "limit: it waits in the queue `gift-cards` for another person, and the card has nothing on it before.",
    ),
    ("POST", "/v1/gift-cards/balance"): _question(
        "get_gift_card_balance",
        "What is left of a gift card by its code, or of the store credit of a customer of a channel",
        gift_cards_in.BalanceIn,
        gift_cards.MoneyAccount,
        note="A code that pays nothing is answered by 422 `not-usable`, whatever the reason, or `frozen`. Ten guessed codes in a minute lock "
        "the person, or the `visitor` that the shop names, for the rest of it.",
    ),
    ("POST", "/v1/gift-cards/find"): _question(
        "find_gift_cards",
        "The account of a gift card by its code, or the store credits of a customer of a channel, whatever is left of them",
        gift_cards_in.FindIn,
        gift_cards.FoundAccounts,
        note="Ten guessed codes in a minute lock the person for the rest of it.",
    ),
    ("POST", "/v1/gift-cards/{account_id}/freeze"): _post(
        "freeze_gift_card",
        "Keep a gift card or store credit from paying",
        gift_cards_in.FreezeIn,
        gift_cards.MoneyAccount,
        note="What it has stays owed, and what orders give back comes to it. Persons need the desk `care` or `finance`.",
    ),
    ("POST", "/v1/gift-cards/{account_id}/unfreeze"): _post(
        "unfreeze_gift_card",
        "Let a frozen gift card or store credit pay again",
        gift_cards_in.FreezeIn,
        gift_cards.MoneyAccount,
        note="Persons need the desk `finance`.",
    ),
    ("POST", "/v1/gift-cards/{account_id}/expire"): _post(
        "expire_gift_card",
        "End what a gift card or store credit has, as income of the shop",
        gift_cards_in.ExpireIn,
        gift_cards.MoneyAccount,
        note="Also of a frozen account, and of one that is still good. Persons need the desk `finance`.",
    ),
    ("GET", "/v1/gift-cards/{account_id}"): _get(
        "get_gift_card",
        "The account of a gift card, or of store credit, by its id, with its ledger",
        gift_cards.AccountWithLedger,
        note="Entries are in the order of the ids of orders; the balance is the sum of all.",
    ),
    ("POST", "/v1/store-credits"): Operation(
        name="issue_store_credit",
        says="Put money on the store credit of a customer of a channel",
        body=gift_cards_in.StoreCreditIn,
        answers=((201, gift_cards.MoneyAccount), (202, gift_cards.MoneyAccount)),
        replayed=True,
        located=True,
        note="202 for an amount above a person's limit: it waits in the queue `gift-cards`, and the account is as it was before.",
    ),
    ("POST", "/v1/credit-accounts"): Operation(
        name="set_credit_terms",
        says="Let a customer of a channel order on account: open the account, or change its terms",
        body=credit_accounts_in.TermsIn,
        answers=(
            (200, credit_accounts.CreditAccount),
            (201, credit_accounts.CreditAccount),
            (202, credit_accounts.CreditAccount),
        ),
        if_match="optional",
        replayed=True,
        located=True,
        note="The room moves by as much as the limit. It is below 0 when orders have more than a lower limit: then the customer "
        "orders nothing more on account. Persons need the desk `finance`. 202 for terms above a person's limit: "
        "they wait in the queue `credit-accounts` for another person, and the account is as it was before.",
    ),
    ("GET", "/v1/credit-accounts"): _get(
        "list_credit_accounts",
        "The credit accounts of a channel by customer, or those of one customer",
        Page[credit_accounts.CreditAccount],
        must=("channel",),
    ),
    ("GET", "/v1/credit-accounts/{credit_account_id}"): _get(
        "get_credit_account",
        "A credit account with what is overdue, and a page of its ledger",
        credit_accounts.CreditAccountWithLedger,
        etag=True,
        note="Entries are in the order of the ids of orders; room and owed are the sums of all.",
    ),
    ("GET", "/v1/credit-accounts/{credit_account_id}/statement-file"): _get(
        "get_credit_account_statement_file",
        "The statement of a credit account for a UTC month as CSV: what was owed before it, each change of that, and what is owed after it",
        "text/csv",
        must=("month",),
    ),
    ("POST", "/v1/credit-accounts/{credit_account_id}/payments"): _post(
        "book_customer_payment",
        "Book what a customer paid of a credit account",
        credit_accounts_in.CustomerPaymentIn,
        credit_accounts.CustomerPayment,
        status=201,
        note="A reference is booked once, and no more than is owed.",
    ),
    ("POST", "/v1/credit-accounts/{credit_account_id}/payouts"): Operation(
        name="pay_out_credit",
        says="Pay out to a customer what they have on a credit account",
        body=credit_accounts_in.PayoutIn,
        answers=((201, credit_accounts.Payout), (202, credit_accounts.Payout)),
        replayed=True,
        note="A reference is booked once, and no more than the customer has and open orders leave. 202 for an amount above a "
        "person's limit: it waits in the queue `credit-accounts` for another person.",
    ),
    ("POST", "/v1/credit-accounts/{credit_account_id}/reversals"): Operation(
        name="reverse_customer_payment",
        says="Take back a payment or payout that was booked by mistake, or that came back",
        body=credit_accounts_in.ReversalIn,
        answers=((201, credit_accounts.Reversal), (202, credit_accounts.Reversal)),
        replayed=True,
        note="A reference is taken back once. The invoices that it paid are owed again, those that are due first. 202 for an "
        "amount above a person's limit, and for an account whose customer was erased: it waits in the queue "
        "`credit-accounts` for another person.",
    ),
    ("GET", "/v1/stock/kpis"): _get(
        "stock_figures",
        "The expedited supplies of a month, and the safety stock that was released without loss",
        supplies.StockFigures,
    ),
    **{key: operation for kind in MODELS for key, operation in _entry(kind).items()},
    ("GET", "/v1/price-lists/{id}/prices"): _get(
        "list_prices_of_list", "The prices of a price list, by sku", Page[prices.ListedPrice]
    ),
    ("GET", "/v1/list-prices"): _get(
        "get_list_price",
        "The price of one unit of a sku in a channel on a UTC day, by the price lists; without `day`, today",
        prices.PriceInForce,
        must=("channel", "sku"),
        note="Without `currency`, in the channel's first.",
    ),
    ("POST", "/v1/tax-quotes"): _question(
        "quote_taxes",
        "The tax of a sale, by the tax table of its channel or by the rates of the question",
        tax_quote_contract.TaxQuestion,
        taxes.TaxQuote,
        note="Amounts are less their discounts. Each tax is rounded half up by itself.",
    ),
    ("GET", f"{_NODE}/closures"): _get("list_closures", "The closures of a node", outages.Closures),
    ("POST", f"{_NODE}/closures"): _post(
        "close_node",
        "Close a node, now or from a time on",
        outages_in.ClosureIn,
        outages.Closure,
        status=201,
        note="Work that the node has not begun is routed again at once. Pickups go to customer care, begun work to a person.",
    ),
    ("POST", f"{_NODE}/closures/{{closure_id}}/end"): _post(
        "end_closure", "Open the node again, or take back a closure to come", outages_in.EndIn, outages.Closure
    ),
    ("GET", f"{_NODE}/capacity"): _get("list_capacity", "Units a day, and days of another number", outages.Capacity),
    ("PUT", f"{_NODE}/capacity/{{day}}"): Operation(
        name="put_capacity",
        says="Say how many units a node begins on a local day",
        body=outages_in.DayIn,
        answers=((200, outages.DayCapacity),),
        note="Work above the number that is not begun is routed again: the lowest priority first, and among those the last offers.",
    ),
    ("GET", f"{_NODE}/locations"): _get(
        "list_locations", "Where the skus of a node lie, by sku", Page[supplies.LocationOfSku]
    ),
    ("PUT", f"{_NODE}/locations"): Operation(
        name="put_locations",
        says="Say where skus of a node lie, as of a time",
        body=stock.Locations,
        answers=((200, supplies.LocationsPut),),
        note="A row of which a newer list was taken is answered as CONFLICT and changes nothing. All other rows are stored.",
    ),
    ("GET", "/v1/rule-sets"): _get(
        "list_rule_sets", "The rule sets, with the times of their versions", Page[rule_sets.RuleSetTimes]
    ),
    ("GET", _RULES): _get(
        "get_rule_set",
        "A version of a rule set; without `version`, the newest",
        rule_sets.RuleSet,
        etag=True,
    ),
    ("PUT", _RULES): Operation(
        name="put_rule_set",
        says="Make this its next version, a draft; the newest one again changes nothing",
        body=planning.RuleSet,
        answers=((200, rule_sets.RuleSet), (201, rule_sets.RuleSet)),
        if_match="optional",
        etag=True,
        note="docs/rules.md says what each field means. Nothing is in force until it is activated.",
    ),
    **{
        ("POST", f"{_RULES}/{verb}"): _post(f"{verb}_rule_set", says, body, rule_sets.RuleSetTimes, etag=True)
        for verb, says, body in (
            ("activate", "Put a version in force, now or later; the later start ends the earlier", planning.Activation),
            ("retire", "Let no version be in force, now or from a moment on", planning.Retirement),
            ("shadow", "Evaluate a version beside what is in force, without effect", planning.Shadowing),
        )
    },
    ("POST", f"{_RULES}/dry-run"): _question(
        "try_rule_set",
        "The changes that a version would make for stored orders",
        planning.Trial,
        rule_sets.RuleSetTrial,
        note="The open units of each order are routed twice with stock as it is now, as if no node had them. Nothing is written.",
    ),
    ("POST", "/v1/clients"): _post(
        "create_client",
        "Give an application a client",
        directory.Client,
        master_data.NewClient,
        status=201,
        located=True,
        note="The secret is in this answer and in its repetitions with the same key, and nowhere else.",
    ),
    ("GET", "/v1/clients"): _get("list_clients", "Applications that have rights here", Page[master_data.Client]),
    ("GET", "/v1/clients/{id}"): _get("get_client", "An application and its rights", master_data.Client),
    ("DELETE", "/v1/clients/{id}"): Operation(
        name="delete_client", says="Take the client's rights away: it gets no new tokens", answers=((204, None),)
    ),
    ("GET", "/v1/me"): _get(
        "get_me", "The caller itself: its kinds, its things, its limits and its settings", people.Me
    ),
    ("PUT", "/v1/me/settings"): Operation(
        name="put_settings",
        says="Replace your own settings of the console",
        body=people_in.OwnSettings,
        answers=((200, people.PersonSettings),),
    ),
    ("POST", "/v1/people"): _post(
        "invite_person",
        "Invite a person by e-mail, with their rights",
        people_in.Invitation,
        people.Person,
        status=201,
        located=True,
        note="The address is kept by the user pool alone. An address that a person has already is refused with their id.",
    ),
    ("GET", "/v1/people"): _get("list_people", "The people who have rights here", Page[people.ListedPerson]),
    ("GET", _PERSON): _get("get_person", "A person with their rights", people.Person, etag=True),
    ("PUT", _PERSON): Operation(
        name="put_person",
        says="Replace a person's rights; the same rights again change nothing",
        body=people_in.Rights,
        answers=((200, people.Person),),
        if_match="required",
        etag=True,
        forbidden_now=True,
    ),
    ("DELETE", _PERSON): Operation(
        name="remove_person",
        says="Take a person's rights at once, end their sign-ins, and forget their name and address",
        answers=((204, None),),
        note="If it fails in between, the same request finishes it.",
    ),
    ("POST", f"{_PERSON}/invite"): _post(
        "invite_person_again",
        "Mail the invitation again to a person who has not signed in yet",
        Nothing,
        people.Person,
    ),
    ("POST", f"{_PERSON}/sign-out"): _post(
        "sign_person_out",
        "End every sign-in of a person; people may do it to themselves",
        Nothing,
        people.SignedOut,
        note="Refresh tokens and sessions of the console end at once, access tokens within a minute.",
    ),
    ("POST", "/v1/devices"): _post(
        "enrol_device",
        "Enrol a device that people of a node share",
        people_in.NewDevice,
        people.EnrolledDevice,
        status=201,
        note="The secret is in this answer and in its repetitions with the same key, and nowhere else.",
    ),
    ("GET", "/v1/devices"): _get(
        "list_devices", "The devices of a node, revoked ones too", Page[people.Device], must=("node_id",)
    ),
    ("DELETE", "/v1/devices/{device_id}"): Operation(
        name="revoke_device", says="Revoke a device: no badge opens on it any more", answers=((204, None),)
    ),
    ("POST", "/v1/badges"): _post(
        "make_badge",
        "Make a badge for yourself with a PIN of your choice; an earlier one opens nothing any more",
        people_in.NewBadge,
        people.MadeBadge,
        status=201,
    ),
    ("POST", "/v1/badges/open"): _question(
        "open_badge",
        "Say whose badge was scanned on an enrolled device",
        people_in.OpenBadge,
        people.OpenedBadge,
        note="The proof is the device's secret. Whatever does not fit, the refusal is the same. Five wrong PINs lock the badge.",
    ),
    ("DELETE", "/v1/badges/{person_id}"): Operation(
        name="revoke_badge", says="Revoke a person's badge; people may do it to their own", answers=((204, None),)
    ),
    ("POST", "/v1/badges/{person_id}/unlock"): _post(
        "unlock_badge", "Unlock a badge after five wrong PINs", Nothing, people.UnlockedBadge
    ),
}
