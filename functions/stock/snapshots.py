"""
Answer POST /v1/stock/snapshots: units that nodes counted, row by row; a late row is refused, all other rows are applied.

Called by   functions/stock/handler.py
Returns     a result for each row
Raises      Invalid for unknown skus, nodes and units, and for counts in the future; StockConflict, Throttled, RowTaken (Busy)
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from comanda.aws.api import idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer, read
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.resolver import Response
from comanda.aws.dynamodb import transaction
from comanda.aws.files.applied_rows import Book
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.aws.stock_updates import counts
from comanda.aws.stock_updates.row_batches import APPLIED
from comanda.domain.errors import Invalid, Problem
from comanda.domain.stock.counts import CLOCKS_DIFFER, IN_THE_FUTURE
from comanda.domain.stock.stock import SELLABLE
from functions.stock import named_documents
from functions.stock.contract import CountedRow, Snapshot
from functions.stock.named_documents import Named, NamedDocuments

logger = Logger()


def post(event: dict[str, Any]) -> Response[str]:
    """Apply the counts of a request once."""
    who, wanted, now = caller(event), read(event, Snapshot), clock.now()
    named = [Named(pointer=f"/rows/{i}", sku=r.sku, node=r.node_id, uom=r.uom) for i, r in enumerate(wanted.rows)]
    found = named_documents.load(who, named)
    problems = [*found.problems(named), *_in_the_future(wanted)]
    if problems:
        raise Invalid(*problems)
    with idempotency.begin(event, who, settings.stock_table, now) as request:
        _apply(who, wanted, found, request)
    return request.response()


def _in_the_future(wanted: Snapshot) -> Iterator[Problem]:
    for i, row in enumerate(wanted.rows):
        if (row.counted_at or wanted.counted_at) > clock.now() + CLOCKS_DIFFER:
            pointer = f"/rows/{i}/counted_at" if row.counted_at else "/counted_at"
            yield Problem(pointer=pointer, code=IN_THE_FUTURE, message="is later than now")
            if not row.counted_at:
                return  # all rows share one field, so one problem is enough


def _apply(who: Caller, wanted: Snapshot, found: NamedDocuments, request: IdempotentRequest) -> Answer:
    before = request.replay()
    if before is not None:
        return before
    owner = who.partner or who.id
    book = Book(table=settings.stock_table, partner=owner, kind="stock", now=request.now)
    sent = [_count_row(i, row, wanted, found, owner) for i, row in enumerate(wanted.rows)]
    verdicts = counts.apply(book, request.key["pk"], sent, clock.now)
    rows = [
        {"sku": row.sku, "node_id": row.node_id, "status": verdict.status}
        | ({"code": verdict.code, "reason": verdict.reason} if verdict.code else {})
        for row, verdict in zip(wanted.rows, verdicts, strict=True)
    ]
    answer = Answer(status=200, body={"reference": wanted.reference, "rows": rows})
    transaction.commit([request.record(answer)])
    applied = sum(verdict.status == APPLIED for verdict in verdicts)
    logger.info("counted", extra={"reference": wanted.reference, "rows": len(rows), "applied": applied})
    with single_metric(name="StockRowsCounted", unit=MetricUnit.Count, value=applied):
        return answer


def _count_row(i: int, row: CountedRow, wanted: Snapshot, found: NamedDocuments, owner: str) -> counts.CountRow:
    pieces = found.pieces(row.sku, row.uom) or 1  # an unknown unit was refused before
    counted_at = row.counted_at or wanted.counted_at
    content = json.dumps([row.model_dump(mode="json"), counted_at.isoformat()], sort_keys=True)
    counted: dict[str, int] = {SELLABLE: row.quantity, **dict(row.buckets.items())}
    return counts.CountRow(
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
