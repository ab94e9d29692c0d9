"""
Model the answers about the scans of parcels.

Called by   openapi/operations.py, openapi/answers/orders.py
"""

from comanda.aws.api.contracts import TrackingStatus
from openapi.answers.base import Answer, Time
from openapi.answers.supplies import RowStatus


class ScanResult(Answer):
    """The result of one scan. A `reason` begins with the field that it is about."""

    tracking_number: str
    status: RowStatus
    code: str | None = None
    reason: str | None = None


class ScanResults(Answer):
    """The result of every scan of the request, in its order."""

    rows: list[ScanResult]


class ParcelScan(Answer):
    """One scan of a parcel. `status` is null for a code of the carrier that its entry does not explain."""

    tracking_number: str
    package_ids: list[str]
    status: TrackingStatus | None
    code: str
    occurred_at: Time
    location: str | None
    note: str | None
    reported_at: Time
    reported_by: str | None


class Tracking(Answer):
    """The last scan of a package's parcel that says a status, by the time of the scan."""

    status: TrackingStatus
    code: str
    occurred_at: Time
    location: str | None
    note: str | None
