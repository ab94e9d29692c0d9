"""
Build the JSON that callers see of a case, its texts and its events.

Called by   functions/cases, functions/customers; comanda.aws.cases.cases
Returns     plain JSON
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from comanda.domain import ids
from comanda.domain.cases.case import Case, CaseText


def time(at: datetime) -> str:
    """Return a time as RFC 3339 in UTC, to the millisecond."""
    at = at.astimezone(UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def case(found: Case, now: datetime) -> dict[str, Any]:
    """Return a case as lists have it: without its texts."""
    return {
        "case_id": found.case_id,
        "version": found.version,
        "kind": found.kind.value,
        "status": found.status.value,
        "owner": found.owner,
        "due": time(found.due),
        "overdue": found.is_overdue(now),
        "order_id": found.order_id,
        "channel": found.channel,
        "line_ids": list(found.line_ids),
        "fulfillment_ids": [ids.fulfillment(found.order_id or "", number) for number in found.fulfillments],
        "texts": found.texts,
        "opened_at": time(found.opened_at),
        "opened_by": found.opened_by,
        "closed_at": time(found.closed_at) if found.closed_at else None,
        "outcome": found.outcome.value if found.outcome else None,
        "may_reopen": found.may_reopen(now),
        "erased_at": time(found.erased_at) if found.erased_at else None,
    }


def text(found: CaseText) -> dict[str, Any]:
    return {
        "number": found.number,
        "author": found.author.value,
        "internal": found.internal,
        "by": found.by,
        "at": time(found.at),
        "text": found.text,
        "subject": found.subject,
        "sender": found.sender,
        "sender_proven": None if found.sender is None else found.proven,
    }


def event(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event as it is stored as callers see it."""
    return {
        "version": row["version"],
        "type": row["type"],
        "status": row["status"],
        "actor": row["actor"],
        "at": row["at"],
        "data": row["data"],
    }
