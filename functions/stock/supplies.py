"""Answer the routes of supplies, which are units on their way, line by line, from announced to received. They are POST
/v1/stock/supplies, GET /v1/stock/supplies/{id}, and POST /{id}/approve and /refuse."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from comanda.aws.api import idempotency
from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer, read, respond
from comanda.aws.api.idempotency import IdempotentRequest
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
from functions.stock import known
from functions.stock.contract import RequestAnswer, SupplyLine, SupplyStep
from functions.stock.known import Known, Named

logger = Logger()

_OF_THE_WHOLE = ("type", "origin_node_id", "over_receipt_percent", "occurred_at")
_OF_A_LINE = ("sku", "node_id", "quantity", "eta", "bucket", "uom")


def take(event: dict[str, Any]) -> Response[str]:
    who, wanted, now = caller(event), read(event, SupplyStep), clock.now()
    named = [Named(pointer=f"/lines/{i}", sku=x.sku, node=x.node_id, uom=_uom(x)) for i, x in enumerate(wanted.lines)]
    found = known.look_up(who, named)
    problems = [*_misfits(wanted), *found.problems(named), *_wrong_days(wanted), *_wrong_origin(wanted)]
    if problems:
        raise Invalid(*problems)
    with idempotency.begin(event, who, settings.stock_table, now) as request:
        _taken(wanted, found, request)
    return request.response()


def answer(event: dict[str, Any], action: str) -> Response[str]:
    """Record the answer of a transfer's origin, or of the office for it, to lines that ask for its units: it agrees, or
    it refuses."""
    who, now, supply_id = caller(event), clock.now(), event["pathParameters"]["id"]
    nodes = known.look_up(who, ())

    def theirs() -> None:
        transfers.require_seen(supply_id, nodes.sees)

    with idempotency.begin(event, who, settings.stock_table, now, require_own=theirs) as request:
        numbers = read(event, RequestAnswer).lines
        if request.replay() is not None:
            return request.response()
        verdicts = transfers.answer_requests(supply_id, numbers, action, by=who.id, owns=nodes.sees)
        rows = [shown_step(number, verdict) for number, verdict in verdicts]
        said = Answer(status=200, body={**transfers.summary(supply_id), "rows": rows})
        transaction.commit([request.record(said)])
        logger.info("transfer", extra={"supply_id": supply_id, "action": action, "lines": len(rows)})
    return request.response()


def shown_step(number: int, said: Verdict) -> dict[str, Any]:
    """Return the result of one line of a request, as the answer shows it."""
    return {"line": number, "status": said.status} | ({"code": said.code, "reason": said.reason} if said.code else {})


def look(event: dict[str, Any]) -> Response[str]:
    who, supply_id = caller(event), event["pathParameters"]["id"]
    found, nodes = supply_reads.find(supply_id), known.look_up(who, ())
    lines = [x for x in found.lines if nodes.sees(x.node) or (x.origin and nodes.sees(x.origin))] if found else []
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
        "lines": [_shown(line) for line in lines],
    }
    return respond(Answer(status=200, body={name: value for name, value in body.items() if value is not None}))


def _shown(line: supply_line.SupplyLine) -> dict[str, Any]:
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
    return line.uom if line.sku is not None else None  # of a line that is there already its sku says which it has


def _misfits(wanted: SupplyStep) -> Iterator[Problem]:
    whole = {name for name in _OF_THE_WHOLE if getattr(wanted, name) is not None}
    numbers: set[int] = set()
    for i, line in enumerate(wanted.lines):
        said = whole | {name for name in _OF_A_LINE if getattr(line, name) is not None}
        for wrong in field_problems(wanted.action, dict.fromkeys(said)):
            if wrong.field in _OF_THE_WHOLE and i:
                continue
            pointer = f"/{wrong.field}" if wrong.field in _OF_THE_WHOLE else f"/lines/{i}/{wrong.field}"
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
    """A transfer comes from a node; it need not be the caller's."""
    if wanted.origin_node_id is not None and directory.find(directory.NODE, wanted.origin_node_id) is None:
        yield Problem(
            pointer="/origin_node_id", code="unknown-node", message=f"there is no node {wanted.origin_node_id}"
        )


def _taken(wanted: SupplyStep, found: Known, request: IdempotentRequest) -> Answer:
    before = request.replay()
    if before is not None:
        return before
    told = [_told(i, line, wanted, found.who.id) for i, line in enumerate(wanted.lines)]
    verdicts = supplies.apply(request.key["pk"], told, owns=found.sees, now=clock.now)
    lines = [shown_step(line.line, said) for line, said in zip(wanted.lines, verdicts, strict=True)]
    answer = Answer(status=200, body={"supply_id": wanted.supply_id, "reference": wanted.reference, "rows": lines})
    transaction.commit([request.record(answer)])
    applied = sum(said.status == APPLIED for said in verdicts)
    logger.info("supply", extra={"supply_id": wanted.supply_id, "action": wanted.action, "applied": applied})
    if wanted.expedited is not None and applied:
        with single_metric(name="ExpeditedSupplies", unit=MetricUnit.Count, value=1):
            return answer
    with single_metric(name=f"SupplyLines-{wanted.action}", unit=MetricUnit.Count, value=applied):
        return answer


def _told(i: int, line: SupplyLine, wanted: SupplyStep, by: str) -> supply_rows.SupplyRow:
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
