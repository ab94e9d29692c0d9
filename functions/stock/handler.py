"""
Say what is on the shelves and on its way to them, and take corrections, counts, supplies and policies.

Called by   API Gateway: GET /v1/stock/{sku}, /{sku}/movements, /supplies/{id}, /kpis;
            POST /v1/stock/adjustments, snapshots, supplies, supplies/{id}/approve and refuse, policies
Returns     what belongs to nodes that the caller may see; a row for each row of what was sent
Raises      Invalid for unknown skus and nodes, NotEnough where a bucket would fall below zero, Conflicting; StockConflict
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from comanda.aws.api import idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer, door, path_parameter, query, read, respond, serve
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.routes import CHANNEL
from comanda.aws.directory import directory
from comanda.aws.dynamodb import transaction
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import position_reads
from comanda.aws.stock_updates import adjustments, stock_policies
from comanda.domain.errors import Invalid, NotAllowed, NotFound, Problem
from comanda.domain.orders.line import PICKUP, SHIP
from comanda.domain.stock.stock import Position, join_lanes
from comanda.domain.stock.supply_line import APPROVE, REFUSE
from functions.stock import contract, figures, history, policies, rules, snapshots, supplies

logger = Logger()
app = door()


class NotEnough(NotAllowed):
    """A row takes more than there is."""

    code = "out-of-stock"


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return serve(app, event, context)


@app.post("/v1/stock/adjustments")
def adjust() -> Response[str]:
    event = app.current_event.raw_event
    who, wanted, now = caller(event), read(event, contract.Adjustment), clock.now()
    problems = _unknown(who, wanted)
    if problems:
        raise Invalid(*problems)
    with idempotency.begin(event, who, settings.stock_table, now) as request:
        _adjusted(who, wanted, request, now)
    return request.response()


@app.post("/v1/stock/snapshots")
def count() -> Response[str]:
    return snapshots.take(app.current_event.raw_event)


@app.post("/v1/stock/supplies")
def supply() -> Response[str]:
    return supplies.take(app.current_event.raw_event)


@app.post("/v1/stock/supplies/<_id>/approve")
def approve(_id: str) -> Response[str]:
    return supplies.answer(app.current_event.raw_event, APPROVE)


@app.post("/v1/stock/supplies/<_id>/refuse")
def refuse(_id: str) -> Response[str]:
    return supplies.answer(app.current_event.raw_event, REFUSE)


@app.post("/v1/stock/policies")
def decide() -> Response[str]:
    return policies.take(app.current_event.raw_event)


# A sku may hold what Powertools does not take for a part of a path: the gateway knows which route it is.
@app.get("/v1/stock/.+")
def look() -> Response[str]:
    event = app.current_event.raw_event
    match event["resource"]:
        case "/v1/stock/{sku}/movements":
            return history.look(event)
        case "/v1/stock/supplies/{id}":
            return supplies.look(event)
        case "/v1/stock/kpis":
            return figures.look(event)
    return _positions(event)


def _positions(event: dict[str, Any]) -> Response[str]:
    who, sku, node = caller(event), path_parameter(event, "sku"), query(event).get("node_id")
    if directory.find(directory.PRODUCT, sku) is None:
        raise NotFound("product", sku)
    if node:
        _require_node(who, node)
    found = position_reads.get_joined([(sku, node)]).values() if node else join_lanes(position_reads.load([sku]))
    seen = directory.offers([sku]).with_safety(found, None, {sku: (SHIP, PICKUP)})
    said = stock_policies.of_sku(sku, node) if who.office else None
    return respond(Answer(status=200, body={"sku": sku, "positions": _seen_by(who, seen, said)}))


def _require_node(who: Caller, node: str) -> None:
    """Raises NotFound, also for a node that a node's own people do not see."""
    found = directory.find(directory.NODE, node)
    if found is None or not (CHANNEL in who.kinds or who.sees_node(node, found.get("partner_id"))):
        raise NotFound("node", node)


def _unknown(who: Caller, wanted: contract.Adjustment) -> list[Problem]:
    """What is not there, or not this caller's: strangers cannot tell which."""
    products = directory.entries(directory.PRODUCT, {row.sku for row in wanted.rows})
    nodes = directory.entries(directory.NODE, {row.node_id for row in wanted.rows})
    problems = []
    for i, row in enumerate(wanted.rows):
        if row.sku not in products:
            problems.append(_problem(i, "sku", f"there is no product {row.sku}"))
        if row.node_id not in nodes or not who.sees_node(row.node_id, nodes[row.node_id].get("partner_id")):
            problems.append(_problem(i, "node_id", f"there is no node {row.node_id}"))
    return problems


def _problem(row: int, field: str, message: str) -> Problem:
    return Problem(pointer=f"/rows/{row}/{field}", code=f"unknown-{field.removesuffix('_id')}", message=message)


def _adjusted(who: Caller, wanted: contract.Adjustment, request: IdempotentRequest, now: datetime) -> Answer:
    before = request.replay()
    if before is not None:
        return before
    source = f"{who.id}.{wanted.adjustment_id}"
    content = hashlib.sha256(json.dumps(wanted.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()
    begun = adjustments.begun(who.id, wanted.adjustment_id, content)
    if begun is None:
        _require_enough(wanted)
        adjustments.begin(who.id, wanted.adjustment_id, content, request.now)
    changes = rules.changes(wanted.rows, source=source, reason=wanted.reason, now=now)
    chunks = tuple(rules.chunks(changes))
    refused = adjustments.apply(who.id, wanted.adjustment_id, chunks, begun or adjustments.Begun())
    answer = Answer(status=200, body={"adjustment_id": wanted.adjustment_id, "rows": _answered(wanted, refused)})
    transaction.commit([request.record(answer)])
    logger.info(
        "adjusted", extra={"adjustment_id": wanted.adjustment_id, "rows": len(wanted.rows), "refused": len(refused)}
    )
    with single_metric(name="StockRowsAdjusted", unit=MetricUnit.Count, value=len(wanted.rows)):
        return answer


def _require_enough(wanted: contract.Adjustment) -> None:
    there = position_reads.get_joined(rules.place(row) for row in wanted.rows if row.quantity < 0)
    for row, why in rules.below_zero(wanted.rows, there):
        raise NotEnough(why, pointer=f"/rows/{row}")


def _answered(wanted: contract.Adjustment, refused: dict[rules.Place, str]) -> list[dict[str, Any]]:
    return [
        row.model_dump(mode="json")
        | (
            {"status": "REFUSED", "reason": refused[rules.place(row)]}
            if rules.place(row) in refused
            else {"status": "APPLIED"}
        )
        for row in wanted.rows
    ]


def _seen_by(
    who: Caller, found: Iterable[Position], policies_at: dict[str, dict[str, Any]] | None
) -> list[dict[str, Any]]:
    """A shop sells what any node has; a node's own people see their nodes. What a position says for itself is the office's."""
    now, nodes = clock.now(), directory.node_documents()
    return [
        rules.seen(p, None if policies_at is None else policies.shown(policies_at.get(p.node, {})), now)
        for p in sorted(found, key=lambda p: p.node)
        if CHANNEL in who.kinds or who.sees_node(p.node, nodes.get(p.node, {}).get("partner_id"))
    ]
