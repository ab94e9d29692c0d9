"""
Apply a tracking file page by page: what carriers saw of a partner's parcels, one scan in each row.

Called by   functions/inbox/handler.py
Returns     a RowAnswer for each line
Raises      StaleOrder, StockConflict, Throttled (Busy)
"""

from datetime import datetime

from comanda.aws.directory import carrier_labels
from comanda.aws.orders import tracking
from comanda.aws.orders.scans import Scan, ScanOutcome
from comanda.aws.orders.tracking import ScanReporter
from comanda.aws.runtime import clock
from comanda.domain.shipping.tracking import TrackingStatus
from functions.inbox.fields import (
    Fields,
    RowAnswer,
    free_text,
    location,
    moment,
    one_of,
    scan_code,
    scan_note,
)
from functions.inbox.fields import tracking as tracking_number
from functions.inbox.file_kind import FileKind, Page
from functions.inbox.reading import Columns, Record

COLUMNS = Columns(
    known=frozenset({"tracking_number", "carrier", "status", "code", "occurred_at", "location", "note"}),
    needed=(frozenset({"tracking_number"}), frozenset({"status", "code"}), frozenset({"occurred_at"})),
)


class TrackingFile(FileKind):
    """Rows of scans. Each row stands alone: the scans of a parcel may come in any order."""

    columns = COLUMNS

    def take(self, page: Page) -> list[RowAnswer]:
        """Check the rows, take the correct ones, and answer all of them."""
        checked = [_check_row(line, record, self.received) for line, record in page]
        answers = [answer for answer in checked if isinstance(answer, RowAnswer)]
        reporter = ScanReporter(
            id=f"partner:{self.partner.id}",
            source=self.source,
            sees=self.partner.has,
            names=carrier_labels.names,
            codes=carrier_labels.tracking_codes,
        )
        outcomes = tracking.apply(reporter, [row for row in checked if isinstance(row, Scan)], clock.now)
        return answers + [_answer(outcome) for outcome in outcomes]


def _answer(outcome: ScanOutcome) -> RowAnswer:
    return RowAnswer(
        line=outcome.line,
        status=outcome.status,
        code=outcome.code,
        reason=outcome.reason,
        fulfillment_id=outcome.fulfillment_id,
    )


def _check_row(line: int, record: Record, received: datetime) -> Scan | RowAnswer:
    """Return the scan, or the answer that names every wrong field."""
    fields = Fields(record)
    number = fields.take("tracking_number", tracking_number, needed=True)
    carrier = fields.take("carrier", free_text)
    status = fields.take("status", lambda text: one_of(text.upper(), tuple(TrackingStatus)))
    code = fields.take("code", scan_code)
    fields.need_one("status", "code")
    at = fields.take("occurred_at", lambda text: moment(text, received), needed=True)
    where = fields.take("location", location)
    note = fields.take("note", scan_note)
    refused = fields.refused(line)
    if refused is not None:
        return refused
    return Scan(
        line=line,
        number=number,
        carrier=carrier,
        status=TrackingStatus(status) if status else None,
        code=code,
        occurred_at=at,
        location=where,
        note=note,
    )
