"""
Take a partner's file: refuse it whole, or apply it line by line, and answer with a receipt in outbox/.

Called by   the rule on "Object Created" under inbox/; takes the event, and reads the version that it names
            the sweeper, with {"look": {"all": ...}}: files that nobody has answered are taken up again
            itself, for each of these, with the event that S3 would have sent
Returns     nothing: the receipt is the answer. The same event again goes on behind the last checkpoint
Raises      NotFound (the version is gone), StaleOrder, StockConflict, Throttled, RowTaken (-> delivered again)
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.directory import directory
from comanda.aws.events import failed_batches
from comanda.aws.files import bucket
from comanda.aws.files.progress import APPLYING, DONE, REFUSED, Progress
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.domain.text import ID
from functions.inbox import reading, receipt, rows, shipments, stock, supplies
from functions.inbox.arrival import MISPLACED, STOCK, SUPPLIES, Arrival, arrival, require_place
from functions.inbox.fields import STATUSES, Answer
from functions.inbox.reading import Columns, Layout, Record, Refused
from functions.inbox.rules import Partner

logger = Logger()
metrics = Metrics()

CHECKPOINT = 500  # lines
LONGEST_PAGE = 10_000  # lines that may be held until the shipments among them are whole


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> None:
    if "look" in event:
        from functions.inbox import recovery  # for the sweeper only

        logger.info("looked", extra=recovery.take_up_files(clock.now(), everything=event["look"]["all"]))
        return
    directory.look_again()
    found = event["detail"]["object"]
    stored = bucket.Stored(found["key"], found.get("version-id"))
    if stored.key.endswith("/") and not stored.size:
        return  # a folder, as consoles make them
    received = datetime.fromisoformat(event["time"])
    arrived = arrival(stored.key, stored.version or "null")
    partner = _partner(arrived.partner)
    progress = Progress(partner=arrived.whose, source=arrived.source, received=received)
    try:
        require_place(arrived, known=partner is not None)
        assert partner is not None  # or its place was refused
        _take(arrived, partner, stored, progress)
    except Refused as why:
        _refuse(arrived, why, progress)


def _refuse(arrived: Arrival, why: Refused, progress: Progress) -> None:
    """Answer with a receipt. The receipt of a misplaced file may lie where nobody reads it: the retailer is told as well."""
    bucket.write(arrived.receipt, receipt.of_refused(arrived, why), receipt.CONTENT_TYPE)
    if why.reason_code in MISPLACED:
        facts = {"file": arrived.key, "version": arrived.version, "code": why.reason_code, "reason": why.reason}
        failed_batches.notify_about_file(failed_batches.MISPLACED, arrived.source, facts)
    progress.checkpoint(REFUSED, 0, (), kind=arrived.kind, receipt=arrived.receipt, reason=why.reason_code)
    logger.info("file refused", extra={"reason": why.reason_code, "line": why.line})
    metrics.add_metric("FilesRefused", MetricUnit.Count, 1)


def _partner(name: str) -> Partner | None:
    if not ID.fits(name):
        return None
    found = directory.find(directory.PARTNER, name)
    return None if found is None else Partner(id=name, nodes=directory.nodes_of(name))


def _take(arrived: Arrival, partner: Partner, stored: bucket.Stored, progress: Progress) -> None:
    before = progress.now()
    if before.get("state") in (DONE, REFUSED):
        return
    stream = io.BufferedReader(stored)
    kind = _kind(arrived.kind)
    layout = reading.survey(stream, stored.size, kind.columns, kind.group)
    take = kind.taker(partner, arrived.source, progress.received)
    facts = {"kind": arrived.kind, "receipt": arrived.receipt}
    for page in _pages(reading.records(stream, layout, after=before.get("line", 0)), layout, kind):
        answers = sorted(take(page), key=lambda answer: answer.line)
        progress.checkpoint(APPLYING, page[-1][0], [receipt.said(answer) for answer in answers], **facts)
    content, totals = receipt.of_rows(arrived, progress.answers())
    bucket.write(arrived.receipt, content, receipt.CONTENT_TYPE)
    progress.checkpoint(DONE, layout.records, (), totals=totals, **facts)
    logger.info("file taken", extra={"partner": partner.id, "kind": arrived.kind, **totals})
    for status in STATUSES:
        metrics.add_metric(f"Lines{status.capitalize()}", MetricUnit.Count, totals[status])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of file: its columns, the rows of it that belong together, and what takes a page of it."""

    columns: Columns
    group: Callable[[Record], int] | None
    taker: Callable[[Partner, str, datetime], Callable[[Sequence[tuple[int, Record]]], list[Answer]]]


def _kind(name: str) -> Kind:
    """The kind of a file whose place was looked at."""
    if name == STOCK:
        return Kind(columns=stock.COLUMNS, group=None, taker=stock.taker)
    if name == SUPPLIES:
        return Kind(columns=supplies.COLUMNS, group=None, taker=supplies.taker)
    return Kind(columns=rows.COLUMNS, group=rows.group, taker=shipments.taker)


def _pages(found: Iterator[tuple[int, Record]], layout: Layout, kind: Kind) -> Iterator[list[tuple[int, Record]]]:
    """Records between two checkpoints: no shipment is cut, unless its rows lie very far apart."""
    page: list[tuple[int, Record]] = []
    whole_at = 0
    for line, record in found:
        page.append((line, record))
        whole_at = max(whole_at, layout.last[kind.group(record)]) if kind.group else 0
        if (len(page) >= CHECKPOINT and line >= whole_at) or len(page) >= LONGEST_PAGE:
            yield page
            page, whole_at = [], 0
    if page:
        yield page
