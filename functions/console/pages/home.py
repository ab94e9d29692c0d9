"""
Show what waits for the person: what they have claimed, the queues of their desks and the days of their nodes.

Called by   functions/console/handler.py: /console
Returns     the page; a part whose call failed is named, and the rest is shown
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api.routes import WORKER
from comanda.aws.api_client.calls import Answer, get
from comanda.aws.runtime import clock
from functions.console import case_rules, places, queue_rules, rules, screens
from functions.console.request import Request

_MOST_QUEUES, _MOST_CLAIMS = "100", "10"


def show(request: Request) -> Reply:
    office = not screens.OFFICE.isdisjoint(request.person.roles)
    handheld = not office and WORKER in request.person.roles
    owners = case_rules.owners(request.person) if office else []
    calls = [get("/v1/work", limit=_MOST_CLAIMS)]
    if office:
        calls += [get("/v1/queues", limit=_MOST_QUEUES), *case_rules.counts(owners)]
    named = request.person.nodes[: places.MOST]
    claims, *others = request.door.ask(*calls, *(get(f"/v1/nodes/{node}") for node in named))
    names = dict(zip(named, (one.body["name"] if one.ok else "" for one in others[len(calls) - 1 :]), strict=True))
    queues = others[0] if office else None
    rows = _queue_rows(request, queues)
    return request.page(
        "home.html",
        handheld=handheld,
        scans="fields" if handheld else "",
        office=office,
        queues=rows,
        cases=case_rules.rows_of_owners(owners, others[1 : len(calls) - 1]),
        next=next((row for row in rows if row["path"] and rules.offers_next(row)), None),
        claims=_claim_rows(request, claims) if claims.ok else [],
        claims_failed=not claims.ok,
        queues_failed=queues is not None and not queues.ok,
        nodes=[
            {"name": names.get(node) or node, "path": _path(request, f"nodes/{node}")} for node in request.person.nodes
        ],
    )


def _queue_rows(request: Request, queues: Answer | None) -> list[dict[str, object]]:
    if queues is None or not queues.ok:
        return []
    mine = rules.queues_of(request.person.desks)
    rows = rules.queue_rows(queues.body["items"], mine, clock.text(request.now))
    return [{**row, "path": _path(request, f"queues/{row['queue']}")} for row in rows]


def _claim_rows(request: Request, claims: Answer) -> list[dict[str, object]]:
    """Return what the person has claimed, each with the page on which they work on it."""
    rows = queue_rules.table_rows(claims.body["items"], request.now)
    return [{**row, "path": _path(request, row["path"]) or _path(request, _at_node(row))} for row in rows]


def _at_node(item: Mapping[str, Any]) -> str:
    """Return the path of the node's own page of the queue of an item."""
    return f"nodes/{item['data'].get('node', '')}/{item['queue']}"


def _path(request: Request, path: str) -> str:
    """Return the path if it is a page of the person, else ""."""
    return path if screens.leads(request.person, path) else ""
