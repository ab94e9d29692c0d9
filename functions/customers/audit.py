"""
Answer who read, searched, exported or erased whom: by the person who did it, by an order or draft, or by a customer.

Called by   functions/customers/handler.py: GET /v1/audit
Returns     a page of notes, the newest first
Raises      Invalid for a request without exactly one filter
"""

from datetime import datetime
from typing import Any

from comanda.aws.api import http
from comanda.aws.api.callers import caller
from comanda.aws.api.resolver import Response
from comanda.aws.customers import contact_audit, customer_merges
from comanda.aws.directory import directory
from comanda.aws.dynamodb import list_pages
from comanda.aws.runtime import clock
from comanda.domain import views
from comanda.domain.errors import Invalid, Problem


def get_audit(event: dict[str, Any]) -> Response[str]:
    who, query = caller(event), http.query(event)
    filters = {name: text for name, text in query.items() if name not in ("limit", "cursor")}
    if len(filters) != 1:
        message = "name one of person, order and customer"
        raise Invalid(Problem(pointer="/", code="one-filter", message=message))
    ((by, name),) = filters.items()
    bound = f"{who.id} audit {by} {name}"
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    if by == "person":
        rows, more = contact_audit.of_person(name, after, limit, clock.now())
    else:
        rows, more = contact_audit.of_subjects(_subjects(by, name), after, limit)
    names = directory.names_of_callers({row["person"] for row in rows if "person" in row})
    return http.page(event, [_note(row, names) for row in rows], list_pages.cursor(more, bound) if more else None)


def _subjects(by: str, name: str) -> list[str]:
    """Return the order or the draft, or the customers that are one person."""
    if by == "order":
        return [name]
    return [one.customer_id for one in customer_merges.person(name).members]


def _note(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    subjects = row.get("subjects", ())
    return {
        "at": views.time(datetime.fromisoformat(row["at"])),
        "act": row["act"],
        "person_id": row["person"],
        "person_name": names.get(row["person"]),
        "order_ids": [one for one in subjects if one.startswith("ord_")],
        "case_ids": [one for one in subjects if one.startswith("cas_")],
        "draft_ids": [one for one in subjects if one.startswith("drf_")],
        "customer_ids": [one for one in subjects if one.startswith("cus_")],
    }
