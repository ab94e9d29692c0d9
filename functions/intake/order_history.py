"""
Show what happened to an order: its events, in words too, and the decisions of routing.

Called by   functions/intake/handler.py: GET /v1/orders/{order_id}/events and /decisions
Returns     responses of the API, in pages
Raises      NotFound for an order that is not the caller's; Invalid for a text that is no locale
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response

from comanda.aws.api import http
from comanda.aws.api.callers import Caller, caller
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, list_pages
from comanda.aws.dynamodb.items import unpack
from comanda.domain import text, views
from comanda.domain.errors import Invalid, Problem
from comanda.domain.evaluation import explain, why_here
from comanda.domain.labels import labels, sentences
from comanda.domain.text import WrongText
from functions.intake import orders

type Rows = list[dict[str, Any]]

_FIELDS = ("version", "type", "actor", "at", "status")


def get_events(event: dict[str, Any], order_id: str) -> Response[str]:
    """Return a page of the order's events, with a sentence in the asked language for each."""
    locale = _locale(http.query(event).get("locale"))
    return _children(event, order_id, keys.EVENTS, lambda rows, who: _events(rows, who, locale))


def _locale(given: str | None) -> str:
    try:
        return labels.LOCALES[0] if given is None else text.LOCALE.read(given)
    except WrongText as wrong:
        raise Invalid(Problem(pointer="/locale", code=wrong.code, message=wrong.message)) from wrong


def _events(rows: Rows, who: Caller, locale: str) -> Rows:
    """Return events as a caller sees them. The office sees the name that the actor has now; no stored event has a name."""
    people = directory.names_of_callers(row["actor"] for row in rows) if who.office else {}
    return [_event(row, people.get(row["actor"]), locale) for row in rows]


def _event(row: dict[str, Any], name: str | None, locale: str) -> dict[str, Any]:
    data, before = unpack(row["data"]), row.get("status_before")
    return {
        **{field: row[field] for field in _FIELDS},
        "status_before": before,
        "actor_name": name,
        "data": data,
        "words": {
            "type": labels.label("EventType", row["type"], locale),
            "text": sentences.sentence(row["type"], data, locale),
            "status": labels.label("OrderStatus", row["status"], locale),
            "status_before": None if before is None else labels.label("OrderStatus", before, locale),
        },
    }


def get_decisions(event: dict[str, Any], order_id: str) -> Response[str]:
    return _children(
        event,
        order_id,
        keys.DECISIONS,
        lambda rows, _: [_decision(row["version"], unpack(row["doc"])) for row in rows],
    )


def _children(
    event: dict[str, Any], order_id: str, prefix: str, shown: Callable[[Rows, Caller], Rows]
) -> Response[str]:
    who, given = caller(event), http.query(event)
    order, newest = orders.own_order(who, order_id), list_pages.newest_first(given)
    bound = f"{who.id} {order.order_id} {prefix}{' newest' if newest else ''}"
    after, limit = list_pages.after(given, bound), list_pages.limit(given)
    rows, more = list_pages.children(order.order_id, prefix, after, limit, newest=newest)
    return http.page(event, shown(rows, who), list_pages.cursor(more, bound) if more else None)


def _decision(version: int, doc: dict[str, Any]) -> dict[str, Any]:
    """Return a decision as it was stored, and in words."""
    at = views.time(datetime.fromisoformat(doc["at"]))
    why = [why_here.shown(one) for one in why_here.reasons(doc)]
    return {"version": version, **doc, "at": at, "explanation": explain.paragraphs(doc), "why": why}
