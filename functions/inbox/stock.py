"""Stock files, page by page: what a partner's nodes counted, or what came and went there."""

from collections.abc import Callable, Container, Sequence
from datetime import datetime
from hashlib import sha256

from comanda.aws.files.applied_rows import Book
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.aws.stock_updates import counts
from comanda.aws.stock_updates.counts import COUNT, DELTA, Told
from comanda.aws.stock_updates.row_batches import Verdict
from comanda.domain.stock.stock import SELLABLE
from functions.inbox.arrival import STOCK
from functions.inbox.fields import (
    Answer,
    Fields,
    at_least_none,
    identifier,
    moment,
    one_of,
    signed,
    sku,
    unit,
)
from functions.inbox.known import Known, look_up
from functions.inbox.reading import Columns, Record
from functions.inbox.rules import Partner

OTHER_BUCKETS = ("open_box", "quarantine", "damaged")
COLUMNS = Columns(
    known=frozenset({"reference", "sku", "node", "mode", "quantity", "counted_at", "uom", *OTHER_BUCKETS}),
    needed=tuple(frozenset({name}) for name in ("reference", "sku", "node", "mode", "quantity")),
)


def taker(partner: Partner, source: str, received: datetime) -> Callable[[Sequence[tuple[int, Record]]], list[Answer]]:
    """What takes a page of the file, (line, record), and answers each of its lines."""
    book = Book(table=settings.stock_table, partner=partner.id, kind=STOCK, now=int(received.timestamp()))

    def take(page: Sequence[tuple[int, Record]]) -> list[Answer]:
        known = look_up(partner, (record for _, record in page))
        checked = [_checked(line, record, known, received) for line, record in page]
        answers = [answer for answer in checked if isinstance(answer, Answer)]
        told = [row for row in checked if isinstance(row, Told)]
        said = counts.apply(book, source, told, clock.now)
        undated = {line for line, record in page if "counted_at" not in record}
        return answers + [_answer(verdict, undated) for verdict in said]

    return take


def _answer(verdict: Verdict, undated: Container[int]) -> Answer:
    """Return the answer to a row. Where the file has no column for its time, a count is as old as its file."""
    reason = verdict.reason
    if verdict.line in undated and reason.startswith("counted_at: "):
        reason = reason.replace("counted_at: ", "quantity: the file ", 1)
    return Answer(line=verdict.line, status=verdict.status, code=verdict.code, reason=reason)


def _checked(line: int, record: Record, known: Known, received: datetime) -> Told | Answer:
    """The row, or the answer that names every field that is wrong."""
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
    pieces = known.check(fields, sku=row["sku"], node=row["node"], uom=row["uom"])
    refused = fields.refused(line)
    if refused is not None:
        return refused
    counted = {SELLABLE: row["quantity"]} | {name: row[name] for name in OTHER_BUCKETS if row[name] != ""}
    return Told(
        line=line,
        owner=known.partner.id,
        reference=row["reference"],
        sku=row["sku"],
        node=row["node"],
        mode=mode,
        units=tuple((bucket, quantity * pieces) for bucket, quantity in counted.items()),
        # A count without a time is as old as its file; a delta without one is told as it happens.
        happened=row["counted_at"] or (received if mode == COUNT else None),
        content=sha256("\n".join(map(str, row.values())).encode()).hexdigest(),
    )
