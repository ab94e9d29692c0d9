"""
Answer POST /v1/stock/policies: safety stock, switches, protected segments and reorder points of skus at nodes.

Called by   functions/stock/handler.py
Returns     a result for each row, with the units that it released
Raises      Invalid for unknown skus, nodes and channels; StockConflict, Throttled, Unfinished (Busy)
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from comanda.aws.api import idempotency
from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer, read
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory
from comanda.aws.dynamodb import transaction
from comanda.aws.files.applied_rows import Book
from comanda.aws.runtime import clock, deadline
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import lanes
from comanda.aws.stock_updates import stock_policies
from comanda.aws.stock_updates.row_batches import APPLIED
from comanda.aws.stock_updates.stock_policies import Policy
from comanda.domain.errors import Invalid, Problem
from functions.stock import named_documents
from functions.stock.contract import Policies, PolicyRow
from functions.stock.named_documents import Named

logger = Logger()

# The contract's names, and the attributes of the position's item.
_ATTRIBUTES = {
    "safety": "levels",
    "protected": "protected",
    "ship": "ship",
    "pickup": "pickup",
    "reorder_point": "low",
}


def post(event: dict[str, Any]) -> Response[str]:
    """Write the policies of a request once."""
    who, wanted, now = caller(event), read(event, Policies), clock.now()
    named = [Named(pointer=f"/rows/{i}", sku=row.sku, node=row.node_id) for i, row in enumerate(wanted.rows)]
    problems = [*named_documents.load(who, named).problems(named), *_unknown_channels(wanted)]
    if problems:
        raise Invalid(*problems)
    with idempotency.begin(event, who, settings.stock_table, now) as request:
        _apply(who.id, wanted, request)
    return request.response()


def _unknown_channels(wanted: Policies) -> Iterator[Problem]:
    """Yield a problem for each unknown channel: units that are protected for it would be kept from all channels."""
    named = [(i, name) for i, row in enumerate(wanted.rows) for name, units in (row.protected or {}).items() if units]
    there = directory.entries(directory.CHANNEL, {name for _, name in named})
    for i, name in named:
        if name not in there:
            message = f"there is no channel {name}"
            yield Problem(pointer=f"/rows/{i}/protected/{name}", code="unknown-channel", message=message)


def _apply(owner: str, wanted: Policies, request: IdempotentRequest) -> Answer:
    before = request.replay()
    if before is not None:
        return before
    book = Book(table=settings.stock_table, partner=owner, kind="policies", now=request.now)
    rows: list[dict[str, Any]] = []
    for i, row in enumerate(wanted.rows):
        if i:
            deadline.check()
        content = hashlib.sha256(json.dumps(row.model_dump(mode="json", exclude_unset=True), sort_keys=True).encode())
        policy = Policy(
            line=i,
            reference=wanted.reference,
            sku=row.sku,
            node=row.node_id,
            values=_values(row),
            content=content.hexdigest(),
        )
        verdict, units = stock_policies.put(policy, book, request.key["pk"], clock.now())
        result: dict[str, Any] = {"sku": row.sku, "node_id": row.node_id, "status": verdict.status, "released": units}
        if verdict.code:
            result |= {"code": verdict.code, "reason": verdict.reason}
        if row.lanes is not None and verdict.status == APPLIED:
            result["lanes"] = lanes.set_count(row.sku, row.node_id, row.lanes, clock.now())
        rows.append(result)
    answer = Answer(status=200, body={"reference": wanted.reference, "rows": rows})
    transaction.commit([request.record(answer)])
    released = sum(row["released"] for row in rows if row["status"] == APPLIED)
    logger.info("policies", extra={"reference": wanted.reference, "rows": len(rows), "released": released})
    with single_metric(name="SafetyUnitsReleased", unit=MetricUnit.Count, value=released):
        return answer


def _values(row: PolicyRow) -> dict[str, Any]:
    given = row.model_dump(mode="json", exclude_unset=True)
    values = {_ATTRIBUTES[name]: value for name, value in given.items() if name in _ATTRIBUTES}
    if values.get("levels"):
        values["levels"] = {
            method: level and {name: units for name, units in level.items() if units is not None}
            for method, level in values["levels"].items()
        }
    return values


def policy_json(row: dict[str, Any]) -> dict[str, Any]:
    """Return the policy in a position's item with the contract's names."""
    return {name: row[attribute] for name, attribute in _ATTRIBUTES.items() if attribute in row}
