"""
Show what waits for the person: what they have claimed, the queues of their desks and the days of their nodes.

Called by   functions/console/handler.py: /console
Returns     the page; a part whose call failed is named, and the rest is shown
"""

from comanda.aws.runtime import clock
from functions.console import queue_rules, rules, screens
from functions.console.front_door import Answer, get
from functions.console.reply import Reply
from functions.console.request import Request

_MOST_QUEUES, _MOST_CLAIMS = "100", "10"


def show(request: Request) -> Reply:
    office = not screens.OFFICE.isdisjoint(request.person.roles)
    calls = [get("/v1/queues", limit=_MOST_QUEUES), get("/v1/work", limit=_MOST_CLAIMS)] if office else []
    queues, claims = request.door.ask(*calls) if office else (None, None)
    rows = _queue_rows(request, queues)
    return request.page(
        "home.html",
        office=office,
        queues=rows,
        next=next((row for row in rows if row["path"] and rules.offers_next(row)), None),
        claims=queue_rules.table_rows(claims.body["items"], request.now) if claims and claims.ok else [],
        claims_failed=claims is not None and not claims.ok,
        queues_failed=queues is not None and not queues.ok,
        nodes=[{"id": node, "path": _path(request, f"nodes/{node}")} for node in request.person.nodes],
    )


def _queue_rows(request: Request, queues: Answer | None) -> list[dict[str, object]]:
    if queues is None or not queues.ok:
        return []
    mine = rules.queues_of(request.person.desks)
    rows = rules.queue_rows(queues.body["items"], mine, clock.text(request.now))
    return [{**row, "path": _path(request, f"queues/{row['queue']}")} for row in rows]


def _path(request: Request, path: str) -> str:
    """Return the path if it is a page of the person, else ""."""
    return path if screens.leads(request.person, path) else ""
