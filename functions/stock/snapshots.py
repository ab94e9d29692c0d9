"""POST /v1/stock/snapshots: what nodes counted, row by row; a late row is refused, the others are applied."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from comanda.aws.api import idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer, read
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.dynamodb import transaction
from comanda.aws.files.applied_rows import Book
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.aws.stock_updates import counts
from comanda.aws.stock_updates.row_batches import APPLIED
from comanda.domain.errors import Invalid, Problem
from comanda.domain.stock.counts import CLOCKS_DIFFER, IN_THE_FUTURE
from comanda.domain.stock.stock import SELLABLE
from functions.stock import known
from functions.stock.contract import CountedRow, Snapshot
from functions.stock.known import Known, Named

logger = Logger()


def take(event: dict[str, Any]) -> Response[str]:
    who, wanted, now = caller(event), read(event, Snapshot), clock.now()
    named = [Named(pointer=f"/rows/{i}", sku=r.sku, node=r.node_id, uom=r.uom) for i, r in enumerate(wanted.rows)]
    found = known.look_up(who, named)
    problems = [*found.problems(named), *_in_the_future(wanted)]
    if problems:
        raise Invalid(*problems)
    with idempotency.begin(event, who, settings.stock_table, now) as request:
        _taken(who, wanted, found, request)
    return request.response()


def _in_the_future(wanted: Snapshot) -> Iterator[Problem]:
    for i, row in enumerate(wanted.rows):
        if (row.counted_at or wanted.counted_at) > clock.now() + CLOCKS_DIFFER:
            pointer = f"/rows/{i}/counted_at" if row.counted_at else "/counted_at"
            yield Problem(pointer=pointer, code=IN_THE_FUTURE, message="is later than now")
            if not row.counted_at:
                return  # one field, one problem


def _taken(who: Caller, wanted: Snapshot, found: Known, request: IdempotentRequest) -> Answer:
    before = request.replay()
    if before is not None:
        return before
    owner = who.partner or who.id
    book = Book(table=settings.stock_table, partner=owner, kind="stock", now=request.now)
    told = [_told(i, row, wanted, found, owner) for i, row in enumerate(wanted.rows)]
    verdicts = counts.apply(book, request.key["pk"], told, clock.now)
    rows = [
        {"sku": row.sku, "node_id": row.node_id, "status": said.status}
        | ({"code": said.code, "reason": said.reason} if said.code else {})
        for row, said in zip(wanted.rows, verdicts, strict=True)
    ]
    answer = Answer(status=200, body={"reference": wanted.reference, "rows": rows})
    transaction.commit([request.record(answer)])
    applied = sum(said.status == APPLIED for said in verdicts)
    logger.info("counted", extra={"reference": wanted.reference, "rows": len(rows), "applied": applied})
    with single_metric(name="StockRowsCounted", unit=MetricUnit.Count, value=applied):
        return answer


def _told(i: int, row: CountedRow, wanted: Snapshot, found: Known, owner: str) -> counts.Told:
    pieces = found.pieces(row.sku, row.uom) or 1  # a unit that is not known was refused
    counted_at = row.counted_at or wanted.counted_at
    content = json.dumps([row.model_dump(mode="json"), counted_at.isoformat()], sort_keys=True)
    counted: dict[str, int] = {SELLABLE: row.quantity, **dict(row.buckets.items())}
    return counts.Told(
        line=i,
        owner=owner,
        reference=wanted.reference,
        sku=row.sku,
        node=row.node_id,
        mode=counts.COUNT,
        units=tuple((bucket, quantity * pieces) for bucket, quantity in counted.items()),
        happened=counted_at,
        content=hashlib.sha256(content.encode()).hexdigest(),
    )
