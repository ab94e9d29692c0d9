"""
Decide the steps of a case: open, note, assign, wait, resume, close, reopen, remind, erase. Pure.

Each step makes a case of the next version and one event; a step that changes nothing returns None.

Called by   functions/cases; comanda.aws.cases.case_reminders, comanda.aws.customers.case_erasure
Returns     CaseDecision
Raises      NotAllowed for a step that the case's status forbids
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.domain.cases.case import (
    MOST_TEXTS,
    WAITING,
    Author,
    Case,
    CaseDecision,
    CaseEvent,
    CaseEventType,
    CaseStatus,
    CaseText,
    Outcome,
)
from comanda.domain.cases.terms import Terms
from comanda.domain.days import utc_millisecond
from comanda.domain.errors import NotAllowed


def open_case(case: Case, text: CaseText) -> CaseDecision:
    """Return the decision that opens a new case with its first text."""
    data: dict[str, Any] = {"owner": case.owner, "due": _time(case.due), "author": text.author}
    if case.line_ids:
        data["lines"] = list(case.line_ids)
    if case.fulfillments:
        data["fulfillments"] = list(case.fulfillments)
    event = CaseEvent(type=CaseEventType.OPENED, actor=case.opened_by, at=case.opened_at, data=data)
    return CaseDecision(saved=replace(case, version=1, texts=1), event=event, text=replace(text, number=1))


def note(case: Case, text: CaseText, terms: Terms) -> CaseDecision:
    """Add a text. Words of the customer end the wait for them, and reopen a case that was closed at most 30 days ago."""
    _require_room(case)
    from_customer = text.author is Author.CUSTOMER
    if case.closed and not (from_customer and case.may_reopen(text.at)):
        raise NotAllowed(_closed_for(case, text.at))
    if case.closed:
        return _with_text(_reopened(case, text.by, text.at, terms), text)
    data = {"author": text.author, "internal": text.internal}
    if from_customer and case.status is CaseStatus.WAITING_CUSTOMER:
        case = replace(case, status=CaseStatus.OPEN, due=terms.due(text.at), reminded_at=None)
        data["due"] = _time(case.due)
    return _with_text(_decision(case, CaseEventType.NOTED, text.by, text.at, data), text)


def assign(case: Case, owner: str, due: datetime | None, by: str, now: datetime) -> CaseDecision | None:
    """Give the case to another owner, or another due time, or both."""
    _require_open(case, now)
    due = due or case.due
    if (owner, due) == (case.owner, case.due):
        return None
    data = {"owner": owner, "owner_before": case.owner, "due": _time(due)}
    reminded = case.reminded_at if due == case.due else None
    return _decision(replace(case, owner=owner, due=due, reminded_at=reminded), CaseEventType.ASSIGNED, by, now, data)


def wait(case: Case, status: CaseStatus, until: datetime, by: str, now: datetime) -> CaseDecision | None:
    """Note that the customer or a partner was asked. The case is due again at `until`."""
    if status not in WAITING:
        raise ValueError(f"{status} waits for nobody")
    _require_open(case, now)
    if (status, until) == (case.status, case.due):
        return None
    saved = replace(case, status=status, due=until, reminded_at=None)
    return _decision(saved, CaseEventType.WAITING, by, now, {"due": _time(until)})


def resume(case: Case, by: str, now: datetime, terms: Terms) -> CaseDecision | None:
    """End the wait of a case: its owner has to act again."""
    _require_open(case, now)
    if case.status is CaseStatus.OPEN:
        return None
    saved = replace(case, status=CaseStatus.OPEN, due=terms.due(now), reminded_at=None)
    return _decision(saved, CaseEventType.RESUMED, by, now, {"due": _time(saved.due)})


def close(case: Case, outcome: Outcome, by: str, now: datetime) -> CaseDecision:
    """Close the case with what became of it."""
    _require_open(case, now)
    saved = replace(case, status=CaseStatus.CLOSED, outcome=outcome, closed_at=now)
    return _decision(saved, CaseEventType.CLOSED, by, now, {"outcome": outcome})


def reopen(case: Case, by: str, now: datetime, terms: Terms) -> CaseDecision:
    """Open a case again that was closed at most 30 days ago. Its owner gets as much time as for a new one."""
    if not case.closed:
        raise NotAllowed("the case is not closed")
    if not case.may_reopen(now):
        raise NotAllowed(_closed_for(case, now))
    return _reopened(case, by, now, terms)


def remind(case: Case, by: str, now: datetime) -> CaseDecision | None:
    """Note that the case is late, once for each due time."""
    if not case.is_overdue(now) or case.reminded_at is not None:
        return None
    data = {"owner": case.owner, "due": _time(case.due)}
    return _decision(replace(case, reminded_at=now), CaseEventType.OVERDUE, by, now, data)


def erase(case: Case, by: str, now: datetime) -> CaseDecision | None:
    """Note that the case's texts are deleted, and close it if it is open: nobody can work on it any more."""
    if case.erased_at is not None:
        return None
    saved = replace(case, erased_at=now)
    if not case.closed:
        saved = replace(saved, status=CaseStatus.CLOSED, outcome=Outcome.ERASED, closed_at=now)
    return _decision(saved, CaseEventType.ERASED, by, now, {})


def with_text(decision: CaseDecision, text: CaseText | None) -> CaseDecision:
    """Return the decision with a text that comes with the step. None adds none."""
    if text is None:
        return decision
    _require_room(decision.saved)
    return _with_text(decision, text)


def _reopened(case: Case, by: str, now: datetime, terms: Terms) -> CaseDecision:
    saved = replace(case, status=CaseStatus.OPEN, due=terms.due(now), reminded_at=None, closed_at=None, outcome=None)
    data = {"outcome_before": case.outcome, "due": _time(saved.due)}
    return _decision(saved, CaseEventType.REOPENED, by, now, data)


def _with_text(decision: CaseDecision, text: CaseText) -> CaseDecision:
    number = decision.saved.texts + 1
    return replace(decision, saved=replace(decision.saved, texts=number), text=replace(text, number=number))


def _decision(saved: Case, kind: CaseEventType, by: str, now: datetime, data: dict[str, Any]) -> CaseDecision:
    event = CaseEvent(type=kind, actor=by, at=now, data=data)
    return CaseDecision(saved=replace(saved, version=saved.version + 1), event=event)


def _require_open(case: Case, now: datetime) -> None:
    if case.closed:
        raise NotAllowed(_closed_for(case, now))


def _require_room(case: Case) -> None:
    if case.texts >= MOST_TEXTS:
        raise NotAllowed(f"the case has {MOST_TEXTS} texts: open another one", pointer="/text")


def _closed_for(case: Case, now: datetime) -> str:
    if case.erased_at is not None:
        return "the customer of the case was erased, so it stays closed"
    if case.may_reopen(now):
        return "the case is closed: reopen it first"
    return "the case was closed more than 30 days ago: open another one"


def _time(at: datetime) -> str:
    return utc_millisecond(at)
