"""
Show the stock of a sku and its supplies, and take corrections, counts, supplies, policies and the locations of skus in nodes.

Called by   API Gateway: GET /v1/stock/{sku}, /{sku}/movements, /supplies/{id}, /kpis;
            POST /v1/stock/adjustments, snapshots, supplies, supplies/{id}/approve and refuse, policies;
            GET and PUT /v1/nodes/{id}/locations
Returns     positions of the nodes that the caller may see; a result for each row that was sent
Raises      Invalid for unknown skus and nodes, NotEnough where a bucket would fall below zero, Conflicting; StockConflict
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from comanda.aws.api import idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer, door, path_parameter, query, read, respond, serve
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.resolver import Response
from comanda.aws.api.routes import CHANNEL
from comanda.aws.directory import directory
from comanda.aws.dynamodb import transaction
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import position_reads
from comanda.aws.stock_updates import adjustments, stock_policies
from comanda.domain.errors import Invalid, NotAllowed, NotFound, Problem
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.stock.stock import Position, join_lanes
from comanda.domain.stock.supply_line import APPROVE, REFUSE
from functions.stock import contract, figures, history, locations, policies, rules, snapshots, supplies

logger = Logger()
app = door()


class NotEnough(NotAllowed):
    """A row takes more units than the bucket has."""

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
        _adjust(who, wanted, request, now)
    return request.response()


@app.post("/v1/stock/snapshots")
def count() -> Response[str]:
    return snapshots.post(app.current_event.raw_event)


@app.post("/v1/stock/supplies")
def supply() -> Response[str]:
    return supplies.post(app.current_event.raw_event)


@app.post("/v1/stock/supplies/<_id>/approve")
def approve(_id: str) -> Response[str]:
    return supplies.answer_request(app.current_event.raw_event, APPROVE)


@app.post("/v1/stock/supplies/<_id>/refuse")
def refuse(_id: str) -> Response[str]:
    return supplies.answer_request(app.current_event.raw_event, REFUSE)


@app.post("/v1/stock/policies")
def decide() -> Response[str]:
    return policies.post(app.current_event.raw_event)


@app.get("/v1/nodes/<_node_id>/locations")
def list_locations(_node_id: str) -> Response[str]:
    return locations.show(app.current_event.raw_event)


@app.put("/v1/nodes/<_node_id>/locations")
def put_locations(_node_id: str) -> Response[str]:
    return locations.put(app.current_event.raw_event)


# A sku may hold characters that Powertools does not match in a path, so the gateway's route is used.
@app.get("/v1/stock/.+")
def show() -> Response[str]:
    event = app.current_event.raw_event
    match event["resource"]:
        case "/v1/stock/{sku}/movements":
            return history.show(event)
        case "/v1/stock/supplies/{id}":
            return supplies.show(event)
        case "/v1/stock/kpis":
            return figures.show(event)
    return _positions(event)


def _positions(event: dict[str, Any]) -> Response[str]:
    who, sku, node = caller(event), path_parameter(event, "sku"), query(event).get("node_id")
    if directory.find(directory.PRODUCT, sku) is None:
        raise NotFound("product", sku)
    if node:
        _require_node(who, node)
    found = position_reads.get_joined([(sku, node)]).values() if node else join_lanes(position_reads.load([sku]))
    with_safety = directory.offers([sku]).with_safety(found, None, {sku: (SHIP, PICKUP)})
    policies_at = stock_policies.find(sku, node) if who.office else None
    return respond(Answer(status=200, body={"sku": sku, "positions": _positions_json(who, with_safety, policies_at)}))


def _require_node(who: Caller, node: str) -> None:
    """Raise NotFound for a node that does not exist, and for a node that the caller may not see."""
    found = directory.find(directory.NODE, node)
    if found is None or not (CHANNEL in who.kinds or who.sees_node(node, found.get("partner_id"))):
        raise NotFound("node", node)


def _unknown(who: Caller, wanted: contract.Adjustment) -> list[Problem]:
    """Return a problem for each unknown sku and node. Another caller's node counts as unknown."""
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


def _adjust(who: Caller, wanted: contract.Adjustment, request: IdempotentRequest, now: datetime) -> Answer:
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
    answer = Answer(status=200, body={"adjustment_id": wanted.adjustment_id, "rows": _rows_json(wanted, refused)})
    transaction.commit([request.record(answer)])
    logger.info(
        "adjusted", extra={"adjustment_id": wanted.adjustment_id, "rows": len(wanted.rows), "refused": len(refused)}
    )
    with single_metric(name="StockRowsAdjusted", unit=MetricUnit.Count, value=len(wanted.rows)):
        return answer


def _require_enough(wanted: contract.Adjustment) -> None:
    there = position_reads.get_joined(rules.position_key(row) for row in wanted.rows if row.quantity < 0)
    for row, why in rules.below_zero(wanted.rows, there):
        raise NotEnough(why, pointer=f"/rows/{row}")


def _rows_json(wanted: contract.Adjustment, refused: dict[rules.SkuAtNode, str]) -> list[dict[str, Any]]:
    return [
        row.model_dump(mode="json")
        | (
            {"status": "REFUSED", "reason": refused[rules.position_key(row)]}
            if rules.position_key(row) in refused
            else {"status": "APPLIED"}
        )
        for row in wanted.rows
    ]


def _positions_json(
    who: Caller, found: Iterable[Position], policies_at: dict[str, dict[str, Any]] | None
) -> list[dict[str, Any]]:
    """Return the positions that the caller may see: a shop sees all nodes, a node's people only their own.

    `policies_at` has the policies by node, for the office only.
    """
    now, nodes = clock.now(), directory.node_documents()
    return [
        rules.position_json(p, None if policies_at is None else policies.policy_json(policies_at.get(p.node, {})), now)
        for p in sorted(found, key=lambda p: p.node)
        if CHANNEL in who.kinds or who.sees_node(p.node, nodes.get(p.node, {}).get("partner_id"))
    ]
