"""
List the people who work with the system, and lead to each and to an invitation.

Called by   functions/console/handler.py: /console/people
Returns     the page
"""

from comanda.aws.api.replies import Reply
from functions.console.request import Request
from functions.console.view import spoken

_ROWS = "50"


def show(request: Request) -> Reply:
    cursor = request.parameter("cursor")
    found = request.door.get("/v1/people", limit=_ROWS, cursor=cursor)
    if not found.ok:
        return request.failed(found, spoken("People"))
    return request.page("people.html", rows=found.body["items"], next=found.body["next"], cursor=cursor)
