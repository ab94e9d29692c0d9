"""Publish events on the event bus, as CloudEvents 1.0. An event always has the same id, so consumers can drop repetitions."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb.items import unpack
from comanda.aws.events.streams import DraftEvent, OrderEvent
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.domain.billing.document_numbers import IssuedDocument
from comanda.domain.days import utc_millisecond
from comanda.domain.errors import Throttled

_MOST = 10  # entries of one PutEvents


def cloud_event(event: OrderEvent) -> dict[str, Any]:
    """Return the event as it is published. `sequence` is the order's version: consumers drop an event that is not newer."""
    data = {"channel": event.channel, "status": event.status, "actor": event.actor, **event.data}
    kind = f"comanda.order.{event.type}.v1"
    return _envelope(kind, event.order_id, str(event.version), event.at, data) | {"sequence": event.version}


def scan_event(scan: dict[str, Any]) -> dict[str, Any]:
    """Return a scan of a parcel, from its attributes, as it is published. It has no `sequence`: it is no version of the order."""
    data = {
        "channel": scan["channel"],
        "fulfillment": scan["fulfillment"],
        "packages": scan["packages"],
        "tracking": scan["number"],
        "status": scan["announced"],
        "occurred_at": scan["at"],
    }
    kind = f"comanda.tracking.{scan['announced'].lower()}.v1"
    return _envelope(kind, scan["order_id"], scan["sk"], scan["reported_at"], data)


def numbered_event(document: IssuedDocument, now: datetime, *, to_record: bool) -> dict[str, Any]:
    """Return that an invoice or a credit note has its number, as it is published. It has no `sequence`, as a scan has none.

    `to_record`: the tax service of its channel is to be told.
    """
    data = {
        "channel": document.channel,
        str(document.kind): document.document_id,
        "number": document.written,
        "issued_at": utc_millisecond(document.issued_at),
        **({"to_record": True} if to_record else {}),
    }
    kind = f"comanda.{document.kind}.numbered.v1"
    return _envelope(kind, document.order_id, document.document_id, now.isoformat(), data)


def draft_event(event: DraftEvent) -> dict[str, Any]:
    """Return a step of a draft as it is published. `sequence` is the draft's version."""
    data = {"channel": event.channel, "status": event.status, "step": event.step, **event.data}
    kind = "comanda.draft.changed.v1"
    return _envelope(kind, event.draft_id, str(event.version), event.at, data) | {"sequence": event.version}


def case_event(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event of a case, from its attributes, as it is published. `sequence` is the version of the case."""
    data = {
        "order_id": event.get("order_id"),
        "channel": event.get("channel"),
        "kind": event["kind"],
        "status": event["status"],
        "actor": event["actor"],
        **unpack(event["data"]),
    }
    kind, version = f"comanda.case.{event['type']}.v1", event["version"]
    return _envelope(kind, event["case_id"], str(version), event["at"], data) | {"sequence": version}


def _envelope(kind: str, subject: str, name: str, at: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return an event as CloudEvents write it. `name` tells it from the subject's others."""
    return {
        "specversion": "1.0",
        "id": f"{subject}#{name}",
        "source": f"comanda/{settings.cell}",
        "type": kind,
        "subject": subject,
        "time": at,
        "datacontenttype": "application/json",
        "dataschema": f"urn:comanda:schema:{kind}",
        "data": data,
    }


def publish(events: Sequence[OrderEvent]) -> None:
    """Publish events of orders. Raises Throttled if the bus did not take all of them."""
    send([cloud_event(event) for event in events])


def send(events: Sequence[dict[str, Any]]) -> None:
    """Put CloudEvents on the bus.

    Raises Throttled if the bus did not take all of them. The caller then sends all of them again.
    """
    entries = [
        {
            "EventBusName": settings.bus_name,
            "Source": f"comanda.{settings.cell}",
            "DetailType": event["type"],
            "Detail": json.dumps(event, separators=(",", ":")),
            "Resources": [event["subject"]],
        }
        for event in events
    ]
    for first in range(0, len(entries), _MOST):
        answer = client("events").put_events(Entries=entries[first : first + _MOST])
        if answer["FailedEntryCount"]:
            raise Throttled(f"{answer['FailedEntryCount']} events were not taken")
