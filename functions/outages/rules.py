"""
Decide changes of the document of a node's outages. Pure.

Called by   functions/outages/handler.py
Returns     the changed document: {"last": number of the last closure, "closures", "capacity": units by day, "said_at"}
Raises      Invalid, NotFound, NotAllowed
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from comanda.domain import views
from comanda.domain.errors import Invalid, NotAllowed, NotFound, Problem
from functions.outages.contract import ClosureIn

MOST = 100  # closures of one node, and days of one node, that are not over
AHEAD = timedelta(days=400)
_TOLERANCE = timedelta(minutes=5)

Document = Mapping[str, Any]


def add_closure(doc: Document, given: ClosureIn, by: str, now: datetime) -> dict[str, Any]:
    """Return the document with one more closure, which is the last of its list. Raises Invalid, NotAllowed."""
    start = now if given.from_ is None else max(given.from_, now)
    if given.from_ is not None and given.from_ < now - _TOLERANCE:
        raise _wrong("/from", "in-the-past", "a node is closed from now on, or later")
    if start > now + AHEAD:
        raise _wrong("/from", "too-far-ahead", f"more than {AHEAD.days} days ahead")
    if given.until is not None and not start < given.until <= start + AHEAD:
        raise _wrong("/until", "out-of-range", f"comes after `from`, by {AHEAD.days} days at most")
    if sum(not _is_over(closure, now) for closure in doc["closures"]) >= MOST:
        raise NotAllowed(f"a node has {MOST} closures at most that are not over")
    number = doc["last"] + 1
    closure = {
        "closure_id": str(number),
        "from": start.isoformat(),
        "until": given.until.isoformat() if given.until else None,
        "reason": given.reason,
        "by": by,
        "said_at": now.isoformat(),
    }
    return {**doc, "last": number, "closures": [*doc["closures"], closure]}


def end_closure(doc: Document, closure_id: str, by: str, now: datetime) -> dict[str, Any]:
    """Return the document in which a closure ends now. A closure that has not begun then never begins.

    Raises NotFound, NotAllowed if the closure is over.
    """
    found = find_closure(doc, closure_id)
    if _is_over(found, now):
        raise NotAllowed(f"the closure ended at {views.time(datetime.fromisoformat(found['until']))}")
    ended = {**found, "until": now.isoformat(), "ended_by": by}
    return {**doc, "closures": [ended if c == found else c for c in doc["closures"]]}


def find_closure(doc: Document, closure_id: str) -> dict[str, Any]:
    """Return the closure of this id. Raises NotFound."""
    for closure in doc["closures"]:
        if closure["closure_id"] == closure_id:
            return dict(closure)
    raise NotFound("closure", closure_id[:80])


def _is_over(closure: Document, now: datetime) -> bool:
    return closure["until"] is not None and datetime.fromisoformat(closure["until"]) <= now


def set_day(doc: Document, day: str, units: int | None, now: datetime) -> dict[str, Any]:
    """Return the document in which the node begins so many units on this day. None is as many as on any other day.

    Raises NotAllowed if the node has too many days of their own.
    """
    days = {name: number for name, number in doc["capacity"].items() if name != day}
    if units is not None:
        days[day] = units
    today = (now - timedelta(days=1)).date().isoformat()  # the earliest local day on earth
    if sum(name >= today for name in days) > MOST:
        raise NotAllowed(f"a node has {MOST} days of their own at most")
    set_at = doc.get("said_at", {})
    if doc["capacity"].get(day) != units:
        set_at = {**set_at, day: now.isoformat()}
    return {**doc, "capacity": dict(sorted(days.items())), "said_at": set_at}


def read_day(text: str, now: datetime) -> str:
    """Return the local day of the path, which is today or later somewhere on earth. Raises Invalid."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise _wrong("/day", "not-a-day", "a local day of the node, YYYY-MM-DD") from error
    if not (now - timedelta(days=1)).date() <= day <= (now + AHEAD).date():
        raise _wrong("/day", "out-of-range", f"today, or a day of the next {AHEAD.days}")
    return day.isoformat()


def closure_json(closure: Document, now: datetime) -> dict[str, Any]:
    """Return a closure as the API shows it."""
    start = datetime.fromisoformat(closure["from"])
    end = datetime.fromisoformat(closure["until"]) if closure["until"] else None
    return {
        "closure_id": closure["closure_id"],
        "from": views.time(start),
        "until": views.time(end),
        "reason": closure["reason"],
        "by": closure["by"],
        "ended_by": closure.get("ended_by"),
        "closed": start <= now and (end is None or now < end),
    }


def _wrong(pointer: str, code: str, message: str) -> Invalid:
    return Invalid(Problem(pointer=pointer, code=code, message=message))
