"""
Show which changes an order may take now, with the reason of every denial.

Called by   functions/intake/handler.py: GET /v1/orders/{order_id}/allowed-changes; functions/intake/changes/change_previews.py
Returns     a response of the API
Raises      NotFound for an order that is not the caller's
"""

from typing import Any

from comanda.aws.api import http
from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.directory.modification_matrices import modification_matrix
from comanda.domain.labels import labels
from comanda.domain.lifecycle.changes.allowed_changes import allowed_changes
from comanda.domain.lifecycle.modifications.denials import AllowedChange, Denial
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from functions.intake.orders import own_order, shown


def get_allowed_changes(event: dict[str, Any], order_id: str) -> Response[str]:
    who, given = caller(event), http.query(event)
    order = own_order(who, order_id)
    locale = labels.supported(given.get("locale", ""))
    rows = [
        _change(row, locale)
        for row in allowed_changes(order, modification_matrix())
        if row.modification is not Modification.NODE or who.office
    ]
    body = {
        "order_id": order.order_id,
        "version": order.version,
        "locale": locale,
        "changes": rows,
        "pending_change": shown(order)["pending_change"],
    }
    return http.respond(Answer(status=200, body=body, headers=http.order_headers(order)))


def _change(row: AllowedChange, locale: str) -> dict[str, Any]:
    return {
        "modification": row.modification,
        "level": row.level,
        "line_id": row.line_id,
        "allowed": row.allowed,
        "units": row.units,
        "more": row.more,
        "denials": [shown_denial(denial, locale) for denial in row.denials],
    }


def shown_denial(denial: Denial, locale: str) -> dict[str, Any]:
    """Return a denial as answers show it."""
    return {
        "code": denial.code,
        "says": labels.label("DenialReason", denial.code, locale),
        "reason": denial.reason or None,
        "line_id": denial.line_id,
        "quantity": denial.quantity,
        "status": denial.status,
        "hold_id": denial.hold_id,
        "hold_type": denial.hold_type,
    }
