"""
Export what is stored of one person: each order with every version of its contact and the proofs of what was provided.

Called by   functions/intake/handler.py: GET /v1/customers/{customer_id}/export
Returns     pages of orders, the newest first
Raises      NotFound for a customer that does not exist or is being erased
"""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response

from comanda.aws.api import http
from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer
from comanda.aws.dynamodb import list_pages
from comanda.aws.orders import contact_audit, customers, orders
from comanda.aws.runtime import clock
from comanda.domain import views
from functions.intake.customers import page_of


def export(event: dict[str, Any], customer_id: str) -> Response[str]:
    """Answer a page of all that is stored of the person, and note who took it."""
    who = caller(event)
    bound = f"{who.id} export {customer_id}"
    person, found, more = page_of(event, customer_id, who, bound)
    root = person.root.customer_id
    contact_audit.note_export(who.id, root, clock.now())
    items = [_stored(order_id) for order_id in found]
    following = list_pages.cursor(more, bound) if more else None
    return http.respond(Answer(status=200, body={"customer_id": root, "items": items, "next": following}))


def _stored(order_id: str) -> dict[str, Any]:
    order = orders.load(order_id)
    contacts = [
        {"version": version, "at": views.time(datetime.fromisoformat(at)), **contact}
        for version, at, contact in customers.versions(order_id)
    ]
    return {"order": views.order(order), "contacts": contacts, "proofs": customers.load_proofs(order)}
