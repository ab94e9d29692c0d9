"""
Convert cases and their texts to the plain JSON that is stored, and back.

Called by   comanda.aws.cases.cases
Returns     documents; values
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.domain.cases.case import Author, Case, CaseKind, CaseStatus, CaseText, Outcome

_TIMES = ("due", "opened_at", "reminded_at", "closed_at", "erased_at")
_PLAIN = ("case_id", "version", "owner", "opened_by", "order_id", "channel", "has_customer", "texts")


def from_case(case: Case) -> dict[str, Any]:
    """Return the document of a case."""
    values = {name: getattr(case, name) for name in _PLAIN}
    times = {name: at.isoformat() for name in _TIMES if (at := getattr(case, name)) is not None}
    return {
        **values,
        **times,
        "kind": case.kind.value,
        "status": case.status.value,
        "outcome": case.outcome and case.outcome.value,
        "line_ids": list(case.line_ids),
        "fulfillments": list(case.fulfillments),
    }


def to_case(doc: Mapping[str, Any]) -> Case:
    """Return the case of a document."""
    values: dict[str, Any] = {name: doc[name] for name in _PLAIN}
    values |= {name: datetime.fromisoformat(doc[name]) for name in _TIMES if name in doc}
    return Case(
        **values,
        kind=CaseKind(doc["kind"]),
        status=CaseStatus(doc["status"]),
        outcome=Outcome(doc["outcome"]) if doc["outcome"] else None,
        line_ids=tuple(doc["line_ids"]),
        fulfillments=tuple(doc["fulfillments"]),
    )


def from_text(text: CaseText) -> dict[str, Any]:
    """Return the document of a text, without its number."""
    return {
        "author": text.author.value,
        "by": text.by,
        "at": text.at.isoformat(),
        "internal": text.internal,
        "text": text.text,
        "subject": text.subject,
        "sender": text.sender,
        "proven": text.proven,
    }


def to_text(number: int, doc: Mapping[str, Any]) -> CaseText:
    return CaseText(
        number=number,
        author=Author(doc["author"]),
        by=doc["by"],
        at=datetime.fromisoformat(doc["at"]),
        internal=doc["internal"],
        text=doc["text"],
        subject=doc["subject"],
        sender=doc["sender"],
        proven=doc["proven"],
    )
