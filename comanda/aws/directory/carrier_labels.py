"""
Find the entry of a carrier by the words of a label: its names, what its codes of scans mean, and when a parcel is late.

Called by   functions/tracking and functions/inbox, for comanda.aws.orders.tracking; functions/sweep, for .parcel_looks
Returns     facts of the entry, empty ones where a label names no carrier that is known
"""

from collections.abc import Iterable, Mapping
from typing import Any

from comanda.aws.directory import directory
from comanda.domain.shipping.billed_cost import BillLimits
from comanda.domain.shipping.tracking import possible_ids


def names(label: str) -> frozenset[str]:
    """Return the names of a label's carrier in small letters: as it is written, its id, and the name of its entry.

    A blank label has none.
    """
    if not label:
        return frozenset()
    return frozenset((label.casefold(), *(str(entry["name"]).casefold() for entry in _entries(label))))


def tracking_codes(label: str) -> Mapping[str, str]:
    """Return the statuses that a carrier's own codes of scans stand for."""
    found: Mapping[str, str] = next((e["tracking_codes"] for e in _entries(label) if "tracking_codes" in e), {})
    return found


def overdue_days(label: str) -> int | None:
    """Return the days without a scan after which a parcel is late. None: the carrier reports no scans."""
    return next((entry["overdue_days"] for entry in _entries(label) if "overdue_days" in entry), None)


def bill_limits(label: str) -> BillLimits | None:
    """Return what a bill of the carrier may differ from its label. None: nobody is asked."""
    found = next((entry["bill_limits"] for entry in _entries(label) if entry.get("bill_limits")), None)
    return None if found is None else BillLimits(percent=found["percent"], amount=found["amount"])


def _entries(label: str) -> Iterable[dict[str, Any]]:
    return directory.entries(directory.CARRIER, possible_ids(label)).values()
