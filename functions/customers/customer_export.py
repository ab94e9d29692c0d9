"""
Export what is stored of one person: each order with every version of its contact and the proofs of what was provided, their
drafts with their contacts, and cases with their texts.

Called by   functions/customers/handler.py: GET /v1/customers/{customer_id}/export
Returns     pages, each of which fits an answer of Lambda: a long order or case goes on in the next page
Raises      NotFound for a customer of whom nothing is stored, or who is being erased
"""

from typing import Any

from comanda.aws.api import http
from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.customers import contact_audit, customer_merges
from comanda.aws.dynamodb import list_pages
from comanda.aws.runtime import clock
from comanda.domain import ids
from comanda.domain.errors import NotFound
from comanda.domain.orders.customer_merge import Person
from functions.customers import stored_parts
from functions.customers.stored_parts import Page

MOST_BYTES = 2_000_000  # of a page, and one part more: Lambda sends six millions


def export(event: dict[str, Any], customer_id: str) -> Response[str]:
    """Answer a page of all that is stored of the person, and note who took it."""
    who, query = caller(event), http.query(event)
    bound = f"{who.id} export {customer_id}"
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    if not ids.is_customer(customer_id):
        raise NotFound("customer", customer_id[:80])
    person = customer_merges.person(customer_id)
    page, last = _page(person, after, limit)
    if page is None:
        raise NotFound("customer", customer_id)
    root = person.root.customer_id
    contact_audit.note_export(who.id, root, clock.now())
    body = {
        "customer_id": root,
        "cases": page.cases,
        "drafts": page.drafts,
        "items": page.items,
        "next": list_pages.cursor(last, bound) if last else None,
    }
    return http.respond(Answer(status=200, body=body))


def _page(person: Person, after: str, limit: int) -> tuple[Page | None, str | None]:
    """Return the page behind a place, None without a part, and the place to go on behind, None at the end."""
    page, last = Page(), ""
    for part in stored_parts.parts(person, after):
        shown = {item["order"]["order_id"] for item in page.items}
        if page.size > MOST_BYTES or (part.order_id and len(shown | {part.order_id}) > limit):
            return page, last
        part.put(page)
        last = part.place
    return page if last else None, None
