"""
Answer the routes of supplies, which are units on their way, line by line, from announced to received.

Called by   functions/stock/handler.py: POST /v1/stock/supplies, GET /v1/stock/supplies/{id}, POST .../approve and .../refuse
Returns     a result for each line; a supply with the lines that the caller may see
Raises      Invalid, NotFound, Forbidden, NotAllowed; StockConflict, Throttled (Busy)
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from comanda.aws.api import idempotency
from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer, read, respond
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory
from comanda.aws.dynamodb import transaction
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.aws.stock_updates import supplies, supply_reads, supply_rows, transfers
from comanda.aws.stock_updates.row_batches import APPLIED, Verdict
from comanda.domain.errors import Invalid, NotFound, Problem
from comanda.domain.stock import counts, supply_line
from comanda.domain.stock import supplies as steps
from comanda.domain.stock.stock import SELLABLE
from comanda.domain.stock.supply_fields import field_problems
from comanda.domain.stock.supply_line import Step, supply_status
from functions.stock import named_documents
from functions.stock.contract import RequestAnswer, SupplyLine, SupplyStep
from functions.stock.named_documents import Named, NamedDocuments

logger = Logger()

_SUPPLY_FIELDS = ("type", "origin_node_id", "over_receipt_percent", "occurred_at")
_LINE_FIELDS = ("sku", "node_id", "quantity", "eta", "bucket", "uom")


def post(event: dict[str, Any]) -> Response[str]:
    """Apply a step of a supply once, line by line."""
    who, wanted, now = caller(event), read(event, SupplyStep), clock.now()
    named = [Named(pointer=f"/lines/{i}", sku=x.sku, node=x.node_id, uom=_uom(x)) for i, x in enumerate(wanted.lines)]
    found = named_documents.load(who, named)
    problems = [*_field_problems(wanted), *found.problems(named), *_wrong_days(wanted), *_wrong_origin(wanted)]
    if problems:
        raise Invalid(*problems)
    with idempotency.begin(event, who, settings.stock_table, now) as request:
        _apply(wanted, found, request)
    return request.response()


def answer_request(event: dict[str, Any], action: str) -> Response[str]:
    """Record that a transfer's origin, or the office for it, approves or refuses the lines that ask for its units."""
    who, now, supply_id = caller(event), clock.now(), event["pathParameters"]["id"]
    nodes = named_documents.load(who, ())

    def require_own() -> None:
        transfers.require_seen(supply_id, nodes.has_node)

    with idempotency.begin(event, who, settings.stock_table, now, require_own=require_own) as request:
        numbers = read(event, RequestAnswer).lines
        if request.replay() is not None:
            return request.response()
        verdicts = transfers.answer_requests(supply_id, numbers, action, by=who.id, owns=nodes.has_node)
        rows = [step_json(number, verdict) for number, verdict in verdicts]
        body = {**transfers.summary(supply_id), "rows": rows}
        transaction.commit([request.record(Answer(status=200, body=body))])
        logger.info("transfer", extra={"supply_id": supply_id, "action": action, "lines": len(rows)})
    return request.response()


def step_json(number: int, verdict: Verdict) -> dict[str, Any]:
    """Return the result of one line of a request, as the API shows it."""
    why = {"code": verdict.code, "reason": verdict.reason} if verdict.code else {}
    return {"line": number, "status": verdict.status} | why


def show(event: dict[str, Any]) -> Response[str]:
    """Answer with a supply and those of its lines that the caller may see. Raises NotFound if there are none."""
    who, supply_id = caller(event), event["pathParameters"]["id"]
    found, nodes = supply_reads.find(supply_id), named_documents.load(who, ())
    lines = (
        [x for x in found.lines if nodes.has_node(x.node) or (x.origin and nodes.has_node(x.origin))] if found else []
    )
    if found is None or not lines:
        raise NotFound("supply", supply_id)
    doc = found.doc
    body = {
        "supply_id": supply_id,
        "type": doc["type"],
        "status": supply_status(lines),
        "version": found.version,
        "origin_node_id": doc.get("origin"),
        "supplier": doc.get("supplier"),
        "created_at": clock.text(datetime.fromisoformat(doc["created_at"])),
        "changed_at": clock.text(datetime.fromisoformat(doc["changed_at"])),
        "lines": [_line_json(line) for line in lines],
    }
    return respond(Answer(status=200, body={name: value for name, value in body.items() if value is not None}))


def _line_json(line: supply_line.SupplyLine) -> dict[str, Any]:
    return {
        "line": line.number,
        "sku": line.sku,
        "node_id": line.node,
        "status": line.status,
        "quantity": line.quantity,
        "shipped": line.shipped,
        "received": line.received,
        "differing": line.differing,
        "eta": line.eta,
        "over_receipt_percent": line.over_percent,
        "excluded_percent": line.excluded,
        "receiving_days": line.receiving_days,
        "grace_days": line.grace_days,
    }


def _uom(line: SupplyLine) -> str | None:
    return line.uom if line.sku is not None else None  # a stored line knows its sku, which decides its units


def _field_problems(wanted: SupplyStep) -> Iterator[Problem]:
    whole = {name for name in _SUPPLY_FIELDS if getattr(wanted, name) is not None}
    numbers: set[int] = set()
    for i, line in enumerate(wanted.lines):
        given = whole | {name for name in _LINE_FIELDS if getattr(line, name) is not None}
        for wrong in field_problems(wanted.action, dict.fromkeys(given)):
            if wrong.field in _SUPPLY_FIELDS and i:
                continue
            pointer = f"/{wrong.field}" if wrong.field in _SUPPLY_FIELDS else f"/lines/{i}/{wrong.field}"
            yield Problem(pointer=pointer, code=wrong.code, message=wrong.message)
        if line.line in numbers:
            yield Problem(pointer=f"/lines/{i}/line", code="line-twice", message="stands in this request already")
        numbers.add(line.line)


def _wrong_days(wanted: SupplyStep) -> Iterator[Problem]:
    now = clock.now()
    for i, line in enumerate(wanted.lines):
        wrong = steps.eta_problem(line.eta, now) if line.eta is not None else None
        if wrong is not None:
            yield Problem(pointer=f"/lines/{i}/eta", code=wrong.code, message=wrong.message)
    late = counts.too_late((), wanted.occurred_at, now) if wanted.occurred_at else None
    if late is not None:
        yield Problem(pointer="/occurred_at", code=late[0], message=late[1])


def _wrong_origin(wanted: SupplyStep) -> Iterator[Problem]:
    """Yield a problem for an unknown origin. The origin of a transfer need not be the caller's node."""
    if wanted.origin_node_id is not None and directory.find(directory.NODE, wanted.origin_node_id) is None:
        yield Problem(
            pointer="/origin_node_id", code="unknown-node", message=f"there is no node {wanted.origin_node_id}"
        )


def _apply(wanted: SupplyStep, found: NamedDocuments, request: IdempotentRequest) -> Answer:
    before = request.replay()
    if before is not None:
        return before
    rows = [_supply_row(i, line, wanted, found.who.id) for i, line in enumerate(wanted.lines)]
    verdicts = supplies.apply(request.key["pk"], rows, owns=found.has_node, now=clock.now)
    lines = [step_json(line.line, verdict) for line, verdict in zip(wanted.lines, verdicts, strict=True)]
    answer = Answer(status=200, body={"supply_id": wanted.supply_id, "reference": wanted.reference, "rows": lines})
    transaction.commit([request.record(answer)])
    applied = sum(verdict.status == APPLIED for verdict in verdicts)
    logger.info("supply", extra={"supply_id": wanted.supply_id, "action": wanted.action, "applied": applied})
    if wanted.expedited is not None and applied:
        with single_metric(name="ExpeditedSupplies", unit=MetricUnit.Count, value=1):
            return answer
    with single_metric(name=f"SupplyLines-{wanted.action}", unit=MetricUnit.Count, value=applied):
        return answer


def _supply_row(i: int, line: SupplyLine, wanted: SupplyStep, by: str) -> supply_rows.SupplyRow:
    whole = wanted.model_dump(mode="json", exclude={"lines"})
    content = json.dumps([whole, line.model_dump(mode="json")], sort_keys=True)
    paid = wanted.expedited
    return supply_rows.SupplyRow(
        line=i,
        supply_id=wanted.supply_id,
        number=line.line,
        step=Step(
            reference=wanted.reference,
            action=wanted.action,
            quantity=line.quantity,
            eta=line.eta or "",
            bucket=line.bucket or SELLABLE,
            occurred=wanted.occurred_at,
            by=by,
        ),
        uom=line.uom or "",
        type=wanted.type or "",
        sku=line.sku or "",
        node=line.node_id or "",
        origin=wanted.origin_node_id or "",
        over_percent=wanted.over_receipt_percent,
        supplier=wanted.supplier or "",
        expedited=supply_rows.Expedited(cost=paid.cost.amount, currency=paid.cost.currency, cause=paid.cause)
        if paid
        else None,
        content=hashlib.sha256(content.encode()).hexdigest(),
    )
