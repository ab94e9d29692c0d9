"""
Take a partner's file: refuse it whole, or apply it line by line, and answer with a receipt in outbox/.

Called by   the rule on "Object Created" under inbox/; takes the event, and reads the version that it names
Returns     nothing: the receipt is the answer. The same event again goes on behind the last checkpoint
Raises      NotFound (the version is gone), StaleOrder, StockConflict, Throttled, RowTaken (-> delivered again)
"""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws import directory, files
from comanda.aws.progress import APPLYING, DONE, REFUSED, Progress
from comanda.aws.rows import Book
from comanda.aws.settings import settings
from functions.inbox import reading, receipt, rows
from functions.inbox.applying import Applying
from functions.inbox.arrival import SHIPMENTS, Arrival, arrival, require_place
from functions.inbox.reading import Layout, Record, Refused
from functions.inbox.rows import Answer, Row
from functions.inbox.rules import Partner

logger = Logger()
metrics = Metrics()

CHECKPOINT = 500  # lines
LONGEST_PAGE = 10_000  # lines that may be held until the shipments among them are whole


@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> None:
    found = event["detail"]["object"]
    if found["key"].endswith("/"):
        return  # a folder, as consoles make them
    received = datetime.fromisoformat(event["time"])
    stored = files.Stored(found["key"], found.get("version-id"))
    arrived = arrival(stored.key, stored.version or "null")
    partner = _partner(arrived.partner)
    progress = Progress(partner=arrived.partner, source=arrived.source, received=received)
    try:
        require_place(arrived, known=partner is not None)
        assert partner is not None  # or its place was refused
        _take(arrived, partner, stored, progress)
    except Refused as why:
        files.write(arrived.receipt, receipt.of_refused(arrived, why), receipt.CONTENT_TYPE)
        if partner is not None:
            progress.checkpoint(REFUSED, 0, (), kind=arrived.kind, receipt=arrived.receipt, reason=why.reason_code)
        logger.info("file refused", extra={"reason": why.reason_code, "line": why.line})
        metrics.add_metric("FilesRefused", MetricUnit.Count, 1)


def _partner(name: str) -> Partner | None:
    if not rows.ID.fullmatch(name):
        return None
    found = directory.find(directory.PARTNER, name)
    if found is None:
        directory.forget()  # a partner's first file may follow its entry by less than what is kept
        found = directory.find(directory.PARTNER, name)
    return None if found is None else Partner(id=name, nodes=frozenset(found.get("nodes", ())))


def _take(arrived: Arrival, partner: Partner, stored: files.Stored, progress: Progress) -> None:
    before = progress.now()
    if before.get("state") in (DONE, REFUSED):
        return
    stream = io.BufferedReader(stored)
    layout = reading.survey(stream, stored.size, rows.COLUMNS, rows.group)
    book = Book(
        table=settings.orders_table,
        partner=partner.id,
        kind=SHIPMENTS,
        now=int(progress.received.timestamp()),
    )
    applying = Applying(partner=partner, source=arrived.source, book=book)
    facts = {"kind": arrived.kind, "receipt": arrived.receipt}
    for page in _pages(reading.records(stream, layout, after=before.get("line", 0)), layout):
        checked = [rows.checked(line, record, settings.cell, progress.received) for line, record in page]
        answers = [answer for answer in checked if isinstance(answer, Answer)]
        answers += applying.page([row for row in checked if isinstance(row, Row)])
        answers.sort(key=lambda answer: answer.line)
        progress.checkpoint(APPLYING, page[-1][0], [receipt.said(answer) for answer in answers], **facts)
    content, totals = receipt.of_rows(arrived, progress.answers())
    files.write(arrived.receipt, content, receipt.CONTENT_TYPE)
    progress.checkpoint(DONE, layout.records, (), totals=totals, **facts)
    logger.info("file taken", extra={"partner": partner.id, "kind": arrived.kind, **totals})
    for status in rows.STATUSES:
        metrics.add_metric(f"Lines{status.capitalize()}", MetricUnit.Count, totals[status])


def _pages(found: Iterator[tuple[int, Record]], layout: Layout) -> Iterator[list[tuple[int, Record]]]:
    """Records between two checkpoints: no shipment is cut, unless its rows lie very far apart."""
    page: list[tuple[int, Record]] = []
    whole_at = 0
    for line, record in found:
        page.append((line, record))
        whole_at = max(whole_at, layout.last[rows.group(record)])
        if (len(page) >= CHECKPOINT and line >= whole_at) or len(page) >= LONGEST_PAGE:
            yield page
            page, whole_at = [], 0
    if page:
        yield page
