"""
Read the scans of a request, and show stored ones. Pure.

Called by   functions/tracking/handler.py
Returns     scans, and the outcomes of those that are refused; rows of an answer
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.orders.scans import REJECTED, Scan, ScanOutcome
from comanda.domain import views
from comanda.domain.shipping.tracking import CLOCKS_DIFFER, TrackingStatus
from functions.tracking.contract import TrackingEventsIn


def scans(wanted: TrackingEventsIn, now: datetime) -> tuple[list[Scan], list[ScanOutcome]]:
    """Return the scans of a request, and the outcomes of those that lie in the future."""
    found: list[Scan] = []
    refused: list[ScanOutcome] = []
    for i, given in enumerate(wanted.events):
        if given.occurred_at > now + CLOCKS_DIFFER:
            refused.append(
                ScanOutcome(line=i, status=REJECTED, code="in-the-future", reason="occurred_at: is later than now")
            )
            continue
        found.append(
            Scan(
                line=i,
                number=given.tracking_number,
                occurred_at=given.occurred_at,
                carrier=given.carrier or "",
                status=None if given.status is None else TrackingStatus(given.status),
                code=given.code or "",
                location=given.location or "",
                note=given.note or "",
            )
        )
    return found, refused


def scan_json(row: Mapping[str, Any], *, office: bool) -> dict[str, Any]:
    """Return a stored scan as the API shows it. The office also sees who reported it."""
    return {
        "tracking_number": row["number"],
        "package_ids": list(row["packages"]),
        "status": row.get("status"),
        "code": row["code"],
        "occurred_at": views.time(datetime.fromisoformat(row["at"])),
        "location": row.get("location"),
        "note": row.get("note"),
        "reported_at": views.time(datetime.fromisoformat(row["reported_at"])),
        "reported_by": row["reported_by"] if office else None,
    }
