"""
Show what happened to an order: its events, in words too, and the decisions of routing.

Called by   functions/intake/handler.py: GET /v1/orders/{order_id}/events and /decisions
Returns     responses of the API, in pages
Raises      NotFound for an order that is not the caller's; Invalid for a text that is no locale
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.aws.api import http
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, list_pages
from comanda.aws.dynamodb.items import unpack
from comanda.aws.runtime import formats
from comanda.aws.runtime.formats import Formats
from comanda.domain import text, views
from comanda.domain.errors import Invalid, Problem
from comanda.domain.evaluation import explain, why_here
from comanda.domain.labels import event_facts, labels, sentences
from comanda.domain.labels.event_facts import Names
from comanda.domain.orders.order import Order
from comanda.domain.text import WrongText
from functions.intake import orders
from functions.intake.event_actors import Actors

type Rows = list[dict[str, Any]]

_FIELDS = ("version", "type", "actor", "at", "status")


def get_events(event: dict[str, Any], order_id: str) -> Response[str]:
    """Return a page of the order's events, with a sentence in the asked language for each."""
    locale = _locale(http.query(event).get("locale"))
    return _children(event, order_id, keys.EVENTS, lambda rows, who, order: _events(rows, who, order, locale))


def _locale(given: str | None) -> str:
    try:
        return labels.LOCALES[0] if given is None else text.LOCALE.read(given)
    except WrongText as wrong:
        raise Invalid(Problem(pointer="/locale", code=wrong.code, message=wrong.message)) from wrong


def _events(rows: Rows, who: Caller, order: Order, locale: str) -> Rows:
    """Return events as a caller sees them. The office sees the names that actors and nodes have now; no stored event has one."""
    read = [{**row, "data": unpack(row["data"])} for row in rows]
    nodes = {node for row in read for node in event_facts.nodes_of(row["data"])} if who.office else frozenset()
    callers = [one for row in read for one in (row["actor"], *event_facts.callers_of(row["data"]))]
    actors, names = Actors(callers, who, locale), _names(order, nodes)
    return [_event(row, actors, names, formats.of_locale(locale)) for row in read]


def _names(order: Order, nodes: Iterable[str]) -> Names:
    """Return what the ids of the order's events are called: its lines by their articles, its holds by their types."""
    return Names(
        nodes={name: doc["name"] for name, doc in directory.entries(directory.NODE, nodes).items() if doc.get("name")},
        lines={line.line_id: line.title or line.sku for line in [*order.as_sent(), *order.lines]},
        holds={hold.hold_id: hold.type for hold in order.holds},
    )


def _event(row: dict[str, Any], actors: Actors, names: Names, reader_formats: Formats) -> dict[str, Any]:
    before = row.get("status_before")
    others = {one: actors.words(one) for one in event_facts.callers_of(row["data"]) if one != row["actor"]}
    names = replace(names, callers=others) if others else names
    return {
        **{field: row[field] for field in _FIELDS},
        "status_before": before,
        "actor_name": actors.name(row["actor"]),
        "data": row["data"],
        "words": {
            "type": labels.label("EventType", row["type"], reader_formats.tag),
            "text": sentences.sentence(row["type"], row["data"], reader_formats, names),
            "actor": actors.words(row["actor"]),
            "status": labels.label("OrderStatus", row["status"], reader_formats.tag),
            "status_before": None if before is None else labels.label("OrderStatus", before, reader_formats.tag),
        },
    }


def get_decisions(event: dict[str, Any], order_id: str) -> Response[str]:
    return _children(
        event,
        order_id,
        keys.DECISIONS,
        lambda rows, _, __: [_decision(row["version"], unpack(row["doc"])) for row in rows],
    )


def _children(
    event: dict[str, Any], order_id: str, prefix: str, shown: Callable[[Rows, Caller, Order], Rows]
) -> Response[str]:
    who, given = caller(event), http.query(event)
    order, newest = orders.own_order(who, order_id), list_pages.newest_first(given)
    bound = f"{who.id} {order.order_id} {prefix}{' newest' if newest else ''}"
    after, limit = list_pages.after(given, bound), list_pages.limit(given)
    rows, more = list_pages.children(order.order_id, prefix, after, limit, newest=newest)
    return http.page(event, shown(rows, who, order), list_pages.cursor(more, bound) if more else None)


def _decision(version: int, doc: dict[str, Any]) -> dict[str, Any]:
    """Return a decision as it was stored, and in words."""
    at = views.time(datetime.fromisoformat(doc["at"]))
    why = [why_here.shown(one) for one in why_here.reasons(doc)]
    return {"version": version, **doc, "at": at, "explanation": explain.paragraphs(doc), "why": why}
