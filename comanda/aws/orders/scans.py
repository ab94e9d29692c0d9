"""
Define a scan as a caller reported it, and its outcome.

Called by   comanda.aws.orders.tracking; functions/tracking and functions/inbox, which make scans and show outcomes
Returns     values
Raises      nothing
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from comanda.aws.dynamodb import keys
from comanda.domain.shipping import tracking
from comanda.domain.shipping.tracking import TrackingEvent, TrackingStatus

APPLIED, DUPLICATE, CONFLICT, REJECTED = "APPLIED", "DUPLICATE", "CONFLICT", "REJECTED"
UNKNOWN_CODE = "unknown-code"  # of an applied scan: its words are kept, and it says nothing about the parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One scan as it was reported. `line` is its place in the request or file; `status` is None where only a code was reported."""

    line: int
    number: str
    occurred_at: datetime
    carrier: str = ""
    status: TrackingStatus | None = None
    code: str = ""
    location: str = ""
    note: str = ""

    @property
    def known_as(self) -> str:
        """Return the code that the scan is known by: the carrier's own, else the status."""
        return self.code or str(self.status)

    @property
    def content(self) -> str:
        """Return the digest of what a second scan of the same identity must have, too."""
        return keys.digest("\n".join((self.status or "", self.location, self.note)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOutcome:
    """Say what became of a scan. `reason` begins with the field that it is about, and repeats no value."""

    line: int
    status: str
    code: str = ""
    reason: str = ""
    fulfillment_id: str = ""


def unknown_number(scan: Scan) -> ScanOutcome:
    return ScanOutcome(
        line=scan.line,
        status=REJECTED,
        code="unknown-number",
        reason="tracking_number: is of no parcel of yours, or not yet",
    )


def too_early(scan: Scan) -> ScanOutcome:
    return ScanOutcome(
        line=scan.line,
        status=REJECTED,
        code="before-the-shipment",
        reason=f"occurred_at: is more than {tracking.BEFORE_SHIPMENT.days} days before the shipment",
    )


def whole(outcomes: Sequence[ScanOutcome]) -> ScanOutcome:
    """Return the outcome of a scan from those of each order of which its parcel holds units."""
    by_status = {outcome.status: outcome for outcome in reversed(outcomes)}
    return next(by_status[status] for status in (CONFLICT, REJECTED, APPLIED, DUPLICATE) if status in by_status)


def event_of(scan: Scan, codes: Mapping[str, str]) -> TrackingEvent:
    return TrackingEvent(
        occurred_at=scan.occurred_at,
        code=scan.known_as,
        status=tracking.meaning(scan.status, scan.code, codes),
        location=scan.location,
        note=scan.note,
    )


def applied(scan: Scan, event: TrackingEvent, fulfillment_id: str) -> ScanOutcome:
    unknown = event.status is None
    return ScanOutcome(
        line=scan.line,
        status=APPLIED,
        code=UNKNOWN_CODE if unknown else "",
        reason="code: is none of the carrier's known codes, so the scan is kept without a status" if unknown else "",
        fulfillment_id=fulfillment_id,
    )


def repeated(scan: Scan, content: str, fulfillment_id: str) -> ScanOutcome:
    if scan.content == content:
        return ScanOutcome(
            line=scan.line,
            status=DUPLICATE,
            code="applied-before",
            reason="the scan was reported before",
            fulfillment_id=fulfillment_id,
        )
    named = "tracking_number, occurred_at and code" if scan.code else "tracking_number, occurred_at and status"
    return ScanOutcome(
        line=scan.line, status=CONFLICT, code="other-content", reason=f"{named} were used before, with other content"
    )
