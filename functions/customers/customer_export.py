"""
Export what is stored of one person: each order with every version of its contact and the proofs of what was provided, and their
drafts with their contacts.

Called by   functions/customers/handler.py: GET /v1/customers/{customer_id}/export
Returns     pages of orders, the newest first
Raises      NotFound for a customer that does not exist or is being erased
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response

from comanda.aws.api import http
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.cases import cases
from comanda.aws.customers import contact_audit, customer_merges, customers
from comanda.aws.drafts import draft_contacts, drafts, open_carts
from comanda.aws.dynamodb import list_pages
from comanda.aws.orders import orders
from comanda.aws.runtime import clock
from comanda.domain import views
from comanda.domain.cases import views as case_views
from comanda.domain.cases.case import Case
from comanda.domain.drafts import view
from comanda.domain.errors import NotFound
from comanda.domain.orders.customer_merge import Person
from functions.customers.customers import page_of

_MOST_CASES = 1_000  # without an order, of one customer


def export(event: dict[str, Any], customer_id: str) -> Response[str]:
    """Answer a page of all that is stored of the person, and note who took it."""
    who = caller(event)
    bound = f"{who.id} export {customer_id}"
    person, found, more = _page(event, customer_id, who, bound)
    root = person.root.customer_id
    contact_audit.note_export(who.id, root, clock.now())
    items = [_stored(order_id) for order_id in found]
    first = "cursor" not in http.query(event)
    following = list_pages.cursor(more, bound) if more else None
    return http.respond(
        Answer(
            status=200,
            body={
                "customer_id": root,
                "cases": _cases_without_order(person) if first else [],
                "drafts": _drafts(person) if first else [],
                "items": items,
                "next": following,
            },
        )
    )


def _page(event: dict[str, Any], customer_id: str, who: Caller, bound: str) -> tuple[Person, Sequence[str], str | None]:
    """Return the person with a page of their orders. A person may have drafts alone."""
    try:
        return page_of(event, customer_id, who, bound)
    except NotFound:
        person = customer_merges.person(customer_id)
        if not _ids_of_drafts(person):
            raise
        return person, (), None


def _ids_of_drafts(person: Person) -> list[str]:
    members = [one.customer_id for one in person.members]
    return [draft_id for one in members for draft_id, _ in draft_contacts.of_customer(one)]


def _drafts(person: Person) -> list[dict[str, Any]]:
    """Return the drafts of the person with their contacts."""
    names = _ids_of_drafts(person)
    found, contacts, now = drafts.find_many(names), draft_contacts.find_many(names), clock.now()
    is_open = open_carts.are_open(found.values())
    return [
        {
            "draft": view.draft(found[name], now, open_cart=is_open[name], office=True),
            "contact": contacts.get(name, {}),
        }
        for name in names
        if name in found
    ]


def _cases_without_order(person: Person) -> list[dict[str, Any]]:
    found, _ = cases.of_person(person.hidden(), lambda _: True, "", _MOST_CASES)
    return [_case(case) for case in found if case.order_id is None]


def _stored(order_id: str) -> dict[str, Any]:
    order = orders.load(order_id)
    contacts = [
        {"version": version, "at": views.time(datetime.fromisoformat(at)), **contact}
        for version, at, contact in customers.versions(order_id)
    ]
    return {
        "order": views.order(order),
        "contacts": contacts,
        "proofs": customers.load_proofs(order),
        "cases": [_case(case) for case in cases.of_order(order_id)],
    }


def _case(case: Case) -> dict[str, Any]:
    """Return a case with all of its texts."""
    texts = [case_views.text(text) for text in cases.texts(case.case_id)]
    return {**case_views.case(case, clock.now()), "words": texts}
