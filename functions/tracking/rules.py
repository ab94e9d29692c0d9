"""
Read the scans of a request, and show stored ones. Pure.

Called by   functions/tracking/handler.py
Returns     Scans, and the outcomes of those that cannot be; rows of an answer
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.orders.scans import REJECTED, Outcome, Scan
from comanda.domain import views
from comanda.domain.shipping.tracking import CLOCKS_DIFFER, TrackingStatus
from functions.tracking.contract import TrackingEventsIn


def scans(wanted: TrackingEventsIn, now: datetime) -> tuple[list[Scan], list[Outcome]]:
    """Return the scans of a request, and the outcomes of those that lie in the future."""
    found: list[Scan] = []
    refused: list[Outcome] = []
    for i, told in enumerate(wanted.events):
        if told.occurred_at > now + CLOCKS_DIFFER:
            refused.append(
                Outcome(line=i, status=REJECTED, code="in-the-future", reason="occurred_at: is later than now")
            )
            continue
        found.append(
            Scan(
                line=i,
                number=told.tracking_number,
                occurred_at=told.occurred_at,
                carrier=told.carrier or "",
                status=None if told.status is None else TrackingStatus(told.status),
                code=told.code or "",
                location=told.location or "",
                note=told.note or "",
            )
        )
    return found, refused


def scan_json(row: Mapping[str, Any], *, office: bool) -> dict[str, Any]:
    """Return a stored scan as the API shows it. The office also sees who told it."""
    return {
        "tracking_number": row["number"],
        "package_ids": list(row["packages"]),
        "status": row.get("status"),
        "code": row["code"],
        "occurred_at": views.time(datetime.fromisoformat(row["at"])),
        "location": row.get("location"),
        "note": row.get("note"),
        "told_at": views.time(datetime.fromisoformat(row["told_at"])),
        "told_by": row["told_by"] if office else None,
    }
