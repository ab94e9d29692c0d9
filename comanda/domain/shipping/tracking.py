"""
Define the eight statuses of a parcel, what a carrier's own code means, and what all events of a parcel say together.

The events of a parcel may come in any order, and twice. `Standing` is the same whatever the order of their arrival.

Called by   comanda.domain.lifecycle.parcels.track, comanda.aws.orders (scans), comanda.aws.directory.carrier_labels (ids of a carrier);
            functions/tracking and functions/inbox (checks), functions/notify (mails about a parcel)
Returns     frozen values; times are aware UTC datetimes
Raises      ValueError from `require_no_signer`
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self


class TrackingStatus(StrEnum):
    """The statuses of a parcel at its carrier, from the first to the one that ends its way. The values are stored."""

    LABEL_CREATED = "LABEL_CREATED"  # the carrier knows of the parcel, and does not have it yet
    IN_TRANSIT = "IN_TRANSIT"  # the carrier has it
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"  # it is on the vehicle that goes to the customer's door
    ATTEMPTED = "ATTEMPTED"  # the carrier was at the door and could not deliver it
    AVAILABLE_FOR_PICKUP = "AVAILABLE_FOR_PICKUP"  # the customer can fetch it at a pickup point of the carrier
    EXCEPTION = "EXCEPTION"  # lost, damaged, held by customs, or the like: a person has to look
    RETURNED = "RETURNED"  # it goes back to its sender, or is there
    DELIVERED = "DELIVERED"  # the customer has it


T = TrackingStatus

PROBLEMS = (T.EXCEPTION, T.RETURNED)  # these ask a person
# The statuses that the customer is told once for each parcel, beside its delivery.
ANNOUNCED = (T.OUT_FOR_DELIVERY, T.AVAILABLE_FOR_PICKUP)
_FURTHEST = {status: place for place, status in enumerate(T)}  # of two events at one time, the further one is the later

CLOCKS_DIFFER = timedelta(minutes=5)  # between the carrier's clock and ours
# A label may be printed, and known to the carrier, some days before its parcel is shipped.
BEFORE_SHIPMENT = timedelta(days=7)
# Parcels of one number that one node shipped so close together are one parcel with units of several orders.
TOGETHER = timedelta(days=2)
MOST_EVENTS = 10_000  # of one parcel
FRESH = timedelta(hours=24)  # the customer is not told that a parcel was out for delivery yesterday


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingEvent:
    """One scan of a parcel. `status` is None for a code that the carrier's entry does not explain; the words are kept."""

    occurred_at: datetime
    code: str  # the carrier's own code, else the status
    status: TrackingStatus | None
    location: str = ""
    note: str = ""

    @property
    def rank(self) -> tuple[datetime, int, str]:
        """Return the place of the event among those of its parcel: by its time, then by how far it is, then by its code."""
        return self.occurred_at, -1 if self.status is None else _FURTHEST[self.status], self.code


def meaning(status: str | None, code: str, codes: Mapping[str, str]) -> TrackingStatus | None:
    """Return the status that the reporter gave, else the one that the carrier's `codes` give its code; None for neither."""
    found = status or codes.get(code)
    return None if found is None else TrackingStatus(found)


def possible_ids(label: str) -> tuple[str, ...]:
    """Return the ids that the carrier of a label may have: its name as it was sent, in small letters and in capitals.

    No id is returned for a name that cannot be one, such as "Parcel Post".
    """
    name = label.strip()
    return tuple(dict.fromkeys((name, name.lower(), name.upper()))) if re.fullmatch(_ID, name) else ()


_ID = r"[A-Za-z0-9._-]{1,64}"

# Words of carriers that come before the name of whoever took the parcel.
_SIGNER = re.compile(
    r"\b(?:sign(?:ed|ature)(?: for)?|received|accepted|assinado|recebid[oa]|firmado|recibid[oa]|signataire)\s*"
    r"(?:by|por|pelo|pela|:)",
    re.IGNORECASE,
)


def require_no_signer(note: str) -> str:
    """Return the note. Raises ValueError for words such as "signed by": events hold no name of a recipient."""
    if _SIGNER.search(note):
        raise ValueError("names who took the parcel: leave the name out, events hold no personal data")
    return note


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Hold what the events of one parcel say together.

    `latest` is the last event with a status, `scanned_at` the time of the last event of any kind. `delivered_at` is the last
    event DELIVERED, `problem` the last one that asks a person. `overdue` is True while a person is asked because no scan saw
    the parcel for too long.
    """

    events: int = 0
    latest: TrackingEvent | None = None
    scanned_at: datetime | None = None
    delivered_at: datetime | None = None
    problem: TrackingEvent | None = None
    overdue: bool = False

    def with_event(self, event: TrackingEvent) -> Self:
        """Return the standing with one more event."""
        known = event.status is not None
        delivered = event.occurred_at if event.status is T.DELIVERED else None
        return replace(
            self,
            events=self.events + 1,
            latest=_later(self.latest, event) if known else self.latest,
            scanned_at=_last(self.scanned_at, event.occurred_at),
            delivered_at=_last(self.delivered_at, delivered),
            problem=_later(self.problem, event) if event.status in PROBLEMS else self.problem,
            overdue=self.overdue and delivered is None and not self._is_news(event),
        )

    def _is_news(self, event: TrackingEvent) -> bool:
        """Return True for an event later than all before it."""
        return self.scanned_at is None or event.occurred_at > self.scanned_at

    @property
    def open_problem(self) -> TrackingEvent | None:
        """Return the problem that a person has to look at, None where the parcel was delivered at its time or later."""
        if self.problem is None or (self.delivered_at is not None and self.delivered_at >= self.problem.occurred_at):
            return None
        return self.problem


def _later(known: TrackingEvent | None, event: TrackingEvent) -> TrackingEvent:
    return event if known is None or event.rank > known.rank else known


def _last(known: datetime | None, at: datetime | None) -> datetime | None:
    return max((t for t in (known, at) if t is not None), default=None)


def to_row(standing: Standing) -> dict[str, Any]:
    """Return a standing as plain JSON values, without what is not known."""
    latest, problem = standing.latest, standing.problem
    row = {
        "events": standing.events,
        "latest": latest and event_row(latest),
        "scanned_at": _text(standing.scanned_at),
        "delivered_at": _text(standing.delivered_at),
        "problem": problem and event_row(problem),
        "overdue": standing.overdue or None,
    }
    return {name: value for name, value in row.items() if value is not None}


def from_row(row: Mapping[str, Any]) -> Standing:
    """Return the standing that `to_row` wrote."""
    latest, problem = row.get("latest"), row.get("problem")
    return Standing(
        events=int(row["events"]),
        latest=latest and event_from(latest),
        scanned_at=_time(row.get("scanned_at")),
        delivered_at=_time(row.get("delivered_at")),
        problem=problem and event_from(problem),
        overdue=row.get("overdue", False),
    )


def event_row(event: TrackingEvent) -> dict[str, Any]:
    """Return an event as plain JSON values, without empty ones."""
    row = {
        "at": event.occurred_at.isoformat(),
        "code": event.code,
        "status": event.status,
        "location": event.location,
        "note": event.note,
    }
    return {name: value for name, value in row.items() if value}


def event_from(row: Mapping[str, Any]) -> TrackingEvent:
    """Return the event that `event_row` wrote."""
    status = row.get("status")
    return TrackingEvent(
        occurred_at=datetime.fromisoformat(row["at"]),
        code=row["code"],
        status=None if status is None else TrackingStatus(status),
        location=row.get("location", ""),
        note=row.get("note", ""),
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
