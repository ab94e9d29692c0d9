"""
Merge a customer into another one, and undo that.

Called by   functions/customers/handler.py: POST /v1/customers/{customer_id}/merge and /unmerge
Returns     which customers are one person now
Raises      NotFound, Invalid, NotAllowed; StaleCustomer when others merge the same customers again and again
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import caller
from comanda.aws.api.contracts import Nothing
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.resolver import Response
from comanda.aws.customers import contact_audit, customer_lookup, customer_merges
from comanda.aws.dynamodb import transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime import clock
from comanda.aws.runtime.retries import retry
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.errors import Invalid, NotFound, Problem
from comanda.domain.orders import customer_merge
from comanda.domain.orders.customer_merge import Person
from functions.customers import contract

logger = Logger()


type Decided = tuple[list[Write], datetime | None]  # what is to be written, and since when the customer is merged


def merge(event: dict[str, Any], customer_id: str) -> Response[str]:
    """Make the customer a pointer to another one. The same merge again changes nothing."""
    who, now = caller(event), clock.now()
    request = idempotency.begin(event, who, settings.orders_table, now)
    with request:
        into = http.read(event, contract.MergeIn).into
        customer_merge.require_different(customer_id, into)

        def decide() -> Decided:
            loser, winner = _existing(customer_id), _find(into)
            if winner is None:
                raise Invalid(Problem(pointer="/into", code="unknown-customer", message=f"there is no customer {into}"))
            if not customer_merge.require_merge(customer_id, loser, into, winner):
                return [], loser.member(customer_id).merged_at
            notes = contact_audit.notes(who.id, contact_audit.MERGE, [customer_id, into], now)
            return [*customer_merges.merge(customer_id, loser, into, winner, who.id, now), *notes], now

        _commit(request, customer_id, into, decide)
    return request.response()


def unmerge(event: dict[str, Any], customer_id: str) -> Response[str]:
    """Make the pointer a customer again, with the customers that were merged into it."""
    who, now = caller(event), clock.now()
    request = idempotency.begin(event, who, settings.orders_table, now)
    with request:
        http.read(event, Nothing)

        def decide() -> Decided:
            person = _existing(customer_id)
            into = customer_merge.pointer_to_undo(customer_id, person, now)
            notes = contact_audit.notes(who.id, contact_audit.UNMERGE, [customer_id, into], now)
            return [*customer_merges.undo(customer_id, into, person, who.id, now), *notes], None

        _commit(request, customer_id, None, decide)
    return request.response()


def _commit(request: IdempotentRequest, customer_id: str, into: str | None, decide: Callable[[], Decided]) -> None:
    """Write what is decided, and decide again when another merge, undo or erasure of these customers was first."""

    def decide_and_save() -> None:
        writes, merged_at = decide()
        body = {
            "customer_id": customer_id,
            "into": into,
            "merged_at": views.time(merged_at),
            "undo_until": views.time(merged_at + customer_merge.UNDO) if merged_at else None,
        }
        transaction.commit([request.record(Answer(status=200, body=body)), *writes])
        logger.info("merged" if into else "unmerged", extra={"customer": customer_id, "writes": len(writes)})

    retry(customer_merges.TRIES, decide_and_save, on=customer_merges.StaleCustomer)


def _existing(customer_id: str) -> Person:
    """Return the person of a customer. Raises NotFound without orders, and while the person is being erased."""
    person = _find(customer_id)
    if person is None:
        raise NotFound("customer", customer_id[:80])
    return person


def _find(customer_id: str) -> Person | None:
    if not ids.is_customer(customer_id):
        return None
    person = customer_merges.person(customer_id)
    if person.erasing:
        return None
    found, _ = customer_lookup.orders_of({customer_id: ""}, lambda _: True, "", 1)
    return person if found else None
