"""What may be said of a node's outages, and what it makes of their document."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from comanda.domain import views
from comanda.domain.errors import Invalid, NotAllowed, NotFound, Problem
from functions.outages.contract import ClosureIn

MOST = 100  # closures, and days, of one node that are not over
AHEAD = timedelta(days=400)
_TOLERANCE = timedelta(minutes=5)

Document = Mapping[str, Any]


def closed(doc: Document, given: ClosureIn, by: str, now: datetime) -> dict[str, Any]:
    """The document with one more closure, its last. Raises Invalid, NotAllowed."""
    start = now if given.from_ is None else max(given.from_, now)
    if given.from_ is not None and given.from_ < now - _TOLERANCE:
        raise _wrong("/from", "in-the-past", "a node is closed from now on, or later")
    if start > now + AHEAD:
        raise _wrong("/from", "too-far-ahead", f"more than {AHEAD.days} days ahead")
    if given.until is not None and not start < given.until <= start + AHEAD:
        raise _wrong("/until", "out-of-range", f"comes after `from`, by {AHEAD.days} days at most")
    if sum(not _over(closure, now) for closure in doc["closures"]) >= MOST:
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


def ended(doc: Document, closure_id: str, by: str, now: datetime) -> dict[str, Any]:
    """The document in which a closure ends now; one that has not begun never does. Raises NotFound, NotAllowed."""
    found = one(doc, closure_id)
    if _over(found, now):
        raise NotAllowed(f"the closure ended at {views.time(datetime.fromisoformat(found['until']))}")
    over = {**found, "until": now.isoformat(), "ended_by": by}
    return {**doc, "closures": [over if c == found else c for c in doc["closures"]]}


def one(doc: Document, closure_id: str) -> dict[str, Any]:
    """Raises NotFound."""
    for closure in doc["closures"]:
        if closure["closure_id"] == closure_id:
            return dict(closure)
    raise NotFound("closure", closure_id[:80])


def _over(closure: Document, now: datetime) -> bool:
    return closure["until"] is not None and datetime.fromisoformat(closure["until"]) <= now


def limited(doc: Document, day: str, units: int | None, now: datetime) -> dict[str, Any]:
    """The document in which a day holds so many units, and since when. Raises NotAllowed."""
    days = {name: of for name, of in doc["capacity"].items() if name != day}
    if units is not None:
        days[day] = units
    today = (now - timedelta(days=1)).date().isoformat()  # somewhere on earth
    if sum(name >= today for name in days) > MOST:
        raise NotAllowed(f"a node has {MOST} days of their own at most")
    said = doc.get("said_at", {})
    if doc["capacity"].get(day) != units:
        said = {**said, day: now.isoformat()}
    return {**doc, "capacity": dict(sorted(days.items())), "said_at": said}


def day_of(text: str, now: datetime) -> str:
    """A local day in the path, today or later somewhere on earth. Raises Invalid."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise _wrong("/day", "not-a-day", "a local day of the node, YYYY-MM-DD") from error
    if not (now - timedelta(days=1)).date() <= day <= (now + AHEAD).date():
        raise _wrong("/day", "out-of-range", f"today, or a day of the next {AHEAD.days}")
    return day.isoformat()


def shown(closure: Document, now: datetime) -> dict[str, Any]:
    """A closure as strangers see it."""
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
