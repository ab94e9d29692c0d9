"""
Answer how many units may be sold, which alerts of stock stand, and how each sku sells.

Called by   API Gateway: POST /v1/availability, GET /v1/stock-alerts, GET /v1/stock/{sku}/demand
Returns     units by sku, method and day, from summaries that have the time since which they are true; pages of alerts; the
            demand of each node, with the safety stock and reorder point that are suggested for it
Raises      Invalid for an unknown channel, node or kind of alert and for days that passed; NotFound for an unknown product,
            and for a node that is not the caller's
"""

from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api import http
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer, door, path_parameter, query, read, respond, serve
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, list_pages
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.aws.stock_views import demand, summaries
from comanda.domain.days import utc_day
from comanda.domain.errors import Invalid, NotFound, Problem
from comanda.domain.stock.alerts import KINDS
from functions.availability import contract, rules

logger = Logger()
app = door()


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return serve(app, event, context)


@app.post("/v1/availability")
def availability() -> Response[str]:
    event = app.current_event.raw_event
    who, question, now = caller(event), read(event, contract.Question), clock.now()
    channel = _channel(who, question)
    wrong = list(rules.problems(question, directory.entries(directory.NODE, question.node_ids), now))
    if wrong:
        raise Invalid(*wrong)
    day = question.date or utc_day(now)
    seen = summaries.read(rules.summary_keys(question.skus, question.methods, question.node_ids), channel)
    unknown = _unknown(question, seen)
    items = [
        rules.sku_json(sku, question.methods, question.node_ids, seen, day, now)
        for sku in question.skus
        if sku not in unknown
    ]
    body = {"as_of": min((one["as_of"] for one in items if one["as_of"]), default=None), "date": day, "items": items}
    if question.bundles:
        body["bundles"] = [rules.bundle_json(bundle, items, question.methods) for bundle in question.bundles]
    return respond(Answer(status=200, body={**body, "unknown": unknown}))


def _channel(who: Caller, question: contract.Question) -> str | None:
    """Return the channel of the question, or None if it names none. A shop with one channel need not name it.

    Raises Invalid for a channel that there is not, or through which the caller does not sell.
    """
    if question.channel is None:
        return next(iter(who.channels)) if len(who.channels) == 1 else None
    if who.channels and not who.office:
        known = question.channel in who.channels
    else:
        known = directory.find(directory.CHANNEL, question.channel) is not None
    if not known:
        raise Invalid(
            Problem(pointer="/channel", code="unknown-channel", message=f"there is no channel {question.channel}")
        )
    return question.channel


def _unknown(question: contract.Question, seen: dict[summaries.SummaryKey, summaries.StoredSummary]) -> list[str]:
    """Return the skus that are of no product. A sku with a summary is known; a product that no node ever had has no summary."""
    without_summary = [sku for sku in question.skus if (sku, question.methods[0], None) not in seen]
    products = directory.entries(directory.PRODUCT, without_summary)
    return [sku for sku in without_summary if sku not in products]


# GET /v1/stock/{sku}/demand. A sku may have characters that Powertools does not take in a part of a path.
@app.get("/v1/stock/.+")
def sku_demand() -> Response[str]:
    event = app.current_event.raw_event
    caller(event)
    sku = path_parameter(event, "sku")
    if directory.find(directory.PRODUCT, sku) is None:
        raise NotFound("product", sku)
    nodes = [rules.demand_json(row) for row in demand.list_demand(sku)]
    return respond(Answer(status=200, body={"sku": sku, "nodes": nodes}))


@app.get("/v1/stock-alerts")
def alerts() -> Response[str]:
    event = app.current_event.raw_event
    who, given = caller(event), query(event)
    kind, node = given.get("kind", ""), given.get("node_id")
    if kind not in KINDS:
        code, message = ("unknown-kind", "is not one of") if kind else ("missing", "is missing: give it one of")
        raise Invalid(Problem(pointer="/kind", code=code, message=f"{message} {', '.join(KINDS)}"))
    if node is None and not who.office:
        raise Invalid(Problem(pointer="/node_id", code="missing", message="names a node of yours"))
    if node is not None:
        found = directory.find(directory.NODE, node)
        if found is None or not who.sees_node(node, found.get("partner_id")):
            raise NotFound("node", node)
    bound = f"{who.id} alerts {kind} {node}"
    # Rows are sorted by node, so the rows of one node follow one another.
    after = list_pages.after(given, bound) or (keys.alerts_of_node(node) if node else "")
    rows, more = list_pages.page(
        "GSI3", list_pages.alerts(kind), after, list_pages.limit(given), table=settings.stock_table
    )
    shown = [row for row in rows if node in (None, row["node"])]
    items = [rules.alert_json(kind, row) for row in shown]
    return http.page(event, items, list_pages.cursor(more, bound) if more and len(shown) == len(rows) else None)
