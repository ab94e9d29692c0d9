"""
Download what is stored of one customer as JSON.

Called by   functions/console/handler.py: /console/customers/{customer_id}/export?cursor=&part=
Returns     the file; a page that leads to its parts when all of it fits no one answer
"""

import json
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Answer
from functions.console.request import Request
from functions.console.view import spoken

MOST_BYTES = 3_000_000  # of one file: an answer of the gateway has at most six million
_ROWS = "20"  # orders of one call: an order of a thousand lines has half a million bytes


def show(request: Request) -> Reply:
    """Answer the part of the export that begins at a cursor: the file itself, or first the page when there are several."""
    cursor, part = request.parameter("cursor"), request.parameter("part")
    items, following, failed = _part(request, cursor)
    if failed:
        return request.failed(failed, spoken("The customer"))
    number = int(part) if part.isascii() and part.isdigit() and len(part) <= 4 else 1
    if (following or cursor) and request.parameter("as") != "file":
        return request.page("customer_export.html", cursor=cursor, part=number, following=following, count=len(items))
    body = {"customer_id": request.values["customer_id"], "part": number, "more": bool(following), "orders": items}
    return _file(f"{request.values['customer_id']}-{number}.json", body)


def _part(request: Request, cursor: str) -> tuple[list[Any], str, Answer | None]:
    """Return orders from a cursor on, as many as one file holds, the cursor of the next ones, and the call that failed."""
    items: list[Any] = []
    size = 0
    while size < MOST_BYTES:
        path = f"/v1/customers/{request.values['customer_id']}/export"
        page = request.door.get(path, limit=_ROWS, **({"cursor": cursor} if cursor else {}))
        if not page.ok:
            return [], "", page
        items += page.body["items"]
        size += len(json.dumps(page.body["items"]))
        cursor = page.body["next"] or ""
        if not cursor:
            break
    return items, cursor, None


def _file(name: str, body: Any) -> Reply:
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Reply(status=200, body=json.dumps(body, ensure_ascii=False, indent=1), headers=headers)
