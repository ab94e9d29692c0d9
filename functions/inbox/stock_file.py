"""
Apply a stock file page by page: counts of a partner's nodes, or units that came and went there.

Called by   functions/inbox/handler.py
Returns     a RowAnswer for each line
Raises      StockConflict, Throttled, RowTaken (Busy)
"""

from collections.abc import Container
from datetime import datetime
from hashlib import sha256

from comanda.aws.files.applied_rows import Book
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.aws.stock_updates import counts
from comanda.aws.stock_updates.counts import COUNT, DELTA, CountRow
from comanda.aws.stock_updates.row_batches import Verdict
from comanda.domain.stock.stock import SELLABLE
from functions.inbox import named_documents
from functions.inbox.arrival import STOCK
from functions.inbox.fields import (
    Fields,
    RowAnswer,
    at_least_none,
    identifier,
    moment,
    one_of,
    signed,
    sku,
    unit,
)
from functions.inbox.file_kind import FileKind, Page
from functions.inbox.named_documents import NamedDocuments
from functions.inbox.reading import Columns, Record

OTHER_BUCKETS = ("open_box", "quarantine", "damaged")
COLUMNS = Columns(
    known=frozenset({"reference", "sku", "node", "mode", "quantity", "counted_at", "uom", *OTHER_BUCKETS}),
    needed=tuple(frozenset({name}) for name in ("reference", "sku", "node", "mode", "quantity")),
)


class StockFile(FileKind):
    """Rows of units that a node counted, or of units that came and went there."""

    columns = COLUMNS

    def take(self, page: Page) -> list[RowAnswer]:
        """Check the rows, apply the correct ones, and answer all of them."""
        named = named_documents.load(self.partner, (record for _, record in page))
        checked = [_check_row(line, record, named, self.received) for line, record in page]
        answers = [answer for answer in checked if isinstance(answer, RowAnswer)]
        rows = [row for row in checked if isinstance(row, CountRow)]
        book = Book(table=settings.stock_table, partner=self.partner.id, kind=STOCK, now=int(self.received.timestamp()))
        verdicts = counts.apply(book, self.source, rows, clock.now)
        undated = {line for line, record in page if "counted_at" not in record}
        return answers + [_answer(verdict, undated) for verdict in verdicts]


def _answer(verdict: Verdict, undated: Container[int]) -> RowAnswer:
    """Return the answer to a row. If the file has no column `counted_at`, the reason speaks of the file instead."""
    reason = verdict.reason
    if verdict.line in undated and reason.startswith("counted_at: "):
        reason = reason.replace("counted_at: ", "quantity: the file ", 1)
    return RowAnswer(line=verdict.line, status=verdict.status, code=verdict.code, reason=reason)


def _check_row(line: int, record: Record, named: NamedDocuments, received: datetime) -> CountRow | RowAnswer:
    """Return the row, or the answer that names every wrong field."""
    fields = Fields(record)
    mode = fields.take("mode", lambda text: one_of(text.lower(), counts.MODES), needed=True)
    number = signed if mode == DELTA else at_least_none
    row = {
        "reference": fields.take("reference", identifier, needed=True),
        "sku": fields.take("sku", sku, needed=True),
        "node": fields.take("node", identifier, needed=True),
        "mode": mode,
        "quantity": fields.take("quantity", number, needed=True),
        **{bucket: fields.take(bucket, number) for bucket in OTHER_BUCKETS},
        "uom": fields.take("uom", unit),
        "counted_at": fields.take("counted_at", lambda text: moment(text, received)),
    }
    pieces = named.check(fields, sku=row["sku"], node=row["node"], uom=row["uom"])
    refused = fields.refused(line)
    if refused is not None:
        return refused
    counted = {SELLABLE: row["quantity"]} | {name: row[name] for name in OTHER_BUCKETS if row[name] != ""}
    return CountRow(
        line=line,
        owner=named.partner.id,
        reference=row["reference"],
        sku=row["sku"],
        node=row["node"],
        mode=mode,
        units=tuple((bucket, quantity * pieces) for bucket, quantity in counted.items()),
        # A count without a time is as old as its file; a delta without a time happens when the file is read.
        happened=row["counted_at"] or (received if mode == COUNT else None),
        content=sha256("\n".join(map(str, row.values())).encode()).hexdigest(),
    )
