"""
Take a partner's file: refuse it whole, or apply it line by line, and answer with a receipt in outbox/.

Called by   the rule on "Object Created" under inbox/; takes the event, and reads the version that it names
            functions/sweep, with {"look": {"all": ...}}: it resumes the files that have no receipt yet
            itself, for each of these files, with the event that S3 would have sent
Returns     nothing: the receipt is the answer. The same event again continues after the last checkpoint
Raises      NotFound (the version is gone), StaleOrder, StockConflict, Throttled, RowTaken (-> delivered again)
"""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.directory import directory
from comanda.aws.files import bucket, notices
from comanda.aws.files.progress import APPLYING, DONE, REFUSED, Progress
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from functions.inbox import receipt
from functions.inbox.arrival import (
    CARRIER_INVOICES,
    DELETED,
    MISPLACED,
    PRICES,
    SETTLEMENTS,
    SHIPMENTS,
    STATEMENTS,
    STOCK,
    SUPPLIES,
    TRACKING,
    Arrival,
    arrival,
    require_place,
)
from functions.inbox.carrier_invoice_file import CarrierInvoiceFile
from functions.inbox.fields import STATUSES
from functions.inbox.file_kind import FileKind
from functions.inbox.partner import Partner
from functions.inbox.partner import find as find_partner
from functions.inbox.price_file import PriceFile
from functions.inbox.reading import Layout, Record, Refused
from functions.inbox.settlement_file import SettlementFile
from functions.inbox.shipment_file import ShipmentFile
from functions.inbox.statement_file import StatementFile
from functions.inbox.stock_file import StockFile
from functions.inbox.supply_file import SupplyFile
from functions.inbox.tracking_file import TrackingFile

logger = Logger()
metrics = Metrics()

CHECKPOINT = 500  # lines
LONGEST_PAGE = 10_000  # lines that may be held until the shipments among them are whole


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> None:
    if "look" in event:
        from functions.inbox import recovery  # only the sweeper needs it

        logger.info("files resumed", extra=recovery.resume_files(clock.now(), everything=event["look"]["all"]))
        return
    directory.forget_missing()
    found = event["detail"]["object"]
    received = datetime.fromisoformat(event["time"])
    if _is_deleted(found, received):
        return
    stored = bucket.Stored(found["key"], found.get("version-id"))
    if stored.key.endswith("/") and not stored.size:
        return  # a folder, as consoles make them
    arrived = arrival(stored.key, stored.version or "null")
    partner = find_partner(arrived.partner)
    progress = Progress(partner=arrived.owner, source=arrived.source, received=received)
    try:
        if partner is None:
            require_place(arrived, known=False)
        assert partner is not None  # or its place was refused
        require_place(arrived, known=True, settles=partner.settles, bills=partner.bills)
        _apply_file(arrived, partner, stored, progress)
    except Refused as why:
        _refuse(arrived, why, progress)
    if arrived.kind in DELETED:
        bucket.delete(stored.key, stored.version)


def _is_deleted(found: dict[str, Any], received: datetime) -> bool:
    """Return True for a file that was answered, and that was deleted then or is deleted now."""
    arrived = arrival(found["key"], found.get("version-id") or "null")
    if arrived.kind not in DELETED:
        return False
    progress = Progress(partner=arrived.owner, source=arrived.source, received=received)
    if progress.load().get("state") not in (DONE, REFUSED):
        return False
    bucket.delete(arrived.key, found.get("version-id"))
    return True


def _refuse(arrived: Arrival, why: Refused, progress: Progress) -> None:
    """Answer with a receipt. The partner may not read the receipt of a misplaced file, so the retailer is notified too."""
    bucket.write(arrived.receipt, receipt.write_refusal(arrived, why), receipt.CONTENT_TYPE)
    if why.reason_code in MISPLACED:
        facts = {"file": arrived.key, "version": arrived.version, "code": why.reason_code, "reason": why.reason}
        notices.notify(notices.MISPLACED, arrived.source, facts)
        bucket.mark_untaken(arrived.key, arrived.version)
    progress.checkpoint(REFUSED, 0, (), kind=arrived.kind, receipt=arrived.receipt, reason=why.reason_code)
    logger.info("file refused", extra={"reason": why.reason_code, "line": why.line})
    metrics.add_metric("FilesRefused", MetricUnit.Count, 1)


def _apply_file(arrived: Arrival, partner: Partner, stored: bucket.Stored, progress: Progress) -> None:
    """Apply the file page by page, with a checkpoint after each page, then write its receipt."""
    before = progress.load()
    if before.get("state") in (DONE, REFUSED):
        return
    stream = io.BufferedReader(stored)
    kind = _kind(arrived, partner, progress.received)
    layout = kind.survey(stream, stored.size)
    facts = {"kind": arrived.kind, "receipt": arrived.receipt}
    for page in _pages(kind.records(stream, layout, before.get("line", 0)), layout, kind):
        answers = sorted(kind.take(page), key=lambda answer: answer.line)
        progress.checkpoint(APPLYING, page[-1][0], [receipt.kept_answer(answer) for answer in answers], **facts)
    kind.finish()
    content, totals = receipt.write_rows(arrived, progress.answers())
    bucket.write(arrived.receipt, content, receipt.CONTENT_TYPE)
    progress.checkpoint(DONE, layout.records, (), totals=totals, **facts)
    logger.info("file taken", extra={"partner": partner.id, "kind": arrived.kind, **totals})
    for status in STATUSES:
        metrics.add_metric(f"Lines{status.capitalize()}", MetricUnit.Count, totals[status])


def _kind(arrived: Arrival, partner: Partner, received: datetime) -> FileKind:
    """Return the file as its kind reads it. `require_place` has checked that the kind exists."""
    kinds: dict[str, type[FileKind]] = {
        SHIPMENTS: ShipmentFile,
        STOCK: StockFile,
        SUPPLIES: SupplyFile,
        TRACKING: TrackingFile,
        PRICES: PriceFile,
        SETTLEMENTS: SettlementFile,
        STATEMENTS: StatementFile,
        CARRIER_INVOICES: CarrierInvoiceFile,
    }
    return kinds[arrived.kind](partner=partner, source=arrived.source, received=received)


def _pages(found: Iterator[tuple[int, Record]], layout: Layout, kind: FileKind) -> Iterator[list[tuple[int, Record]]]:
    """Yield the records between two checkpoints. A page does not cut a group of rows, unless they lie very far apart."""
    page: list[tuple[int, Record]] = []
    whole_at = 0
    for line, record in found:
        page.append((line, record))
        group = kind.group(record)
        if group is not None:
            whole_at = max(whole_at, layout.last[group])
        if (len(page) >= CHECKPOINT and line >= whole_at) or len(page) >= LONGEST_PAGE:
            yield page
            page, whole_at = [], 0
    if page:
        yield page
