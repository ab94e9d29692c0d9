"""
List the cases of a person or of a team that are not closed, the first due one first.

Called by   functions/console/handler.py: /console/cases?owner=
Returns     the page
"""

from comanda.aws.api.replies import Reply
from comanda.domain.cases.terms import TEAMS
from functions.console import case_rules
from functions.console.request import Request
from functions.console.view import spoken

_ROWS = "50"


def show(request: Request) -> Reply:
    owner, cursor = request.parameter("owner") or case_rules.ME, request.parameter("cursor")
    found = request.door.get("/v1/cases", owner=owner, limit=_ROWS, **({"cursor": cursor} if cursor else {}))
    if not found.ok:
        return request.failed(found, spoken("The cases"))
    return request.page(
        "cases.html",
        owner=owner,
        teams=tuple(map(str, TEAMS)),
        rows=case_rules.toned(found.body["items"]),
        next=found.body["next"],
        cursor=cursor,
    )
